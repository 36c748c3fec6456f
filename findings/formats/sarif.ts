/** Findings as SARIF 2.1.0, for code scanning. */
import { createHash } from "node:crypto";
import { type Finding, type Level } from "../finding";
import { locationOf, objectName, type Report } from "../summary";
import { jsonText } from "./json";
import { relativePath } from "./paths";

/** What is told of a rule beside its findings, in Markdown where a text is long. */
export interface DescribedRule {
  name: string;
  description: string;
  level: Level;
  severity: string;
  tags: readonly string[];
  url: string;
  remediationSteps: string;
  page: { why: string; symptom: string; exceptions: string };
}

const levelNames: Record<Level, string> = { error: "error", warning: "warning", info: "note" };

/** @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function asSarif({ findings, elsewhere }: Report, rules: readonly DescribedRule[]): string {
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "mesh-tracing", rules: rules.map(descriptor) } },
        columnKind: "utf16CodeUnits",
        // Code scanning refuses a result without a file.
        results: findings.map((finding) => result({ ...finding, file: finding.file ?? elsewhere }, rules)),
      },
    ],
  };
  return jsonText(log);
}

function descriptor({
  name,
  description,
  level,
  remediationSteps,
  page,
  url,
  tags,
  severity,
}: DescribedRule) {
  return {
    id: name,
    shortDescription: { text: description },
    fullDescription: { text: description },
    help: { text: remediationSteps, markdown: help(page, remediationSteps) },
    helpUri: url,
    defaultConfiguration: { level: levelNames[level] },
    properties: { tags, severity },
  };
}

/** What of the rule's page fits beside an alert: its example is the alert itself. */
function help({ why, symptom, exceptions }: DescribedRule["page"], remediationSteps: string): string {
  return [
    why,
    `**What people see.** ${symptom}`,
    `**What to do.** ${remediationSteps}`,
    `**When it may stand.** ${exceptions}`,
  ].join("\n\n");
}

function result(finding: Finding, rules: readonly DescribedRule[]) {
  const { rule, level, message, fix } = finding;
  const ruleIndex = rules.findIndex(({ name }) => name === rule);
  const object = objectName(finding);
  return {
    ruleId: rule,
    ...(ruleIndex === -1 ? {} : { ruleIndex }),
    level: levelNames[level],
    message: { text: fix === "" ? message : `${message}\n\nFix:\n${fix.trimEnd()}` },
    locations: [{ ...physical(finding), logicalLocations: [{ fullyQualifiedName: object, kind: "object" }] }],
    // What makes it the same finding after the file has changed around it.
    partialFingerprints: {
      "object/v1": digest([rule, finding.apiVersion ?? "", object, message].join("\n")),
    },
  };
}

function physical(finding: Finding) {
  const location = locationOf(finding);
  const uri = location && relativePath(location.path);
  if (uri === undefined) return {};
  // A whole file is its first line to code scanning.
  const region = { startLine: location?.line ?? 1 };
  return { physicalLocation: { artifactLocation: { uri: encodeURI(uri) }, region } };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
