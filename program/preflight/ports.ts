/**
 * Ports that others have given another number. Kubernetes merges lists of ports by number and refuses two of one name,
 * so that the stack's port, applied as it is, would stand beside the changed one and be refused.
 */
import { isRecord } from "../../mesh/plainObjects";
import { type Manifest } from "../../components/manifest";
import { type LiveObject } from "./liveObject";

/** A list of ports as it must be before the stack's is applied. */
export interface PortRepair {
  /** Where it is in the live object, as a JSON pointer. */
  pointer: string;
  /** The same as Pulumi spells it. */
  field: string;
  ports: unknown[];
}

export function portRepairs(planned: Manifest, live: LiveObject): PortRepair[] {
  return repairs(planned.spec, live.spec, ["spec"]);
}

function repairs(planned: unknown, live: unknown, path: readonly (string | number)[]): PortRepair[] {
  if (Array.isArray(planned)) {
    if (!Array.isArray(live)) return [];
    if (path.at(-1) === "ports") return repairOf(planned, live, path);
    return planned.flatMap((item) => {
      const index = live.findIndex((other) => nameOf(other) !== undefined && nameOf(other) === nameOf(item));
      return index < 0 ? [] : repairs(item, live[index], [...path, index]);
    });
  }
  if (!isRecord(planned) || !isRecord(live)) return [];
  return Object.entries(planned).flatMap(([key, value]) => repairs(value, live[key], [...path, key]));
}

function repairOf(
  planned: readonly unknown[],
  live: readonly unknown[],
  path: readonly (string | number)[],
): PortRepair[] {
  const ports = live.map((port) => {
    const own = planned.find((one) => nameOf(one) !== undefined && nameOf(one) === nameOf(port));
    return own === undefined || keyOf(own) === keyOf(port)
      ? port
      : { ...(port as object), ...(own as object) };
  });
  if (ports.every((port, index) => port === live[index])) return [];
  const field = path.map((part, index) =>
    typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`,
  );
  return [{ pointer: `/${path.join("/")}`, field: field.join(""), ports }];
}

function nameOf(item: unknown): string | undefined {
  return isRecord(item) && typeof item["name"] === "string" ? item["name"] : undefined;
}

/** By what Kubernetes tells ports apart, of Services and of containers. */
function keyOf(port: unknown): string {
  const { port: own, containerPort, protocol = "TCP" } = port as Record<string, unknown>;
  return `${String(own ?? containerPort)} ${String(protocol)}`;
}
