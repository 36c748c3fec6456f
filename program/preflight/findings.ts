import { istioSince, versionText } from "../../mesh/istioVersions";
import { appLabels, ownerLabels } from "../../mesh/labels";
import { sharedMeshConfigEnv } from "../../mesh/meshConfig";
import { objectNames } from "../../mesh/names";
import { patchManager } from "../../components/metadata";
import { type StackConfig } from "../../config/stack";
import { byKey, sortedSet } from "../../mesh/stableOrder";
import { uiGatewayOf } from "../../config/uiGateway";
import { type ObjectId, type PatchTarget, type Plan, type PlannedObject } from "./plan";

/** An object as the API server returns it, as far as the check looks. */
export interface LiveObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    managedFields?: { manager?: string; operation?: string; time?: string; fieldsV1?: unknown }[];
  };
  spec?: {
    clusterIP?: string;
    selector?: { matchLabels?: Record<string, string> } & Record<string, unknown>;
    targetRef?: unknown;
    targetRefs?: unknown[];
    template?: {
      metadata?: { annotations?: Record<string, string> };
      spec?: {
        containers?: { name: string; env?: { name: string; value?: string; valueFrom?: object }[] }[];
      };
    };
  };
}

/** What the check read from the cluster. */
export interface ClusterFacts {
  /** Objects of the planned kinds and names, of every namespace. */
  objects: readonly LiveObject[];
  /** Telemetries of the root namespace. */
  telemetries: readonly LiveObject[];
  /** Names of the cluster's namespaces; undefined if they may not be listed. */
  namespaces: ReadonlySet<string> | undefined;
  /** API versions and kinds that the API server does not serve. */
  unserved: readonly string[];
}

/** What the check found. */
export interface Findings {
  /** What makes the deployment impossible or harmful, each with its way out. */
  blockers: string[];
  /** Objects of others that have the names of this stack's objects, each with its owner. */
  foreign: string[];
  /** What another tool must do before or after its objects are taken over. */
  letGo: string[];
}

/**
 * Compares what a stack plans with what a cluster has.
 * @param adopting whether the stack is taking over objects of others
 */
export function findings(config: StackConfig, plan: Plan, facts: ClusterFacts, adopting: boolean): Findings {
  const live = new Map(facts.objects.map((object) => [keyOf(identity(object)), object]));
  const foreign = plan.creates.flatMap((planned) => {
    const object = live.get(keyOf(planned));
    return object === undefined || isOwn(object, config.stack) ? [] : [{ planned, object }];
  });
  const extraTelemetries = facts.telemetries.filter(
    (telemetry) => telemetry.metadata.name !== objectNames.telemetry && isMeshWide(telemetry),
  );
  const adoptable = foreign.filter(
    ({ planned }) => planned.kind !== "Namespace" && planned.kind !== "MutatingWebhookConfiguration",
  );
  return {
    blockers: [
      ...missingNamespaces(config, plan, facts),
      ...facts.unserved.flatMap((kind) => notServed(config, kind)),
      ...foreign.flatMap(({ planned, object }) => cannotAdopt(planned, object)),
      ...plan.patches.flatMap((target) => patchBlockers(target, live.get(keyOf(target)), config.stack)),
      // Of another name, so nothing takes it over; the step that adopts the rest only warns, so that its owner
      // can go on until then.
      ...(adopting ? [] : extraTelemetries.map(secondTelemetry)),
    ],
    foreign: adoptable.map(({ planned, object }) => `${textOf(planned)}: ${ownerOf(object)}`),
    letGo: [
      ...adoptable.map(
        ({ planned, object }) =>
          `${textOf(planned)}: ${ownerOf(object)} must stop managing it, without deleting it`,
      ),
      ...extraTelemetries.map(
        (telemetry) =>
          `${textOf(identity(telemetry))}: ${ownerOf(telemetry)} must delete it, because Istio honours only the ` +
          `oldest mesh-wide Telemetry: ${deletion(telemetry)}`,
      ),
    ],
  };
}

