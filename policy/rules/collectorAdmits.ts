import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";
import { serviceHost } from "../../mesh/dns";
import { kinds, typeMeta } from "../../mesh/kinds";
import { withoutSidecar } from "../../mesh/labels";
import { sortedSet } from "../../mesh/stableOrder";
import { namesSources, policiesOf, type Refusal, refusalOf } from "../model/authorization";
import { type KubeObject, namespaceOf } from "../model/objects";
import { plainAt, type Strict, strictAt } from "../model/peerAuthentication";
import { clusterDomain } from "../model/proxies";
import { type Said, tlsOfPorts } from "../model/destinationRules";
import { at, text, textMap } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload, type Workload } from "../model/workloads";
import { type Admission, admissionsOf, hasBypass } from "../paths/admissions";
import { mostNames } from "../paths/senders";
import { defineRule, nameOf, type Problem } from "../rule";

interface Case {
  cause: Strict | Refusal;
  receiver: Workload;
  admissions: Admission[];
}

/** A collector in the mesh takes only what the mesh's policies let in; one outside takes everything. */
export const collectorAdmits = defineRule({
  name: "collector-admits",
  description: "A collector in the mesh accepts the spans sent to it under Istio's policies and annotations.",
  level: "error",
  severity: "critical",
  tags: ["istio", "peer-authentication", "authorization-policy", "mutual-tls"],
  url: "https://istio.io/latest/docs/concepts/security/",
  remediationSteps:
    "Keep the collector out of the mesh, or let its policies admit spans: plaintext from senders without a proxy, and every port that spans are sent to.",
  page: {
    why: `The receiving pod's proxy enforces PeerAuthentication and AuthorizationPolicy. A collector
      without a sidecar, and not in ambient mode, is not affected by either. A collector with one refuses
      senders that have no proxy once a policy of its namespace or of the mesh says \`STRICT\`, and refuses
      whatever no policy with action ALLOW names once there is such a policy: often the ports of OTLP are in
      it, and 9411, to which the proxies themselves send, is not.`,
    symptom: `NetworkPolicies allow the path, but only some senders' spans arrive. Senders
      without a proxy report a reset connection, those with one \`RBAC: access denied\` (HTTP 403).`,
    exceptions: `Only certain refusals are reported: not conditions (\`when\`), addresses or hosts, nor what
      ambient pods send. Ports that annotations keep away from the collector's sidecar are open to plaintext,
      and to nothing else: proxies are not told of such an annotation, and speak mutual TLS to the pod unless a
      DestinationRule says \`DISABLE\`.`,
    sources: [
      "https://istio.io/latest/docs/reference/config/security/peer_authentication/",
      "https://istio.io/latest/docs/reference/config/security/authorization-policy/",
    ],
  },
  *find(model) {
    if (!isLimited(model)) return;
    const cases = new Map<string, Case>();
    const bypassed = new Map<string, [Admission, ...Admission[]]>();
    const disagreements = new Map<string, { opposed: Opposed; admissions: [Admission, ...Admission[]] }>();
    for (const admission of admissionsOf(model)) {
      const { receiver, request, bypass } = admission;
      if (bypass !== undefined) {
        const { place } = admission;
        if (!isTlsForNobody(model, admission)) continue;
        const key = `${describeWorkload(receiver)} ${place.namespace}/${place.name} ${admission.explicit?.path}`;
        bypassed.set(key, [admission, ...(bypassed.get(key) ?? [])]);
        continue;
      }
      const opposed = opposedBy(model, admission);
      if (opposed !== undefined) {
        const { said, peer } = opposed;
        const key = `${nameOf(said.rule)} ${said.path} ${nameOf(peer.policy)} ${peer.path} ${describeWorkload(receiver)}`;
        const known = disagreements.get(key);
        if (known === undefined) disagreements.set(key, { opposed, admissions: [admission] });
        else known.admissions.push(admission);
        continue;
      }
      const strict = request.from === "none" ? strictAt(model, receiver, request.port) : undefined;
      const cause = strict ?? refusalOf(policiesOf(model, receiver), request);
      if (cause === undefined) continue;
      const place = "path" in cause ? cause.path : cause.rule;
      const key = `${nameOf(cause.policy)} ${place} ${describeWorkload(receiver)}`;
      const known = cases.get(key);
      if (known === undefined) cases.set(key, { cause, receiver, admissions: [admission] });
      else known.admissions.push(admission);
    }
    for (const { cause, receiver, admissions } of cases.values()) {
      yield "path" in cause
        ? strictProblem(model, cause, receiver, admissions)
        : refusedProblem(cause, receiver, admissions);
    }
    for (const admissions of bypassed.values()) yield bypassedProblem(model, admissions);
    for (const { opposed, admissions } of disagreements.values())
      yield opposedProblem(model, opposed, admissions);
  },
});

