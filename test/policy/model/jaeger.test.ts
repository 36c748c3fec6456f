/** Jaeger among the workloads, and how it keeps traces. */
import { stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { jaegersOf } from "../../../policy/model/jaeger";
import { storeOf } from "../../../policy/model/jaegerStore";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const deployment = (containers: Json[], labels: Json = { app: "jaeger" }, more: Json = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "jaeger", namespace: "tracing" },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers, ...more } },
  },
});
const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "jaeger", namespace: "tracing" },
  spec: { selector: { "app.kubernetes.io/name": "jaeger" }, ports: [{ port: 9411 }] },
};
const jaegers = (...objects: unknown[]) =>
  jaegersOf(TracingModel.from(objects, { collector: "tracing/jaeger:9411" })).map(({ name }) => name);

describe("Jaeger", () => {
  it.each([
    ["jaegertracing/jaeger", true],
    ["jaegertracing/jaeger:2.19.0", true],
    ["docker.io/jaegertracing/jaeger@sha256:0123", true],
    ["registry.example.com:5000/mirror/jaegertracing/all-in-one:1.76.0", true],
    ["jaegertracing/opentelemetry-all-in-one:1", true],
    ["jaegertracing/jaeger-collector:1.76.0", true],
    ["jaegertracing/jaeger-query:1.76.0", true],
    ["cr.jaegertracing.io/jaegertracing/jaeger:2.19.0", true],
    ["quay.io/jaeger/jaeger:2", true],
    ["jaegertracing/jaeger-agent:1", false],
    ["jaegertracing/jaeger-operator:1", false],
    ["jaegertracing/example-hotrod:1", false],
    ["notjaegertracing/jaeger:1", false],
    ["jaegertracing/jaeger-collector-x:1", false],
    ["jaeger", false],
    [undefined, false],
  ])("is known by its image: %s: %s", (image, expected) => {
    expect(jaegers(deployment([{ name: "proxy" }, { name: "it", image }]))).toEqual(expected ? ["it"] : []);
  });

  it("is known by its label behind the collector's Service, mirrored under another name", () => {
    const label = { "app.kubernetes.io/name": "jaeger" };
    const containers = [{ name: "istio-proxy" }, { name: "it", image: "mirror/j:1" }, { name: "side" }];
    expect(jaegers(service, deployment(containers, label))).toEqual(["it"]);
    expect(jaegers(deployment(containers, label))).toEqual([]);
    const other = { ...service, spec: { ...service.spec, selector: { app: "jaeger" } } };
    expect(jaegers(other, deployment(containers))).toEqual([]);
    const own = { name: "own", image: "jaegertracing/jaeger:2" };
    expect(jaegers(service, deployment([...containers, own], label))).toEqual(["own"]);
    expect(jaegers(deployment([{ image: "jaegertracing/jaeger:2" }]))).toEqual([""]);
  });
});

