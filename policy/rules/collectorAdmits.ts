import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";
import { kinds, typeMeta } from "../../mesh/kinds";
import { withoutSidecar } from "../../mesh/labels";
import { sortedSet } from "../../mesh/stableOrder";
import { namesSources, policiesOf, type Refusal, refusalOf } from "../model/authorization";
import { type KubeObject } from "../model/objects";
import { type Strict, strictAt } from "../model/peerAuthentication";
import { at, textMap } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload, type Workload } from "../model/workloads";
import { type Admission, admissionsOf } from "../paths/admissions";
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
  description: "Istio's policies let spans in at collectors that are in the mesh.",
  level: "error",
  severity: "critical",
  tags: ["istio", "peer-authentication", "authorization-policy", "mutual-tls"],
  url: "https://istio.io/latest/docs/concepts/security/",
  remediationSteps:
    "Keep the collector out of the mesh, or let its policies take spans: plaintext from senders without a proxy, and every port that spans come to.",
  page: {
    why: `The proxy of the pod that receives enforces PeerAuthentication and AuthorizationPolicy. A collector
      without a sidecar, and not in ambient mode, is not affected by either. A collector with one refuses
      senders that have no proxy once a policy of its namespace or of the mesh says \`STRICT\`, and refuses
      whatever no policy with action ALLOW names once there is such a policy: often the ports of OTLP are in
      it, and 9411, to which the proxies themselves send, is not.`,
    symptom: `The way is open for NetworkPolicies, and some senders' spans arrive while others' do not. Senders
      without a proxy report a reset connection, those with one \`RBAC: access denied\` (HTTP 403).`,
    exceptions: `Only certain refusals are reported: not conditions (\`when\`), addresses or hosts, nor what ambient
      pods send. Ports that annotations keep away from the collector's sidecar are open.`,
    sources: [
      "https://istio.io/latest/docs/reference/config/security/peer_authentication/",
      "https://istio.io/latest/docs/reference/config/security/authorization-policy/",
    ],
  },
  *find(model) {
    const { index } = model;
    if (index.of(kinds.peerAuthentication).length + index.of(kinds.authorizationPolicy).length === 0) return;
    const cases = new Map<string, Case>();
    for (const admission of admissionsOf(model)) {
      const { receiver, request } = admission;
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
  },
});

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
