import { describe, expect, test } from "vitest";
import { compareSides } from "../../report/comparison";
import { asJson } from "../../report/json";
import { asMarkdown } from "../../report/markdown";
import { type Mesh, namespaces } from "../../docs/generate/sample/mesh";
import { comparing, side } from "./compared";

const telemetry = "Telemetry istio-system/mesh-default";
const sampling = "spec tracing 0 randomSamplingPercentage";
const environment = (namespace: string) => `ConfigMap ${namespace}/otel-environment`;
const container = "spec template spec containers 0";

/** What the headline says, without the findings that some changes also make. */
function headlineOf(change: (mesh: Mesh) => unknown, isStack = true): string {
  const [first = ""] = asMarkdown(comparing(change, { isStack })).split("\n");
  return first;
}

describe("the headline tells what no path shows:", () => {
  test.each<[string, string, (mesh: Mesh) => unknown]>([
    ["sampling of the mesh", "sampling 100 % → 5 %", (mesh) => mesh.set(telemetry, sampling, 5)],
    [
      "sampling of one namespace",
      "sampling 100 % → 5 % in chat",
      (mesh) => mesh.copy(telemetry, "sampling", "chat").set("Telemetry chat/sampling", sampling, 5),
    ],
    [
      "context propagation of the mesh",
      "context propagation USE\\_B3\\_WITH\\_W3C\\_PROPAGATION → USE\\_B3",
      (mesh) => mesh.zipkin("traceContextOption", "USE_B3"),
    ],
    [
      "propagators of SDKs",
      "propagators of SDKs b3,tracecontext,baggage → tracecontext,baggage,b3multi in Deployment auth/auth-api and Deployment my/my-api",
      (mesh) => {
        for (const namespace of ["my", "auth"])
          mesh.set(environment(namespace), "data OTEL_PROPAGATORS", "tracecontext,baggage,b3multi");
      },
    ],
    [
      "the sampler of SDKs",
      "sampler of SDKs parentbased\\_traceidratio 1.0 → parentbased\\_traceidratio 0.05 in Deployment auth/auth-api, Deployment character/character-api and 5 more",
      (mesh) => {
        for (const namespace of namespaces)
          mesh.set(environment(namespace), "data OTEL_TRACES_SAMPLER_ARG", "0.05");
      },
    ],
    ["tracing that ends", "tracing of the mesh on → off", (mesh) => mesh.unset(telemetry, "spec tracing")],
  ])("%s", (_, words, change) => {
    expect(headlineOf(change)).toContain(words);
    expect(headlineOf(change, false)).toContain(words);
  });

  test("the store, where it is Jaeger's own configuration", () => {
    const jaeger = "Deployment istio-system/jaeger";
    const headline = headlineOf((mesh) =>
      mesh.set(jaeger, `${container} args`, [
        "--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=500",
      ]),
    );
    expect(headline).toMatch(/store memory of \d+ traces → memory of 500 traces/);
    expect(headline).toContain("Deployment istio-system/jaeger restarts");
  });

  test("nothing, where nothing is set otherwise", () => {
    const comparison = comparing((mesh) => mesh.set(telemetry, "metadata labels", { team: "a" }));
    expect([comparison.settings, comparison.restarts]).toEqual([[], []]);
    expect(asMarkdown(comparison).split("\n")[0]).toBe(
      "### ✓ Tracing in stack dev: 1 resource changed, trace paths and findings as before",
    );
  });

  test("nothing of a workload that is new, and nothing where the base is not known", () => {
    expect(comparing((mesh) => mesh.copy("Deployment chat/chat-api", "chat-jobs")).settings).toEqual([]);
    const unread = compareSides({ label: "main", problem: "it does not parse" }, side("head"), {
      subject: "stack dev",
      isStack: true,
    });
    expect([unread.settings, unread.restarts]).toEqual([[], []]);
  });
});

describe("what restarts", () => {
  const restart = (mesh: Mesh, namespace: string) =>
    mesh.set(`Deployment ${namespace}/${namespace}-api`, `${container} env`, [
      { name: "OTEL_SERVICE_NAME", value: namespace },
    ]);

  test("one workload is named, several are counted and listed below", () => {
    expect(headlineOf((mesh) => restart(mesh, "chat"))).toBe(
      "### ✓ Tracing in stack dev: Deployment chat/chat-api restarts",
    );
    const text = asMarkdown(
      comparing((mesh) => {
        for (const namespace of ["chat", "my"]) restart(mesh, namespace);
      }),
    );
    expect(text.split("\n")[0]).toBe("### ✓ Tracing in stack dev: 2 Deployments restart");
    expect(text).toContain(
      "<summary>Pods are replaced: 2 workloads</summary>\n\n- `Deployment chat/chat-api`\n- `Deployment my/my-api`\n",
    );
  });

  test("not for replicas, for a workload that comes or goes, or for an image in manifests of others", () => {
    const changes: ((mesh: Mesh) => unknown)[] = [
      (mesh) => mesh.set("Deployment chat/chat-api", "spec replicas", 3),
      (mesh) => mesh.copy("Deployment chat/chat-api", "chat-jobs"),
      (mesh) => mesh.remove("Deployment chat/chat-api"),
      (mesh) => mesh.set("Deployment chat/chat-api", `${container} image`, "x:2"),
    ];
    for (const change of changes) expect(comparing(change, { isStack: false }).restarts).toEqual([]);
  });

  test("where a part of somebody's Deployment comes or goes", () => {
    const part = (mesh: Mesh) =>
      mesh.add({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "users-api", namespace: "users" },
        spec: { template: { metadata: { annotations: { "example.com/hash": "1" } } } },
      });
    expect(comparing(part).restarts).toEqual(["Deployment users/users-api"]);
    expect(compareSides(side("main", part), side("head"), { subject: "s", isStack: true }).restarts).toEqual([
      "Deployment users/users-api",
    ]);
  });
});

test("programs read the same", () => {
  const json = JSON.parse(asJson(comparing((mesh) => mesh.set(telemetry, sampling, 5)))) as Record<
    string,
    unknown
  >;
  expect(json["settings"]).toEqual([{ what: "sampling", before: "100 %", after: "5 %", places: [] }]);
  expect(json["restarts"]).toEqual([]);
});

test("a value from manifests neither fills the headline nor becomes markup", () => {
  const headline = headlineOf((mesh) =>
    mesh.set(environment("auth"), "data OTEL_PROPAGATORS", `b3,<img src=x>${"x".repeat(5000)}`),
  );
  expect(headline).toContain("b3,&lt;img src=x&gt;xxx");
  expect(headline.length).toBeLessThan(400);
});
