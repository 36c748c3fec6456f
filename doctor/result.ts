/** What a run of the doctor has to say, whatever prints it. */
import { type Finding } from "../findings/finding";
import { type Graph } from "./graph/graph";
import { type Hop } from "./judge/hop";
import { type ProbeResult } from "./judge/probe";

/** `not checked` is never good news, and no bad news either. */
export type Result = "success" | "warning" | "error" | "not checked";

/** The checks, in the order of a span's way, each with what holds where all is well. */
export const checks = {
  "api-access": "the API server answers and shows what matters",
  "stream-rights": "proxies and collectors may be asked",
  "cluster-rules": "the objects of the cluster fit together",
  "policy-engine": "something enforces NetworkPolicies",
  "istiod-provider": "istiod knows the tracing provider",
  "istiod-pushes": "istiod sends its configuration without errors",
  "proxy-config": "proxies take their configuration, and it has the collector",
  "proxy-bootstrap": "no proxy runs with tracing settings from before a change",
  "gateway-reports": "gateways deliver their spans",
  "sidecar-reports": "sidecars deliver their spans",
  "application-exports": "applications behind sidecars deliver their spans",
  "collector-receives": "the collector takes spans",
  "collector-exports": "what the collector took is passed on, or stored",
  "store-pressure": "the collector and its store have room",
  "backend-coverage": "every workload that should report is seen in the backend",
  "traces-joined": "spans of a request are in one trace",
  "sampled-share": "as many requests are traced as the mesh is told to",
  probe: "a request is one whole trace, and the gateway's log names it",
} as const;

/** One question, and its answer. */
export interface Check {
  /** In kebab-case; its page is `docs/doctor/<id>.md`. */
  id: string;
  /** What holds where all is well, as a sentence without a full stop. */
  description: string;
  result: Result;
  /** What was seen, a line each. */
  evidence: string[];
  /** What to do, and the page that tells more. */
  hint: string;
}

export interface Category {
  name: string;
  checks: Check[];
}

/** What is known of one workload: a row of the table. */
export interface WorkloadRow {
  namespace: string;
  /** `Deployment shop/cart`. */
  workload: string;
  /** `gateway`, `sidecar`, `ambient`, `none`. */
  membership: string;
  /** Which of its services the backend knows; undefined where that was not checked. */
  seen?: { proxy?: boolean; sdk?: boolean };
}

export interface Diagnosis {
  /** Nothing is broken. What was not checked is no success of its own, and does not fail either. */
  success: boolean;
  /** Seconds since 1970, as an ISO date. */
  time: string;
  /** The API server that was asked. */
  cluster: string;
  categories: Category[];
  workloads: WorkloadRow[];
  hops: Hop[];
  graph: Graph;
  /** Errors of the rules, which explain what is broken or will break. */
  findings: Finding[];
  probe?: ProbeResult;
  /** How long it took, and what it asked for. */
  cost: { seconds: number; streams: number };
}

export function pageOf(id: string): string {
  return `docs/doctor/${id}.md`;
}

export type Answer = (result: Result, evidence: readonly string[], advice?: string) => Check;

/** Makes the answer of a check; its hint always names its page, and says nothing else where nothing is to be done. */
export function checkOf(id: keyof typeof checks): Answer {
  const page = pageOf(id);
  return (result, evidence, advice = "") => ({
    id,
    description: checks[id],
    result,
    evidence: [...evidence],
    hint: advice === "" ? page : `${advice} (${page})`,
  });
}

export function checksOf({ categories }: Pick<Diagnosis, "categories">): Check[] {
  return categories.flatMap(({ checks }) => checks);
}

/** The worst of several results; nothing at all was not checked. */
export function worst(results: readonly Result[]): Result {
  const order: readonly Result[] = ["error", "warning", "not checked", "success"];
  return order.find((result) => results.includes(result)) ?? "not checked";
}
