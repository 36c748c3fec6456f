/** Ways to ask for an SDK, and to say what it is told, that are as good. */
import { collectorHost, namespaces } from "../fixture";
import { app, container, instrumentation, instrumented, prefix, source } from "../instrumented";
import { type Variation } from "./variation";

const grpc = [
  { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: `http://${collectorHost}:4317` },
  { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
];

export const instrumentations: readonly Variation[] = [
  ...["python", "nodejs", "java", "dotnet", "sdk"].map((language): Variation => ({
    name: `an SDK for ${language} from the operator`,
    varies: (mesh) => instrumented(mesh, { [`inject-${language}`]: "sdk" }),
  })),
  {
    name: "an SDK for Go, which runs beside the application",
    varies: (mesh) =>
      instrumented(mesh, { "inject-go": "sdk", "otel-go-auto-target-exe": "/app/auth" }).set(
        app,
        "spec template spec shareProcessNamespace",
        true,
      ),
  },
  {
    name: "the executable of Go in the Instrumentation",
    varies: (mesh) =>
      instrumented(mesh, { "inject-go": "sdk" }).set(source, "spec go", {
        env: [{ name: "OTEL_GO_AUTO_TARGET_EXE", value: "/app/auth" }],
      }),
  },
  {
    name: "the namespace asks, and says which Instrumentation where the pod leaves it open",
    varies: (mesh) =>
      instrumented(mesh, { "inject-python": "True" })
        .add(instrumentation("other"))
        .set("Namespace auth", "metadata annotations", { [`${prefix}inject-python`]: "other" }),
  },
  {
    name: "a pod that wants none of what its namespace asks for",
    varies: (mesh) =>
      instrumented(mesh, { "inject-python": "false" })
        .remove(source)
        .set("Namespace auth", "metadata annotations", { [`${prefix}inject-python`]: "true" }),
  },
  {
    name: "an Instrumentation of another namespace",
    varies: (mesh) =>
      instrumented(mesh, { "inject-python": "platform/sdk" }).set(source, "metadata namespace", "platform"),
  },
  {
    name: "two languages in two containers",
    varies: (mesh) =>
      instrumented(mesh, {
        "inject-python": "sdk",
        "python-container-names": "app",
        "inject-java": "sdk",
        "java-container-names": "worker",
      }).set(app, "spec template spec containers 1", { name: "worker", image: "example.com/worker:1" }),
  },
  {
    name: "what the operator adds wins over the ConfigMap that the container reads whole",
    varies: (mesh) =>
      instrumented(mesh).set(app, `${container} envFrom`, [{ configMapRef: { name: "otel-environment" } }]),
  },
  {
    name: "gRPC for a language that has it, endpoint and protocol together",
    varies: (mesh) => instrumented(mesh, { "inject-java": "sdk" }).set(source, "spec java", { env: grpc }),
  },
  {
    name: "all that an SDK is told is the container's own",
    varies: (mesh) =>
      instrumented(mesh, { "inject-nodejs": "sdk" }).set(app, `${container} env`, [
        ...grpc,
        { name: "OTEL_PROPAGATORS", value: "b3,tracecontext,baggage" },
      ]),
  },
  {
    name: "resource attributes as a plain value, to which the operator adds more",
    varies: (mesh) =>
      instrumented(mesh).set(app, `${container} env`, [
        { name: "OTEL_RESOURCE_ATTRIBUTES", value: "team=auth" },
      ]),
  },
  {
    name: "resource attributes of an application whose SDK for Go has its own",
    varies: (mesh) =>
      instrumented(mesh, { "inject-go": "sdk", "otel-go-auto-target-exe": "/app/auth" }).set(
        app,
        `${container} env`,
        [
          { name: "OTEL_PROPAGATORS", value: "b3,tracecontext,baggage" },
          { name: "OTEL_RESOURCE_ATTRIBUTES", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        ],
      ),
  },
  {
    name: "a sampler that the container's own variable keeps from being set",
    varies: (mesh) =>
      instrumented(mesh)
        .set(source, "spec sampler type", "traceidratio")
        .set(app, `${container} env`, [{ name: "OTEL_TRACES_SAMPLER_ARG", value: "0.1" }]),
  },
  {
    name: "no sampler in the Instrumentation",
    varies: (mesh) => instrumented(mesh).unset(source, "spec sampler"),
  },
  {
    name: "a sampler that a variable keeps from being set",
    varies: (mesh) =>
      instrumented(mesh)
        .set(source, "spec sampler type", "traceidratio")
        .set(source, "spec env", [{ name: "OTEL_TRACES_SAMPLER_ARG", value: "0.1" }]),
  },
  {
    name: "an injected SDK that exports no traces needs no endpoint",
    varies: (mesh) =>
      instrumented(mesh)
        .unset(source, "spec exporter")
        .set(source, "spec env", [{ name: "OTEL_TRACES_EXPORTER", value: "none" }]),
  },
  {
    name: "Go whose application has an SDK of its own that knows B3, in a mesh of both headers",
    varies: (mesh) => {
      instrumented(mesh, { "inject-go": "sdk", "otel-go-auto-target-exe": "/app/auth" });
      mesh.set(source, "spec propagators", ["b3"]);
      for (const namespace of namespaces) {
        mesh.set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_PROPAGATORS", "b3");
      }
    },
  },
];
