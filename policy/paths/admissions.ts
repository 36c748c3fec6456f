/** Spans at the door of a collector that is in the mesh: who brings them, and how its proxy sees them. */
import { defaultClusterDomain } from "../../mesh/dns";
import { kinds } from "../../mesh/kinds";
import { otlpTracesPath, zipkinPath } from "../../mesh/urls";
import { servicePort } from "../model/collector";
import { workloadsBehind } from "../model/collectorService";
import { destinationRulesOf, type ExplicitTls, type Said } from "../model/destinationRules";
import { membershipOf } from "../model/injection";
import { declaredProtocol } from "../model/portProtocol";
import { type SpanRequest } from "../model/authorization";
import { number, records, text } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { containersOf, type Workload } from "../model/workloads";
import { type Sent, sentOf } from "./sent";

export interface Admission extends Pick<Sent, "sender" | "what" | "place" | "port"> {
  senderNamespace: string;
  receiver: Workload;
  /** `unknown` where labels of its namespace decide that are not in the input. */
  membership: "sidecar" | "ambient" | "unknown";
  request: SpanRequest;
  /** The annotation that keeps the port away from the receiving pod's sidecar; the sender's is not told of it. */
  bypass: string | undefined;
  /** Set where a DestinationRule says which TLS the sender's proxy speaks. */
  explicit: ExplicitTls | undefined;
  /** Set where one says that it speaks none. */
  plain: Said | undefined;
}

/** All of them, for collectors whose pods are in the input. */
export function admissionsOf(model: TracingModel): Admission[] {
  return sentOf(model).flatMap((sent) => {
    const service = model.index.get(kinds.service, sent.place.namespace, sent.place.name);
    const entry = service && servicePort(service, sent.port);
    if (entry === undefined) return [];
    const said = saidOf(model, sent);
    return workloadsBehind(model, service).flatMap((receiver): Admission[] => {
      const membership = membershipOf(receiver, model.namespaceLabels(receiver.namespace));
      const port = podPort(receiver, entry["targetPort"] ?? sent.port);
      if (membership === "none" || membership === "gateway" || port === undefined) return [];
      // What a pod sends to itself does not pass its proxy as others' does.
      if (receiver === sent.workload) return [];
      const isRead =
        membership !== "ambient" && /^(http|http2|grpc)$/.test(declaredProtocol(entry).protocol ?? "");
      return [
        {
          sender: sent.sender,
          senderNamespace: sent.workload.namespace,
          receiver,
          membership,
          what: sent.what,
          place: sent.place,
          port: sent.port,
          bypass: membership === "ambient" ? undefined : bypassOf(receiver, port),
          ...said,
          request: {
            port,
            http: isRead ? requests[sent.protocol] : undefined,
            from: identityOf(model, sent, said),
          },
        },
      ];
    });
  });
}

/** What senders of spans ask for. */
const requests: Readonly<Record<string, SpanRequest["http"]>> = {
  zipkin: { method: "POST", path: zipkinPath },
  "otlp-http": { method: "POST", path: otlpTracesPath },
  "otlp-grpc": { method: "POST", path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export" },
};

/** Who the receiving proxy takes the sender for: by its certificate, if its proxy shows one. */
function identityOf(
  model: TracingModel,
  { workload, membership, proxy }: Sent,
  { explicit, plain }: Pick<Admission, "explicit" | "plain">,
): SpanRequest["from"] {
  if (membership === "ambient" || membership === "unknown") return undefined;
  if (proxy === undefined || plain !== undefined) return "none";
  if (explicit?.mode === "SIMPLE" || explicit?.mode === "MUTUAL") return undefined;
  if (explicit === undefined && model.mesh.values["enableAutoMtls"] === false) return "none";
  const account = text(workload.pod["serviceAccountName"]) ?? "default";
  return {
    namespace: workload.namespace,
    account: workload.hypothetical === undefined ? account : undefined,
    trustDomain: text(model.mesh.values["trustDomain"]) ?? defaultClusterDomain,
  };
}

/** What a DestinationRule says of the TLS of what passes the sender's proxy. */
function saidOf(model: TracingModel, { proxy, place, port }: Sent): Pick<Admission, "explicit" | "plain"> {
  if (proxy === undefined) return { explicit: undefined, plain: undefined };
  const rules = destinationRulesOf(model);
  return { explicit: rules.tlsOf(proxy, place, port), plain: rules.plainOf(proxy, place, port) };
}

const exclusion = "traffic.sidecar.istio.io/excludeInboundPorts";
const inclusion = "traffic.sidecar.istio.io/includeInboundPorts";

/** Whether annotations keep some port away from a pod's sidecar. */
export function hasBypass({ annotations }: Workload): boolean {
  return annotations[exclusion] !== undefined || annotations[inclusion] !== undefined;
}

/** What keeps a port away from the pod's sidecar: `traffic.sidecar.istio.io/excludeInboundPorts: "9411"`. */
function bypassOf({ annotations }: Workload, port: number): string | undefined {
  const listed = (name: string): string[] | undefined =>
    annotations[name]?.split(",").map((one) => one.trim());
  const written = (name: string): string => `${name}: "${annotations[name]}"`;
  if (listed(exclusion)?.includes(String(port)) === true) return written(exclusion);
  const included = listed(inclusion);
  return included === undefined || included.includes("*") || included.includes(String(port))
    ? undefined
    : written(inclusion);
}

function podPort(workload: Workload, target: unknown): number | undefined {
  if (typeof target !== "string") return number(target);
  const named = containersOf(workload)
    .flatMap((container) => records(container["ports"]))
    .find(({ name }) => name === target);
  return number(named?.["containerPort"]);
}
