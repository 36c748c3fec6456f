import { describe, expect, it } from "vitest";
import { istioConfigMap, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const meshConfigMap = "ConfigMap istio-system/istio";
const telemetry = "Telemetry istio-system/mesh-default";

testRule("access-log-trace-id", {
  faults: [
    {
      ...exampleFault("access-log-trace-id"),
      object: meshConfigMap,
      level: "warning",
      message:
        "ConfigMap istio-system/istio writes the access log of provider json-access-log without the trace ID (in its own format); add %TRACE_ID% to the format",
      fix: `# under extensionProviders in the mesh config of ConfigMap istio-system/istio
name: json-access-log
envoyFileAccessLog:
  path: /dev/stdout
  logFormat:
    labels:
      trace.id: "%TRACE_ID%"
      url.path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"`,
    },
    {
      name: "the access log has Envoy's format",
      breaks: (mesh) => mesh.set(telemetry, "spec accessLogging 0 providers 0 name", "envoy"),
      object: telemetry,
      level: "warning",
      message:
        "Telemetry istio-system/mesh-default writes the access log of provider envoy without the trace ID (in Envoy's default format); add %TRACE_ID% to the format",
      fix: `# under extensionProviders in the mesh config; then name it in spec.accessLogging of Telemetry istio-system/mesh-default
name: json-access-log
envoyFileAccessLog:
  path: /dev/stdout
  logFormat:
    labels:
      trace.id: "%TRACE_ID%"
      url.path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"`,
    },
  ],
  harmless: [
    {
      name: "no access log",
      varies: (mesh) => mesh.unset(telemetry, "spec accessLogging"),
    },
    {
      name: "a text format with the trace's id",
      varies: (mesh) =>
        mesh.mesh("extensionProviders 1 envoyFileAccessLog logFormat", {
          text: "[%START_TIME%] %TRACE_ID% %REQ(:PATH)%\n",
        }),
    },
  ],
});

describe("access-log-trace-id", () => {
  const ask = asker("access-log-trace-id");
  const lines =
    "name: json-access-log\nenvoyFileAccessLog:\n  path: /dev/stdout\n  logFormat:\n    labels:\n" +
    '      trace.id: "%TRACE_ID%"\n      url.path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"';
  const own = "# under extensionProviders in the mesh config of ConfigMap istio-system/istio";
  const without = (what: string, format = "in its own format") =>
    `warning: ConfigMap istio-system/istio writes the access log ${what} without the trace ID (${format}); add %TRACE_ID% to the format\n${own}\n${lines}`;
  const text = (format: string) =>
    ask(new Mesh().mesh("extensionProviders 1 envoyFileAccessLog logFormat", { text: format })).length === 0;

  it.each([
    ["%TRACE_ID%", true],
    ["a %REQ(X-B3-TRACEID)% b", true],
    ["%REQ(x-b3-traceid?traceparent)%", true],
    ["%REQ(TRACEPARENT)%", true],
    ["%REQ(B3)%", true],
    ["%REQ(X-CLOUD-TRACE-CONTEXT)%", true],
    ["%DYNAMIC_METADATA(envoy:trace_id)%", true],
    ["%REQ(X-REQUEST-ID)%", false],
    ["%REQ(B3X)%", false],
    ["%DYNAMIC_METADATA(envoy:other)% trace", false],
    ["", false],
  ])("the text %s carries it: %s", (format, expected) => {
    expect(text(format)).toBe(expected);
  });

  it("is looked for in every provider in use, and in no other", () => {
    const names = (...providers: string[]) => providers.map((name) => ({ name }));
    const log = (value: unknown) => ask(new Mesh().set(telemetry, "spec accessLogging", value));
    const envoy = `warning: ${telemetry} writes the access log of provider envoy without the trace ID (in Envoy's default format); add %TRACE_ID% to the format\n# under extensionProviders in the mesh config; then name it in spec.accessLogging of ${telemetry}\n${lines}`;
    expect(log([{ providers: names("json-access-log") }])).toEqual([]);
    expect(log([{ providers: names("json-access-log", "envoy") }])).toEqual([envoy]);
    expect(log([{ providers: names("envoy") }, { providers: names("json-access-log") }])).toEqual([envoy]);
    expect(log([{ providers: names("envoy"), disabled: true }])).toEqual([]);
    expect(log([{ providers: names("envoy"), disabled: false }])).toEqual([envoy]);
    // What is not defined is another rule's.
    expect(log([{ providers: names("gone") }])).toEqual([]);
    expect(log([{ disabled: true }])).toEqual([]);
    const second = new Mesh()
      .copy(telemetry, "other")
      .set(telemetry, "spec accessLogging", [{ providers: names("envoy") }]);
    expect(ask(second)).toEqual([]);
  });

  it("of Istio's own provider has the mesh config's format, and of no other", () => {
    const log = (format: string, name = "envoy") =>
      ask(
        new Mesh()
          .set(telemetry, "spec accessLogging 0 providers 0 name", name)
          .mesh("accessLogFormat", format)
          .mesh("extensionProviders 1 envoyFileAccessLog", { path: "/dev/stdout" }),
      ).map((line) => /\((in .*)\)/.exec(line)?.[1]);
    expect(log("%TRACE_ID%")).toEqual([]);
    expect(log("%REQ(:PATH)%")).toEqual(["in its own format"]);
    expect(log("%TRACE_ID%", "json-access-log")).toEqual(["in Envoy's default format"]);
  });

  it("may be the mesh's default provider", () => {
    const byDefault = (name: string) =>
      new Mesh().unset(telemetry, "spec accessLogging").mesh("defaultProviders", { accessLogging: [name] });
    expect(ask(byDefault("json-access-log"))).toEqual([]);
    expect(ask(byDefault("envoy"))).toHaveLength(1);
    // The Telemetry's own providers win.
    expect(ask(new Mesh().mesh("defaultProviders", { accessLogging: ["envoy"] }))).toEqual([]);
    const noTelemetry = byDefault("envoy").remove(telemetry).mesh("defaultProviders tracing", ["jaeger"]);
    expect(ask(noTelemetry)).toEqual([without("of provider envoy", "in Envoy's default format")]);
  });

  it.each(["envoyOtelAls", "envoyHttpAls", "envoyTcpAls", "stackdriver"])(
    "%s carries it by itself",
    (type) => {
      expect(ask(new Mesh().mesh("extensionProviders 1", { name: "json-access-log", [type]: {} }))).toEqual(
        [],
      );
    },
  );

  it("is looked for in labels", () => {
    const labels = (value: unknown) =>
      ask(new Mesh().mesh("extensionProviders 1 envoyFileAccessLog logFormat labels", value));
    expect(labels({ a: "b", c: "%TRACE_ID%" })).toEqual([]);
    expect(labels({ a: "b" })).toEqual([without("of provider json-access-log")]);
    expect(labels({})).toEqual([without("of provider json-access-log", "in Envoy's default format")]);
    expect(labels({ "%TRACE_ID%": "a" })).toHaveLength(1);
    expect(ask(new Mesh().mesh("extensionProviders 1", { name: "json-access-log" }))).toEqual([]);
  });

  it("is looked for in the legacy file, where no provider is used", () => {
    const file = (parts: Record<string, unknown>, entries?: unknown) => {
      const mesh = new Mesh().unset(telemetry, "spec accessLogging");
      if (entries !== undefined) mesh.set(telemetry, "spec accessLogging", entries);
      for (const [key, value] of Object.entries(parts)) mesh.mesh(key, value);
      return ask(mesh);
    };
    const accessLogFile = "/dev/stdout";
    expect(file({})).toEqual([]);
    expect(file({ accessLogFile: "" })).toEqual([]);
    expect(file({ accessLogFile })).toEqual([without("/dev/stdout", "in Envoy's default format")]);
    expect(file({ accessLogFile, accessLogFormat: "" })).toEqual([
      without("/dev/stdout", "in Envoy's default format"),
    ]);
    expect(file({ accessLogFile, accessLogFormat: "%PROTOCOL%" })).toEqual([without("/dev/stdout")]);
    expect(file({ accessLogFile, accessLogFormat: "%TRACE_ID%" })).toEqual([]);
    expect(file({ accessLogFile }, [{}])).toEqual([]);
  });

  it("is no question where nothing is traced", () => {
    expect(ask([istioConfigMap({ accessLogFile: "/dev/stdout" })])).toEqual([]);
    expect(ask([], { collector: "tracing/jaeger:9411" })).toEqual([]);
  });
});
