/**
 * The kinds of objects that tracing depends on, each once: what it is called, as what it is served, who asks a
 * cluster for it, and what it means to the model of NetworkPolicies and to that of tracing.
 */

/**
 * What an object is to the model of NetworkPolicies. `other-policy`: it decides who may talk to whom, not modelled;
 * `redirect`: it may send elsewhere what is for a Service.
 */
export type Role = "namespace" | "workload" | "service" | "policy" | "other-policy" | "redirect";

export interface Kind {
  /** As `kind` of an object says it. */
  readonly name: string;
  /** What URLs call it. */
  readonly plural: string;
  /**
   * As what clusters serve it, the one to ask for first; manifests may have any. What is read of it is the same in
   * all of them.
   */
  readonly apiVersions: readonly [string, ...string[]];
  readonly isClusterScoped: boolean;
  /** Set where nobody here knows the kind: an object without a namespace may be for all of them. */
  readonly hasUnknownScope?: true;
  /** Whether `audit --live` lists all of them. Others it reads by name, or not at all. */
  readonly isListed: boolean;
  readonly role?: Role;
  /** Where the template of its pods is; empty for a Pod, which is its own. */
  readonly template?: readonly string[];
  /** Whether the API server refuses it without `spec.selector`: one without is a part of an object of others. */
  readonly needsSelector: boolean;
  /** Labels that its controller adds to its pods, with values that differ from pod to pod or by revision. */
  readonly controllerLabels: readonly string[];
}

type Served = Kind["apiVersions"];
type Details = Partial<Omit<Kind, "name" | "plural" | "apiVersions">>;

function kind(name: string, plural: string, apiVersions: Served, details: Details = {}): Kind {
  const defaults = { isClusterScoped: false, isListed: false, needsSelector: false, controllerLabels: [] };
  return { ...defaults, name, plural, apiVersions, ...details };
}

function listed(name: string, plural: string, apiVersions: Served, details: Details = {}): Kind {
  return kind(name, plural, apiVersions, { isListed: true, ...details });
}

function workload(name: string, plural: string, apiVersions: Served, details: Details = {}): Kind {
  return listed(name, plural, apiVersions, { role: "workload", template: ["spec", "template"], ...details });
}

function otherPolicy(name: string, plural: string, apiVersions: Served, details: Details = {}): Kind {
  return listed(name, plural, apiVersions, { role: "other-policy", ...details });
}

/** Served as v1 since Istio 1.22. @see https://istio.io/latest/docs/reference/config/ */
function istio(name: string, plural: string, group: `${string}.istio.io`): Kind {
  return listed(name, plural, [`${group}/v1`, `${group}/v1beta1`]);
}

const ofCluster: Details = { isClusterScoped: true };
const ofJobs = ["controller-uid", "batch.kubernetes.io/controller-uid"];
const appsOrOlder: Served = ["apps/v1", "extensions/v1beta1"];
const gatewayApi: Served = ["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"];
const calico: Served = ["crd.projectcalico.org/v1", "projectcalico.org/v3"];

