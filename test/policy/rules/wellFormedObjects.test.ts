import { expect, it } from "vitest";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const baseline = "NetworkPolicy auth/allow-mesh-egress";
const ask = asker("well-formed-objects");
const brief = (...objects: unknown[]) =>
  ask(objects).map(
    (finding) => /^(\w+: NetworkPolicy \S+) .*? (at \S+):/.exec(finding)?.slice(1).join(" ") ?? finding,
  );
const policy = (spec: object, name = "shut", namespace?: string) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: namespace === undefined ? { name } : { name, namespace },
  spec,
});
const wrong = { podSelector: {}, ingress: [{ ports: [{ port: 70000 }] }] };
const wrongDouble = {
  podSelector: {},
  ingress: [{ ports: [{ port: 70000 }] }, { ports: [{ port: 70000 }] }],
};

testRule("well-formed-objects", {
  faults: [
    {
      ...exampleFault("well-formed-objects"),
      object: baseline,
      message:
        "NetworkPolicy auth/allow-mesh-egress is malformed at spec.egress[1].ports[0].endPort: must not be less " +
        "than port, 15012; the API server rejects this",
      fix: "",
    },
    {
      name: "a variable is a number",
      breaks: (mesh) =>
        mesh.set("Deployment auth/auth-api", "spec template spec containers 0 env", [
          { name: "OTEL_SERVICE_NAME", value: "auth-api" },
          { name: "PORT", value: 8080 },
        ]),
      object: "Deployment auth/auth-api",
      message:
        "Deployment auth/auth-api container app has PORT with 8080 in place of a text; the API server rejects this, put it in quotes",
      fix: '# in env of the container\n- name: PORT\n  value: "8080"',
    },
    {
      name: "Helm values that are no YAML",
      breaks: (mesh) =>
        mesh.add({
          apiVersion: "argoproj.io/v1alpha1",
          kind: "Application",
          metadata: { name: "shop", namespace: "argocd" },
          spec: { source: { chart: "shop", helm: { values: "a: [\nb: }" } } },
        }),
      object: "Application argocd/shop",
      message:
        "Application argocd/shop has Helm values that are not valid YAML (line 2 of them); nothing of them is installed or checked",
      fix: "",
    },
    {
      name: "a policy is there twice and says different things",
      breaks: (mesh) =>
        mesh
          .copy(baseline, "allow-mesh-egress")
          .set(baseline, "spec podSelector", { matchLabels: { app: "auth-api" } }),
      object: baseline,
      level: "warning",
      message:
        "NetworkPolicy auth/allow-mesh-egress is in the input several times, with different specs, so it cannot be checked; keep one",
      fix: "",
    },
  ],
  harmless: [
    {
      name: "Helm values that Flux substitutes before they are YAML",
      varies: (mesh) =>
        mesh.add({
          apiVersion: "argoproj.io/v1alpha1",
          kind: "Application",
          metadata: { name: "shop", namespace: "argocd" },
          spec: { source: { chart: "shop", helm: { values: "a: [${LIST}\n" } } },
        }),
    },
    {
      name: "everything in one List",
      varies: (mesh) => {
        const { objects } = mesh;
        mesh.objects = [{ apiVersion: "v1", kind: "List", metadata: { name: "" }, items: objects }];
      },
    },
  ],
});

it("are told of by name and place, also without a namespace", () => {
  const at = "at spec.ingress[0].ports[0].port";
  expect(brief(policy(wrong))).toEqual([`error: NetworkPolicy shut ${at}`]);
  expect(brief(policy(wrong), policy(wrong, "second", "apps"))).toEqual([
    `error: NetworkPolicy shut ${at}`,
    `error: NetworkPolicy apps/second ${at}`,
  ]);
  expect(ask([policy(wrongDouble)])).toEqual([
    "error: NetworkPolicy shut is malformed at spec.ingress[0].ports[0].port: must be a number from 1 to 65535, not 70000, and " +
      "1 more of its fields is; the API server rejects this",
  ]);
});

