import { describe, expect, it } from "vitest";
import { Mesh, namespaces, options } from "../../../docs/generate/sample/mesh";
import { checkAll } from "../../../policy/checkAll";
import { type Options } from "../../../policy/model/options";
import { judgementOf } from "../../../policy/paths/judgement";
import { TracingModel } from "../../../policy/model/tracingModel";

const own = { labels: { "app.kubernetes.io/part-of": "mesh-tracing" } };

/** The sample mesh as a stack makes it where policies of others isolate the applications' namespaces. */
function existing(): Mesh {
  const mesh = new Mesh().removeWhere(({ metadata }) => metadata.name === "allow-mesh-egress");
  for (const namespace of namespaces) {
    mesh.set(`NetworkPolicy ${namespace}/allow-jaeger-egress`, "metadata labels", own.labels);
  }
  return mesh;
}

const found = (mesh: Mesh, more: Options = {}): string[] =>
  checkAll(mesh.objects, { ...options, ...more }).map(({ rule, namespace }) => `${rule} ${namespace}`);
const closed = (...names: readonly string[]) => names.map((name) => `mesh-baseline-egress ${name}`);

describe("a stack's policy that only adds the way to its collector", () => {
  it("says that policies of others let DNS and istiod through", () => {
    expect(found(existing())).toEqual([]);
    expect(judgementOf(TracingModel.from(existing().objects, options)).assumptions).toEqual([
      `policies that are not in the input let DNS and istiod through: ${[...namespaces].sort().join(", ")}`,
    ]);
  });

  it("does not where they are in the input", () => {
    const mesh = existing().add({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "deny", namespace: "auth" },
      spec: { podSelector: {}, policyTypes: ["Egress"] },
    });
    expect(found(mesh)).toEqual(closed("auth"));
  });

  it("does where what is in the input is about ingress alone", () => {
    const mesh = existing().add({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "in", namespace: "auth" },
      spec: { podSelector: {}, ingress: [{}] },
    });
    expect(found(mesh)).toEqual([]);
  });

  it.each<[what: string, mesh: Mesh, more: Options]>([
    ["the objects are all there are", existing(), { isComplete: true }],
    ["the caller knows of none", existing(), { otherPolicies: [] }],
    [
      "nobody knows whose it is",
      existing().unset("NetworkPolicy auth/allow-jaeger-egress", "metadata labels"),
      {},
    ],
  ])("does not where %s", (what, mesh, more) => {
    expect(found(mesh, more)).toEqual(closed(...(what.startsWith("nobody") ? ["auth"] : namespaces)));
  });

  it("hides no port of the collector that it forgets", () => {
    const mesh = existing().set("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports", [
      { protocol: "TCP", port: 4317 },
      { protocol: "TCP", port: 4318 },
    ]);
    expect(found(mesh)).toEqual(["trace-path-open auth"]);
  });
});
