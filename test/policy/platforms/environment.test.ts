/** What applications are told of tracing, from wherever it comes. */
import { type Manifest, type Mesh, type Tree } from "../../../docs/generate/sample/mesh";
import {
  annotate,
  api,
  containerOf,
  env,
  jaegerHost,
  namespace,
  object,
  open,
  pods,
  service,
  testPlatform,
  variables,
  web,
} from "./platform";

const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
const protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
const http = { [protocol]: "http/protobuf" };
const to = (port: number, host = jaegerHost) => ({ [endpoint]: `http://${host}:${port}` });
const jaegerService = "Service observability/jaeger";

testPlatform("an endpoint of an application", open, [
  ["by Service and namespace", (mesh) => env(mesh, to(4317, "jaeger.observability"))],
  ["by Service, namespace and svc", (mesh) => env(mesh, to(4317, "jaeger.observability.svc"))],
  ["with a dot at its end", (mesh) => env(mesh, to(4317, `${jaegerHost}.`))],
  ["on the port for HTTP, over HTTP", (mesh) => env(mesh, { ...to(4318), ...http })],
  [
    "on the port for HTTP, over gRPC",
    (mesh) => env(mesh, to(4318)),
    `error otlp-endpoint ${web}: port 4318 takes OTLP over HTTP; use port 4317 with grpc`,
  ],
  [
    "on the port for gRPC, over what its SDK likes",
    (mesh) => env(mesh, { [protocol]: undefined }),
    `warning otlp-endpoint ${web}: which of gRPC and HTTP an SDK speaks then depends on its language`,
  ],
  [
    "on the port for Zipkin",
    (mesh) => env(mesh, to(9411)),
    `error otlp-endpoint ${web}: port 9411 takes Zipkin, not OTLP`,
  ],
  [
    "on the port of the UI",
    (mesh) => env(mesh, { ...to(16686), ...http }),
    `error otlp-endpoint ${web}: port 16686 takes questions to Jaeger's UI and API, not OTLP`,
  ],
  ...(
    [
      [14268, "Jaeger's Thrift over HTTP, not OTLP"],
      [14250, "spans of Jaeger's agents, not OTLP"],
    ] as const
  ).map(
    ([port, takes]) =>
      [
        `on port ${port}, which Jaeger's Service has, too`,
        (mesh: Mesh) => env(mesh.set(jaegerService, "spec ports 4", { name: "other", port }), to(port)),
        `error otlp-endpoint ${web}: port ${port} takes ${takes}`,
      ] as const,
  ),
  [
    "for traces alone, with its path",
    (mesh) =>
      env(mesh, {
        [endpoint]: undefined,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://${jaegerHost}:4318/v1/traces`,
        ...http,
      }),
  ],
  [
    "for traces alone, without its path",
    (mesh) =>
      env(mesh, {
        [endpoint]: undefined,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://${jaegerHost}:4318`,
        ...http,
      }),
    `error otlp-endpoint ${web}: SDKs append nothing to it; use the path /v1/traces`,
  ],
  [
    "with the scheme grpc",
    (mesh) => env(mesh, { [endpoint]: `grpc://${jaegerHost}:4317` }),
    `warning otlp-endpoint ${web}: the agent for Java refuses the scheme grpc`,
  ],
  [
    "of a Service that Jaeger's namespace lacks",
    (mesh) => env(mesh, to(4317, "jaeger-collector.observability.svc")),
    `error otlp-endpoint ${web}: there is no Service observability/jaeger-collector`,
  ],
  [
    "in the application's namespace, where nobody has seen it",
    (mesh) => env(mesh, to(4317, "jaeger.shop.svc.cluster.local")),
    `warning otlp-endpoint ${web}: while Service observability/jaeger is there: if that is meant, its spans are lost`,
  ],
  [
    "that refers to a variable",
    (mesh) => env(env(mesh, { [endpoint]: undefined }), { HOST: jaegerHost, ...to(4317, "$(HOST)") }),
  ],
  [
    "that refers to a variable which comes after it",
    (mesh) => env(env(mesh, { [endpoint]: undefined }), { ...to(4317, "$(HOST)"), HOST: jaegerHost }),
    `error otlp-endpoint ${web}: because HOST is set only after it`,
  ],
  [
    "that refers to a variable which its container may get from its image",
    (mesh) => env(mesh, to(4317, "$(HOST)")),
    `warning otlp-endpoint ${web}: because its container has no variable HOST`,
  ],
  [
    "with its name misspelt",
    (mesh) => env(mesh, { [endpoint]: undefined, OTEL_EXPORTER_OTLP_ENPOINT: `http://${jaegerHost}:4317` }),
    `error sdk-settings ${web}: sets OTEL_EXPORTER_OTLP_ENPOINT, which SDKs do not read`,
  ],
  [
    "of an SDK that is off, or that exports nothing",
    (mesh) => {
      env(mesh, { ...to(9411), OTEL_SDK_DISABLED: "true" });
      env(mesh, { ...to(9411), OTEL_TRACES_EXPORTER: "none" }, api);
    },
    `info sdk-settings ${api}: OTEL_TRACES_EXPORTER=none, so the program sends no spans`,
    `info sdk-settings ${web}: OTEL_SDK_DISABLED=true, so the program sends no spans`,
  ],
  ["of an SDK that prints, too", (mesh) => env(mesh, { OTEL_TRACES_EXPORTER: "otlp,console" })],
  [
    "that none is",
    (mesh) => env(mesh, { [endpoint]: undefined, OTEL_TRACES_EXPORTER: "otlp" }),
    `error otlp-endpoint ${web}: so its spans go to localhost, its own pod`,
  ],
  ["of an application without an SDK", (mesh) => (containerOf(mesh, web)["env"] = [])],
]);

