/** Endpoints of applications that lead to what takes no OTLP. */
import { takenByOthers } from "../../mesh/ports";
import { programsBehind } from "../model/collectors/programs";
import { type OtlpExport, targetPortOf } from "../model/otlp";
import { type TracingModel } from "../model/tracingModel";

/** What listens where an endpoint leads to, if it is known for other things than OTLP. */
export function takerInstead(
  model: TracingModel,
  otlp: OtlpExport,
): { port: number; takes: string } | undefined {
  const port = targetPortOf(otlp) ?? otlp.port;
  const takes = port === undefined ? undefined : takenByOthers[port];
  if (port === undefined || takes === undefined) return undefined;
  // A receiver of OTLP may listen on any port.
  const programs = (otlp.place && programsBehind(model, otlp.place)) ?? [];
  const isOtlp = programs.some(({ receivers }) =>
    receivers.some((receiver) => receiver.port === port && receiver.transport !== "zipkin"),
  );
  return isOtlp ? undefined : { port, takes };
}
