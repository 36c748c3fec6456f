import { describe, expect, test } from "vitest";
import { parseStack, type StackConfig } from "../../../config/stack";
import { helmCharts } from "../../../engine/helm";
import { manifestsOf } from "../../../engine/manifests";
import { type ProgramRun } from "../../../engine/run";
import { questions } from "../../../program/preflight/findings";
import { type ObjectId, plannedObjects } from "../../../program/preflight/plannedObjects";
import { wire } from "../../../program/wiring";
import { planned } from "../../fixtures/cluster";
import { managedIstio, parsedStackFile, root, run, runStackFile, stackOf } from "../../fixtures/stack";

const managed = stackOf({
  istio: managedIstio,
  jaeger: { namespace: "obs", createNamespace: true, release: "traces" },
  namespaces: {
    shop: { isolation: "restricted", create: true, deployments: { cart: {} } },
    bank: { isolation: "none" },
  },
  externalServices: { api: { hosts: ["api.example.com"] } },
});
const withKiali = stackOf({
  kiali: { namespace: "mesh-ui", install: { createNamespace: true } },
  prometheus: { namespace: "monitoring", url: "http://prometheus.monitoring:9090" },
});
const withUi = stackOf({
  jaeger: { host: "jaeger.example.com", logSearch: "https://logs.example.com/{traceId}" },
  kiali: { namespace: "kiali", host: "kiali.example.com" },
  ui: {
    certificate: { acme: { email: "team@example.com", http01: {} } },
    access: { jwt: { issuer: "i", jwksUri: "https://i.example.com", audiences: ["ui"] } },
  },
});
const text = ({ apiVersion, kind, namespace, name }: ObjectId): string =>
  `${apiVersion} ${kind} ${namespace ?? "-"}/${name}`;

/** Identities of what a run registers: the objects that are made, and those of others that are patched. */
async function registered({ resources }: ProgramRun): Promise<{ creates: string[]; patches: string[] }> {
  const rendered = await manifestsOf(resources, helmCharts("never", "1.34.0", root));
  const objects = rendered.flatMap((item) =>
    item.type === "chart"
      ? []
      : [{ patch: item.patch, id: text({ ...item.manifest, ...item.manifest.metadata }) }],
  );
  const ids = (patch: boolean) =>
    objects
      .filter((object) => object.patch === patch)
      .map(({ id }) => id)
      .sort();
  return { creates: ids(false), patches: ids(true) };
}

/** What chart kiali-server 2.29.0 makes of this project's values. */
const kialisChart = (namespace: string): string[] => [
  `apps/v1 Deployment ${namespace}/kiali`,
  "rbac.authorization.k8s.io/v1 ClusterRole -/kiali-viewer",
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding -/kiali-viewer",
  `v1 ConfigMap ${namespace}/kiali`,
  `v1 Service ${namespace}/kiali`,
  `v1 ServiceAccount ${namespace}/kiali`,
];

describe("the check plans exactly what the program registers, and the objects of Jaeger's chart", () => {
  const badger = stackOf({ jaeger: { storage: "badger", values: { uiconfig: {} } } });
  const cleaner = [
    "batch/v1 CronJob observability/jaeger-es-index-cleaner",
    "v1 ServiceAccount observability/jaeger-es-index-cleaner",
  ];
  test.each<[string, () => Promise<ProgramRun>, StackConfig, ofTheChart: string[]]>([
    ["dev", () => runStackFile("dev"), parsedStackFile("dev"), []],
    [
      "prod",
      () => runStackFile("prod"),
      parsedStackFile("prod"),
      ["v1 ConfigMap observability/user-config", ...cleaner],
    ],
    ["a stack that installs Istio", () => run(managed), planned(managed).config, []],
    [
      "a stack with a disk",
      () => run(badger),
      planned(badger).config,
      ["v1 ConfigMap istio-system/ui-config", "v1 ConfigMap istio-system/user-config"],
    ],
    ["a stack that installs Kiali", () => run(withKiali), planned(withKiali).config, kialisChart("mesh-ui")],
    [
      "a stack that leads people to the UIs",
      () => run(withUi),
      planned(withUi).config,
      ["v1 ConfigMap istio-system/ui-config"],
    ],
  ])("%s", async (_, start, config, ofTheChart) => {
    const { creates, patches } = await registered(await start());
    const { namespace, release } = config.jaeger;
    const plan = plannedObjects(wire(config));
    expect(plan.creates.map(text).sort()).toEqual(
      [
        ...creates,
        `apps/v1 Deployment ${namespace}/${release}`,
        `v1 Service ${namespace}/${release}`,
        `v1 ServiceAccount ${namespace}/${release}`,
        ...ofTheChart,
      ].sort(),
    );
    expect(plan.patches.map(text).sort()).toEqual(patches);
    expect(creates.length).toBeGreaterThan(5);
  });
});

