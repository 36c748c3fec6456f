/** What a stack finds in its cluster: Istio's resource definitions, istiod, namespaces and applications. */
import * as fs from "node:fs";
import * as path from "node:path";
import { expect } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { parseStack, type RawConfig, type StackConfig } from "../../config/stack";
import { planOf } from "../../program/preflight/plan";
import { type Api, type ApiObject, eventually } from "./kubernetes";
import { hasJaegerChart, root } from "./realEngine";

/** A variable of a container. */
export interface Variable {
  name: string;
  value?: string;
  valueFrom?: object;
}

interface Container {
  name: string;
  env?: Variable[];
}

/** The pods of a Deployment, as far as a patch changes them. */
export interface PodTemplate {
  metadata: { annotations?: Record<string, string> };
  spec: { containers: Container[] };
}

const charts = process.env["MESH_TRACING_ISTIO_CHARTS"];

/** The stack of a stack file. */
export function stackOf(name: string): StackConfig {
  const { config } = parse(fs.readFileSync(path.join(root, `Pulumi.${name}.yaml`), "utf8")) as {
    config: Record<string, unknown>;
  };
  const raw: RawConfig = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^mesh-tracing:/, ""), value]),
  );
  return parseStack(raw, name);
}

/** Istio's resource definitions: its chart's where MESH_TRACING_ISTIO_CHARTS names the charts, else two open ones. */
function definitions(): ApiObject[] {
  if (charts !== undefined) {
    const text = fs.readFileSync(path.join(charts, "base/files/crd-all.gen.yaml"), "utf8");
    return parseAllDocuments(text).flatMap((document) => (document.toJS() as ApiObject | null) ?? []);
  }
  return [
    openDefinition("telemetry.istio.io", "v1", "Telemetry", "telemetries"),
    openDefinition("networking.istio.io", "v1", "ServiceEntry", "serviceentries"),
  ];
}

function openDefinition(group: string, version: string, kind: string, plural: string): ApiObject {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}

const own = {
  before: { name: "AA_FIRST", value: "theirs" },
  between: {
    name: "OTEL_LOG_LEVEL",
    valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } },
  },
  after: { name: "ZZ_LAST", value: "theirs" },
};

/** Containers that differ in what stands before the one to patch, and in it. */
function containersOf(index: number, name: string): Container[] {
  const env = Object.values(own);
  return (
    [
      [{ name, env }],
      [
        { name: "helper", env: [own.before] },
        { name, env },
      ],
      [{ name }],
      [{ name, env: [own.after] }, { name: "helper" }],
    ] satisfies Container[][]
  )[index % 4]!;
}

export const istiod = "/apis/apps/v1/namespaces/istio-system/deployments/istiod";

