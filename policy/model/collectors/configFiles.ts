/** The configuration files of a container, as far as the ConfigMaps that it mounts are in the input. */
import { parseKubernetesYaml } from "../../../mesh/kubernetesYaml";
import { kinds } from "../../../mesh/kinds";
import { type KubeObject, type ObjectIndex } from "../objects";
import { at, isRecord, type Json, record, records, text } from "../reading";
import { type Workload } from "../workloads";

export interface ConfigFile {
  config: Json;
  name: string;
  object: KubeObject;
}

/** Every file that is YAML; a template, which is none, is not known. */
export function mountedFiles(
  { pod, namespace }: Workload,
  container: Json,
  index: ObjectIndex,
): ConfigFile[] {
  const mounted = new Set(records(container["volumeMounts"]).map((mount) => text(mount["name"])));
  const names = records(pod["volumes"])
    .filter((volume) => mounted.has(text(volume["name"])))
    .flatMap((volume) => [volume, ...records(at(volume, "projected", "sources"))])
    .map((source) => text(at(source, "configMap", "name")));
  return [...new Set(names)].flatMap((name) => {
    const configMap = name === undefined ? undefined : index.get(kinds.configMap, namespace, name);
    if (configMap === undefined) return [];
    return Object.entries(record(configMap["data"])).flatMap(([file, content]) => {
      const config = parsedConfig(content);
      return config === undefined ? [] : [{ config, name: file, object: configMap }];
    });
  });
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
