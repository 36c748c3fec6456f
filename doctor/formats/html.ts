/** One page for an incident: everything in it, nothing from elsewhere, for phones and for paper. */
import { asSvg, escaped } from "../graph/svg";
import { isBroken, isDoomed, type Hop } from "../judge/hop";
import { type Check, type Diagnosis } from "../result";
import { explaining, marks, overall, verdictOf } from "./words";

const style = `
:root{color-scheme:light dark;--ground:#fff;--text:#1f2328;--faint:#59636e;--line:#d1d9e0;--well:#1a7f37;--bad:#d1242f;--doubt:#9a6700}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--text:#e6edf3;--faint:#9198a1;--line:#3d444d;--well:#3fb950;--bad:#f85149;--doubt:#d29922}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:70rem;padding:1rem;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.4rem;margin:.5rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
p{margin:.4rem 0}.faint{color:var(--faint)}
h1.not-checked{color:var(--text)}.error,.broken{color:var(--bad)}.warning{color:var(--doubt)}.success{color:var(--well)}.not-checked{color:var(--faint)}
section.check{border:1px solid var(--line);border-left:.4rem solid currentColor;border-radius:.3rem;padding:.4rem .7rem;margin:.5rem 0}
section.check>*{color:var(--text)}section.check h3{margin:0;font-size:1rem}section.check ul{margin:.2rem 0;padding-left:1.2rem}
.wide{overflow-x:auto;-webkit-overflow-scrolling:touch}
table{border-collapse:collapse;width:100%}td strong{white-space:nowrap}td{min-width:8rem}th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
pre{border:1px solid var(--line);border-radius:.3rem;padding:.6rem;overflow-x:auto;font-size:.85rem;white-space:pre-wrap}
figure{margin:0;background:#fff;border-radius:.3rem}figure svg{max-width:100%;height:auto;display:block}
@media (max-width:40rem){table.stacks thead{display:none}table.stacks tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}table.stacks td{display:block;border:0;padding:.1rem 0;min-width:0}table.stacks td[data-head]::before{content:attr(data-head) ": ";color:var(--faint)}figure svg{max-width:none}}
@media print{:root{color-scheme:light;--ground:#fff;--text:#000;--faint:#444;--line:#999;--well:#1a7f37;--bad:#d1242f;--doubt:#9a6700}body{max-width:none;padding:0;font-size:10pt}section.check,tr,pre{break-inside:avoid}.wide{overflow:visible}figure svg{max-width:100%}}
`;

export function asHtml(diagnosis: Diagnosis): string {
  const { categories, hops, cluster, time, graph } = diagnosis;
  const [headline = "", counts = ""] = verdictOf(diagnosis).split(/: (.*)/s);
  const title = `Traces: ${headline}`;
  const unchecked = categories
    .flatMap(({ checks }) => checks)
    .filter(({ result }) => result === "not checked");
  const causes = explaining(diagnosis);
  const ordered = [
    ...hops.filter((hop) => isBroken(hop) || isDoomed(hop)),
    ...hops.filter((hop) => !isBroken(hop) && !isDoomed(hop)),
  ];
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${text(title)}</title><style>${style}</style></head><body>`,
    `<h1 class="${overall(diagnosis).replace(" ", "-")}">${text(title)}</h1><p>${text(counts)}</p>`,
    `<p class="faint">${text(cluster)} · <time datetime="${text(time)}">${text(time.replace("T", " ").slice(0, 16))} UTC</time></p>`,
    ...(causes.length === 0
      ? []
      : [
          "<h2>Causes</h2>",
          ...causes.map(
            ({ rule, message, fix }) =>
              `<section class="check error"><h3>${text(rule)}</h3><p>${text(message)}</p>${fix === "" ? "" : `<pre>${text(fix.trimEnd())}</pre>`}</section>`,
          ),
        ]),
    ...(graph.nodes.length === 0
      ? []
      : ["<h2>Graph</h2>", `<div class="wide"><figure>${asSvg(graph)}</figure></div>`]),
    ...(ordered.length === 0 ? [] : ["<h2>Every span path</h2>", hopTable(ordered)]),
    "<h2>Checks</h2>",
    ...categories.flatMap(({ name, checks }) => {
      const answered = checks.filter(({ result }) => result !== "not checked");
      return answered.length === 0 ? [] : [`<h3>${text(name)}</h3>`, ...answered.map(section)];
    }),
    ...(unchecked.length === 0 ? [] : ["<h2>What was not checked</h2>", ...unchecked.map(section)]),
    "</body></html>",
    "",
  ].join("\n");
}

function section({ id, description, result, evidence, hint }: Check): string {
  const lines = evidence.map((line) => `<li>${text(line)}</li>`).join("");
  return `<section class="check ${result.replace(" ", "-")}" id="${text(id)}"><h3>${marks[result]} ${text(description)}</h3><ul>${lines}</ul><p class="faint">${text(result)} · ${text(hint)}</p></section>`;
}

function hopTable(hops: readonly Hop[]): string {
  const heads = ["From", "To", "Verdict", "Evidence"];
  const rows = hops.map((hop) => {
    const { workload, receiver, protocol, port, verdict, evidence, causes } = hop;
    const state = isBroken(hop)
      ? "broken"
      : verdict === "delivering"
        ? isDoomed(hop)
          ? "warning"
          : "success"
        : "not-checked";
    const cells = [
      text(workload),
      text(`${receiver}:${port ?? "?"} (${protocol})`),
      `<strong class="${state}">${text(verdict)}${isDoomed(hop) ? ", closed to new pods" : ""}</strong>`,
      text([evidence, ...causes].join("; ")),
    ];
    return `<tr>${cells.map((cell, index) => `<td data-head="${heads[index]}">${cell}</td>`).join("")}</tr>`;
  });
  return `<div class="wide"><table class="stacks"><thead><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>`;
}

function text(value: string): string {
  return escaped(value, /[^\P{C}\n\t]/gu);
}
