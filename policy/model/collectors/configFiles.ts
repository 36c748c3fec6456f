/** The configuration files of a container, as far as the ConfigMaps that it mounts are in the input. */
import { parseKubernetesYaml } from "../../../mesh/kubernetesYaml";
import { kinds } from "../../../mesh/kinds";
import { type KubeObject, type ObjectIndex } from "../objects";
import { at, isRecord, type Json, record, records, text, texts } from "../reading";
import { type Workload } from "../workloads";

export interface ConfigFile {
  config: Json;
  name: string;
  object: KubeObject;
}

/** Every file that is YAML; a template, which is none, is not known. */
export function mountedFiles(workload: Workload, container: Json, index: ObjectIndex): ConfigFile[] {
  return mountedTexts(workload, container, index).flatMap(({ content, ...file }) => {
    const config = parsedConfig(content);
    return config === undefined ? [] : [{ config, ...file }];
  });
}

/** Files that the container's flags name and that are no YAML, unless another program makes something else of them. */
export function brokenFiles(
  workload: Workload,
  container: Json,
  index: ObjectIndex,
): Omit<ConfigFile, "config">[] {
  const args = texts(container["args"]);
  return mountedTexts(workload, container, index).filter(
    ({ content, name }) =>
      typeof content === "string" &&
      !/\{\{|\$\{(?!env:)/.test(content) &&
      args.some((arg) => arg.startsWith("--config") && arg.split(/[=:/\s]/).includes(name)) &&
      parsedConfig(content) === undefined,
  );
}

function mountedTexts({ pod, namespace }: Workload, container: Json, index: ObjectIndex) {
  return mountedMaps(pod, container).flatMap((map) => {
    const object = index.get(kinds.configMap, namespace, map);
    if (object === undefined) return [];
    return Object.entries(record(object["data"])).map(([name, content]) => ({ name, content, object }));
  });
}

/** Names of the ConfigMaps that a container mounts. */
export function mountedMaps(pod: Json, container: Json): string[] {
  const mounted = new Set(records(container["volumeMounts"]).map((mount) => text(mount["name"])));
  const names = records(pod["volumes"])
    .filter((volume) => mounted.has(text(volume["name"])))
    .flatMap((volume) => [volume, ...records(at(volume, "projected", "sources"))])
    .flatMap((source) => text(at(source, "configMap", "name")) ?? []);
  return [...new Set(names)];
}

/** A map, also one that is written as text; undefined for anything else and for templates. */
export function parsedConfig(content: unknown): Json | undefined {
  if (isRecord(content)) return content;
  if (typeof content !== "string" || content.includes("{{")) return undefined;
  try {
    const parsed = parseKubernetesYaml(content);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The one file that is a configuration of some program; undefined if there are several, or none. */
export function onlyFile(
  files: readonly ConfigFile[],
  args: readonly string[],
  isMeant: (config: Json) => boolean,
): ConfigFile | undefined {
  const meant = files.filter(({ config }) => isMeant(config));
  const named = meant.filter(({ name }) => args.some((arg) => arg.split(/[=:/\s]/).includes(name)));
  const [first, second] = named.length > 0 ? named : meant;
  return second === undefined ? first : undefined;
}
