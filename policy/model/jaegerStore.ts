/** How Jaeger keeps traces, as far as the input tells. */
import { defaultMaxTraces, maxTracesOfFile } from "../../mesh/jaegerChart";
import { type ConfigFile, mountedFiles } from "./collectors/configFiles";
import { type Jaeger } from "./jaeger";
import { type ObjectIndex } from "./objects";
import { at, type Json, number, record, records, text, texts } from "./reading";

/** How Jaeger keeps traces. */
export type Store =
  | { kind: "memory"; maxTraces: number; isDefault: boolean }
  /** On disk, in a database, or configured in a way that is not in the input. */
  | { kind: "other" }
  | { kind: "unknown"; why: string };

export function storeOf(
  { container, workload }: Pick<Jaeger, "container" | "workload">,
  index: ObjectIndex,
): Store {
  const args = [...texts(container["command"]), ...texts(container["args"])];
  const bySet = lastNumber(args, /max_traces=(\d+)/g) ?? lastNumber(args, /--memory\.max-traces[= ](\d+)/g);
  const env = (name: string) =>
    text(records(container["env"]).find((entry) => entry["name"] === name)?.["value"]);
  const storage = env("SPAN_STORAGE_TYPE");
  if (storage !== undefined && storage !== "memory") return { kind: "other" };
  if (/jaeger-(collector|query)([:@]|$)/.test(text(container["image"]) ?? "")) return { kind: "other" };
  if (bySet !== undefined) return { kind: "memory", maxTraces: bySet, isDefault: false };
  const byEnv = number(env("MEMORY_MAX_TRACES"));
  if (byEnv !== undefined) return { kind: "memory", maxTraces: byEnv, isDefault: false };
  const isConfigured = args.some((arg) => arg.startsWith("--config"));
  const inline = container["mesh-tracing/userconfig"];
  if (!isConfigured && inline === undefined) {
    return { kind: "memory", maxTraces: defaultMaxTraces, isDefault: true };
  }
  const configs = configsOf({ container, workload }, index);
  if (configs.length === 0) {
    return { kind: "unknown", why: "its configuration file is not in the input" };
  }
  return storeIn(configs.map(({ config }) => config)) ?? { kind: "other" };
}

/** The memory store of a configuration file; undefined if it keeps traces in none. */
function storeIn(configs: readonly Json[]): Store | undefined {
  for (const config of configs) {
    const backends = record(at(config, "extensions", "jaeger_storage", "backends"));
    for (const backend of Object.values(backends)) {
      const memory = record(backend)["memory"];
      if (memory === undefined) continue;
      const maxTraces = number(at(memory, "max_traces"));
      return { kind: "memory", maxTraces: maxTraces ?? maxTracesOfFile, isDefault: maxTraces === undefined };
    }
  }
  return undefined;
}

/** Jaeger's configuration files, as far as they are in the input. */
export function configsOf(
  { workload, container }: Pick<Jaeger, "container" | "workload">,
  index: ObjectIndex,
): Pick<ConfigFile, "config" | "object">[] {
  const inline = container["mesh-tracing/userconfig"];
  return inline === undefined
    ? mountedFiles(workload, container, index).filter(({ config }) => "extensions" in config)
    : [{ config: record(inline), object: workload.object }];
}

/** What the last of a flag's mentions says, which has its value in its own argument or in the next one. */
function lastNumber(args: readonly string[], flag: RegExp): number | undefined {
  return number([...args.join(" ").matchAll(flag)].at(-1)?.[1]);
}
