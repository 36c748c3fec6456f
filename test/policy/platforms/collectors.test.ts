/** What happens to spans hop by hop: what collectors take, and where they pass it on. */
import { type Mesh, type Tree } from "../../../docs/generate/sample/mesh";
import {
  collector,
  collectorHost,
  configure,
  containerOf,
  dns,
  inNamespaces,
  jaegerHost,
  object,
  testPlatform,
  tiered,
  variables,
} from "./platform";

const map = "ConfigMap observability/otel-collector-config";
const deployment = "Deployment observability/otel-collector";
const all = "Deployment edge/ingress, Deployment pay/api and Deployment shop/web send it to";
const applications = "Deployment pay/api and Deployment shop/web send it to";

testPlatform("a collector in front of Jaeger", tiered, [
  ["passes on what it takes", () => undefined],
  [
    "takes no Zipkin, which only proxies send",
    (mesh) => {
      configure(mesh, "receivers zipkin", undefined);
      configure(mesh, "service pipelines traces receivers", ["otlp"]);
    },
    `error collector-receives ${map}: has no receiver for Zipkin, but ${all}`,
  ],
  [
    "has a receiver for Zipkin that no pipeline uses",
    (mesh) => configure(mesh, "service pipelines traces receivers", ["otlp"]),
    `error collector-receives ${map}: has receiver zipkin in no traces pipeline`,
  ],
  [
    "takes OTLP over HTTP only, while applications speak gRPC",
    (mesh) => configure(mesh, "receivers otlp protocols grpc", undefined),
    `error collector-receives ${map}: has no receiver for OTLP over gRPC, but ${applications}`,
  ],
  [
    "has a pipeline for metrics only",
    (mesh) => {
      configure(mesh, "service pipelines", {
        metrics: { receivers: ["otlp", "zipkin"], exporters: ["otlp/next"] },
      });
    },
    `error collector-receives ${map}: has receiver otlp in no traces pipeline`,
    `error collector-receives ${map}: has receiver zipkin in no traces pipeline`,
  ],
  [
    "listens on localhost, where its version says no other",
    (mesh) => configure(mesh, "receivers otlp protocols grpc", {}),
    `error collector-receives ${map}: listening on localhost (the default of this version)`,
  ],
  [
    "listens on the address that a variable says",
    (mesh) => {
      configure(mesh, "receivers otlp protocols grpc endpoint", "${env:MY_POD_IP}:4317");
      containerOf(mesh, deployment)["env"] = variables({
        MY_POD_IP: { fieldRef: { fieldPath: "status.podIP" } },
      });
    },
  ],
  [
    "listens on another port than its Service leads to",
    (mesh) => configure(mesh, "receivers otlp protocols grpc endpoint", "0.0.0.0:55680"),
    `error collector-receives ${map}: port 4317, which leads to 4317`,
  ],
  [
    "takes TLS only, which nobody speaks",
    (mesh) => configure(mesh, "receivers otlp protocols grpc tls", { cert_file: "/c", key_file: "/k" }),
    `error collector-receives ${map}: accepts OTLP over gRPC only with TLS (receivers.otlp.protocols.grpc.tls)`,
  ],
  [
    "has a configuration that is not in the input",
    (mesh) => mesh.remove(map),
    `info known-inputs ${deployment}: what it takes and where it sends that is not checked`,
  ],
  [
    "has a configuration that is no YAML",
    (mesh) => mesh.set(map, "data", { "config.yaml": "receivers:\n\totlp: {}\n" }),
    `error collector-receives ${map}: has config.yaml, the configuration of ${deployment}, which is no YAML map, so the collector does not start`,
  ],
  [
    "has a configuration that a chart makes of a template, beside a file that is none",
    (mesh) => mesh.set(map, "data", { "config.yaml": "{{ .Values.config }}", "notes.txt": "- a\n- b" }),
  ],
  [
    "has a configuration in which another program still has to put something",
    (mesh) => mesh.set(map, "data", { "config.yaml": "receivers: {otlp: ${RECEIVER}}" }),
  ],
  [
    "is scaled to nothing",
    (mesh) => mesh.set(deployment, "spec replicas", 0),
    `error collector-service ${deployment}`,
  ],
  [
    "speaks TLS to Jaeger, which takes none",
    (mesh) => configure(mesh, "exporters otlp/next tls", undefined),
    `error collector-exports ${map}: (exporters.otlp/next does not set tls.insecure)`,
  ],
  [
    "speaks TLS to Jaeger, which takes none, and trusts every certificate",
    (mesh) => configure(mesh, "exporters otlp/next tls", { insecure_skip_verify: true }),
    `error collector-exports ${map}: speaks TLS to Service observability/jaeger, port 4317`,
  ],
  [
    "passes gRPC on to Jaeger's port for HTTP",
    (mesh) => configure(mesh, "exporters otlp/next endpoint", `${jaegerHost}:4318`),
    "error collector-receives ConfigMap observability/jaeger-config: takes OTLP over gRPC on port 4317",
  ],
  [
    "passes HTTP on to Jaeger's port for gRPC",
    (mesh) => exports(mesh, "otlphttp", { endpoint: `http://${jaegerHost}:4317` }),
    "error collector-receives ConfigMap observability/jaeger-config: takes OTLP over HTTP on port 4318",
  ],
  [
    "passes on to a Service that may be elsewhere, beside others that are here",
    (mesh) => configure(mesh, "exporters otlp/next endpoint", "jaeger-old.observability:4317"),
    `warning collector-exports ${map}: which is not in the input, although other Services of observability are`,
  ],
  [
    "passes on to Jaeger, and to a Service that may be elsewhere",
    (mesh) => {
      configure(mesh, "exporters otlp/old", {
        endpoint: "jaeger-old.observability:4317",
        tls: { insecure: true },
      });
      configure(mesh, "service pipelines traces exporters", ["otlp/next", "otlp/old"]);
    },
    `warning collector-exports ${map}: (exporters.otlp/old)`,
  ],
  [
    "has an exporter to nowhere that no pipeline uses",
    (mesh) => configure(mesh, "exporters otlp/old", { endpoint: "jaeger-old.observability:4317" }),
  ],
  [
    "passes on as Zipkin",
    (mesh) => exports(mesh, "zipkin", { endpoint: `http://${jaegerHost}:9411/api/v2/spans` }),
  ],
  [
    "passes on to a vendor outside, over TLS",
    (mesh) => exports(mesh, "otlp/vendor", { endpoint: "otlp.vendor.example:443" }),
  ],
  [
    "passes on to an address that only a Secret says",
    (mesh) => {
      configure(mesh, "exporters otlp/next endpoint", "${env:JAEGER_ENDPOINT}");
      containerOf(mesh, deployment)["env"] = variables({
        JAEGER_ENDPOINT: { secretKeyRef: { name: "spans", key: "endpoint" } },
      });
    },
    `info known-inputs ${map}: by exporters.otlp/next to \${env:JAEGER_ENDPOINT}, a variable whose value is not in the input`,
  ],
  [
    "passes on to itself",
    (mesh) => configure(mesh, "exporters otlp/next endpoint", `${collectorHost}:4317`),
    `error collector-exports ${map}: which leads back to itself, so spans loop until they are dropped`,
  ],
  [
    "passes on to another port of itself, which has a pipeline to Jaeger for it",
    (mesh) => {
      const passing = { exporters: ["otlp/store"], receivers: ["otlp/own"] };
      configure(mesh, "exporters otlp/next endpoint", `${collectorHost}:4319`);
      mesh.set("Service observability/otel-collector", "spec ports 3", { name: "grpc-own", port: 4319 });
      configure(mesh, "receivers otlp/own", { protocols: { grpc: { endpoint: "0.0.0.0:4319" } } });
      configure(mesh, "exporters otlp/store", { endpoint: `${jaegerHost}:4317`, tls: { insecure: true } });
      configure(mesh, "service pipelines traces/own", passing);
    },
  ],
  [
    "passes on to its own pod",
    (mesh) => configure(mesh, "exporters otlp/next endpoint", "localhost:4317"),
    `error collector-exports ${map}: which is its own pod`,
  ],
  [
    "prints spans only",
    (mesh) => exports(mesh, "debug", {}),
    `warning collector-exports ${map}: no store of traces gets them`,
  ],
  [
    "counts spans, and passes them from pipeline to pipeline",
    (mesh) => {
      configure(mesh, "connectors", { spanmetrics: {}, forward: {} });
      configure(mesh, "exporters debug", {});
      configure(mesh, "service pipelines", {
        "traces/in": { receivers: ["otlp", "zipkin"], exporters: ["forward", "spanmetrics"] },
        "traces/out": { receivers: ["forward"], exporters: ["otlp/next"] },
        metrics: { receivers: ["spanmetrics"], exporters: ["debug"] },
      });
    },
  ],
  [
    "is kept from Jaeger by a policy that knows the senders of before",
    (mesh) =>
      mesh.add(ingressOf("jaeger", [{ from: inNamespaces("shop", "pay", "edge"), ports: [{ port: 4317 }] }])),
    "error trace-path-open NetworkPolicy observability/ingress: from Deployment observability/otel-collector on TCP 4317 (spans that collectors pass on)",
  ],
  [
    "may reach DNS, and nothing else",
    (mesh) => mesh.add(egressOf("otel-collector", [dns])),
    "error trace-path-open NetworkPolicy observability/egress: to Service observability/jaeger on TCP 4317 (spans that collectors pass on)",
  ],
  [
    "may reach Jaeger, and no DNS",
    (mesh) =>
      mesh.add(egressOf("otel-collector", [{ to: inNamespaces("observability"), ports: [{ port: 4317 }] }])),
    "error mesh-baseline-egress NetworkPolicy observability/egress: from Deployment observability/otel-collector to DNS on UDP 53 and TCP 53, which they ask for the host",
  ],
  [
    "may reach DNS and Jaeger",
    (mesh) =>
      mesh.add(
        egressOf("otel-collector", [dns, { to: inNamespaces("observability"), ports: [{ port: 4317 }] }]),
      ),
  ],
  [
    "may reach Jaeger by its address, and needs no DNS; whose address it is no manifest says",
    (mesh) => {
      configure(mesh, "exporters otlp/next endpoint", "10.96.0.7:4317");
      mesh.add(egressOf("otel-collector", [{ to: inNamespaces("observability"), ports: [{ port: 4317 }] }]));
    },
    "warning trace-path-open NetworkPolicy observability/egress: whether 10.96.0.7 is the clusterIP of a Service",
  ],
]);

