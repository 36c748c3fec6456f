/** Where the spans of a traced pod go, as questions to the model of NetworkPolicies. */
import { getOrMake } from "../../mesh/maps";
import { kinds } from "../../mesh/kinds";
import { ports } from "../../mesh/ports";
import { type HypotheticalPod } from "../reachability";
import { type Collector, serviceName, servicePort, type ServicePlace } from "../model/collector";
import { type CollectorFlaw, collectorFlaw, isMissing, lossyFlaws } from "../model/collectorFlaws";
import { takenBehind } from "../model/collectors/programs";
import { scaledToZero } from "../model/collectors/scale";
import { type KubeObject } from "../model/objects";
import { type OtlpExport, otlpExportOf, targetPortOf } from "../model/otlp";
import { at, textMap } from "../model/reading";
import { type Membership } from "../model/injection";
import { isIntercepted, proxyOf } from "../model/proxies";
import { type Answered, type Routed, routedTo } from "../model/virtualServices";
import { collectorsOf } from "../model/senderTracing";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { takerInstead } from "./otherPorts";
import { type Target } from "./target";
import { Wire } from "./wire";

/** Protocols that spans travel by: a provider's type, and OTLP's two transports apart. */
export type SpanProtocol = "zipkin" | "otlp-grpc" | "otlp-http" | "datadog" | "skywalking";

/** A way that a workload sends spans. */
export interface SpanWay {
  protocol: SpanProtocol;
  /** Who receives them: `Service istio-system/jaeger`. */
  receiver: string;
  /** As the sender knows it. */
  port: number | undefined;
  /** Whether the sender is the proxy; else it is the application. */
  isOfProxies: boolean;
  /** The Service that is meant, if it is one of this cluster. */
  place?: ServicePlace;
  /** Whether the sender speaks TLS. */
  isEncrypted?: boolean;
  /** The VirtualService that leads there, the Service that the application names, and why nothing arrives. */
  movedBy?: { route: KubeObject; from: ServicePlace & { port: number }; flaw: CollectorFlaw | undefined };
  /** The VirtualService that makes the sidecar answer in the collector's place. */
  answeredBy?: Answered & { from: ServicePlace & { port: number } };
  /**
   * What to reach. `nowhere` if the way ends before any policy is asked, which rules of their own report;
   * `outside` for a receiver that is not of this cluster or not of this input, of which nothing is known.
   */
  target: Target | "nowhere" | "outside";
}

/** What a collector sends to the next one, as messages say it. */
export const passedOnSpans = "spans that collectors pass on";

/** Where spans go: of the proxy to the mesh's collector, of the application to its endpoint. */
export class SpanTargets {
  private readonly targets = new Map<string, Target>();
  private readonly meshWays = new Map<string, SpanWay>();
  private readonly wire: Wire;

  constructor(private readonly model: TracingModel) {
    this.wire = new Wire(model);
  }

  /** Every way once: containers that send to the same place share it. */
  of(traced: Traced): SpanWay[] {
    const { workload, membership } = traced;
    const ways = new Map<string, SpanWay>();
    const add = (way: SpanWay): unknown => ways.set(`${way.protocol} ${way.receiver} ${way.port}`, way);
    for (const collector of collectorsOf(this.model, traced)) add(this.meshWay(collector, membership));
    // It has no application.
    if (membership === "gateway") return [...ways.values()];
    for (const environment of this.model.environmentsOf(workload)) {
      const otlp = otlpExportOf(environment, workload.namespace, this.model.index);
      if (otlp?.port !== undefined) for (const way of this.otlpWays(traced, otlp, otlp.port)) add(way);
    }
    return [...ways.values()];
  }

  /** What an exporter of a collector sends to. */
  passedOn(place: ServicePlace | undefined, port: number): SpanWay["target"] {
    if (place === undefined) return "outside";
    const service = this.model.index.get(kinds.service, place.namespace, place.name);
    const target = this.serviceTarget(place, port, service, passedOnSpans);
    // Applications may send there, too.
    return typeof target === "string" ? target : { ...target, purpose: passedOnSpans };
  }

  private meshWay(collector: Collector, sender: Membership): SpanWay {
    const key = `${sender} ${collector.written} ${collector.protocol} ${collector.isOtlpHttp}`;
    return getOrMake(this.meshWays, key, () => this.newMeshWay(collector, sender));
  }

  private newMeshWay(collector: Collector, sender: Membership): SpanWay {
    const { place, port, service } = collector;
    const protocol = meshProtocol(collector);
    const way = { protocol, receiver: receiverOf(place, collector.host), port, place, isOfProxies: true };
    if (place === undefined) return { ...way, target: "outside" };
    if (port === undefined) return { ...way, target: "nowhere" };
    const flaw = collectorFlaw(this.model, collector, sender);
    // A way that leads nowhere is another rule's; what policies say of it would only follow from that.
    if (flaw !== undefined && flaw !== "absent" && flaw !== "no-pods-in-input" && flaw !== "unlisted-target")
      return { ...way, target: "nowhere" };
    const purpose = `spans of proxies, ${collector.protocol === "zipkin" ? "Zipkin" : collector.protocol}`;
    return {
      ...way,
      target: this.serviceTarget(place, port, service, purpose, flaw === "no-pods-in-input"),
    };
  }

