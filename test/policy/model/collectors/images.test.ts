import { describe, expect, it } from "vitest";
import { isCollector, tempoImage } from "../../../../policy/model/collectors/images";

describe("a program that takes spans", () => {
  it.each<[unknown, boolean]>([
    ["otel/opentelemetry-collector", true],
    ["otel/opentelemetry-collector-contrib:0.140.0", true],
    ["ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s@sha256:01", true],
    ["otelcol:dev", true],
    ["registry.example.com:5000/platform/my-otel-collector.v2:1", true],
    ["grafana/tempo", true],
    ["docker.io/grafana/tempo:2.7.1", true],
    ["tempo@sha256:01", true],
    ["jaegertracing/jaeger:2.19.0", true],
    ["jaegertracing/jaeger", true],
    ["quay.io/jaegertracing/all-in-one@sha256:01", true],
    ["jaegertracing/jaeger-agent:1", false],
    ["my-jaegertracing/jaeger:1", false],
    ["otelcol/web:1", false],
    ["example.com/otel-collectors/web", false],
    ["grafana/tempo-query:2.7.1", false],
    ["grafana/not-tempo:2.7.1", false],
    ["grafana/loki:3", false],
    ["", false],
    [undefined, false],
    [1, false],
  ])("is known by its image %s: %s", (image, expected) => {
    expect(isCollector({ image })).toBe(expected);
  });

  it.each([
    ["grafana/tempo:2.7.1", "2", "7"],
    ["grafana/tempo:v2.10.0", "2", "10"],
    ["grafana/tempo:10.0.0", "10", "0"],
    ["grafana/tempo:latest", undefined, undefined],
    ["grafana/tempo", undefined, undefined],
  ])("%s has the version of its tag", (image, major, minor) => {
    const { groups } = tempoImage.exec(image) ?? {};
    expect([groups?.["major"], groups?.["minor"]]).toEqual([major, minor]);
  });
});
