/**
 * The fields of objects that decide about spans. What an object has besides, the API server prunes, or refuses
 * with the object.
 * @see https://github.com/istio/istio/blob/master/manifests/charts/base/files/crd-all.gen.yaml
 * @see https://github.com/istio/api/blob/master/mesh/v1alpha1/config.proto
 */
import { type Kind, kinds } from "./kinds";

/** Names of fields with what is in them; `true` where anything may be. Items of lists are like the list's one. */
export interface Fields {
  readonly [name: string]: Fields | true;
}

const of = <Name extends string>(...names: Name[]): Record<Name, true> =>
  Object.fromEntries(names.map((name) => [name, true])) as Record<Name, true>;

const selector = of("matchLabels");
const targets = { targetRef: true, targetRefs: of("group", "kind", "name", "namespace") } as const;
const providers = of("name");

const labelSelector = { ...of("matchLabels"), matchExpressions: of("key", "operator", "values") };
const policyPeer = {
  podSelector: labelSelector,
  namespaceSelector: labelSelector,
  ipBlock: of("cidr", "except"),
};
const policyPorts = of("protocol", "port", "endPort");

const clientTls = of(
  "mode",
  "clientCertificate",
  "privateKey",
  "caCertificates",
  "caCrl",
  "credentialName",
  "subjectAltNames",
  "sni",
  "insecureSkipVerify",
);
const portPolicy = {
  ...of("connectionPool", "loadBalancer", "outlierDetection"),
  tls: clientTls,
  port: of("number"),
};
const destination = { ...of("host", "subset"), port: of("number") };
const route = { destination, ...of("weight", "headers") };

/** By kind, what `spec` has. */
export const objectFields: ReadonlyMap<Kind, Fields> = new Map<Kind, Fields>([
  [
    kinds.telemetry,
    {
      selector,
      ...targets,
      tracing: {
        ...of(
          "customTags",
          "disableContextPropagation",
          "disableSpanReporting",
          "enableIstioTags",
          "randomSamplingPercentage",
          "useRequestIdForTraceSampling",
        ),
        match: of("mode"),
        providers,
      },
      accessLogging: { ...of("disabled"), filter: of("expression"), match: of("mode"), providers },
      metrics: { ...of("overrides", "reportingInterval"), providers },
    },
  ],
  [kinds.peerAuthentication, { selector, mtls: of("mode"), portLevelMtls: true }],
  [
    kinds.authorizationPolicy,
    {
      selector,
      ...targets,
      ...of("action", "provider"),
      rules: {
        from: {
          source: {
            ...of("principals", "requestPrincipals", "namespaces", "serviceAccounts", "trustDomains"),
            ...of("ipBlocks", "remoteIpBlocks", "notPrincipals", "notRequestPrincipals", "notNamespaces"),
            ...of("notServiceAccounts", "notTrustDomains", "notIpBlocks", "notRemoteIpBlocks"),
          },
        },
        to: {
          operation: {
            ...of("hosts", "ports", "methods", "paths", "notHosts", "notPorts", "notMethods", "notPaths"),
          },
        },
        when: of("key", "values", "notValues"),
      },
    },
  ],
  [
    kinds.sidecar,
    {
      workloadSelector: of("labels"),
      ingress: true,
      inboundConnectionPool: true,
      egress: { ...of("bind", "captureMode", "hosts", "port") },
      outboundTrafficPolicy: of("mode", "egressProxy"),
    },
  ],
  [
    kinds.serviceEntry,
    {
      ...of("hosts", "addresses", "location", "resolution", "exportTo", "subjectAltNames"),
      ports: of("number", "name", "protocol", "targetPort"),
      endpoints: of("address", "ports", "labels", "locality", "network", "serviceAccount", "weight"),
      workloadSelector: of("labels"),
    },
  ],
  [
    kinds.destinationRule,
    {
      ...of("host", "subsets", "exportTo"),
      workloadSelector: selector,
      trafficPolicy: {
        ...of("connectionPool", "loadBalancer", "outlierDetection", "tunnel", "proxyProtocol", "retryBudget"),
        tls: clientTls,
        portLevelSettings: portPolicy,
      },
    },
  ],
  [
    kinds.virtualService,
    {
      ...of("hosts", "gateways", "exportTo", "tls"),
      http: {
        ...of("name", "match", "redirect", "rewrite", "directResponse", "delegate", "timeout", "retries"),
        ...of("fault", "mirror", "mirrors", "mirrorPercent", "mirror_percent", "mirrorPercentage"),
        ...of("corsPolicy", "headers"),
        route,
      },
      tcp: { match: true, route },
    },
  ],
  [
    kinds.networkPolicy,
    {
      podSelector: labelSelector,
      policyTypes: true,
      ingress: { from: policyPeer, ports: policyPorts },
      egress: { to: policyPeer, ports: policyPorts },
    },
  ],
]);

