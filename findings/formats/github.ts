/** Findings as annotations of a GitHub workflow. */
import { type Finding } from "../finding";
import { locationOf, type Report } from "../summary";
import { visible } from "../visible";
import { relativePath } from "./paths";

const commands = { error: "error", warning: "warning", info: "notice" } as const;

/** @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands */
export function asGithub({ findings }: Report): string {
  return findings.map((finding) => `${annotation(finding)}\n`).join("");
}

function annotation(finding: Finding): string {
  const location = locationOf(finding);
  const file = location && relativePath(location.path);
  const properties = {
    ...(file === undefined
      ? {}
      : { file, ...(location?.line === undefined ? {} : { line: `${location.line}` }) }),
    title: finding.rule,
  };
  const list = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
  const text = finding.fix === "" ? finding.message : `${finding.message}\n${finding.fix.trimEnd()}`;
  return `::${commands[finding.level]} ${list.join(",")}::${data(text)}`;
}

function data(text: string): string {
  return visible(text).replaceAll("%", "%25").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
