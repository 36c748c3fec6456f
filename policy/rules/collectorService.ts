import { isLabelledJaeger } from "../model/jaeger";
import { appLabels, jaegerAppLabel } from "../../mesh/labels";
import { ports } from "../../mesh/ports";
import { serviceHost } from "../../mesh/dns";
import { kinds, typeMeta } from "../../mesh/kinds";
import { sortedSet } from "../../mesh/stableOrder";
import { type Collector, placeOf, type ServicePlace, spanPort } from "../model/collector";
import { collectorFlaw, type CollectorFlaw } from "../model/collectorFlaws";
import { workloadsBehind } from "../model/collectorService";
import { collectorsOf } from "../model/senderTracing";
import { programsBehind } from "../model/collectors/programs";
import { scaledToZero } from "../model/collectors/scale";
import { type KubeObject } from "../model/objects";
import { at, isRecord, number, record, records, shown, text, textMap } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { containersOf, describeWorkload, type Workload } from "../model/workloads";
import { type Destination, destinationsOf } from "../paths/destinations";
import { mostNames } from "../paths/senders";
import { defineRule, nameOf, type Problem } from "../rule";
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
      const { place } = collector;
      const flaw = collectorFlaw(model, collector, mostDemanding(model, collector));
      if (place === undefined || flaw === undefined) continue;
      // The operator makes the Service of a collector that is in the input.
      if (flaw === "absent" && programsBehind(model, place) !== undefined) continue;
      const problem = describe(model, collector, place, flaw);
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
  if (pods.some((pod) => pod.object.kind === kinds.daemonSet.name && !chooses(pod))) return;
  const [first] = pods;
  // Of pods that are not in the input, a chart's DaemonSet is as likely as anything.
  if (first === undefined) return;
  yield {
    object: service,
    says: `has internalTrafficPolicy: Local, and ${describeWorkload(first)} may not have a pod on every node, so spans of ${enumerate(sortedSet([...senders]), mostNames)} are lost on nodes without one`,
    fix: snippet("in spec", { internalTrafficPolicy: "Cluster" }),
    level: "warning",
  };
}

function describe(
  model: TracingModel,
  collector: Collector,
  place: ServicePlace,
  flaw: CollectorFlaw,
): Problem | undefined {
  const { port } = collector;
  const named = { ...typeMeta(kinds.service), metadata: { name: place.name, namespace: place.namespace } };
  const object: KubeObject = collector.service ?? named;
  const { spec } = object;
  switch (flaw) {
    case "missing":
      return {
        object,
        says: `does not exist, but the mesh sends its spans to ${collector.written}; add a ClusterIP Service`,
        fix: snippet("add", {
          ...named,
          spec: { type: "ClusterIP", selector: jaegerAppLabel, ports: [portFor(collector)] },
        }),
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
      const target = text(at(spec, "externalName"));
      // No API server takes one that names nothing.
      if (target === undefined) return undefined;
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
      const servicePorts = records(at(spec, "ports"));
      // Where there is a port for spans, it is the provider that names the wrong one.
      if (port === undefined || spanPort(servicePorts, collector) !== undefined) return undefined;
      return {
        object,
        says: `has no port ${port}, to which the mesh sends its spans; add it next to ${enumerate(
          servicePorts.map((entry) => String(number(entry["port"]))),
          9,
        )}`,
        fix: snippet("add to spec.ports", [portFor(collector)]),
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
      return noPods(model, place, object, flaw === "no-pods");
    case "no-target":
    case "unlisted-target":
      return noTarget(model, collector, object, flaw === "no-target");
  }
}

/** The port of a Service that leads to what takes the proxies' spans. */
function portFor({ protocol, isOtlpHttp, port }: Collector) {
  const [name, appProtocol, targetPort] =
    protocol === "zipkin"
      ? ["http-zipkin", "http", ports.zipkin]
      : isOtlpHttp === true
        ? ["http-otlp", "http", ports.otlpHttp]
        : ["grpc-otlp", "grpc", ports.otlpGrpc];
  return { name, port: port ?? targetPort, targetPort, protocol: "TCP", appProtocol };
}

function noTarget(
  model: TracingModel,
  collector: Collector,
  object: KubeObject,
  isCertain: boolean,
): Problem | undefined {
  const { port } = collector;
  const pods = workloadsBehind(model, object);
  const numbers = pods
    .flatMap((pod) => containersOf(pod))
    .flatMap((container) => records(container["ports"]))
    .map((one) => shown(one["containerPort"]));
  const entry = records(at(object["spec"], "ports")).find((one) => number(one["port"]) === port);
  const target = entry?.["targetPort"] ?? port;
  const wanted = portFor(collector).targetPort;
  const listed = enumerate([...new Set(numbers)], 12);
  const leads = `leads from port ${port} to port ${shown(target)}, which no container of its pods`;
  if (isCertain) {
    // Then it is the collector that lacks a receiver, which its own rule says.
    if (number(target) === wanted) return undefined;
    return {
      object,
      says: `${leads} has${listed === "" ? "" : `; use one of their ports: ${listed}`}`,
      fix: snippet(`in spec.ports, port ${port}`, { targetPort: wanted }),
    };
  }
  return {
    object,
    says: `${leads} lists (${listed}): if none listens there, spans are lost`,
    fix: snippet(
      `in the container's ports of ${enumerate(pods.map(describeWorkload))}, if it listens there`,
      [{ containerPort: number(target) }],
    ),
    level: "warning",
  };
}

function noPods(model: TracingModel, place: ServicePlace, object: KubeObject, isCertain: boolean): Problem {
  const selector = Object.entries(textMap(at(object["spec"], "selector")));
  const shown = selector.map(([key, value]) => `${key}=${value}`).join(", ");
  if (!isCertain) {
    return {
      object,
      says: `selects ${shown}, but the input has no such pods, so it is unknown whether they are reachable`,
      fix: "",
      level: "warning",
    };
  }
  const jaeger = model.workloads.find(
    ({ namespace, labels }) => namespace === place.namespace && isLabelledJaeger({ labels }),
  );
  const wanted = { ...jaegerAppLabel, [appLabels.instance]: jaeger?.labels[appLabels.instance] };
  return {
    object,
    says: `selects no pods (${shown}), so spans are lost; select the collector's pods`,
    fix: snippet("in spec", { selector: wanted }),
  };
}
