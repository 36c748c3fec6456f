/** What `npm run render` tells of a rendered stack. */
import * as fs from "node:fs";
import * as path from "node:path";
import { type RenderedFile, type WriteReport } from "../engine/output";
import { makeDirectory, meshValuesFile } from "../engine/outputIndex";
import { type RenderedStack } from "../engine/render";
import { type Finding } from "../findings/finding";
import { jsonFindings } from "../findings/formats/json";
import { asSarif } from "../findings/formats/sarif";
import { asText } from "../findings/formats/text";
import { count } from "../findings/words";
import { InputError } from "../input/inputError";
import { toYaml } from "../mesh/yaml";
import { allRules } from "../policy/rules";
import { isColored, outputColors } from "./colors";
import { resourceTree } from "./tree";

/** @throws InputError if the file cannot be written */
export function writeSarif(
  file: string,
  findings: readonly Finding[],
  directory: string,
  elsewhere: string,
): void {
  const placed = findings.map((finding) =>
    finding.file === undefined ? finding : { ...finding, file: path.join(directory, finding.file) },
  );
  try {
    makeDirectory(path.dirname(path.resolve(file)));
    fs.writeFileSync(file, asSarif({ findings: placed, read: "", elsewhere }, allRules));
  } catch (error) {
    throw new InputError(`${file} cannot be written: ${(error as Error).message}`);
  }
}

/** Manifests alone, so that the output can be piped; charts that were not templated go to stderr. */
export function printManifests(files: readonly RenderedFile[], json: boolean): void {
  const manifests = files.flatMap(({ rendered }) =>
    rendered.type === "manifest" ? [rendered.manifest] : [],
  );
  process.stdout.write(
    json
      ? `${JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests }, undefined, 2)}\n`
      : manifests.map((manifest) => `---\n${toYaml(manifest)}`).join(""),
  );
  for (const { rendered } of files) {
    if (rendered.type === "chart") {
      const { namespace, release, reason } = rendered.chart;
      process.stderr.write(`the chart of ${namespace}/${release} is not in this output: ${reason}\n`);
    }
  }
}

export function printReport(
  name: string,
  stack: RenderedStack,
  files: readonly RenderedFile[],
  directory: string,
  findings: readonly Finding[],
): void {
  const resources = files.map(({ path: file, rendered }) =>
    rendered.type === "chart"
      ? { file, urn: rendered.urn, chart: rendered.chart }
      : {
          file,
          urn: rendered.urn,
          apiVersion: rendered.manifest.apiVersion,
          kind: rendered.manifest.kind,
          namespace: rendered.manifest.metadata.namespace ?? null,
          name: rendered.manifest.metadata.name,
          patch: rendered.patch,
        },
  );
  process.stdout.write(
    `${JSON.stringify({ stack: name, directory, resources, outputs: stack.outputs, findings: jsonFindings(findings) }, undefined, 2)}\n`,
  );
}

export function printSummary(
  { stack: name, cwd }: { stack: string; cwd?: string },
  stack: RenderedStack,
  files: readonly RenderedFile[],
  report: WriteReport,
  directory: string,
  findings: readonly Finding[],
): void {
  const relative = path.relative(process.cwd(), directory) || ".";
  const shown = relative.startsWith("..") ? directory : relative;
  const charts = files.filter(({ rendered }) => rendered.type === "chart").length;
  const { config } = stack;
  const isHandedOver = config.istio.delivery === "values";
  const paint = outputColors();
  const lines = [
    resourceTree(stack.resources, stack.rendered, paint),
    "",
    ...(findings.length === 0 ? [] : [findingsText(findings, stack, isColored(process.stdout))]),
    `${paint.green(`stack ${name}`)}: ${count(files.length - charts, "manifest")}` +
      (charts > 0 ? ` and ${count(charts, "chart")} as values` : "") +
      (isHandedOver ? ` and ${meshValuesFile}` : "") +
      ` in ${shown}${path.sep}` +
      ` (${report.written} written, ${report.unchanged} unchanged, ${report.removed.length} removed)`,
    `  traced: ${count(Object.keys(config.namespaces).length, "namespace")}, ${config.tracing.sampling} % of requests`,
    `  UI:     ${String(stack.outputs["uiAddress"])}`,
    `  rules:  ${allRules.length} checked, ${findings.length === 0 ? "nothing found" : `${count(findings.length, "finding")} above`}`,
    "",
    "next:",
    `  read   ${shown}${path.sep} and compare it with what the cluster has`,
    findings.some(isError)
      ? "  repair what the findings above say, before anything is deployed"
      : `  deploy pulumi ${cwd === undefined ? "" : `-C ${cwd} `}up --stack ${name}      (docs/deploy.md)`,
    ...(isHandedOver
      ? [`  ask    istiod's owner to take ${shown}${path.sep}${meshValuesFile}: tracing is off until then`]
      : []),
    `  other  npm run render -- --help`,
    "",
    paint.dim(`rendered in ${(performance.now() / 1000).toFixed(1)} s, nothing was deployed`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

export function isError({ level }: Finding): boolean {
  return level === "error";
}

export function findingsText(findings: readonly Finding[], stack: RenderedStack, color: boolean): string {
  return asText({ findings, read: count(stack.rendered.length, "object") }, color);
}