/** Whether anything could keep spans out. */
function isLimited({ index, workloads }: TracingModel): boolean {
  const policies = index.of(kinds.peerAuthentication).length + index.of(kinds.authorizationPolicy).length;
  return policies > 0 || workloads.some(hasBypass);
}

/** Whether the sender's proxy speaks Istio's mutual TLS to a port at which no proxy takes it. */
function isTlsForNobody(model: TracingModel, { receiver, request, explicit }: Admission): boolean {
  if (typeof request.from !== "object") return false;
  return explicit !== undefined || plainAt(model, receiver, request.port) === undefined;
}

/** A DestinationRule and a PeerAuthentication of which one wants mutual TLS and the other none. */
interface Opposed {
  said: Said;
  isPlain: boolean;
  peer: Pick<Strict, "policy" | "path">;
}

function opposedBy(
  model: TracingModel,
  { receiver, request, membership, explicit, plain }: Admission,
): Opposed | undefined {
  const isPlain = plain !== undefined;
  const said =
    plain ?? (explicit?.mode === "ISTIO_MUTUAL" && membership !== "ambient" ? explicit : undefined);
  const peer = (isPlain ? strictAt : plainAt)(model, receiver, request.port);
  return said === undefined || peer === undefined ? undefined : { said, isPlain, peer };
}

function opposedProblem(
  model: TracingModel,
  { said, isPlain, peer }: Opposed,
  admissions: readonly [Admission, ...Admission[]],
): Problem {
  const { condition, what, senders, level } = summary(admissions);
  const [{ receiver }] = admissions;
  const [mode, other] = isPlain ? ["ISTIO_MUTUAL", "DISABLE"] : ["DISABLE", "ISTIO_MUTUAL"];
  return {
    object: said.rule,
    says:
      `makes proxies speak ${isPlain ? "plaintext" : "Istio's mutual TLS"} (${said.path}.mode: ${other}) to ${what.ports} of ` +
      `${describeWorkload(receiver)}, those of ${senders}, and ${nameOf(peer.policy)} lets it take nothing but ` +
      `${isPlain ? "mutual TLS" : "plaintext"} (${peer.path}: ${isPlain ? "STRICT" : "DISABLE"}): these spans are lost${condition}`,
    fix: ruleFix(model, said, admissions, mode),
    ...level,
  };
}

/** Another mode for the ports of spans alone: others, and other hosts of a wildcard, may need what is said of them. */
function ruleFix(
  model: TracingModel,
  { rule, path }: Said,
  admissions: readonly [Admission, ...Admission[]],
  mode: string | undefined,
): string {
  if (path.includes("portLevelSettings")) return snippet(`in ${path} of ${nameOf(rule)}`, { mode });
  return text(at(rule["spec"], "host"))?.startsWith("*") === true
    ? snippet(`add beside ${nameOf(rule)}`, ruleOf(model, namespaceOf(rule), admissions, mode))
    : snippet(`add to spec.trafficPolicy of ${nameOf(rule)}`, tlsAt(admissions, mode));
}

function tlsAt(admissions: readonly Admission[], mode: string | undefined): object {
  return tlsOfPorts(
    admissions.map(({ port }) => port),
    mode,
  );
}

/** A DestinationRule for the collector's host alone. */
function ruleOf(
  model: TracingModel,
  namespace: string,
  admissions: readonly [Admission, ...Admission[]],
  mode: string | undefined,
): object {
  const { place } = admissions[0];
  return {
    ...typeMeta(kinds.destinationRule),
    metadata: { name: place.name, namespace },
    spec: {
      host: serviceHost(place.name, place.namespace, clusterDomain(model)),
      trafficPolicy: tlsAt(admissions, mode),
    },
  };
}

