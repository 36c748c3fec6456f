import { describe, expect, it } from "vitest";
import { checkAll } from "../../../policy/check";
import { faults } from "./faults";
import { Mesh, options, refOf } from "./fixture";
import { applications } from "./messages/applications";
import { collectors } from "./messages/collectors";
import { important } from "./messages/important";
import { jaegers } from "./messages/jaegers";
import { type Messages } from "./messages/message";
import { meshes } from "./messages/meshes";
import { outside } from "./messages/outside";
import { paths } from "./messages/paths";

const messages: Messages = {
  ...important,
  ...paths,
  ...collectors,
  ...meshes,
  ...applications,
  ...jaegers,
  ...outside,
};

describe("what findings say", () => {
  it.each(Object.entries(messages))("%s", (name, { message, fix }) => {
    const fault = faults.find((one) => one.name === name);
    if (fault === undefined) throw new Error(`no such fault: ${name}`);
    const mesh = new Mesh();
    fault.breaks(mesh);
    const [finding] = checkAll(mesh.objects, { ...options, ...fault.options });
    // What was taken out of the mesh is the object all the same.
    const object = [...mesh.objects, ...new Mesh().objects].find((one) => refOf(one) === fault.object);
    const [kind = "", place = ""] = fault.object.split(" ");
    const [namespace, objectName] = place.split("/");
    expect(finding).toEqual({
      rule: fault.rule,
      level: fault.level ?? "error",
      apiVersion: object?.apiVersion,
      kind,
      namespace,
      name: objectName,
      message,
      fix,
    });
  });
});

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
