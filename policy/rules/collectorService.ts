import { isLabelledJaeger } from "../model/jaeger";
import { appLabels, jaegerAppLabel } from "../../mesh/labels";
import { ports } from "../../mesh/ports";
import { serviceHost } from "../../mesh/dns";
import { kinds } from "../../mesh/kinds";
import { sortedSet } from "../../mesh/stableOrder";
import { type Collector, placeOf, spanPort } from "../model/collector";
import { collectorFlaw, type CollectorFlaw } from "../model/collectorFlaws";
import { workloadsBehind } from "../model/collectorService";
import { collectorsOf } from "../model/senderTracing";
import { programsBehind } from "../model/collectors/programs";
import { scaledToZero } from "../model/collectors/scale";
import { type KubeObject } from "../model/objects";
import { at, isRecord, number, record, records, shown, text } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { containersOf, describeWorkload, type Workload } from "../model/workloads";
import { type Destination, destinationsOf } from "../paths/destinations";
import { mostNames } from "../paths/senders";
import { defineRule, nameOf, type ObjectRef, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** A Service that leads nowhere loses every span sent to it. */
export const collectorService = defineRule({
  name: "collector-service",
  description: "The collector's Service exists, is not headless, selects pods and leads to a port they have.",
  level: "error",
  severity: "critical",
  tags: ["kubernetes", "service"],
  url: "https://kubernetes.io/docs/concepts/services-networking/service/",
  remediationSteps: "Make the collector's Service a ClusterIP Service that selects the collector's pods.",
  page: {
    why: `The mesh sends its spans to a Service. If that Service does not exist, selects no pods or leads to a
      port that nothing listens on, every span is lost. A headless Service is no better: Istio routes it by
      the original destination of a connection, which a proxy's own spans do not have, so the proxy finds no
      host; a VirtualService that routes to it returns 503. For a Service of type ExternalName, Istio
      creates no cluster. A collector scaled to 0 receives nothing, and with \`internalTrafficPolicy:
      Local\` a pod cannot reach a collector on another node.`,
    symptom: `No proxy spans arrive. In a sidecar, \`pilot-agent request GET clusters\` shows no endpoint for the
      collector.`,
    exceptions: `A collector outside the cluster (the host of a ServiceEntry) is not checked, and a Service without
      selector is fine if its Endpoints are in the input. If the Service or its pods are not in the input,
      the finding is a warning: add them, or check the cluster with \`--live\`.`,
    sources: [
      "https://kubernetes.io/docs/concepts/services-networking/service/#headless-services",
      "https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/",
    ],
  },
  *find(model) {
    for (const collector of model.collectors) {
      const flaw = collectorFlaw(model, collector, mostDemanding(model, collector));
      // The operator makes the Service of a collector that is in the input.
      if (flaw === "absent" && collector.place && programsBehind(model, collector.place)) continue;
      const problem = flaw && describe(model, collector, flaw);
      if (problem !== undefined) yield problem;
    }
    for (const destination of destinationsOf(model)) {
      const gone = scaledToZero(model, destination.place);
      if (gone.length > 0) yield* withoutReplicas(destination, gone);
      else yield* onOwnNode(model, destination);
    }
  },
});

/** Whether any sidecar sends there, and not only gateways. */
function mostDemanding(model: TracingModel, collector: Collector): "sidecar" | "gateway" {
  const senders = model.senders.filter((sender) => collectorsOf(model, sender).includes(collector));
  return senders.length > 0 && senders.every(({ membership }) => membership === "gateway")
    ? "gateway"
    : "sidecar";
}

function* withoutReplicas({ place, senders }: Destination, gone: readonly KubeObject[]): Iterable<Problem> {
  for (const object of gone) {
    yield {
      object,
      says: `has replicas: 0, so Service ${place.namespace}/${place.name} has no pods, but ${enumerate(sortedSet([...senders]), mostNames)} ${senders.size === 1 ? "sends" : "send"} spans: these spans are lost`,
      fix: snippet(`in spec of ${nameOf(object)}`, { replicas: 1 }),
    };
  }
}

/** A DaemonSet has a pod on every node, unless it chooses some. */
function* onOwnNode(model: TracingModel, { service, senders }: Destination): Iterable<Problem> {
  if (service === undefined || at(service["spec"], "internalTrafficPolicy") !== "Local") return;
  const pods = workloadsBehind(model, service);
  const chooses = ({ pod }: Workload): boolean =>
    Object.keys(record(pod["nodeSelector"])).length > 0 || isRecord(at(pod, "affinity", "nodeAffinity"));
  if (pods.some(({ object, ...pod }) => object.kind === kinds.daemonSet.name && !chooses({ object, ...pod })))
    return;
  const receiver = pods[0] === undefined ? "its pods are not in the input and" : describeWorkload(pods[0]);
  yield {
    object: service,
    says: `has internalTrafficPolicy: Local, and ${receiver} may not have a pod on every node, so spans of ${enumerate(sortedSet([...senders]), mostNames)} are lost on nodes without one`,
    fix: snippet("in spec", { internalTrafficPolicy: "Cluster" }),
    level: "warning",
  };
}

function describe(model: TracingModel, collector: Collector, flaw: CollectorFlaw): Problem | undefined {
  const { place, port, service } = collector;
  const object: ObjectRef = service ?? {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: place?.name, namespace: place?.namespace },
  };
  const portLines = {
    name: "http-zipkin",
    port: port ?? ports.zipkin,
    targetPort: ports.zipkin,
    protocol: "TCP",
    appProtocol: "http",
  };
  const whole = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: place?.name, namespace: place?.namespace },
    spec: { type: "ClusterIP", selector: jaegerAppLabel, ports: [portLines] },
  };
  switch (flaw) {
    case "missing":
      return {
        object,
        says: `does not exist, but the mesh sends its spans to ${collector.written}; add a ClusterIP Service`,
        fix: snippet("add", whole),
      };
    case "absent":
      return {
        object,
        says: "receives the mesh's spans but is not in the input, so it is unknown whether its pods are reachable",
        fix: "",
        level: "warning",
      };
    case "headless":
      return {
        object,
        says: "is headless (clusterIP: None), so proxies find no host for their spans; use a ClusterIP Service",
        fix: snippet("delete and recreate it without clusterIP: None (clusterIP is immutable)", {
          spec: { type: "ClusterIP" },
        }),
      };
    case "external-name": {
      const target = text(at(service?.["spec"], "externalName")) ?? "";
      const right = placeOf(target);
      return {
        object,
        says: `is of type ExternalName, for which proxies have no cluster: Istio treats it as an alias of ${target}; name ${target} in the provider`,
        fix: snippet(
          `in the provider of the mesh config${right === undefined ? `, beside a ServiceEntry for ${target}` : ""}`,
          {
            service:
              right === undefined ? target : `${right.namespace}/${serviceHost(right.name, right.namespace)}`,
          },
        ),
      };
    }
    case "no-port": {
      const servicePorts = records(at(service?.["spec"], "ports"));
      // Where there is a port for spans, it is the provider that names the wrong one.
      if (port === undefined || spanPort(servicePorts, collector.protocol) !== undefined) return undefined;
      return {
        object,
        says: `has no port ${port}, to which the mesh sends its spans; add it next to ${enumerate(
          servicePorts.map((entry) => String(number(entry["port"]))),
          9,
        )}`,
        fix: snippet("add to spec.ports", [portLines]),
      };
    }
    case "no-selector":
      return {
        object,
        says: "has no selector, and its Endpoints are not in the input, so it is unknown where spans go",
        fix: snippet("in spec", { selector: jaegerAppLabel }),
        level: "warning",
      };
    case "no-pods":
    case "no-pods-in-input":
      return noPods(model, collector, object, flaw === "no-pods");
    case "no-target":
    case "unlisted-target":
      return noTarget(model, collector, object, flaw === "no-target");
  }
}

