import { describe, expect, test } from "vitest";
import { mistakesIn, stackOf } from "../fixtures/stack";
import { chartSource, cpuQuantity, dnsLabel, exactVersion, typed } from "../fixtures/words";

const memory = { rule: "a Kubernetes memory quantity with unit Mi or Gi", fix: "write it like 512Mi or 2Gi" };
const tooMany = (most: number, limit: string) => ({
  rule: `at most ${most} traces fit into memoryLimit ${limit}; more would end in an out-of-memory kill`,
  fix: "raise jaeger.memoryLimit, or remove maxTraces to have it derived",
});
const above = (resource: string, request: string, limit: string) => ({
  rule: `requests.${resource} ${request} is above limits.${resource} ${limit}, and Kubernetes takes no such pod`,
  fix: "lower the request, or raise the limit",
});
const hostName = { rule: "a host name without scheme and path", fix: "write it like jaeger.example.com" };
const repository = "https://charts.example.com";

describe("a mistake in section jaeger is told once, with its fix", () => {
  test.each([
    [{ namespace: "Tracing" }, "namespace", '"Tracing"', dnsLabel],
    [
      { createNamespace: "false" },
      "createNamespace",
      '"false"',
      typed("boolean", "remove the quotes: false"),
    ],
    [{ release: "jaeger_1" }, "release", '"jaeger_1"', dnsLabel],
    [{ release: "j".repeat(64) }, "release", `"${"j".repeat(64)}"`, dnsLabel],
    [{ chart: "jaeger" }, "chart", '"jaeger"', chartSource],
    [{ chart: { version: "4.11.1" } }, "chart", '{"version":"4.11.1"}', chartSource],
    [{ chart: { repository, version: "^4.11.0" } }, "chart.version", '"^4.11.0"', exactVersion],
    [
      { priorityClassName: "high" },
      "priorityClassName",
      '"high"',
      {
        rule: "the chart has no such key",
        fix: "remove it: the chart gives its pods no priority, and a cluster's default one applies",
      },
    ],
    [{ memoryLimit: "512M" }, "memoryLimit", '"512M"', memory],
    [{ memoryLimit: "0Mi" }, "memoryLimit", '"0Mi"', memory],
    [{ memoryLimit: 512 }, "memoryLimit", "512", typed("string", 'put it in quotes: "512"')],
    [
      { memoryLimit: "255Mi" },
      "memoryLimit",
      '"255Mi"',
      { rule: "at least 256Mi: below that Jaeger keeps hardly any traces", fix: "write 256Mi or more" },
    ],
    [{ maxTraces: 0 }, "maxTraces", "0", { rule: "a positive number of traces", fix: "write 1 or more" }],
    [{ maxTraces: 1.5 }, "maxTraces", "1.5", typed("int")],
    [{ maxTraces: 10_001 }, "maxTraces", "10001", tooMany(10_000, "512Mi")],
    [{ maxTraces: 51_501, memoryLimit: "2Gi" }, "maxTraces", "51501", tooMany(51_500, "2Gi")],
    [{ maxTraces: "99999" }, "maxTraces", '"99999"', typed("number", "remove the quotes: 99999")],
    [{ cpuRequest: "100 m" }, "cpuRequest", '"100 m"', cpuQuantity],
    [{ cpuLimit: "0" }, "cpuLimit", '"0"', cpuQuantity],
    [{ cpuLimit: 2 }, "cpuLimit", "2", typed("string", 'put it in quotes: "2"')],
    [{ host: "https://ui.example.com" }, "host", '"https://ui.example.com"', hostName],
    [
      { logSearch: "logs.example.com/{traceId}" },
      "logSearch",
      '"logs.example.com/{traceId}"',
      {
        rule: "the http(s) address of a log search, with {traceId} where the trace's id goes",
        fix: "write it like https://logs.example.com/search?q=trace.id:{traceId}",
      },
    ],
    [
      { logSearch: "https://logs.example.com/search" },
      "logSearch",
      '"https://logs.example.com/search"',
      {
        rule: "has no {traceId}, so every trace would lead to the same page",
        fix: "write {traceId} where the trace's id goes, such as ?q=trace.id:{traceId}",
      },
    ],
    [{ values: [] }, "values", "[]", typed("record")],
    [
      { cpuLimit: "100000" },
      "cpuLimit",
      '"100000"',
      { rule: "at most 1000 CPUs, which no node has", fix: "write it like 100m or 1" },
    ],
    [
      { memoryLimit: "99999Gi" },
      "memoryLimit",
      '"99999Gi"',
      { rule: "at most 1024Gi, which no pod of Jaeger needs", fix: "write it like 512Mi or 2Gi" },
    ],
    [{ cpuRequest: "2" }, "cpuRequest", '"2"', above("cpu", "2", "1")],
    [{ cpuRequest: "1500m", cpuLimit: "1.4" }, "cpuRequest", '"1500m"', above("cpu", "1500m", "1.4")],
    [
      { values: { jaeger: { resources: { requests: { cpu: 3 } } } } },
      "values.jaeger.resources",
      '{"requests":{"cpu":3}}',
      above("cpu", "3", "1"),
    ],
    [
      { values: { jaeger: { resources: { limits: { memory: "256Mi" } } } } },
      "values.jaeger.resources",
      '{"limits":{"memory":"256Mi"}}',
      above("memory", "512Mi", "256Mi"),
    ],
  ])("%o", (jaeger, at, value, words) => {
    expect(mistakesIn(stackOf({ jaeger }))).toEqual([{ path: `mesh-tracing:jaeger.${at}`, value, ...words }]);
  });

  test("256Mi of memory is enough", () => {
    expect(mistakesIn(stackOf({ jaeger: { memoryLimit: "256Mi" } }))).toEqual([]);
  });

  test("what is right at the edge of each rule passes", () => {
    const jaeger = {
      release: "j".repeat(63),
      memoryLimit: "512Mi",
      maxTraces: 10_000,
      cpuRequest: "1m",
      cpuLimit: "0.5",
      host: "ui.example.com",
    };
    expect(mistakesIn(stackOf({ jaeger }))).toEqual([]);
  });
});

