import { type CauseKind, type Side } from "../reachability";

/** What distinguishes one path audit from another. */
export interface Purpose {
  /** What the pods lose: `so these spans are lost`. */
  consequence: string;
  /** Ports that mark a rule as meant for this purpose. */
  relatedPorts: readonly number[];
  /** Names for a new policy, if there is none to extend. */
  policyNames: Readonly<Record<Side, string>>;
  /** Doubts that other rules report already. */
  ignored: readonly CauseKind[] | "all";
}
