/** The pages of `docs/rules/`: what the rules say of themselves, one page each, and a table of all. */
import { type Level } from "../../findings/finding";
import { type Rule } from "../../policy/rule";
import { stringify } from "yaml";
import { type Example } from "./example";

/** What a policy pack makes of a level. */
const enforcement: Readonly<Record<Level, string>> = {
  error: "mandatory",
  warning: "advisory",
  info: "advisory",
};

const generated =
  "<!-- Made by `npm run docs` from the metadata of the rules, policy/rules/. Change it there. -->";

/** Pages by file name, in Markdown that is not formatted yet. */
export function rulePages(
  rules: readonly Rule[],
  exampleOf: (rule: string) => Example,
): ReadonlyMap<string, string> {
  return new Map([
    ["README.md", index(rules)],
    ...rules.map((rule) => [`${rule.name}.md`, page(rule, exampleOf(rule.name))] as const),
  ]);
}

function index(rules: readonly Rule[]): string {
  return `${generated}

# Rules

${rules.length} rules about trace paths, in the order of a span: path, collector, mesh, application, Jaeger. Each
page says what holds, why, how a finding looks and how to set the rule. [Gating](../gating.md) is about levels,
limits and the policy pack as a whole.

| Rule | Level | What holds |
| --- | --- | --- |
${rules.map(({ name, level, description }) => `| [${name}](${name}.md) | ${level} | ${description} |`).join("\n")}

A finding may be milder than its rule: what a rule can only doubt, because something that decides is not among
the objects, is a warning and never blocks.
`;
}

function page(rule: Rule, example: Example): string {
  const { name, description, level, severity, tags, url, remediationSteps } = rule;
  const { why, symptom, exceptions, sources } = rule.page;
  return `${generated}

# ${name}

${description}

| Level | In the policy pack | Severity | Tags |
| --- | --- | --- | --- |
| ${level} | ${enforcement[level]} | ${severity} | ${tags.join(", ")} |

## Why

${why}

**What people see.** ${symptom}

## Example

A healthy mesh with one fault: ${example.name}.

${fence("diff", example.diff)}
${checkedWith(example)}
What the rule says of it:

${fence("text", example.finding)}

## What to do

${remediationSteps}

**When it may stand.** ${exceptions}

## Settings

${limitsTable(rule)}${settings(rule)}

## Upstream

${[url, ...sources].map((link) => `- <${link}>`).join("\n")}
`;
}

/** Functions say nothing on paper: how an unknown value is told is the caller's. */
function checkedWith({ options }: Example): string {
  const { isUnknown: _, ...told } = options;
  return Object.keys(told).length === 0
    ? ""
    : `\nThe check was told ${Object.entries(told)
        .map(([key, value]) => `\`${key}: ${JSON.stringify(value)}\``)
        .join(", ")}.\n`;
}

function limitsTable({ configSchema: { properties } }: Rule): string {
  const rows = Object.entries(properties).map(
    ([name, { description, default: value }]) =>
      `| \`${name}\` | \`${JSON.stringify(value)}\` | ${description} |`,
  );
  if (rows.length === 0) return "The rule has a level and no limits.\n\n";
  return `| Limit | Default | What it means |\n| --- | --- | --- |\n${rows.join("\n")}\n\n`;
}

/** How to live with it: the other level, with the limits as they are. */
function settings({ name, level, configSchema: { properties } }: Rule): string {
  const limits = Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, schema.default]));
  const [pack, audit] = level === "error" ? ["advisory", "warning"] : ["mandatory", "error"];
  return `The policy pack takes a file with \`--policy-pack-config\`; \`"disabled"\` instead switches the rule off:

${fence("json", JSON.stringify({ [name]: { enforcementLevel: pack, ...limits } }, undefined, 2))}

\`audit\` takes one with \`--rule-config\`; \`off\` instead switches the rule off:

${fence("yaml", stringify({ [name]: { level: audit, ...limits } }).trimEnd())}`;
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