test("the plan of a patch says container, variables and the key that asks for it", () => {
  const raw = stackOf({
    namespaces: {
      shop: { isolation: "none", deployments: { cart: { container: "app", serviceName: "basket" } } },
    },
  });
  const [istiod, cart] = planned(raw).plan.patches;
  expect(istiod).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "istio-system",
    name: "istiod",
    container: "discovery",
    variables: [{ name: "SHARED_MESH_CONFIG", value: "mesh-tracing" }],
    configKey: "istio.patchIstiod",
  });
  const { variables, ...target } = cart ?? { variables: [] };
  expect(target).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "shop",
    name: "cart",
    container: "app",
    configKey: "namespaces.shop.deployments.cart",
  });
  expect(variables).toHaveLength(15);
  expect(variables.filter(({ value }) => value !== undefined)).toEqual([
    { name: "OTEL_SERVICE_NAME", value: "basket" },
  ]);
});

test("Jaeger's Deployment is that of the release, by the labels that the Services select", () => {
  const { jaegerDeployment, jaegerSelector } = planned(managed).plan;
  expect({ jaegerDeployment, jaegerSelector }).toEqual({
    jaegerDeployment: { apiVersion: "apps/v1", kind: "Deployment", namespace: "obs", name: "traces" },
    jaegerSelector: {
      "app.kubernetes.io/component": "all-in-one",
      "app.kubernetes.io/instance": "traces",
      "app.kubernetes.io/name": "jaeger",
    },
  });
});

test("the cluster is asked once for each kind and name, over all namespaces", () => {
  const open = { isolation: "existing" };
  const { plan } = planned(stackOf({ namespaces: { a: open, b: open, c: open } }));
  expect(questions(plan).map(({ apiVersion, kind, name }) => `${apiVersion} ${kind} ${name}`)).toEqual([
    "apps/v1 Deployment istiod",
    "apps/v1 Deployment jaeger",
    "networking.k8s.io/v1 NetworkPolicy allow-jaeger-egress",
    "networking.k8s.io/v1 NetworkPolicy allow-tracing-ingress",
    "telemetry.istio.io/v1 Telemetry mesh-default",
    "v1 ConfigMap mesh-tracing",
    "v1 ConfigMap otel-environment",
    "v1 ServiceAccount jaeger",
    "v1 Service jaeger",
    "v1 Service jaeger-collector-clusterip",
    "v1 Service jaeger-query-clusterip",
  ]);
});

test("configuration given to Jaeger's chart becomes a ConfigMap that is planned too", () => {
  const plan = (values: Record<string, unknown>) =>
    plannedObjects(wire(parseStack(stackOf({ jaeger: { namespace: "obs", values } }), "test"))).creates.map(
      text,
    );
  const without = plan({});
  expect(plan({ uiconfig: { menu: [] } }).filter((id) => !without.includes(id))).toEqual([
    "v1 ConfigMap obs/ui-config",
  ]);
  expect(plan({ userconfig: { service: {} } }).filter((id) => !without.includes(id))).toEqual([
    "v1 ConfigMap obs/user-config",
  ]);
});
