/** Runs every rule on some objects: what all callers do. */
import { byObjectThenRule, type Finding, type Level } from "../findings/finding";
import { type Options } from "./model/options";
import { TracingModel } from "./model/tracingModel";
import { allRules } from "./rules";

/** Settings of rules by their names: a level, `off`, or a level and limits. */
export type RuleConfig = Readonly<
  Record<string, Level | "off" | ({ level?: Level | "off" } & Record<string, unknown>)>
>;

/**
 * Findings of all rules, those of one object together.
 * @param objects plain Kubernetes objects of any kinds, lists of them too; nothing in them makes this fail
 */
export function checkAll(objects: Iterable<unknown>, options: Options = {}): Finding[] {
  return checkModel(TracingModel.from(objects, options));
}

/** The same for a model that was built already. */
export function checkModel(model: TracingModel, config: RuleConfig = {}): Finding[] {
  return allRules
    .flatMap((rule) => {
      const setting = config[rule.name] ?? {};
      const { level, ...limits } = typeof setting === "string" ? { level: setting } : setting;
      if (level === "off") return [];
      const findings = rule.check(model, limits);
      // A level given lowers or raises what the rule calls wrong; what it only doubts stays as it is.
      return level === undefined
        ? findings
        : findings.map((finding) => (finding.level === rule.level ? { ...finding, level } : finding));
    })
    .sort(byObjectThenRule);
}
