import { enumerate } from "../../findings/words";
import { sortedSet } from "../../mesh/stableOrder";
import { type Traced } from "../model/traced";
import { describeWorkload } from "../model/workloads";

/** How many names of one sort a message has. */
export const mostNames = 3;

/** Whoever opens a policy needs them all; of a huge mesh the first ones do. */
const mostNamespaces = 30;

/** Workloads as messages name them; more than a few by their namespaces, which is what policies are about. */
export function describeSenders(senders: Iterable<Traced>): string {
  const all = [...senders];
  const names = sortedSet(all.map(({ workload }) => describeWorkload(workload)));
  const namespaces = sortedSet(all.map(({ workload }) => workload.namespace));
  if (names.length > mostNames && namespaces.length > 1)
    return `${names.length} workloads of namespaces ${enumerate(namespaces, mostNamespaces)}`;
  return enumerate(names, mostNames);
}
