/** Settings of a running stack change in place: everything each touches, property by property. */
import { expect, test } from "vitest";
import { none } from "./changes";
import {
  changesOf,
  chart,
  configMaps,
  each,
  environmentHash,
  patches,
  sections,
  sharedConfig,
  telemetry,
} from "./stack";

const jaeger = (changes: object) => ({ jaeger: { ...sections.jaeger, ...changes } });
const source = (version: string) => jaeger({ chart: { repository: "https://charts.example.com", version } });

test("the version of Jaeger's chart: the chart alone", async () => {
  expect(await changesOf(source("4.12.0"), source("4.11.1"))).toEqual({
    ...none,
    changed: { [chart]: ["version"] },
  });
});

test("Jaeger's memory limit: what follows from it, and the pod", async () => {
  expect(await changesOf(jaeger({ memoryLimit: "1Gi" }))).toEqual({
    ...none,
    changed: {
      [chart]: [
        "values.jaeger.args[0]",
        "values.jaeger.extraEnv[0].value",
        "values.jaeger.resources.limits.memory",
        "values.jaeger.resources.requests.memory",
      ],
    },
  });
});

test("sampling: the Telemetry and the applications, no proxy and no istiod", async () => {
  expect(await changesOf({ tracing: { sampling: 10 } })).toEqual({
    ...none,
    changed: {
      [telemetry]: ["spec.tracing[0].randomSamplingPercentage"],
      ...each(configMaps, ["data.OTEL_SAMPLING_RATE", "data.OTEL_TRACES_SAMPLER_ARG"]),
      ...each(patches, [environmentHash]),
    },
  });
});

test("sampling where SDKs are injected: the Instrumentations and the applications that have one, too", async () => {
  const injected = {
    otel: { instrumentation: {} },
    namespaces: { shop: { isolation: "none", deployments: { cart: { instrument: "python" } } } },
  };
  expect(await changesOf({ tracing: { sampling: 10 } }, injected)).toEqual({
    ...none,
    changed: {
      [telemetry]: ["spec.tracing[0].randomSamplingPercentage"],
      "ConfigMap otel-environment-shop": ["data.OTEL_SAMPLING_RATE", "data.OTEL_TRACES_SAMPLER_ARG"],
      "Instrumentation auto-instrumentation-shop": ["spec.sampler.argument"],
      "DeploymentPatch otel-environment-shop/cart": [environmentHash],
    },
  });
});

test("the access log: provider and Telemetry", async () => {
  expect(await changesOf({ tracing: { sampling: 100, accessLog: false } })).toEqual({
    ...none,
    changed: { [sharedConfig]: ["data.mesh"], [telemetry]: ["spec.accessLogging"] },
  });
});

test("an Istio that can pass W3C headers on: provider and propagators", async () => {
  const b3 = { istio: { ...sections.istio, version: "1.27" } };
  expect(await changesOf({ istio: sections.istio }, b3)).toEqual({
    ...none,
    changed: {
      [sharedConfig]: ["data.mesh"],
      ...each(configMaps, ["data.OTEL_PROPAGATORS"]),
      ...each(patches, [environmentHash]),
    },
  });
});

test("a newer Istio of the same abilities: nothing", async () => {
  const older = { istio: { ...sections.istio, version: "1.30" } };
  expect(await changesOf({ istio: sections.istio }, older)).toEqual(none);
});

test("the SDKs' protocol: the applications", async () => {
  expect(await changesOf({ otel: { protocol: "http/protobuf" } })).toEqual({
    ...none,
    changed: {
      ...each(configMaps, ["data.OTEL_EXPORTER_OTLP_ENDPOINT", "data.OTEL_EXPORTER_OTLP_PROTOCOL"]),
      ...each(patches, [environmentHash]),
    },
  });
});

test("one host more of an external service: its ServiceEntry", async () => {
  const more = { externalServices: { pay: { hosts: ["api.example.com", "two.example.com"] } } };
  expect(await changesOf(more)).toEqual({
    ...none,
    changed: { "ServiceEntry external-services-pay": ["spec.hosts[1]"] },
  });
});

test("one external service more, first in the alphabet: its ServiceEntry", async () => {
  const more = { externalServices: { ...sections.externalServices, ads: { hosts: ["ads.example.com"] } } };
  expect(await changesOf(more)).toEqual({ ...none, added: ["ServiceEntry external-services-ads"] });
});
