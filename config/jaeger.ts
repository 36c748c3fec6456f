/** The section `jaeger` of a stack file. */
import { z } from "zod";
import { traceIdPlace } from "../mesh/urls";
import { maxTracesFor, mebibyte, parseMemory } from "../mesh/jaegerMemory";
import { jaegerStorage } from "./jaegerStorage";
import { isLocal, isShared } from "./jaegerStore";
import { evenIfWrong, says, section, unknownKeyFix } from "./mistakes";
import { cpu, dnsLabel, source } from "./words";

/** The chart a stack gets if it names none. Pinned: a stack is the same tomorrow. */
const defaultChart = {
  repository: "https://jaegertracing.github.io/helm-charts",
  version: "4.11.1",
} as const;

/** Keys of charts before 4.x that no template of 4.x reads, with the key that does. */
const retiredChartKeys: Readonly<Record<string, string>> = {
  provisionDataStore: "nothing: Jaeger 2 keeps traces in memory unless userconfig names a store",
  allInOne: "jaeger (for example jaeger.resources, jaeger.extraEnv)",
  agent: "nothing: SDKs send OTLP to the collector",
  collector: "jaeger (for example jaeger.resources, jaeger.args)",
  query: "jaeger (for example jaeger.ingress); the UI is served by the same pod",
  ingester: "userconfig",
  hotrod: "nothing: the demo application has its own chart",
  cassandra: "storage.cassandra",
  elasticsearch: "storage.elasticsearch",
  schema: "nothing",
};

/** Keys that the templates of chart 4.11.1 read and that this project does not set itself. */
const chartKeys = [
  "commonAnnotations",
  "commonLabels",
  "esIndexCleaner",
  "esLookback",
  "esRollover",
  "extraObjects",
  "global",
  "jaeger",
  "networkPolicy",
  "spark",
  "storage",
  "tag",
  "uiconfig",
  "userconfig",
];

const chartValues = z.record(z.string(), z.unknown()).superRefine((values, context) => {
  for (const key of Object.keys(values)) {
    const retired = Object.hasOwn(retiredChartKeys, key) ? retiredChartKeys[key] : undefined;
    if (retired !== undefined) {
      context.addIssue({
        code: "custom",
        path: [key],
        message: says("no template of chart 4.x reads this key of older charts", `use ${retired}`),
      });
    } else if (key === "fullnameOverride" || key === "nameOverride") {
      context.addIssue({
        code: "custom",
        path: [key],
        message: says("Services and policies select the pods by this name", "set jaeger.release instead"),
      });
    } else if (!chartKeys.includes(key)) {
      context.addIssue({
        code: "custom",
        path: [key],
        message: says("no template of chart 4.x reads this key", unknownKeyFix(key, chartKeys)),
      });
    }
  }
});

const memoryLimit = z.string().superRefine((value, context) => {
  const add = (rule: string, fix: string): void =>
    context.addIssue({ code: "custom", message: says(rule, fix) });
  const bytes = parseMemory(value) ?? 0;
  if (!/^[1-9]\d*(Mi|Gi)$/.test(value))
    add("a Kubernetes memory quantity with unit Mi or Gi", "write it like 512Mi or 2Gi");
  else if (bytes < 256 * mebibyte)
    add("at least 256Mi: below it Jaeger keeps next to no trace", "write 256Mi or more");
});

/** Where a trace's logs are: an address with the place of the trace's id in it. */
const logSearch = z
  .url({
    protocol: /^https?$/,
    error: says(
      "the http(s) address of a log search, with {traceId} where the trace's id goes",
      "write it like https://logs.example.com/search?q=trace.id:{traceId}",
    ),
  })
  .includes(
    traceIdPlace,
    says(
      "has no {traceId}, so that every trace would lead to the same page",
      "write {traceId} where the trace's id goes, such as ?q=trace.id:{traceId}",
    ),
  );

export const jaeger = section({
  namespace: dnsLabel.optional(),
  createNamespace: z.boolean().default(false),
  release: dnsLabel.default("jaeger"),
  chart: source.default(defaultChart),
  memoryLimit: memoryLimit.default("512Mi"),
  maxTraces: z.int().min(1, says("a positive number of traces", "write 1 or more")).optional(),
  cpuRequest: cpu.default("100m"),
  cpuLimit: cpu.default("1"),
  storage: jaegerStorage.default("memory"),
  replicas: z.int().min(1, says("at least one pod", "write 1 or more")).optional(),
  autoscaling: section({
    min: z
      .int()
      .min(2, says("at least two pods, so that one may go while a node is drained", "write 2 or more"))
      .default(2),
    max: z.int().min(2, says("at least two pods", "write 2 or more")),
    cpuPercent: z
      .int()
      .min(1, says("a percentage of cpuRequest between 1 and 100", "write it like 80"))
      .max(100, says("a percentage of cpuRequest between 1 and 100", "write it like 80"))
      .default(80),
  }).optional(),
  host: z
    .hostname(says("a host name without scheme and path", "write it like jaeger.example.com"))
    .optional(),
  logSearch: logSearch.optional(),
  values: chartValues.default({}),
}).superRefine((value, context) => {
  const add = (path: string[], rule: string, fix: string): void =>
    context.addIssue({ code: "custom", path, message: says(rule, fix) });
  const storage: unknown = value.storage;
  const type: unknown =
    typeof storage === "object" && storage !== null ? (storage as { type?: unknown }).type : storage;
  const { maxTraces, replicas, autoscaling } = value as Partial<typeof value>;
  if (maxTraces !== undefined && (type === "badger" || isShared(type))) {
    add(["maxTraces"], `bounds the memory store, and the store is ${String(type)}`, "remove maxTraces");
  }
  const bytes = parseMemory(value.memoryLimit);
  const most = bytes === undefined ? undefined : maxTracesFor(bytes);
  if (type === "memory" && typeof maxTraces === "number" && most !== undefined && maxTraces > most) {
    add(
      ["maxTraces"],
      `at most ${most} traces fit into memoryLimit ${value.memoryLimit}; more would end in an out-of-memory kill`,
      "raise jaeger.memoryLimit, or remove maxTraces to have it derived",
    );
  }
  const ownStore = `${String(type)} keeps traces in one pod, and several would each have some of them`;
  const shareIt = "set jaeger.storage to opensearch, elasticsearch or cassandra";
  if (isLocal(type) && typeof replicas === "number" && replicas > 1) {
    add(["replicas"], ownStore, `write 1, or ${shareIt}`);
  }
  if (isLocal(type) && autoscaling !== undefined) {
    add(["autoscaling"], ownStore, `remove autoscaling, or ${shareIt}`);
  } else if (replicas !== undefined && autoscaling !== undefined) {
    add(["replicas"], "autoscaling says how many pods there are", "remove replicas, or autoscaling");
  }
  if (autoscaling !== undefined && Number(autoscaling.max) < Number(autoscaling.min)) {
    add(["autoscaling", "max"], `at least autoscaling.min, ${autoscaling.min}`, "raise max, or lower min");
  }
}, evenIfWrong);