export const kinds = {
  // What makes pods. https://kubernetes.io/docs/concepts/workloads/
  deployment: workload("Deployment", "deployments", appsOrOlder, {
    needsSelector: true,
    controllerLabels: ["pod-template-hash"],
  }),
  statefulSet: workload("StatefulSet", "statefulsets", ["apps/v1"], {
    needsSelector: true,
    controllerLabels: [
      "controller-revision-hash",
      "statefulset.kubernetes.io/pod-name",
      "apps.kubernetes.io/pod-index",
    ],
  }),
  daemonSet: workload("DaemonSet", "daemonsets", appsOrOlder, {
    needsSelector: true,
    controllerLabels: ["controller-revision-hash", "pod-template-generation"],
  }),
  replicaSet: workload("ReplicaSet", "replicasets", appsOrOlder),
  replicationController: workload("ReplicationController", "replicationcontrollers", ["v1"]),
  job: workload("Job", "jobs", ["batch/v1"], { controllerLabels: ofJobs }),
  // https://argo-rollouts.readthedocs.io/en/stable/features/specification/
  rollout: workload("Rollout", "rollouts", ["argoproj.io/v1alpha1"], {
    controllerLabels: ["rollouts-pod-template-hash"],
  }),
  // https://knative.dev/docs/serving/reference/serving-api/
  knativeService: workload("Service", "services", ["serving.knative.dev/v1"], {
    controllerLabels: [
      "serving.knative.dev/revision",
      "serving.knative.dev/revisionUID",
      "pod-template-hash",
    ],
  }),
  cronJob: workload("CronJob", "cronjobs", ["batch/v1"], {
    template: ["spec", "jobTemplate", "spec", "template"],
    controllerLabels: [...ofJobs, "job-name", "batch.kubernetes.io/job-name"],
  }),
  pod: workload("Pod", "pods", ["v1"], { template: [] }),

  // Kubernetes itself and the Gateway API. https://gateway-api.sigs.k8s.io/reference/spec/
  namespace: kind("Namespace", "namespaces", ["v1"], { ...ofCluster, role: "namespace" }),
  configMap: kind("ConfigMap", "configmaps", ["v1"]),
  secret: kind("Secret", "secrets", ["v1"]),
  service: listed("Service", "services", ["v1"], { role: "service" }),
  endpoints: kind("Endpoints", "endpoints", ["v1"]),
  endpointSlice: kind("EndpointSlice", "endpointslices", ["discovery.k8s.io/v1"]),
  horizontalPodAutoscaler: listed("HorizontalPodAutoscaler", "horizontalpodautoscalers", ["autoscaling/v2"]),
  // https://keda.sh/docs/latest/reference/scaledobject-spec/
  kedaScaledObject: listed("ScaledObject", "scaledobjects", ["keda.sh/v1alpha1"]),
  ingress: listed("Ingress", "ingresses", ["networking.k8s.io/v1"]),
  gateway: listed("Gateway", "gateways", gatewayApi),
  httpRoute: listed("HTTPRoute", "httproutes", gatewayApi),
  grpcRoute: listed("GRPCRoute", "grpcroutes", ["gateway.networking.k8s.io/v1"]),
  tcpRoute: kind("TCPRoute", "tcproutes", ["gateway.networking.k8s.io/v1alpha2"]),

  // What decides who may talk to whom.
  networkPolicy: listed("NetworkPolicy", "networkpolicies", ["networking.k8s.io/v1", "extensions/v1beta1"], {
    role: "policy",
  }),
  // https://docs.cilium.io/en/stable/network/kubernetes/policy/
  ciliumPolicy: otherPolicy("CiliumNetworkPolicy", "ciliumnetworkpolicies", ["cilium.io/v2"]),
  ciliumClusterPolicy: otherPolicy(
    "CiliumClusterwideNetworkPolicy",
    "ciliumclusterwidenetworkpolicies",
    ["cilium.io/v2"],
    ofCluster,
  ),
  ciliumRedirect: listed("CiliumLocalRedirectPolicy", "ciliumlocalredirectpolicies", ["cilium.io/v2"], {
    role: "redirect",
  }),
  // https://docs.tigera.io/calico/latest/reference/resources/networkpolicy; its staged policies do nothing.
  calicoPolicy: otherPolicy("NetworkPolicy", "networkpolicies", calico),
  calicoClusterPolicy: otherPolicy("GlobalNetworkPolicy", "globalnetworkpolicies", calico, ofCluster),
  // https://network-policy-api.sigs.k8s.io/reference/spec/
  adminPolicy: otherPolicy(
    "AdminNetworkPolicy",
    "adminnetworkpolicies",
    ["policy.networking.k8s.io/v1alpha1"],
    ofCluster,
  ),
  baselineAdminPolicy: otherPolicy(
    "BaselineAdminNetworkPolicy",
    "baselineadminnetworkpolicies",
    ["policy.networking.k8s.io/v1alpha1"],
    ofCluster,
  ),
  clusterPolicy: otherPolicy(
    "ClusterNetworkPolicy",
    "clusternetworkpolicies",
    ["policy.networking.k8s.io/v1alpha2"],
    ofCluster,
  ),
  // https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html
  awsClusterPolicy: otherPolicy(
    "ClusterNetworkPolicy",
    "clusternetworkpolicies",
    ["networking.k8s.aws/v1alpha1"],
    ofCluster,
  ),
  awsApplicationPolicy: otherPolicy("ApplicationNetworkPolicy", "applicationnetworkpolicies", [
    "networking.k8s.aws/v1alpha1",
  ]),
  // https://cloud.google.com/kubernetes-engine/docs/how-to/fqdn-network-policies
  gkeFqdnPolicy: otherPolicy("FQDNNetworkPolicy", "fqdnnetworkpolicies", ["networking.gke.io/v1alpha1"]),
  // https://antrea.io/docs/main/docs/antrea-network-policy/
  antreaPolicy: otherPolicy("NetworkPolicy", "networkpolicies", ["crd.antrea.io/v1beta1"]),
  antreaClusterPolicy: otherPolicy(
    "ClusterNetworkPolicy",
    "clusternetworkpolicies",
    ["crd.antrea.io/v1beta1"],
    ofCluster,
  ),

  // Istio, and what installs it. https://github.com/istio-ecosystem/sail-operator
  telemetry: listed("Telemetry", "telemetries", ["telemetry.istio.io/v1", "telemetry.istio.io/v1alpha1"]),
  serviceEntry: istio("ServiceEntry", "serviceentries", "networking.istio.io"),
  sidecar: istio("Sidecar", "sidecars", "networking.istio.io"),
  virtualService: istio("VirtualService", "virtualservices", "networking.istio.io"),
  istioGateway: istio("Gateway", "gateways", "networking.istio.io"),
  destinationRule: istio("DestinationRule", "destinationrules", "networking.istio.io"),
  peerAuthentication: istio("PeerAuthentication", "peerauthentications", "security.istio.io"),
  requestAuthentication: istio("RequestAuthentication", "requestauthentications", "security.istio.io"),
  authorizationPolicy: istio("AuthorizationPolicy", "authorizationpolicies", "security.istio.io"),
  istioOperator: kind("IstioOperator", "istiooperators", ["install.istio.io/v1alpha1"]),
  sailIstio: kind("Istio", "istios", ["sailoperator.io/v1"], ofCluster),
  sailRevisionTag: kind("IstioRevisionTag", "istiorevisiontags", ["sailoperator.io/v1"], ofCluster),
  mutatingWebhook: kind(
    "MutatingWebhookConfiguration",
    "mutatingwebhookconfigurations",
    ["admissionregistration.k8s.io/v1"],
    ofCluster,
  ),

  // The rest of a platform, by the operators and controllers that serve it.
  certificate: listed("Certificate", "certificates", ["cert-manager.io/v1"]),
  instrumentation: listed("Instrumentation", "instrumentations", ["opentelemetry.io/v1alpha1"]),
  openTelemetryCollector: listed("OpenTelemetryCollector", "opentelemetrycollectors", [
    "opentelemetry.io/v1beta1",
    "opentelemetry.io/v1alpha1",
  ]),
  /** Of the operator of Jaeger 1. */
  jaeger: listed("Jaeger", "jaegers", ["jaegertracing.io/v1"]),
  kiali: listed("Kiali", "kialis", ["kiali.io/v1alpha1"]),
  argoApplication: kind("Application", "applications", ["argoproj.io/v1alpha1"]),
  /** What Flux takes from a directory; what kustomize itself reads is no object. */
  fluxKustomization: kind("Kustomization", "kustomizations", ["kustomize.toolkit.fluxcd.io/v1"]),
  fluxGitRepository: kind("GitRepository", "gitrepositories", ["source.toolkit.fluxcd.io/v1"]),
  fluxHelmRelease: kind("HelmRelease", "helmreleases", ["helm.toolkit.fluxcd.io/v2"]),
  fluxOciRepository: kind("OCIRepository", "ocirepositories", ["source.toolkit.fluxcd.io/v1"]),
  /** No kind of a cluster: a chart that was not templated, with the values that it would get. */
  helmChart: kind("HelmChart", "helmcharts", ["mesh-tracing/v1"]),
} as const;

