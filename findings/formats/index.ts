import { type Report } from "../summary";
import { asGithub } from "./github";
import { asJson } from "./json";
import { asMarkdown } from "./markdown";
import { asSarif, type DescribedRule } from "./sarif";
import { asText } from "./text";

export const formats = ["text", "json", "markdown", "sarif", "github"] as const;
export type Format = (typeof formats)[number];

/**
 * @param color whether to color, where the format can
 * @param rules what found something, or could have
 */
export function print(
  report: Report,
  format: Format,
  color: boolean,
  rules: readonly DescribedRule[],
): string {
  switch (format) {
    case "text":
      return asText(report, color);
    case "json":
      return asJson(report);
    case "markdown":
      return asMarkdown(report);
    case "github":
      return asGithub(report);
    case "sarif":
      return asSarif(report, rules);
  }
}
