/** Istio's version, from whatever says it. */
import { describe, expect, it } from "vitest";
import { type Options } from "../../../policy/model/options";
import { TracingModel } from "../../../policy/model/tracingModel";

describe("Istio's version", () => {
  const workload = (name: string, containers: unknown[], labels: object = {}) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "istio-system", labels },
    spec: { selector: {}, template: { metadata: { labels: { app: name } }, spec: { containers } } },
  });
  const istiod = (image: unknown, labels: object = {}) =>
    workload("istiod", [{ name: "discovery", image }], labels);
  const operator = {
    apiVersion: "install.istio.io/v1alpha1",
    kind: "IstioOperator",
    metadata: { name: "istio" },
    spec: { tag: "1.22.1" },
  };
  const sail = {
    apiVersion: "sailoperator.io/v1",
    kind: "Istio",
    metadata: { name: "default" },
    spec: { version: "v1.23.1" },
  };
  const chart = (name: string, version: string) => ({
    apiVersion: "mesh-tracing/v1",
    kind: "HelmChart",
    metadata: { name, namespace: "istio-system" },
    spec: { chart: name, version },
  });
  const proxied = workload("app", [
    { name: "app", image: "example.com/pilot:9.9.9" },
    { name: "istio-proxy", image: "registry.example.com:5000/istio/proxyv2:1.25.1@sha256:0123" },
  ]);
  const version = (objects: unknown[], options: Options = {}) =>
    TracingModel.from(objects, options).istioVersion;

  it.each<[string, unknown[], Options, readonly [number, number] | undefined]>([
    ["the caller, before all else", [istiod("istio/pilot:1.20.1")], { istioVersion: "1.31" }, [1, 31]],
    ["istiod's image", [operator, sail, istiod("docker.io/istio/pilot:1.20.1")], {}, [1, 20]],
    [
      "istiod's label, if its image has no version",
      [operator, istiod("docker.io/istio/pilot:latest", { "app.kubernetes.io/version": "1.21.0" })],
      {},
      [1, 21],
    ],
    ["an IstioOperator", [sail, operator, chart("istiod", "1.24.1")], {}, [1, 22]],
    ["the sail operator's Istio", [proxied, chart("istiod", "1.24.1"), sail], {}, [1, 23]],
    ["istiod's chart", [proxied, chart("jaeger", "4.11.1"), chart("istiod", "1.24.1")], {}, [1, 24]],
    ["a proxy", [chart("jaeger", "4.11.1"), proxied], {}, [1, 25]],
    ["nothing", [chart("jaeger", "4.11.1"), istiod("mirror/other:1.20.1"), istiod(undefined)], {}, undefined],
  ])("is said by %s", (_, objects, options, expected) => {
    expect(version(objects, options)).toEqual(expected);
  });
});
