import { jsonFindings, jsonText } from "../../findings/formats/json";
import { type Screen } from "../graph/terminal";
import { type Diagnosis } from "../result";
import { asMarkdown } from "./markdown";
import { asShort, asTable } from "./table";

export const formats = ["table", "short", "json", "markdown"] as const;
export type Format = (typeof formats)[number];

export function print(diagnosis: Diagnosis, format: Format, terminal: Screen): string {
  switch (format) {
    case "table":
      return asTable(diagnosis, terminal);
    case "short":
      return asShort(diagnosis, terminal.color);
    case "json":
      return asJson(diagnosis);
    case "markdown":
      return asMarkdown(diagnosis);
  }
}

/** For programs; `npm run -s graph` reads it again. */
export function asJson(diagnosis: Diagnosis): string {
  return jsonText({ ...diagnosis, findings: jsonFindings(diagnosis.findings) });
}
