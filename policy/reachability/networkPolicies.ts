/**
 * NetworkPolicies, read with the rules of the API server's defaulting and validation.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
 */
import { namespaceNameLabel } from "../../mesh/labels";
import { type ObjectRef, type Side } from "./answers";
import { type Block, contains, parseBlock } from "./cidr";
import { type Field, show } from "./fields";
import { checkMetadata, type InputObject, unknownPlace } from "./objects";
import { type PortMatch, readPortMatches } from "./ports";
import { readSelector } from "./selectorFields";
import { type Requirement, type Selector, type Selectors } from "./selectors";
import { Doubt, or, type Truth } from "./truth";

/** Pods in some namespaces. `podSelector` alone is read as "in the policy's own namespace". */
export interface PodPeer {
  readonly namespaces: Selector;
  readonly pods: Selector;
}

/** A block of addresses without some. */
export interface BlockPeer {
  readonly block: Block;
  readonly except: readonly Block[];
  /** Why the list of exceptions is not known completely. */
  readonly moreExcept?: Doubt;
}

/** An item of `to` or `from`; a doubt if it cannot be read. */
export type Peer = PodPeer | BlockPeer | Doubt;

/** An item of `spec.egress` or `spec.ingress`. */
export interface Rule {
  readonly index: number;
  /** Absent if the rule is for every peer. */
  readonly peers?: readonly Peer[] | Doubt;
  /** Absent if the rule is for every port. */
  readonly ports?: readonly PortMatch[] | Doubt;
}

/** What a policy says of one direction. */
export interface Direction {
  /** Whether the policy isolates in this direction. */
  readonly isolates: Truth;
  readonly rules: readonly Rule[] | Doubt;
}

/** A NetworkPolicy of `networking.k8s.io/v1`. */
export interface NetworkPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly ref: ObjectRef;
  /** Its place among the policies of the input. */
  readonly position: number;
  readonly selector: Selector;
  readonly egress: Direction;
  readonly ingress: Direction;
  /** Why it may not exist as it stands: an API server refuses it, or another policy has its name. */
  readonly flaw?: Doubt;
}

/**
 * Reads one policy.
 * @param position its place among the policies of the input
 * @param duplicate why it may not be the one that counts, if another has its name
 */
export function readNetworkPolicy(
  input: InputObject,
  selectors: Selectors,
  position: number,
  duplicate?: Doubt,
): NetworkPolicy {
  const { root, namespace } = input;
  const { object, malformed } = root.source;
  const mistakesBefore = malformed.length;
  checkMetadata(input);
  const spec = root.at("spec");
  const whole = spec.record();
  const reading = { selectors, namespace };
  const egress = whole instanceof Doubt ? whole : readRules(spec.at("egress"), "to", reading);
  const ingress = whole instanceof Doubt ? whole : readRules(spec.at("ingress"), "from", reading);
  const types = whole instanceof Doubt ? whole : readTypes(spec.at("policyTypes"));
  const selector =
    whole instanceof Doubt ? selectors.intern([whole]) : readSelector(spec.at("podSelector"), selectors);
  const mistake = malformed[mistakesBefore];
  return {
    namespace,
    name: object.name,
    ref: object,
    position,
    selector,
    egress: { isolates: isolates("egress", types, egress), rules: egress },
    ingress: { isolates: isolates("ingress", types, ingress), rules: ingress },
    flaw: mistake === undefined ? duplicate : doubtOf(mistake.path, mistake.message, object),
  };
}

function doubtOf(path: string, message: string, object: ObjectRef): Doubt {
  const name = `NetworkPolicy ${object.namespace}/${object.name}`;
  const text = `${name} is malformed, an API server refuses it: ${path === "" ? "" : `${path} `}${message}`;
  return Doubt.of({ kind: "malformed", object, path, text });
}

/** Absent or empty types: ingress always, egress if there is a rule for it. */
function isolates(side: Side, types: Types | Doubt | undefined, rules: readonly Rule[] | Doubt): Truth {
  if (types instanceof Doubt) return types;
  if (types !== undefined) return types[side];
  if (side === "ingress") return true;
  return rules instanceof Doubt ? rules : rules.length > 0;
}

