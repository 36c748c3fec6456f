/** Findings for programs: one object, these fields and no others. */
import { type Finding } from "../finding";
import { type Report } from "../summary";

export function asJson({ findings }: Report): string {
  return `${JSON.stringify({ findings: jsonFindings(findings) }, undefined, 2)}\n`;
}

/** Findings with the fields of this format. */
export function jsonFindings(findings: readonly Finding[]): object[] {
  return findings.map(({ rule, level, kind, namespace, name, message, fix }) => ({
    rule,
    level,
    kind,
    namespace,
    name,
    message,
    fix,
  }));
}
