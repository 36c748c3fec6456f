/** What a rule found, as every caller prints it. */
import { compare } from "../mesh/stableOrder";

/**
 * `error`: spans are lost or traces split, for sure. `warning`: they may be, or a setting will bite later. `info`: worth
 * knowing, such as what is switched off on purpose.
 */
export type Level = "error" | "warning" | "info";

/** What findings call standard input, where others name a file. */
export const stdinName = "<stdin>";

/** One thing that is wrong with one object. */
export interface Finding {
  /** Name of the rule, `trace-path-open`. */
  rule: string;
  level: Level;
  /** The object to change; it need not exist yet. */
  apiVersion?: string;
  kind: string;
  /** Empty for objects without a namespace. */
  namespace: string;
  name: string;
  /** The object, what was found and what is allowed. */
  message: string;
  /** Lines to add or change, ready to paste; empty if there is nothing to paste. */
  fix: string;
  /** File the object was read from, where the caller knows. */
  file?: string;
}

/** Findings of one object stay together; equal input gives equal order. */
export function byObjectThenRule(a: Finding, b: Finding): number {
  return (
    compare(a.namespace, b.namespace) ||
    compare(a.kind, b.kind) ||
    compare(a.name, b.name) ||
    compare(a.rule, b.rule) ||
    compare(a.message, b.message)
  );
}
