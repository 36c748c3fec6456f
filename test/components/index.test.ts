/** What the program registers is what its components say they make, no more and no less. */
import { describe, expect, test } from "vitest";
import { manifestsOf } from "../../components";
import { chartInputs } from "../../components/chart";
import { isChart, isPatch, type Manifest } from "../../components/manifest";
import { parseStack } from "../../config/stack";
import { type ProgramRun } from "../fixtures/program";
import { filesOf } from "../../engine/output";
import { manifestsOf as manifestsIn, secretPlaceholder } from "../../engine/manifests";
import { helmCharts } from "../../engine/helm";
import { plannedResources } from "../../engine/planned";
import { outputsOf } from "../../program/outputs";
import { byKey } from "../../mesh/stableOrder";
import { instrumentedStack } from "../fixtures/instrumented";
import { managedIstio, parsedStackFile, run, runStackFile, stackOf } from "../fixtures/stack";

const chartTypes = ["kubernetes:helm.sh/v4:Chart", "kubernetes-cert-manager:index:CertManager"];

/** Inputs of everything registered that ends up in a cluster, as manifests have them. */
function registered({ resources }: ProgramRun): unknown[] {
  return resources.flatMap(({ type, inputs }) => {
    if (chartTypes.includes(type)) return [inputs["helmOptions"] ?? inputs];
    if (!type.startsWith("kubernetes:")) return [];
    const { stringData, ...manifest } = inputs;
    if (stringData !== undefined) expect(stringData).toBe(secretPlaceholder);
    return [{ patch: type.endsWith("Patch"), manifest }];
  });
}

function expected(manifest: Manifest): unknown {
  return isChart(manifest) ? chartInputs(manifest) : { patch: isPatch(manifest), manifest };
}

/** With the keys of every object in one order, so that equal ones are next to each other. */
const sorted = (items: unknown[]) => items.map((item) => JSON.stringify(item, inOrder)).sort();

function inOrder(_: string, value: unknown): unknown {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  return isMap ? byKey(value as Record<string, unknown>) : value;
}

const kiali = { namespace: "mesh-ui", host: "kiali.example.com", install: { createNamespace: true } };
const prometheus = {
  namespace: "monitoring",
  url: "http://prometheus.monitoring:9090",
  podMonitor: {},
};
const ui = {
  certificate: { acme: { email: "team@example.com", dns01: { route53: {} } } },
  access: { jwt: { issuer: "i", jwksUri: "https://i.example.com", audiences: ["ui"] } },
};
const everything = {
  istio: managedIstio,
  jaeger: { namespace: "obs", createNamespace: true, host: "jaeger.example.com", storage: "badger" },
  namespaces: {
    shop: { isolation: "restricted", create: true, deployments: { cart: { container: "app" } } },
    bank: { isolation: "none" },
  },
  externalServices: { api: { hosts: ["api.example.com"] } },
  kiali,
  prometheus,
  ui,
  certManager: { install: { createNamespace: true } },
};
const challenged = stackOf({
  jaeger: { host: "jaeger.example.com" },
  ui: { ...ui, certificate: { acme: { email: "team@example.com", http01: {} } } },
});
const withOperator = instrumentedStack({ otelOperator: { install: { createNamespace: true } } });

describe("the manifests of a stack are what the program registers", () => {
  test.each([
    ["dev", () => runStackFile("dev"), parsedStackFile("dev"), 5],
    ["prod", () => runStackFile("prod"), parsedStackFile("prod"), 5],
    ["everything", () => run(stackOf(everything)), parseStack(stackOf(everything), "test"), 30],
    ["challenged", () => run(challenged), parseStack(challenged, "test"), 10],
    ["instrumented", () => run(withOperator), parseStack(withOperator, "test"), 10],
  ])("%s", async (_, start, config, least) => {
    const made = registered(await start());
    expect(made.length).toBeGreaterThan(least);
    expect(sorted(manifestsOf(config).map(expected))).toEqual(sorted(made));
  });
});

describe("what is rendered without running the program is what the program registers, to the byte", () => {
  test.each([
    ["dev", () => runStackFile("dev"), parsedStackFile("dev")],
    ["prod", () => runStackFile("prod"), parsedStackFile("prod")],
    ["everything", () => run(stackOf(everything)), parseStack(stackOf(everything), "test")],
    ["challenged", () => run(challenged), parseStack(challenged, "test")],
    ["instrumented", () => run(withOperator), parseStack(withOperator, "test")],
  ])("%s", async (_, start, config) => {
    const { resources, outputs } = await start();
    const charts = helmCharts("never", "1.34.0", ".");
    const planned = plannedResources(config, "mesh-tracing");
    const files = async (from: Parameters<typeof manifestsIn>[0]) => filesOf(await manifestsIn(from, charts));
    expect(await files(planned)).toEqual(await files(resources));
    const components = resources.filter(({ custom, type }) => !custom && type.startsWith("mesh-tracing:"));
    expect(
      planned
        .filter(({ parent }) => parent === "")
        .map(({ urn }) => urn)
        .sort(),
    ).toEqual(components.map(({ urn }) => urn).sort());
    expect(outputsOf(config)).toEqual(outputs);
  });
});
