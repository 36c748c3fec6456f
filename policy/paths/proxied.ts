/** Connections with spans that a proxy of the sender opens: what Istio's configuration says of them holds. */
import { remembered } from "../../mesh/maps";
import { programsOf } from "../model/collectors/programs";
import { type Transport } from "../model/collectors/program";
import { membershipOf } from "../model/injection";
import { isIntercepted, type ProxyPlace, proxyOf } from "../model/proxies";
import { type ServicePlace } from "../model/collector";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload, type Workload } from "../model/workloads";
import { placeOfExporter } from "./arrivals";
import { SpanTargets } from "./spanTargets";

export interface Proxied {
  /** As messages name who sends. */
  sender: string;
  workload: Workload;
  proxy: ProxyPlace;
  place: ServicePlace;
  port: number;
  transport: Transport | "datadog" | "skywalking";
  /** Whose spans they are, as messages say it. */
  what: "spans of proxies" | "spans of applications" | "spans that collectors pass on";
  /** Whether the application speaks TLS itself. */
  isEncrypted: boolean;
  /** Whether the pod may have no proxy, which labels decide that are not in the input. */
  isAssumed: boolean;
}

/** All of them; whoever asks again gets the same list. */
export const proxiedOf = remembered((model: TracingModel): readonly Proxied[] => [
  ...ofSenders(model),
  ...ofCollectors(model),
]);

function ofSenders(model: TracingModel): Proxied[] {
  const targets = new SpanTargets(model);
  return model.senders.flatMap((traced) => {
    const { workload, membership, isAssumed = false } = traced;
    if (membership !== "sidecar" && membership !== "gateway") return [];
    const proxy = proxyOf(workload, membership);
    return targets.of(traced).flatMap((way): Proxied[] => {
      const { place, port, protocol: transport, isOfProxies, isEncrypted = false, target } = way;
      // A way that leads nowhere is reported where it ends.
      if (place === undefined || port === undefined || target === "nowhere") return [];
      if (!isOfProxies && !isIntercepted(workload, port)) return [];
      const what = isOfProxies ? "spans of proxies" : "spans of applications";
      return [
        {
          sender: describeWorkload(workload),
          workload,
          proxy,
          place,
          port,
          transport,
          what,
          isEncrypted,
          isAssumed,
        },
      ];
    });
  });
}

function ofCollectors(model: TracingModel): Proxied[] {
  return programsOf(model).flatMap((program) => {
    const { workload } = program;
    if (membershipOf(workload, model.namespaceLabels(workload.namespace)) !== "sidecar") return [];
    return program.exporters.flatMap((exporter): Proxied[] => {
      const place = placeOfExporter(program, exporter);
      const { port, transport, isEncrypted } = exporter;
      if (place === undefined || !isIntercepted(workload, port)) return [];
      return [
        {
          sender: describeWorkload(workload),
          workload,
          proxy: proxyOf(workload, "sidecar"),
          place,
          port,
          transport,
          what: "spans that collectors pass on",
          isEncrypted,
          isAssumed: false,
        },
      ];
    });
  });
}
