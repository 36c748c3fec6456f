import { type ReportViolation, type ResourceValidationArgs, type StackValidationArgs } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import { allRules } from "../../../policy/rules";
import { type Finding } from "../../../findings/finding";
import { addMissingTracingPorts } from "../../../policy/pack/addMissingTracingPorts";
import { policiesOf } from "../../../policy/pack/policies";
import { type Rule } from "../../../policy/rule";
import { resource, stackOf } from "./stack";

const finding: Finding = {
  rule: "a-rule",
  level: "error",
  kind: "Service",
  namespace: "auth",
  name: "x",
  message: "Service auth/x is wrong; use right",
  fix: "# in spec\nport: 9411",
};

/** A rule with given findings. */
function ruleWith(findings: Finding[], rest: Partial<Rule> = {}): Rule {
  return {
    name: "a-rule",
    description: "It holds.",
    level: "error",
    severity: "high",
    tags: ["test"],
    url: "https://example.com/",
    remediationSteps: "Do it.",
    page: { why: "It breaks.", symptom: "Nothing.", exceptions: "None.", sources: [] },
    configSchema: { properties: { limit: { type: "number", description: "A limit.", default: 1 } } },
    check: () => findings,
    ...rest,
  };
}

interface Schema {
  type?: string;
  items?: Schema;
}

/** Whether a value is of a schema's type. */
function isOf({ type, items = {} }: Schema, value: unknown): boolean {
  if (type === "array") return Array.isArray(value) && value.every((one) => isOf(items, one));
  return type === "integer" ? Number.isInteger(value) : type === typeof value;
}

/** What a policy reports on a stack or on one resource. */
function reportsOf(rule: Rule, config: object = {}): unknown[] {
  const [policy] = policiesOf([rule], () => ({}));
  const reports: unknown[] = [];
  const report = ((violation: unknown) => reports.push(violation)) as unknown as ReportViolation;
  const args = { resources: stackOf(), getConfig: () => config };
  if (policy !== undefined && "validateStack" in policy) {
    void policy.validateStack(args as unknown as StackValidationArgs, report);
  } else if (typeof policy?.validateResource === "function") {
    const one = { ...resource("kubernetes:core/v1:Service", "x", {}), getConfig: () => config };
    void policy.validateResource(one as unknown as ResourceValidationArgs, report);
  }
  return reports;
}

describe("every policy of the pack", () => {
  const policies = [...policiesOf(allRules, () => ({})), addMissingTracingPorts];

  it("has a name of its own, in kebab-case", () => {
    const names = policies.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
  });

  it.each(policies)("$name says what it is about, how bad it is and what to do", (policy) => {
    expect(policy.description).toMatch(/^[A-Z].{20,}\.$/);
    expect(policy.remediationSteps).toMatch(/^[A-Z].{20,}\.$/);
    expect(policy.severity).toMatch(/^(low|medium|high|critical)$/);
    expect(policy.tags?.length).toBeGreaterThan(0);
    for (const tag of policy.tags ?? []) expect(tag).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(policy.url).toMatch(/^https:\/\//);
    expect(policy.enforcementLevel).toBeDefined();
  });

  it.each(policies)("$name has a schema of its limits, with a description and a default each", (policy) => {
    expect(policy.configSchema?.required).toBeUndefined();
    for (const [name, schema] of Object.entries(policy.configSchema?.properties ?? { missing: {} })) {
      expect(isOf(schema as Schema, schema.default), name).toBe(true);
      expect(schema.description, name).toMatch(/^[A-Z].+\.$/);
    }
  });

  it.each(allRules)("$name is mandatory if the rule calls its findings errors", ({ name, level }) => {
    const policy = policies.find((candidate) => candidate.name === name);
    const mandatory = level === "error";
    expect(policy?.enforcementLevel).toBe(mandatory ? "mandatory" : "advisory");
  });

  it("asks about one resource before it is made, or about the whole stack", () => {
    const ofOne = policies.filter((policy) => "validateResource" in policy).map(({ name }) => name);
    expect(ofOne).toEqual(["service-entry-resolution"]);
  });

  it("that only repairs is off", () => {
    expect(addMissingTracingPorts.enforcementLevel).toBe("disabled");
  });
});

describe("a policy", () => {
  it("reports what the rule says, what was found and the lines to paste", () => {
    expect(reportsOf(ruleWith([finding]))).toEqual([
      { message: "It holds.\nService auth/x is wrong; use right\nfix:\n  # in spec\n  port: 9411" },
    ]);
  });

  it("prints no heading for lines that are not there", () => {
    expect(reportsOf(ruleWith([{ ...finding, fix: "" }]))).toEqual([
      { message: "It holds.\nService auth/x is wrong; use right" },
    ]);
  });

  it.each([
    ["a-rule", "error", "error", undefined],
    ["a-rule", "error", "warning", "advisory"],
    ["a-rule", "error", "info", "advisory"],
    ["a-rule", "warning", "warning", undefined],
    ["service-entry-resolution", "error", "warning", "advisory"],
  ] as const)(
    "%s, of level %s, reports a finding of level %s at level %s",
    (name, level, found, reported) => {
      const [report] = reportsOf(ruleWith([{ ...finding, level: found }], { name, level }));
      expect(report).toEqual(
        reported === undefined
          ? expect.not.objectContaining({ enforcementLevel: expect.anything() as unknown })
          : expect.objectContaining({ enforcementLevel: reported }),
      );
    },
  );

  it("hands its configuration to the rule as limits", () => {
    const limits: unknown[] = [];
    const check: Rule["check"] = (_model, given) => {
      limits.push(given);
      return [];
    };
    reportsOf(ruleWith([], { check }), { limit: 7 });
    reportsOf(ruleWith([], { check, name: "service-entry-resolution" }), { limit: 8 });
    expect(limits).toEqual([{ limit: 7 }, { limit: 8 }]);
  });
});
