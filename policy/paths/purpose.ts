import { type CauseKind, type Side } from "../reachability";

/** What tells one audit of paths from another. */
export interface Purpose {
  /** What follows for the pods: `so that these spans are lost`. */
  consequence: string;
  /** Ports by which a rule is known to be for this purpose. */
  relatedPorts: readonly number[];
  /** Names of a policy for this purpose, where none is there to be extended. */
  policyNames: Readonly<Record<Side, string>>;
  /** Doubts that rules of their own report: saying it once more would not help. */
  ignored: readonly CauseKind[];
}
