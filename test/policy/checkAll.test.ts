import { describe, expect, it } from "vitest";
import { Mesh, options } from "../../docs/generate/sample/mesh";
import { checkAll, checkModel } from "../../policy/checkAll";
import { TracingModel } from "../../policy/model/tracingModel";

describe("checkAll", () => {
  const broken = () =>
    new Mesh()
      .unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 2")
      .set("Telemetry istio-system/mesh-default", "spec tracing 0 randomSamplingPercentage", 10)
      .set("Service istio-system/jaeger-query-clusterip", "spec type", "NodePort");

  it("sorts by object, whatever the order of the input", () => {
    const { objects } = broken();
    const expected = [
      ["NetworkPolicy", "auth", "allow-jaeger-egress"],
      ["Service", "istio-system", "jaeger-query-clusterip"],
      ["Telemetry", "istio-system", "mesh-default"],
    ];
    for (const order of [objects, [...objects].reverse()]) {
      const found = checkAll(order, options).map(({ kind, namespace, name }) => [kind, namespace, name]);
      expect(found).toEqual(expected);
    }
  });

  it("takes levels and limits from the configuration", () => {
    const config = {
      "trace-path-open": "warning",
      "jaeger-ui-not-public": "off",
      "telemetry-sampling": { minSampling: 5 },
    } as const;
    const found = checkModel(TracingModel.from(broken().objects), config).map(({ rule, level }) => [
      rule,
      level,
    ]);
    expect(found).toEqual([["trace-path-open", "warning"]]);
  });

  it("leaves doubts what they are, whatever level a rule is given", () => {
    const doubtful = new Mesh().add({
      apiVersion: "cilium.io/v2",
      kind: "CiliumNetworkPolicy",
      metadata: { name: "deny", namespace: "auth" },
      spec: { endpointSelector: {}, egressDeny: [{}] },
    });
    const levels = (mesh: Mesh, level: "error" | "warning" | "info") =>
      checkModel(TracingModel.from(mesh.objects, options), { "trace-path-open": level })
        .filter(({ rule }) => rule === "trace-path-open")
        .map((finding) => finding.level);
    expect(levels(doubtful, "info")).toEqual(["warning"]);
    expect(levels(broken(), "info")).toEqual(["info"]);
  });

  it("names the file an object was read from", () => {
    const { objects } = broken();
    const [finding] = checkAll(objects, {
      ...options,
      fileOf: (object) =>
        object === objects.find(({ metadata }) => metadata.name === "allow-jaeger-egress")
          ? "auth.yaml"
          : undefined,
    });
    expect(finding?.file).toBe("auth.yaml");
  });
});
