import { describe, expect, it } from "vitest";
import { app, container, instrumented, source } from "../../../docs/generate/sample/instrumented";
import { collectorConfig, withCollector } from "../../../docs/generate/sample/collector";
import { collectorHost, Mesh } from "../../../docs/generate/sample/mesh";
import {
  byInstrumentation,
  environment,
  inContainer,
  own,
  told,
  type Variables,
} from "../../fixtures/application";
import { asker, exampleFault, type Fault, testRule } from "../../fixtures/rule";

const agent = "DaemonSet observability/otel-collector";
/** A collector on every node, and an application that sends to the address of its node. */
const toNode = (mesh: Mesh) =>
  withCollector(mesh)
    .set("Deployment observability/otel-collector", "kind", "DaemonSet")
    .set(app, `${container} env`, [
      { name: "HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
      { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://$(HOST_IP):4317" },
    ]);
/** An application that sends to a namespace that is there, and empty. */
const inTracing = (mesh: Mesh) =>
  mesh
    .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "http://jaeger-collector-clusterip.tracing:4317")
    .add({ apiVersion: "v1", kind: "Namespace", metadata: { name: "tracing" } });
/** An application with Services beside it, of which none is the collector's. */
const byShortName = (mesh: Mesh) =>
  mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "http://jaeger-collector-clusterip:4317");
