import { createHash } from "node:crypto";
import { fieldManagerAnnotation, ownerLabels } from "../mesh/labels";
import { projectName } from "../mesh/names";

/** What every object of a stack carries so that its owner can be told. */
export function ownerLabelsOf(stack: string): Record<string, string> {
  return { [ownerLabels.partOf]: projectName, [ownerLabels.stack]: stack };
}

/** Metadata of an object of this stack. Labels sorted, so that diffs are stable. */
export function objectMeta(stack: string, namespace: string, name: string) {
  return { name, namespace, labels: ownerLabelsOf(stack) };
}

/** The field manager under which a stack's patches are applied. */
export function patchManager(stack: string): string {
  return `${projectName}-${stack}`;
}

/**
 * Metadata of a patch of somebody else's object. The field manager has one name for good: with one that the
 * provider makes up, a patch that an interrupted `up` had applied would keep its fields when its successor goes.
 */
export function patchMeta(stack: string, namespace: string, name: string) {
  return { name, namespace, annotations: { [fieldManagerAnnotation]: patchManager(stack) } };
}

/** Sixteen hexadecimal digits that change when any value does: on a pod, a changed configuration rolls it. */
export function configHash(values: unknown): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 16);
}
