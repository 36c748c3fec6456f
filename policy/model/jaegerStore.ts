/** How Jaeger keeps traces, as far as the input tells. */
import { parseKubernetesYaml } from "../../mesh/kubernetesYaml";
import { defaultMaxTraces, maxTracesOfFile } from "../../mesh/jaegerChart";
import { kinds } from "../../mesh/kinds";
import { type Jaeger } from "./jaeger";
import { type KubeObject, type ObjectIndex } from "./objects";
import { at, isRecord, type Json, number, record, records, text, texts } from "./reading";
import { type Workload } from "./workloads";

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
  const bySet = last(args, /max_traces=(\d+)/) ?? last(args, /--memory\.max-traces[= ](\d+)/);
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
  const configs = configsOf({ container, workload }, index).map(({ config }) => config);
  if (configs.length === 0) {
    return { kind: "unknown", why: "its configuration file is not in the input" };
  }
  return storeIn(configs) ?? { kind: "other" };
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

/** A configuration file, and the object that it is written in. */
export interface ConfigFile {
  config: Json;
  object: KubeObject;
}

/** Jaeger's configuration files, as far as they are in the input. */
export function configsOf(
  { workload, container }: Pick<Jaeger, "container" | "workload">,
  index: ObjectIndex,
): ConfigFile[] {
  const inline = container["mesh-tracing/userconfig"];
  return inline === undefined
    ? mountedConfigs(workload, container, index)
    : [{ config: record(inline), object: workload.object }];
}

/** The YAML files of the ConfigMaps that a container mounts, as far as they are in the input. */
function mountedConfigs(workload: Workload, container: Json, index: ObjectIndex): ConfigFile[] {
  const mounted = new Set(records(container["volumeMounts"]).map((mount) => text(mount["name"])));
  return records(workload.pod["volumes"])
    .filter((volume) => mounted.has(text(volume["name"])))
    .map((volume) => text(at(volume, "configMap", "name")))
    .flatMap((name) =>
      name === undefined ? [] : filesOf(index.get(kinds.configMap, workload.namespace, name)),
    );
}

function filesOf(configMap: KubeObject | undefined): ConfigFile[] {
  if (configMap === undefined) return [];
  return Object.values(record(configMap["data"])).flatMap((file) => {
    try {
      const parsed: unknown = typeof file === "string" ? parseKubernetesYaml(file) : undefined;
      return isRecord(parsed) && "extensions" in parsed ? [{ config: parsed, object: configMap }] : [];
    } catch {
      return [];
    }
  });
}

function last(args: readonly string[], pattern: RegExp): number | undefined {
  const found = args.map((arg) => pattern.exec(arg)?.[1]).filter((value) => value !== undefined);
  return found.length === 0 ? undefined : Number(found.at(-1));
}
