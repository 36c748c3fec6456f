import * as pulumi from "@pulumi/pulumi";
import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import { Chart } from "@pulumi/kubernetes/helm/v4/chart";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";
import { RandomPassword } from "@pulumi/random/randomPassword";
import { type ChartSource, type StackConfig } from "../config/stack";
import { uiGatewaysOf } from "../config/uiGateway";
import { kialiPodLabels, ownerLabels, withoutSidecar } from "../mesh/labels";
import { objectNames } from "../mesh/names";
import { chartArgs, chartInputs, chartRelease, mergeValues } from "./chart";
import { argsFrom as servicesArgsFrom, jaegerEndpoints } from "./jaegerServices";
import { kialiEgressSpec, kialiIngressSpec, type KialiPolicyArgs } from "./kialiPolicySpecs";
import { type Manifest } from "./manifest";
import { objectMeta } from "./metadata";
import { networkPolicy } from "./networkPolicySpecs";

export interface KialiArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Namespace of the pod. A change replaces everything. */
  namespace: string;
  /** Where the chart `kiali-server` comes from. A change of version updates in place. */
  chart: ChartSource;
  /** How people log in to Kiali; never anonymous. With `openid` the cluster must know the issuer too, unless `disableRbac`. */
  auth: KialiAuth;
  /** Host people open it at. @default none: by port-forward */
  host?: string;
  /** Jaeger's gRPC API inside the cluster, `http://…:16685`. */
  tracingUrl: string;
  /** Jaeger's UI as browsers reach it, `https://…`, for links. @default no links */
  tracingUiUrl?: string;
  /** Prometheus inside the cluster, `http://…`. */
  prometheusUrl: string;
  /** Where it goes and who may come. */
  policies: KialiPolicyArgs;
  /** Chart values merged over the ones made here; the value given here wins. @default {} */
  values: Readonly<Record<string, unknown>>;
}

type KialiAuth = NonNullable<NonNullable<StackConfig["kiali"]>["install"]>["auth"];

/** Nothing where the stack does not install it. */
export function argsFrom(config: StackConfig): KialiArgs | undefined {
  const { stack, kiali, prometheus, jaeger, istio, egress } = config;
  // The check between the sections has seen to it that an installed Kiali has its Prometheus.
  if (kiali?.install === undefined || prometheus?.url === undefined) return undefined;
  const { install, namespace, host } = kiali;
  return {
    ...install,
    stack,
    namespace,
    host,
    tracingUrl: jaegerEndpoints(servicesArgsFrom(config)).queryGrpc,
    tracingUiUrl: jaeger.host === undefined ? undefined : `https://${jaeger.host}`,
    prometheusUrl: prometheus.url,
    policies: {
      ...egress,
      ...install,
      rootNamespace: istio.rootNamespace,
      jaegerNamespace: jaeger.namespace,
      prometheus,
      issuerUri: install.auth.openid?.issuerUri,
      uiGateways: host === undefined ? [] : uiGatewaysOf(config),
    },
  };
}

/** Key of the Secret under which the signing key is. */
const signingKeyName = "key";

/** Bytes of the key that sessions are encrypted with: Kiali takes 16, 24 or 32. */
const signingKeyBytes = 32;

/**
 * Hardening of the container, which fulfils the restricted Pod Security Standard.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
const hardening = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
} as const;

/**
 * The chart's values, which are Kiali's configuration too.
 * @see https://github.com/kiali/helm-charts/blob/master/kiali-server/values.yaml
 */
export function kialiValues(args: Omit<KialiArgs, "chart" | "namespace">): Record<string, unknown> {
  const { openid } = args.auth;
  return mergeValues(
    {
      auth: {
        strategy: args.auth.strategy,
        ...(openid === undefined ? {} : { openid: openidValues(openid) }),
      },
      // Without it the chart reads Secrets of the live cluster, and renders something else where there is none.
      clustering: { autodetect_secrets: { enabled: false } },
      deployment: {
        // The chart itself sets app.kubernetes.io/part-of, and a label cannot be there twice.
        extra_labels: { [ownerLabels.stack]: args.stack },
        // The chart's own lets everybody in.
        network_policy: { enabled: false },
        // Jaeger, Prometheus and istiod's monitoring speak plain text to pods without a sidecar.
        pod_labels: withoutSidecar,
        ...(openid?.clientSecret === undefined ? {} : { secret_name: openid.clientSecret }),
        security_context: hardening,
        // Kiali's account reads and changes nothing.
        view_only_mode: true,
      },
      external_services: {
        // On by default in Kiali, and not a part of this stack: Kiali would report it unreachable.
        grafana: { enabled: false },
        istio: { root_namespace: args.policies.rootNamespace },
        prometheus: { url: args.prometheusUrl },
        tracing: {
          // There is no version to ask for by gRPC: Kiali would wait for an answer on port 80.
          disable_version_check: true,
          enabled: true,
          ...(args.tracingUiUrl === undefined ? {} : { external_url: args.tracingUiUrl }),
          internal_url: args.tracingUrl,
          provider: "jaeger",
          // The HTTP API that Kiali would use instead is gone from Jaeger 2.21.
          use_grpc: true,
        },
      },
      // Without the tab the chart's role has no right to read the logs of every pod.
      kiali_feature_flags: { disabled_features: ["logs-tab"] },
      login_token: { signing_key: `secret:${objectNames.kialiSigningKey}:${signingKeyName}` },
      server: {
        ...(args.host === undefined ? {} : { web_fqdn: args.host, web_schema: "https" }),
        web_root: "/",
      },
    },
    args.values,
  );
}

