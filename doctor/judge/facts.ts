/** All that is known when checks are made: what was asked, and what was not answered. */
import { type Finding } from "../../findings/finding";
import { type TracingModel } from "../../policy/model/tracingModel";
import { type Forbidden } from "../../input/cluster/live";
import { type StreamRights } from "../live/rights";
import { type CollectorState } from "../read/collectors";
import { type IstiodReading } from "../read/istiod";
import { type TraceReading } from "../read/traces";
import { type Hop } from "./hop";
import { type SenderNames } from "./names";
import { type ProbeResult } from "./probe";

export interface Facts {
  /** Address of the API server. */
  cluster: string;
  model: TracingModel;
  forbidden: readonly Forbidden[];
  rights: StreamRights;
  /** Names of what enforces NetworkPolicies, as far as it is recognized. */
  engines: readonly string[];
  istiods: readonly IstiodReading[];
  /** Undefined where proxies were not asked on purpose (`--pre`). */
  proxies?: ProxyFacts;
  /** Undefined likewise. */
  collectors?: { before: readonly CollectorState[]; after: readonly CollectorState[] };
  /** Why there is none, or what the backend said. */
  traces?: TraceReading | { why: string };
  names: readonly SenderNames[];
  findings: readonly Finding[];
  probe?: ProbeResult;
}

export interface ProxyFacts {
  hops: readonly Hop[];
  /** Requests that gateways passed on between the two samples, and when that was. */
  gateway?: { requests: number; from: number; to: number };
}
