import { serviceHost } from "../../mesh/dns";
import { getOrMake } from "../../mesh/maps";
import { kinds, typeMeta } from "../../mesh/kinds";
import { sortedSet } from "../../mesh/stableOrder";
import { type ServicePlace } from "../model/collector";
import { workloadsBehind } from "../model/collectorService";
import { programsBehind } from "../model/collectors/programs";
import { destinationRulesOf, type ExplicitTls, tlsOfPorts } from "../model/destinationRules";
import { membershipOf } from "../model/injection";
import { type KubeObject, namespaceOf } from "../model/objects";
import { at, text } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload } from "../model/workloads";
import { arrivalOf, matchOf, receptionsOf } from "../paths/arrivals";
import { isIntercepted, proxyOf } from "../model/proxies";
import { entriesFor, hasPort } from "../model/serviceEntries";
import { SpanTargets } from "../paths/spanTargets";
import { type Sent, sentOf } from "../paths/sent";
import { mostNames } from "../paths/senders";
import { defineRule, nameOf, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** What a receiver makes of TLS that proxies put around spans. */
interface Trouble {
  says: string;
  isKnown: boolean;
}

interface Case {
  place: ServicePlace;
  tls: ExplicitTls;
  trouble: Trouble;
  sent: Sent[];
}

/**
 * Istio's automatic mutual TLS falls back to plaintext for pods without a sidecar; TLS set by a DestinationRule
 * does not.
 */
export const destinationRuleTls = defineRule({
  name: "destination-rule-tls",
  description: "No DestinationRule makes proxies use TLS to a collector that does not accept it.",
  level: "error",
  severity: "critical",
  tags: ["istio", "destination-rule", "mutual-tls"],
  url: "https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings",
  remediationSteps:
    "Set TLS mode DISABLE for the collector's host, or remove the TLS setting from the DestinationRule.",
  page: {
    why: `By default, Istio uses mutual TLS to pods with a sidecar and plaintext to others. A DestinationRule
      that sets \`tls.mode\` to \`ISTIO_MUTUAL\`, \`SIMPLE\` or \`MUTUAL\` overrides that: proxies then use
      TLS to every pod of the host. A collector has no sidecar to terminate it, and most accept spans without TLS. The rule may be far away: in the sender's namespace, the collector's or
      Istio's root namespace, with a wildcard such as \`*.local\`. It applies to the proxies' own spans and
      to those of applications, which pass through their sidecar.`,
    symptom: `All spans of the affected proxies are lost. \`rq_error\` and \`upstream_cx_connect_fail\` of the
      collector's cluster rise in them, and the collector logs broken requests or nothing.`,
    exceptions: `\`SIMPLE\` or \`MUTUAL\` is correct for a collector that accepts TLS, and \`ISTIO_MUTUAL\` for one
      with a sidecar. If the collector's pods or their configuration are not in the input, the finding is a
      warning. Ports that annotations exclude from the sidecar are not checked.`,
    sources: [
      "https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/",
      "https://istio.io/latest/docs/tasks/security/authentication/authn-policy/#auto-mutual-tls",
    ],
  },
  *find(model) {
    const rules = destinationRulesOf(model);
    if (rules.isEmpty) return;
    const cases = new Map<string, Case>();
    for (const sent of sentOf(model)) {
      const { proxy, place, port } = sent;
      const tls = proxy && rules.tlsOf(proxy, place, port);
      const trouble = tls && troubleOf(model, sent, tls);
      if (tls === undefined || trouble === undefined) continue;
      const key = `${nameOf(tls.rule)} ${tls.path} ${place.namespace}/${place.name} ${trouble.says}`;
      getOrMake(cases, key, (): Case => ({ place, tls, trouble, sent: [] })).sent.push(sent);
    }
    for (const one of cases.values()) yield problemOf(one, rules.domain);
    yield* twiceOutside(model);
  },
});

/** Hosts outside the cluster to which applications speak TLS themselves, and their proxies once more. */
function* twiceOutside(model: TracingModel): Iterable<Problem> {
  const rules = destinationRulesOf(model);
  const targets = new SpanTargets(model);
  const found = new Map<string, { tls: ExplicitTls; host: string; port: number; senders: Set<string> }>();
  for (const { workload, membership, isAssumed } of model.senders) {
    if (membership !== "sidecar" || isAssumed === true) continue;
    for (const { place, receiver: host, port, isEncrypted } of targets.of({ workload, membership })) {
      // Those of proxies never are.
      if (place !== undefined || isEncrypted !== true || port === undefined) continue;
      const entry = entriesFor(model, host).find((one) => hasPort(one, port));
      if (entry === undefined || !isIntercepted(workload, port)) continue;
      const where = { namespace: namespaceOf(entry), host };
      const tls = rules.tlsOf(proxyOf(workload, membership), where, port);
      if (tls === undefined) continue;
      const key = `${nameOf(tls.rule)} ${tls.path} ${host}:${port}`;
      getOrMake(found, key, () => ({ tls, host, port, senders: new Set<string>() })).senders.add(
        describeWorkload(workload),
      );
    }
  }
  for (const { tls, host, port, senders } of found.values()) {
    yield {
      object: tls.rule,
      says:
        `makes proxies use TLS (${tls.path}.mode: ${tls.mode}) to ${host} on ${port} (spans of applications), those of ` +
        `${enumerate(sortedSet([...senders]), mostNames)}, which speak TLS themselves: these spans are lost`,
      fix: tls.path.includes("portLevelSettings")
        ? snippet(`in ${tls.path} of ${nameOf(tls.rule)}`, { mode: "DISABLE" })
        : snippet(`add to spec.trafficPolicy of ${nameOf(tls.rule)}`, tlsOfPorts([port], "DISABLE")),
    };
  }
}

/** Undefined if the receiver takes it. */
function troubleOf(model: TracingModel, sent: Sent, { mode }: ExplicitTls): Trouble | undefined {
  const { place } = sent;
  const service = model.index.get(kinds.service, place.namespace, place.name);
  // Another name of a host outside the cluster has no cluster of its own.
  if (text(at(service?.["spec"], "type")) === "ExternalName") return undefined;
  if (mode === "ISTIO_MUTUAL") return withoutSidecar(model, place, service);
  const arrival = arrivalOf(model, sent);
  if (arrival === undefined) return tlsUnknown;
  const taken = receptionsOf(model, arrival).flatMap((reception) => {
    const match = matchOf(reception, arrival);
    const receiver = describeWorkload(reception.program.workload);
    return match?.kind === "taken" ? [{ receiver, isEncrypted: match.receiver.isEncrypted }] : [];
  });
  const [first] = taken;
  if (first === undefined || taken.some(({ isEncrypted }) => isEncrypted === undefined)) return tlsUnknown;
  const plain = taken.find(({ isEncrypted }) => isEncrypted === false);
  if (plain !== undefined) {
    return lost(`${plain.receiver} takes spans there without TLS`);
  }
  return sent.isEncrypted
    ? lost(`the senders speak TLS themselves, and ${first.receiver} takes it once`)
    : undefined;
}

function withoutSidecar(
  model: TracingModel,
  place: ServicePlace,
  service: KubeObject | undefined,
): Trouble | undefined {
  const labels = model.namespaceLabels(place.namespace);
  // Of the operator's collectors neither Service nor pods need be in the input.
  const programs = programsBehind(model, place)?.map(({ workload }) => workload);
  const pods = programs ?? workloadsBehind(model, service);
  const memberships = pods.map((pod) => membershipOf(pod, labels));
  const bare = pods[memberships.indexOf("none")];
  if (bare !== undefined) return lost(`${describeWorkload(bare)} has no sidecar to take it`);
  return pods.length === 0 || memberships.includes("unknown") ? sidecarUnknown : undefined;
}

function lost(why: string): Trouble {
  return { says: `${why}: these spans are lost`, isKnown: true };
}

const sidecarUnknown: Trouble = {
  says: "without a sidecar in its pods, of which the input says nothing, these spans are lost",
  isKnown: false,
};

const tlsUnknown: Trouble = {
  says: "unless its pods take TLS there, of which the input says nothing, these spans are lost",
  isKnown: false,
};

function problemOf({ place, tls, trouble, sent }: Case, domain: string): Problem {
  const { mode, rule } = tls;
  const ports = sortedSet(sent.map(({ port, what }) => `${port} (${what})`));
  const senders = enumerate(sortedSet(sent.map(({ sender }) => sender)), mostNames);
  const isAssumed = sent.every((one) => one.isAssumed);
  return {
    object: rule,
    says:
      `makes proxies use ${mode === "ISTIO_MUTUAL" ? "Istio's mutual TLS" : "TLS"} (${tls.path}.mode: ${mode}) to ` +
      `Service ${place.namespace}/${place.name} on ${enumerate(ports)}, those of ${senders}; ${trouble.says}` +
      (isAssumed && trouble.isKnown
        ? ", if these pods have proxies, which their namespaces' labels decide"
        : ""),
    fix: fixOf(tls, sent, place, domain),
    ...(isAssumed || !trouble.isKnown ? { level: "warning" as const } : {}),
  };
}

/** No wider than the collector's ports: other hosts of a wildcard, and other ports, may need their TLS. */
function fixOf(
  { mode, rule, path }: ExplicitTls,
  sent: readonly Sent[],
  { name, namespace }: ServicePlace,
  domain: string,
): string {
  const perPort = tlsOfPorts(
    sent.map(({ port }) => port),
    "DISABLE",
  );
  if (String(at(rule["spec"], "host")).startsWith("*")) {
    const host = serviceHost(name, namespace, domain);
    return snippet(`add beside ${nameOf(rule)}`, {
      ...typeMeta(kinds.destinationRule),
      metadata: { name, namespace: namespaceOf(rule) },
      spec: { host, trafficPolicy: mode === "ISTIO_MUTUAL" ? { tls: { mode: "DISABLE" } } : perPort },
    });
  }
  if (mode === "ISTIO_MUTUAL" || path.includes("portLevelSettings"))
    return snippet(`in ${path} of ${nameOf(rule)}`, { mode: "DISABLE" });
  return snippet(`add to spec.trafficPolicy of ${nameOf(rule)}`, perPort);
}
