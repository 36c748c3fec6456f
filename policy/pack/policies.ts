/** Rules as CrossGuard policies. */
import {
  type Policies,
  type ReportViolation,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { type Options } from "../model/options";
import { type Rule } from "../rule";
import { StackEvaluation, type Violation, violationsOf } from "./evaluation";

/**
 * Rules that ask nothing but the one resource: they stop it before it is made, where a question about the whole
 * stack can only be asked once all of it is there. What they ask of Istio's version they take from the
 * configuration then.
 */
const ofOneResource: ReadonlySet<string> = new Set(["service-entry-resolution"]);

/**
 * One policy a rule, named like the rule.
 * @param options what the objects do not say; asked for when a stack is checked
 */
export function policiesOf(rules: readonly Rule[], options: () => Options): Policies {
  const stack = new StackEvaluation(options);
  return rules.map((rule) =>
    ofOneResource.has(rule.name) ? resourcePolicy(rule, options) : stackPolicy(rule, stack),
  );
}

function resourcePolicy(rule: Rule, options: () => Options): ResourceValidationPolicy {
  return {
    ...metadataOf(rule),
    validateResource: (args, report) =>
      reportAll(rule, violationsOf(rule, args, args.getConfig<Record<string, unknown>>(), options()), report),
  };
}

function stackPolicy(rule: Rule, stack: StackEvaluation): StackValidationPolicy {
  return {
    ...metadataOf(rule),
    validateStack: (args, report) =>
      reportAll(
        rule,
        stack.violations(rule, args.resources, args.getConfig<Record<string, unknown>>()),
        report,
      ),
  };
}

function metadataOf(rule: Rule) {
  const { name, description, severity, tags, url, remediationSteps, configSchema } = rule;
  return {
    name,
    description,
    enforcementLevel: isMandatory(rule) ? ("mandatory" as const) : ("advisory" as const),
    severity,
    tags,
    url,
    remediationSteps,
    configSchema: { properties: { ...configSchema.properties } },
  };
}

function isMandatory({ level }: Rule): boolean {
  return level === "error";
}

/**
 * A violation that says its own level. The SDK's server takes it besides a text, its types do not say so; the
 * tests that run the pack in Pulumi's own host hold it to that.
 */
type ReportLevelled = (violation: { message: string; urn?: string; enforcementLevel?: "advisory" }) => void;

function reportAll(rule: Rule, violations: readonly Violation[], report: ReportViolation): void {
  for (const { finding, urn } of violations) {
    // What a mandatory rule only doubts does not fail a preview, whatever level the policy is set to.
    const isDoubt = isMandatory(rule) && finding.level !== "error";
    const message = [
      rule.description,
      finding.message,
      ...(finding.fix === "" ? [] : ["fix:", indented(finding.fix)]),
    ].join("\n");
    (report as unknown as ReportLevelled)({
      message,
      urn,
      ...(isDoubt ? { enforcementLevel: "advisory" } : {}),
    });
  }
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
