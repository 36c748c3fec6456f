import { jaegerDefaults, maxTracesSetting } from "../../mesh/jaegerChart";
import { maxTracesFor, parseMemory } from "../../mesh/jaegerMemory";
import { isJaeger1 } from "../model/collectors/jaeger1";
import { type Jaeger, jaegersOf } from "../model/jaeger";
import { storeOf } from "../model/jaegerStore";
import { at, type Json, shown, text } from "../model/reading";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";

/** A store that outgrows its limit is OOM-killed, and every trace in it is lost. */
export const jaegerMemoryBound = defineRule({
  name: "jaeger-memory-bound",
  description: "Jaeger's memory store has a limit that fits into the container's memory limit.",
  level: "warning",
  severity: "high",
  tags: ["jaeger", "resources"],
  url: "https://www.jaegertracing.io/docs/latest/storage/memory/",
  remediationSteps: "Set a memory limit, and set max_traces of the memory store to what that limit can hold.",
  page: {
    why: `The memory store keeps a fixed number of traces, whatever their size. Jaeger's default is 100 000; a
      container with 512Mi holds about 10 000 (measured with traces of 11 spans with 15 attributes each).
      When the store outgrows its limit, the kernel kills it, and every trace in it is lost.`,
    symptom: `Jaeger restarts with \`OOMKilled\` under load, and afterwards the UI is empty.`,
    exceptions: `Jaeger with another store is not checked. If its configuration file is not in the input, the finding
      is a warning: add the ConfigMap to the input. If your traces are much smaller than the measured ones,
      make the rule a warning and watch the pod's memory.`,
    sources: ["https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"],
  },
  *find(model) {
    for (const jaeger of jaegersOf(model)) {
      const problem = judge(jaeger, storeOf(jaeger, model.index));
      if (problem !== undefined) yield problem;
    }
  },
});

function judge(
  { workload, container, name }: Jaeger,
  store: ReturnType<typeof storeOf>,
): Problem | undefined {
  const object = workload.object;
  if (store.kind === "other") return undefined;
  const isOld = isJaeger1(text(container["image"]) ?? "");
  const report = (says: string, where: string, lines: unknown): Problem => ({
    object,
    says: `container ${name} ${says}`,
    fix: snippet(where, lines),
  });
  const written = at(container, "resources", "limits", "memory");
  const limit = parseMemory(written);
  const limits = { resources: { limits: { memory: jaegerDefaults.memoryLimit } } };
  if (written === undefined) {
    return report(
      "has no memory limit, but stores traces in memory; set a limit",
      isOld
        ? `in container ${name}`
        : `in container ${name}, or as jaeger.resources in the values of chart 4.x`,
      limits,
    );
  }
  if (limit === undefined) {
    return report(
      `has the memory limit ${shown(written)}, which is not a valid quantity`,
      `in container ${name}`,
      limits,
    );
  }
  const most = maxTracesFor(limit);
  const place = `in container ${name}${isOld ? "" : ", or as jaeger.args in the values of chart 4.x"}`;
  if (store.kind === "unknown") {
    return report(
      `may keep more traces than its memory limit ${shown(written)} holds: ${store.why}; the limit can hold ${most}`,
      `in container ${name}, unless its configuration says it`,
      most === 0 ? limits : argsFor(most, isOld),
    );
  }
  const keeps = `keeps up to ${store.maxTraces} traces${store.isDefault ? " (Jaeger's default)" : ""} in memory`;
  if (most === 0) {
    return report(
      `${keeps}, and its memory limit ${shown(written)} has no room for any, so it is OOM-killed; raise the limit`,
      `in container ${name}`,
      { ...limits, ...argsFor(maxTracesFor(parseMemory(jaegerDefaults.memoryLimit) ?? 0), isOld) },
    );
  }
  // To both versions 0 means no bound at all.
  if (store.maxTraces === 0) {
    return report(
      isOld
        ? `keeps all traces in memory, because 0 is no bound; set --memory.max-traces to at most ${most}`
        : "has a memory store with max_traces: 0, with which Jaeger does not start, and older ones keep all traces; " +
            `set it to at most ${most}`,
      place,
      argsFor(most, isOld),
    );
  }
  if (store.maxTraces <= most) return undefined;
  return report(
    `${keeps}, and its memory limit ${shown(written)} can hold only ${most}, so it can be OOM-killed; ` +
      `set ${isOld ? "--memory.max-traces" : "max_traces"} to at most ${most}`,
    place,
    argsFor(most, isOld),
  );
}

/** Jaeger 1 has a flag of its own, and refuses to start with one of Jaeger 2. */
function argsFor(maxTraces: number, isOld: boolean): Json {
  return { args: [isOld ? `--memory.max-traces=${maxTraces}` : `--set=${maxTracesSetting(maxTraces)}`] };
}