/** The endpoint comes from elsewhere. */
const from = (mesh: Mesh, valueFrom: Tree | undefined, ...sources: Manifest[]) =>
  env(mesh, { [endpoint]: valueFrom }).add(...sources);
const secret = { secretKeyRef: { name: "spans", key: "endpoint" } };
const spans = (fields: Tree): Manifest => ({ ...object("Secret shop/spans", {}, "v1"), ...fields });

testPlatform("where an endpoint comes from:", open, [
  [
    "a ConfigMap, whole",
    (mesh) => {
      from(mesh, undefined, object("ConfigMap shop/otel-env", to(9411)));
      containerOf(mesh, web)["envFrom"] = [{ configMapRef: { name: "otel-env" } }];
    },
    "error otlp-endpoint ConfigMap shop/otel-env: (read by container web of Deployment shop/web)",
  ],
  [
    "a ConfigMap that is not in the input",
    (mesh) => {
      from(mesh, undefined);
      containerOf(mesh, web)["envFrom"] = [{ configMapRef: { name: "otel-env" } }];
    },
    `warning known-inputs ${web}: (ConfigMap shop/otel-env is not in the input)`,
  ],
  [
    "a Secret that is not in the input",
    (mesh) => from(mesh, secret),
    `warning known-inputs ${web}: Secrets are not read`,
  ],
  [
    "a Secret that is in the input, which nobody reads either, right or wrong",
    (mesh) => from(mesh, secret, spans({ stringData: { endpoint: `http://${jaegerHost}:9411` } })),
    `warning known-inputs ${web}: Secrets are not read`,
  ],
  [
    "a flag of the agent for Java",
    (mesh) =>
      env(mesh, {
        [endpoint]: undefined,
        JAVA_TOOL_OPTIONS: `-javaagent:/otel.jar -Dotel.exporter.otlp.endpoint=http://${jaegerHost}:4317`,
      }),
  ],
  [
    "a flag of the agent for Java, with the port of Zipkin",
    (mesh) =>
      env(mesh, {
        [endpoint]: undefined,
        JAVA_TOOL_OPTIONS: `-javaagent:/otel.jar -Dotel.exporter.otlp.endpoint=http://${jaegerHost}:9411`,
      }),
    `error otlp-endpoint ${web}: -Dotel.exporter.otlp.endpoint=http://${jaegerHost}:9411`,
  ],
]);

