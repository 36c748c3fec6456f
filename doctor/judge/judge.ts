/** From what was asked to a verdict on every hop. */
import { type Finding } from "../../findings/finding";
import { type TracingModel } from "../../policy/model/tracingModel";
import { type Attempt } from "../live/reach";
import { countersOf } from "../parse/envoyClusters";
import { type ProxySample } from "../read/proxies";
import { findCauses, type TagsOf } from "./causes";
import { type Hop, judgeHop } from "./hop";
import { type ExpectedHop } from "./senders";

export interface Sampled {
  /** By workload. */
  first: ReadonlyMap<string, Attempt<ProxySample>>;
  second: ReadonlyMap<string, Attempt<ProxySample>>;
}

const policies = { allowed: "open", denied: "closed", unknown: "unknown" } as const;

export function judgeHops(
  model: TracingModel,
  expected: readonly ExpectedHop[],
  sampled: Sampled,
  findings: readonly Finding[],
  tagsOf: TagsOf,
): Hop[] {
  return expected.map((one) => {
    const hop = judged(one, sampled);
    return { ...hop, causes: findCauses(model, one, hop, findings, tagsOf) };
  });
}

function judged(
  { traced, workload, way, point, host, static: verdict }: ExpectedHop,
  { first, second }: Sampled,
): Hop {
  const base = {
    point,
    namespace: traced.workload.namespace,
    workload,
    protocol: way.protocol,
    receiver: way.receiver,
    ...(way.port === undefined ? {} : { port: way.port }),
    policies: policies[verdict],
    causes: [],
  };
  const unchecked = (evidence: string): Hop => ({ ...base, verdict: "not checked", evidence });
  if (point === "D") return unchecked("no proxy carries these spans, so nobody counts them on the way");
  if (host === undefined || way.port === undefined)
    return unchecked(`${way.receiver} is not a Service of this cluster`);
  const [one, two] = [first.get(workload), second.get(workload)];
  const answers = [one, two].flatMap((answer) =>
    answer !== undefined && "value" in answer ? [answer.value] : [],
  );
  const last = answers.at(-1);
  if (last === undefined) {
    const why = one === undefined ? "no pod of it runs" : "why" in one ? one.why : "";
    return unchecked(why);
  }
  const before = answers.length === 2 && answers[0]?.pod.name === last.pod.name ? answers[0] : undefined;
  const port = way.port;
  const at = (sample: ProxySample | undefined) => sample && countersOf(sample.clusters, port, host);
  const counters = at(last);
  const judgement = judgeHop({
    first: before === undefined ? counters : at(before),
    second: before === undefined ? undefined : counters,
    seconds: before === undefined ? 0 : Math.round((last.time - before.time) / 1000),
    policies: base.policies,
  });
  return {
    ...base,
    pod: last.pod.name,
    ...judgement,
    ...(counters === undefined ? {} : { requests: counters.requests }),
  };
}