function missingNamespaces(config: StackConfig, plan: Plan, { namespaces }: ClusterFacts): string[] {
  if (namespaces === undefined) return [];
  const created = new Set(plan.creates.filter(({ kind }) => kind === "Namespace").map(({ name }) => name));
  const ways: [string, string][] = [
    [
      config.istio.rootNamespace,
      config.istio.delivery === "managed"
        ? "create it, or set istio.createNamespace true"
        : "install Istio, or correct istio.rootNamespace",
    ],
    [config.jaeger.namespace, "create it, or set jaeger.createNamespace true"],
    ...Object.keys(config.namespaces).map((name): [string, string] => [
      name,
      `create it, or set namespaces.${name}.create true`,
    ]),
    ...(config.kiali?.install === undefined
      ? []
      : [
          [config.kiali.namespace, "create it, or set kiali.install.createNamespace true"] as [
            string,
            string,
          ],
        ]),
    ...(config.istio.install?.gateway === undefined
      ? []
      : [
          [
            config.istio.install.gateway.namespace,
            "create it, or set istio.install.gateway.createNamespace true",
          ] as [string, string],
        ]),
    ...uiNamespaces(config),
  ];
  if (config.otelOperator !== undefined) {
    ways.push([
      config.otelOperator.install.namespace,
      "create it, or set otelOperator.install.createNamespace true",
    ]);
  }
  return [...new Map(ways.reverse()).entries()]
    .reverse()
    .filter(([name]) => !namespaces.has(name) && !created.has(name))
    .map(([name, way]) => `namespace ${name} is not in the cluster: ${way}`);
}

function uiNamespaces(config: StackConfig): [string, string][] {
  const gateway = config.ui && uiGatewayOf(config);
  const install = config.certManager?.install;
  return [
    ...(gateway === undefined
      ? []
      : [[gateway.namespace, "install the gateway, or correct ui.gateway.namespace"] as [string, string]]),
    ...(install === undefined
      ? []
      : [
          [install.namespace, "create it, or set certManager.install.createNamespace true"] as [
            string,
            string,
          ],
        ]),
  ];
}

function secondTelemetry(telemetry: LiveObject): string {
  return (
    `${textOf(identity(telemetry))}: ${ownerOf(telemetry)} manages a second mesh-wide Telemetry, and Istio honours ` +
    `only the oldest: ${deletion(telemetry)}`
  );
}

function deletion({ metadata }: LiveObject): string {
  return `kubectl -n ${metadata.namespace} delete telemetry ${metadata.name}`;
}

/** Which installation is missing; nothing where this stack brings the kind. */
function notServed(config: StackConfig, kind: string): string[] {
  const missing = (way: string): string[] => [`the cluster does not serve ${kind}: ${way}`];
  if (kind.includes(".opentelemetry.io/")) {
    return config.otelOperator === undefined
      ? missing("install the OpenTelemetry Operator, or set otelOperator.install")
      : [];
  }
  if (kind.includes(".cert-manager.io/")) {
    return config.certManager === undefined
      ? missing("install cert-manager, or set certManager.install")
      : [];
  }
  return config.istio.delivery === "managed"
    ? []
    : missing(
        `install Istio ${versionText(istioSince.traceIdInAccessLogs)} or newer, or set istio.delivery managed`,
      );
}

/** How a Deployment of this stack gets out of the way of another one, by the application. */
const renamings: Readonly<Record<string, { what: string; way: string }>> = {
  jaeger: { what: "Jaeger", way: "set jaeger.release to another name" },
  kiali: { what: "Kiali", way: "set kiali.namespace to another namespace" },
};
const otherWorkload = { what: "Deployment", way: "remove what installs it from this stack" };

/** What Kubernetes refuses to change, so that taking over would fail half-way. */
function cannotAdopt(planned: PlannedObject, object: LiveObject): string[] {
  const text = textOf(planned);
  const where = planned.namespace === undefined ? "" : ` -n ${planned.namespace}`;
  if (planned.kind === "Namespace") {
    return [`${text} exists: remove the create that asks for it, it is used as it is`];
  }
  if (planned.kind === "MutatingWebhookConfiguration") {
    return [
      `${text} of another OpenTelemetry Operator (${ownerOf(object)}) exists: remove otelOperator, it is used as it is`,
    ];
  }
  if (planned.kind === "Service" && object.spec?.clusterIP === "None") {
    return [`${text} is headless, which cannot be changed: kubectl${where} delete service ${planned.name}`];
  }
  if (planned.selector !== undefined && !selects(object, planned.selector)) {
    const { what, way } = renamings[planned.selector[appLabels.name] ?? ""] ?? otherWorkload;
    return [
      `${text} selects its pods by other labels, which cannot be changed: uninstall that ${what} ` +
        `(${ownerOf(object)}), or ${way}`,
    ];
  }
  return [];
}

function selects({ spec }: LiveObject, podLabels: Readonly<Record<string, string>>): boolean {
  const selector = spec?.selector?.matchLabels ?? {};
  return JSON.stringify(byKey(selector)) === JSON.stringify(byKey(podLabels));
}

