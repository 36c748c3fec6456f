/** Random small clusters: few names and values, so that selectors, ports and policies often meet. */
import * as fc from "fast-check";
import {
  container,
  type ContainerSpec,
  type Labels,
  type LabelSelector,
  namespace,
  type NetworkPolicyObject,
  type PeerSpec,
  policy,
  type PolicySpec,
  type PortSpec,
  type RuleSpec,
  workload,
} from "./manifests";
import { type ReferencePod } from "./reference";

/** Pods of a workload as the model and as the reference take them. */
export interface RandomWorkload {
  readonly ref: string;
  readonly object: unknown;
  readonly pod: ReferencePod;
}

export interface RandomCluster {
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly workloads: readonly RandomWorkload[];
  readonly policies: readonly NetworkPolicyObject[];
}

export const namespaceNames = ["blue", "green", "red"] as const;
const protocols = ["TCP", "UDP", "SCTP"] as const;
const portNames = ["http", "grpc"] as const;

/** Port numbers that rules and questions use: ends and insides of the ranges below. */
export const portNumbers = [80, 81, 90, 443, 9411] as const;

export const namespaceKeys = ["team", "env"] as const;
export const podKeys = ["app", "tier"] as const;
const values = ["x", "y", "z"] as const;

/** Optional in the way of YAML: the key is absent. */
function maybe<Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 2 });
}

/** An object without the keys that are undefined. */
function compact<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

function labels(keys: readonly string[]): fc.Arbitrary<Labels> {
  return fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...values), { maxKeys: 2 });
}

/** A selector over these keys, with every operator. */
export function selector(keys: readonly string[]): fc.Arbitrary<LabelSelector> {
  const key = fc.constantFrom(...keys);
  const expression = fc.oneof(
    fc.record({
      key,
      operator: fc.constantFrom("In", "NotIn"),
      values: fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
  );
  return fc
    .record({
      matchLabels: maybe(fc.dictionary(key, fc.constantFrom(...values), { maxKeys: 1 })),
      matchExpressions: maybe(fc.array(expression, { maxLength: 1 })),
    })
    .map(compact);
}

const namespaceSelector = fc.oneof(
  { weight: 2, arbitrary: selector(namespaceKeys) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...namespaceNames).map((name): LabelSelector => ({
      matchLabels: { "kubernetes.io/metadata.name": name },
    })),
  },
);

const blocks = ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "192.168.0.0/17"] as const;

/** Addresses inside and outside of the blocks above, at their edges, too. */
export const addresses = [
  "10.1.2.3",
  "10.1.255.255",
  "10.255.0.0",
  "11.0.0.0",
  "192.168.127.255",
  "192.168.128.0",
] as const;

const ipBlock = fc.constantFrom(
  ...blocks.map((cidr) => ({ cidr })),
  { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] },
  { cidr: "10.1.0.0/16", except: ["10.1.2.3/32", "10.1.128.0/17"] },
);

const podPeer = fc.oneof(
  fc.record({ podSelector: selector(podKeys) }),
  fc.record({ namespaceSelector }),
  fc.record({ namespaceSelector, podSelector: selector(podKeys) }),
);

const port: fc.Arbitrary<PortSpec> = fc
  .oneof(
    fc.record({
      protocol: maybe(fc.constantFrom(...protocols)),
      port: maybe(fc.constantFrom(...portNumbers)),
    }),
    fc.record({ protocol: maybe(fc.constantFrom(...protocols)), port: fc.constantFrom(...portNames) }),
    fc.constantFrom(
      { port: 80, endPort: 90 },
      { port: 81, endPort: 81 },
      { port: 90, endPort: 65535, protocol: "UDP" },
    ),
  )
  .map(compact);

function rule(direction: "to" | "from", peer: fc.Arbitrary<PeerSpec>): fc.Arbitrary<RuleSpec> {
  return fc
    .record({
      [direction]: maybe(fc.array(peer, { maxLength: 2 })),
      ports: maybe(fc.array(port, { maxLength: 2 })),
    })
    .map(compact);
}

/** A policy's spec, with types absent, empty, or contradicting its rules. */
export function policySpec(peer: fc.Arbitrary<PeerSpec>): fc.Arbitrary<PolicySpec> {
  return fc
    .record({
      podSelector: maybe(selector(podKeys)),
      policyTypes: maybe(
        fc.constantFrom<string[]>([], ["Ingress"], ["Egress"], ["Ingress", "Egress"], ["Egress", "Ingress"]),
      ),
      ingress: maybe(fc.array(rule("from", peer), { maxLength: 2 })),
      egress: maybe(fc.array(rule("to", peer), { maxLength: 2 })),
    })
    .map(compact);
}