describe("values of the chart that no template reads are refused", () => {
  const retired = "no template of chart 4.x reads this key of older charts";
  const unread = "no template of chart 4.x reads this key";
  const named = "Services and policies select the pods by this name";
  test.each([
    [
      "provisionDataStore",
      retired,
      "remove it: Jaeger 2 keeps traces in memory unless userconfig names a store",
    ],
    ["allInOne", retired, "use jaeger (for example jaeger.resources, jaeger.extraEnv)"],
    ["agent", retired, "remove it: SDKs send OTLP to the collector"],
    ["collector", retired, "use jaeger (for example jaeger.resources, jaeger.args)"],
    ["query", retired, "use jaeger (for example jaeger.ingress); the UI is served by the same pod"],
    ["ingester", retired, "use userconfig"],
    ["hotrod", retired, "remove it: the demo application has its own chart"],
    ["cassandra", retired, "use storage.cassandra"],
    ["elasticsearch", retired, "use storage.elasticsearch"],
    ["schema", retired, "remove it"],
    ["fullnameOverride", named, "set jaeger.release instead"],
    ["nameOverride", named, "set jaeger.release instead"],
    ["jeager", unread, "write jaeger instead of jeager"],
    ["completelyDifferent", unread, "remove completelyDifferent"],
    ["toString", unread, "remove toString"],
  ])("%s", (key, rule, fix) => {
    expect(mistakesIn(stackOf({ jaeger: { values: { [key]: {} } } }))).toEqual([
      { path: `mesh-tracing:jaeger.values.${key}`, value: "{}", rule, fix },
    ]);
  });

  test.each([
    ["jaeger.imagePullSecrets", ["regcred"], "write jaeger.image.pullSecrets, a list of names"],
    [
      "jaeger.priorityClassName",
      "high",
      "remove it: the chart gives its pods no priority, and a cluster's default one applies",
    ],
    ["jaeger.typo", 1, "remove typo"],
    ["jaeger.nodeSelecter", {}, "write nodeSelector instead of nodeSelecter"],
    ["jaeger.image.pullPolcy", "Always", "write pullPolicy instead of pullPolcy"],
    ["jaeger.httproute.parentRef", [], "write parentRefs instead of parentRef"],
    ["esRollover.initHook.podLabel", {}, "write podLabels instead of podLabel"],
    ["storage.elasticsearch.tls.enable", true, "write enabled instead of enable"],
    ["networkPolicy", {}, "remove networkPolicy"],
    ["resources", {}, "write it under jaeger: jaeger.resources"],
    ["nodeSelector", {}, "write it under jaeger: jaeger.nodeSelector"],
    ["imagePullSecrets", ["regcred"], "write global.imagePullSecrets, a list of names"],
  ])("%s, at its depth", (path, value, fix) => {
    const values = path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<
      string,
      unknown
    >;
    const mistakes = mistakesIn(stackOf({ jaeger: { values } }));
    expect(mistakes.map((one) => ({ path: one.path, rule: one.rule, fix: one.fix }))).toEqual([
      { path: `mesh-tracing:jaeger.values.${path}`, rule: unread, fix },
    ]);
  });

  test("a word where keys are read is told", () => {
    expect(mistakesIn(stackOf({ jaeger: { values: { jaeger: { image: "mirror/jaeger:2" } } } }))).toEqual([
      {
        path: "mesh-tracing:jaeger.values.jaeger.image",
        value: '"mirror/jaeger:2"',
        rule: "the templates of chart 4.x read keys of it",
        fix: "write a map with keys of digest, pullPolicy, pullSecrets, registry, repository, tag",
      },
    ]);
  });

  test("what is inside labels, tolerations and the like is Kubernetes' business", () => {
    const jaeger = { podLabels: { anything: "x" }, tolerations: [{ key: "a" }], affinity: { some: {} } };
    expect(
      mistakesIn(stackOf({ jaeger: { values: { jaeger, userconfig: { any: { thing: 1 } } } } })),
    ).toEqual([]);
  });

  test.each([
    "commonAnnotations",
    "commonLabels",
    "esIndexCleaner",
    "esLookback",
    "esRollover",
    "extraObjects",
    "global",
    "jaeger",
    "spark",
    "storage",
    "uiconfig",
    "userconfig",
  ])("%s is read", (key) => {
    expect(mistakesIn(stackOf({ jaeger: { values: { [key]: {} } } }))).toEqual([]);
  });
});