function patchBlockers(target: PatchTarget, object: LiveObject | undefined, stack: string): string[] {
  const text = textOf(target);
  if (object === undefined) {
    return [`${text} is not in the cluster: deploy it first, or change ${target.configKey}`];
  }
  const shared = target.variables.find(({ name }) => name === sharedMeshConfigEnv);
  const containers = object.spec?.template?.spec?.containers ?? [];
  const container = containers.find(({ name }) => name === target.container);
  if (container === undefined) {
    const names = containers.map(({ name }) => name).join(", ");
    const way = shared === undefined ? `set ${target.configKey}.container` : `set ${target.configKey} false`;
    return [`${text} has no container ${target.container} (it has ${names}): ${way}`];
  }
  const others = variablesOfOthers(object, target.container, stack);
  const liveValue = (variable: string): string | undefined =>
    container.env?.find(({ name }) => name === variable)?.value;
  if (shared !== undefined) {
    const value = liveValue(shared.name);
    return value === undefined || value === shared.value || !others.has(shared.name)
      ? []
      : [
          `${text} already reads the shared mesh config ${value}: set istio.sharedConfigMap ${value} and take it over, ` +
            "or set istio.delivery values",
        ];
  }
  const taken = target.variables
    .filter(({ name, value }) => others.has(name) && (value === undefined || liveValue(name) !== value))
    .map(({ name }) => name);
  return taken.length === 0
    ? []
    : [
        `${text} sets ${taken.join(", ")} in its own manifest, and a variable cannot have two sources: remove them ` +
          `there, or run kubectl -n ${target.namespace} set env deployment/${target.name} -c ${target.container} ` +
          taken.map((variable) => `${variable}-`).join(" "),
      ];
}

/** Names of the container's variables that field managers other than this stack have set. */
function variablesOfOthers(object: LiveObject, container: string, stack: string): Set<string> {
  const path = ["f:spec", "f:template", "f:spec", "f:containers", `k:{"name":"${container}"}`, "f:env"];
  return new Set(
    (object.metadata.managedFields ?? [])
      .filter(({ manager }) => manager !== patchManager(stack))
      .flatMap(({ fieldsV1 }) => Object.keys(descend(fieldsV1, path)))
      .flatMap((key) => /^k:\{"name":"(.*)"\}$/.exec(key)?.[1] ?? []),
  );
}

function descend(value: unknown, path: readonly string[]): object {
  return path.reduce<object>(
    (inner, key) => {
      const next = (inner as Record<string, unknown>)[key];
      return typeof next === "object" && next !== null ? next : {};
    },
    (value as object | undefined) ?? {},
  );
}

/** Who manages an object, as far as labels, annotations and field managers tell. */
export function ownerOf({ metadata }: LiveObject): string {
  const labels = metadata.labels ?? {};
  const annotations = metadata.annotations ?? {};
  const argo =
    annotations["argocd.argoproj.io/tracking-id"]?.split(":")[0] ?? labels["argocd.argoproj.io/instance"];
  if (argo !== undefined) return `the Argo CD application ${argo}`;
  const kustomization = labels["kustomize.toolkit.fluxcd.io/name"];
  if (kustomization !== undefined) return `the Flux Kustomization ${kustomization}`;
  const helmRelease = labels["helm.toolkit.fluxcd.io/name"];
  if (helmRelease !== undefined) return `the Flux HelmRelease ${helmRelease}`;
  const release = annotations["meta.helm.sh/release-name"];
  if (release !== undefined) return `the Helm release ${release}`;
  const stack = labels[ownerLabels.stack];
  if (stack !== undefined) return `the stack ${stack} of this project`;
  if ("kubectl.kubernetes.io/last-applied-configuration" in annotations) return "kubectl apply";
  const last = [...(metadata.managedFields ?? [])].sort((a, b) =>
    (a.time ?? "") < (b.time ?? "") ? 1 : -1,
  )[0];
  return last?.manager === undefined ? "an unknown owner" : `the field manager ${last.manager}`;
}

function isOwn({ metadata }: LiveObject, stack: string): boolean {
  return metadata.labels?.[ownerLabels.stack] === stack;
}

function isMeshWide({ spec }: LiveObject): boolean {
  return (
    spec?.selector === undefined && spec?.targetRef === undefined && (spec?.targetRefs ?? []).length === 0
  );
}

function identity({ apiVersion = "", kind = "", metadata }: LiveObject): ObjectId {
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
}

function keyOf({ apiVersion, kind, namespace = "", name }: ObjectId): string {
  return [apiVersion, kind, namespace, name].join("|");
}

function textOf({ kind, namespace, name }: ObjectId): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** The distinct (apiVersion, kind, name) to ask the cluster for. */
export function questions(plan: Plan): { apiVersion: string; kind: string; name: string }[] {
  const keys = sortedSet(
    [...plan.creates, ...plan.patches].map(({ apiVersion, kind, name }) =>
      [apiVersion, kind, name].join("|"),
    ),
  );
  return keys.map((key) => {
    const [apiVersion = "", kind = "", name = ""] = key.split("|");
    return { apiVersion, kind, name };
  });
}
