/** Spans on their way to Services: who sends them, how, and through which proxy. */
import { remembered } from "../../mesh/maps";
import { type ServicePlace, placeOf } from "../model/collector";
import { type Exporter } from "../model/collectors/program";
import { programsOf } from "../model/collectors/programs";
import { type Membership, membershipOf } from "../model/injection";
import { isIntercepted, type ProxyPlace, proxyOf } from "../model/proxies";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload, type Workload } from "../model/workloads";
import { passedOnSpans, type SpanProtocol, SpanTargets } from "./spanTargets";

export interface Sent {
  /** As messages name who sends. */
  sender: string;
  workload: Workload;
  membership: Membership;
  /** Whether the pod may have no proxy, which labels decide that are not in the input. */
  isAssumed: boolean;
  /** The proxy that it passes on its way out, if it does. */
  proxy: ProxyPlace | undefined;
  place: ServicePlace;
  /** As the sender knows it: the Service's. */
  port: number;
  protocol: SpanProtocol;
  /** Whose spans they are, as messages say it. */
  what: "spans of proxies" | "spans of applications" | typeof passedOnSpans;
  /** Whether the sender speaks TLS itself. */
  isEncrypted: boolean;
  /** Set where a collector sends. */
  exporter?: Exporter;
}

/** All of them: of proxies and applications, and of collectors to the next one. */
export const sentOf = remembered((model: TracingModel): readonly Sent[] => [
  ...ofSenders(model),
  ...ofCollectors(model),
]);

function ofSenders(model: TracingModel): Sent[] {
  const targets = new SpanTargets(model);
  return model.senders.flatMap((traced) =>
    targets.of(traced).flatMap((way): Sent[] => {
      const { place, port, protocol, isOfProxies, isEncrypted = false, target } = way;
      // A way that leads nowhere is reported where it ends.
      if (place === undefined || port === undefined || target === "nowhere") return [];
      const { workload, membership, isAssumed = false } = traced;
      return [
        {
          sender: describeWorkload(workload),
          workload,
          membership,
          isAssumed,
          proxy: passedBy(workload, membership, isOfProxies ? undefined : port),
          place,
          port,
          protocol,
          what: isOfProxies ? "spans of proxies" : "spans of applications",
          isEncrypted,
        },
      ];
    }),
  );
}

function ofCollectors(model: TracingModel): Sent[] {
  return programsOf(model).flatMap((program) =>
    program.exporters.flatMap((exporter): Sent[] => {
      const { workload } = program;
      const place = placeOf(exporter.host, workload.namespace);
      if (place === undefined) return [];
      const membership = membershipOf(workload, model.namespaceLabels(workload.namespace));
      const { port, transport, isEncrypted } = exporter;
      return [
        {
          sender: describeWorkload(workload),
          workload,
          membership,
          isAssumed: false,
          proxy: passedBy(workload, membership, port),
          place,
          port,
          protocol: transport,
          what: passedOnSpans,
          isEncrypted,
          exporter,
        },
      ];
    }),
  );
}

/** @param port that a container sends to; undefined for what the proxy itself sends */
function passedBy(
  workload: Workload,
  membership: Membership,
  port: number | undefined,
): ProxyPlace | undefined {
  if (membership !== "sidecar" && membership !== "gateway") return undefined;
  return port === undefined || isIntercepted(workload, port) ? proxyOf(workload, membership) : undefined;
}