function bypassedProblem(model: TracingModel, admissions: readonly [Admission, ...Admission[]]): Problem {
  const [{ receiver, bypass, place, explicit }] = admissions;
  const { condition, what, senders, level } = summary(admissions);
  return {
    object: receiver.object,
    says:
      `keeps ${what.ports} away from its sidecar (${bypass}), and the proxies of ${senders} speak mutual TLS there all ` +
      `the same: these spans are lost${condition}`,
    fix:
      explicit === undefined
        ? snippet(
            "add: proxies are not told of the annotation",
            ruleOf(model, place.namespace, admissions, "DISABLE"),
          )
        : ruleFix(model, explicit, admissions, "DISABLE"),
    ...level,
  };
}

function strictProblem(
  { mesh }: TracingModel,
  { policy, path, own }: Strict,
  receiver: Workload,
  admissions: readonly Admission[],
): Problem {
  const { condition, ports, what, senders, level } = summary(admissions);
  return {
    object: policy,
    says:
      `lets ${describeWorkload(receiver)} take nothing but mutual TLS (${path}: STRICT), and ${senders} ` +
      `${what.verb} without it to ${what.ports}: these spans are lost${condition}`,
    fix: plaintextAt(ports, receiver, own, mesh.rootNamespace),
    ...level,
  };
}

/** What lets plaintext in at the collector alone: the policy for it, a new one, or no sidecar. */
function plaintextAt(
  ports: readonly string[],
  receiver: Workload,
  own: KubeObject | undefined,
  rootNamespace: string,
): string {
  const open = { portLevelMtls: Object.fromEntries(ports.map((port) => [port, { mode: "PERMISSIVE" }])) };
  if (own !== undefined) return snippet(`in spec of ${nameOf(own)}`, open);
  if (receiver.namespace !== rootNamespace) {
    return snippet("add, or give the senders a sidecar", ownPolicy(receiver, open));
  }
  return snippet(
    `in the pod template's metadata of ${describeWorkload(receiver)}, or give the senders a sidecar ` +
      "(in the root namespace Istio ignores policies for selected pods)",
    { labels: withoutSidecar },
  );
}

/** For the collector alone: what holds for other pods and ports stays. */
function ownPolicy(receiver: Workload, spec: object): object {
  const labels = at(receiver.object["spec"], "selector", "matchLabels") ?? receiver.labels;
  return {
    ...typeMeta(kinds.peerAuthentication),
    metadata: { name: receiver.name, namespace: receiver.namespace },
    spec: { selector: { matchLabels: textMap(labels) }, ...spec },
  };
}

function refusedProblem(
  { policy, rule, allowing }: Refusal,
  receiver: Workload,
  admissions: readonly Admission[],
): Problem {
  const { condition, ports, what, senders, level } = summary(admissions);
  if (rule !== undefined) {
    return {
      object: policy,
      says:
        `refuses (action DENY, spec.rules[${rule}]) what ${senders} ${what.verb} to ` +
        `${what.ports} of ${describeWorkload(receiver)}: these spans are lost${condition}`,
      fix: snippet(`in each operation of spec.rules[${rule}].to of ${nameOf(policy)}`, { notPorts: ports }),
      ...level,
    };
  }
  const others = allowing.length > 1 ? `, nor does any of ${allowing.length - 1} more` : "";
  const namespaces = sortedSet(admissions.map(({ senderNamespace }) => senderNamespace));
  const hasIdentities = admissions.every(({ request }) => typeof request.from === "object");
  const from = namesSources(policy) && hasIdentities ? { from: [{ source: { namespaces } }] } : {};
  return {
    object: policy,
    says:
      `does not allow what ${senders} ${what.verb} to ${what.ports} of ${describeWorkload(receiver)}${others}: ` +
      `what no policy allows is refused once one allows anything, and these spans are lost${condition}`,
    fix: snippet(`add to spec.rules of ${nameOf(policy)}`, [{ ...from, to: [{ operation: { ports } }] }]),
    ...level,
  };
}

function summary(admissions: readonly Admission[]): {
  condition: string;
  ports: string[];
  what: { verb: string; ports: string };
  senders: string;
  level: Pick<Problem, "level">;
} {
  const names = sortedSet(admissions.map(({ sender }) => sender));
  const isCertain = admissions.some(({ membership }) => membership !== "unknown");
  return {
    condition: isCertain ? "" : ", if its pods have a sidecar, which labels of their namespace decide",
    ports: sortedSet(admissions.map(({ request }) => String(request.port))),
    what: {
      verb: names.length > 1 ? "send" : "sends",
      ports: enumerate(sortedSet(admissions.map(({ request, what }) => `${request.port} (${what})`))),
    },
    senders: enumerate(names, mostNames),
    level: isCertain ? {} : { level: "warning" },
  };
}
