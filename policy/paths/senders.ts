import { enumerate } from "../../findings/words";
import { sortedSet } from "../../mesh/stableOrder";
import { type Traced } from "../model/traced";
import { describeWorkload } from "../model/workloads";

/** How many names of one sort a message has. */
export const mostNames = 3;

/** Workloads as messages name them, the first ones of many. */
export function describeSenders(senders: Iterable<Traced>): string {
  const names = sortedSet(Array.from(senders, ({ workload }) => describeWorkload(workload)));
  return enumerate(names, mostNames);
}
