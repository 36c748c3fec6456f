/** Services of Jaeger's UI and API. */
import { kinds } from "../../mesh/kinds";
import { ports } from "../../mesh/ports";
import { selectedBy } from "./collectorService";
import { jaegersOf } from "./jaeger";
import { type KubeObject, namespaceOf } from "./objects";
import { at, number, records, text } from "./reading";
import { type TracingModel } from "./tracingModel";

const queryPorts: readonly number[] = [ports.queryHttp, ports.queryGrpc];

/** Services that lead to the query port of Jaeger's pods. */
export function queryServices(model: TracingModel): KubeObject[] {
  const pods = [...new Set(jaegersOf(model).map(({ workload }) => workload))];
  return model.index
    .of(kinds.service)
    .filter((service) => leadsToQuery(service, undefined) && pods.some(selectedBy(service)));
}

/** A test of whether a port of a Service, by number or name, is one of the UI's; any port if undefined. */
export function queryTest(
  services: readonly KubeObject[],
): (namespace: string, name: string, port: number | string | undefined) => boolean {
  return (namespace, name, port) =>
    services.some(
      (service) =>
        namespaceOf(service) === namespace && service.metadata.name === name && leadsToQuery(service, port),
    );
}

/** @param port number or name of the Service's port; any if undefined */
function leadsToQuery(service: KubeObject, port: number | string | undefined): boolean {
  return records(at(service["spec"], "ports")).some((entry) => {
    if (port !== undefined && entry["port"] !== port && entry["name"] !== port) return false;
    const target = number(entry["targetPort"] ?? entry["port"]);
    return target === undefined
      ? /query|ui/.test(text(entry["targetPort"]) ?? "")
      : queryPorts.includes(target);
  });
}
