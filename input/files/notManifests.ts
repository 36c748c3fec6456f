/** What lies between manifests and is none: named, so that nobody believes it was checked. */
import * as fs from "node:fs";
import * as path from "node:path";
import { isKustomization } from "./kustomizations";

/** A file, or a document of one, that was not checked. */
export interface Skipped {
  file: string;
  why: string;
}

const kustomization =
  "a kustomization; to check what it builds: kubectl kustomize DIRECTORY | npm run -s audit -- -";
const template = "a Helm template; to check what it renders: helm template DIRECTORY | npm run -s audit -- -";

/** Why a file is passed by that a kustomization names as a patch. */
export const patch = "a patch of a kustomization, no object of its own";

/** Why a file is passed by, told by its name and its text before it is parsed. */
export function reasonByName(file: string, text: string): string | undefined {
  const name = path.basename(file);
  if (isKustomization(file)) return kustomization;
  if (name === "Chart.yaml") return "the description of a Helm chart";
  if (text.includes("{{") && isInTemplates(file)) return template;
  return undefined;
}

/** Why a file that cannot be parsed is passed by; undefined if it is broken. */
export function reasonIfBroken(file: string, text: string): string | undefined {
  if (text.includes("{{")) return template;
  // JSON with comments is some tool's configuration, such as tsconfig.json.
  return /\.json$/i.test(file) && !text.includes('"apiVersion"')
    ? "no JSON, and nothing in it is a manifest"
    : undefined;
}

/** Why a document is none that Kubernetes would take. */
export function reasonByContent(file: string, text: string, value: unknown): string | undefined {
  if (isManifest(value)) {
    if (value.apiVersion.startsWith("kustomize.config.k8s.io/")) return kustomization;
    return text.includes("{{") && hasTemplateKey(value) ? template : undefined;
  }
  if (text.includes("{{") && hasTemplateKey(value)) return template;
  return /(^|[-.])values([-.].*)?\.ya?ml$/i.test(path.basename(file))
    ? "Helm values"
    : "without apiVersion and kind";
}

function isManifest(value: unknown): value is { apiVersion: string; kind: string } {
  const { apiVersion, kind } = (value ?? {}) as Record<string, unknown>;
  return typeof apiVersion === "string" && typeof kind === "string";
}

/** `{{ .Values.name }}` without quotes reads as a map whose key is a map. */
function hasTemplateKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasTemplateKey);
  return Object.entries(value).some(([key, inner]) => key === "[object Object]" || hasTemplateKey(inner));
}

/** Whether a file is in the `templates` of a chart, however deep. */
function isInTemplates(file: string): boolean {
  const parts = path.resolve(file).split(path.sep);
  return parts.some(
    (part, index) =>
      part === "templates" && fs.existsSync([...parts.slice(0, index), "Chart.yaml"].join(path.sep)),
  );
}