const executable = { "otel-go-auto-target-exe": "/app/auth" };
const endpoint = (port: number) => `http://${collectorHost}:${port}`;
const grpc = [
  { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: `http://${collectorHost}:4317` },
  { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
];
const collector = "Service istio-system/jaeger-collector-clusterip";

testRule("otlp-endpoint", {
  faults: [
    {
      ...exampleFault("otlp-endpoint"),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318 with protocol grpc: port 4318 takes OTLP over HTTP; use port 4317 with grpc",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317`,
    },
    {
      name: "HTTP goes to the port for gRPC",
      breaks: (mesh) => mesh.set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317 with protocol http/protobuf: port 4317 takes OTLP over gRPC; use port 4318 with http/protobuf",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318`,
    },
    {
      name: "the OTLP protocol does not exist",
      breaks: (mesh) => mesh.set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http"),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_PROTOCOL=http; allowed are grpc, http/protobuf and http/json",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_PROTOCOL: grpc`,
    },
    {
      name: "the OTLP endpoint has no scheme",
      breaks: (mesh) => mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `${collectorHost}:4317`),
      level: "warning",
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=jaeger-collector-clusterip.istio-system.svc.cluster.local:4317 without a scheme, which SDKs refuse; write http://, unless the program reads it itself",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317`,
    },
    {
      name: "the OTLP endpoint has two schemes, and a password, which nobody repeats",
      breaks: (mesh) =>
        mesh.set(
          environment,
          "data OTEL_EXPORTER_OTLP_ENDPOINT",
          `http://http://user:hunter2@${collectorHost}:4317`,
        ),
      level: "warning",
      object: environment,
      message: `ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=http://http://…@${collectorHost}:4317, which SDKs refuse; write http:// once`,
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://…@${collectorHost}:4317`,
    },
    {
      name: "the OTLP endpoint names a Service that does not exist",
      breaks: (mesh) =>
        mesh.set(
          environment,
          "data OTEL_EXPORTER_OTLP_ENDPOINT",
          "http://jaeger-colector.istio-system.svc.cluster.local:4317",
        ),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-colector.istio-system.svc.cluster.local:4317, and there is no Service istio-system/jaeger-colector; use the collector's",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317`,
    },
    {
      name: "the OTLP endpoint names a port the Service does not have",
      breaks: (mesh) =>
        mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `http://${collectorHost}:4371`),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4371, and Service istio-system/jaeger-collector-clusterip has no port 4371; it has 9411, 4317 and 4318",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317`,
    },
    {
      name: "the OTLP endpoint has the path SDKs append",
      breaks: (mesh) =>
        mesh
          .set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
          .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `http://${collectorHost}:4318/v1/traces`),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318/v1/traces, and SDKs append /v1/traces once more; leave it out",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318`,
    },
    {
      name: "the OTLP endpoint speaks TLS to a collector without it",
      breaks: (mesh) =>
        mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `https://${collectorHost}:4317`),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=https://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317, but the collector there takes OTLP without TLS; use http://",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317`,
    },
    ...["python", "java", "dotnet", "go"].map((language): Fault => ({
      name: `an injected SDK for ${language} speaks HTTP to the port for gRPC`,
      breaks: (mesh) =>
        instrumented(mesh, { [`inject-${language}`]: "sdk", ...executable }).set(
          source,
          "spec exporter endpoint",
          endpoint(4317),
        ),
      object: source,
      message:
        `Instrumentation auth/sdk (read by container ${language === "go" ? "opentelemetry-auto-instrumentation" : "app"} of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=http://${collectorHost}:4317 with protocol ` +
        "http/protobuf: port 4317 takes OTLP over gRPC; use port 4318 with http/protobuf",
      fix: `# in spec of the Instrumentation
exporter:
  endpoint: http://${collectorHost}:4318`,
    })),
    {
      name: "an injected SDK is told of no endpoint",
      breaks: (mesh) => instrumented(mesh).unset(source, "spec exporter"),
      object: source,
      level: "warning",
      message:
        "Instrumentation auth/sdk (read by container app of Deployment auth/auth-api) has no exporter.endpoint, so spans go to localhost; set the collector's address",
      fix: `# in spec of the Instrumentation
exporter:
  endpoint: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318`,
    },
    {
      name: "the SDK that is injected for Python is to speak gRPC",
      breaks: (mesh) =>
        instrumented(mesh)
          .set(source, "spec exporter endpoint", endpoint(4317))
          .set(source, "spec env", [{ name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" }]),
      object: source,
      message:
        "Instrumentation auth/sdk (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_PROTOCOL=grpc, which the Python SDK that the operator injects does not include; use http/protobuf",
      fix: `# in spec of the Instrumentation
env:
  - name: OTEL_EXPORTER_OTLP_PROTOCOL
    value: http/protobuf`,
    },
    {
      name: "half of what an injected SDK is told comes from the ConfigMap: its protocol",
      breaks: (mesh) =>
        instrumented(mesh, { "inject-java": "sdk" }).set(app, `${container} envFrom`, [
          { configMapRef: { name: "otel-environment" } },
        ]),
      object: source,
      message:
        "Instrumentation auth/sdk (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318 with protocol grpc: port 4318 takes OTLP over HTTP; use port 4317 with grpc",
      fix: `# in spec of the Instrumentation
exporter:
  endpoint: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317`,
    },
    {
      name: "half of what an injected SDK is told is the container's own: its endpoint",
      breaks: (mesh) =>
        instrumented(mesh).set(app, `${container} env`, [
          { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: endpoint(4317) },
        ]),
      object: app,
      message:
        "Deployment auth/auth-api container app has OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317 with protocol http/protobuf: port 4317 takes OTLP over gRPC; use port 4318 with http/protobuf",
      fix: `# in env of the container
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318`,
    },
    {
      name: "the node's address, where the agent of every node does not listen",
      breaks: (mesh) => toNode(mesh),
      object: app,
      level: "warning",
      message:
        "Deployment auth/auth-api container app has OTEL_EXPORTER_OTLP_ENDPOINT=http://$(HOST_IP):4317, an address of its node, " +
        "where DaemonSet observability/otel-collector does not listen: it has neither hostPort 4317 nor hostNetwork. Unless " +
        "something else does, its spans are lost",
      fix: `# in ports of container otel-collector of DaemonSet observability/otel-collector
- containerPort: 4317
  hostPort: 4317`,
    },
    {
      name: "the OTLP endpoint is in a namespace with nothing in it",
      breaks: (mesh) => inTracing(mesh),
      object: environment,
      level: "warning",
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=" +
        "http://jaeger-collector-clusterip.tracing:4317, and the input has no Service tracing/jaeger-collector-clusterip, while " +
        "Service istio-system/jaeger-collector-clusterip is there: if that is meant, its spans are lost",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317`,
      besides: ["trace-path-open"],
    },
    {
      name: "the OTLP endpoint is a short name, which is one of the sender's own namespace",
      breaks: (mesh) => byShortName(mesh),
      object: environment,
      level: "warning",
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=" +
        "http://jaeger-collector-clusterip:4317, and the input has no Service auth/jaeger-collector-clusterip, while " +
        "Service istio-system/jaeger-collector-clusterip is there: if that is meant, its spans are lost",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317`,
      besides: ["trace-path-open"],
    },
  ],
  harmless: [
    {
      name: "a short name of a Service that a chart of the sender's own namespace may make",
      varies: (mesh) =>
        byShortName(mesh).add({
          apiVersion: "helm.toolkit.fluxcd.io/v2",
          kind: "HelmRelease",
          metadata: { name: "jaeger", namespace: "auth" },
          spec: { chart: { spec: { chart: "observability", version: "1.0.0" } } },
        }),
      besides: ["trace-path-open"],
    },
    {
      name: "the fix: the agent of every node listens on its node",
      varies: (mesh) =>
        toNode(mesh).set(agent, `${container} ports`, [{ containerPort: 4317, hostPort: 4317 }]),
    },
    {
      name: "the agent of every node is on its network",
      varies: (mesh) => toNode(mesh).set(agent, "spec template spec hostNetwork", true),
      // How policies treat what the agent itself passes on is a doubt of its own.
      besides: ["trace-path-open"],
    },
    {
      name: "another agent of every node listens on its node",
      varies: (mesh) =>
        toNode(mesh)
          .copy(agent, "node-agent")
          .set("DaemonSet observability/node-agent", `${container} ports`, [
            { containerPort: 4317, hostPort: 4317 },
          ]),
    },
    {
      name: "the OTLP endpoint is in a namespace with nothing in it, and several Services may be meant",
      varies: (mesh) => inTracing(mesh).copy(collector, "jaeger-collector-clusterip", "monitoring"),
      besides: ["trace-path-open"],
    },
    {
      name: "a port that is usually Jaeger's own, at which the collector takes OTLP",
      varies: (mesh) =>
        withCollector(mesh, {
          ...collectorConfig,
          receivers: {
            ...collectorConfig.receivers,
            otlp: { protocols: { grpc: { endpoint: "0.0.0.0:14250" } } },
          },
        })
          .set("Service observability/otel-collector", "spec ports 0", { name: "grpc-otlp", port: 14250 })
          .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel-collector.observability:14250")
          .set("NetworkPolicy auth/allow-jaeger-egress", "spec egress 1", { ports: [{ port: 14250 }] }),
    },
    {
      name: "the OTLP endpoint is in a namespace with nothing in it, and a Service of its name lacks the port",
      varies: (mesh) =>
        inTracing(mesh).set(
          environment,
          "data OTEL_EXPORTER_OTLP_ENDPOINT",
          "http://jaeger-collector-clusterip.tracing:14317",
        ),
      besides: ["trace-path-open"],
    },
    {
      name: "the node's address, and no agent of which anything is known",
      varies: (mesh) => toNode(mesh).remove(agent),
    },
    {
      name: "the OTLP endpoint is in a namespace of which nothing is in the input",
      varies: (mesh) => inTracing(mesh).remove("Namespace tracing"),
      besides: ["trace-path-open"],
    },
    {
      name: "the OTLP endpoint is in a namespace with other things in it, and its Service may be made by a chart",
      varies: (mesh) =>
        inTracing(mesh).copy(app, "grafana").set("Deployment auth/grafana", "metadata namespace", "tracing"),
      besides: ["trace-path-open"],
    },
    {
      name: "an injected SDK for Node.js speaks gRPC, as the operator builds it",
      varies: (mesh) =>
        instrumented(mesh, { "inject-nodejs": "sdk" }).set(source, "spec exporter endpoint", endpoint(4317)),
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
          .set(
            environment,
            "data OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            `http://${collectorHost}:4318/v1/traces`,
          )
          .set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
    },
    {
      name: "an application without an SDK",
      varies: (mesh) => mesh.unset(app, `${container} envFrom`),
    },
    {
      name: "gRPC for a language that has it, endpoint and protocol together",
      varies: (mesh) => instrumented(mesh, { "inject-java": "sdk" }).set(source, "spec java", { env: grpc }),
    },
    {
      name: "an injected SDK that exports no traces needs no endpoint",
      varies: (mesh) =>
        instrumented(mesh)
          .unset(source, "spec exporter")
          .set(source, "spec env", [{ name: "OTEL_TRACES_EXPORTER", value: "none" }]),
      besides: ["sdk-settings"],
    },
  ],
});

describe("otlp-endpoint", () => {
  const ask = asker("otlp-endpoint");

  it("proposes the Service's own port where that leads to the pods' one", () => {
    const told = (given: string, protocol: string) =>
      ask(
        own({
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collectorHost}:${given}`,
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        })
          .set(collector, "spec ports 1 port", 4400)
          .removeWhere(({ kind, metadata }) => kind === "Deployment" && metadata.namespace !== "auth"),
      ).map((line) => line.split("\n").at(-1));
    expect(told("4317", "grpc")).toEqual([`  value: http://${collectorHost}:4400`]);
    expect(told("4318", "grpc")).toEqual([`  value: http://${collectorHost}:4400`]);
    expect(told("4317", "http/protobuf")).toEqual([`  value: http://${collectorHost}:4318`]);
  });

  it("judges host and port of what a program reads by itself, and leaves the rest to it", () => {
    const name = "MANAGEMENT_OTLP_TRACING_ENDPOINT";
    const says = (value: string) => ask(own({ [name]: value, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }));
    expect(says(`http://${collectorHost}:4318/v1/traces`)).toEqual([]);
    expect(says(`${collectorHost}:4317`)).toEqual([]);
    expect(says("http://jaeger.istio-system:4317")).toEqual([
      `error: ${app} container app has ${name}=http://jaeger.istio-system:4317, and there is no Service istio-system/jaeger; use the collector's\n` +
        `${inContainer}${name}\n  value: http://${collectorHost}:4317`,
    ]);
  });

  const all = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  const host = collectorHost;
  const has = (says: string, name: string, value: string) => [
    `error: ${app} container app has ${says}\n${inContainer}${name}\n  value: ${value}`,
  ];
  const protocol = (name: string) => ({ OTEL_EXPORTER_OTLP_PROTOCOL: name });

  it.each<Variables>([
    { [all]: `http://${host}:4317`, ...protocol("grpc") },
    { [all]: `http://${host}:4318/`, ...protocol("http/protobuf") },
    { [all]: `http://${host}:4318`, ...protocol("http/json") },
    { [traces]: `http://${host}:4318/v1/traces`, ...protocol("http/json") },
    { [traces]: `http://${host}:4317`, ...protocol("grpc") },
    { [all]: "https://otlp.example.com" },
    { [all]: "https://otlp.example.com:443", ...protocol("http/protobuf") },
    { [all]: `http://${host}` },
    { [all]: "https://collector.elsewhere:4317", ...protocol("grpc") },
  ])("%j is right", (variables) => {
    expect(ask(own(variables))).toEqual([]);
  });

  it.each<[Variables, string[]]>([
    [
      { [all]: `http://${host}:4317`, ...protocol("protobuf") },
      has(
        "OTEL_EXPORTER_OTLP_PROTOCOL=protobuf; allowed are grpc, http/protobuf and http/json",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "grpc",
      ),
    ],
    [
      { [all]: `${host}:4317` },
      has(
        `${all}=${host}:4317 without a scheme, which SDKs refuse; write http://, unless the program reads it itself`,
        all,
        `http://${host}:4317`,
      ).map((text) => text.replace(/^error/, "warning")),
    ],
    [
      { [traces]: "http://jaeger.istio-system:4317" },
      has(
        `${traces}=http://jaeger.istio-system:4317, and there is no Service istio-system/jaeger; use the collector's`,
        traces,
        `http://${host}:4317`,
      ),
    ],
    [
      { [all]: `http://${host}:14317`, ...protocol("grpc") },
      has(
        `${all}=http://${host}:14317, and Service istio-system/jaeger-collector-clusterip has no port 14317; it has 9411, 4317 and 4318`,
        all,
        `http://${host}:4317`,
      ),
    ],
    [
      { [all]: `http://${host}:14317`, ...protocol("http/protobuf") },
      has(
        `${all}=http://${host}:14317, and Service istio-system/jaeger-collector-clusterip has no port 14317; it has 9411, 4317 and 4318`,
        all,
        `http://${host}:4318`,
      ),
    ],
    [
      { [all]: `http://${host}:4318`, ...protocol("grpc") },
      has(
        `${all}=http://${host}:4318 with protocol grpc: port 4318 takes OTLP over HTTP; use port 4317 with grpc`,
        all,
        `http://${host}:4317`,
      ),
    ],
    [
      { [all]: `http://${host}:4317`, ...protocol("http/json") },
      has(
        `${all}=http://${host}:4317 with protocol http/json: port 4317 takes OTLP over gRPC; use port 4318 with http/json`,
        all,
        `http://${host}:4318`,
      ),
    ],
    [
      { [all]: `http://${host}:4318/v1/traces/` },
      has(
        `${all}=http://${host}:4318/v1/traces/, and SDKs append /v1/traces once more; leave it out`,
        all,
        `http://${host}:4318`,
      ),
    ],
    [
      { [traces]: `http://${host}:4318/`, ...protocol("http/json") },
      has(
        `${traces}=http://${host}:4318/, and SDKs append nothing to it; use the path /v1/traces`,
        traces,
        `http://${host}:4318/v1/traces`,
      ),
    ],
    [
      { [traces]: `http://${host}:4318` },
      has(
        `${traces}=http://${host}:4318, and SDKs append nothing to it; use the path /v1/traces`,
        traces,
        `http://${host}:4318/v1/traces`,
      ),
    ],
    [
      { [all]: `HTTPS://${host}:4317` },
      has(
        `${all}=HTTPS://${host}:4317, but the collector there takes OTLP without TLS; use http://`,
        all,
        `http://${host}:4317`,
      ),
    ],
  ])("%j is wrong", (variables, expected) => {
    expect(ask(own(variables))).toEqual(expected);
  });

  it("looks at the port of the pods, behind the Service's", () => {
    const behind = (port: object) =>
      ask(
        own({ [all]: `http://${host}:80`, ...protocol("grpc") }).set(collector, "spec ports", [port]),
      ).filter((line) => line.includes(app));
    expect(behind({ port: 80, targetPort: 4317 })).toEqual([]);
    expect(behind({ port: 80, targetPort: 4318 })).toEqual(
      has(
        `${all}=http://${host}:80 with protocol grpc: port 4318 takes OTLP over HTTP; use port 4317 with grpc`,
        all,
        `http://${host}:4317`,
      ),
    );
  });

  it.each(["clusterIP", "type"])("finds any port where a Service is only a name, by its %s", (key) => {
    const name = { clusterIP: "None", type: "ExternalName" }[key];
    const service = "Service istio-system/jaeger-query-clusterip";
    const mesh = new Mesh().set(service, `spec ${key}`, name);
    const endpoint = "http://jaeger-query-clusterip.istio-system:4317";
    mesh.set("ConfigMap auth/otel-environment", `data ${all}`, endpoint);
    expect(ask(mesh)).toEqual([]);
  });

  it("offers a port that the Service has, or what is usual", () => {
    const ports = (...numbers: number[]) =>
      ask(
        own({ [all]: `http://${host}:1` }).set(
          collector,
          "spec ports",
          numbers.map((port) => ({ port })),
        ),
      )[0];
    expect(ports(8080, 8081)).toContain(`value: http://${host}:8080`);
    expect(ports()).toContain(`value: http://${host}:4317`);
    const written = { [all]: "http://gone.istio-system:4317", ...protocol("grpc") };
    const without = own(written).remove(collector);
    // What is not in the input may be there all the same, and a fix is never what is written already.
    expect(ask(without)).toEqual([]);
    expect(ask(without, { isComplete: true })[0]).toMatch(/there is no Service istio-system\/gone$/);
  });

  it("may be an Instrumentation's", () => {
    expect(ask(told({ exporter: { endpoint: `${host}:4317` } }))).toEqual([
      `warning: ${byInstrumentation} has ${all}=${host}:4317 without a scheme, which SDKs refuse; write http://\n# in spec of the Instrumentation\nexporter:\n  endpoint: http://${host}:4317`,
    ]);
  });

  it.each<[number, string]>([
    [9411, "Zipkin"],
    [14268, "Jaeger's Thrift over HTTP"],
    [14250, "spans of Jaeger's agents"],
    [16686, "questions to Jaeger's UI and API"],
    [16685, "questions to Jaeger's gRPC API"],
  ])("knows that port %i is for other things", (port, takes) => {
    expect(ask(own({ [all]: `http://${host}:${port}`, ...protocol("grpc") }))).toEqual(
      has(
        `${all}=http://${host}:${port}, and port ${port} takes ${takes}, not OTLP: its spans are lost`,
        all,
        `http://${host}:4317`,
      ),
    );
  });

  it("offers the port of the Service that leads to OTLP", () => {
    const mesh = own({ [all]: `http://${host}:9411`, ...protocol("http/protobuf") }).set(
      collector,
      "spec ports",
      [{ port: 9411 }, { port: 80, targetPort: 4318 }],
    );
    expect(ask(mesh)[0]).toContain(`value: http://${host}:80`);
    const behind = own({ [all]: `http://${host}:9411`, ...protocol("grpc") }).set(collector, "spec ports", [
      { port: 9411, targetPort: 4317 },
    ]);
    expect(ask(behind).filter((line) => line.includes(app))).toEqual([]);
  });

  it.each<[Variables, string, string]>([
    [{ [all]: `http://${host}:4317` }, "port 4317 takes gRPC", "grpc"],
    [{ [all]: `http://${host}:4317`, ...protocol("") }, "port 4317 takes gRPC", "grpc"],
    [{ [all]: `http://${host}:4318` }, "port 4318 takes HTTP", "http/protobuf"],
  ])("leaves nothing to an SDK that nobody knows: %j", (variables, takes, wanted) => {
    const endpoint = variables[all] ?? "";
    expect(ask(own(variables))).toEqual([
      `warning: ${app} container app has ${all}=${endpoint} and no OTEL_EXPORTER_OTLP_PROTOCOL: ${takes}, and which of gRPC and HTTP an SDK speaks then depends on its language\n${inContainer}OTEL_EXPORTER_OTLP_PROTOCOL\n  value: ${wanted}`,
    ]);
  });

  describe("knows what agents speak by themselves", () => {
    const command = (...words: string[]) =>
      own({ [all]: `http://${host}:4317` }).set(app, `${container} command`, words);
    const withVariable = (name: string, value: string, port = 4317) =>
      own({ [all]: `http://${host}:${port}`, [name]: value });
    const wrong = (protocolOf: string, port: number) => [
      `error: ${app} container app has ${all}=http://${host}:${port} with protocol ${protocolOf}, which its SDK uses by itself: port ${port} takes OTLP over ${port === 4317 ? "gRPC" : "HTTP"}; use port ${port === 4317 ? 4318 : 4317} with ${protocolOf}\n${inContainer}${all}\n  value: http://${host}:${port === 4317 ? 4318 : 4317}`,
    ];

    it.each<[string, ReturnType<typeof own>, string[]]>([
      ["Python's", command("opentelemetry-instrument", "python", "app.py"), []],
      [
        "Python's, to the port for HTTP",
        command("opentelemetry-instrument", "python", "app.py").set(
          app,
          `${container} env 0 value`,
          `http://${host}:4318`,
        ),
        wrong("grpc", 4318),
      ],
      [
        "Node's",
        withVariable("NODE_OPTIONS", "--require @opentelemetry/auto-instrumentations-node/register"),
        wrong("http/protobuf", 4317),
      ],
      [
        "Node's, in the command",
        command(
          "node",
          "--require",
          "@opentelemetry/auto-instrumentations-node/build/src/register",
          "app.js",
        ),
        wrong("http/protobuf", 4317),
      ],
      ["that of .NET", withVariable("OTEL_DOTNET_AUTO_HOME", "/otel"), wrong("http/protobuf", 4317)],
      ["that of PHP", withVariable("OTEL_PHP_AUTOLOAD_ENABLED", "true"), wrong("http/protobuf", 4317)],
      [
        "version 2 for Java",
        withVariable("JAVA_TOOL_OPTIONS", "-javaagent:/otel/opentelemetry-javaagent-2.10.0.jar"),
        wrong("http/protobuf", 4317),
      ],
      [
        "version 1 for Java",
        withVariable("JAVA_TOOL_OPTIONS", "-javaagent:/otel/opentelemetry-javaagent-1.33.0.jar"),
        [],
      ],
      [
        "Node's to the right port",
        withVariable("NODE_OPTIONS", "-r @opentelemetry/auto-instrumentations-node/register", 4318),
        [],
      ],
    ])("%s", (_name, mesh, expected) => {
      expect(ask(mesh)).toEqual(expected);
    });

    it("and asks for a protocol where the version of Java's is not to be seen", () => {
      expect(ask(withVariable("JAVA_OPTS", "-Xmx1g -javaagent:/otel/opentelemetry-javaagent.jar"))).toEqual([
        expect.stringMatching(
          /^warning: .*: port 4317 takes gRPC, and the agent for Java speaks gRPC in its version 1 and HTTP in its version 2\n/,
        ),
      ]);
    });
  });

  it("names references that the kubelet leaves as they are", () => {
    const endpoint = { name: all, value: "http://$(COLLECTOR):4317" };
    const given = { name: "COLLECTOR", value: host };
    const grpc = { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" };
    const inOrder = (...env: object[]) => ask(own({}).set(app, `${container} env`, [grpc, ...env]));
    const says = (why: string) =>
      `${app} container app has ${all}=http://$(COLLECTOR):4317, and the kubelet puts nothing in place of $(COLLECTOR), because ${why}`;
    expect(inOrder(given, endpoint)).toEqual([]);
    expect(inOrder(endpoint, given)).toEqual([
      `error: ${says("COLLECTOR is set only after it")}\n# in env of the container, in this order\n- name: COLLECTOR\n  …\n- name: ${all}\n  value: http://$(COLLECTOR):4317`,
    ]);
    // kustomize may put something in before the kubelet sees it.
    expect(inOrder(endpoint)).toEqual([`warning: ${says("its container has no variable COLLECTOR")}`]);
    const inMap = new Mesh()
      .set("ConfigMap auth/otel-environment", `data ${all}`, endpoint.value)
      .set(app, `${container} env`, [given]);
    expect(ask(inMap)).toEqual([
      `error: ConfigMap auth/otel-environment (read by container app of ${app}) has ${all}=http://$(COLLECTOR):4317, and the kubelet puts nothing in place of $(COLLECTOR), because this is done only for what is written in value\n${inContainer}${all}\n  value: http://$(COLLECTOR):4317`,
    ]);
  });

  it("reads flags of agents and programs, and says where they are", () => {
    const java = own({
      [all]: `http://${host}:4317`,
      JAVA_TOOL_OPTIONS: `-javaagent:/otel.jar -Dotel.exporter.otlp.endpoint=http://${host}:16686`,
      ...protocol("grpc"),
    });
    const says = ", and port 16686 takes questions to Jaeger's UI and API, not OTLP: its spans are lost";
    expect(ask(java)).toEqual([
      `error: ${app} container app has -Dotel.exporter.otlp.endpoint=http://${host}:16686${says}\n# in JAVA_TOOL_OPTIONS\n-Dotel.exporter.otlp.endpoint=http://${host}:4317`,
    ]);
    const flags: [string, string[]][] = [
      ["--otel-exporter-otlp-endpoint", ["server", `--otel-exporter-otlp-endpoint=http://${host}:16686`]],
      ["--otel.exporter.otlp.endpoint", ["server", "--otel.exporter.otlp.endpoint", `http://${host}:16686`]],
      [
        "--exporter_otlp_endpoint",
        ["opentelemetry-instrument", "--exporter_otlp_endpoint", `http://${host}:16686`, "python", "a.py"],
      ],
    ];
    for (const [flag, args] of flags) {
      expect(ask(own({ ...protocol("grpc") }).set(app, `${container} args`, args))).toEqual([
        `error: ${app} container app has ${flag}=http://${host}:16686${says}\n# in the container's command\n${flag}=http://${host}:4317`,
      ]);
    }
    const mapped = own({}).set(app, `${container} env`, [
      { name: "HOST", value: host },
      { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
    ]);
    mapped.set(app, `${container} args`, [
      "--otel-exporter-otlp-endpoint=http://$(HOST):16686",
      "--otel-of-its-own=1",
    ]);
    expect(ask(mapped)).toHaveLength(1);
  });

  describe("understands agents beside the application and on its node", () => {
    const local = (value: string) => own({ [all]: value, ...protocol("grpc") });
    const lost = (value: string, where: string) =>
      has(
        `${all}=${value}, and ${where} is its own pod, which has no container that takes spans: they are lost`,
        all,
        `http://${host}:4317`,
      );

    it("on localhost something must listen", () => {
      expect(ask(local("http://localhost:4317"))).toEqual(lost("http://localhost:4317", "localhost"));
      expect(ask(local("http://127.0.0.1:4317"))).toEqual(lost("http://127.0.0.1:4317", "127.0.0.1"));
      const beside = { name: "agent", image: "otel/opentelemetry-collector:0.140.0" };
      expect(ask(local("http://localhost:4317").set(app, "spec template spec containers 1", beside))).toEqual(
        [],
      );
      expect(ask(local("http://localhost:4317").set(app, "spec template spec hostNetwork", true))).toEqual(
        [],
      );
    });

    it("with no line to paste where the mesh has no collector", () => {
      const objects = local("http://localhost:4317").objects.filter(({ kind }) => kind !== "Telemetry");
      expect(ask(objects)).toEqual(
        lost("http://localhost:4317", "localhost").map((text) => text.split("\n")[0]),
      );
    });

    it("which may be a collector that the operator adds", () => {
      const annotation = { "sidecar.opentelemetry.io/inject": "true" };
      const mesh = () => local("http://localhost:4317");
      expect(ask(mesh().set(app, "spec template metadata annotations", annotation))).toEqual([]);
      expect(ask(mesh().set("Namespace auth", "metadata annotations", annotation))).toEqual([]);
      const without = mesh().remove("Namespace auth");
      expect(ask(without)).toEqual(
        lost("http://localhost:4317", "localhost").map((text) => text.replace("error", "warning")),
      );
    });

    it("on the node, whatever its address", () => {
      const onNode = (endpoint: string) =>
        own({}).set(app, `${container} env`, [
          { name: "HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
          { name: all, value: endpoint },
          { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
        ]);
      expect(ask(onNode("http://$(HOST_IP):4317"))).toEqual([]);
      expect(ask(onNode("http://$(HOST_IP):4318"))).toEqual(
        has(
          `${all}=http://$(HOST_IP):4318 with protocol grpc: port 4318 takes OTLP over HTTP; use port 4317 with grpc`,
          all,
          "http://$(HOST_IP):4317",
        ),
      );
    });

    it("on the node, where its agent is known to take OTLP on that port and not to listen", () => {
      const says = (mesh: Mesh) => ask(mesh).filter((line) => line.includes("an address of its node")).length;
      const onNode = (endpoint: string, ...env: object[]) =>
        toNode(new Mesh()).set(app, `${container} env`, [...env, { name: all, value: endpoint }]);
      const host = { name: "HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } };
      const pod = { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } };
      expect(says(onNode("http://$(HOST_IP):4317", host))).toBe(1);
      expect(says(onNode("http://$(POD_IP):4317", host, pod))).toBe(0);
      expect(says(onNode("http://$(HOST_IP).nip.io:4317", host))).toBe(0);
      expect(says(onNode("http://node-$(HOST_IP):4317", host))).toBe(0);
      expect(says(onNode("http://$(HOST_IP):9411", host))).toBe(0);
      expect(says(onNode("http://$(HOST_IP):14317", host))).toBe(0);
      const otherPort = [{ containerPort: 8888, hostPort: 8888 }];
      expect(says(onNode("http://$(HOST_IP):4317", host).set(agent, `${container} ports`, otherPort))).toBe(
        1,
      );
    });

    it("and that an exporter without an endpoint sends to its own pod", () => {
      const exporter = { OTEL_TRACES_EXPORTER: "otlp" };
      const says =
        `error: ${app} container app has OTEL_TRACES_EXPORTER=otlp and no ${all}, so its spans go to localhost, its own pod, ` +
        "which has no container that takes them";
      expect(ask(own(exporter))).toEqual([`${says}\n${inContainer}${all}\n  value: http://${host}:4317`]);
      expect(ask(own({ ...exporter, ...protocol("http/protobuf") }))).toEqual([
        `${says}\n${inContainer}${all}\n  value: http://${host}:4318`,
      ]);
      // What a program reads by a name of its own is not guessed at, nor what a file says, nor what is misspelt.
      for (const more of <Variables[]>[
        { QUARKUS_OTEL_EXPORTER_OTLP_ENDPOINT: "http://a:4317" },
        { OTEL_CONFIG_FILE: "/etc/otel.yaml" },
        { OTEL_EXPORTER_OTLP_ENPOINT: "http://a:4317" },
        { OTEL_SDK_DISABLED: "true" },
      ]) {
        expect(ask(own({ ...exporter, ...more }))).toEqual([]);
      }
      expect(ask(own({ OTEL_SERVICE_NAME: "auth" }))).toEqual([]);
      const secret = { secretKeyRef: { name: "otel", key: "exporter" } };
      expect(
        ask(own({}).set(app, `${container} env`, [{ name: "OTEL_TRACES_EXPORTER", valueFrom: secret }])),
      ).toEqual([]);
      const elsewhere = { name: all, valueFrom: secret };
      const withSecret = own({}).set(app, `${container} env`, [
        { name: "OTEL_TRACES_EXPORTER", value: "otlp" },
        elsewhere,
      ]);
      expect(ask(withSecret)).toEqual([]);
      expect(ask(own({ OTEL_TRACES_EXPORTER: "" }))).toEqual([]);
      // Something beside it listens, or may.
      const agent = { name: "agent", image: "registry.example/agent:1" };
      expect(ask(own(exporter).set(app, "spec template spec containers 1", agent))).toEqual([]);
      expect(ask(own(exporter).remove("Namespace auth"))).toEqual([
        `${says.replace("error", "warning")}\n${inContainer}${all}\n  value: http://${host}:4317`,
      ]);
      // The address is that of the mesh's collector, where it takes OTLP.
      const alone = (mesh: Mesh) => ask(mesh).filter((line) => line.startsWith(`error: ${app}`));
      expect(alone(own(exporter).set(collector, "spec ports 1 port", 4400))).toEqual([
        `${says}\n${inContainer}${all}\n  value: http://${host}:4400`,
      ]);
      expect(alone(own(exporter).unset(collector, "spec ports 1"))).toEqual([says]);
      expect(ask(own(exporter).unset(collector, "spec ports 1 targetPort"))).toEqual([
        `${says}\n${inContainer}${all}\n  value: http://${host}:4317`,
      ]);
      expect(ask(own(exporter).objects.filter(({ kind }) => kind !== "Telemetry"))).toEqual([says]);
      for (const language of ["python", "nodejs", "sdk"]) {
        const untold = instrumented(new Mesh(), { [`inject-${language}`]: "sdk" }).unset(
          source,
          "spec exporter",
        );
        const port = { python: 4318, nodejs: 4317, sdk: undefined }[language];
        expect(ask(untold.objects.filter(({ kind }) => kind !== "Telemetry"))).toEqual(
          port === undefined
            ? []
            : [
                `warning: ${source} (read by container app of ${app}) has no exporter.endpoint, so spans go to localhost; ` +
                  `set the collector's address\n# in spec of the Instrumentation\nexporter:\n  endpoint: http://collector:${port}`,
              ],
        );
      }
    });
  });

  it("knows schemes and paths that are nearly right", () => {
    expect(ask(own({ [all]: `grpc://${host}:4317`, ...protocol("grpc") }))).toEqual([
      `warning: ${app} container app has ${all}=grpc://${host}:4317, and the agent for Java refuses the scheme grpc; SDKs of other languages take it for TLS, or for http\n${inContainer}${all}\n  value: http://${host}:4317`,
    ]);
    expect(ask(own({ [traces]: `http://${host}:4318/v1/trace`, ...protocol("http/protobuf") }))).toEqual(
      has(
        `${traces}=http://${host}:4318/v1/trace, and collectors take traces on /v1/traces only: its spans are lost`,
        traces,
        `http://${host}:4318/v1/traces`,
      ),
    );
    expect(ask(own({ [all]: `http://${host}:4318/v1/trace`, ...protocol("http/protobuf") }))).toEqual(
      has(
        `${all}=http://${host}:4318/v1/trace, and SDKs append /v1/traces once more; leave it out`,
        all,
        `http://${host}:4318`,
      ),
    );
  });

  it("leaves paths alone that only begin like those of traces", () => {
    for (const path of ["/v1/traces/eu", "/v1/trace/eu"])
      for (const name of [all, traces])
        expect(ask(own({ [name]: `http://${host}:4318${path}`, ...protocol("http/protobuf") }))).toEqual([]);
  });

  it.each([
    ["http://http://", "http://"],
    ["http://https://", "https://"],
    ["https://http://", "http://"],
  ])("keeps the last of several schemes: %s", (schemes, last) => {
    const written = `${schemes}${host}:4317`;
    expect(ask(own({ [all]: written, ...protocol("grpc") }))).toEqual([
      `warning: ${app} container app has ${all}=${written}, which SDKs refuse; write ${last} once\n${inContainer}${all}\n  value: ${last}${host}:4317`,
    ]);
  });

  it("is sure that nobody but an agent reads it where there is one", () => {
    const agent = { JAVA_TOOL_OPTIONS: "-javaagent:/otel/opentelemetry-javaagent.jar" };
    const endpoint = { [all]: `${host}:4317`, ...protocol("grpc") };
    expect(ask(own(endpoint))[0]).toContain("; write http://, unless the program reads it itself\n");
    expect(ask(own({ ...endpoint, ...agent }))[0]).toContain("; write http://\n");
  });

  it("is told of the object that says what is wrong: the protocol's, or the endpoint's", () => {
    const mesh = () =>
      new Mesh().set(app, `${container} env`, [{ name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http" }]);
    expect(ask(mesh())).toEqual([
      `error: ${app} container app has OTEL_EXPORTER_OTLP_PROTOCOL=http; allowed are grpc, http/protobuf and http/json\n` +
        `${inContainer}OTEL_EXPORTER_OTLP_PROTOCOL\n  value: grpc`,
    ]);
  });

  it("does not ask for a protocol where it may be said elsewhere", () => {
    const endpoint = { name: all, value: `http://${host}:4317` };
    const secret = {
      name: "OTEL_EXPORTER_OTLP_PROTOCOL",
      valueFrom: { secretKeyRef: { name: "otel", key: "protocol" } },
    };
    const mesh = (...env: object[]) => own({}).set(app, `${container} env`, env);
    expect(ask(mesh(endpoint))).toHaveLength(1);
    expect(ask(mesh(endpoint, secret))).toEqual([]);
    // Of a patch the rest is not in the input.
    expect(ask(mesh(endpoint).unset(app, "spec selector"))).toEqual([]);
  });

  it("may speak TLS to a collector that is not the mesh's", () => {
    const mesh = withCollector(
      own({ [all]: "https://otel-collector.observability.svc:4317", ...protocol("grpc") }),
    );
    expect(ask(mesh)).toEqual([]);
  });

  it("doubts a Service that is not there where the mesh's collector is not known, unless all is in the input", () => {
    const mesh = own({ [all]: "http://gone.istio-system:4317", ...protocol("grpc") }).remove(
      "Telemetry istio-system/mesh-default",
    );
    const says = `${app} container app has ${all}=http://gone.istio-system:4317, and there is no Service istio-system/gone`;
    expect(ask(mesh)).toEqual([`warning: ${says}`]);
    expect(ask(mesh, { isComplete: true })).toEqual([`error: ${says}`]);
  });

  it("is asked of applications whose mesh traces nothing, too", () => {
    const objects = own({ [all]: `${host}:4317` }).objects.filter(
      ({ metadata }) => metadata.namespace === "auth",
    );
    expect(ask(objects)).toEqual([
      `warning: Deployment auth/auth-api container app has ${all}=${host}:4317 without a scheme, which SDKs refuse; write http://, unless the program reads it itself\n# in env of the container\n- name: ${all}\n  value: http://${host}:4317`,
    ]);
  });
});
