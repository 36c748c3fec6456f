import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";
import { serviceHost } from "../../mesh/dns";
import { kinds, typeMeta } from "../../mesh/kinds";
import { withoutSidecar } from "../../mesh/labels";
import { groupBy } from "../../mesh/maps";
import { sortedSet } from "../../mesh/stableOrder";
import { namesSources, policiesOf, type Refusal, refusalOf } from "../model/authorization";
import { type KubeObject, namespaceOf } from "../model/objects";
import { plainAt, type Strict, strictAt } from "../model/peerAuthentication";
import { clusterDomain } from "../model/proxies";
import { type Said, tlsOfPorts } from "../model/destinationRules";
import { at, textMap } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload, type Workload } from "../model/workloads";
import { type Admission, admissionsOf, hasBypass } from "../paths/admissions";
import { mostNames } from "../paths/senders";
import { defineRule, nameOf, type Problem } from "../rule";

/** Of one receiver, and for one cause. */
type Admissions = readonly [Admission, ...Admission[]];

interface Trouble {
  /** What it has in common with others that are told with it. */
  key: string;
  admission: Admission;
  tell: (all: Admissions) => Problem;
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
    const troubles = admissionsOf(model).flatMap((admission) => troubleOf(model, admission) ?? []);
    for (const [first, ...more] of groupBy(troubles, ({ key }) => key).values())
      yield first.tell([first.admission, ...more.map(({ admission }) => admission)]);
  },
});

function troubleOf(model: TracingModel, admission: Admission): Trouble | undefined {
  const { receiver, request, bypass, place, explicit } = admission;
  const to = describeWorkload(receiver);
  if (bypass !== undefined) {
    if (!isTlsForNobody(model, admission)) return undefined;
    const key = `${to} ${place.namespace}/${place.name} ${explicit?.path}`;
    return { key, admission, tell: (all) => bypassedProblem(model, all) };
  }
  const opposed = opposedBy(model, admission);
  if (opposed !== undefined) {
    const { said, peer } = opposed;
    const key = `${nameOf(said.rule)} ${said.path} ${nameOf(peer.policy)} ${peer.path} ${to}`;
    return { key, admission, tell: (all) => opposedProblem(model, opposed, all) };
  }
  const strict = request.from === "none" ? strictAt(model, receiver, request.port) : undefined;
  if (strict !== undefined) {
    const key = `${nameOf(strict.policy)} ${strict.path} ${to}`;
    return { key, admission, tell: (all) => strictProblem(model, strict, all) };
  }
  const refusal = refusalOf(policiesOf(model, receiver), request);
  if (refusal === undefined) return undefined;
  const key = `${nameOf(refusal.policy)} ${refusal.rule} ${to}`;
  return { key, admission, tell: (all) => refusedProblem(refusal, all) };
}

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
  admissions: Admissions,
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
  admissions: Admissions,
  mode: string | undefined,
): string {
  if (path.includes("portLevelSettings")) return snippet(`in ${path} of ${nameOf(rule)}`, { mode });
  return String(at(rule["spec"], "host")).startsWith("*")
    ? snippet(`add beside ${nameOf(rule)}`, ruleOf(model, namespaceOf(rule), admissions, mode))
    : snippet(`add to spec.trafficPolicy of ${nameOf(rule)}`, tlsAt(admissions, mode));
}

function tlsAt(admissions: Admissions, mode: string | undefined): object {
  return tlsOfPorts(
    admissions.map(({ port }) => port),
    mode,
  );
}

/** A DestinationRule for the collector's host alone. */
function ruleOf(
  model: TracingModel,
  namespace: string,
  admissions: Admissions,
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

function bypassedProblem(model: TracingModel, admissions: Admissions): Problem {
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
  admissions: Admissions,
): Problem {
  const { condition, ports, what, senders, level } = summary(admissions);
  const [{ receiver }] = admissions;
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

function refusedProblem({ policy, rule, allowing }: Refusal, admissions: Admissions): Problem {
  const { condition, ports, what, senders, level } = summary(admissions);
  const [{ receiver }] = admissions;
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

function summary(admissions: Admissions): {
  condition: string;
  ports: string[];
  what: { verb: string; ports: string };
  senders: string;
  level: Pick<Problem, "level">;
} {
  const names = sortedSet(admissions.map(({ sender }) => sender));
  const isCertain = admissions[0].membership !== "unknown";
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