/** The listed Deployments' paths. */
export function applicationsOf({ namespaces }: StackConfig): string[] {
  return Object.entries(namespaces).flatMap(([namespace, { deployments }]) =>
    Object.keys(deployments).map((name) => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`),
  );
}

/**
 * Makes what the stack needs of others; what is there already stays.
 * @param isolated whether teams isolate the namespaces of which the stack says so
 */
export async function prepareMesh(api: Api, config: StackConfig, isolated = true): Promise<void> {
  for (const definition of definitions()) {
    const at = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    await unlessThere(() => api.create(at, definition));
    await eventually(
      `definition ${definition.metadata.name}`,
      () => api.get(`${at}/${definition.metadata.name}`),
      ({ status }) => JSON.stringify(status).includes('"Established"'),
    );
  }
  const gateways = config.gateways.map(({ namespace }) => namespace);
  const namespaces = [config.istio.rootNamespace, ...gateways, ...Object.keys(config.namespaces)];
  for (const name of new Set(namespaces)) {
    await unlessThere(() => api.create("/api/v1/namespaces", { metadata: { name } }));
  }
  await deploy(api, config.istio.rootNamespace, "istiod", [
    { name: "discovery", env: [own.before, { name: "REVISION", value: "default" }, own.after] },
  ]);
  let index = 0;
  if (isolated) await isolateNamespaces(api, config);
  for (const [namespace, { deployments }] of Object.entries(config.namespaces)) {
    for (const [name, { container = name }] of Object.entries(deployments)) {
      await deploy(api, namespace, name, containersOf(index++, container));
    }
  }
  await eventually(
    "Deployments that are rolled out",
    () => api.list("/apis/apps/v1/deployments"),
    (all) => all.every(({ status }) => status?.["readyReplicas"] === 1),
  );
}

/** What teams do to the namespaces of which the stack says that they are isolated. */
export async function isolateNamespaces(api: Api, config: StackConfig): Promise<void> {
  for (const [namespace, { isolation }] of Object.entries(config.namespaces)) {
    if (isolation === "existing") await isolate(api, config, namespace);
  }
}

/** The policy by which a team isolates its namespace: DNS, istiod and the mesh, but not the collector. */
async function isolate(api: Api, { egress, istio }: StackConfig, namespace: string): Promise<void> {
  const inside = (name: string) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
  });
  const dns = ["UDP", "TCP"].flatMap((protocol) => egress.dns.ports.map((port) => ({ protocol, port })));
  await unlessThere(() =>
    api.create(`/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies?fieldManager=their-team`, {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "team", namespace },
      spec: {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          { to: [inside(egress.dns.namespace)], ports: dns },
          { to: [inside(istio.rootNamespace)], ports: [{ protocol: "TCP", port: 15012 }] },
        ],
      },
    }),
  );
}

async function deploy(api: Api, namespace: string, name: string, containers: Container[]): Promise<void> {
  const labels = { app: name };
  await unlessThere(() =>
    api.create(`/apis/apps/v1/namespaces/${namespace}/deployments?fieldManager=their-team`, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: containers.map((container) => ({ ...container, image: "example" })) },
        },
      },
    }),
  );
}

async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  await create().catch((error: unknown) => {
    if ((error as { code?: number }).code !== 409) throw error;
  });
}

/** The pods of a Deployment. */
export async function podsOf(api: Api, deployment: string): Promise<PodTemplate> {
  const { spec } = await api.get(deployment);
  return spec!["template"] as PodTemplate;
}

/** Where the kinds of a stack's objects are. */
const lists: Readonly<Record<string, string>> = {
  ConfigMap: "/api/v1/configmaps",
  Namespace: "/api/v1/namespaces",
  PersistentVolumeClaim: "/api/v1/persistentvolumeclaims",
  Secret: "/api/v1/secrets",
  Service: "/api/v1/services",
  ServiceAccount: "/api/v1/serviceaccounts",
  CronJob: "/apis/batch/v1/cronjobs",
  Deployment: "/apis/apps/v1/deployments",
  HorizontalPodAutoscaler: "/apis/autoscaling/v2/horizontalpodautoscalers",
  NetworkPolicy: "/apis/networking.k8s.io/v1/networkpolicies",
  PodDisruptionBudget: "/apis/policy/v1/poddisruptionbudgets",
  ServiceEntry: "/apis/networking.istio.io/v1/serviceentries",
  Telemetry: "/apis/telemetry.istio.io/v1/telemetries",
};

/** What the cluster has of a stack, `Kind namespace/name`, sorted. */
export async function objectsOf(api: Api, stack: string): Promise<string[]> {
  const selector = `labelSelector=${encodeURIComponent(`mesh-tracing/stack=${stack}`)}`;
  const found = await Promise.all(
    Object.entries(lists).map(async ([kind, at]) => {
      const objects = await api.list(`${at}?${selector}`);
      return objects.map(({ metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
    }),
  );
  return found.flat().sort();
}

/** Fails unless the cluster has of a stack what is planned; of the stand-in chart's objects it may lack some. */
export async function expectPlanned(api: Api, config: StackConfig): Promise<void> {
  const { creates } = planOf(config);
  const planned = creates.map(({ kind, namespace = "", name }) => `${kind} ${namespace}/${name}`).sort();
  const found = await objectsOf(api, config.stack);
  expect(found).not.toEqual([]);
  expect(planned).toEqual(hasJaegerChart ? found : expect.arrayContaining(found));
}

/** Paths of a stack's objects that more than one run of the provider is taken for an owner of. */
export async function ownedTwice(api: Api, stack: string): Promise<string[]> {
  const selector = `labelSelector=${encodeURIComponent(`mesh-tracing/stack=${stack}`)}`;
  const found = await Promise.all(
    Object.values(lists).map(async (at) => {
      const plural = at.split("/").at(-1)!;
      const objects = await api.list(`${at}?${selector}`);
      return objects.flatMap(({ metadata }) => {
        const runs = metadata.managedFields?.filter(({ manager }) =>
          manager.startsWith("pulumi-kubernetes-"),
        );
        if ((runs ?? []).length < 2) return [];
        const place = `${at.slice(0, -plural.length)}namespaces/${metadata.namespace}/${plural}`;
        return [`${place}/${metadata.name}`];
      });
    }),
  );
  return found.flat();
}
