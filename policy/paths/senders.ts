import { enumerate } from "../../findings/words";
import { sortedSet } from "../../mesh/stableOrder";
import { type Traced } from "../model/traced";
import { describeWorkload } from "../model/workloads";

/** How many names of one sort a message has. */
export const mostNames = 3;

/** So many workloads are told by their namespaces, which is what policies are about. */
const many = 10;

/** Whoever opens a policy needs them all; of a huge mesh the first ones do. */
const mostNamespaces = 30;

/** Workloads as messages name them, the first ones of some, the namespaces of many. */
export function describeSenders(senders: Iterable<Traced>): string {
  const all = [...senders];
  if (all.length > many) {
    const namespaces = sortedSet(all.map(({ workload }) => workload.namespace));
    if (namespaces.length > 1)
      return `${all.length} workloads of namespaces ${enumerate(namespaces, mostNamespaces)}`;
  }
  const names = sortedSet(all.map(({ workload }) => describeWorkload(workload)));
  return enumerate(names, mostNames);
}
