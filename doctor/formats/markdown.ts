/** For an issue or a chat: a table of checks, the workloads, the graph, and the lines to add. */
import { code, fenced, prose } from "../../findings/formats/markdownText";
import { objectName } from "../../findings/summary";
import { asMermaid } from "../graph/mermaid";
import { type Diagnosis } from "../result";
import { explaining, marks, tableOf, verdictOf } from "./words";

/** Rows of a table that are shown. */
const mostRows = 100;

export function asMarkdown(diagnosis: Diagnosis): string {
  const checks = diagnosis.categories.flatMap(({ name, checks: own }) =>
    own.map(
      ({ id, result, description, evidence }) =>
        `| ${name} | ${marks[result]} ${result} | ${prose(description)} ${code(id)} | ${evidence.slice(0, 8).map(prose).join("<br>")} |\n`,
    ),
  );
  const rows = tableOf(diagnosis);
  const shown = [...rows.filter((row) => row.isBroken), ...rows.filter((row) => !row.isBroken)].slice(
    0,
    mostRows,
  );
  const table = shown.map(
    ({ namespace, workload, proxy, otlp, seen }) =>
      `| ${code(`${namespace}/${workload}`)} | ${prose(proxy)} | ${prose(otlp)} | ${prose(seen)} |\n`,
  );
  const fixes = explaining(diagnosis).map(
    (finding) =>
      `\n**${prose(objectName(finding))}** ${code(finding.rule)}: ${prose(finding.message)}\n\n${finding.fix === "" ? "" : fenced("yaml", finding.fix.trimEnd())}`,
  );
  return [
    `### Traces: ${verdictOf(diagnosis)}\n\n${prose(`${diagnosis.cluster}, ${diagnosis.time}`)}\n`,
    "\n| | | Check | Evidence |\n| --- | --- | --- | --- |\n",
    ...checks,
    ...(table.length === 0
      ? []
      : [
          "\n| Workload | Proxy reports | OTLP requests | Seen in the backend |\n| --- | --- | --- | --- |\n",
          ...table,
        ]),
    ...(diagnosis.graph.edges.length === 0
      ? []
      : ["\n", fenced("mermaid", asMermaid(diagnosis.graph).trimEnd())]),
    ...(fixes.length === 0 ? [] : ["\n#### Causes\n", ...fixes]),
  ].join("");
}
