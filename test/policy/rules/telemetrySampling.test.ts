import { describe, expect, it } from "vitest";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const telemetry = "Telemetry istio-system/mesh-default";

testRule("telemetry-sampling", {
  faults: [
    {
      ...exampleFault("telemetry-sampling"),
      object: telemetry,
      message:
        "Telemetry istio-system/mesh-default traces 10 % of requests, below the minimum; sample at least 100 %",
      fix: `# in spec.tracing of the mesh-wide Telemetry
randomSamplingPercentage: 100`,
    },
    {
      name: "sampling is not set",
      breaks: (mesh) => mesh.unset(telemetry, "spec tracing 0 randomSamplingPercentage"),
      object: telemetry,
      message:
        "Telemetry istio-system/mesh-default traces 1 % of requests (Istio's default, since nothing sets another rate), below the minimum; sample at least 100 %",
      fix: `# in spec.tracing of the mesh-wide Telemetry
randomSamplingPercentage: 100`,
    },
    {
      name: "sampling is no number",
      breaks: (mesh) => mesh.set(telemetry, "spec tracing 0 randomSamplingPercentage", "all"),
      options: { minSampling: 0 },
      object: telemetry,
      message:
        'Telemetry istio-system/mesh-default has randomSamplingPercentage "all", which is not a number from 0 to 100; the API server rejects this',
      fix: "# in spec.tracing\nrandomSamplingPercentage: 100",
    },
    {
      name: "sampling above what is allowed",
      breaks: () => undefined,
      options: { minSampling: 0.5, maxSampling: 5 },
      object: telemetry,
      message:
        "Telemetry istio-system/mesh-default traces 100 % of requests, above the maximum; sample at most 5 %",
      fix: `# in spec.tracing of the mesh-wide Telemetry
randomSamplingPercentage: 5`,
    },
  ],
  harmless: [
    {
      name: "production samples one request in a hundred",
      varies: (mesh) => mesh.set(telemetry, "spec tracing 0 randomSamplingPercentage", 1),
      options: { minSampling: 0.1, maxSampling: 5 },
    },
  ],
});

describe("telemetry-sampling", () => {
  const ask = asker("telemetry-sampling");
  const sampled = (percentage: number) =>
    new Mesh().set(telemetry, "spec tracing 0 randomSamplingPercentage", percentage);
  const lines = (percentage: number) =>
    `\n# in spec.tracing of the mesh-wide Telemetry\nrandomSamplingPercentage: ${percentage}`;

  it("has limits that count themselves", () => {
    const limits = { minSampling: 10, maxSampling: 20 };
    expect(ask(sampled(10), limits)).toEqual([]);
    expect(ask(sampled(20), limits)).toEqual([]);
    expect(ask(sampled(9.5), limits)).toEqual([
      `error: ${telemetry} traces 9.5 % of requests, below the minimum; sample at least 10 %${lines(10)}`,
    ]);
    expect(ask(sampled(21), limits)).toEqual([
      `error: ${telemetry} traces 21 % of requests, above the maximum; sample at most 20 %${lines(20)}`,
    ]);
  });

  it("takes its limits from the configuration, a caller's own win, and by default wants any but 0", () => {
    const none = { minSampling: undefined };
    const limits = { minSampling: 10, maxSampling: 20 };
    expect(ask(sampled(5), none, limits)).toHaveLength(1);
    expect(ask(sampled(50), none, limits)).toHaveLength(1);
    expect(ask(sampled(15), none, limits)).toEqual([]);
    expect(ask(sampled(5), { minSampling: 1 }, limits)).toEqual([]);
    expect(ask(sampled(50), { minSampling: 1, maxSampling: 50 }, limits)).toEqual([]);
    expect(ask(sampled(0.01), none)).toEqual([]);
    expect(ask(sampled(100), none)).toEqual([]);
    expect(ask(sampled(0), none)).toEqual([
      `error: ${telemetry} traces 0 % of requests, below the minimum; sample at least 0.01 %${lines(0.01)}`,
    ]);
    expect(ask(sampled(0), none, { minSampling: "?", maxSampling: "?" })).toEqual([]);
    expect(ask(sampled(101), none, { minSampling: "?", maxSampling: "?" })).toHaveLength(1);
  });

  it("is not asked where it is not known which percentage holds", () => {
    expect(ask(sampled(1).copy(telemetry, "other"))).toEqual([]);
    expect(ask(new Mesh().remove(telemetry))).toEqual([]);
    expect(ask([], { collector: "tracing/jaeger:9411" })).toEqual([]);
  });

  it("names what sets it: the mesh config, or nothing", () => {
    const unset = () => new Mesh().unset(telemetry, "spec tracing 0 randomSamplingPercentage");
    expect(ask(unset().mesh("defaultConfig tracing", { sampling: 2 }))).toEqual([
      `error: ConfigMap istio-system/istio traces 2 % of requests, below the minimum; sample at least 100 %${lines(100)}`,
    ]);
    expect(ask(unset())).toEqual([
      `error: ${telemetry} traces 1 % of requests (Istio's default, since nothing sets another rate), below the minimum; sample at least 100 %${lines(100)}`,
    ]);
  });
});
