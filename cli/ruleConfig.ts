/** Levels and limits of rules, from a file: `trace-path-open: warning`, or a map of level and limits. */
import { YAMLException } from "js-yaml";
import { parseKubernetesYaml } from "../mesh/kubernetesYaml";
import { TooMuch } from "../mesh/yamlBounds";
import { isRecord } from "../mesh/plainObjects";
import { nearest } from "../config/nearest";
import { InputError } from "../input/inputError";
import { type RuleConfig } from "../policy/checkAll";
import { allRules } from "../policy/rules";
import { type LimitSchema } from "../policy/rule";
import { readText } from "../input/files/walk";

const levelNames = ["error", "warning", "info", "off"];

/**
 * Reads and checks a file of rule settings.
 * @throws InputError with every mistake
 */
export function readRuleConfig(file: string): RuleConfig {
  const value = parse(file, readText(file)) ?? {};
  if (!isRecord(value)) throw new InputError(`${file}: must be a map of rules to levels`);
  const mistakes = Object.entries(value).flatMap(([name, setting]) => mistakesOf(name, setting));
  if (mistakes.length > 0) throw new InputError([`${file} has mistakes`, ...mistakes].join("\n  "));
  return value as RuleConfig;
}

function parse(file: string, text: string): unknown {
  try {
    return parseKubernetesYaml(text);
  } catch (error) {
    if (error instanceof TooMuch) throw new InputError(`${file}: ${error.message}`);
    if (!(error instanceof YAMLException)) throw error;
    const mark = error.mark as { line: number } | undefined;
    throw new InputError(`${file}:${(mark?.line ?? 0) + 1}: ${error.reason}`);
  }
}

function mistakesOf(name: string, setting: unknown): string[] {
  const rule = allRules.find((candidate) => candidate.name === name);
  if (rule === undefined)
    return [
      `there is no rule ${name}; ${didYouMean(
        name,
        allRules.map((one) => one.name),
      )}`,
    ];
  if (typeof setting === "string") return levelMistakes(name, setting);
  if (!isRecord(setting))
    return [`${name}: must be a level (${levelNames.join(", ")}) or a map of level and limits`];
  const { properties } = rule.configSchema;
  return Object.entries(setting).flatMap(([key, value]) => {
    if (key === "level") return levelMistakes(`${name}.level`, value);
    const schema = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const known = ["level", ...Object.keys(properties)];
    return schema === undefined
      ? [`${name}.${key}: there is no such limit; ${didYouMean(key, known)}`]
      : limitMistakes(`${name}.${key}`, schema, value);
  });
}

function levelMistakes(path: string, value: unknown): string[] {
  return levelNames.includes(value as string)
    ? []
    : [`${path}: ${JSON.stringify(value)} is not one of ${levelNames.join(", ")}`];
}

function limitMistakes(path: string, { type, minimum, maximum }: LimitSchema, value: unknown): string[] {
  const wrong = `${path}: ${JSON.stringify(value)} is not a ${type === "array" ? "list of strings" : type}`;
  if (type === "array") {
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? [] : [wrong];
  }
  if (typeof value !== type) return [wrong];
  if (typeof value !== "number") return [];
  if (minimum !== undefined && value < minimum) return [`${path}: ${value} is below ${minimum}`];
  return maximum !== undefined && value > maximum ? [`${path}: ${value} is above ${maximum}`] : [];
}

function didYouMean(word: string, known: readonly string[]): string {
  const guess = nearest(word, known);
  return guess === undefined ? `known are ${known.join(", ")}` : `did you mean ${guess}?`;
}
