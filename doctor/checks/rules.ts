/** What the rules say of the objects of the cluster: also what has not broken anything yet. */
import { count } from "../../findings/words";
import { described } from "../judge/causes";
import { type Facts } from "../judge/facts";
import { type Check, checkOf } from "../result";

/** Findings that are told one by one. */
const most = 10;

export function rulesCheck({ findings }: Facts): Check {
  const answer = checkOf("cluster-rules");
  const errors = findings.filter(({ level }) => level === "error");
  const warnings = findings.filter(({ level }) => level === "warning");
  if (errors.length + warnings.length === 0) return answer("success", ["no rule reports anything"]);
  const shown = [...errors, ...warnings];
  return answer(
    errors.length > 0 ? "error" : "warning",
    [
      `${count(errors.length, "error")}, ${count(warnings.length, "warning")}`,
      ...shown.slice(0, most).map((finding) => `${finding.level} ${described(finding)}`),
      ...(shown.length > most ? [`and ${shown.length - most} more`] : []),
    ],
    "npm run -s audit -- --live has every line to change",
  );
}
