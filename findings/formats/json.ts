/** Findings for programs: one object, these fields and no others. */
import { type Finding } from "../finding";
import { locationOf, type Report } from "../summary";
import { visibleJson } from "../visible";

export function asJson({ findings, judged, passedBy }: Report): string {
  const { skipped, warnings } = passedBy ?? { skipped: [], warnings: [] };
  return jsonText({
    findings: jsonFindings(findings),
    judged: judged ?? null,
    skipped: skipped.map(({ file, line = null, why }) => ({ file, line, why })),
    warnings,
  });
}

/** A value as the JSON that commands print. */
export function jsonText(value: unknown): string {
  return `${visibleJson(JSON.stringify(value, undefined, 2))}\n`;
}

/** Findings with the fields of this format; `file` and `line` are null for what is in no file. */
export function jsonFindings(findings: readonly Finding[]): object[] {
  return findings.map((finding) => {
    const { rule, level, kind, namespace, name, message, fix } = finding;
    const { path = null, line = null } = locationOf(finding) ?? {};
    return { rule, level, kind, namespace, name, message, fix, file: path, line };
  });
}
