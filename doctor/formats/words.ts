/** What all formats say the same way. */
import { count } from "../../findings/words";
import { type Diagnosis, type Result, checksOf } from "../result";
import { isBroken } from "../judge/hop";

export const marks: Readonly<Record<Result, string>> = {
  success: "✓",
  warning: "!",
  error: "✗",
  "not checked": "?",
};

/** The verdict on everything, in one line. */
export function verdictOf(diagnosis: Diagnosis): string {
  const checks = checksOf(diagnosis);
  const number = (result: Result): number => checks.filter((check) => check.result === result).length;
  const parts = [
    `${number("success")} of ${checks.length} checks well`,
    ...(number("error") > 0 ? [`${number("error")} broken`] : []),
    ...(number("warning") > 0 ? [`${number("warning")} to look at`] : []),
    ...(number("not checked") > 0 ? [`${number("not checked")} not checked`] : []),
  ];
  const broken = diagnosis.hops.filter(isBroken);
  const headline = { success: "healthy", "not checked": "nothing broken was found", error: "broken" }[
    overall(diagnosis)
  ];
  const ways =
    broken.length > 0
      ? `; ${broken.length} of ${count(diagnosis.hops.length, "span path")} ${broken.length === 1 ? "is" : "are"} cut`
      : "";
  return `${headline}: ${parts.join(", ")}${ways}`;
}

/** What was not checked keeps a diagnosis from being green. */
export function overall(diagnosis: Diagnosis): "success" | "not checked" | "error" {
  if (!diagnosis.success) return "error";
  return checksOf(diagnosis).some(({ result }) => result === "not checked") ? "not checked" : "success";
}

/** A row of the table: what one namespace's workloads do, as a diagnosis by hand would list it. */
export interface TableRow {
  namespace: string;
  workload: string;
  /** Of the proxy's own spans: requests, or the verdict where it is none of success. */
  proxy: string;
  otlp: string;
  seen: string;
  isBroken: boolean;
}

/** Nothing where nobody was asked: a table of dashes tells nothing. */
export function tableOf({ workloads, hops }: Diagnosis): TableRow[] {
  if (hops.length === 0 && workloads.every(({ seen }) => seen === undefined)) return [];
  return workloads.map(({ namespace, workload, seen }) => {
    const own = hops.filter((hop) => hop.workload === workload);
    const [proxy, sdk] = [
      own.filter(({ point }) => point === "A" || point === "B"),
      own.filter(({ point }) => point === "C" || point === "D"),
    ];
    const cell = (some: typeof own): string =>
      some.length === 0
        ? "–"
        : some
            .map(({ verdict, requests }) =>
              verdict === "delivering"
                ? String(requests ?? 0)
                : `${verdict}${requests === undefined ? "" : ` (${requests})`}`,
            )
            .join(", ");
    const known = [
      ...(seen?.proxy === undefined ? [] : [`proxy ${seen.proxy ? "yes" : "no"}`]),
      ...(seen?.sdk === undefined ? [] : [`SDK ${seen.sdk ? "yes" : "no"}`]),
    ];
    return {
      namespace,
      workload: workload.slice(workload.indexOf("/") + 1),
      proxy: cell(proxy),
      otlp: cell(sdk),
      seen: known.length === 0 ? "–" : known.join(", "),
      isBroken: own.some(isBroken),
    };
  });
}

/** Findings that explain what is broken, each once, with lines to add. */
export function explaining({ findings, hops, success }: Diagnosis): Diagnosis["findings"] {
  const told = new Set(hops.flatMap(({ causes }) => causes));
  const tied = findings.filter(({ rule, message }) => told.has(`[${rule}] ${message}`));
  if (tied.length > 0 || success) return tied;
  return findings.filter(({ level }) => level === "error");
}
