/** Endpoints at which nothing of the input listens, although something like it does elsewhere. */
import { snippet } from "../findings/snippet";
import { serviceHost } from "../mesh/dns";
import { kinds } from "../mesh/kinds";
import { servicePort } from "./model/collector";
import { mayBeMade } from "./model/collectorFlaws";
import { programsOf } from "./model/collectors/programs";
import { namespaceOf } from "./model/objects";
import { type OtlpExport, targetPortOf } from "./model/otlp";
import { at, number, records, text } from "./model/reading";
import { type TracingModel } from "./model/tracingModel";
import { containersOf, describeWorkload, type Workload } from "./model/workloads";
import { type Mistake, settingFix, written } from "./sdkProblems";

/**
 * A Service that a namespace of the input does not have, while one of that name is elsewhere. It may be made by hand all
 * the same.
 */
export function* inOtherNamespace(
  model: TracingModel,
  { variable, endpoint, source, flag, host, port, place, service }: OtlpExport,
): Iterable<Mistake> {
  if (place === undefined || service !== undefined || port === undefined) return;
  const { namespace, name } = place;
  const services = model.index.of(kinds.service);
  // Where pods are and no Service, the Services are somewhere else.
  const isEmpty =
    model.index.of(kinds.namespace).some(({ metadata }) => metadata.name === namespace) &&
    !model.workloads.some((one) => one.namespace === namespace);
  const isHere = isEmpty || services.some((one) => namespaceOf(one) === namespace);
  if (!isHere || mayBeMade(model, place)) return;
  const [meant, second] = services.filter(
    (one) => one.metadata.name === name && servicePort(one, port) !== undefined,
  );
  if (meant === undefined || second !== undefined) return;
  const where = namespaceOf(meant);
  yield {
    source,
    says:
      `has ${written(variable, { value: endpoint, flag })}, and the input has no Service ${namespace}/${name}, while ` +
      `Service ${where}/${name} is there: if that is meant, its spans are lost`,
    fix: settingFix(source, variable, endpoint.replace(host, serviceHost(name, where)), flag),
    level: "warning",
  };
}

/** The node's own address, and an agent on every node that only listens in its pod. */
export function* onItsNode(model: TracingModel, sender: Workload, otlp: OtlpExport): Iterable<Mistake> {
  const { variable, endpoint, source, flag, host } = otlp;
  const port = targetPortOf(otlp);
  if (port === undefined || !isNodeAddress(sender, host)) return;
  const onNodes = model.workloads.filter(({ object }) => object.kind === kinds.daemonSet.name);
  if (onNodes.some((workload) => listensOnNode(workload, port))) return;
  const agent = programsOf(model).find(
    ({ workload, receivers }) =>
      onNodes.includes(workload) &&
      receivers.some((receiver) => receiver.port === port && receiver.transport !== "zipkin"),
  )?.workload;
  // One that is not in the input may listen there.
  if (agent === undefined) return;
  const container = text(containersOf(agent)[0]?.["name"]) ?? "";
  yield {
    source,
    says:
      `has ${written(variable, { value: endpoint, flag })}, an address of its node, where ${describeWorkload(agent)} does ` +
      `not listen: it has neither hostPort ${port} nor hostNetwork. Unless something else does, its spans are lost`,
    fix: snippet(`in ports of container ${container} of ${describeWorkload(agent)}`, [
      { containerPort: port, hostPort: port },
    ]),
    level: "warning",
  };
}

/** Whether a host is `$(NAME)` of a variable that the kubelet fills with the node's address. */
function isNodeAddress(workload: Workload, host: string): boolean {
  const name = /^\$\((.+)\)$/.exec(host)?.[1];
  return containersOf(workload)
    .flatMap((container) => records(container["env"]))
    .some(
      (entry) =>
        entry["name"] === name &&
        /^status\.hostIPs?$/.test(text(at(entry, "valueFrom", "fieldRef", "fieldPath")) ?? ""),
    );
}

function listensOnNode(workload: Workload, port: number): boolean {
  if (workload.pod["hostNetwork"] === true) return true;
  return containersOf(workload)
    .flatMap((container) => records(container["ports"]))
    .some((entry) => number(entry["hostPort"]) === port);
}
