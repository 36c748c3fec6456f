/** Names of resources, by which Pulumi knows them, follow from what they are and from nothing else. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { run, stackOf } from "../fixtures/stack";
import { changesBetween, differences, none } from "./changes";
import { isReplacedBy } from "./replacement";

const everything = {
  istio: { version: "1.31", delivery: "shared" },
  tracing: { sampling: 100 },
  jaeger: { host: "jaeger.example.com" },
  gateways: [{ namespace: "edge" }, { namespace: "istio-system" }],
  namespaces: {
    arts: { isolation: "none", create: true },
    bank: { isolation: "existing", deployments: { ledger: {}, audit: { instrument: "java" } } },
    shop: { isolation: "restricted", deployments: { cart: {}, web: { container: "app" } } },
  },
  externalServices: { pay: { hosts: ["a.example.com"] }, ads: { hosts: ["b.example.com"] } },
  otel: { instrumentation: {}, resourceAttributes: { one: "1", two: "2" }, extra: { A: "1", B: "2" } },
  otelOperator: { install: { createNamespace: true } },
  kiali: { namespace: "istio-system", host: "kiali.example.com", install: {} },
  prometheus: { namespace: "monitoring", url: "http://prometheus.monitoring:9090" },
  ui: {
    gateway: { namespace: "edge" },
    certificate: { selfSigned: true },
    access: { sourceRanges: ["203.0.113.0/24"] },
  },
};

/** The same maps with their keys the other way round. */
function reversed(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

test("the order of a stack file does not matter", async () => {
  const turned = { ...(reversed(everything) as object), gateways: [...everything.gateways].reverse() };
  expect(Object.keys(turned)).not.toEqual(Object.keys(everything));
  const before = await run(stackOf(everything));
  expect(before.resources.length).toBeGreaterThan(40);
  expect(changesBetween(before, await run(stackOf(turned)))).toEqual(none);
});

test("no two resources of a stack have one name, whatever its namespaces and Deployments are called", async () => {
  // Few letters, so that names begin with each other.
  const name = fc.stringMatching(/^[ab](-[ab]){0,2}$/);
  const deployments = fc.dictionary(name, fc.constant({}), { minKeys: 1, maxKeys: 4 });
  const namespaces = fc.dictionary(name, fc.record({ isolation: fc.constant("restricted"), deployments }), {
    minKeys: 2,
    maxKeys: 5,
  });
  await fc.assert(
    fc.asyncProperty(namespaces, async (given) => {
      const { resources } = await run(stackOf({ namespaces: given }));
      const urns = resources.map(({ urn }) => urn);
      expect(urns.filter((urn, index) => urns.indexOf(urn) !== index)).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test("what the comparison says of two values", () => {
  expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }, 4], "c/d": 5 })).toEqual([
    "a[1].b",
    "a[2]",
    '["c/d"]',
  ]);
  expect(differences({ a: undefined }, {})).toEqual([]);
});

test.each<[type: string, path: string, replaced: boolean]>([
  ["kubernetes:core/v1:ConfigMap", "data.mesh", false],
  ["kubernetes:core/v1:ConfigMap", "metadata.name", true],
  ["kubernetes:core/v1:Secret", "stringData.key", true],
  ["kubernetes:core/v1:Service", "spec.ports[0].port", false],
  ["kubernetes:core/v1:Service", "spec.clusterIP", true],
  ["kubernetes:apps/v1:Deployment", 'spec.selector.matchLabels["app"]', true],
  ["kubernetes:apps/v1:DeploymentPatch", "metadata.namespace", true],
  ["kubernetes:apps/v1:DeploymentPatch", "spec.selector.matchLabels", false],
  ["kubernetes:telemetry.istio.io/v1:Telemetry", "metadata.namespace", true],
  ["kubernetes:telemetry.istio.io/v1:Telemetry", "spec.tracing", false],
  ["random:index/randomPassword:RandomPassword", "length", true],
])("%s is replaced by a change of %s: %s", (type, path, replaced) => {
  expect(isReplacedBy({ type, custom: true } as Parameters<typeof isReplacedBy>[0], path)).toBe(replaced);
});
