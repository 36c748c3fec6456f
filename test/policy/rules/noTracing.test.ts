import { describe, expect, it } from "vitest";
import { checkAll } from "../../../policy/check";
import { Mesh, options } from "./fixture";

describe("a mesh without any tracing", () => {
  it("has exactly one finding, whatever else is missing", () => {
    const mesh = new Mesh()
      .remove("Telemetry istio-system/mesh-default")
      .remove("Service istio-system/jaeger-collector-clusterip")
      .remove("Service istio-system/jaeger-query-clusterip")
      .remove("Deployment istio-system/jaeger")
      .mesh("extensionProviders", undefined);
    expect(checkAll(mesh.objects, options)).toEqual([
      {
        rule: "telemetry-mesh-wide",
        level: "error",
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        namespace: "istio-system",
        name: "mesh-default",
        message:
          "Telemetry istio-system/mesh-default turns no tracing on: there is no mesh-wide Telemetry, and nothing names a " +
          "tracing provider; one mesh-wide Telemetry with a tracing provider is required",
        fix: `# add
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata:
  name: mesh-default
  namespace: istio-system
spec:
  tracing:
    - providers:
        - name: jaeger
      randomSamplingPercentage: 100`,
      },
    ]);
  });

  it("is not blamed on the manifests of one application", () => {
    const objects = new Mesh().objects.filter(({ metadata }) => metadata.namespace === "auth");
    const findings = checkAll(objects);
    expect(findings.map(({ rule, level }) => [rule, level])).toEqual([["telemetry-mesh-wide", "warning"]]);
    expect(findings[0]?.message).toContain("--collector");
  });
});
