/** What people read when a stack cannot be deployed. */
import { groupBy } from "../../mesh/maps";
import { manifestsOf } from "../../components";
import { type StackConfig } from "../../config/stack";
import { byCause } from "../../findings/causes";
import { type Finding } from "../../findings/finding";
import { objectName } from "../../findings/summary";
import { enumerate, plural, wrapped } from "../../findings/words";
import { adoptionCommand } from "./adoption";
import { type Findings } from "./findings";
import { ownerText } from "./ownership";
import { settingLines, type WayOut, wayOut, width } from "./wayOut";

/** Objects of one cause that are named. */
const mostNames = 20;

/** Why the stack cannot be deployed, with the way out; undefined if it can. */
export function refusal(
  { blockers, foreign, adopted }: Omit<Findings, "letGo">,
  broken: readonly Finding[],
  config: StackConfig,
): string | undefined {
  const parts: string[] = [];
  if (blockers.length > 0) {
    parts.push(`the cluster cannot take this stack; nothing was changed\n${bullets(blockers)}`);
  }
  if (foreign.length > 0) {
    const lines = foreign.map((one) => wrapped(ownerText(one, config), width).replaceAll("\n", "\n    "));
    parts.push(
      `the cluster has objects that others manage under this stack's names; nothing was changed\n${bullets(lines)}\n` +
        "  to take them over, once:\n" +
        `    ${adoptionCommand([...adopted, ...foreign])}\n` +
        "  (preview instead of up shows what would happen, and what the other tool must let go of)\n" +
        "  to keep them as they are, give this stack other names or namespaces",
    );
  }
  if (broken.length > 0) {
    parts.push(
      `this change would break what works, or would not work itself; nothing was changed\n${describe(broken, config)}`,
    );
  }
  return parts.length === 0 ? undefined : parts.join("\n");
}

interface Group {
  way: WayOut;
  /** Whether the stack itself makes the objects, so that its settings alone change them. */
  isOwn: boolean;
  findings: [Finding, ...Finding[]];
}

/** Findings, those of one cause together, with the lines to add or the settings to change. */
export function describe(found: readonly Finding[], config: StackConfig): string {
  const own = new Set(
    manifestsOf(config).map(({ kind, metadata: { namespace = "", name } }) =>
      [kind, namespace, name].join("|"),
    ),
  );
  return byCause(found)
    .flatMap((cause) => {
      const groups = new Map<string, Group>();
      for (const finding of cause) {
        const { kind, namespace, name } = finding;
        const isOwn = own.has([kind, namespace, name].join("|"));
        const way = wayOut(finding, config);
        const key = JSON.stringify([isOwn, way]);
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { way, isOwn, findings: [finding] });
        else group.findings.push(finding);
      }
      return [...groups.values()];
    })
    .map((group) => textOfGroup(group, config.stack))
    .join("\n");
}

function textOfGroup({ way, isOwn, findings }: Group, stack: string): string {
  const [first] = findings;
  const said = isOwn ? withoutAdvice(first) : first.message;
  const names = findings.map(({ namespace, name }) => (namespace === "" ? name : `${namespace}/${name}`));
  const title =
    findings.length === 1
      ? [`${said} [${first.rule}]`]
      : [
          `${findings.length} ${plural(first.kind, findings.length)}: ${enumerate(names, mostNames)} [${first.rule}]`,
          `such as: ${said}`,
        ];
  const lines = [
    ...title.map((text) => wrapped(text, width)),
    ...(isOwn ? [] : fixes(findings)),
    ...settingLines(
      way,
      findings.map(({ namespace }) => namespace),
      stack,
    ),
  ];
  return bullets([indented(lines.join("\n"), 4).trimStart()]);
}

/** Rules about paths say at the end which lines to add to a policy; those of the stack come from its settings. */
function withoutAdvice({ rule, message }: Finding): string {
  const end = message.lastIndexOf("; ");
  return ["mesh-baseline-egress", "trace-path-open"].includes(rule) && end > 0
    ? message.slice(0, end)
    : message;
}

/** Lines to add; the same lines once for all the objects they are for. */
function fixes(findings: readonly Finding[]): string[] {
  const byText = groupBy(
    findings.filter(({ fix }) => fix !== ""),
    ({ fix }) => fix,
  );
  return [...byText].flatMap(([fix, own]) => [
    wrapped(`lines for ${enumerate(own.map(objectName), mostNames)}:`, width),
    indented(fix, 2),
  ]);
}

function indented(text: string, by: number): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, " ".repeat(by));
}

export function bullets(lines: readonly string[]): string {
  return lines.map((line) => `  - ${line}`).join("\n");
}
