import { describe, expect, it } from "vitest";
import { app, container, instrumented, source } from "../../../docs/generate/sample/instrumented";
import { collectorHost } from "../../../docs/generate/sample/mesh";
import {
  byInstrumentation,
  environment,
  inContainer,
  own,
  told,
  type Variables,
} from "../../fixtures/application";
import { asker, exampleFault, type Fault, testRule } from "../../fixtures/rule";

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
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318 with " +
        "protocol grpc: port 4318 takes OTLP over HTTP; port 4317 is allowed with grpc",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317`,
    },
    {
      name: "HTTP goes to the port for gRPC",
      breaks: (mesh) => mesh.set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317 with " +
        "protocol http/protobuf: port 4317 takes OTLP over gRPC; port 4318 is allowed with http/protobuf",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318`,
    },
    {
      name: "the OTLP protocol does not exist",
      breaks: (mesh) => mesh.set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", "http"),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
        "OTEL_EXPORTER_OTLP_PROTOCOL=http; allowed are grpc, http/protobuf and http/json",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_PROTOCOL: grpc`,
    },
    {
      name: "the OTLP endpoint has no scheme",
      breaks: (mesh) => mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `${collectorHost}:4317`),
      level: "warning",
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
        "OTEL_EXPORTER_OTLP_ENDPOINT=jaeger-collector-clusterip.istio-system.svc.cluster.local:4317 without a " +
        "scheme, which SDKs refuse; write http://",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317`,
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
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-colector.istio-system.svc.cluster.local:4317, and there is no " +
        "Service istio-system/jaeger-colector; the collector's is required",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317`,
    },
    {
      name: "the OTLP endpoint names a port the Service does not have",
      breaks: (mesh) =>
        mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `http://${collectorHost}:4371`),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4371, and " +
        "Service istio-system/jaeger-collector-clusterip has no port 4371; one that it has is required: 9411, " +
        "4317 and 4318",
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
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318/v1/trac" +
        "es, to which SDKs append /v1/traces once more; the address without it is allowed",
      fix: `# in data of the ConfigMap
OTEL_EXPORTER_OTLP_ENDPOINT: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318`,
    },
    {
      name: "the OTLP endpoint speaks TLS to a collector without it",
      breaks: (mesh) =>
        mesh.set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `https://${collectorHost}:4317`),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
        "OTEL_EXPORTER_OTLP_ENDPOINT=https://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317, and " +
        "the collector behind it takes OTLP without TLS; http:// is allowed",
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
        `Instrumentation auth/sdk (read by container ${language === "go" ? "opentelemetry-auto-instrumentation" : "app"} of ` +
        `Deployment auth/auth-api) has OTEL_EXPORTER_OTLP_ENDPOINT=http://${collectorHost}:4317 with protocol ` +
        "http/protobuf: port 4317 takes OTLP over gRPC; port 4318 is allowed with http/protobuf",
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
        "Instrumentation auth/sdk (read by container app of Deployment auth/auth-api) has no exporter.endpoint, " +
        "so that spans go to localhost; the collector's address is required",
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
        "Instrumentation auth/sdk (read by container app of Deployment auth/auth-api) has " +
        "OTEL_EXPORTER_OTLP_PROTOCOL=grpc, which the SDK that the operator injects for python does not have; " +
        "http/protobuf is allowed",
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
        "Instrumentation auth/sdk (read by container app of Deployment auth/auth-api) has " +
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318 with " +
        "protocol grpc: port 4318 takes OTLP over HTTP; port 4317 is allowed with grpc",
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
        "Deployment auth/auth-api container app has " +
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4317 with " +
        "protocol http/protobuf: port 4317 takes OTLP over gRPC; port 4318 is allowed with http/protobuf",
      fix: `# in env of the container
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318`,
    },
  ],
  harmless: [
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
    },
  ],
});