const all: readonly Kind[] = Object.values(kinds);

/** Kinds that make pods. */
export const workloadKinds: readonly Kind[] = all.filter(({ template }) => template !== undefined);

/** Kinds that `audit --live` lists. */
export const listedKinds: readonly Kind[] = all.filter(({ isListed }) => isListed);

/** Groups all of whose kinds are about the mesh, its policies or its telemetry. */
const meshGroups =
  /(^|\.)(istio\.io|cilium\.io|projectcalico\.org|antrea\.io|policy\.networking\.k8s\.io|opentelemetry\.io|jaegertracing\.io|sailoperator\.io)$/;

export function isMeshGroup(group: string): boolean {
  return meshGroups.test(group);
}

/** Groups of Istio itself and of the operator that installs it. */
export function isIstioGroup(group: string): boolean {
  return /(^|\.)istio\.io$|^sailoperator\.io$/.test(group);
}

/** The group of an apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}

/** What a manifest of a kind begins with. */
export function typeMeta({ name, apiVersions }: Kind): { apiVersion: string; kind: string } {
  return { apiVersion: apiVersions[0], kind: name };
}

const byGroup = new Map<string, Kind>(
  all.flatMap((entry) =>
    entry.apiVersions.map((apiVersion) => [`${groupOf(apiVersion)}/${entry.name}`, entry] as const),
  ),
);

/** Those of Kubernetes itself that the model of NetworkPolicies reads. */
const native = new Map(
  all
    .filter(
      ({ role, apiVersions: [first] }) =>
        role !== undefined && /^(v1|\w+\/|networking\.k8s\.io\/)/.test(first),
    )
    .map((entry) => [entry.name, entry] as const),
);

/**
 * The kind of an object by what it says of itself, whatever the version; undefined for kinds that tracing does not
 * depend on. Knative, for example, has a Service, too. Without apiVersion, Kubernetes' own kind is meant.
 */
export function kindOf(apiVersion: string, name: string): Kind | undefined {
  if (apiVersion === "") return native.get(name);
  const key = `${groupOf(apiVersion)}/${name}`;
  return byGroup.get(key) ?? unheardOf(key, apiVersion, name);
}

/**
 * Called a NetworkPolicy, and none of pods: Calico's staged ones are only watched, Multus' are for the other
 * networks of a pod, and OpenShift's EgressNetworkPolicy is about what leaves the cluster.
 */
const noPolicyOfPods = /^(Staged\w+|MultiNetworkPolicy|EgressNetworkPolicy)$/;

/** A policy of a group that nobody here knows: it may do anything. */
function unheardOf(key: string, apiVersion: string, name: string): Kind | undefined {
  if (!name.endsWith("NetworkPolicy") || noPolicyOfPods.test(name)) return undefined;
  const made: Kind = {
    ...kind(name, name.toLowerCase(), [apiVersion], { role: "other-policy" }),
    hasUnknownScope: true,
  };
  byGroup.set(key, made);
  return made;
}
