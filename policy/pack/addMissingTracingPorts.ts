/** Repairs the outage's policy by itself, where that is wanted. */
import { type ResourceValidationPolicy } from "@pulumi/policy";
import { jaegerAppLabel } from "../../mesh/labels";
import { objectNames } from "../../mesh/names";
import { ports } from "../../mesh/ports";
import { at, type Json, list, number, record, records, text } from "../model/reading";
import { isUnknown, plainProps } from "./unknowns";

const networkPolicyType = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

interface Settings {
  policyNames: readonly string[];
  /** `key=value` */
  collectorLabels: readonly string[];
  ports: readonly number[];
}

const defaults = {
  policyNames: [objectNames.jaegerEgress],
  collectorLabels: Object.entries(jaegerAppLabel).map(([key, value]) => `${key}=${value}`),
  // Written out: a list that the program shares would lose the port here too.
  ports: [ports.otlpGrpc, ports.otlpHttp, ports.zipkin],
};

/** Off unless a pack's configuration sets it to `remediate`. */
export const addMissingTracingPorts: ResourceValidationPolicy = {
  name: "add-missing-tracing-ports",
  description: "A NetworkPolicy that lets pods reach the collector lets them reach all of its ports.",
  enforcementLevel: "disabled",
  severity: "critical",
  tags: ["kubernetes", "network-policy", "tracing"],
  url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
  remediationSteps:
    "Add the missing ports to the egress rule of the collector; with the policy set to remediate that is done for you.",
  configSchema: {
    properties: {
      policyNames: {
        type: "array",
        items: { type: "string" },
        description: "Names of the NetworkPolicies to repair.",
        default: defaults.policyNames,
      },
      collectorLabels: {
        type: "array",
        items: { type: "string" },
        description: "Labels, key=value, any of which makes a peer the collector.",
        default: defaults.collectorLabels,
      },
      ports: {
        type: "array",
        items: { type: "integer", minimum: 1, maximum: 65535 },
        description: "TCP ports of the collector.",
        default: defaults.ports,
      },
    },
  },
  remediateResource: (args) => {
    if (args.type !== networkPolicyType) return undefined;
    // Through the SDK's two proxies lists cannot be mapped; behind them secrets stay marked as such.
    const policy = plainProps(args.props);
    const missing = missingPorts(policy, { ...defaults, ...args.getConfig<Partial<Settings>>() });
    return missing === undefined ? undefined : withPorts(policy, missing.rule, missing.ports);
  },
};

function withPorts(policy: Json, rule: number, added: readonly number[]): Record<string, unknown> {
  const entries = added.map((port) => ({ port, protocol: "TCP" }));
  const egress = list(at(policy, "spec", "egress")).map((item, index) =>
    index === rule ? { ...record(item), ports: [...list(at(item, "ports")), ...entries] } : item,
  );
  return { ...policy, spec: { ...record(policy["spec"]), egress } };
}

/** The ports that a policy should open besides, and the index of the egress rule to add them to. */
function missingPorts(
  policy: unknown,
  { policyNames, collectorLabels, ports: wanted }: Settings,
): { rule: number; ports: number[] } | undefined {
  if (!policyNames.includes(text(at(policy, "metadata", "name")) ?? "")) return undefined;
  const rules = list(at(policy, "spec", "egress"))
    .map((rule, index) => ({ index, peers: records(at(rule, "to")), ports: list(at(rule, "ports")) }))
    .filter(({ peers }) => peers.some((peer) => isCollector(peer, collectorLabels)));
  const [first] = rules;
  // A rule without ports is open on all of them.
  if (first === undefined || rules.some((rule) => rule.ports.length === 0)) return undefined;
  const open = rules.flatMap((rule) => rule.ports);
  // What is not known yet may be the port that seems to be missing.
  if (open.some((entry) => isUnknown(entry) || Object.values(record(entry)).some(isUnknown)))
    return undefined;
  const missing = wanted.filter((port) => !open.some((entry) => opens(entry, port)));
  return missing.length === 0 ? undefined : { rule: first.index, ports: missing };
}

function isCollector(peer: unknown, labels: readonly string[]): boolean {
  const selected = record(at(peer, "podSelector", "matchLabels"));
  return Object.entries(selected).some(([key, value]) => labels.includes(`${key}=${String(value)}`));
}

function opens(entry: unknown, port: number): boolean {
  const { protocol = "TCP", port: from, endPort } = record(entry);
  if (protocol !== "TCP") return false;
  if (from === undefined || from === null) return true;
  const first = number(from);
  return first !== undefined && first <= port && port <= (number(endPort) ?? first);
}