const proxyConfig = {
  ...of(
    "availabilityZone",
    "binaryPath",
    "caCertificatesPem",
    "concurrency",
    "configPath",
    "controlPlaneAuthPolicy",
  ),
  ...of(
    "customConfigFile",
    "discoveryAddress",
    "discoveryRefreshDelay",
    "drainDuration",
    "envoyAccessLogService",
  ),
  ...of("envoyMetricsService", "extraStatTags", "fileFlushInterval", "fileFlushMinSizeKb", "gatewayTopology"),
  ...of("holdApplicationUntilProxyStarts", "image", "interceptionMode", "meshId", "parentShutdownDuration"),
  ...of(
    "privateKeyProvider",
    "proxyAdminPort",
    "proxyBootstrapTemplatePath",
    "proxyHeaders",
    "proxyMetadata",
  ),
  ...of("proxyStatsMatcher", "readinessProbe", "runtimeValues", "sds", "serviceCluster", "statNameLength"),
  ...of(
    "statsCompression",
    "statsdUdpAddress",
    "statusPort",
    "terminationDrainDuration",
    "tracingServiceName",
  ),
  ...of("zipkinAddress"),
  tracing: {
    ...of(
      "customTags",
      "datadog",
      "enableIstioTags",
      "lightstep",
      "maxPathTagLength",
      "openCensusAgent",
      "sampling",
    ),
    ...of("stackdriver", "tlsSettings"),
    zipkin: of("address"),
  },
};

/** The mesh config; its own fields all, and those of what it has of tracing. */
export const meshConfigFields: Fields = {
  ...of("accessLogEncoding", "accessLogFile", "accessLogFormat", "ca", "caCertificates", "certificates"),
  ...of("configSources", "connectTimeout", "defaultDestinationRuleExportTo"),
  ...of("defaultHttpRetryPolicy", "defaultServiceExportTo", "defaultTrafficPolicy"),
  ...of("defaultVirtualServiceExportTo", "disableEnvoyListenerLog", "discoverySelectors", "dnsRefreshRate"),
  ...of("enableAutoMtls", "enableEnvoyAccessLogService", "enablePrometheusMerge", "enableTracing"),
  ...of("h2UpgradePolicy", "hboneIdleTimeout", "inboundClusterStatName", "ingressClass"),
  ...of("ingressControllerMode", "ingressSelector", "ingressService", "localityLbSetting", "meshMTLS"),
  ...of("outboundClusterStatName", "pathNormalization", "protocolDetectionTimeout", "proxyHttpPort"),
  ...of("proxyInboundListenPort", "proxyListenPort", "rootNamespace", "serviceEntryVisibility"),
  ...of("serviceScopeConfigs", "serviceSettings", "tcpKeepalive", "tlsDefaults", "trustDomain"),
  ...of("trustDomainAliases", "verifyCertificateAtClient", "zoneAwareLbSetting"),
  defaultConfig: proxyConfig,
  outboundTrafficPolicy: of("mode", "tls"),
  inboundTrafficPolicy: of("mode"),
  defaultProviders: of("tracing", "metrics", "accessLogging"),
  extensionProviders: {
    ...of("name", "envoyExtAuthzHttp", "envoyExtAuthzGrpc", "lightstep", "datadog", "stackdriver", "sds"),
    ...of("opencensus", "prometheus", "envoyFileAccessLog", "envoyHttpAls", "envoyTcpAls", "envoyOtelAls"),
    skywalking: of("service", "port", "accessToken"),
    zipkin: {
      ...of("service", "port", "maxTagLength", "enable64bitTraceId", "path", "traceContextOption"),
      ...of("timeout", "headers"),
    },
    opentelemetry: {
      ...of("service", "port", "maxTagLength", "http", "grpc", "resourceDetectors", "dynatraceSampler"),
      ...of("serviceAttributeEnrichment"),
    },
  },
};