/** All that it takes goes to this exporter. */
function exports(mesh: Mesh, name: string, settings: Tree): void {
  configure(mesh, "exporters", { [name]: settings });
  configure(mesh, "service pipelines traces exporters", [name]);
}

const policyOf = (app: string, direction: "Ingress" | "Egress", rules: Tree[]) => {
  const key = direction.toLowerCase();
  return object(`NetworkPolicy observability/${key}`, {
    podSelector: { matchLabels: { app } },
    policyTypes: [direction],
    [key]: rules,
  });
};
const ingressOf = (app: string, rules: Tree[]) => policyOf(app, "Ingress", rules);
const egressOf = (app: string, rules: Tree[]) => policyOf(app, "Egress", rules);

/** Agents that all send to, a gateway behind them, and Jaeger behind that. */
function twoTiers(): Mesh {
  const mesh = tiered().add(...collector("gateway"));
  return configure(mesh, "exporters otlp/next endpoint", "gateway.observability.svc.cluster.local:4317");
}
const gatewayMap = "ConfigMap observability/gateway-config";

testPlatform("a second collector behind the first", twoTiers, [
  ["passes on what the first one sends", () => undefined],
  [
    "takes Zipkin only, while the first one sends OTLP",
    (mesh) => configure(mesh, "service pipelines traces receivers", ["zipkin"], "gateway"),
    `error collector-receives ${gatewayMap}: but Deployment observability/otel-collector sends it to Service observability/gateway, port 4317`,
  ],
  [
    "takes OTLP only, while the first one takes Zipkin",
    (mesh) => configure(mesh, "service pipelines traces receivers", ["otlp"], "gateway"),
  ],
  [
    "listens on localhost",
    (mesh) => configure(mesh, "receivers otlp protocols grpc endpoint", "localhost:4317", "gateway"),
    `error collector-receives ${gatewayMap}: listening on localhost, which other pods cannot reach`,
  ],
  [
    "passes on to a Service that may be elsewhere",
    (mesh) => configure(mesh, "exporters otlp/next endpoint", "jaeger-old.observability:4317", "gateway"),
    `warning collector-exports ${gatewayMap}: to Service observability/jaeger-old`,
  ],
  [
    "passes back to the first one",
    (mesh) => configure(mesh, "exporters otlp/next endpoint", `${collectorHost}:4317`, "gateway"),
    `error collector-exports ${gatewayMap}: back to it through Deployment observability/otel-collector, so spans loop`,
    `error collector-exports ${map}: back to it through Deployment observability/gateway, so spans loop`,
  ],
  [
    "passes back to another port of the first one, which has a pipeline to Jaeger for it",
    (mesh) => {
      const first = `${collectorHost}:4319`;
      configure(mesh, "exporters otlp/next endpoint", first, "gateway");
      mesh.set("Service observability/otel-collector", "spec ports 3", { name: "grpc-back", port: 4319 });
      configure(mesh, "receivers otlp/back", { protocols: { grpc: { endpoint: "0.0.0.0:4319" } } });
      configure(mesh, "exporters otlp/store", { endpoint: `${jaegerHost}:4317`, tls: { insecure: true } });
      configure(mesh, "service pipelines traces/back", {
        receivers: ["otlp/back"],
        exporters: ["otlp/store"],
      });
    },
  ],
  [
    "passes back to the first one, which has a connector between the two",
    (mesh) => {
      configure(mesh, "exporters otlp/next endpoint", `${collectorHost}:4317`, "gateway");
      configure(mesh, "connectors", { forward: {} });
      configure(mesh, "service pipelines", {
        "traces/in": { receivers: ["otlp", "zipkin"], exporters: ["forward"] },
        "traces/out": { receivers: ["forward"], exporters: ["otlp/next"] },
      });
    },
    `error collector-exports ${gatewayMap}: back to it through Deployment observability/otel-collector`,
    `error collector-exports ${map}: back to it through Deployment observability/gateway`,
  ],
  [
    "is kept from Jaeger by a policy that knows the first one only",
    (mesh) =>
      mesh.add(
        ingressOf("jaeger", [{ from: [{ podSelector: { matchLabels: { app: "otel-collector" } } }] }]),
      ),
    "error trace-path-open NetworkPolicy observability/ingress: from Deployment observability/gateway on TCP 4317",
  ],
  [
    "decides about whole traces in three pods, between which the first one spreads them",
    (mesh) => {
      decides(mesh, "gateway");
      mesh.set("Deployment observability/gateway", "spec replicas", 3);
    },
    `error tail-sampling-sticky ${gatewayMap}: in 3 pods`,
  ],
  [
    "decides about whole traces in three pods, of which the first one picks one by the trace",
    (mesh) => {
      decides(mesh, "gateway");
      mesh.set("Deployment observability/gateway", "spec replicas", 3);
      exports(mesh, "loadbalancing", {
        routing_key: "traceID",
        protocol: { otlp: { tls: { insecure: true } } },
        resolver: { dns: { hostname: "gateway.observability.svc.cluster.local" } },
      });
    },
  ],
  [
    "decides about whole traces, in as many pods as an autoscaler likes",
    (mesh) => {
      decides(mesh, "gateway");
      const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "gateway" };
      mesh.add(
        object(
          "HorizontalPodAutoscaler observability/gateway",
          { scaleTargetRef, minReplicas: 2, maxReplicas: 6 },
          "autoscaling/v2",
        ),
      );
    },
    `warning tail-sampling-sticky ${gatewayMap}: in several pods`,
  ],
]);

function decides(mesh: Mesh, name: string): void {
  const policies = [{ name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } }];
  configure(mesh, "processors", { tail_sampling: { decision_wait: "10s", policies } }, name);
  configure(mesh, "service pipelines traces processors", ["tail_sampling"], name);
}
