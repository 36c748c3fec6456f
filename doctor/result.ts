/** What a run of the doctor has to say, whatever prints it. */
import { type Finding } from "../findings/finding";
import { type Graph } from "./graph/graph";
import { type Hop } from "./judge/hop";
import { type ProbeResult } from "./judge/probe";

/** `not checked` is never good news, and no bad news either. */
export type Result = "success" | "warning" | "error" | "not checked";

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

/** The page of a check. */
export function pageOf(id: string): string {
  return `docs/doctor/${id}.md`;
}

/** Makes the answer of a check; its hint always names its page, and says nothing else where nothing is to be done. */
export function checkOf(id: string, description: string) {
  const page = pageOf(id);
  return (result: Result, evidence: readonly string[], advice = ""): Check => ({
    id,
    description,
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
