/** Faults of SDKs that the operator adds: pods that get none, and what those that get one are told. */
import { collectorHost, namespaces } from "../fixture";
import { app, container, instrumentation, instrumented, source } from "../instrumented";
import { type Fault } from "./fault";

const go = { "inject-go": "sdk", "container-names": "app" };
const executable = { "otel-go-auto-target-exe": "/app/auth" };
const rule = "instrumentation-resolves";
const endpoint = (port: number) => `http://${collectorHost}:${port}`;

export const instrumentations: readonly Fault[] = [
  {
    name: "an annotation names an Instrumentation that does not exist",
    breaks: (mesh) => instrumented(mesh, { "inject-python": "skd" }),
    before: (mesh) => instrumented(mesh, { "inject-python": "sdk" }),
    rule,
    object: app,
  },
  {
    name: "an annotation names an Instrumentation of another namespace that does not exist there",
    breaks: (mesh) => instrumented(mesh, { "inject-python": "platform/sdk" }),
    rule,
    object: app,
  },
  {
    name: "the only Instrumentation of the namespace is meant, and there are two",
    breaks: (mesh) => instrumented(mesh, { "inject-python": "true" }).add(instrumentation("other")),
    rule,
    object: app,
  },
  {
    name: "the only Instrumentation of the namespace is meant, and it is in another one",
    breaks: (mesh) =>
      instrumented(mesh, { "inject-python": "true" }).set(source, "metadata namespace", "chat"),
    rule,
    object: app,
  },
  {
    name: "no Instrumentation is in the input",
    breaks: (mesh) => instrumented(mesh, { "inject-python": "true" }).remove(source),
    rule,
    object: app,
    level: "warning",
  },
  {
    name: "an SDK is asked for in a container that is not there",
    breaks: (mesh) => instrumented(mesh, { "inject-python": "sdk", "container-names": "api" }),
    rule,
    object: app,
  },
  {
    name: "names of containers have a space between them",
    breaks: (mesh) => instrumented(mesh, { "inject-python": "sdk", "container-names": "app, worker" }),
    rule,
    object: app,
  },
  {
    name: "a container is named for all languages and once more for its own",
    breaks: (mesh) =>
      instrumented(mesh, {
        "inject-python": "sdk",
        "container-names": "app",
        "python-container-names": "app",
      }),
    rule,
    object: app,
  },
  {
    name: "two languages, and nobody says which container is for which",
    breaks: (mesh) => instrumented(mesh, { "inject-python": "sdk", "inject-java": "sdk" }),
    rule,
    object: app,
  },
  {
    name: "resource attributes come from a reference, to which the operator adds a value",
    breaks: (mesh) =>
      instrumented(mesh).set(app, `${container} env`, [
        {
          name: "OTEL_RESOURCE_ATTRIBUTES",
          valueFrom: { configMapKeyRef: { name: "otel-environment", key: "OTEL_TRACES_EXPORTER" } },
        },
      ]),
    rule,
    object: app,
  },
  {
    name: "the path of Python comes from a reference, to which the operator can add nothing",
    breaks: (mesh) =>
      instrumented(mesh).set(app, `${container} env`, [
        { name: "PYTHONPATH", valueFrom: { configMapKeyRef: { name: "paths", key: "python" } } },
      ]),
    rule,
    object: app,
  },
  {
    name: "Go without the executable",
    breaks: (mesh) => instrumented(mesh, go),
    rule,
    object: app,
  },
  {
    name: "Go where containers do not see one another's processes",
    breaks: (mesh) =>
      instrumented(mesh, { ...go, ...executable }).set(
        app,
        "spec template spec shareProcessNamespace",
        false,
      ),
    rule,
    object: app,
  },
  {
    name: "Go in a mesh of B3",
    breaks: (mesh) => {
      instrumented(mesh, { ...go, ...executable }).zipkin("traceContextOption", "USE_B3");
      for (const namespace of namespaces) {
        mesh.set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_PROPAGATORS", "tracecontext,b3");
      }
      mesh.set(source, "spec propagators", ["tracecontext", "b3"]);
    },
    rule: "trace-context-joins",
    object: source,
  },
  {
    name: "an injected SDK is told of no propagators, in a mesh of B3",
    breaks: (mesh) => {
      instrumented(mesh).zipkin("traceContextOption", "USE_B3").unset(source, "spec propagators");
      for (const namespace of namespaces) {
        mesh.set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_PROPAGATORS", "tracecontext,b3");
      }
    },
    rule: "trace-context-joins",
    object: source,
  },
  {
    name: "an SDK that the image brings is told of no propagators, in a mesh of B3",
    breaks: (mesh) => {
      instrumented(mesh, { "inject-sdk": "sdk" })
        .zipkin("traceContextOption", "USE_B3")
        .unset(source, "spec propagators")
        .set(app, `${container} env`, [{ name: "OTEL_SERVICE_NAME", value: "auth" }]);
      for (const namespace of namespaces) {
        mesh.set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_PROPAGATORS", "tracecontext,b3");
      }
      mesh.set(app, `${container} envFrom`, [{ configMapRef: { name: "own" } }]).add({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "own", namespace: "auth" },
        data: { OTEL_LOG_LEVEL: "debug" },
      });
    },
    rule: "trace-context-joins",
    object: source,
  },
  {
    name: "the endpoint of an injected SDK is in a Secret",
    breaks: (mesh) =>
      instrumented(mesh)
        .unset(source, "spec exporter")
        .set(app, `${container} env`, [
          {
            name: "OTEL_EXPORTER_OTLP_ENDPOINT",
            valueFrom: { secretKeyRef: { name: "collector", key: "endpoint" } },
          },
        ]),
    rule: "known-inputs",
    object: app,
    level: "warning",
  },
  {
    name: "an injected SDK decides by itself",
    breaks: (mesh) => instrumented(mesh).set(source, "spec sampler type", "traceidratio"),
    rule: "sampler-parent-based",
    object: source,
  },
  ...["python", "nodejs", "java", "dotnet", "go"].map((language): Fault => ({
    name: `an injected SDK for ${language} speaks HTTP to the port for gRPC`,
    breaks: (mesh) =>
      instrumented(mesh, { [`inject-${language}`]: "sdk", ...executable }).set(
        source,
        "spec exporter endpoint",
        endpoint(4317),
      ),
    rule: "otlp-endpoint",
    object: source,
  })),
  {
    name: "an injected SDK is told of no endpoint",
    breaks: (mesh) => instrumented(mesh).unset(source, "spec exporter"),
    rule: "otlp-endpoint",
    object: source,
    level: "warning",
  },
  {
    name: "the SDK that is injected for Python is to speak gRPC",
    breaks: (mesh) =>
      instrumented(mesh)
        .set(source, "spec exporter endpoint", endpoint(4317))
        .set(source, "spec env", [{ name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" }]),
    rule: "otlp-endpoint",
    object: source,
  },
  {
    name: "half of what an injected SDK is told comes from the ConfigMap: its protocol",
    breaks: (mesh) =>
      instrumented(mesh, { "inject-java": "sdk" }).set(app, `${container} envFrom`, [
        { configMapRef: { name: "otel-environment" } },
      ]),
    rule: "otlp-endpoint",
    object: source,
  },
  {
    name: "half of what an injected SDK is told is the container's own: its endpoint",
    breaks: (mesh) =>
      instrumented(mesh).set(app, `${container} env`, [
        { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: endpoint(4317) },
      ]),
    rule: "otlp-endpoint",
    object: app,
  },
  {
    name: "an egress policy forgets the port of injected SDKs",
    breaks: (mesh) =>
      instrumented(mesh).unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 1"),
    rule: "trace-path-open",
    object: "NetworkPolicy auth/allow-jaeger-egress",
  },
  {
    name: "an Instrumentation is not known at preview",
    breaks: (mesh) => instrumented(mesh).set(source, "spec sampler argument", "unknown!"),
    options: { isUnknown: (value) => value === "unknown!" },
    rule: "known-inputs",
    object: source,
  },
];