function openidValues(openid: NonNullable<KialiAuth["openid"]>): Record<string, unknown> {
  return {
    client_id: openid.clientId,
    disable_rbac: openid.disableRbac,
    issuer_uri: openid.issuerUri,
    ...(openid.scopes === undefined ? {} : { scopes: openid.scopes }),
    ...(openid.usernameClaim === undefined ? {} : { username_claim: openid.usernameClaim }),
  };
}

/** Both policies, the release of the chart, and the Secret without the key that is in it. */
export function manifests(args: KialiArgs) {
  const { stack, namespace, policies } = args;
  const policy = <Name extends string, Spec>(name: Name, spec: Spec) =>
    networkPolicy(stack, namespace, name, spec);
  return {
    "signing-key": {
      apiVersion: "v1" as const,
      kind: "Secret" as const,
      metadata: objectMeta(stack, namespace, objectNames.kialiSigningKey),
      type: "Opaque",
    },
    [objectNames.kialiEgress]: policy(objectNames.kialiEgress, kialiEgressSpec(policies)),
    [objectNames.kialiIngress]: policy(objectNames.kialiIngress, kialiIngressSpec(policies)),
    chart: chartRelease(
      chartArgs(args.chart, "kiali-server"),
      { name: objectNames.kiali, namespace },
      kialiValues(args),
      chartObjects(stack, namespace),
    ),
  };
}

function chartObjects(stack: string, namespace: string): Manifest[] {
  const labels = { [ownerLabels.stack]: stack };
  const metadata = { name: objectNames.kiali, namespace, labels };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { selector: { matchLabels: kialiPodLabels } },
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata },
    { apiVersion: "v1", kind: "Service", metadata },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    ...["ClusterRole", "ClusterRoleBinding"].map((kind) => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind,
      metadata: { name: `${objectNames.kiali}-viewer`, labels },
    })),
  ];
}

/**
 * Kiali by its chart `kiali-server`: it requires a login, shows the traces of the stack's Jaeger, changes nothing, and
 * reaches what it needs and nothing else. Its sessions are encrypted with a key that is made here and is in a Secret
 * alone.
 *
 * @example <caption>By port-forward, with a Kubernetes token</caption>
 * new Kiali("kiali", { stack: "dev", namespace: "istio-system", auth: { strategy: "token" },
 *   chart: { repository: "https://kiali.org/helm-charts", version: "2.29.0" },
 *   tracingUrl: services.endpoints.queryGrpc, prometheusUrl: "http://prometheus.monitoring:9090",
 *   policies, values: {} }, { dependsOn: services });
 *
 * @example <caption>At a host, people logging in at an issuer</caption>
 * new Kiali("kiali", { …, host: "kiali.example.com", tracingUiUrl: "https://jaeger.example.com",
 *   auth: { strategy: "openid",
 *     openid: { issuerUri: "https://id.example.com", clientId: "kiali", disableRbac: false } } });
 */
export class Kiali extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:kiali:Kiali";

  constructor(name: string, args: KialiArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Kiali.type, name, {}, opts);
    const { "signing-key": secretManifest, chart, ...policyManifests } = manifests(args);
    const key = new RandomPassword(
      `${name}-signing-key`,
      { length: signingKeyBytes, special: false },
      { parent: this },
    );
    const secret = new Secret(
      `${name}-signing-key`,
      { ...secretManifest, stringData: { [signingKeyName]: key.result } },
      { parent: this },
    );
    const policies = Object.entries(policyManifests).map(
      ([suffix, policy]) => new NetworkPolicy(`${name}-${suffix}`, policy, { parent: this }),
    );
    // After the Secret, without which the pod does not start.
    new Chart(`${name}-chart`, chartInputs(chart), { parent: this, dependsOn: [secret, ...policies] });
    this.registerOutputs({});
  }
}
