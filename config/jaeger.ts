/** The section `jaeger` of a stack file. */
import { z } from "zod";
import { elsewhere } from "../mesh/jaegerChartValues";
import { defaultJaegerChart, jaegerDefaults } from "../mesh/jaegerChart";
import { at, isRecord, mergeDeep } from "../mesh/plainObjects";
import { traceIdPlace } from "../mesh/urls";
import { maxTracesFor, mebibyte, parseMemory } from "../mesh/jaegerMemory";
import { isLocal, isShared, jaegerStorage } from "./jaegerStorage";
import { jaegerPlacement } from "./jaegerPlacement";
import { jaegerValues } from "./jaegerValues";
import { adding, type AddMistake, described, evenIfWrong, optional, says, section, webUrl } from "./mistakes";
import { cpu, cpusOf, create, dnsLabel, source } from "./words";

const memoryLimit = z.string().superRefine((value, context) => {
  const add = (rule: string, fix: string): void =>
    context.addIssue({ code: "custom", message: says(rule, fix) });
  const bytes = parseMemory(value) ?? 0;
  if (!/^[1-9]\d*(Mi|Gi)$/.test(value))
    add("a Kubernetes memory quantity with unit Mi or Gi", "write it like 512Mi or 2Gi");
  else if (bytes > 1024 * 1024 * mebibyte)
    add("at most 1024Gi, which no pod of Jaeger needs", "write it like 512Mi or 2Gi");
  else if (bytes < 256 * mebibyte)
    add("at least 256Mi: below that Jaeger keeps hardly any traces", "write 256Mi or more");
});

/** Where a trace's logs are: an address with the place of the trace's id in it. */
const logSearch = webUrl(
  "the http(s) address of a log search, with {traceId} where the trace's id goes",
  "write it like https://logs.example.com/search?q=trace.id:{traceId}",
).includes(
  traceIdPlace,
  says(
    "has no {traceId}, so every trace would lead to the same page",
    "write {traceId} where the trace's id goes, such as ?q=trace.id:{traceId}",
  ),
);

const atLeastTwo = says("at least two pods, so one can go while a node is drained", "write 2 or more");
/** Kubernetes takes no pod that asks for more than it may use, also where values of the chart say so. */
function checkResources(value: Record<string, unknown>, add: AddMistake): void {
  const { cpuRequest, cpuLimit, memoryLimit, values } = value;
  const own = {
    limits: { cpu: cpuLimit, memory: memoryLimit },
    requests: { cpu: cpuRequest, memory: memoryLimit },
  };
  const inValues = ["values", "jaeger", "resources"];
  const given = at(values, ...inValues.slice(1));
  const { limits, requests } = mergeDeep(own, given) as typeof own;
  for (const [resource, size] of [
    ["cpu", cpusOf],
    ["memory", parseMemory],
  ] as const) {
    const [request, limit] = [requests[resource], limits[resource]];
    if (!((size(request) ?? 0) > (size(limit) || Infinity))) continue;
    const path =
      limit === own.limits[resource] && request === own.requests[resource] ? ["cpuRequest"] : inValues;
    add(
      path,
      `requests.${resource} ${String(request)} is above limits.${resource} ${String(limit)}, and Kubernetes takes no such pod`,
      "lower the request, or raise the limit",
    );
  }
}

/** What pods have elsewhere, and the chart gives Jaeger's by another key or not at all. */
function explainPodKey(key: string): string | undefined {
  const fix = key === "priorityClassName" ? elsewhere[`jaeger.${key}`] : undefined;
  return fix && says("the chart has no such key", fix);
}

const mostPods = 1000;
const percentage = says("a percentage of cpuRequest between 1 and 100", "write it like 80");

export const jaeger = section(
  {
    namespace: optional(dnsLabel, "Where Jaeger runs", {
      whenAbsent: "`istio.rootNamespace`",
      examples: ["observability"],
    }),
    createNamespace: create.describe("Create it, enforcing the restricted Pod Security Standard"),
    release: dnsLabel.default(jaegerDefaults.release).meta({
      description: "Helm release name, and the name of the chart's Service and Deployment",
      examples: ["jaeger-eu"],
    }),
    chart: source.default(defaultJaegerChart).meta({
      description: "Where the chart comes from: `{ repository, version }`, `{ oci, version }` or `{ path }`",
      examples: [{ path: "./charts/jaeger-4.11.1.tgz" }],
    }),
    memoryLimit: described(
      memoryLimit.default(jaegerDefaults.memoryLimit),
      "Memory limit of the pod; the number of kept traces (512Mi: 10 000) and GOMEMLIMIT (80 %) follow from it",
      { examples: ["1Gi"] },
    ),
    maxTraces: optional(
      z.int().min(1, says("a positive number of traces", "write 1 or more")),
      "Fewer kept traces, for traces that are larger than usual",
      { whenAbsent: "derived from `jaeger.memoryLimit`", examples: [5000] },
    ),
    cpuRequest: described(cpu.default(jaegerDefaults.cpuRequest), "CPU request of the pod", {
      examples: ["500m"],
    }),
    cpuLimit: described(cpu.default(jaegerDefaults.cpuLimit), "CPU limit of the pod", { examples: ["2"] }),
    storage: jaegerStorage
      .default("memory")
      .describe("Where traces are kept: one word, or a map of `type` and its settings"),
    replicas: optional(
      z
        .int()
        .min(1, says("at least one pod", "write 1 or more"))
        .max(mostPods, says(`at most ${mostPods} pods`, `write ${mostPods} or less`)),
      "Pods of Jaeger",
      { whenAbsent: "2 with a store that pods share, else 1", examples: [3] },
    ),
    autoscaling: section({
      min: described(z.int().min(2, atLeastTwo).default(2), "Minimum number of pods", { examples: [3] }),
      max: z
        .int()
        .min(2, says("at least two pods", "write 2 or more"))
        .max(mostPods, says(`at most ${mostPods} pods`, `write ${mostPods} or less`))
        .meta({ description: "Maximum number of pods", examples: [6] }),
      cpuPercent: described(
        z.int().min(1, percentage).max(100, percentage).default(80),
        "At which use of `jaeger.cpuRequest` to add pods, in percent",
        { examples: [70] },
      ),
    })
      .optional()
      .describe("Between how many pods to scale, instead of `jaeger.replicas`"),
    ...jaegerPlacement,
    host: optional(
      z.hostname(says("a host name without scheme and path", "write it like jaeger.example.com")),
      "Host of the UI, for the output `uiAddress`; with `ui` the host is routed",
      { examples: ["jaeger.example.com"] },
    ),
    logSearch: logSearch.optional().meta({
      description: "Address of a log search with `{traceId}` in it: every trace links to its logs",
      examples: ["https://logs.example.com/search?q=trace.id:{traceId}"],
    }),
    values: described(
      jaegerValues.default({}),
      "Values of chart 4.x merged over this project's; yours win. Keys that no template reads are rejected",
      { examples: [{ jaeger: { tolerations: [{ key: "observability", operator: "Exists" }] } }] },
    ),
  },
  explainPodKey,
)
  .superRefine((value, context) => {
    const add = adding(context);
    const storage: unknown = value.storage;
    const type = isRecord(storage) ? storage["type"] : storage;
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
    checkResources(value, add);
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
  }, evenIfWrong)
  .describe("Jaeger: collector, store and UI");