testPlatform("other settings of an application", open, [
  [
    "a sampler that does not ask the mesh",
    (mesh) => env(mesh, { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.1" }),
    `error sampler-parent-based ${web}: which ignores the mesh's sampling decision`,
  ],
  [
    "propagators of W3C, and of both, in a mesh of B3",
    (mesh) => env(mesh.zipkin("traceContextOption", "USE_B3"), { OTEL_PROPAGATORS: "tracecontext,baggage" }),
    `warning trace-context-joins ${api}: and the SDK lets "tracecontext" win where a caller sent both`,
    `error trace-context-joins ${web}: because Envoy with USE_B3 writes only B3 headers and the SDK reads only traceparent`,
  ],
  [
    "propagators of B3 alone, in a mesh whose proxies send OTLP",
    (mesh) =>
      env(
        mesh.mesh("extensionProviders 0", {
          name: "spans",
          opentelemetry: { service: `observability/${jaegerHost}`, port: 4317 },
        }),
        { OTEL_PROPAGATORS: "b3" },
      ),
    `error trace-context-joins ${web}: because the proxies write only W3C headers and the SDK does not read them`,
  ],
  [
    "a program that answers Envoy's questions, and has no SDK",
    (mesh) =>
      mesh.add(
        namespace("authz", { "istio-injection": "enabled" }),
        object("Deployment authz/ext-authz", pods("ext-authz", { env: variables({ LOG_LEVEL: "info" }) })),
        service("authz/ext-authz", [{ name: "grpc", port: 9000 }]),
      ),
  ],
  [
    "a container that runs before the application, and has no SDK",
    (mesh) => mesh.set(web, "spec template spec initContainers", [{ name: "migrate", image: "r/migrate:1" }]),
  ],
]);

const inject = "instrumentation.opentelemetry.io/inject-";
const instrumentation = (port: number, ref = "shop/sdk") =>
  object(
    `Instrumentation ${ref}`,
    {
      exporter: { endpoint: `http://${jaegerHost}:${port}` },
      propagators: ["tracecontext", "baggage", "b3"],
      java: { image: "ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-java:2.10.0" },
    },
    "opentelemetry.io/v1alpha1",
  );
/** The application is told nothing, but that it wants an SDK. */
function instrumented(mesh: Mesh, language: string, value = "true", more: Record<string, string> = {}): Mesh {
  env(mesh, { [endpoint]: undefined, [protocol]: undefined });
  return annotate(mesh, web, { [`${inject}${language}`]: value, ...more });
}

testPlatform("an SDK of the OpenTelemetry Operator", open, [
  ["is told the port for HTTP", (mesh) => instrumented(mesh, "java").add(instrumentation(4318))],
  [
    "is told the port for gRPC, where it speaks HTTP, in Java",
    (mesh) => instrumented(mesh, "java").add(instrumentation(4317)),
    "error otlp-endpoint Instrumentation shop/sdk: with protocol http/protobuf: port 4317 takes OTLP over gRPC",
  ],
  [
    "is told the port for gRPC, where it speaks HTTP, in Python",
    (mesh) => instrumented(mesh, "python").add(instrumentation(4317)),
    "error otlp-endpoint Instrumentation shop/sdk: with protocol http/protobuf: port 4317 takes OTLP over gRPC",
  ],
  [
    "is told the port for Zipkin",
    (mesh) => instrumented(mesh, "java").add(instrumentation(9411)),
    "error otlp-endpoint Instrumentation shop/sdk: (read by container web of Deployment shop/web)",
  ],
  [
    "is asked for by a name that nobody has",
    (mesh) => instrumented(mesh, "java", "shop/nothing").add(instrumentation(4318)),
    `error instrumentation-resolves ${web}: there is no Instrumentation shop/nothing`,
  ],
  [
    "is asked for by the name that an Instrumentation of another namespace does not have",
    (mesh) =>
      instrumented(mesh, "java", "observability/instrumentation").add(
        instrumentation(4318, "observability/sdk"),
      ),
    `error instrumentation-resolves ${web}: there is no Instrumentation observability/instrumentation`,
  ],
  [
    "is asked for, and the only Instrumentation is in another namespace",
    (mesh) => instrumented(mesh, "java").add(instrumentation(4318, "observability/sdk")),
    `error instrumentation-resolves ${web}: namespace shop has no Instrumentation`,
  ],
  [
    "is asked for by the Instrumentation of another namespace",
    (mesh) => instrumented(mesh, "java", "observability/sdk").add(instrumentation(4318, "observability/sdk")),
  ],
  [
    "is asked for on the Deployment in place of its pods",
    (mesh) => mesh.set(web, "metadata annotations", { [`${inject}java`]: "true" }).add(instrumentation(4318)),
    `warning instrumentation-resolves ${web}: in its own metadata, where the operator does not look`,
  ],
  [
    "is asked for by the namespace for all, and by the pod for its language",
    (mesh) =>
      instrumented(mesh, "dotnet")
        .set("Namespace shop", "metadata annotations", { [`${inject}sdk`]: "true" })
        .add(instrumentation(4318)),
    `error instrumentation-resolves ${web}: asks for dotnet and sdk without saying which container is for which`,
  ],
  [
    "is asked for in a container that the pod does not have",
    (mesh) =>
      instrumented(mesh, "java", "true", {
        "instrumentation.opentelemetry.io/container-names": "app",
      }).add(instrumentation(4318)),
    `error instrumentation-resolves ${web}: in container app, which its pods do not have`,
  ],
  [
    "is asked for in a container that the pod has",
    (mesh) =>
      instrumented(mesh, "java", "true", {
        "instrumentation.opentelemetry.io/container-names": "web",
      }).add(instrumentation(4318)),
  ],
]);
