/** Who sends spans: pods of every kind, agents, and clusters without a mesh. */
import { type Manifest, type Mesh, type Tree } from "../../../docs/generate/sample/mesh";
import {
  collector,
  configured,
  dns,
  env,
  guarded,
  inNamespaces,
  jaegerHost,
  namespace,
  object,
  pods,
  sdk,
  tcp,
  testPlatform,
  variables,
  web,
  withoutMesh,
} from "./platform";

const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
const to = (port: number, host = jaegerHost) => ({ [endpoint]: `http://${host}:${port}` });

/** A program that sends spans from a namespace whose policy lets out DNS only. */
const closedBatch = (...senders: Manifest[]) => [
  namespace("batch"),
  ...senders,
  object("NetworkPolicy batch/out", { podSelector: {}, policyTypes: ["Egress"], egress: [dns] }),
];
const worker = pods("worker", { env: variables(sdk("worker")) });
const closed = (sender: string, purpose = "spans of applications, OTLP") => [
  `error trace-path-open NetworkPolicy batch/out: from ${sender} to Service observability/jaeger on TCP 4317 (${purpose})`,
  `error trace-path-open NetworkPolicy observability/traces-in: from ${sender} on TCP 4317 (${purpose})`,
];

testPlatform("policies of both ends close the path of", guarded, [
  [
    "a CronJob",
    (mesh) => {
      const jobTemplate = { spec: { template: worker.template } };
      const job = object("CronJob batch/worker", { schedule: "0 1 * * *", jobTemplate }, "batch/v1");
      mesh.add(...closedBatch(job));
    },
    ...closed("CronJob batch/worker"),
  ],
  [
    "a Rollout whose pods a Deployment describes",
    (mesh) => {
      const workloadRef = { apiVersion: "apps/v1", kind: "Deployment", name: "worker" };
      mesh.add(
        ...closedBatch(
          object("Rollout batch/worker", { workloadRef }, "argoproj.io/v1alpha1"),
          object("Deployment batch/worker", { ...worker, replicas: 0 }),
        ),
      );
    },
    ...closed("Deployment batch/worker"),
  ],
  [
    "a collector of the OpenTelemetry Operator",
    (mesh) => {
      const config = {
        receivers: { otlp: { protocols: { grpc: { endpoint: "0.0.0.0:4317" } } } },
        exporters: { otlp: { endpoint: `${jaegerHost}:4317`, tls: { insecure: true } } },
        service: { pipelines: { traces: { receivers: ["otlp"], exporters: ["otlp"] } } },
      };
      mesh.add(
        ...closedBatch(object("OpenTelemetryCollector batch/agent", { config }, "opentelemetry.io/v1beta1")),
      );
    },
    ...closed("OpenTelemetryCollector batch/agent", "spans that collectors pass on"),
  ],
]);

/** The agent of every node, and an application that sends to its node. */
function nodeAgent(mesh: Mesh, port: Tree): void {
  env(mesh, { [endpoint]: undefined });
  env(mesh, { HOST_IP: { fieldRef: { fieldPath: "status.hostIP" } }, ...to(4317, "$(HOST_IP)") });
  const [map] = collector("agent") as [Manifest];
  const [container, pod] = configured("otel/opentelemetry-collector:0.138.0", "agent-config", []);
  const ports = [{ containerPort: 4317, ...port }];
  mesh.add(map, object("DaemonSet observability/agent", pods("agent", { ...container, ports }, pod)));
}
/** An agent beside the application, which sends to its own pod. */
function podAgent(mesh: Mesh): Mesh {
  const [container, pod] = configured("otel/opentelemetry-collector:0.138.0", "agent-config", [4317]);
  const [map] = collector("agent") as [Manifest];
  map.metadata.namespace = "shop";
  return env(mesh, to(4317, "localhost"))
    .set(web, "spec template spec containers 1", { name: "agent", ...container })
    .set(web, "spec template spec volumes", pod.spec?.["volumes"])
    .add(map);
}

testPlatform("an agent", guarded, [
  ["of every node takes spans on it", (mesh) => nodeAgent(openAll(mesh), { hostPort: 4317 })],
  [
    "of every node listens in its pod only",
    (mesh) => nodeAgent(openAll(mesh), {}),
    `warning otlp-endpoint ${web}: it has neither hostPort 4317 nor hostNetwork`,
  ],
  ["of the pod passes on", podAgent],
  [
    "of the pod passes on what a policy does not let out",
    (mesh) => podAgent(mesh).set("NetworkPolicy shop/traces-out", "spec egress 2 ports", tcp(9411)),
    "error trace-path-open NetworkPolicy shop/traces-out: on TCP 4317 (spans that collectors pass on)",
  ],
]);

const openAll = (mesh: Mesh) => mesh.removeWhere(({ kind }) => kind === "NetworkPolicy");

testPlatform("a cluster without a mesh", withoutMesh, [
  ["is healthy", () => undefined],
  [
    "has a policy of a sender that lets out DNS only",
    (mesh) =>
      mesh.add(object("NetworkPolicy shop/out", { podSelector: {}, policyTypes: ["Egress"], egress: [dns] })),
    "error trace-path-open NetworkPolicy shop/out: from Deployment shop/web to Service observability/jaeger on TCP 4317",
  ],
  [
    "has a policy of a sender that lets out to Jaeger, and no DNS",
    (mesh) =>
      mesh.add(
        object("NetworkPolicy shop/out", {
          podSelector: {},
          policyTypes: ["Egress"],
          egress: [{ to: inNamespaces("observability"), ports: tcp(4317) }],
        }),
      ),
    "error mesh-baseline-egress NetworkPolicy shop/out: to DNS on UDP 53 and TCP 53, which they ask for the host",
  ],
  [
    "has a policy of a sender that lets out to Jaeger and to DNS over UDP, which is enough for most answers",
    (mesh) =>
      mesh.add(
        object("NetworkPolicy shop/out", {
          podSelector: {},
          policyTypes: ["Egress"],
          egress: [
            { to: inNamespaces("observability"), ports: tcp(4317) },
            { ports: [{ port: 53, protocol: "UDP" }] },
          ],
        }),
      ),
    "warning mesh-baseline-egress NetworkPolicy shop/out: to DNS on TCP 53",
  ],
  [
    "has a policy of Jaeger that knows one sender",
    (mesh) =>
      mesh.add(
        object("NetworkPolicy observability/in", {
          podSelector: {},
          policyTypes: ["Ingress"],
          ingress: [{ from: inNamespaces("shop"), ports: tcp(4317) }],
        }),
      ),
    "error trace-path-open NetworkPolicy observability/in: from Deployment pay/api on TCP 4317",
  ],
  [
    "has an endpoint on the port for Zipkin",
    (mesh) => env(mesh, to(9411)),
    `error otlp-endpoint ${web}: port 9411 takes Zipkin, not OTLP`,
  ],
]);