  /** One, or several where a VirtualService divides what the sidecar is given. */
  private otlpWays({ workload, membership }: Traced, otlp: OtlpExport, port: number): SpanWay[] {
    const { place, scheme } = otlp;
    const way = this.otlpWay(otlp, port);
    // Routes of encrypted connections go by other fields, and mean one that the application's certificate fits.
    if (
      place === undefined ||
      membership !== "sidecar" ||
      scheme === "https" ||
      !isIntercepted(workload, port)
    )
      return [way];
    const transport = otlpProtocol(otlp);
    const routed = routedTo(this.model, proxyOf(workload, membership), place, port, transport);
    if (routed === undefined) return [way];
    const from = { ...place, port };
    const ways = this.movedWays(way, routed, from);
    const { answered } = routed;
    if (answered === undefined) return ways;
    return ways.map((one) => ({
      ...one,
      answeredBy: { ...answered, from },
      ...(answered.percent < 100 ? {} : { target: "nowhere" }),
    }));
  }

  private movedWays(way: SpanWay, { route, to: places }: Routed, from: ServicePlace & { port: number }) {
    if (places === undefined) return [way];
    return places.map(({ place: to, port: at }): SpanWay => {
      const service = this.model.index.get(kinds.service, to.namespace, to.name);
      // A gateway's eyes: what applications send finds the pods of a headless Service, too.
      const flaw = collectorFlaw(this.model, { place: to, port: at, service }, "gateway");
      return {
        ...way,
        receiver: receiverOf(to, ""),
        place: to,
        port: at,
        movedBy: { route, from, flaw },
        target: lossyFlaws.has(flaw)
          ? "nowhere"
          : this.serviceTarget(to, at, service, "spans of applications, OTLP"),
      };
    });
  }

  private otlpWay(otlp: OtlpExport, port: number): SpanWay {
    const { place, service } = otlp;
    return {
      protocol: otlpProtocol(otlp),
      receiver: receiverOf(place, otlp.host),
      port,
      isOfProxies: false,
      place,
      isEncrypted: otlp.scheme === "https",
      target:
        takerInstead(this.model, otlp) !== undefined
          ? "nowhere"
          : place === undefined
            ? "outside"
            : this.serviceTarget(place, port, service, "spans of applications, OTLP"),
    };
  }

  /**
   * @param podsAreUnknown whether the pods behind the Service are somebody else's
   */
  private serviceTarget(
    place: ServicePlace,
    port: number,
    service: KubeObject | undefined,
    purpose: string,
    podsAreUnknown = false,
  ): SpanWay["target"] {
    // Another name of a host, which no policy knows by it.
    if (at(service?.["spec"], "type") === "ExternalName") return "outside";
    const key = `${place.namespace}/${place.name}:${port}`;
    const known = this.targets.get(key);
    if (known !== undefined) return known;
    // Rule collector-service says so, whoever sends there.
    if (scaledToZero(this.model, place).length > 0) return "nowhere";
    let target: Target;
    const name = `Service ${place.namespace}/${place.name}`;
    if (service === undefined || podsAreUnknown) {
      // One that does not exist is another rule's to report.
      if (service === undefined && isMissing(this.model, place, port)) return "nowhere";
      // A Service made by hand or by a chart is taken to lead to the collector that is there, if it is the only one.
      const pods = takenBehind(this.model, place);
      const labels = pods?.labels ?? textMap(at(service?.["spec"], "selector"));
      const entry = service && servicePort(service, port);
      const targetPort = typeof entry?.["targetPort"] === "number" ? entry["targetPort"] : port;
      const to: HypotheticalPod = {
        namespace: place.namespace,
        labels,
        ...(pods === undefined ? {} : { labelsAreComplete: true }),
      };
      target = {
        name,
        purpose,
        peer: { namespace: place.namespace, labels },
        protocol: "TCP",
        guessed: { object: service ?? serviceAt(place), isReported: this.isMeshCollector(place) },
        ask: (from, sender) => this.wire.askPods(from, sender, to, targetPort),
      };
    } else {
      if (servicePort(service, port) === undefined) return "nowhere";
      const question = { service: serviceName(service), port };
      const peer = { namespace: place.namespace, labels: textMap(at(service["spec"], "selector")) };
      target = {
        name,
        purpose,
        peer,
        protocol: "TCP",
        ask: (from, sender) => this.wire.askService(from, sender, question),
      };
    }
    this.targets.set(key, target);
    return target;
  }

  /** Another rule says of a collector of the mesh that it is not in the input. */
  private isMeshCollector({ namespace, name }: ServicePlace): boolean {
    return this.model.collectors.some(({ place }) => place?.namespace === namespace && place.name === name);
  }
}

function receiverOf(place: ServicePlace | undefined, host: string): string {
  return place === undefined ? host : `Service ${place.namespace}/${place.name}`;
}

function meshProtocol({ protocol, isOtlpHttp }: Collector): SpanProtocol {
  if (protocol !== "opentelemetry") return protocol;
  return isOtlpHttp === true ? "otlp-http" : "otlp-grpc";
}

function otlpProtocol(otlp: OtlpExport): "otlp-grpc" | "otlp-http" {
  const { value = "" } = otlp.protocol;
  const isHttp = value === "" ? targetPortOf(otlp) === ports.otlpHttp : value.startsWith("http");
  return isHttp ? "otlp-http" : "otlp-grpc";
}

function serviceAt({ namespace, name }: ServicePlace): KubeObject {
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace } };
}
