/** What takes spans in the end, or on their way: Jaeger of both versions, Tempo, collectors of the operator and of the chart. */
import { stringify } from "yaml";
import { type Mesh, type Tree } from "../../../docs/generate/sample/mesh";
import {
  api,
  collectorHost,
  configure,
  containerOf,
  env,
  jaegerHost,
  object,
  open,
  testPlatform,
  variables,
  web,
} from "./platform";

const all = "Deployment edge/ingress, Deployment pay/api and Deployment shop/web send it to";
const applications = "Deployment pay/api and Deployment shop/web send it to";
const jaeger = "Deployment observability/jaeger";
const jaegerMap = "ConfigMap observability/jaeger-config";

testPlatform("Jaeger 2", open, [
  [
    "takes no Zipkin",
    (mesh) => {
      configure(mesh, "receivers zipkin", undefined, "jaeger");
      configure(mesh, "service pipelines traces receivers", ["otlp"], "jaeger");
    },
    `error collector-receives ${jaegerMap}: has no receiver for Zipkin, but ${all}`,
  ],
  [
    "takes Zipkin where its version does by default, on localhost",
    (mesh) => configure(mesh, "receivers zipkin", null, "jaeger"),
    `error collector-receives ${jaegerMap}: has receivers.zipkin listening on localhost (the default of this version)`,
  ],
  [
    "keeps traces without bound",
    (mesh) => configure(mesh, "extensions jaeger_storage backends main memory max_traces", 0, "jaeger"),
    `warning jaeger-memory-bound ${jaeger}: max_traces: 0, with which Jaeger does not start`,
  ],
]);

/** Jaeger 1 in Jaeger's place, with these variables and flags. */
const jaeger1 = (mesh: Mesh, values: Record<string, string>, args: string[] = [], tag = "1.62.0") => {
  const container = containerOf(mesh, jaeger);
  container["image"] = `jaegertracing/all-in-one:${tag}`;
  container["env"] = variables({ MEMORY_MAX_TRACES: "10000", ...values });
  container["args"] = args;
};
const zipkinOn = { COLLECTOR_ZIPKIN_HOST_PORT: ":9411" };

testPlatform("Jaeger 1", open, [
  ["takes Zipkin by a variable", (mesh) => jaeger1(mesh, zipkinOn)],
  ["takes Zipkin by a flag", (mesh) => jaeger1(mesh, {}, ["--collector.zipkin.host-port=:9411"])],
  [
    "takes no Zipkin by default",
    (mesh) => jaeger1(mesh, {}),
    `error collector-receives ${jaeger}: has no receiver for Zipkin, but ${all}`,
  ],
  [
    "takes Zipkin on loopback",
    (mesh) => jaeger1(mesh, {}, ["--collector.zipkin.host-port=127.0.0.1:9411"]),
    `error collector-receives ${jaeger}: listening on 127.0.0.1`,
  ],
  [
    "takes no OTLP, because it is told so",
    (mesh) => jaeger1(mesh, { ...zipkinOn, COLLECTOR_OTLP_ENABLED: "false" }),
    `error collector-receives ${jaeger}: has no receiver for OTLP over gRPC, but ${applications}`,
  ],
  [
    "takes no OTLP, because it is old",
    (mesh) => jaeger1(mesh, zipkinOn, [], "1.30.0"),
    `error collector-receives ${jaeger}: has no receiver for OTLP over gRPC, but ${applications}`,
  ],
  [
    "takes OTLP on another port than its Service leads to",
    (mesh) => jaeger1(mesh, zipkinOn, ["--collector.otlp.grpc.host-port=:14317"]),
    `error collector-receives ${jaeger}: takes OTLP over gRPC on port 14317 (its flags and variables)`,
  ],
]);

/** Tempo in Jaeger's place. */
function tempo(mesh: Mesh, receivers: Tree): void {
  const config = {
    server: { http_listen_port: 3200 },
    distributor: { receivers },
    storage: { trace: { backend: "local", local: { path: "/var/tempo" } } },
  };
  mesh.set(jaegerMap, "data", { "tempo.yaml": stringify(config) });
  Object.assign(containerOf(mesh, jaeger), {
    name: "tempo",
    image: "grafana/tempo:2.8.1",
    args: ["-config.file=/conf/tempo.yaml"],
  });
}
const zipkin = { endpoint: "0.0.0.0:9411" };
const grpc = { endpoint: "0.0.0.0:4317" };

