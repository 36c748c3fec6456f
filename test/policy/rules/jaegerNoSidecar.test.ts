import { describe, expect, it } from "vitest";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";

testRule("jaeger-no-sidecar", {
  faults: [
    {
      ...exampleFault("jaeger-no-sidecar"),
      object: jaeger,
      message:
        "Deployment istio-system/jaeger gets a sidecar, which traces every delivery of spans; disable its injection",
      fix: `# in spec.template.metadata, or as jaeger.podLabels in the values of chart 4.x
labels:
  sidecar.istio.io/inject: "false"`,
    },
  ],
  harmless: [
    {
      name: "the namespace gets sidecars and the pod wants none",
      varies: (mesh) =>
        mesh
          .set("Namespace istio-system", "metadata labels istio-injection", "enabled")
          .set(
            "Deployment istio-system/istiod",
            "spec template metadata labels sidecar.istio.io/inject",
            "false",
          ),
    },
  ],
});

describe("jaeger-no-sidecar", () => {
  const ask = asker("jaeger-no-sidecar");

  it("is asked of what is behind the collector's Service too", () => {
    const mesh = (image: string, label: string) =>
      new Mesh()
        .set(jaeger, `${container} image`, image)
        .set(jaeger, "spec template metadata labels sidecar.istio.io/inject", label);
    const lines =
      `warning: ${jaeger} gets a sidecar, which traces every delivery of spans; disable its injection\n` +
      '# in spec.template.metadata, or as jaeger.podLabels in the values of chart 4.x\nlabels:\n  sidecar.istio.io/inject: "false"';
    expect(ask(mesh("otel/collector:1", "true"))).toEqual([lines]);
    expect(ask(mesh("jaegertracing/jaeger:2", "true"))).toEqual([lines]);
    expect(ask(mesh("otel/collector:1", "false"))).toEqual([]);
    expect(ask(mesh("jaegertracing/jaeger:2", "true"), { collector: "tracing/other:9411" })).toEqual([lines]);
  });
});
