/** The report for programs: whole, whatever its length. */
import { jsonFindings, jsonText } from "../findings/formats/json";
import { type Finding } from "../findings/finding";
import { type Comparison } from "./comparison";
import { type ObjectChange } from "./objects";
import { byPlace, type Cell } from "./paths";
import { withoutCredentials } from "./secrets";

export function asJson(comparison: Comparison): string {
  const { subject, base, problem, notes, table, findings, resources, others, settings, restarts } =
    comparison;
  const value = {
    subject,
    base,
    problem: problem ?? null,
    notes,
    changesTracing: !comparison.isQuiet,
    worse: comparison.isWorse,
    paths: [...table.rows].sort(byPlace).flatMap(({ sender, namespace, cells }) =>
      [...cells]
        .filter(([, { before, after }]) => before.total + after.total > 0)
        .map(([protocol, { before, after, effect }]) => ({
          sender,
          namespace,
          protocol,
          before: problem === undefined ? cell(before) : null,
          after: cell(after),
          effect,
        })),
    ),
    findings: {
      new: cleaned(findings.new),
      changed: findings.changed.map(({ before, after }) => ({
        before: cleaned([before])[0],
        after: cleaned([after])[0],
      })),
      fixed: cleaned(findings.fixed),
      same: cleaned(findings.same),
    },
    settings,
    restarts,
    resources: resources === undefined ? null : resources.map(resource),
    others: others.map(resource),
  };
  return jsonText(value);
}

function cell({ state, closed, unknown, total }: Cell): object {
  return { state, closed, unknown, total };
}

function cleaned(findings: readonly Finding[]): object[] {
  const clean = findings.map((finding) => ({
    ...finding,
    message: withoutCredentials(finding.message),
    fix: withoutCredentials(finding.fix),
  }));
  return jsonFindings(clean);
}

function resource({ id, before, after, fields }: ObjectChange): object {
  const { apiVersion, kind, namespace, name, patch = false } = id;
  return {
    effect: before === undefined ? "added" : after === undefined ? "removed" : "changed",
    apiVersion,
    kind,
    namespace,
    name,
    patch,
    fields: fields.map(({ path, lines }) => ({
      path,
      removed: lines.filter(({ sign }) => sign === "-").map(({ text }) => text),
      added: lines.filter(({ sign }) => sign === "+").map(({ text }) => text),
    })),
  };
}