function policies(peer: fc.Arbitrary<PeerSpec>, maxLength: number): fc.Arbitrary<NetworkPolicyObject[]> {
  return fc
    .array(fc.tuple(fc.constantFrom(...namespaceNames), policySpec(peer)), { maxLength })
    .map((list) => list.map(([name, spec], index) => policy(`${name}/p${index}`, spec)));
}

const containerSpec: fc.Arbitrary<ContainerSpec> = fc
  .array(
    fc
      .record({
        name: maybe(fc.constantFrom(...portNames)),
        containerPort: fc.constantFrom(...portNumbers),
        protocol: maybe(fc.constantFrom(...protocols)),
      })
      .map(compact),
    { maxLength: 2 },
  )
  .map((ports) => ({ ...container(), ports }));

const initSpec = fc
  .tuple(containerSpec, maybe(fc.constantFrom("Always", "OnFailure")))
  .map(([spec, restartPolicy]) => compact({ ...spec, restartPolicy }));

const randomWorkload = fc.record({
  namespace: fc.constantFrom(...namespaceNames),
  kind: fc.constantFrom("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet"),
  labels: labels(podKeys),
  containers: fc.array(containerSpec, { minLength: 1, maxLength: 2 }),
  initContainers: fc.array(initSpec, { maxLength: 1 }),
});

const workloads: fc.Arbitrary<RandomWorkload[]> = fc
  .array(randomWorkload, { minLength: 2, maxLength: 3 })
  .map((list) =>
    list.map((pod, index) => {
      const { kind, initContainers, ...rest } = pod;
      const name = `${pod.namespace}/w${index}`;
      const object = workload(name, { kind, ...rest, spec: { initContainers } });
      return { ref: `${name}[${kind}]`, object, pod };
    }),
  );

const namespaces = fc
  .tuple(...namespaceNames.map(() => labels(namespaceKeys)))
  .map((list) => new Map(namespaceNames.map((name, index) => [name as string, list[index] ?? {}])));

function clusterWith(peer: fc.Arbitrary<PeerSpec>, maxPolicies = 5): fc.Arbitrary<RandomCluster> {
  return fc.record({ namespaces, workloads, policies: policies(peer, maxPolicies) });
}

/** Clusters whose rules name pods, or everything by a block. */
export const cluster = clusterWith(
  fc.oneof(
    { weight: 9, arbitrary: podPeer },
    { weight: 1, arbitrary: fc.constant({ ipBlock: { cidr: "0.0.0.0/0" } }) },
  ),
);

/** Clusters whose rules name pods and blocks of addresses. */
export const clusterWithBlocks = clusterWith(fc.oneof(podPeer, fc.record({ ipBlock })));

/** Clusters with so many policies and peers that indexes are used. */
export const crowdedCluster = clusterWith(podPeer, 30);

/** A port and a protocol to ask for. */
export const portQuestion = fc.record({
  port: fc.constantFrom<number>(...portNumbers),
  protocol: fc.constantFrom(...protocols),
});

/** The objects of a cluster, its Namespaces included. */
export function objectsOf({ namespaces: known, workloads: list, policies: rules }: RandomCluster): unknown[] {
  return [
    ...[...known].map(([name, map]) => namespace(name, map)),
    ...list.map(({ object }) => object),
    ...rules,
  ];
}

const marker = { notKnownYet: true };

/** Tells the values that `hideSome` hid. */
export function isUnknown(value: unknown): boolean {
  return value === marker;
}

/** The object with some values, at any depth below what names it, replaced by unknown ones. */
export function hideSome(object: unknown, roll: () => boolean): unknown {
  const hide = (value: unknown): unknown => {
    if (roll()) return marker;
    if (Array.isArray(value)) return value.map(hide);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner)]));
  };
  const { metadata, spec, ...rest } = object as { metadata: Record<string, unknown>; spec?: unknown };
  const labels = "labels" in metadata ? { labels: hide(metadata.labels) } : {};
  return { ...rest, metadata: { ...metadata, ...labels }, ...(spec !== undefined && { spec: hide(spec) }) };
}
