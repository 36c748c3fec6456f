/**
 * Facts of the mesh stand in `mesh/` and nowhere else: a port, a table of kinds, a name or a label that is written
 * out in another place drifts from the one that counts.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { describe, expect, it } from "vitest";
import * as dns from "../../mesh/dns";
import * as instrumentation from "../../mesh/instrumentation";
import { builtInStore, chartConfigMaps, indexCleaner, uiConfigFile } from "../../mesh/jaegerChart";
import { kinds } from "../../mesh/kinds";
import * as labels from "../../mesh/labels";
import * as meshConfig from "../../mesh/meshConfig";
import * as names from "../../mesh/names";
import { ports } from "../../mesh/ports";
import * as urls from "../../mesh/urls";

const root = path.join(__dirname, "..", "..");

/** Where what is shipped is. Not asked are `mesh/` itself, and what shows or measures how objects of others look. */
const places = [
  "cli",
  "components",
  "config",
  "doctor",
  "engine",
  "findings",
  "index.ts",
  "input",
  "policy",
  "program",
  "report",
];

/** Ports that nothing here has a use for yet: Envoy's and Istio's own. */
const otherPorts = [15001, 15006, 15008, 15010, 15017, 15020, 15021, 15090];

const allPorts = new Set<number>([...Object.values(ports), ...otherPorts]);

/** Ports of the web and of DNS are numbers like others in a text. */
const portsInTexts = [...allPorts].filter((port) => port >= 1000);

const kindNames = new Set(Object.values(kinds).map(({ name }) => name));

/** Every text that `mesh/` exports and that cannot be meant otherwise: `jaeger` or `app` can. */
const texts = new Set(
  [
    ...[dns, instrumentation, labels, meshConfig, names, urls],
    ...[builtInStore, chartConfigMaps, indexCleaner, uiConfigFile],
  ]
    .flatMap((facts) => leaves(facts))
    .filter((text) => text.length > 7 && /[-./_:]\w/.test(text) && text !== names.projectName),
);

function leaves(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key.includes("/") ? [key] : []),
    ...leaves(inner),
  ]);
}

/** What the pages of rules and the reference of the configuration tell people, in the words that they see. */
const prose = new Set(["description", "exceptions", "remediationSteps", "sources", "symptom", "url", "why"]);

function isProse(node: ts.Node): boolean {
  for (let inner = node; inner.parent !== undefined; inner = inner.parent) {
    const { parent } = inner;
    if (ts.isCallExpression(parent) && isToldBy(parent, inner)) return true;
    if (ts.isPropertyAssignment(parent) && prose.has(parent.name.getText()) && isInRule(parent)) return true;
  }
  return false;
}

/** Whether a call gives a key its words, and a node is among these. */
function isToldBy({ expression, arguments: given }: ts.CallExpression, node: ts.Node): boolean {
  const told = /^(described|optional)$/.test(expression.getText())
    ? given.slice(1)
    : given.filter(() => /\.(meta|describe)$/.test(expression.getText()));
  return told.some((one) => one === node);
}

function isInRule(node: ts.Node): boolean {
  for (let outer = node.parent as ts.Node | undefined; outer !== undefined; outer = outer.parent) {
    if (ts.isCallExpression(outer) && outer.expression.getText() === "defineRule") return true;
  }
  return false;
}

function namesIn(node: ts.Node): string[] {
  if (ts.isArrayLiteralExpression(node)) {
    return node.elements.filter(ts.isStringLiteral).map(({ text }) => text);
  }
  if (!ts.isObjectLiteralExpression(node)) return [];
  return node.properties.flatMap(({ name }) =>
    name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? [name.text] : [],
  );
}

/** What a source writes out although `mesh/` has it. */
function restated(file: string, source: string): string[] {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const report = (node: ts.Node, what: string): void => {
    const { line } = parsed.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${file}:${line + 1} ${what}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (ts.isNumericLiteral(node) && allPorts.has(Number(node.text)) && !isProse(node)) {
      report(node, `port ${node.text}`);
    }
    const tabled = [...new Set(namesIn(node))].filter((name) => kindNames.has(name));
    if (tabled.length > 1) report(node, `kinds ${tabled.join(", ")}`);
    if ((ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) && !isProse(node)) {
      for (const port of portsInTexts) {
        if (new RegExp(`\\b${port}\\b`).test(node.text)) report(node, `port ${port} in a text`);
      }
      for (const text of texts) {
        if (isPartOf(text, node.text)) report(node, text);
      }
    }
    node.forEachChild(visit);
  };
  visit(parsed);
  return found;
}

function isPartOf(text: string, whole: string): boolean {
  const word = "[A-Za-z0-9_-]";
  return new RegExp(`(?<!${word})${text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?!${word})`).test(whole);
}

function* sources(place: string): Generator<string> {
  const full = path.join(root, place);
  if (fs.statSync(full).isDirectory()) {
    for (const name of fs.readdirSync(full)) yield* sources(path.join(place, name));
  } else if (place.endsWith(".ts")) yield place;
}

describe("facts of the mesh", () => {
  it.each([
    ["const port = 9411;", "port 9411"],
    ["const url = `http://${host}:4317`;", "port 4317 in a text"],
    ['const url = "http://host:16686/api";', "port 16686 in a text"],
    ['const made = new Set(["Deployment", "CronJob"]);', "kinds Deployment, CronJob"],
    ['const groups = { Deployment: ["apps"], Service: [""] };', "kinds Deployment, Service"],
    ['const name = "jaeger-collector-clusterip";', "jaeger-collector-clusterip"],
    ["const host = `${name}.istio-system.svc`;", "istio-system"],
    ['const path = "/api/v2/spans";', "/api/v2/spans"],
    ['defineRule({ find: () => ({ says: "9411" }) });', "port 9411 in a text"],
  ])("%s restates one", (source, what) => {
    expect(restated("a.ts", source)).toEqual([`a.ts:1 ${what}`]);
  });

  it.each([
    "// 9411",
    "const seconds = 94110;",
    'const manifest = { apiVersion: "apps/v1", kind: "Deployment" };',
    'const kinds = ["Deployment"];',
    'defineRule({ page: { why: "9411 of jaeger-collector-clusterip" } });',
    'z.string().describe("A port, 9411").meta({ examples: [9411, "istio-system"] });',
  ])("%s does not", (source) => {
    expect(restated("a.ts", source)).toEqual([]);
  });

  it("stand in mesh/ alone", () => {
    const found = places
      .flatMap((place) => [...sources(place)])
      .flatMap((file) => restated(file, fs.readFileSync(path.join(root, file), "utf8")));
    expect(found).toEqual([]);
  });
});
