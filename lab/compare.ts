/** What the rules say of a fault against what was seen on the wire. */
import { type Fault } from "./faults";
import { type Finding } from "./project";
import { type Outcome, senders } from "./trace";

export interface Comparison {
  readonly fault: string;
  /** What `audit` says that it did not say before. */
  readonly audit: readonly Finding[];
  readonly wire: Outcome;
  /** One line each; empty if rules, wire and table agree. */
  readonly disagreements: readonly string[];
}

/** Findings that a fault has brought: those that were there before it say nothing about it. */
export function newFindings(before: readonly Finding[], after: readonly Finding[]): Finding[] {
  const old = new Set(before.map(idOf));
  return after.filter((finding) => !old.has(idOf(finding)));
}

function idOf({ rule, level, message }: Finding): string {
  return `${rule} ${level} ${message}`;
}

/** Compares three things: the table, the rules, the wire. */
export function compare(fault: Fault, audit: readonly Finding[], wire: Outcome): Comparison {
  const disagreements: string[] = [];
  const serious = audit.filter(({ level }) => level !== "info");
  const rules = [...new Set(serious.map(({ rule }) => rule))];
  const isBroken = !wire.joined;
  if (isBroken && serious.length === 0) disagreements.push(`the wire: ${inWords(wire)}; audit says nothing`);
  if (!isBroken && serious.some(({ level }) => level === "error")) {
    disagreements.push(`audit reports ${rules.join(", ")}; on the wire the trace is whole`);
  }
  if (fault.rule !== undefined && serious.length > 0 && !rules.includes(fault.rule)) {
    disagreements.push(`audit reports ${rules.join(", ")}, not ${fault.rule}`);
  }
  const lost = senders.filter((sender) => fault.lost.includes(sender)).join(", ");
  if (wire.lost.join(", ") !== lost) {
    const seen = wire.lost.join(", ") || "none";
    disagreements.push(`the table says lost: ${lost || "none"}; the wire: ${seen}`);
  }
  if (fault.split !== wire.traces.length > 1) {
    disagreements.push(
      `the table says ${fault.split ? "split" : "not split"}; the wire: ${wire.traces.length} traces`,
    );
  }
  return { fault: fault.name, audit, wire, disagreements };
}

/** An outcome in a few words. */
export function inWords({ traces, spans, lost, orphans, joined }: Outcome): string {
  if (joined) return `one joined trace of ${spans} spans`;
  if (spans === 0) return "nothing arrived";
  const parts = [`${spans} spans in ${traces.length} ${traces.length === 1 ? "trace" : "traces"}`];
  if (lost.length > 0) parts.push(`nothing of ${lost.join(", ")}`);
  if (orphans > 0) parts.push(`${orphans} without their parent`);
  return parts.join(", ");
}
