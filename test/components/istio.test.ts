import { describe, expect, test } from "vitest";
import { istioValues } from "../../components/istio";
import { accessLogLabels } from "../fixtures/meshConfig";
import { managedIstio, resource, run, stackOf } from "../fixtures/stack";

const labels = { "mesh-tracing/stack": "test" };
const repositoryOpts = { repo: "https://charts.example.com/istio" };
const meshConfig = {
  extensionProviders: [
    {
      name: "jaeger",
      zipkin: {
        service: "istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local",
        port: 9411,
        traceContextOption: "USE_B3_WITH_W3C_PROPAGATION",
      },
    },
    {
      name: "json-access-log",
      envoyFileAccessLog: { path: "/dev/stdout", logFormat: { labels: accessLogLabels } },
    },
  ],
};

test("an Istio of the stack's own: three charts of one version, tracing in istiod's mesh config", async () => {
  const managed = await run(stackOf({ istio: managedIstio }));
  const inputs = (name: string) => resource(managed, name).inputs;
  expect([inputs("istio-base"), inputs("istio-istiod"), inputs("istio-gateway")]).toEqual([
    {
      chart: "base",
      repositoryOpts,
      version: "1.31.2",
      name: "istio-base",
      namespace: "istio-system",
      values: {
        defaultRevision: "default",
        global: { istioNamespace: "istio-system" },
      },
    },
    {
      chart: "istiod",
      repositoryOpts,
      version: "1.31.2",
      name: "istiod",
      namespace: "istio-system",
      values: { deploymentLabels: labels, global: { istioNamespace: "istio-system" }, meshConfig },
    },
    {
      chart: "gateway",
      repositoryOpts,
      version: "1.31.2",
      name: "front-door",
      namespace: "edge",
      values: { labels },
    },
  ]);
});

test("without a gateway only two charts are installed, from where the stack says", async () => {
  const install = { chart: { oci: "oci://registry/istio", version: "1.31.0" } };
  const managed = await run(
    stackOf({ istio: { version: "1.31", delivery: "managed", rootNamespace: "mesh", install } }),
  );
  const charts = managed.resources.filter(({ name }) => name.startsWith("istio-"));
  expect(charts.map(({ inputs: { chart, version, namespace } }) => [chart, version, namespace])).toEqual([
    ["oci://registry/istio/base", "1.31.0", "mesh"],
    ["oci://registry/istio/istiod", "1.31.0", "mesh"],
  ]);
});

describe("values of the charts", () => {
  const args = {
    stack: "test",
    chart: { path: "./charts" },
    rootNamespace: "mesh",
    meshConfig: { extensionProviders: [] },
    values: { base: {}, istiod: {}, gateway: {} },
  };

  test("carry the revision", () => {
    expect(istioValues({ ...args, revision: "canary" })).toEqual({
      base: {
        defaultRevision: "canary",
        global: { istioNamespace: "mesh" },
      },
      istiod: {
        deploymentLabels: labels,
        global: { istioNamespace: "mesh" },
        meshConfig: { extensionProviders: [] },
        revision: "canary",
      },
      gateway: { labels, revision: "canary" },
    });
  });

  test("of the stack win over ours", () => {
    const values = {
      base: { defaultRevision: "stable" },
      istiod: { meshConfig: { accessLogFile: "/dev/stdout" }, pilot: { resources: {} } },
      gateway: { service: { type: "ClusterIP" } },
    };
    expect(istioValues({ ...args, values })).toEqual({
      base: {
        defaultRevision: "stable",
        global: { istioNamespace: "mesh" },
      },
      istiod: {
        deploymentLabels: labels,
        global: { istioNamespace: "mesh" },
        meshConfig: { accessLogFile: "/dev/stdout", extensionProviders: [] },
        pilot: { resources: {} },
      },
      gateway: { labels, service: { type: "ClusterIP" } },
    });
  });
});
