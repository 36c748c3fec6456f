/** What lies between manifests and is none: named, so that nobody believes it was checked. */
import * as fs from "node:fs";
import * as path from "node:path";
import { isRecord } from "../../policy/model/reading";

/** Why a kustomization is passed by that does more than is read here. */
export const kustomization =
  "a kustomization; to check what it builds: kubectl kustomize DIRECTORY | npm run -s audit -- -";
const template =
  "a template; to check what it makes: render it first, as with helm template DIRECTORY | npm run -s audit -- -";

/** As Flux, envsubst and pipelines write what they put in. */
const variables =
  "with variables in its name; to check what it becomes: put them in first, as with flux build kustomization NAME | npm run -s audit -- -";

/** Why a file is passed by that a kustomization names as a patch and that fits nothing which was read. */
export const patch = "a patch of a kustomization for objects that are not in the input";

/** Why a file is passed by that only an overlay has which is not judged. */
export const alternative = "of a kustomization that is an alternative to the one that is judged";

/** How templates of Helm, Backstage and Jinja write what is put in later. */
const placeholder = /\{\{|\{%/;

/** Why a file is passed by, told by its name and its text before it is parsed. */
export function reasonByName(file: string, text: string): string | undefined {
  const name = path.basename(file);
  if (name === "Chart.yaml") return "the description of a Helm chart";
  if (text.includes("{{") && isInTemplates(file)) return template;
  return undefined;
}

/** Why a file that cannot be parsed is passed by; undefined if it is a manifest that is broken. */
export function reasonIfBroken(file: string, text: string): string | undefined {
  if (placeholder.test(text)) return template;
  // Some tool's own file: JSON with comments, YAML with tags that only the tool knows.
  const form = /\.json$/i.test(file) ? "JSON" : "YAML";
  return text.includes("apiVersion") ? undefined : `no ${form}, and nothing in it is a manifest`;
}

/** Why a document is none that Kubernetes would take. */
export function reasonByContent(file: string, text: string, value: unknown): string | undefined {
  const mayBeTemplate = text.includes("{");
  if (isManifest(value)) {
    if (value.apiVersion.startsWith("kustomize.config.k8s.io/")) return kustomization;
    return mayBeTemplate ? whyTemplate(text, value) : undefined;
  }
  // The text is that of all documents: looked through for what each of them says, it would be for every item of a list.
  if (mayBeTemplate && hasTemplateKey(value) && placeholder.test(text)) return template;
  return /(^|[-.])values([-.].*)?\.ya?ml$/i.test(path.basename(file))
    ? "Helm values"
    : "without apiVersion and kind";
}

interface Named {
  apiVersion: string;
  kind: string;
  metadata?: unknown;
}

function isManifest(value: unknown): value is Named {
  const { apiVersion, kind } = (value ?? {}) as Record<string, unknown>;
  return typeof apiVersion === "string" && typeof kind === "string";
}

/** Why something that reads as a manifest only becomes one when somebody puts values into it. */
function whyTemplate(text: string, value: Named): string | undefined {
  const { name, namespace } = isRecord(value.metadata) ? value.metadata : {};
  const identity = [value.apiVersion, value.kind, name, namespace].filter((part) => typeof part === "string");
  if (identity.some((part) => placeholder.test(part))) return template;
  if (identity.some((part) => part.includes("${"))) return variables;
  const isTemplate = hasPlaceholder(value) || (hasTemplateKey(value) && placeholder.test(text));
  return isTemplate ? template : undefined;
}

/** `{{ .Values.name }}` without quotes reads as a map whose key is a map. */
function hasTemplateKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasTemplateKey);
  return Object.entries(value).some(([key, inner]) => key === "[object Object]" || hasTemplateKey(inner));
}

/** Fields that hold texts of others, such as dashboards and workflows. */
const freeText = new Set(["data", "stringData", "binaryData", "annotations"]);

/** `${{ values.replicas }}`, wherever Kubernetes reads a value. */
function hasPlaceholder(value: unknown): boolean {
  if (typeof value === "string") return value.startsWith("${{");
  if (Array.isArray(value)) return value.some(hasPlaceholder);
  if (!isRecord(value)) return false;
  return Object.entries(value).some(([key, inner]) => !freeText.has(key) && hasPlaceholder(inner));
}

/** Whether a file is in the `templates` of a chart, however deep. */
function isInTemplates(file: string): boolean {
  const parts = path.resolve(file).split(path.sep);
  return parts.some(
    (part, index) =>
      part === "templates" && fs.existsSync([...parts.slice(0, index), "Chart.yaml"].join(path.sep)),
  );
}
