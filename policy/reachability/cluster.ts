/** The model of a cluster, and the questions it answers. */
import { type Answer, type Cause, type Malformed, type Protocol, type Reason, type Side } from "./answers";
import { readCatalog } from "./catalog";
import { EndFinder, type FoundEnd } from "./endFinder";
import { type End, isPod } from "./ends";
import { explainSide } from "./explain";
import { allows, type Connection, Policies } from "./isolation";
import { LabelSets } from "./labels";
import { isPort, isProtocol } from "./ports";
import {
  type Question,
  type ServiceAnswer,
  type ServiceQuestion,
  type ServiceReachQuestion,
  type ServiceResolution,
} from "./questions";
import { Selectors } from "./selectors";
import { answerForService } from "./serviceAnswers";
import { ServiceResolver } from "./serviceResolution";
import { type Service } from "./services";
import { and, Doubt, type Truth } from "./truth";
import { type Workload } from "./workloads";

/** How objects are read. */
export interface ClusterOptions {
  /**
   * Tells a value that is not known yet, anywhere in an object, from a known one. Called for values of any type.
   * @default nothing is unknown
   */
  readonly isUnknown?: (value: unknown) => boolean;
}

/** Namespaces, workloads, Services and NetworkPolicies, and which pods may open which ports on which others. */
export class Cluster {
  /** What in the input is malformed. What depends on it is `unknown`. */
  readonly malformed: readonly Malformed[];
  /** Everything that makes pods, and Pods; without finished Pods and ReplicaSets that their owner scaled to zero. */
  readonly workloads: readonly Workload[];

  private readonly isolations: Policies;
  private readonly ends: EndFinder;
  private readonly resolver: ServiceResolver;
  private readonly serviceNames: ReadonlyMap<string, Service>;

  private constructor(objects: Iterable<unknown>, { isUnknown = () => false }: ClusterOptions) {
    const labelSets = new LabelSets();
    const catalog = readCatalog(objects, { labelSets, selectors: new Selectors(), isUnknown });
    const { namespaces, workloads, services, policies, malformed } = catalog;
    this.malformed = malformed;
    this.workloads = workloads;
    this.isolations = new Policies(policies, catalog.otherPolicies, catalog.unidentified);
    this.ends = new EndFinder(workloads, namespaces, labelSets);
    this.serviceNames = new Map(services.map((service) => [`${service.namespace}/${service.name}`, service]));
    this.resolver = new ServiceResolver(this.serviceNames, workloads);
  }

  /**
   * Reads plain Kubernetes objects of any kinds, also lists of them. Kinds that do not matter are ignored, nulls
   * too; objects without a namespace are in `default`. Never throws for what is in the objects.
   */
  static from(objects: Iterable<unknown>, options: ClusterOptions = {}): Cluster {
    return new Cluster(objects, options);
  }

  /** The workload that `namespace/name[Kind]` or `namespace/name` means; `undefined` if there is none, or several. */
  find(ref: string): Workload | undefined {
    const [workload, ...others] = this.ends.workloads(ref);
    return others.length === 0 ? workload : undefined;
  }

  findService(name: string): Service | undefined {
    return this.serviceNames.get(name);
  }

  /**
   * Whether pods may open a port on other pods: egress of the source and ingress of the destination must both
   * allow it. Not judged, because it always passes: replies, what a pod sends itself, and what comes from or
   * goes to the pod's own node (probes).
   * @throws RangeError if the question has no valid port, protocol or address
   * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
   */
  canReach({ from, to, port, protocol = "TCP" }: Question): Answer {
    if (!isProtocol(protocol)) throw new RangeError(`"${String(protocol)}" is not a protocol`);
    const source = this.ends.find(from);
    if (!("end" in source)) return { verdict: "unknown", because: [source] };
    const destination = this.ends.find(to);
    if (!("end" in destination)) return { verdict: "unknown", because: [destination] };
    const number = typeof port === "number" ? port : podPort(destination, port, protocol);
    if (number instanceof Doubt) return { verdict: "unknown", because: number.causes.map(unknown) };
    if (number === undefined) {
      const text = `no container of ${destination.name} has a ${protocol} port named ${port}`;
      return { verdict: "denied", because: [{ kind: "no-such-pod-port", text }] };
    }
    if (!isPort(number)) throw new RangeError(`${number} is not a port number`);
    return this.answer(source, destination, number, protocol);
  }

