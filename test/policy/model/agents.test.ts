/** SDKs that somebody starts a program with, and the flags that they and programs take. */
import { describe, expect, it } from "vitest";
import { agentOf, flagsOf, speaksGrpc } from "../../../policy/model/agents";

type Variables = Record<string, string>;

const valuesOf = (variables: Variables) => new Map(Object.entries(variables));

describe("an agent", () => {
  const agent = (container: object, variables: Variables = {}) => {
    const { language, protocol } = agentOf({ ...container }, valuesOf(variables)) ?? {};
    return [language, protocol];
  };
  const none = [undefined, undefined];

  it.each<[string, string | undefined]>([
    ["-javaagent:/otel/opentelemetry-javaagent-1.33.0.jar", "grpc"],
    ["-Xmx1g -javaagent:/x/opentelemetry-javaagent_v1.0.0.jar -Da=b", "grpc"],
    ["-javaagent:/otel/opentelemetry-javaagent-2.10.0.jar", "http/protobuf"],
    ["-javaagent:/otel/opentelemetry-javaagent-10.0.0.jar", "http/protobuf"],
    ["-javaagent:/otel/opentelemetry-javaagent.jar", undefined],
    ["-JavaAgent:OTEL.jar", undefined],
  ])("for Java is loaded by %s and speaks %s", (options, protocol) => {
    expect(agent({}, { JAVA_TOOL_OPTIONS: options })).toEqual(["java", protocol]);
    expect(agent({ command: ["java"], args: [options, "-jar", "app.jar"] })).toEqual(["java", protocol]);
  });

  it("is not one that has its name elsewhere", () => {
    expect(agent({}, { JAVA_OPTS: "-javaagent:/profiler.jar -Dotel.x=opentelemetry" })).toEqual(none);
    // Each variable is its own text.
    expect(agent({}, { JAVA_OPTS: "-javaagent:/profiler.jar", NODE_OPTIONS: "opentelemetry" })).toEqual(none);
    expect(agent({}, { AGENT: "-javaagent:/otel/opentelemetry-javaagent.jar" })).toEqual(none);
    expect(agent({ command: ["my-opentelemetry-instrument", "app"] })).toEqual(none);
    expect(agent({ command: ["opentelemetry-instrumented", "app"] })).toEqual(none);
    expect(agent({}, { NODE_OPTIONS: "--require @opentelemetry/auto-instrumentations-node" })).toEqual(none);
    expect(agent({})).toEqual(none);
  });

  it("may be for another language", () => {
    const python = ["python", "grpc"];
    expect(agent({ command: ["opentelemetry-instrument", "python", "app.py"] })).toEqual(python);
    expect(
      agent({ command: ["sh", "-c"], args: ["/venv/bin/opentelemetry-instrument python app.py"] }),
    ).toEqual(python);
    expect(agent({ command: ["opentelemetry-instrument", "a"] }, { JAVA_OPTS: "-Xmx1g" })).toEqual(python);
    const node = { NODE_OPTIONS: "--require @opentelemetry/auto-instrumentations-node/build/src/register" };
    expect(agent({}, node)).toEqual(["nodejs", "http/protobuf"]);
    expect(agent({}, { OTEL_DOTNET_AUTO_HOME: "/otel" })).toEqual(["dotnet", "http/protobuf"]);
    expect(agent({}, { OTEL_PHP_AUTOLOAD_ENABLED: "True" })).toEqual(["php", "http/protobuf"]);
    expect(agent({}, { OTEL_PHP_AUTOLOAD_ENABLED: "false" })).toEqual(none);
  });
});

