import { describe, expect, it } from "vitest";
import { app, instrumented, source } from "../../../docs/generate/sample/instrumented";
import { collectorHost, Mesh } from "../../../docs/generate/sample/mesh";
import {
  byInstrumentation,
  environment,
  inContainer,
  inMap,
  own,
  told,
  type Variables,
} from "../../fixtures/application";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const readBy = "(read by container app of Deployment auth/auth-api)";

testRule("sdk-settings", {
  faults: [
    {
      ...exampleFault("sdk-settings"),
      object: environment,
      message:
        `ConfigMap auth/otel-environment ${readBy} sets OTEL_EXPORTER_OTLP_ENPOINT, which SDKs do not read; ` +
        "OTEL_EXPORTER_OTLP_ENDPOINT is probably meant, and without it spans go to localhost",
      fix: `${inMap}OTEL_EXPORTER_OTLP_ENDPOINT: http://${collectorHost}:4317`,
    },
    {
      name: "a propagator is spelt with a hyphen",
      breaks: (mesh) => mesh.set(environment, "data OTEL_PROPAGATORS", "b3,trace-context,baggage"),
      object: environment,
      message:
        `ConfigMap auth/otel-environment ${readBy} has OTEL_PROPAGATORS=b3,trace-context,baggage, and no SDK knows ` +
        "the propagator trace-context: it does without, or does not start",
      fix: `${inMap}OTEL_PROPAGATORS: b3,tracecontext,baggage`,
    },
    {
      name: "a sampler is spelt with a hyphen",
      breaks: (mesh) => mesh.set(environment, "data OTEL_TRACES_SAMPLER", "parentbased-always-on"),
      object: environment,
      level: "warning",
      message:
        `ConfigMap auth/otel-environment ${readBy} has OTEL_TRACES_SAMPLER=parentbased-always-on, which is not a sampler that ` +
        "SDKs include: they use parentbased_always_on instead",
      fix: `${inMap}OTEL_TRACES_SAMPLER: parentbased_always_on`,
    },
    {
      name: "the exporter is one that SDKs no longer include",
      breaks: (mesh) => mesh.set(environment, "data OTEL_TRACES_EXPORTER", "jaeger"),
      object: environment,
      message:
        `ConfigMap auth/otel-environment ${readBy} has OTEL_TRACES_EXPORTER=jaeger, an exporter that SDKs no ` +
        "longer include, and no OTEL_EXPORTER_JAEGER_ENDPOINT: its spans are lost",
      fix: `${inMap}OTEL_TRACES_EXPORTER: otlp`,
    },
    {
      name: "the exporter for Zipkin is told of no endpoint",
      breaks: (mesh) => mesh.set(environment, "data OTEL_TRACES_EXPORTER", "zipkin"),
      object: environment,
      message:
        `ConfigMap auth/otel-environment ${readBy} has OTEL_TRACES_EXPORTER=zipkin and no OTEL_EXPORTER_ZIPKIN_ENDPOINT, ` +
        "so its spans go to localhost, its own pod, which has no container that takes them",
      fix: `${inMap}OTEL_TRACES_EXPORTER: otlp`,
    },
    {
      name: "the exporter is spelt in capitals",
      breaks: (mesh) => mesh.set(environment, "data OTEL_TRACES_EXPORTER", "OTLP"),
      object: environment,
      message:
        `ConfigMap auth/otel-environment ${readBy} has OTEL_TRACES_EXPORTER=OTLP, and no SDK knows the exporter OTLP: ` +
        "its spans are lost",
      fix: `${inMap}OTEL_TRACES_EXPORTER: otlp`,
    },
    {
      name: "the exporter's letters are mixed up",
      breaks: (mesh) => mesh.set(environment, "data OTEL_TRACES_EXPORTER", "oltp"),
      object: environment,
      message:
        `ConfigMap auth/otel-environment ${readBy} has OTEL_TRACES_EXPORTER=oltp, and no SDK knows the exporter oltp: ` +
        "its spans are lost",
      fix: `${inMap}OTEL_TRACES_EXPORTER: otlp`,
    },
    {
      name: "a share in percent",
      breaks: (mesh) =>
        mesh
          .set(environment, "data OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
          .set(environment, "data OTEL_TRACES_SAMPLER_ARG", "10"),
      object: environment,
      level: "warning",
      message:
        `ConfigMap auth/otel-environment ${readBy} has OTEL_TRACES_SAMPLER_ARG=10, which is no share of requests from 0 ` +
        "to 1: SDKs sample all of them, or do not start",
      fix: `${inMap}OTEL_TRACES_SAMPLER_ARG: "0.1"`,
    },
    {
      name: "a share that is no number",
      breaks: (mesh) =>
        mesh
          .set(environment, "data OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
          .set(environment, "data OTEL_TRACES_SAMPLER_ARG", "10%"),
      object: environment,
      level: "warning",
      message:
        `ConfigMap auth/otel-environment ${readBy} has OTEL_TRACES_SAMPLER_ARG=10%, which is no share of requests from 0 ` +
        "to 1: SDKs sample all of them, or do not start",
      fix: "",
    },
  ],
  harmless: [
    {
      name: "the fix: a share from 0 to 1",
      varies: (mesh) =>
        mesh
          .set(environment, "data OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
          .set(environment, "data OTEL_TRACES_SAMPLER_ARG", "0.1"),
    },
    {
      name: "an argument that the sampler does not read",
      varies: (mesh) =>
        mesh
          .set(environment, "data OTEL_TRACES_SAMPLER", "parentbased_always_on")
          .set(environment, "data OTEL_TRACES_SAMPLER_ARG", "10"),
    },
    {
      name: "variables of the program's own",
      varies: (mesh) =>
        mesh.set(environment, "data OTEL_SAMPLING_RATE", "1.0").set(environment, "data OTEL_ENABLED", "true"),
    },
    {
      name: "the exporter for Zipkin with its endpoint",
      varies: (mesh) =>
        mesh
          .set(environment, "data OTEL_TRACES_EXPORTER", "zipkin")
          .set(
            environment,
            "data OTEL_EXPORTER_ZIPKIN_ENDPOINT",
            `http://${collectorHost}:9411/api/v2/spans`,
          ),
    },
    {
      name: "a propagator and a sampler that somebody adds",
      varies: (mesh) =>
        mesh
          .set(environment, "data OTEL_PROPAGATORS", "b3,tracecontext,baggage,sw8")
          .set(environment, "data OTEL_TRACES_SAMPLER", "com.example.Sampler"),
    },
    {
      name: "traces that are written to the program's log",
      varies: (mesh) => mesh.set(environment, "data OTEL_TRACES_EXPORTER", "console"),
    },
  ],
});

describe("sdk-settings", () => {
  const ask = asker("sdk-settings");
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collectorHost}:4317` };
  const has = (level: string, says: string, name: string, value: string) => [
    `${level}: ${app} container app ${says}\n${inContainer}${name}\n  value: ${value}`,
  ];

  it.each([
    ["OTEL_EXPORTER_OTLP_ENPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"],
    ["OTEL_EXPORTER_OLTP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"],
    ["OTEL_EXPORTER_OTLP_TRACE_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"],
  ])("%s is %s", (name, meant) => {
    expect(ask(own({ [name]: "http://a:4317" }))).toEqual(
      has(
        "error",
        `sets ${name}, which SDKs do not read; ${meant} is probably meant, and without it spans go to localhost`,
        meant,
        "http://a:4317",
      ),
    );
  });

  it.each<[Variables]>([
    [{ OTEL_EXPORTER_OTLP_ENPOINT: "http://a:4317", ...endpoint }],
    [{ OTEL_EXPORTER_OTLP_ENPOINT: "http://a:4317", COLLECTOR_URL: "http://a:4317" }],
    [{ OTEL_TRACE_EXPORTER: "otlp", ...endpoint }],
    [{ OTEL_PROPAGATOR: "b3", ...endpoint }],
    [{ OTEL_TRACES_SAMPLER_ARGS: "1", ...endpoint }],
  ])("a slip that loses nothing for sure is a warning: %j", (variables) => {
    expect(ask(own(variables))).toEqual([
      expect.stringMatching(/^warning: .*, which SDKs do not read; OTEL_[A-Z_]+ is probably meant\n/),
    ]);
  });

  it.each([
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
    "OTEL_LOGS_EXPORTER",
    "OTEL_SERVICE_NAMESPACE",
    "OTEL_SERVICE_VERSION",
    "OTEL_ENDPOINT",
    "OTEL_COLLECTOR_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
  ])("%s is no slip", (name) => {
    expect(ask(own({ [name]: "a", ...endpoint }))).toEqual([]);
  });

  it("offers propagators that fit the mesh", () => {
    expect(ask(own({ OTEL_PROPAGATORS: "w3c" }).zipkin("traceContextOption", "USE_B3"))).toEqual(
      has(
        "error",
        "has OTEL_PROPAGATORS=w3c, and no SDK knows the propagator w3c: it does without, or does not start",
        "OTEL_PROPAGATORS",
        "tracecontext,baggage,b3multi",
      ),
    );
    expect(ask(own({ OTEL_PROPAGATORS: "b3-multi,TraceContext" }))).toEqual(
      has(
        "error",
        "has OTEL_PROPAGATORS=b3-multi,TraceContext, and no SDK knows the propagators b3-multi and TraceContext: it does without, or does not start",
        "OTEL_PROPAGATORS",
        "b3multi,tracecontext",
      ),
    );
  });

  it("knows that the agent for Java switches itself off", () => {
    const java = {
      JAVA_TOOL_OPTIONS: "-javaagent:/otel/opentelemetry-javaagent.jar -Dotel.traces.sampler=always-on",
    };
    expect(ask(own(java))).toEqual([
      `error: ${app} container app has -Dotel.traces.sampler=always-on, which is not a sampler that SDKs include: the agent for Java ` +
        "switches itself off\n# in JAVA_TOOL_OPTIONS\n-Dotel.traces.sampler=always_on",
    ]);
    const injected = (language: string) =>
      ask(
        instrumented(new Mesh(), { [`inject-${language}`]: "sdk" }).set(source, "spec sampler", {
          type: "all",
        }),
      );
    expect(injected("java")[0]).toMatch(/^error: .*the agent for Java switches itself off/);
    expect(injected("nodejs")[0]).toMatch(/^warning: .*they use parentbased_always_on instead/);
  });

  it("believes an exporter for Jaeger that is told where to send, as old SDKs have it", () => {
    for (const more of <Variables[]>[
      { OTEL_EXPORTER_JAEGER_ENDPOINT: "http://jaeger:14268/api/traces" },
      { OTEL_EXPORTER_JAEGER_AGENT_HOST: "jaeger-agent" },
      { JAEGER_AGENT_HOST: "jaeger-agent" },
    ]) {
      expect(ask(own({ OTEL_TRACES_EXPORTER: "jaeger", ...more }))).toEqual(
        has(
          "warning",
          "has OTEL_TRACES_EXPORTER=jaeger, an exporter that SDKs no longer include",
          "OTEL_TRACES_EXPORTER",
          "otlp",
        ),
      );
    }
    expect(ask(own({ OTEL_TRACES_EXPORTER: "jaeger,otlp" }))).toEqual([]);
    const beside = own({ OTEL_TRACES_EXPORTER: "zipkin" }).set(app, "spec template spec containers 1", {
      name: "zipkin",
    });
    expect(ask(beside)).toEqual([]);
  });

  it.each([
    [{ OTEL_SDK_DISABLED: "true", OTEL_TRACES_EXPORTER: "jaeger" }, "OTEL_SDK_DISABLED=true"],
    [{ OTEL_SDK_DISABLED: "TRUE" }, "OTEL_SDK_DISABLED=TRUE"],
    [{ OTEL_TRACES_EXPORTER: "none" }, "OTEL_TRACES_EXPORTER=none"],
  ])("only mentions that somebody switched it off: %o", (variables, setting) => {
    expect(ask(own(variables))).toEqual([
      `info: Deployment auth/auth-api container app has ${setting}, so the program sends no spans of its own`,
    ]);
  });

  it("judges what an Instrumentation says, and whoever is outside the mesh", () => {
    expect(ask(told({ propagators: ["trace-context"] }))).toEqual([
      `error: ${byInstrumentation} has OTEL_PROPAGATORS=trace-context, and no SDK knows the propagator trace-context: it does ` +
        "without, or does not start\n# in spec of the Instrumentation\npropagators:\n  - tracecontext",
    ]);
    const outside = own({ OTEL_TRACES_EXPORTER: "jaeger" }).objects.filter(
      ({ metadata }) => metadata.namespace === "auth",
    );
    expect(ask(outside)).toHaveLength(1);
  });
});
