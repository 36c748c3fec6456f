import {
  app,
  container,
  instrumentation,
  instrumented,
  prefix,
  source,
} from "../../../docs/generate/sample/instrumented";
import { collectorHost } from "../../../docs/generate/sample/mesh";
import { exampleFault, testRule, type Variation } from "../../fixtures/rule";

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
        "Instrumentation auth/skd, so that its pods start without an SDK; one that exists is required",
      fix: "",
    },
    {
      name: "an annotation names an Instrumentation of another namespace that does not exist there",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "platform/sdk" }),
      object: app,
      message:
        'Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-python: "platform/sdk", and there ' +
        "is no Instrumentation platform/sdk, so that its pods start without an SDK; one that exists is required",
      fix: "",
    },
    {
      name: "the only Instrumentation of the namespace is meant, and there are two",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "true" }).add(instrumentation("other")),
      object: app,
      message:
        'Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-python: "true", and namespace auth ' +
        "has 2 Instrumentations (other and sdk), of which the operator chooses none, so that its pods start " +
        "without an SDK; the name of one is required",
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
        "has no Instrumentation, so that its pods start without an SDK; one is required",
      fix: "",
    },
    {
      name: "no Instrumentation is in the input",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "true" }).remove(source),
      object: app,
      level: "warning",
      message:
        'Deployment auth/auth-api has instrumentation.opentelemetry.io/inject-python: "true", and namespace auth ' +
        "has no Instrumentation, so that its pods start without an SDK; one is required, unless it is not in the " +
        "input",
      fix: "",
    },
    {
      name: "an SDK is asked for in a container that is not there",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "sdk", "container-names": "api" }),
      object: app,
      message:
        "Deployment auth/auth-api asks for python in container api, which its pods do not have, so that it gets " +
        "no SDK; one of app is required",
      fix: "",
    },
    {
      name: "names of containers have a space between them",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "sdk", "container-names": "app, worker" }),
      object: app,
      message:
        'Deployment auth/auth-api has instrumentation.opentelemetry.io/container-names: "app, worker", which the ' +
        "operator refuses, so that its pods start without an SDK; names with commas and nothing else between " +
        "them are required",
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
        "Deployment auth/auth-api names container app twice for one language, so that its pods start without an " +
        "SDK; once is required",
      fix: "",
    },
    {
      name: "two languages, and nobody says which container is for which",
      breaks: (mesh) => instrumented(mesh, { "inject-python": "sdk", "inject-java": "sdk" }),
      object: app,
      message:
        "Deployment auth/auth-api asks for java and python and does not say which container is for which, so " +
        "that its pods start without an SDK; an annotation with container names for each is required",
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
        "Deployment auth/auth-api container app takes OTEL_RESOURCE_ATTRIBUTES from a reference, to which the " +
        "operator adds a value; Kubernetes refuses the pod, because a variable must not have both",
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
        "add the SDK for python, so that it gets none; a plain value is required",
      fix: "",
    },
    {
      name: "Go without the executable",
      breaks: (mesh) => instrumented(mesh, go),
      object: app,
      message:
        "Deployment auth/auth-api asks for go and does not say which executable, so that its pods start without " +
        "an SDK; the path of one is required",
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
        "Deployment auth/auth-api asks for go and keeps its containers' processes apart, so that its pods start " +
        "without an SDK; shareProcessNamespace true is required",
      fix: `# in spec of the pods
shareProcessNamespace: true`,
    },
  ],
  harmless: [
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
    ...["python", "nodejs", "java", "dotnet"].map((language): Variation => ({
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
