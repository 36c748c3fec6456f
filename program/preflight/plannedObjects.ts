import { type AutoInstrumentationArgs, instrumentation } from "../../components/autoInstrumentation";
import { serviceEntry } from "../../components/externalServices";
import { jaegerValues } from "../../components/jaeger";
import { jaegerPodLabels } from "../../components/jaegerPods";
import { disruptionBudget, type JaegerScalingArgs, podAutoscaler } from "../../components/jaegerScaling";
import { collectorService, queryService } from "../../components/jaegerServices";
import { volumeClaim } from "../../components/jaegerVolume";
import { istiodPatch, meshTelemetry, sharedMeshConfig } from "../../components/meshTracing";
import { kialiObjects } from "./kialiObjects";
import { namespaceManifest } from "../../components/namespaces";
import { deploymentPatch, otelConfigMap } from "../../components/otelEnvironment";
import { operatorRelease } from "../../components/otelOperator";
import { networkPolicies } from "../../components/tracingNetworkPolicies";
import { objectNames } from "../../mesh/constants";
import { uiObjects } from "../../components/uiFromOutside";
import { type Wiring } from "../wiring";

/** An object by its identity in a cluster. */
export interface ObjectId {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** A Deployment of somebody else that this stack adds variables to. */
export interface PatchTarget extends ObjectId {
  /** Container that gets the variables, or the SDK. */
  container: string;
  /** The variables, each with its value where that is written out and not read from a ConfigMap. */
  variables: { name: string; value?: string }[];
  /** The key of the stack file that asks for it. */
  configKey: string;
}

/** What a stack will create and patch. */
export interface Plan {
  /** Objects the stack creates and owns. */
  creates: ObjectId[];
  /** Objects of others that the stack changes a part of. */
  patches: PatchTarget[];
  /** Selector that Jaeger's Deployment will have; Kubernetes never lets it change. */
  jaegerSelector: Record<string, string>;
  jaegerDeployment: ObjectId;
  /** Kiali's Deployment, where the stack installs it; its selector never changes either. */
  kialiDeployment?: ObjectId;
}

interface Manifest {
  metadata: { name: string; namespace?: string };
}

const id = (apiVersion: string, kind: string, { metadata }: Manifest): ObjectId => ({
  apiVersion,
  kind,
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  name: metadata.name,
});

/** What follows from a stack's wiring, apart from the objects of Istio's own charts. */
export function plannedObjects(args: Wiring): Plan {
  const { jaeger, jaegerServices, mesh, otelEnvironment, externalServices } = args;
  const release = { metadata: { name: jaeger.release, namespace: jaeger.namespace } };
  const jaegerDeployment = id("apps/v1", "Deployment", release);
  return {
    jaegerDeployment,
    jaegerSelector: jaegerPodLabels(jaeger.release),
    ...(args.kiali === undefined
      ? {}
      : {
          kialiDeployment: {
            apiVersion: "apps/v1",
            kind: "Deployment",
            namespace: args.kiali.namespace,
            name: objectNames.kiali,
          },
        }),
    creates: [
      ...Object.entries(args.namespaces.namespaces).map(([name, labels]) =>
        id("v1", "Namespace", namespaceManifest(args.namespaces.stack, name, labels)),
      ),
      jaegerDeployment,
      id("v1", "Service", release),
      id("v1", "ServiceAccount", release),
      ...chartExtras(jaeger),
      ...(args.jaegerVolume === undefined
        ? []
        : [id("v1", "PersistentVolumeClaim", volumeClaim(args.jaegerVolume))]),
      ...(args.jaegerScaling === undefined ? [] : scalingObjects(args.jaegerScaling)),
      id("v1", "Service", collectorService(jaegerServices)),
      id("v1", "Service", queryService(jaegerServices)),
      ...networkPolicies(args.networkPolicies).map((policy) =>
        id("networking.k8s.io/v1", "NetworkPolicy", policy),
      ),
      ...(mesh.delivery === "shared" ? [id("v1", "ConfigMap", sharedMeshConfig(mesh))] : []),
      id("telemetry.istio.io/v1", "Telemetry", meshTelemetry(mesh)),
      ...Object.entries(externalServices.services).map(([name, service]) =>
        id(
          "networking.istio.io/v1",
          "ServiceEntry",
          serviceEntry(externalServices.stack, externalServices.namespace, name, service),
        ),
      ),
      ...Object.keys(otelEnvironment.namespaces).map((namespace) =>
        id("v1", "ConfigMap", otelConfigMap(otelEnvironment, namespace)),
      ),
      ...uiIds(args),
      ...operatorObjects(args),
      ...(args.autoInstrumentation === undefined ? [] : instrumentations(args.autoInstrumentation)),
      ...(args.kiali === undefined ? [] : kialiObjects(args.kiali)),
    ],
    patches: [
      ...(mesh.delivery === "shared" && mesh.patchIstiod
        ? [patchTarget(istiodPatch(mesh), "istio.patchIstiod", "discovery")]
        : []),
      ...Object.entries(otelEnvironment.namespaces).flatMap(([namespace, { deployments }]) =>
        Object.entries(deployments).map(([name, settings]) =>
          patchTarget(
            deploymentPatch(otelEnvironment, namespace, name, settings),
            `namespaces.${namespace}.deployments.${name}`,
            settings.container ?? name,
          ),
        ),
      ),
    ],
  };
}

function uiIds({ ui }: Wiring): ObjectId[] {
  if (ui === undefined) return [];
  const { routes, ...objects } = uiObjects(ui);
  return [...Object.values(objects), ...routes.map(({ manifest }) => manifest)].flatMap((manifest) =>
    manifest === undefined ? [] : [id(manifest.apiVersion, manifest.kind, manifest)],
  );
}

/** What of the operator's chart tells that the cluster has one already, or cannot give it a certificate. */
function operatorObjects({ otelOperator }: Wiring): ObjectId[] {
  if (otelOperator === undefined) return [];
  const { namespace } = otelOperator;
  return [
    id("apps/v1", "Deployment", { metadata: { name: operatorRelease, namespace } }),
    id("cert-manager.io/v1", "Certificate", {
      metadata: { name: `${operatorRelease}-serving-cert`, namespace },
    }),
    id("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", {
      metadata: { name: `${operatorRelease}-mutation` },
    }),
  ];
}

function instrumentations(args: AutoInstrumentationArgs): ObjectId[] {
  return args.namespaces.map((namespace) =>
    id("opentelemetry.io/v1alpha1", "Instrumentation", instrumentation(args, namespace)),
  );
}

/** What the chart makes of some values, under names of its own. */
function chartExtras(jaeger: Wiring["jaeger"]): ObjectId[] {
  const { release, namespace } = jaeger;
  const values = jaegerValues(jaeger);
  const named = (name: string): Manifest => ({ metadata: { name, namespace } });
  const cleaner = values["esIndexCleaner"] as { enabled?: unknown } | undefined;
  return [
    ...(values["uiconfig"] === undefined ? [] : [id("v1", "ConfigMap", named("ui-config"))]),
    ...(values["userconfig"] === undefined ? [] : [id("v1", "ConfigMap", named("user-config"))]),
    ...(cleaner?.enabled === true
      ? [
          id("batch/v1", "CronJob", named(`${release}-es-index-cleaner`)),
          id("v1", "ServiceAccount", named(`${release}-es-index-cleaner`)),
        ]
      : []),
  ];
}

function scalingObjects(args: JaegerScalingArgs): ObjectId[] {
  return [
    id("policy/v1", "PodDisruptionBudget", disruptionBudget(args)),
    ...(args.autoscaling === undefined
      ? []
      : [id("autoscaling/v2", "HorizontalPodAutoscaler", podAutoscaler(args, args.autoscaling))]),
  ];
}

function patchTarget(
  patch: Manifest & {
    spec: {
      template: { metadata?: object; spec?: { containers: { env: { name: string; value?: string }[] }[] } };
    };
  },
  configKey: string,
  container: string,
): PatchTarget {
  const [changed] = patch.spec.template.spec?.containers ?? [];
  return {
    ...id("apps/v1", "Deployment", patch),
    container,
    variables: (changed?.env ?? []).map(({ name, value }) => ({ name, value })),
    configKey,
  };
}
