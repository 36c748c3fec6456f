/** What the OpenTelemetry Operator adds to pods that ask for it. */
import { describe, expect, it } from "vitest";
import { instrumentationOf } from "../../../policy/model/instrumentation";
import { ObjectIndex } from "../../../policy/model/objects";
import { workloadOf } from "../../../policy/model/workloads";

type Texts = Record<string, string>;
const prefix = "instrumentation.opentelemetry.io";
const inject = `${prefix}/inject-nodejs`;

const instrumentation = (name: string, spec: unknown = {}, namespace = "shop") => ({
  apiVersion: "opentelemetry.io/v1alpha1",
  kind: "Instrumentation",
  metadata: { name, namespace },
  spec,
});
const injected = (annotations: Texts, objects: unknown[], ofNamespace: Texts = {}) =>
  instrumentationOf(
    workloadOf({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "app", namespace: "shop", annotations },
      spec: { containers: [{ name: "app" }] },
    }),
    new ObjectIndex(objects),
    ofNamespace,
  );
const sources = (...given: Parameters<typeof injected>) =>
  injected(...given).map(({ source: { metadata } }) => `${metadata.namespace}/${metadata.name}`);

describe("an Instrumentation", () => {
  const one = instrumentation("one");
  const other = instrumentation("other", {}, "platform");

  it.each<[string, unknown[], string[]]>([
    ["true", [one, other], ["shop/one"]],
    ["true", [other], []],
    ["true", [one, instrumentation("two")], []],
    ["one", [one, other], ["shop/one"]],
    ["other", [one, other], []],
    ["platform/other", [one, other], ["platform/other"]],
    ["shop/other", [one, other], []],
    ["false", [one, instrumentation("false")], []],
    ["", [one, instrumentation("")], []],
  ])("asked for by %j is that of the name, or the only one", (wish, objects, expected) => {
    expect(sources({ [inject]: wish }, objects)).toEqual(expected);
  });

  it("is asked for by a pod, or else by its namespace", () => {
    expect(sources({}, [one], { [inject]: "true" })).toEqual(["shop/one"]);
    expect(sources({ [inject]: "false" }, [one], { [inject]: "true" })).toEqual([]);
    expect(sources({}, [one])).toEqual([]);
  });

  it.each(["java", "nodejs", "python", "dotnet", "go", "apache-httpd", "nginx", "sdk"])(
    "has variables for %s",
    (language) => {
      const section = language === "apache-httpd" ? "apacheHttpd" : language;
      const object = instrumentation("one", { [section]: { env: [{ name: "OTEL_A", value: language }] } });
      const found = injected({ [`${prefix}/inject-${language}`]: "true" }, [object]);
      expect(found.map(({ variables }) => variables)).toEqual([{ OTEL_A: language }]);
      expect(injected({ [`${prefix}/inject-${language}x`]: "true" }, [object])).toEqual([]);
    },
  );

  it("sets the standard variables, and those it lists, of a language over all", () => {
    const spec = {
      exporter: { endpoint: "http://collector:4317" },
      propagators: ["b3", "tracecontext"],
      sampler: { type: "parentbased_traceidratio", argument: "0.5" },
      env: [
        { name: "OTEL_A", value: "all" },
        { name: "OTEL_B", value: "all" },
        { name: "OTEL_C", valueFrom: {} },
        { value: "nameless" },
      ],
      nodejs: { env: [{ name: "OTEL_B", value: "nodejs" }] },
      java: { env: [{ name: "OTEL_A", value: "java" }] },
    };
    const [found] = injected({ [inject]: "true" }, [instrumentation("one", spec)]);
    expect(found?.variables).toEqual({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4317",
      OTEL_PROPAGATORS: "b3,tracecontext",
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.5",
      OTEL_A: "all",
      OTEL_B: "nodejs",
    });
    expect(injected({ [inject]: "true" }, [one])[0]?.variables).toEqual({});
  });

  it("is for the first container, or for those that annotations name", () => {
    const containers = (annotations: Texts) =>
      injected({ [inject]: "true", ...annotations }, [one]).map((found) => found.containers);
    expect(containers({})).toEqual([[]]);
    expect(containers({ [`${prefix}/container-names`]: "a, b,," })).toEqual([["a", "b"]]);
    expect(
      containers({ [`${prefix}/container-names`]: "a", [`${prefix}/nodejs-container-names`]: "c" }),
    ).toEqual([["c"]]);
    expect(containers({ [`${prefix}/java-container-names`]: "c" })).toEqual([[]]);
  });
});
