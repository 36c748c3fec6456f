/** Variations of the healthy mesh that are as healthy: none may have a finding. */
import { type Options } from "../../../policy/options";
import { stringify } from "yaml";
import { httpRoute, ingressRoute } from "./faults";
import { collectorHost, istioConfigMap, type Manifest, Mesh, meshConfig, namespaces } from "./fixture";

export interface Variation {
  name: string;
  varies: (mesh: Mesh) => unknown;
  options?: Options;
}

const egress = "NetworkPolicy auth/allow-jaeger-egress";
const baseline = "NetworkPolicy auth/allow-mesh-egress";
const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
const collector = "Service istio-system/jaeger-collector-clusterip";
const telemetry = "Telemetry istio-system/mesh-default";
const environment = "ConfigMap auth/otel-environment";
const app = "Deployment auth/auth-api";
const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";

const policy = (namespace: string, name: string, spec: Record<string, unknown>): Manifest => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace },
  spec,
});

/** Takes istiod's own ConfigMap away, and puts another source of the mesh config in its place. */
const meshConfigFrom = (mesh: Mesh, source: Manifest): Mesh =>
  mesh.remove("ConfigMap istio-system/istio").add(source);

export const variations: readonly Variation[] = [
  {
    name: "no policies at all",
    varies: (mesh) => mesh.removeWhere(({ kind }) => kind === "NetworkPolicy"),
  },
  {
    name: "policies of other names",
    varies: (mesh) => mesh.set(egress, "metadata name", "to-the-collector"),
  },
  {
    name: "a range of ports",
    varies: (mesh) =>
      mesh.set(egress, "spec egress 0 ports", [
        { port: 4317, endPort: 4318 },
        { port: 9000, endPort: 9999 },
      ]),
  },
  {
    name: "named ports of the pod",
    varies: (mesh) => {
      mesh.set(jaeger, `${container} ports`, [
        { name: "zipkin", containerPort: 9411 },
        { name: "otlp-grpc", containerPort: 4317 },
        { name: "otlp-http", containerPort: 4318 },
        { name: "query", containerPort: 16686 },
      ]);
      mesh.set(collector, "spec ports 0 targetPort", "zipkin");
      mesh.set(
        egress,
        "spec egress 0 ports",
        ["zipkin", "otlp-grpc", "otlp-http"].map((port) => ({ port })),
      );
    },
  },
  {
    name: "one policy split into two",
    varies: (mesh) =>
      mesh
        .copy(egress, "allow-zipkin-egress")
        .unset(egress, "spec egress 0 ports 2")
        .set("NetworkPolicy auth/allow-zipkin-egress", "spec egress 0 ports", [{ port: 9411 }]),
  },
  {
    name: "all policies of a namespace in one",
    varies: (mesh) => {
      const rules = (mesh.get(baseline)["spec"] as { egress: unknown[] }).egress;
      mesh.set(egress, "spec egress 1", rules[0]).set(egress, "spec egress 2", rules[1]).remove(baseline);
    },
  },
  { name: "all ports to the collector", varies: (mesh) => mesh.unset(egress, "spec egress 0 ports") },
  {
    name: "all pods of the collector's namespace",
    varies: (mesh) => mesh.unset(egress, "spec egress 0 to 0 podSelector"),
  },
  {
    name: "DNS to anywhere on port 53",
    varies: (mesh) => mesh.unset(baseline, "spec egress 0 to"),
  },
  {
    name: "policies that select pods by their labels",
    varies: (mesh) => {
      for (const ref of [egress, baseline])
        mesh.set(ref, "spec podSelector", { matchLabels: { app: "auth-api" } });
    },
  },
  {
    name: "a policy of an untraced namespace that closes everything",
    varies: (mesh) =>
      mesh.add(policy("monitoring", "deny-all", { podSelector: {}, policyTypes: ["Ingress", "Egress"] })),
  },
  {
    name: "a policy for other pods of a traced namespace",
    varies: (mesh) =>
      mesh.add(
        policy("auth", "deny-migrations", {
          podSelector: { matchLabels: { job: "migrate" } },
          policyTypes: ["Egress"],
        }),
      ),
  },
  {
    name: "a pod that has no sidecar and may reach nothing",
    varies: (mesh) =>
      mesh
        .copy(app, "batch")
        .set("Deployment auth/batch", "spec template metadata labels", {
          app: "batch",
          "sidecar.istio.io/inject": "false",
        })
        .set(egress, "spec podSelector", {
          matchExpressions: [{ key: "app", operator: "NotIn", values: ["batch"] }],
        }),
  },
  {
    name: "default deny beside what is allowed",
    varies: (mesh) =>
      mesh.add(policy("auth", "default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] })),
  },
  {
    name: "the collector is open to everybody",
    varies: (mesh) => mesh.remove(ingress),
  },
  {
    name: "a namespace that asks for a revision",
    varies: (mesh) => mesh.set("Namespace auth", "metadata labels", { "istio.io/rev": "1-31-0" }),
  },
  {
    name: "Services of other names",
    varies: (mesh) => {
      mesh.set(collector, "metadata name", "tracing");
      const host = "tracing.istio-system.svc.cluster.local";
      mesh.zipkin("service", `istio-system/${host}`);
      for (const namespace of namespaces) {
        mesh.set(
          `ConfigMap ${namespace}/otel-environment`,
          "data OTEL_EXPORTER_OTLP_ENDPOINT",
          `http://${host}:4317`,
        );
      }
    },
  },
  {
    name: "a Service port that is not the pod's",
    varies: (mesh) => mesh.set(collector, "spec ports 0 port", 80).zipkin("port", 80),
  },
  {
    name: "ports without names and protocols: Istio detects them",
    varies: (mesh) =>
      mesh.set(
        collector,
        "spec ports",
        [9411, 4317, 4318].map((port) => ({ name: `port-${port}`, port })),
      ),
  },
  {
    name: "a Sidecar that shows the collector",
    varies: (mesh) =>
      mesh.add({
        apiVersion: "networking.istio.io/v1",
        kind: "Sidecar",
        metadata: { name: "default", namespace: "auth" },
        spec: { egress: [{ hosts: ["./*", "istio-system/*"] }] },
      }),
  },
  {
    name: "a Telemetry of a namespace with tags only",
    varies: (mesh) =>
      mesh.add({
        ...mesh.get(telemetry),
        metadata: { name: "tags", namespace: "auth" },
        spec: { tracing: [{ customTags: { team: { literal: { value: "auth" } } } }] },
      }),
  },
  {
    name: "a namespace that may switch its spans off",
    varies: (mesh) =>
      mesh.add({
        ...mesh.get(telemetry),
        metadata: { name: "quiet", namespace: "auth" },
        spec: { tracing: [{ disableSpanReporting: true }] },
      }),
    options: { allowTelemetryOverrides: ["auth"] },
  },
  {
    name: "no access log",
    varies: (mesh) => mesh.unset(telemetry, "spec accessLogging"),
  },
  {
    name: "a text format with the trace's id",
    varies: (mesh) =>
      mesh.mesh("extensionProviders 1 envoyFileAccessLog logFormat", {
        text: "[%START_TIME%] %TRACE_ID% %REQ(:PATH)%\n",
      }),
  },
  {
    name: "production samples one request in a hundred",
    varies: (mesh) => mesh.set(telemetry, "spec tracing 0 randomSamplingPercentage", 1),
    options: { minSampling: 0.1, maxSampling: 5 },
  },
  {
    name: "Istio before W3C propagation with propagators that fit",
    varies: (mesh) => {
      mesh.zipkin("traceContextOption", undefined);
      for (const namespace of namespaces) {
        mesh.set(
          `ConfigMap ${namespace}/otel-environment`,
          "data OTEL_PROPAGATORS",
          "tracecontext,baggage,b3multi",
        );
      }
    },
    options: { istioVersion: "1.27" },
  },
  {
    name: "OTLP over HTTP",
    varies: (mesh) =>
      mesh
        .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `http://${collectorHost}:4318`)
        .set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
  },
  {
    name: "an endpoint for traces alone, with its path",
    varies: (mesh) =>
      mesh
        .set(environment, "data OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", `http://${collectorHost}:4318/v1/traces`)
        .set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
  },
  {
    name: "an application without an SDK",
    varies: (mesh) => mesh.unset(app, `${container} envFrom`),
  },
  {
    name: "variables one by one, one made of another",
    varies: (mesh) =>
      mesh.unset(app, `${container} envFrom`).set(app, `${container} env`, [
        { name: "COLLECTOR", value: collectorHost },
        { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://$(COLLECTOR):4317" },
        {
          name: "OTEL_PROPAGATORS",
          valueFrom: { configMapKeyRef: { name: "otel-environment", key: "OTEL_PROPAGATORS" } },
        },
      ]),
  },
  {
    name: "the environment from an Instrumentation",
    varies: (mesh) =>
      mesh
        .unset(app, `${container} envFrom`)
        .set(app, "spec template metadata annotations", {
          "instrumentation.opentelemetry.io/inject-python": "true",
        })
        .add({
          apiVersion: "opentelemetry.io/v1alpha1",
          kind: "Instrumentation",
          metadata: { name: "default", namespace: "auth" },
          spec: {
            exporter: { endpoint: `http://${collectorHost}:4318` },
            propagators: ["b3", "tracecontext", "baggage"],
            sampler: { type: "parentbased_traceidratio", argument: "1" },
          },
        }),
  },
  {
    name: "the environment as a patch of the Deployment",
    varies: (mesh) =>
      mesh.unset(app, `${container} envFrom`).add({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "auth-api", namespace: "auth" },
        spec: {
          template: {
            spec: {
              containers: [
                {
                  name: "app",
                  env: [
                    {
                      name: "OTEL_EXPORTER_OTLP_ENDPOINT",
                      valueFrom: {
                        configMapKeyRef: { name: "otel-environment", key: "OTEL_EXPORTER_OTLP_ENDPOINT" },
                      },
                    },
                  ],
                },
              ],
            },
          },
        },
      }),
  },
  {
    name: "a wildcard with dynamic DNS",
    varies: (mesh) =>
      mesh
        .set("ServiceEntry istio-system/aws-s3-external", "spec resolution", "DYNAMIC_DNS")
        .set("ServiceEntry istio-system/aws-s3-external", "spec ports 0 protocol", "TLS"),
  },
  {
    name: "HTTP on 443 where a DestinationRule starts TLS",
    varies: (mesh) =>
      mesh.set("ServiceEntry istio-system/openai-external", "spec ports 0 protocol", "HTTP").add({
        apiVersion: "networking.istio.io/v1",
        kind: "DestinationRule",
        metadata: { name: "openai", namespace: "istio-system" },
        spec: { host: "api.openai.com", trafficPolicy: { tls: { mode: "SIMPLE" } } },
      }),
  },
  {
    name: "more memory and more traces",
    varies: (mesh) =>
      mesh
        .set(jaeger, `${container} resources limits memory`, "2Gi")
        .set(jaeger, `${container} args`, [
          "--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=50000",
        ]),
  },
  {
    name: "Jaeger's UI behind the gateway with an AuthorizationPolicy",
    varies: (mesh) =>
      mesh.add(httpRoute, {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata: { name: "jaeger", namespace: "istio-system" },
        spec: {
          action: "CUSTOM",
          provider: { name: "oauth2-proxy" },
          rules: [{ to: [{ operation: { hosts: ["jaeger.example.com"] } }] }],
        },
      }),
  },
  {
    name: "Jaeger's UI behind an Ingress that asks",
    varies: (mesh) =>
      mesh.add({
        ...ingressRoute,
        metadata: {
          ...ingressRoute.metadata,
          annotations: { "nginx.ingress.kubernetes.io/auth-url": "https://auth.example.com/oauth2/auth" },
        },
      }),
  },
  {
    name: "a namespace that is not in the mesh with everything wrong",
    varies: (mesh) => {
      for (const object of new Mesh().objects.filter(({ metadata }) => metadata.namespace === "auth")) {
        object.metadata.namespace = "legacy";
        mesh.add(object);
      }
      mesh.set("ConfigMap legacy/otel-environment", "data OTEL_PROPAGATORS", "jaeger");
      mesh.unset("NetworkPolicy legacy/allow-jaeger-egress", "spec egress 0 ports 2");
      mesh.add({ apiVersion: "v1", kind: "Namespace", metadata: { name: "legacy" } });
    },
  },
  {
    name: "the mesh config in a shared ConfigMap",
    varies: (mesh) => {
      const { extensionProviders, ...rest } = meshConfig();
      const shared = istioConfigMap({ extensionProviders });
      shared.metadata.name = "tracing";
      mesh.set("ConfigMap istio-system/istio", "data mesh", stringify(rest));
      mesh.add(shared);
      mesh.set("Deployment istio-system/istiod", `${container} env`, [
        { name: "SHARED_MESH_CONFIG", value: "tracing" },
      ]);
    },
  },
  {
    name: "the mesh config in an IstioOperator",
    varies: (mesh) =>
      meshConfigFrom(mesh, {
        apiVersion: "install.istio.io/v1alpha1",
        kind: "IstioOperator",
        metadata: { name: "istio", namespace: "istio-system" },
        spec: { meshConfig: meshConfig() },
      }),
  },
  {
    name: "the mesh config in the sail operator's Istio",
    varies: (mesh) =>
      meshConfigFrom(mesh, {
        apiVersion: "sailoperator.io/v1",
        kind: "Istio",
        metadata: { name: "default" },
        spec: { version: "v1.31.0", namespace: "istio-system", values: { meshConfig: meshConfig() } },
      }),
  },
  {
    name: "the mesh config in an Argo CD Application",
    varies: (mesh) =>
      meshConfigFrom(mesh, {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Application",
        metadata: { name: "istiod", namespace: "argocd" },
        spec: {
          destination: { namespace: "istio-system" },
          source: {
            chart: "istiod",
            targetRevision: "1.31.0",
            helm: { values: stringify({ meshConfig: meshConfig() }) },
          },
        },
      }),
  },
  {
    name: "the mesh config in a Flux HelmRelease",
    varies: (mesh) =>
      meshConfigFrom(mesh, {
        apiVersion: "helm.toolkit.fluxcd.io/v2",
        kind: "HelmRelease",
        metadata: { name: "istiod", namespace: "istio-system" },
        spec: {
          chart: { spec: { chart: "istiod", version: "1.31.0" } },
          values: { meshConfig: meshConfig() },
        },
      }),
  },
  {
    name: "Jaeger as a chart that was not templated",
    varies: (mesh) => {
      const pod = (mesh.get(jaeger)["spec"] as { template: { spec: Record<string, unknown> } }).template.spec;
      const [own] = pod["containers"] as Record<string, unknown>[];
      mesh.remove(jaeger).add({
        apiVersion: "mesh-tracing/v1",
        kind: "HelmChart",
        metadata: { name: "jaeger", namespace: "istio-system" },
        spec: {
          chart: "jaeger",
          version: "4.11.1",
          values: {
            fullnameOverride: "jaeger",
            jaeger: {
              args: own?.["args"],
              resources: own?.["resources"],
              securityContext: own?.["securityContext"],
              podSecurityContext: pod["securityContext"],
              podLabels: { "sidecar.istio.io/inject": "false" },
            },
          },
        },
      });
    },
  },
  {
    name: "everything in one List",
    varies: (mesh) => {
      const { objects } = mesh;
      mesh.objects = [{ apiVersion: "v1", kind: "List", metadata: { name: "" }, items: objects }];
    },
  },
];
