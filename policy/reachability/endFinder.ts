/** Finds the ends of a question: which workload, pod or address a caller means. */
import { type CauseKind, type Reason } from "./answers";
import { parseAddress } from "./cidr";
import { type End, type PodClass } from "./ends";
import { getOrMake, groupBy } from "../../mesh/maps";
import { type LabelSet, type LabelSets } from "./labels";
import { type Namespaces } from "./namespaces";
import { NamedPorts } from "./ports";
import { type HypotheticalPod, type QuestionEnd } from "./questions";
import { Doubt } from "./truth";
import { type PodModel, type Workload } from "./workloads";

/** An end and what texts call it. */
export interface FoundEnd {
  readonly end: End;
  readonly name: string;
}

const unknownPorts = new NamedPorts(
  [],
  Doubt.of({ kind: "pod-ports", text: "the container ports of a hypothetical pod are not known" }),
);

/** Workloads by reference, and pods by class. */
export class EndFinder {
  private readonly byName: ReadonlyMap<string, readonly Workload[]>;
  /** By the very objects that callers ask with. */
  private readonly found = new WeakMap<Workload | HypotheticalPod, FoundEnd>();
  private readonly classes = new Map<string, Map<LabelSet, PodClass[]>>();

  constructor(
    workloads: readonly Workload[],
    private readonly namespaces: Namespaces,
    private readonly labelSets: LabelSets,
  ) {
    this.byName = groupBy(workloads, ({ namespace, name }) => `${namespace}/${name}`);
  }

  /** The workloads that `namespace/name[Kind]` or `namespace/name` may mean. */
  workloads(ref: string): readonly Workload[] {
    const [, name = "", kind] = /^([^[]*)(?:\[([^\]]*)\])?$/.exec(ref) ?? [];
    const list = this.byName.get(name) ?? [];
    return kind === undefined ? list : list.filter((workload) => workload.kind === kind);
  }

  /** The end that is meant, or why nobody can say which. */
  find(end: QuestionEnd): FoundEnd | Reason {
    if (typeof end === "string") return this.findByRef(end);
    if ("ip" in end) return findAddress(end.ip);
    return this.findPods(end);
  }

  private findByRef(ref: string): FoundEnd | Reason {
    const [workload, ...others] = this.workloads(ref);
    if (workload === undefined) return unknownEnd("no-such-workload", `${ref} is not in the input`);
    if (others.length === 0) return this.findPods(workload);
    const refs = [workload, ...others].map((candidate) => candidate.ref).join(", ");
    return unknownEnd("ambiguous-workload", `${ref} may be any of ${refs}`);
  }

  private findPods(pods: Workload | HypotheticalPod): FoundEnd {
    let found = this.found.get(pods);
    if (found === undefined) {
      found =
        "pod" in pods
          ? { end: this.classOf(pods.namespace, pods.pod), name: pods.ref }
          : this.findHypothetical(pods);
      this.found.set(pods, found);
    }
    return found;
  }

  private findHypothetical({ namespace, labels, labelsAreComplete, ports }: HypotheticalPod): FoundEnd {
    const pairs = Object.entries(labels);
    const text = pairs.map(([key, value]) => `${key}=${value}`).join(",");
    const name = `${namespace}/(pod with ${text === "" ? "no labels" : text})`;
    const others = (key: string) => ({
      kind: "pod-labels" as const,
      text: `whether ${name} has the label ${key} is not known`,
    });
    const isComplete = labelsAreComplete === true;
    const labelSet = isComplete
      ? this.labelSets.intern(new Map(pairs), "complete")
      : this.labelSets.intern(new Map(pairs), `hypothetical in ${namespace}`, others);
    const namedPorts =
      ports === undefined
        ? unknownPorts
        : new NamedPorts(ports.map((port) => ({ ...port, protocol: port.protocol ?? "TCP" })));
    return { end: this.classOf(namespace, { labelSet, namedPorts, isOnHost: false }), name };
  }

  /** The class of a pod, shared with all pods that policies cannot tell from it. */
  private classOf(namespaceName: string, { labelSet, namedPorts, isOnHost }: PodModel): PodClass {
    const byLabels = getOrMake(this.classes, namespaceName, () => new Map<LabelSet, PodClass[]>());
    const classes = getOrMake(byLabels, labelSet, () => []);
    const known = classes.find((pods) => pods.isOnHost === isOnHost && pods.namedPorts.equals(namedPorts));
    if (known !== undefined) return known;
    const namespace = this.namespaces.get(namespaceName);
    const made: PodClass = { namespace, labelSet, namedPorts, isOnHost, verdicts: new Map() };
    classes.push(made);
    return made;
  }
}

function findAddress(ip: string): FoundEnd {
  const address = parseAddress(ip);
  if (address === undefined) throw new RangeError(`"${ip}" is not an IP address`);
  return { end: { address }, name: ip };
}

function unknownEnd(kind: CauseKind, text: string): Reason {
  return { kind: "unknown", cause: { kind, text }, text };
}
