/**
 * The fields of objects that decide about spans. What an object has besides, the API server prunes, or refuses
 * with the object.
 * @see https://github.com/istio/istio/blob/master/manifests/charts/base/files/crd-all.gen.yaml
 * @see https://github.com/istio/api/blob/master/mesh/v1alpha1/config.proto
 */
import { type Kind, kinds } from "./kinds";

/**
 * Names of fields with what is in them: fields, one of these words, or anything (`true`). Items of lists are like the
 * list's one.
 */
export interface Fields {
  readonly [name: string]: Fields | readonly string[] | true;
}

const of = <Name extends string>(...names: Name[]): Record<Name, true> =>
  Object.fromEntries(names.map((name) => [name, true])) as Record<Name, true>;

/** Directions of requests that a Telemetry is about. */
const match = { mode: ["CLIENT_AND_SERVER", "CLIENT", "SERVER"] };
const mtls = { mode: ["UNSET", "DISABLE", "PERMISSIVE", "STRICT"] };
const outboundTraffic = ["REGISTRY_ONLY", "ALLOW_ANY"];

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

const clientTls = {
  mode: ["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"],
  ...of("clientCertificate", "privateKey", "caCertificates", "caCrl", "credentialName"),
  ...of("subjectAltNames", "sni", "insecureSkipVerify"),
};
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
        match,
        providers,
      },
      accessLogging: { ...of("disabled"), filter: of("expression"), match, providers },
      metrics: { ...of("overrides", "reportingInterval"), providers },
    },
  ],
  [kinds.peerAuthentication, { selector, mtls, portLevelMtls: true }],
  [
    kinds.authorizationPolicy,
    {
      selector,
      ...targets,
      ...of("provider"),
      action: ["ALLOW", "DENY", "AUDIT", "CUSTOM"],
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
      outboundTrafficPolicy: { mode: outboundTraffic, ...of("egressProxy") },
    },
  ],
  [
    kinds.serviceEntry,
    {
      ...of("hosts", "addresses", "exportTo", "subjectAltNames"),
      location: ["MESH_EXTERNAL", "MESH_INTERNAL"],
      resolution: ["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"],
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
  outboundTrafficPolicy: { mode: outboundTraffic, ...of("tls") },
  inboundTrafficPolicy: { mode: ["PASSTHROUGH", "LOCALHOST"] },
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
