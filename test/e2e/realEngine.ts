/** What the end-to-end tests make of the real engine: what an operation changes, and the manifests it writes. */
import * as fs from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { type Workspace } from "../../bench/workspace";
import { type Manifest } from "../../engine/manifests";

export { missing, onPath, pulumiCommands, root, workspace, type Workspace } from "../../bench/workspace";

/** Whether the tests deploy the real Jaeger chart; the stand-in makes less, and marks less as the stack's. */
export const hasJaegerChart = process.env["MESH_TRACING_JAEGER_CHART"] !== undefined;

/**
 * Runs an operation and tells what it changes, `update mesh-telemetry`, sorted; of a refresh, what it finds
 * changed.
 */
export async function changesOf(
  { stack }: Workspace,
  operation: "preview" | "up" | "refresh",
): Promise<string[]> {
  const changes: string[] = [];
  await stack[operation]({
    onEvent: ({ resourcePreEvent, resOutputsEvent }) => {
      // A refresh knows what has become of a resource only once it has read it.
      const metadata = (operation === "refresh" ? resOutputsEvent : resourcePreEvent)?.metadata;
      if (metadata === undefined || ["same", "refresh"].includes(metadata.op)) return;
      // The provider's own settings are no object of the cluster.
      if (metadata.type.startsWith("pulumi:providers:")) return;
      changes.push(`${metadata.op} ${metadata.urn.split("::").at(-1)}`);
    },
  });
  return changes.sort();
}

/** Every manifest in a directory and below, by identity. */
export function readManifests(directory: string): Map<string, Manifest> {
  const files = fs
    .readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"));
  return byIdentity(
    files.flatMap((file) =>
      parseAllDocuments(fs.readFileSync(path.join(directory, file), "utf8")).map(
        (document) => document.toJS() as Manifest,
      ),
    ),
  );
}

/** Manifests by identity. */
export function byIdentity(manifests: readonly Manifest[]): Map<string, Manifest> {
  return new Map(
    manifests.map((manifest) => {
      const { apiVersion, kind, metadata } = manifest;
      return [[apiVersion, kind, metadata.namespace ?? "", metadata.name].join(" "), manifest];
    }),
  );
}

/**
 * A manifest as Kubernetes understands it, for comparing what two tools wrote: an empty map or value is the same as none,
 * `2000m` the same as `2`, `1024Mi` the same as `1Gi`. The provider writes charts' objects through typed structures,
 * which choose the shortest form.
 */
export function canonical(value: unknown, inQuantities = false): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(item));
  if (typeof value === "string" && inQuantities) return quantity(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(["annotations", "labels"].includes(key) && isEmpty(inner)))
      .filter(([key, inner]) => !(key === "value" && inner === ""))
      .map(([key, inner]) => [key, canonical(inner, inQuantities || key === "limits" || key === "requests")]),
  );
}

function quantity(text: string): string {
  const milli = /^(\d+)000m$/.exec(text);
  if (milli !== null) return milli[1]!;
  const mebi = /^(\d+)Mi$/.exec(text);
  return mebi !== null && Number(mebi[1]) % 1024 === 0 ? `${Number(mebi[1]) / 1024}Gi` : text;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