function noTarget(
  model: TracingModel,
  { service, port, protocol }: Collector,
  object: ObjectRef,
  isCertain: boolean,
): Problem | undefined {
  const [pod] = workloadsBehind(model, service);
  const podPorts =
    pod === undefined ? [] : containersOf(pod).flatMap((container) => records(container["ports"]));
  const numbers = podPorts.flatMap((one) => number(one["containerPort"]) ?? []);
  const entry = records(at(service?.["spec"], "ports")).find((one) => number(one["port"]) === port);
  const target = entry?.["targetPort"] ?? port;
  const wanted = protocol === "zipkin" ? ports.zipkin : ports.otlpGrpc;
  const listed = enumerate(numbers.map(String), 12);
  const leads = `leads from port ${port} to port ${shown(target)}, which no container of its pods`;
  if (isCertain) {
    // Then it is the collector that lacks a receiver, which its own rule says.
    if (number(target) === wanted) return undefined;
    return {
      object,
      says: `${leads} has; use one of their ports: ${listed}`,
      fix: snippet(`in spec.ports, port ${port}`, { targetPort: wanted }),
    };
  }
  const where = pod === undefined ? "" : ` of ${describeWorkload(pod)}`;
  return {
    object,
    says: `${leads} lists (${listed}): if none listens there, spans are lost`,
    fix: snippet(`in the container's ports${where}, if it listens there`, [
      { containerPort: number(target) },
    ]),
    level: "warning",
  };
}

function noPods(model: TracingModel, { place }: Collector, object: ObjectRef, certain: boolean): Problem {
  const selector = at((object as Readonly<Record<string, unknown>>)["spec"], "selector");
  const shown = Object.entries(selector as Record<string, string>).map(([key, value]) => `${key}=${value}`);
  const jaeger = model.workloads.find(
    ({ namespace, labels }) => namespace === place?.namespace && isLabelledJaeger({ labels }),
  );
  const instance = jaeger?.labels[appLabels.instance];
  const wanted = { ...jaegerAppLabel, ...(instance === undefined ? {} : { [appLabels.instance]: instance }) };
  return {
    object,
    says: certain
      ? `selects no pods (${shown.join(", ")}), so spans are lost; select the collector's pods`
      : `selects ${shown.join(", ")}, but the input has no such pods, so it is unknown whether they are reachable`,
    fix: certain ? snippet("in spec", { selector: wanted }) : "",
    ...(certain ? {} : { level: "warning" as const }),
  };
}