describe("otlp-endpoint", () => {
  const ask = asker("otlp-endpoint");
  const all = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  const host = collectorHost;
  const has = (says: string, name: string, value: string) => [
    `error: ${app} container app has ${says}\n${inContainer}${name}\n  value: ${value}`,
  ];
  const protocol = (name: string) => ({ OTEL_EXPORTER_OTLP_PROTOCOL: name });

  it.each<Variables>([
    { [all]: `http://${host}:4317` },
    { [all]: `http://${host}:4317`, ...protocol("grpc") },
    { [all]: `http://${host}:4317`, ...protocol("") },
    { [all]: `http://${host}:4318` },
    { [all]: `http://${host}:4318/`, ...protocol("http/protobuf") },
    { [all]: `http://${host}:4318`, ...protocol("http/json") },
    { [traces]: `http://${host}:4318/v1/traces`, ...protocol("http/json") },
    { [traces]: `http://${host}:4317`, ...protocol("grpc") },
    { [traces]: `http://${host}:4318/v1/traces` },
    { [all]: "https://otlp.example.com" },
    { [all]: "https://otlp.example.com:443", ...protocol("http/protobuf") },
    { [all]: `http://${host}` },
    { [all]: "https://collector.elsewhere:4317" },
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
        `${all}=${host}:4317 without a scheme, which SDKs refuse; write http://`,
        all,
        `http://${host}:4317`,
      ).map((text) => text.replace(/^error/, "warning")),
    ],
    [
      { [traces]: "http://jaeger.istio-system:4317" },
      has(
        `${traces}=http://jaeger.istio-system:4317, and there is no Service istio-system/jaeger; the collector's is required`,
        traces,
        `http://${host}:4317`,
      ),
    ],
    [
      { [all]: `http://${host}:14317`, ...protocol("grpc") },
      has(
        `${all}=http://${host}:14317, and Service istio-system/jaeger-collector-clusterip has no port 14317; one that it has is ` +
          "required: 9411, 4317 and 4318",
        all,
        `http://${host}:4317`,
      ),
    ],
    [
      { [all]: `http://${host}:14317`, ...protocol("http/protobuf") },
      has(
        `${all}=http://${host}:14317, and Service istio-system/jaeger-collector-clusterip has no port 14317; one that it has is ` +
          "required: 9411, 4317 and 4318",
        all,
        `http://${host}:4318`,
      ),
    ],
    [
      { [all]: `http://${host}:4318`, ...protocol("grpc") },
      has(
        `${all}=http://${host}:4318 with protocol grpc: port 4318 takes OTLP over HTTP; port 4317 is allowed with grpc`,
        all,
        `http://${host}:4317`,
      ),
    ],
    [
      { [all]: `http://${host}:4317`, ...protocol("http/json") },
      has(
        `${all}=http://${host}:4317 with protocol http/json: port 4317 takes OTLP over gRPC; port 4318 is allowed with http/json`,
        all,
        `http://${host}:4318`,
      ),
    ],
    [
      { [all]: `http://${host}:4318/v1/traces/` },
      has(
        `${all}=http://${host}:4318/v1/traces/, to which SDKs append /v1/traces once more; the address without it is allowed`,
        all,
        `http://${host}:4318`,
      ),
    ],
    [
      { [traces]: `http://${host}:4318/`, ...protocol("http/json") },
      has(
        `${traces}=http://${host}:4318/, to which SDKs append nothing; the path /v1/traces is required`,
        traces,
        `http://${host}:4318/v1/traces`,
      ),
    ],
    [
      { [traces]: `http://${host}:4318` },
      has(
        `${traces}=http://${host}:4318, to which SDKs append nothing; the path /v1/traces is required`,
        traces,
        `http://${host}:4318/v1/traces`,
      ),
    ],
    [
      { [all]: `HTTPS://${host}:4317` },
      has(
        `${all}=HTTPS://${host}:4317, and the collector behind it takes OTLP without TLS; http:// is allowed`,
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
        `${all}=http://${host}:80 with protocol grpc: port 4318 takes OTLP over HTTP; port 4317 is allowed with grpc`,
        all,
        `http://${host}:4317`,
      ),
    );
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
    const written = { [all]: "http://gone.istio-system:4317" };
    const without = own(written).remove(collector);
    // What is not in the input may be there all the same, and a fix is never what is written already.
    expect(ask(without)).toEqual([]);
    expect(ask(without, { isComplete: true })[0]).toMatch(/there is no Service istio-system\/gone$/);
  });

  it("may be an Instrumentation's", () => {
    expect(ask(told({ exporter: { endpoint: `${host}:4317` } }))).toEqual([
      `warning: ${byInstrumentation} has ${all}=${host}:4317 without a scheme, which SDKs refuse; write http://\n` +
        `# in spec of the Instrumentation\nexporter:\n  endpoint: http://${host}:4317`,
    ]);
  });

  it("is asked of applications whose mesh traces nothing, too", () => {
    const objects = own({ [all]: `${host}:4317` }).objects.filter(
      ({ metadata }) => metadata.namespace === "auth",
    );
    expect(ask(objects)).toEqual([
      `warning: Deployment auth/auth-api container app has ${all}=${host}:4317 without a scheme, which SDKs refuse; ` +
        `write http://\n# in env of the container\n- name: ${all}\n  value: http://${host}:4317`,
    ]);
  });
});