testPlatform("Tempo", open, [
  ["takes what is sent", (mesh) => tempo(mesh, { otlp: { protocols: { grpc } }, zipkin })],
  [
    "takes no Zipkin",
    (mesh) => tempo(mesh, { otlp: { protocols: { grpc } } }),
    `error collector-receives ${jaegerMap}: has no receiver for Zipkin, but ${all}`,
  ],
  [
    "takes OTLP where its version does by default, on localhost",
    (mesh) => tempo(mesh, { otlp: { protocols: { grpc: null, http: null } }, zipkin }),
    `error collector-receives ${jaegerMap}: distributor.receivers.otlp.protocols.grpc listening on localhost`,
  ],
  [
    "takes OTLP with TLS only",
    (mesh) => {
      const tls = { cert_file: "/c", key_file: "/k" };
      tempo(mesh, { otlp: { protocols: { grpc: { ...grpc, tls } } }, zipkin });
    },
    `error collector-receives ${jaegerMap}: (distributor.receivers.otlp.protocols.grpc.tls)`,
  ],
]);

/** Proxies send to the collector that the OpenTelemetry Operator makes of this. */
function operated(mesh: Mesh, receivers: Tree, exporter: Tree): void {
  mesh.zipkin("service", "observability/gateway-collector.observability.svc.cluster.local");
  const config = {
    receivers,
    exporters: { "otlp/j": { endpoint: `${jaegerHost}:4317`, ...exporter } },
    service: { pipelines: { traces: { receivers: Object.keys(receivers), exporters: ["otlp/j"] } } },
  };
  mesh.add(
    object(
      "OpenTelemetryCollector observability/gateway",
      { mode: "deployment", config },
      "opentelemetry.io/v1beta1",
    ),
  );
}
const operator = "OpenTelemetryCollector observability/gateway";

testPlatform("a collector of the OpenTelemetry Operator", open, [
  ["passes on", (mesh) => operated(mesh, { zipkin }, { tls: { insecure: true } })],
  [
    "takes no Zipkin",
    (mesh) => operated(mesh, { otlp: { protocols: { grpc } } }, { tls: { insecure: true } }),
    `error collector-receives ${operator}: to Service observability/gateway-collector, port 9411`,
  ],
  [
    "speaks TLS to Jaeger, which takes none",
    (mesh) => operated(mesh, { zipkin }, {}),
    `error collector-exports ${operator}: (exporters.otlp/j does not set tls.insecure)`,
  ],
]);

/** Argo CD delivers the collector's chart; proxies send to what it makes. */
function charted(mesh: Mesh, config: Tree, more: Tree = {}): void {
  mesh.zipkin("service", `observability/${collectorHost}`);
  const valuesObject = {
    fullnameOverride: "otel-collector",
    mode: "deployment",
    image: { repository: "otel/opentelemetry-collector-k8s" },
    config: {
      exporters: { otlp: { endpoint: `${jaegerHost}:4317`, tls: { insecure: true } } },
      ...config,
    },
    ...more,
  };
  mesh.add(
    object(
      "Application argocd/otel-collector",
      {
        destination: { namespace: "observability" },
        source: {
          repoURL: "https://open-telemetry.github.io/opentelemetry-helm-charts",
          chart: "opentelemetry-collector",
          targetRevision: "0.138.0",
          helm: { valuesObject },
        },
      },
      "argoproj.io/v1alpha1",
    ),
  );
}
const pipeline = (traces: Tree) => ({ service: { pipelines: { traces } } });

testPlatform("a collector of its Helm chart", open, [
  ["takes all there is by default", (mesh) => charted(mesh, pipeline({ exporters: ["otlp"] }))],
  [
    "takes no Zipkin, because its values say so",
    (mesh) =>
      charted(mesh, {
        receivers: { zipkin: null, jaeger: null },
        ...pipeline({ receivers: ["otlp"], exporters: ["otlp"] }),
      }),
    "error collector-receives ConfigMap observability/otel-collector: has no receiver for Zipkin",
  ],
  [
    "has no port for Zipkin, because its values say so",
    (mesh) => charted(mesh, pipeline({ exporters: ["otlp"] }), { ports: { zipkin: { enabled: false } } }),
    "error collector-service Service observability/otel-collector: has no port 9411, to which the mesh sends its spans",
  ],
  [
    "gets the applications' spans, too, and its values take OTLP away",
    (mesh) => {
      for (const app of [web, api]) {
        env(mesh, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collectorHost}:4317` }, app);
      }
      charted(mesh, pipeline({ receivers: ["zipkin"], exporters: ["otlp"] }));
    },
    "error collector-receives ConfigMap observability/otel-collector: has receiver otlp in no traces pipeline",
  ],
]);
