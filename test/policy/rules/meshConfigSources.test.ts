import { describe, expect, it } from "vitest";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const operator = (name: string, meshConfig: object) => ({
  apiVersion: "install.istio.io/v1alpha1",
  kind: "IstioOperator",
  metadata: { name, namespace: "istio-system" },
  spec: { meshConfig },
});

testRule("mesh-config-sources", {
  faults: [
    {
      ...exampleFault("mesh-config-sources"),
      object: "ConfigMap istio-system/istio",
      level: "warning",
      message:
        "ConfigMap istio-system/istio is taken as the mesh config that istiod uses; IstioOperator " +
        "istio-system/earlier configures tracing differently and was ignored",
      fix: "",
    },
    {
      name: "a mesh config that is no YAML",
      breaks: (mesh) =>
        mesh.set(
          "ConfigMap istio-system/istio",
          "data mesh",
          "rootNamespace: istio-system\nextensionProviders: [",
        ),
      object: "ConfigMap istio-system/istio",
      level: "error",
      message:
        "ConfigMap istio-system/istio has a mesh config in data.mesh that istiod cannot read: it is not valid YAML (line 2 of " +
        "it). It keeps the previous one and, after a restart, runs without the providers and settings that are written there",
      fix: "",
    },
  ],
  harmless: [
    {
      name: "a mesh config that is read in spite of comments and an empty line",
      varies: (mesh) => {
        const map = "ConfigMap istio-system/istio";
        const { mesh: written } = mesh.get(map)["data"] as { mesh: string };
        mesh.set(map, "data mesh", `# of the platform team\n\n${written}`);
      },
    },
    {
      name: "a ConfigMap that is only called like one of a revision",
      varies: (mesh) =>
        mesh.add({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "istio-ambient-tracing", namespace: "istio-system" },
          data: { mesh: "enableTracing: false" },
        }),
    },
  ],
});

describe("mesh-config-sources", () => {
  const ask = asker("mesh-config-sources");

  it("names all that disagree, and none that says the same about tracing", () => {
    const objects = new Mesh().removeWhere(
      ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "istio",
    );
    const first = operator("a", { enableTracing: true, accessLogFile: "/dev/stdout" });
    expect(ask([...objects.objects, first, operator("b", { enableTracing: true })])).toEqual([]);
    expect(
      ask([...objects.objects, first, operator("b", {}), operator("c", { enableTracing: false })]),
    ).toEqual([
      "warning: IstioOperator istio-system/a is taken as the mesh config that istiod uses; IstioOperator istio-system/b " +
        "and IstioOperator istio-system/c configure tracing differently and were ignored",
    ]);
  });
});
