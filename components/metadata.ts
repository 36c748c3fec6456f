import { createHash } from "node:crypto";
import { ownerLabels, projectName } from "../constants";

/** What every object of a stack carries so that its owner can be told. */
export function ownerLabelsOf(stack: string): Record<string, string> {
  return { [ownerLabels.partOf]: projectName, [ownerLabels.stack]: stack };
}

/** Metadata of an object of this stack. Labels sorted, so that diffs are stable. */
export function objectMeta(stack: string, namespace: string, name: string) {
  return { name, namespace, labels: ownerLabelsOf(stack) };
}

/** Sixteen hexadecimal digits that change when any value does: on a pod, a changed configuration rolls it. */
export function configHash(values: unknown): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 16);
}
