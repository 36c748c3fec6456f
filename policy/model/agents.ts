/**
 * SDKs that somebody starts a program with, and the flags that tell them the same as variables do.
 * @see https://opentelemetry.io/docs/zero-code/
 */
import { sdkVariableNames } from "../../mesh/sdkSettings";
import { type Json, shown, texts } from "./reading";

/** A ready-made SDK, known by how it is loaded. */
export interface Agent {
  language: string;
  /** What it speaks where nothing is said; undefined where that depends on a version nobody can see. */
  protocol?: "grpc" | "http/protobuf";
}

/** A variable's value that a flag sets. */
export interface Flag {
  /** As it is written, without its value: `-Dotel.exporter.otlp.endpoint`. */
  flag: string;
  /** The variable that means the same. */
  name: string;
  value: string;
  /** The variable that has the flag; else it is in the container's command. */
  from?: string;
}

/** Variables that hold options of a virtual machine or an interpreter. */
const options = /(^|_)(OPTS|OPTIONS|ARGS)$/;

function commandOf(container: Json): string {
  return [...texts(container["command"]), ...texts(container["args"])].join(" ");
}

/** The texts in which options may be, with the variable that each is the value of. */
function* optionTexts(container: Json, values: ReadonlyMap<string, string>): Iterable<[string, string?]> {
  for (const [name, value] of values) if (options.test(name)) yield [value, name];
  yield [commandOf(container)];
}

/** The agent a container's command or variables load. */
export function agentOf(container: Json, values: ReadonlyMap<string, string>): Agent | undefined {
  const all = [...optionTexts(container, values)].map(([value]) => value).join(" ");
  const java = /-javaagent:\S*(?:opentelemetry|otel)\S*/i.exec(all)?.[0];
  if (java !== undefined) {
    // Version 2 of the agent changed what it speaks.
    const major = /opentelemetry-javaagent[-_]v?(\d+)\./.exec(java)?.[1];
    const protocol = major === undefined ? undefined : Number(major) < 2 ? "grpc" : "http/protobuf";
    return { language: "java", protocol };
  }
  if (/(^|[\s/])opentelemetry-instrument\s/.test(all)) return { language: "python", protocol: "grpc" };
  if (/auto-instrumentations-node\/\S*register/.test(all))
    return { language: "nodejs", protocol: "http/protobuf" };
  if (values.has("OTEL_DOTNET_AUTO_HOME")) return { language: "dotnet", protocol: "http/protobuf" };
  if (values.get("OTEL_PHP_AUTOLOAD_ENABLED")?.toLowerCase() === "true")
    return { language: "php", protocol: "http/protobuf" };
  return undefined;
}

/** What flags say, of agents and of programs that take `--otel-…` themselves. */
export function flagsOf(container: Json, values: ReadonlyMap<string, string>): Flag[] {
  const command = commandOf(container);
  const flags: Flag[] = [];
  const add = (flag: string, name: string, value: string, from?: string): void => {
    const plain = value.replace(/^(["'])(.*)\1$/s, "$2");
    if (sdkVariableNames.has(name)) flags.push({ flag, name, value: plain, from });
  };
  for (const [value, from] of optionTexts(container, values)) {
    for (const { key, set } of settings(
      value,
      /(?:^|\s)-D(?<key>otel\.[\w.-]+)=(?<set>"[^"]*"|'[^']*'|\S*)/g,
    )) {
      add(`-D${key}`, nameOf(key), set, from);
    }
  }
  const [, ofPython] = command.split(/(?:^|[\s/])opentelemetry-instrument(?=\s)/);
  for (const { key, set } of settings(ofPython, /\s--(?<key>[a-z_]+)(?:=|\s+)(?<set>\S+)/g)) {
    add(`--${key}`, `OTEL_${key.toUpperCase()}`, set);
  }
  for (const { key, set } of settings(command, /(?:^|\s)--(?<key>otel[-.][a-z.-]+)(?:=|\s+)(?<set>\S+)/g)) {
    add(`--${key}`, nameOf(key), set);
  }
  return flags;
}

/** The flags of a text by a pattern with groups of these names. */
function* settings(options: string | undefined, pattern: RegExp): Iterable<{ key: string; set: string }> {
  for (const { groups } of options?.matchAll(pattern) ?? []) yield groups as { key: string; set: string };
}

/** `OTEL_TRACES_EXPORTER` for `otel.traces.exporter` and `otel-traces-exporter`. */
function nameOf(key: string): string {
  return key.toUpperCase().replaceAll(/[.-]/g, "_");
}

/** The containers' language as their operator's image says it; `autoinstrumentation-java:1.33.5` speaks gRPC. */
export function speaksGrpc(image: unknown): boolean {
  return /autoinstrumentation-java:v?1\./.test(shown(image));
}