describe("a flag", () => {
  const flags = (container: object, variables: Variables = {}) =>
    flagsOf({ ...container }, valuesOf(variables)).map(
      ({ flag, name, value, from }) => `${flag} ${name}=${value}${from === undefined ? "" : ` from ${from}`}`,
    );

  it("of Java is a property, in a variable or in the command", () => {
    const options =
      `-Dotel.traces.exporter=otlp -Dotel.service.name="my shop" -Dotel.propagators='b3' -Dother=1 ` +
      "-Dotel.traces.sampler=";
    const found = [
      "-Dotel.traces.exporter OTEL_TRACES_EXPORTER=otlp",
      "-Dotel.service.name OTEL_SERVICE_NAME=my shop",
      "-Dotel.propagators OTEL_PROPAGATORS=b3",
      "-Dotel.traces.sampler OTEL_TRACES_SAMPLER=",
    ];
    expect(flags({ args: [options] })).toEqual(found);
    expect(flags({}, { JAVA_TOOL_OPTIONS: options })).toEqual(
      found.map((one) => `${one} from JAVA_TOOL_OPTIONS`),
    );
    expect(flags({}, { JAVA: options })).toEqual([]);
    expect(flags({}, { OPTS: "-Dotel.propagators=b3" })).toHaveLength(1);
    expect(flags({}, { OPTIONS_FILE: "-Dotel.propagators=b3", MYOPTS: "-Dotel.propagators=b3" })).toEqual([]);
    expect(flags({ args: ["-Dotel.service.name='my shop'"] })).toEqual([
      "-Dotel.service.name OTEL_SERVICE_NAME=my shop",
    ]);
    expect(flags({ args: ["x-Dotel.traces.exporter=otlp", "-Dotel.no.such.thing=1"] })).toEqual([]);
  });

  it("of Python's starter stands behind it", () => {
    const set = ["--traces_exporter", "otlp", "--exporter_otlp_endpoint=http://a:4317", "python", "app.py"];
    const found = [
      "--traces_exporter OTEL_TRACES_EXPORTER=otlp",
      "--exporter_otlp_endpoint OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4317",
    ];
    expect(flags({ command: ["opentelemetry-instrument"], args: set })).toEqual(found);
    expect(flags({ command: ["sh", "-c", `exec /bin/opentelemetry-instrument ${set.join(" ")}`] })).toEqual(
      found,
    );
    expect(flags({ command: ["my-opentelemetry-instrument", ...set] })).toEqual([]);
    expect(flags({ command: ["opentelemetry-instruments", ...set] })).toEqual([]);
    expect(flags({ command: ["--traces_exporter=otlp", "opentelemetry-instrument", "a"] })).toEqual([]);
    expect(flags({ command: ["opentelemetry-instrument", "x--traces_exporter=otlp"] })).toEqual([]);
  });

  it("of a program has the variable's name, with dots or dashes", () => {
    expect(flags({ command: ["sh", "-c", "app --otel-exporter-otlp-endpoint  http://a:4317"] })).toEqual([
      "--otel-exporter-otlp-endpoint OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4317",
    ]);
    expect(flags({ args: ["--otel-exporter-otlp-endpoint", "http://a:4317"] })).toEqual([
      "--otel-exporter-otlp-endpoint OTEL_EXPORTER_OTLP_ENDPOINT=http://a:4317",
    ]);
    expect(flags({ args: ['--otel.service.name="shop"', "--x--otel-propagators=b3", "--otelx=1"] })).toEqual([
      "--otel.service.name OTEL_SERVICE_NAME=shop",
    ]);
    expect(flags({ args: ["--otel.service.name=a\"b'"] })).toEqual([
      `--otel.service.name OTEL_SERVICE_NAME=a"b'`,
    ]);
  });
});

it.each([
  ["ghcr.io/open-telemetry/opentelemetry-operator/autoinstrumentation-java:1.33.5", true],
  ["autoinstrumentation-java:v1.33.5", true],
  ["autoinstrumentation-java:2.10.0", false],
  ["autoinstrumentation-java:12.0.0", false],
  ["autoinstrumentation-python:1.0.0", false],
  [undefined, false],
])("the operator's image %s speaks gRPC: %s", (image, expected) => {
  expect(speaksGrpc(image)).toBe(expected);
});
