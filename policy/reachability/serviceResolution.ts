/** From a port of a Service to the ports of pods. */
import { describeRef, type ObjectRef, type Protocol, type Reason, type ServiceProblem } from "./answers";
import { getOrMake, groupBy } from "../../mesh/maps";
import { type ServiceQuestion, type ServiceResolution, type ServiceTarget } from "./questions";
import { unknownPlace } from "./objects";
import { type Service, type ServicePort } from "./services";
import { and, Doubt, type Truth } from "./truth";
import { type Workload } from "./workloads";

/** Follows Services to workloads, each question once. */
export class ServiceResolver {
  private readonly workloads = new Map<string, WorkloadIndex>();
  private readonly resolutions = new Map<string, ServiceResolution>();
  /** Workloads whose namespace is not known. */
  private readonly unplaced: readonly Workload[];

  /** @param services by `namespace/name` */
  constructor(
    private readonly services: ReadonlyMap<string, Service>,
    workloads: readonly Workload[],
  ) {
    const groups = groupBy(workloads, ({ namespace }) => namespace);
    this.unplaced = groups.get(unknownPlace) ?? [];
    for (const [namespace, group] of groups) this.workloads.set(namespace, new WorkloadIndex(group));
  }

  /** Where a port of a Service leads. Remembered. */
  resolve({ service, port, protocol = "TCP" }: ServiceQuestion): ServiceResolution {
    const id = `${service} ${typeof port} ${port} ${protocol}`;
    return getOrMake(this.resolutions, id, () => this.compute(service, port, protocol));
  }

  private compute(name: string, port: number | string, protocol: Protocol): ServiceResolution {
    const service = this.services.get(name);
    if (service === undefined) {
      const problem = problemOf(refOf(name), "no-such-service", "is not in the input");
      return { protocol, targets: [], unknown: [], problem };
    }
    const unknown = reasonsOf(service.flaw);
    const fail = (kind: ServiceProblem["kind"], text: string): ServiceResolution => {
      return { protocol, targets: [], unknown, problem: problemOf(service.ref, kind, text) };
    };
    if (service.type === "ExternalName") return fail("external-name", "is an alias of a name outside");
    const servicePort = service.ports.find((candidate) =>
      typeof port === "string"
        ? candidate.name === port
        : candidate.port === port && candidate.protocol === protocol,
    );
    if (servicePort === undefined) {
      const wanted = typeof port === "string" ? `named ${port}` : `${protocol} ${port}`;
      return fail("no-such-service-port", `has no port ${wanted}`);
    }
    if (service.pods === undefined)
      return fail("no-selector", "selects no pods itself; others make its endpoints");
    const selected = this.select(service);
    if (selected.length === 0) return fail("selects-no-pods", "selects no pods of any workload in the input");
    const targets = selected.flatMap(({ workload, truth }) =>
      targetOf(service, servicePort, workload, truth),
    );
    if (targets.length === 0) {
      const text = `leads to the port ${servicePort.targetPort}, which no container of its pods has`;
      return fail("no-pod-has-port", text);
    }
    return { protocol: servicePort.protocol, targets, unknown };
  }

  private select(service: Service): { workload: Workload; truth: Truth }[] {
    const candidates = this.workloads.get(service.namespace)?.candidates(service) ?? [];
    return [...candidates, ...this.unplaced].flatMap((workload) => {
      const isThere = workload.namespace === service.namespace && service.namespace !== unknownPlace;
      const truth = and(isThere || placement, service.pods?.matches(workload.pod.labelSet) ?? false);
      return truth === false ? [] : [{ workload, truth }];
    });
  }
}

const placement = Doubt.of({
  kind: "placement",
  text: "whether the Service and the pods are in one namespace is not known",
});

/** Where a Service leads among the pods of one workload; nowhere if these lack the named port. */
function targetOf(
  service: Service,
  servicePort: ServicePort,
  workload: Workload,
  truth: Truth,
): ServiceTarget[] {
  const selected = truth instanceof Doubt ? reasonsOf(truth) : [];
  const port = targetPortOf(service, servicePort, workload);
  if (port === undefined) return [];
  if (port instanceof Doubt) return [{ workload, unknown: [...selected, ...reasonsOf(port)] }];
  return [{ workload, port, unknown: selected }];
}

function targetPortOf(
  service: Service,
  servicePort: ServicePort,
  workload: Workload,
): number | Doubt | undefined {
  // Nobody translates ports on the way to a headless Service's pods: clients connect to the port they know.
  if (service.headless) return servicePort.port;
  const { targetPort, targetDoubt, protocol } = servicePort;
  return typeof targetPort === "string"
    ? workload.pod.namedPorts.find(targetPort, protocol)
    : (targetPort ?? targetDoubt);
}

/** Workloads of one namespace by a label of their pods. */
class WorkloadIndex {
  private readonly byKey = new Map<string, Map<string | undefined, Workload[]>>();

  constructor(private readonly workloads: readonly Workload[]) {}

  /** The workloads that a Service selects or may select, and perhaps others. */
  candidates(service: Service): readonly Workload[] {
    const anchor = service.pods?.anchor;
    if (anchor === undefined) return this.workloads;
    const byValue = this.indexOf(anchor.key);
    return [
      ...[...anchor.values].flatMap((value) => byValue.get(value) ?? []),
      ...(byValue.get(undefined) ?? []),
    ];
  }

  /** Workloads by the value of one label; under `undefined` those whose value is not known. */
  private indexOf(key: string): ReadonlyMap<string | undefined, Workload[]> {
    return getOrMake(this.byKey, key, () => {
      const labelled = this.workloads.filter((workload) => workload.pod.labelSet.get(key) !== undefined);
      return groupBy(labelled, (workload) => {
        const label = workload.pod.labelSet.get(key);
        return typeof label === "string" ? label : undefined;
      });
    });
  }
}

function reasonsOf(doubt: Doubt | undefined): Reason[] {
  return (doubt?.causes ?? []).map((cause) => ({ kind: "unknown", cause, text: cause.text }));
}

function problemOf(service: ObjectRef, kind: ServiceProblem["kind"], text: string): ServiceProblem {
  return { kind, service, text: `${describeRef(service)} ${text}` };
}

function refOf(name: string): ObjectRef {
  const slash = name.indexOf("/");
  return { apiVersion: "v1", kind: "Service", namespace: name.slice(0, slash), name: name.slice(slash + 1) };
}
