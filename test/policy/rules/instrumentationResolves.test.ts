import {
  app,
  container,
  instrumentation,
  instrumented,
  prefix,
  source,
} from "../../../docs/generate/sample/instrumented";
import { collectorHost } from "../../../docs/generate/sample/mesh";
import { exampleFault, type Fault, testRule, type Variation } from "../../fixtures/rule";

const go = { "inject-go": "sdk", "container-names": "app" };
const executable = { "otel-go-auto-target-exe": "/app/auth" };
const grpc = [
  { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: `http://${collectorHost}:4317` },
  { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
];

testRule("instrumentation-resolves", {
  faults: [
    {
      ...exampleFault("instrumentation-resolves"),
      object: app,
      message:
        'Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-python: "skd", and there is no ' +
        "Instrumentation auth/skd, so its pods start without an SDK; name an existing one",
      fix: "",
    },
    {
      name: "the annotation is on the Deployment and not on its pods",
      breaks: (mesh) =>
        mesh
          .add(instrumentation("sdk"))
          .set(app, "metadata annotations", { [`${prefix}inject-java`]: "true" }),
      object: app,
      level: "warning",
      message:
        "Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-java in its own metadata, where the " +
        "operator does not look: its pods start without an SDK",
      fix: `# in the metadata of its pods (spec.template.metadata)
annotations:
  instrumentation.opentelemetry.io/inject-java: "true"`,
    },
    {
      name: "an annotation names an Instrumentation of another namespace that does not exist there",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "platform/sdk" }),
      object: app,
      message:
        'Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-python: "platform/sdk", and there ' +
        "is no Instrumentation platform/sdk, so its pods start without an SDK; name an existing one",
      fix: "",
    },
    {
      name: "the only Instrumentation of the namespace is meant, and there are two",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "true" }).add(instrumentation("other")),
      object: app,
      message:
        'Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-python: "true", and namespace auth ' +
        "has 2 Instrumentations (other and sdk), and the operator picks none of them, so its pods start without an SDK; name one",
      fix: `# in metadata.annotations of the pods
instrumentation.opentelemetry.io/inject-python: other`,
    },
    {
      name: "the only Instrumentation of the namespace is meant, and it is in another one",
      breaks: (mesh) =>
        instrumented(mesh, { "inject-python": "true" }).set(source, "metadata namespace", "chat"),
      object: app,
      message:
        'Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-python: "true", and namespace auth ' +
        "has no Instrumentation, so its pods start without an SDK; add one",
      fix: "",
    },
    {
      name: "no Instrumentation is in the input",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "true" }).remove(source),
      object: app,
      level: "warning",
      message:
        'Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-python: "true", and namespace auth ' +
        "has no Instrumentation, so its pods start without an SDK; add one, unless it is not in the " +
        "input",
      fix: "",
    },
    {
      name: "an SDK is asked for in a container that is not there",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "sdk", "container-names": "api" }),
      object: app,
      message:
        "Deployment auth/auth-api asks for python in container api, which its pods do not have, so it gets no SDK; use one of app",
      fix: "",
    },
    {
      name: "names of containers have a space between them",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "sdk", "container-names": "app, worker" }),
      object: app,
      message:
        'Deployment auth/auth-api has instrumentation.opentelemetry.io/container-names: "app, worker", which the ' +
        "operator rejects, so its pods start without an SDK; separate names with commas only",
      fix: `# in metadata.annotations of the pods
instrumentation.opentelemetry.io/container-names: app,worker`,
    },
    {
      name: "a container is named for all languages and once more for its own",
      breaks: (mesh) =>
        instrumented(mesh, {
          "inject-python": "sdk",
          "container-names": "app",
          "python-container-names": "app",
        }),
      object: app,
      message:
        "Deployment auth/auth-api names container app twice for one language, so its pods start without an SDK; name it once",
      fix: "",
    },
    {
      name: "two languages, and nobody says which container is for which",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "sdk", "inject-java": "sdk" }),
      object: app,
      message:
        "Deployment auth/auth-api asks for java and python without saying which container is for which, so its pods start without an SDK; add an annotation with container names for each",
      fix: `# in metadata.annotations of the pods
instrumentation.opentelemetry.io/java-container-names: name-of-a-container
instrumentation.opentelemetry.io/python-container-names: name-of-a-container`,
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
      object: app,
      message:
        "Deployment auth/auth-api container app takes OTEL_RESOURCE_ATTRIBUTES from a reference, to which the operator adds a value, so Kubernetes rejects the pod; a variable cannot have both",
      fix: `# instead, in metadata.annotations of the pods
resource.opentelemetry.io/name-of-attribute: value`,
    },
    {
      name: "the path of Python comes from a reference, to which the operator can add nothing",
      breaks: (mesh) =>
        instrumented(mesh).set(app, `${container} env`, [
          { name: "PYTHONPATH", valueFrom: { configMapKeyRef: { name: "paths", key: "python" } } },
        ]),
      object: app,
      message:
        "Deployment auth/auth-api container app takes PYTHONPATH from a reference, to which the operator cannot " +
        "add the SDK for python, so it gets none; use a plain value",
      fix: "",
    },
    ...[
      ["java", "JAVA_TOOL_OPTIONS"],
      ["nodejs", "NODE_OPTIONS"],
      ["dotnet", "DOTNET_STARTUP_HOOKS"],
      ["dotnet", "DOTNET_ADDITIONAL_DEPS"],
      ["dotnet", "DOTNET_SHARED_STORE"],
    ].map(([language, name = ""]): Fault => ({
      name: `${name} of ${language} from a reference`,
      // The SDK for nodejs speaks gRPC, to a port for HTTP.
      besides: language === "nodejs" ? ["otlp-endpoint"] : [],
      breaks: (mesh) =>
        instrumented(mesh, { [`inject-${language}`]: "sdk" }).set(app, `${container} env`, [
          { name, valueFrom: { configMapKeyRef: { name: "options", key: "own" } } },
        ]),
      object: app,
      message:
        `Deployment auth/auth-api container app takes ${name} from a reference, to which the operator cannot ` +
        `add the SDK for ${language}, so it gets none; use a plain value`,
      fix: "",
    })),
    {
      name: "Go without the executable",
      breaks: (mesh) => instrumented(mesh, go),
      object: app,
      message:
        "Deployment auth/auth-api asks for go without naming the executable, so its pods start without an SDK; set its path",
      fix: `# in metadata.annotations of the pods
instrumentation.opentelemetry.io/otel-go-auto-target-exe: /path/of/the/program`,
    },
    {
      name: "Go where containers do not see one another's processes",
      breaks: (mesh) =>
        instrumented(mesh, { ...go, ...executable }).set(
          app,
          "spec template spec shareProcessNamespace",
          false,
        ),
      object: app,
      message:
        "Deployment auth/auth-api asks for go but isolates its containers' processes, so its pods start without an SDK; set shareProcessNamespace: true",
      fix: `# in spec of the pods
shareProcessNamespace: true`,
    },
  ],
  harmless: [
    {
      name: "another annotation of the operator's on the Deployment, and others",
      varies: (mesh) =>
        mesh.set(app, "metadata annotations", { [`${prefix}container-names`]: "app", team: "auth" }),
    },
    {
      name: "an annotation on the Deployment beside another one of its pods, which get an SDK",
      varies: (mesh) =>
        instrumented(mesh).set(app, "metadata annotations", { [`${prefix}inject-java`]: "true" }),
    },
    {
      name: "an SDK in an init container",
      varies: (mesh) =>
        instrumented(mesh, { "inject-python": "sdk", "container-names": "migrate" }).set(
          app,
          "spec template spec initContainers",
          [{ name: "migrate", image: "example.com/migrate:1" }],
        ),
    },
    {
      name: "a patch of the application, which need not have the container",
      varies: (mesh) =>
        instrumented(mesh, { "inject-python": "sdk", "container-names": "app" })
          .unset(app, "spec selector")
          .set(app, `${container} name`, "other"),
    },
    {
      name: "a container beside the one with the SDK that takes its path from a reference",
      varies: (mesh) =>
        instrumented(mesh).set(app, "spec template spec containers 1", {
          name: "worker",
          image: "example.com/worker:1",
          env: [{ name: "PYTHONPATH", valueFrom: { configMapKeyRef: { name: "paths", key: "python" } } }],
        }),
    },
    {
      name: "a Deployment that says it wants none",
      varies: (mesh) => mesh.set(app, "metadata annotations", { [`${prefix}inject-java`]: "false" }),
    },
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
      name: "an SDK for nodejs from the operator, which speaks gRPC",
      varies: (mesh) =>
        instrumented(mesh, { "inject-nodejs": "sdk" }).set(
          source,
          "spec exporter endpoint",
          `http://${collectorHost}:4317`,
        ),
    },
    ...["python", "java", "dotnet"].map((language): Variation => ({
      name: `an SDK for ${language} from the operator`,
      varies: (mesh) => instrumented(mesh, { [`inject-${language}`]: "sdk" }),
    })),
    {
      name: "an SDK that the image brings, told all it needs",
      varies: (mesh) =>
        instrumented(mesh, { "inject-sdk": "sdk" }).set(source, "spec env", [
          { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http/protobuf" },
        ]),
    },
  ],
});
