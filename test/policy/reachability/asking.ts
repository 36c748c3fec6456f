/** Asking about one path, from web to jaeger's Zipkin port, in clusters with some more objects. */
import { expect } from "vitest";
import { type Answer, type Cause, Cluster, type QuestionEnd } from "../../../policy/reachability";
import { container, policy, workload } from "./manifests";

export const web = workload("shop/web");
export const jaeger = workload("mesh/jaeger", {
  containers: [container({ name: "zipkin", containerPort: 9411 })],
});

/** Stands for a value that is not known yet, for clusters made with `isUnknown`. */
export const later = Symbol("not known yet");

/** Tells `later` from other values. */
export function isUnknown(value: unknown): boolean {
  return value === later;
}

/** What to ask otherwise. */
export interface Ask {
  readonly from?: QuestionEnd;
  readonly to?: QuestionEnd;
  readonly port?: number | string;
}

/** The answer from web to jaeger, in a cluster with these and some more objects. */
export function ask(objects: readonly unknown[], question: Ask = {}): Answer {
  const cluster = Cluster.from([web, jaeger, ...objects], { isUnknown });
  return cluster.canReach({ from: "shop/web", to: "mesh/jaeger", port: 9411, ...question });
}

/** What is not known, with the sides that share a cause one after the other. */
export function causes({ because }: Answer): Cause[] {
  return because.flatMap((reason) => (reason.kind === "unknown" ? [reason.cause] : []));
}

/** Unknown, with exactly these reasons. */
export function expectUnknown(answer: Answer, ...texts: string[]): void {
  const found = new Set(causes(answer).map(({ text }) => text));
  expect([answer.verdict, [...found]]).toEqual(["unknown", texts]);
}

/** An egress policy of web's namespace that allows the namespaces that a selector matches. */
export function toNamespaces(selector: unknown) {
  return policy("shop/p", { egress: [{ to: [{ namespaceSelector: selector }] }] });
}