/** Which directions a policy lists. */
type Types = Readonly<Record<Side, Truth>>;

function readTypes(field: Field): Types | Doubt | undefined {
  const items = field.items();
  if (items === undefined || items instanceof Doubt) return items;
  if (items.length === 0) return undefined;
  const types: Record<Side, Truth> = { egress: false, ingress: false };
  for (const item of items) {
    const type = item.string();
    if (type === "Egress") types.egress = true;
    else if (type === "Ingress") types.ingress = true;
    else {
      const doubt =
        type instanceof Doubt ? type : item.malformed(`must be Ingress or Egress, not ${show(type)}`);
      types.egress = or(types.egress, doubt);
      types.ingress = or(types.ingress, doubt);
    }
  }
  return types;
}

/** What the reading of a policy's parts needs to know of the policy. */
interface Reading {
  readonly selectors: Selectors;
  readonly namespace: string;
}

function readRules(field: Field, peersKey: "to" | "from", reading: Reading): Rule[] | Doubt {
  const items = field.items() ?? [];
  if (items instanceof Doubt) return items;
  return items.map((item, index) => {
    const record = item.record() ?? item.malformed("must be a map, not null; {} allows everything");
    if (record instanceof Doubt) return { index, peers: record, ports: record };
    return {
      index,
      peers: readPeers(item.at(peersKey), reading),
      ports: readPortMatches(item.at("ports")),
    };
  });
}

function readPeers(field: Field, reading: Reading): Peer[] | Doubt | undefined {
  const items = field.items();
  if (items === undefined || items instanceof Doubt) return items;
  return items.length === 0 ? undefined : items.map((item) => readPeer(item, reading));
}

function readPeer(field: Field, { selectors, namespace }: Reading): Peer {
  const record = field.record();
  if (record instanceof Doubt) return record;
  const pods = field.at("podSelector");
  const namespaces = field.at("namespaceSelector");
  const block = field.at("ipBlock");
  if (!block.isAbsent) {
    return pods.isAbsent && namespaces.isAbsent
      ? readBlockPeer(block)
      : field.malformed("ipBlock cannot be combined with selectors; make it an item of its own");
  }
  if (pods.isAbsent && namespaces.isAbsent) {
    return field.malformed("must have a podSelector, a namespaceSelector or an ipBlock");
  }
  return {
    namespaces: namespaces.isAbsent
      ? selectors.intern([ownNamespace(namespace)])
      : readSelector(namespaces, selectors),
    pods: readSelector(pods, selectors),
  };
}

function ownNamespace(namespace: string): Requirement | Doubt {
  if (namespace === unknownPlace) {
    return Doubt.of({ kind: "placement", text: "the policy's own namespace is not known" });
  }
  return { key: namespaceNameLabel, operator: "In", values: new Set([namespace]) };
}

function readBlockPeer(field: Field): BlockPeer | Doubt {
  const record = field.record();
  if (record instanceof Doubt) return record;
  const block = readBlock(field.at("cidr"));
  const items = field.at("except").items() ?? [];
  if (block instanceof Doubt) return block;
  if (items instanceof Doubt) return { block, except: [], moreExcept: items };
  const except: Block[] = [];
  let moreExcept: Doubt | undefined;
  for (const item of items) {
    const inner = readException(item, block);
    if (!(inner instanceof Doubt)) except.push(inner);
    else moreExcept = moreExcept === undefined ? inner : Doubt.both(moreExcept, inner);
  }
  return { block, except, moreExcept };
}

function readException(field: Field, block: Block): Block | Doubt {
  const inner = readBlock(field);
  if (inner instanceof Doubt || (contains(block, inner) && inner.length > block.length)) return inner;
  return field.malformed("must lie strictly inside of cidr");
}

function readBlock(field: Field): Block | Doubt {
  const text = field.string() ?? "";
  if (text instanceof Doubt) return text;
  return parseBlock(text) ?? field.malformed(`must be a block such as 10.0.0.0/8, not ${show(text)}`);
}
