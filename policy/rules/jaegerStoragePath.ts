import { ports } from "../../mesh/ports";
import { kinds } from "../../mesh/kinds";
import { objectNames } from "../../mesh/names";
import { type QuestionEnd } from "../reachability";
import { placeOf, serviceName } from "../model/collector";
import { dnsTargets } from "../paths/dnsTargets";
import { type Jaeger, jaegersOf, storeJobsOf } from "../model/jaeger";
import { type Target } from "../paths/target";
import { at, textMap } from "../model/reading";
import { addressesOf, backendsOf, type StoreAddress } from "../model/storeBackends";
import { type TracingModel } from "../model/tracingModel";
import { defineRule } from "../rule";
import { PathAudit } from "../paths/pathAudit";

/** A Jaeger that cannot reach its store does not start, and no spans are kept. */
export const jaegerStoragePath = defineRule({
  name: "jaeger-storage-path",
  description: "Jaeger's pods can resolve and reach their trace store: egress and ingress allow it.",
  level: "error",
  severity: "critical",
  tags: ["kubernetes", "network-policy", "jaeger"],
  url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
  remediationSteps:
    "Add the store's port to the egress of Jaeger's pods, and Jaeger's pods to the ingress of the store's pods. Both sides have to allow it.",
  page: {
    why: `Jaeger connects to its store at startup and again for every batch of spans. A policy that isolates the
      egress of Jaeger's pods or the ingress of the store's pods stops it as surely as a wrong password, and
      so does a policy that leaves out DNS.`,
    symptom: `New Jaeger pods restart with "failed to initialize storage", and senders drop spans once their queues
      are full. If pods were already running, searches fail and nothing new appears.`,
    exceptions: `Hosts outside the cluster are not checked, because policies match addresses and not host names. The
      pods of a store that is not in the input are assumed to let Jaeger in.`,
    sources: [],
  },
  find(model) {
    const audit = new PathAudit(model, {
      consequence: "so traces are not stored, or not deleted when they expire",
      relatedPorts: [ports.searchStore, ports.cassandra],
      policyNames: { egress: objectNames.jaegerStorage, ingress: "allow-jaeger-ingress" },
      // What the pods of a store in another input are labelled with nobody can know here.
      ignored: ["malformed", "unknown-value", "pod-labels", "pod-ports", "namespace-labels", "ip-block"],
    });
    const jaegers = jaegersOf(model);
    const jobs = storeJobsOf(model);
    const addresses = jaegers.flatMap((jaeger) =>
      backendsOf(jaeger, model.index).flatMap((backend) =>
        addressesOf(backend).map((address) => ({ jaeger, address })),
      ),
    );
    const pods = new Set([...addresses.map(({ jaeger }) => jaeger), ...(addresses.length > 0 ? jobs : [])]);
    const dns = { UDP: dnsTargets(model, "UDP"), TCP: dnsTargets(model, "TCP") };
    for (const jaeger of pods) {
      const sender = { workload: jaeger.workload, membership: "sidecar" as const };
      audit.check(sender, ...dns.UDP);
      audit.check(sender, ...dns.TCP);
      for (const { address } of addresses.filter((found) => isFor(found.jaeger, jaeger, jobs))) {
        const target = storeTarget(model, address, jaeger);
        if (target !== undefined) audit.check(sender, target);
      }
    }
    return audit.problems();
  },
});

/** Jobs look after the store of the Jaeger in their namespace. */
function isFor(owner: Jaeger, jaeger: Jaeger, jobs: readonly Jaeger[]): boolean {
  return (
    owner === jaeger || (jobs.includes(jaeger) && owner.workload.namespace === jaeger.workload.namespace)
  );
}

/** The store as something to reach; undefined for a host outside the cluster, of which policies know addresses only. */
function storeTarget(
  { index, cluster }: TracingModel,
  { host, port }: StoreAddress,
  { workload }: Jaeger,
): Target | undefined {
  const common = { purpose: "Jaeger's store", protocol: "TCP" as const };
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) {
    const peer = { namespace: "", labels: {}, cidr: `${host}/32` };
    return { ...common, name: host, peer, ask: (from) => cluster.canReach({ from, to: { ip: host }, port }) };
  }
  const place = placeOf(host, workload.namespace);
  if (place === undefined) return undefined;
  const name = `Service ${place.namespace}/${place.name}`;
  const service = index.get(kinds.service, place.namespace, place.name);
  const labels = textMap(at(service?.["spec"], "selector"));
  const peer = { namespace: place.namespace, labels };
  if (service === undefined) {
    const to: QuestionEnd = { namespace: place.namespace, labels };
    return { ...common, name, peer, ask: (from) => cluster.canReach({ from, to, port }) };
  }
  const question = { service: serviceName(service), port };
  return { ...common, name, peer, ask: (from) => cluster.canReachService({ from, ...question }) };
}
