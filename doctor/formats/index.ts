/** The formats of a diagnosis. */
import { jsonFindings, jsonText } from "../../findings/formats/json";
import { type Diagnosis } from "../result";
import { asMarkdown } from "./markdown";
import { asShort, asTable } from "./table";

export const formats = ["table", "short", "json", "markdown"] as const;
export type Format = (typeof formats)[number];

export function print(diagnosis: Diagnosis, format: Format, color: boolean): string {
  switch (format) {
    case "table":
      return asTable(diagnosis, color);
    case "short":
      return asShort(diagnosis, color);
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