  /** Where a port of a Service leads: Service port to target port, on every workload that it selects. */
  resolveService(question: ServiceQuestion): ServiceResolution {
    return this.resolver.resolve(question);
  }

  /**
   * Whether pods may connect through a port of a Service, which needs every workload behind it to be reachable.
   * @throws RangeError as `canReach`
   */
  canReachService({ from, wirePort, ...question }: ServiceReachQuestion): ServiceAnswer {
    return answerForService(this.resolver.resolve(question), (to, port, protocol) =>
      this.canReach({ from, to, port: wirePort?.(to, port) ?? port, protocol }),
    );
  }

  private answer(from: FoundEnd, to: FoundEnd, port: number, protocol: Protocol): Answer {
    if (!isPod(from.end) && !isPod(to.end)) {
      const text = "neither end is a pod, and policies are about pods";
      return { verdict: "unknown", because: [unknown({ kind: "no-pod", text })] };
    }
    const truth = this.truth(from.end, to.end, port, protocol);
    const explain = () => this.explain(from, to, port, protocol);
    let because: readonly Reason[] | undefined;
    return {
      verdict: truth instanceof Doubt ? "unknown" : truth ? "allowed" : "denied",
      get because() {
        return (because ??= explain());
      },
    };
  }

  /** Remembered for each pair of classes of pods. */
  private truth(from: End, to: End, port: number, protocol: Protocol): Truth {
    if (!isPod(from) || !isPod(to)) return this.computeTruth(from, to, port, protocol);
    const id = `${port} ${protocol}`;
    let verdicts = from.verdicts.get(to);
    if (verdicts === undefined) from.verdicts.set(to, (verdicts = new Map<string, Truth>()));
    let truth = verdicts.get(id);
    if (truth === undefined) verdicts.set(id, (truth = this.computeTruth(from, to, port, protocol)));
    return truth;
  }

  private computeTruth(from: End, to: End, port: number, protocol: Protocol): Truth {
    const namedPorts = isPod(to) ? to.namedPorts : undefined;
    const connection = { namedPorts, port, protocol };
    const egress =
      !isPod(from) || allows(this.isolations.isolationOf(from, "egress"), { ...connection, remote: to });
    if (egress === false) return false;
    const ingress =
      !isPod(to) || allows(this.isolations.isolationOf(to, "ingress"), { ...connection, remote: from });
    return and(egress, ingress);
  }

  private explain(from: FoundEnd, to: FoundEnd, port: number, protocol: Protocol): Reason[] {
    const namedPorts = isPod(to.end) ? to.end.namedPorts : undefined;
    const explainPods = (side: Side, local: FoundEnd, remote: FoundEnd): Reason[] => {
      if (!isPod(local.end)) return [];
      const isolation = this.isolations.isolationOf(local.end, side);
      const connection: Connection = { remote: remote.end, namedPorts, port, protocol };
      return explainSide({ side, isolation, connection, local: local.name, remote: remote.name });
    };
    return [...explainPods("egress", from, to), ...explainPods("ingress", to, from)];
  }
}

/** The number that a name stands for on the destination; undefined if it stands for none. */
function podPort({ end }: FoundEnd, name: string, protocol: Protocol): number | Doubt | undefined {
  return isPod(end) ? end.namedPorts.find(name, protocol) : undefined;
}

function unknown(cause: Cause): Reason {
  return { kind: "unknown", cause, text: cause.text };
}