it("are counted", () => {
  const ports = [70000, 70001, 70002].map((port) => ({ ports: [{ port }] }));
  expect(ask([policy({ podSelector: {}, ingress: ports })])[0]).toContain(
    " at spec.ingress[0].ports[0].port: must be a number from 1 to 65535, not 70000, and 2 more of its fields are; the",
  );
});

it("are variables that are no texts: errors of what sends spans or takes them", () => {
  const told = (mesh: Mesh, variables: object[], ref = "Deployment auth/auth-api") =>
    ask(mesh.set(ref, "spec template spec containers 0 env", variables).objects).map((text) =>
      / container (\S+) has (.*) in place of a text/
        .exec(text)
        ?.slice(1)
        .concat(text.split(":")[0] ?? ""),
    );
  expect(told(new Mesh(), [{ name: "A", value: true }, { name: "B", value: "true" }, { name: "C" }])).toEqual(
    [["app", "A with true", "error"]],
  );
  expect(told(new Mesh(), [{ value: 1 }])).toEqual([["app", "a variable with 1", "error"]]);
  const unnamed = new Mesh().unset("Deployment auth/auth-api", "spec template spec containers 0 name");
  expect(told(unnamed, [{ name: "A", value: 1 }])).toEqual([["(unnamed)", "A with 1", "error"]]);
  // One that neither sends nor takes spans, beside those that do.
  expect(told(new Mesh(), [{ name: "A", value: 1 }], "Deployment kube-system/coredns")).toEqual([
    ["coredns", "A with 1", "warning"],
  ]);
});

it("are told of once where the same object is there twice", () => {
  expect(brief(policy(wrong), policy(wrong))).toHaveLength(1);
});

it("are only told of as variants in a mesh with tracing", () => {
  const variants = [policy({ podSelector: {} }), policy({ podSelector: { matchLabels: { app: "a" } } })];
  const said = ask(variants, { collector: "tracing/jaeger:9411" });
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(
    /^warning: NetworkPolicy shut is in the input several times, .* so it cannot be checked; keep one$/,
  );
  expect(ask(variants)).toEqual([]);
});

it("are errors where spans pass, else warnings", () => {
  const object = (kind: string, spec: object, apiVersion = "apps/v1") => ({
    apiVersion,
    kind,
    metadata: { name: "it", namespace: "apps" },
    spec,
  });
  const pods = (container: object, labels: object = {}) =>
    object("Deployment", {
      selector: {},
      template: {
        metadata: { labels },
        spec: {
          containers: [
            { name: "it", ...container, ports: [{ containerPort: 1, name: "far-too-long-a-name" }] },
          ],
        },
      },
    });
  const service = (port: number) =>
    object("Service", { selector: { app: { name: "it" } }, ports: [{ port }] }, "v1");
  const level = (...objects: unknown[]) => ask(objects).map((finding) => finding.split(":")[0]);
  expect(level(pods({ image: "shop:1" }))).toEqual(["warning"]);
  expect(level(pods({ image: "shop:1", env: [{ name: "OTEL_SERVICE_NAME", value: "it" }] }))).toEqual([
    "warning",
  ]);
  expect(level(pods({ image: "shop:1" }, { "sidecar.istio.io/inject": "true" }))).toEqual(["error"]);
  expect(level(pods({ image: "jaegertracing/jaeger:2.19.0" }))).toEqual(["error"]);
  expect(level(pods({ image: "otel/opentelemetry-collector:0.130.0" }))).toEqual(["error"]);
  expect(level(pods({ image: "grafana/tempo:2.8.0" }))).toEqual(["error"]);
  expect([9411, 4317, 4318, 80].map((port) => level(service(port)))).toEqual([
    ["error"],
    ["error"],
    ["error"],
    ["warning"],
  ]);
});
