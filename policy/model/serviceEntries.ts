/** Hosts outside the cluster that proxies are told of. */
import { includesHost } from "../../mesh/dns";
import { kinds } from "../../mesh/kinds";
import { type KubeObject } from "./objects";
import { at, number, records, texts } from "./reading";
import { type TracingModel } from "./tracingModel";

/** ServiceEntries of a host, by its own name or a wildcard. */
export function entriesFor({ index }: TracingModel, host: string): KubeObject[] {
  return index
    .of(kinds.serviceEntry)
    .filter(({ spec }) => texts(at(spec, "hosts")).some((one) => includesHost(one, host)));
}

export function hasPort({ spec }: KubeObject, port: number): boolean {
  return records(at(spec, "ports")).some((entry) => number(entry["number"]) === port);
}
