/** From the resources of a stack to the Kubernetes objects they stand for. */
import { type PolicyResource } from "@pulumi/policy";
import { type KubeObject } from "../model/objects";
import { isRecord, record, text } from "../model/reading";
import { isUnknown, plainProps } from "./unknowns";

/** What is read of a resource. */
export type Resource = Pick<PolicyResource, "type" | "urn" | "name" | "props" | "parent" | "provider">;

export interface ResourceObject {
  object: KubeObject;
  urn: string;
  /** Whether the resource applies only some fields of an object of somebody else. */
  patch: boolean;
}

/** Groups whose resources are no objects: charts, files and directories, whose children are. */
const components: ReadonlySet<string> = new Set(["helm.sh", "yaml", "kustomize"]);

/** The object of a resource; undefined if it is none, or one that no rule may read. */
export function objectOf(
  resource: Pick<Resource, "type" | "urn" | "name" | "props">,
): ResourceObject | undefined {
  const token = /^kubernetes:([^:]+):([^:]+)$/.exec(resource.type);
  const [, groupVersion = "", typeKind = ""] = token ?? [];
  if (token === null || components.has(groupVersion.split("/")[0] ?? "")) return undefined;
  // Secrets arrive here in plain text; what no rule reads cannot end up in a message.
  if (groupVersion === "core/v1" && /^Secret(Patch|List|ListPatch)?$/.test(typeKind)) return undefined;
  const props = plainProps(resource.props);
  const patch = typeKind.endsWith("Patch") && props["kind"] !== typeKind;
  const apiVersion = known(props["apiVersion"]) ?? groupVersion.replace(/^core\//, "");
  const kind = known(props["kind"]) ?? (patch ? typeKind.slice(0, -"Patch".length) : typeKind);
  const metadata = record(props["metadata"]);
  const object: KubeObject = {
    ...ownProps(props),
    apiVersion,
    kind,
    // A name that is not known yet still needs a place to report it on.
    metadata: { ...metadata, name: known(metadata["name"]) ?? resource.name },
  };
  return { object: withoutServerFields(object), urn: resource.urn, patch };
}

/** Without what Pulumi and its Kubernetes provider add for themselves, and without what became of the object. */
function ownProps(props: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(props).filter(([key]) => !key.startsWith("__") && !["id", "urn", "status"].includes(key)),
  );
}

/** Fields the API server fills in: where they are not known yet, nobody left them open. */
function withoutServerFields(object: KubeObject): KubeObject {
  const spec = object["spec"];
  return {
    ...object,
    metadata: withoutUnknown(object.metadata, [
      "uid",
      "resourceVersion",
      "generation",
      "creationTimestamp",
      "managedFields",
      "selfLink",
    ]),
    ...(object.kind === "Service" && isRecord(spec)
      ? {
          spec: withoutUnknown(spec, [
            "clusterIP",
            "clusterIPs",
            "healthCheckNodePort",
            "ipFamilies",
            "ipFamilyPolicy",
          ]),
        }
      : {}),
  };
}

function withoutUnknown<T extends object>(value: T, keys: readonly string[]): T {
  const entries = Object.entries(value).filter(([key, inner]) => !keys.includes(key) || !isUnknown(inner));
  return Object.fromEntries(entries) as T;
}

function known(value: unknown): string | undefined {
  return isUnknown(value) ? undefined : text(value);
}
