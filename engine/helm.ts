/** Templates Helm charts with the `helm` of this machine, where there is one. */
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { type ChartReference, type HelmCharts, type Manifest } from "./manifests";
import { kindOf } from "../mesh/kinds";
import { toYaml } from "../mesh/yaml";
import { InputError } from "../input/inputError";

/** Whether to template: if possible, in any case, or not at all. */
export type HelmMode = "auto" | "always" | "never";

/** How long one chart may take, in milliseconds, a download included. */
const patience = 40_000;

/** What helm says when the chart's source cannot be reached, as opposed to a chart that cannot be templated. */
const unreachable =
  /no such host|connection refused|could not be reached|cannot be reached|timeout|timed out|network is unreachable|proxyconnect|Forbidden|403|EOF|TLS handshake|server misbehaving|i\/o/i;

/** Kinds without a namespace among those that charts of this project make and `mesh/` does not know. */
const clusterScoped = new Set([
  "APIService",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "GatewayClass",
  "IngressClass",
  "PersistentVolume",
  "PriorityClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
]);

/**
 * @param kubernetesVersion the version charts are told they run on
 * @param directory what relative chart paths are relative to
 * @param progress is told the release that is being templated
 * @throws InputError from `template` if a chart cannot be templated though it is there, or in mode `always`
 */
export function helmCharts(
  mode: HelmMode,
  kubernetesVersion: string,
  directory: string,
  progress: (release: string) => void = () => {},
): HelmCharts {
  return {
    async template(inputs) {
      const chart = chartOf(inputs);
      if (mode === "never") return { ...chart, reason: "--helm never" };
      progress(chart.release);
      const output = await helm(chart, kubernetesVersion, directory);
      if (typeof output === "string") {
        return { manifests: parse(output).map((manifest) => placed(manifest, chart.namespace)) };
      }
      if (mode === "always" || !output.excusable) {
        throw new InputError(`helm cannot template chart ${chart.reference.join(" ")}\n  ${output.reason}`);
      }
      return { ...chart, reason: output.reason };
    },
  };
}

function chartOf(inputs: Record<string, unknown>): Omit<ChartReference, "reason"> {
  const repo = (inputs["repositoryOpts"] as { repo?: string } | undefined)?.repo;
  const version = inputs["version"] as string | undefined;
  return {
    release: String(inputs["name"]),
    namespace: String(inputs["namespace"]),
    reference: [
      String(inputs["chart"]),
      ...(repo === undefined ? [] : ["--repo", repo]),
      ...(version === undefined ? [] : ["--version", version]),
    ],
    values: (inputs["values"] ?? {}) as Record<string, unknown>,
  };
}

async function helm(
  chart: Omit<ChartReference, "reason">,
  kubernetesVersion: string,
  directory: string,
): Promise<string | { reason: string; excusable: boolean }> {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "mesh-tracing-"));
  try {
    const values = path.join(scratch, "values.yaml");
    fs.writeFileSync(values, toYaml(chart.values), { mode: 0o600 });
    // Like Chart v4: with custom resource definitions, without hooks and tests.
    const flags = ["--namespace", chart.namespace, "--values", values, "--kube-version", kubernetesVersion];
    return await execute(
      [
        "template",
        chart.release,
        ...chart.reference,
        ...flags,
        "--include-crds",
        "--no-hooks",
        "--skip-tests",
      ],
      directory,
    );
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

function execute(args: string[], cwd: string): Promise<string | { reason: string; excusable: boolean }> {
  return new Promise((resolve) => {
    execFile(
      "helm",
      args,
      { cwd, timeout: patience, maxBuffer: 256 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if ((error as NodeJS.ErrnoException).code === "ENOENT") {
          resolve({ reason: "helm is not on PATH", excusable: true });
        } else if ((error as NodeJS.ErrnoException).code === "EACCES") {
          // Also where PATH has a directory that this user may not read, and helm is nowhere else.
          resolve({ reason: "helm may not be run by this user", excusable: true });
        } else if (error.killed) {
          resolve({ reason: `helm did not finish within ${patience / 1000} s`, excusable: true });
        } else {
          const reason = lastLine(stderr);
          resolve({ reason, excusable: unreachable.test(stderr) });
        }
      },
    );
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "helm failed without a message";
}

function parse(output: string): Manifest[] {
  return parseAllDocuments(output, { merge: true })
    .map((document) => withoutNulls(document.toJS()) as Manifest | null)
    .filter((value) => value !== null);
}

/** A key that a template leaves empty (`volumes:`) is null in YAML and the same as absent to Kubernetes. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNulls(inner)]])),
  );
}

/** Helm leaves the namespace to whoever applies; Pulumi fills it in, and so does this. */
function placed(manifest: Manifest, namespace: string): Manifest {
  const isOfCluster =
    kindOf(manifest.apiVersion, manifest.kind)?.isClusterScoped ?? clusterScoped.has(manifest.kind);
  if (isOfCluster || manifest.metadata.namespace !== undefined) return manifest;
  return { ...manifest, metadata: { ...manifest.metadata, namespace } };
}
