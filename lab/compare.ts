/** What the rules say of a fault against what was seen on the wire. */
import { type Fault } from "./faults";
import { services } from "./platform";
import { checksOf, type Diagnosis, type Finding, type Hop } from "./project";
import { type Outcome, type Sender, senders } from "./trace";

export interface Comparison {
  readonly fault: string;
  /** What `audit` says that it did not say before. */
  readonly audit: readonly Finding[];
  readonly wire: Outcome;
  readonly doctor: Diagnosed;
  /** One line each; empty if rules, wire and table agree. */
  readonly disagreements: readonly string[];
}

/** What `doctor` says, as far as it is compared. */
export interface Diagnosed {
  readonly success: boolean;
  readonly seconds: number;
  /** Checks that fail. */
  readonly failed: readonly string[];
  /** Ways of spans and what is said of them. */
  readonly hops: Readonly<Partial<Record<Sender, Hop["verdict"]>>>;
  /** Rules that it names for what it has seen; that the objects do not fit together is what audit says, too. */
  readonly causes: readonly string[];
}

/** The doctor's answer in the words of the lab. */
export function diagnosed(diagnosis: Diagnosis): Diagnosed {
  const failed = checksOf(diagnosis).filter(({ result }) => result === "error");
  const seen = failed.filter(({ id }) => id !== "cluster-rules").flatMap(({ evidence }) => evidence);
  const told = [...seen, ...diagnosis.hops.flatMap(({ causes }) => causes)];
  const rules = told.flatMap((line) => /^\s*\[([a-z0-9-]+)\] /.exec(line)?.[1] ?? []);
  const hops = diagnosis.hops.flatMap((hop) => {
    const sender = senderOfHop(hop);
    return sender === undefined ? [] : [[sender, hop.verdict] as const];
  });
  return {
    success: diagnosis.success,
    seconds: diagnosis.cost.seconds,
    failed: failed.map(({ id }) => id),
    hops: Object.fromEntries(hops),
    causes: [...new Set(rules)].sort(),
  };
}

function senderOfHop({ point, workload }: Hop): Sender | undefined {
  if (point === "A") return "gateway";
  const isOf = ({ namespace, name }: { namespace: string; name: string }): boolean =>
    workload === `Deployment ${namespace}/${name}`;
  if (isOf(services.first)) return point === "B" ? "first proxy" : "first SDK";
  if (isOf(services.second)) return point === "B" ? "second proxy" : "second SDK";
  return undefined;
}

/** Findings that a fault has brought: those that were there before it say nothing about it. */
export function newFindings(before: readonly Finding[], after: readonly Finding[]): Finding[] {
  const old = new Set(before.map(idOf));
  return after.filter((finding) => !old.has(idOf(finding)));
}

function idOf({ rule, level, message }: Finding): string {
  return `${rule} ${level} ${message}`;
}

/** Compares four things: the table, the rules, the wire, the doctor. */
export function compare(
  fault: Fault,
  audit: readonly Finding[],
  wire: Outcome,
  doctor: Diagnosed,
): Comparison {
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
  disagreements.push(...doctorAgainst(fault, wire, doctor));
  return { fault: fault.name, audit, wire, doctor, disagreements };
}

function doctorAgainst(
  { rule, callersDecide = false }: Fault,
  wire: Outcome,
  { success, failed, hops, causes }: Diagnosed,
): string[] {
  const seen = inWords(wire);
  if (wire.joined) {
    return success ? [] : [`the doctor fails ${failed.join(", ")}; on the wire the trace is whole`];
  }
  if (success) return [`the wire: ${seen}; the doctor finds nothing broken`];
  const told: string[] = [];
  if (rule !== undefined && !causes.includes(rule)) {
    told.push(`the doctor names ${causes.join(", ") || "no cause"}, not ${rule}`);
  }
  for (const [sender, verdict] of Object.entries(hops) as [Sender, Hop["verdict"]][]) {
    const isLost = wire.lost.includes(sender);
    if (isLost && verdict === "delivering" && !callersDecide) {
      told.push(`the doctor says that ${sender} is delivering; the wire: nothing of it`);
    }
    if (!isLost && brokenVerdicts.has(verdict)) {
      told.push(`the doctor says that ${sender} is ${verdict}; the wire has its spans`);
    }
  }
  return told;
}

const brokenVerdicts: ReadonlySet<Hop["verdict"]> = new Set(["blocked", "refused", "no endpoint"]);

/** An outcome in a few words. */
export function inWords({ traces, spans, lost, orphans, joined }: Outcome): string {
  if (joined) return `one joined trace of ${spans} spans`;
  if (spans === 0) return "nothing arrived";
  const parts = [`${spans} spans in ${traces.length} ${traces.length === 1 ? "trace" : "traces"}`];
  if (lost.length > 0) parts.push(`nothing of ${lost.join(", ")}`);
  if (orphans > 0) parts.push(`${orphans} without their parent`);
  return parts.join(", ");
}

/** The doctor's answer in a few lines. */
export function doctorInWords({ success, seconds, failed, hops, causes }: Diagnosed): string[] {
  if (success) return [`nothing is broken (${seconds} s)`];
  const ways = Object.entries(hops).map(([sender, verdict]) => `${sender} ${verdict}`);
  return [
    `fails ${failed.join(", ")} (${seconds} s)`,
    ways.join(", ") || "sees no way of spans",
    `names ${causes.join(", ") || "no cause"}`,
  ];
}
