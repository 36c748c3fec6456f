/** What to do next, as commands to copy. */
import { type Facts } from "../judge/facts";

/** Names that a shell takes as they are; whoever serves others writes no command here. */
const plain = /^[a-z0-9][-a-z0-9.]*$/;

export const giveRights = "npm run -s doctor -- --print-rbac | kubectl apply -f - makes an account that may";

export const probeIt = "npm run -s doctor -- --probe <address of a gateway> sends a request and looks again";

export const waitForIt = "npm run -s doctor -- --wait 5m looks until nothing is broken";

/** @param pod `namespace/name` */
export function readLog(pod: string | undefined, what: string, container?: string): string {
  const [namespace = "", name = ""] = (pod ?? "").split("/");
  if (!plain.test(namespace) || !plain.test(name)) return `the log of the pod says ${what}`;
  const option = container === undefined ? "" : ` -c ${container}`;
  return `kubectl -n ${namespace} logs ${name}${option} says ${what}`;
}

/** How to see what is in a namespace; everywhere if its name is none. */
export function listPods(namespace: string, selector = ""): string {
  return `kubectl ${plain.test(namespace) ? `-n ${namespace}` : "-A"} get pods${selector === "" ? "" : ` -l ${selector}`}`;
}

/** Where somebody did not answer: rights, if one is missing, else time may help. */
export function askAgain({ rights, forbidden }: Pick<Facts, "rights" | "forbidden">): string {
  const missing = Object.values(rights.missing ?? {}).flat();
  if (missing.length > 0 || forbidden.length > 0) return giveRights;
  return "npm run -s doctor asks again";
}
