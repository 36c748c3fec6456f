import { describe, expect, it } from "vitest";
import { injectedEntries } from "../../../policy/model/instrumentation";
import { TracingModel } from "../../../policy/model/tracingModel";

type Annotations = Record<string, string>;
const prefix = "instrumentation.opentelemetry.io/";
const annotated = (annotations: Annotations): Annotations =>
  Object.fromEntries(Object.entries(annotations).map(([key, value]) => [prefix + key, value]));

const instrumentation = (name: string, namespace = "shop", spec: object = {}) => ({
  apiVersion: "opentelemetry.io/v1alpha1",
  kind: "Instrumentation",
  metadata: { name, namespace },
  spec,
});

/** What becomes of a pod with two containers, annotated in two places. */
function instrumented(pod: Annotations, namespace: Annotations, ...instrumentations: object[]) {
  const model = TracingModel.from([
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", annotations: annotated(namespace) } },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "app", namespace: "shop", annotations: annotated(pod) },
      spec: { containers: [{ name: "first" }, { name: "second" }] },
    },
    ...instrumentations,
  ]);
  const [workload] = model.workloads;
  if (workload === undefined) throw new Error("no workload");
  const { injected, refusals } = model.instrumentationOf(workload);
  return {
    injected: injected.map(({ language, source, containers }) => ({
      language,
      source: source.metadata.name,
      containers,
    })),
    refusals: refusals.map(({ annotation, reason }) => [annotation.slice(prefix.length), reason.kind]),
  };
}

const inject = "inject-python";
const [a, b] = [instrumentation("a"), instrumentation("b")];

describe("the annotations of a pod and of its namespace", () => {
  it.each<[pod: string | undefined, namespace: string | undefined, chosen: string | undefined]>([
    [undefined, undefined, undefined],
    ["b", undefined, "b"],
    [undefined, "b", "b"],
    ["b", "a", "b"],
    ["true", "b", "b"],
    ["TRUE", "b", "b"],
    ["false", "b", undefined],
    ["False", "b", undefined],
    ["b", "false", "b"],
    ["", "b", "b"],
    ["b", "", "b"],
    [undefined, "false", undefined],
  ])("pod %s, namespace %s: %s", (pod, namespace, chosen) => {
    const { injected, refusals } = instrumented(
      pod === undefined ? {} : { [inject]: pod },
      namespace === undefined ? {} : { [inject]: namespace },
      a,
      b,
    );
    expect(injected.map(({ source }) => source)).toEqual(chosen === undefined ? [] : [chosen]);
    expect(refusals).toEqual([]);
  });

  it("true on the pod wins over false on the namespace", () => {
    expect(instrumented({ [inject]: "true" }, { [inject]: "false" }, a).injected).toHaveLength(1);
    expect(instrumented({ [inject]: "true" }, { [inject]: "false" }, a, b).refusals).toEqual([
      [inject, "several"],
    ]);
  });
});

describe("containers", () => {
  const containersOf = (pod: Annotations, namespace: Annotations = {}) =>
    instrumented({ [inject]: "a", ...pod }, namespace, a).injected.map(({ containers }) => containers);

  it.each<[Annotations, string[]]>([
    [{}, ["first"]],
    [{ "container-names": "second" }, ["second"]],
    [{ "container-names": "second,first" }, ["second", "first"]],
    [{ "python-container-names": "second" }, ["second"]],
    [{ "container-names": "first", "python-container-names": "second" }, ["first", "second"]],
    [{ "java-container-names": "second" }, ["first"]],
  ])("%j", (annotations, expected) => {
    expect(containersOf(annotations)).toEqual([expected]);
  });

  it("are named by the namespace too", () => {
    expect(containersOf({}, { "container-names": "second" })).toEqual([["second"]]);
  });

  it("of nginx have an annotation of another form", () => {
    const { injected } = instrumented(
      { "inject-nginx": "a", "inject-nginx-container-names": "second", "nginx-container-names": "first" },
      {},
      a,
    );
    expect(injected.map(({ containers }) => containers)).toEqual([["second"]]);
  });

  it("must be said for each of several languages", () => {
    const both = { [inject]: "a", "inject-java": "b" };
    expect(instrumented(both, {}, a, b).refusals).toEqual([["inject-java", "containers"]]);
    expect(instrumented({ ...both, "java-container-names": "first" }, {}, a, b).refusals).toHaveLength(1);
    const each = { "java-container-names": "first", "python-container-names": "second" };
    expect(instrumented({ ...both, ...each }, {}, a, b).injected).toEqual([
      { language: "java", source: "b", containers: ["first"] },
      { language: "python", source: "a", containers: ["second"] },
    ]);
  });
});

describe("what is wrong with one language", () => {
  it("keeps all others out", () => {
    const { injected, refusals } = instrumented(
      {
        [inject]: "a",
        "inject-java": "gone",
        "java-container-names": "first",
        "python-container-names": "second",
      },
      {},
      a,
    );
    expect({ injected, refusals }).toEqual({ injected: [], refusals: [["inject-java", "missing"]] });
  });
});

describe("what is added to a container's variables", () => {
  const source = instrumentation("a", "shop", {
    exporter: { endpoint: "http://field" },
    propagators: ["b3"],
    sampler: { type: "always_on", argument: "1" },
    env: [
      { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://common" },
      { name: "OTEL_A", value: "common" },
    ],
    python: { env: [{ name: "OTEL_A", value: "language" }] },
  });
  const entries = (language: string, own: string[] = []): Record<string, unknown> =>
    Object.fromEntries(
      injectedEntries({ language, source, containers: [] }, new Set(own)).map(({ name, value }) => [
        String(name),
        value,
      ]),
    );

  it("is first the language's, then all languages', then the fields'", () => {
    expect(entries("python")).toMatchObject({
      OTEL_A: "language",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://common",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_LOGS_EXPORTER: "otlp",
      OTEL_TRACES_EXPORTER: "otlp",
      OTEL_PROPAGATORS: "b3",
      OTEL_TRACES_SAMPLER: "always_on",
      OTEL_TRACES_SAMPLER_ARG: "1",
    });
    expect(entries("java")["OTEL_A"]).toBe("common");
    expect(entries("java")["OTEL_EXPORTER_OTLP_PROTOCOL"]).toBeUndefined();
    expect(entries("nodejs")["OTEL_METRICS_EXPORTER"]).toBe("otlp");
    expect(entries("nodejs")["OTEL_TRACES_EXPORTER"]).toBeUndefined();
  });

  it("is nothing that the container has", () => {
    expect(Object.keys(entries("python", ["OTEL_A", "OTEL_PROPAGATORS"]))).not.toContain("OTEL_A");
    expect(entries("python", ["OTEL_PROPAGATORS"])["OTEL_PROPAGATORS"]).toBeUndefined();
  });

  it.each(["OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"])("is no sampler where %s is set", (name) => {
    const keys = Object.keys(entries("python", [name]));
    expect(keys.filter((key) => key.startsWith("OTEL_TRACES_SAMPLER"))).toEqual([]);
  });
});
