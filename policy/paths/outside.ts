/** Receivers outside the cluster: policies know them by addresses alone, which nobody reads from a name. */
import { BlockList, isIPv4 } from "node:net";
import { kinds } from "../../mesh/kinds";
import { isLoopback } from "../model/collectors/program";
import { type KubeObject, namespaceOf } from "../model/objects";
import { at, isRecord, list, records, text, texts } from "../model/reading";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { containersOf } from "../model/workloads";
import { type Answer, edgesOf, parseBlock, type QuestionEnd } from "../reachability";
import { type SpanWay } from "./spanTargets";
import { type Target } from "./target";

/** An address that documents use: no `ipBlock` is meant for it that is not for all. */
const anyAddress = "192.0.2.1";

/** What to reach, or undefined where nobody knows who connects to what. */
export function outsideTarget(
  model: TracingModel,
  { workload }: Traced,
  { receiver: host, port, place, isOfProxies, protocol, purpose }: SpanWay & { purpose?: string },
): Target | undefined {
  // A name without a dot is no host outside: mesh-provider says what is wrong with it.
  if (port === undefined || place !== undefined || !/^[\w-]+\.[\w.-]+$/.test(host) || isLoopback(host))
    return undefined;
  if (!isOfProxies && containersOf(workload).some(hasProxySettings)) return undefined;
  if (isServedInside(model, host)) return undefined;
  const isAddress = isIPv4(host);
  return {
    name: host,
    purpose: purpose ?? (isOfProxies ? `spans of proxies, ${protocol}` : "spans of applications, OTLP"),
    peer: { namespace: "", labels: {}, cidr: isAddress ? `${host}/32` : `<address of ${host}>/32` },
    protocol: "TCP",
    ask: (from) => {
      if (!isAddress) return answerForName(model, from, host, port, workload.namespace);
      const answer = reach(model, from, host, port);
      return answer.verdict === "denied" && serviceAddresses.check(host)
        ? doubted(
            answer,
            `whether ${host} is the clusterIP of a Service, whose pods policies judge, is not known`,
          )
        : answer;
    },
  };
}

/** Open to all addresses or to none; what is open to some may be open to these. */
function answerForName(
  model: TracingModel,
  from: QuestionEnd,
  host: string,
  port: number,
  namespace: string,
): Answer {
  const answer = reach(model, from, anyAddress, port);
  if (answer.verdict !== "denied") return answer;
  const some = blocksOf(model, namespace).find((ip) => reach(model, from, ip, port).verdict !== "denied");
  if (some === undefined) return answer;
  return doubted(answer, `which addresses ${host} has, and whether an ipBlock contains them, is not known`);
}

/** Addresses that clusters give to Services: private ones, and those shared by carriers (RFC 1918, RFC 6598). */
const serviceAddresses = new BlockList();
serviceAddresses.addSubnet("10.0.0.0", 8);
serviceAddresses.addSubnet("172.16.0.0", 12);
serviceAddresses.addSubnet("192.168.0.0", 16);
serviceAddresses.addSubnet("100.64.0.0", 10);

function doubted(answer: Answer, why: string): Answer {
  const cause = { kind: "ip-block", text: why } as const;
  const reason = { kind: "unknown", side: "egress", cause, text: cause.text } as const;
  return {
    ...answer,
    verdict: "unknown",
    because: [...answer.because, reason],
  };
}

function reach({ cluster }: TracingModel, from: QuestionEnd, ip: string, port: number): Answer {
  return cluster.canReach({ from, to: { ip }, port });
}

/** Addresses of each block that policies of a namespace let something out to, with one of what is not excepted. */
function blocksOf({ index }: TracingModel, namespace: string): string[] {
  return index
    .of(kinds.networkPolicy)
    .filter((object) => namespaceOf(object) === namespace)
    .flatMap(({ spec }) => records(at(spec, "egress")))
    .flatMap((rule) => records(rule["to"]))
    .flatMap((peer) => {
      const block = parseBlock(text(at(peer, "ipBlock", "cidr")) ?? "");
      const except = texts(at(peer, "ipBlock", "except")).flatMap((one) => parseBlock(one) ?? []);
      return block === undefined ? [] : edgesOf(block, except);
    });
}

/** Programs with such settings connect to a proxy of the platform's. */
function hasProxySettings(container: Readonly<Record<string, unknown>>): boolean {
  const isProxy = ({ name }: Readonly<Record<string, unknown>>): boolean =>
    /^(https?|all|grpc)_proxy$/i.test(text(name) ?? "");
  return records(container["env"]).some(isProxy);
}

/** Whether the mesh leads the host to pods or machines of its own, such as an egress gateway. */
function isServedInside({ index }: TracingModel, host: string): boolean {
  const names = ({ spec }: KubeObject): boolean => list(at(spec, "hosts")).includes(host);
  const isOwn = ({ spec }: KubeObject): boolean =>
    list(at(spec, "endpoints")).length > 0 || isRecord(at(spec, "workloadSelector"));
  return (
    index.of(kinds.virtualService).some(names) ||
    index.of(kinds.serviceEntry).some((entry) => names(entry) && isOwn(entry))
  );
}