describe("its store", () => {
  const store = (container: Json, pod: Json = {}, ...objects: unknown[]) => {
    const own = { name: "jaeger", image: "jaegertracing/jaeger:2.19.0", ...container };
    const model = TracingModel.from([deployment([own], {}, pod), ...objects]);
    const [jaeger] = jaegersOf(model);
    if (jaeger === undefined) throw new Error("no Jaeger");
    return storeOf(jaeger, model.index);
  };
  const memory = (maxTraces: number, isDefault = false) => ({ kind: "memory", maxTraces, isDefault });
  const flag = "--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces";
  const config = (backends: Json) => ({ extensions: { jaeger_storage: { backends } } });
  const env = (variables: Record<string, string>) =>
    Object.entries(variables).map(([name, value]) => ({ name, value }));

  it.each<[string, Json, unknown]>([
    ["the default", {}, memory(100_000, true)],
    ["a setting", { args: ["--other", `${flag}=5000`] }, memory(5000)],
    ["a setting of the command", { command: ["jaeger", `${flag}=5000`] }, memory(5000)],
    ["the last of two settings", { args: [`${flag}=1`, `${flag}=2`] }, memory(2)],
    ["a setting over the configuration file", { args: ["--config=a.yaml", `${flag}=7`] }, memory(7)],
    ["Jaeger 1's flag", { args: ["--memory.max-traces=3000"] }, memory(3000)],
    ["Jaeger 1's flag and value", { args: ["--memory.max-traces", "3000", "--other"] }, memory(3000)],
    [
      "the last of two of Jaeger 1's flags",
      { args: ["--memory.max-traces=1", "--memory.max-traces=2"] },
      memory(2),
    ],
    ["Jaeger 1's variable", { env: env({ OTHER: "1", MEMORY_MAX_TRACES: "4000" }) }, memory(4000)],
    ["a storage that is the memory", { env: env({ SPAN_STORAGE_TYPE: "memory" }) }, memory(100_000, true)],
    [
      "another storage",
      { env: env({ SPAN_STORAGE_TYPE: "badger" }), args: [`${flag}=1`] },
      { kind: "other" },
    ],
    ["a collector's of Jaeger 1", { image: "jaegertracing/jaeger-collector:1.76.0" }, { kind: "other" }],
    ["a query's of Jaeger 1", { image: "jaegertracing/jaeger-query" }, { kind: "other" }],
    [
      "a configuration file that is not in the input",
      { args: ["--config=/etc/jaeger.yaml"] },
      { kind: "unknown", why: "its configuration file is not in the input" },
    ],
    [
      "the same by two arguments",
      { args: ["--config", "/etc/jaeger.yaml"] },
      { kind: "unknown", why: "its configuration file is not in the input" },
    ],
  ])("is %s", (_, container, expected) => {
    expect(store(container)).toEqual(expected);
  });

  it.each<[string, Json, unknown]>([
    ["a bound", { a: { memory: { max_traces: 9 } } }, memory(9)],
    ["a bound as text", { a: { memory: { max_traces: "9" } } }, memory(9)],
    ["no bound", { a: { memory: {} } }, memory(1_000_000, true)],
    ["a bound of the second", { a: { badger: {} }, b: { memory: { max_traces: 9 } } }, memory(9)],
    ["no memory", { a: { badger: {} } }, { kind: "other" }],
    ["nothing", {}, { kind: "other" }],
  ])("is what a mounted configuration says: %s", (_, backends, expected) => {
    const volumes = [
      { name: "other", configMap: { name: "other" } },
      { name: "config", configMap: { name: "user-config" } },
    ];
    const map = (name: string, value: Json, namespace = "tracing") => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace },
      data: {
        "notes.txt": "text",
        "broken.yaml": "a: [",
        "other.yaml": "a: 1",
        "config.yaml": stringify(value),
      },
    });
    const container = {
      args: ["--config=/etc/config.yaml"],
      volumeMounts: [{ name: "config" }, { name: "gone" }],
    };
    const other = map("other", config({ x: { memory: { max_traces: 1 } } }));
    expect(store(container, { volumes }, other, map("user-config", config(backends)))).toEqual(expected);
    const unknown = { kind: "unknown", why: "its configuration file is not in the input" };
    expect(store(container, { volumes }, other)).toEqual(unknown);
    expect(store(container, { volumes }, map("user-config", config(backends), "apps"))).toEqual(unknown);
    expect(store(container, { volumes: [{ name: "config" }] })).toEqual(unknown);
    // Without the argument that names the file, Jaeger has its own configuration.
    expect(store({ ...container, args: [] }, { volumes }, map("user-config", config(backends)))).toEqual(
      memory(100_000, true),
    );
  });

  it("is what the chart's userconfig says", () => {
    expect(store({ "mesh-tracing/userconfig": config({ a: { memory: { max_traces: 9 } } }) })).toEqual(
      memory(9),
    );
    expect(store({ "mesh-tracing/userconfig": config({ a: { badger: {} } }) })).toEqual({ kind: "other" });
  });
});
