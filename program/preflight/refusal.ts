/** What people read when a stack cannot be deployed. */
import { manifestsOf } from "../../components";
import { type StackConfig } from "../../config/stack";
import { type Finding } from "../../findings/finding";
import { adoptionCommand } from "./adoption";
import { type Findings } from "./findings";
import { ownerOf, textOf } from "./liveObject";

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
    const lines = foreign.map(({ planned, object }) => `${textOf(planned)}: ${ownerOf(object)}`);
    parts.push(
      `the cluster has objects that others manage under this stack's names; nothing was changed\n${bullets(lines)}\n` +
        "  to take them over, once:\n" +
        `    ${adoptionCommand([...adopted, ...foreign])}\n` +
        "  the preview of that step replaces nothing and names what the other tool must let go of; to keep them,\n" +
        "  give this stack other names or namespaces",
    );
  }
  if (broken.length > 0) {
    parts.push(
      `this change would break what works, or not work itself; nothing was changed\n${broken
        .map((finding) => describe(finding, config))
        .join("\n")}`,
    );
  }
  return parts.length === 0 ? undefined : parts.join("\n");
}

/** A finding with the lines to add, and the setting that does without. */
export function describe(finding: Finding, config: StackConfig): string {
  const { rule, message, fix } = finding;
  // What the stack makes itself is changed by its settings alone.
  const isOwn = manifestsOf(config).some(
    ({ kind, metadata: { namespace = "", name } }) =>
      kind === finding.kind && namespace === finding.namespace && name === finding.name,
  );
  return [
    `  - ${message} [${rule}]`,
    `    setting: ${settingFor(finding, config)}`,
    ...(fix === "" || isOwn ? [] : ["    fix:", ...fix.split("\n").map((line) => `      ${line}`.trimEnd())]),
  ].join("\n");
}

/** The setting of the stack file that decides about a finding. */
function settingFor({ rule, namespace, name }: Finding, config: Pick<StackConfig, "namespaces">): string {
  const isolation = config.namespaces[namespace]?.isolation;
  const key = `namespaces.${namespace}.isolation`;
  if (rule === "mesh-baseline-egress" && isolation === "existing") {
    return `${key} none, because no policy of others isolates its egress, or restricted, to have it isolated here`;
  }
  if (rule === "mesh-baseline-egress") {
    return "egress.dns and istio.rootNamespace, which say where DNS and istiod are";
  }
  if (rule === "trace-path-open" && isolation === "none") {
    return `${key} existing, because policies of others isolate its egress`;
  }
  if (rule === "service-entry-hosts") return `externalServices.${name}, which lists the host`;
  return `cluster.tolerate [${rule}], to deploy all the same`;
}

export function bullets(lines: readonly string[]): string {
  return lines.map((line) => `  - ${line}`).join("\n");
}
