/**
 * What a stack of this project says beside its objects: who is traced, through which gateways, and whose policies
 * are elsewhere. The sections may come from a stack that is validated or from one that is not: what is not of the
 * form is not there.
 */
import { defined } from "../../mesh/plainObjects";
import { at, isRecord, record, records, text } from "../model/reading";
import { type DnsPlace } from "../../mesh/dns";
import { type Options } from "../model/options";

/** @param sections the sections of a stack file by key */
export function ownStackOptions(sections: Readonly<Record<string, unknown>>): Options {
  const { namespaces, gateways, istio, egress } = sections;
  if (!isRecord(namespaces)) return {};
  const dns = record(at(egress, "dns"));
  return defined({
    traced: Object.keys(namespaces),
    gateways: records(gateways).flatMap(({ namespace }) => text(namespace) ?? []),
    otherPolicies: Object.entries(namespaces).flatMap(([name, value]) =>
      at(value, "isolation") === "existing" ? [name] : [],
    ),
    istioVersion: text(at(istio, "version")),
    rootNamespace: text(at(istio, "rootNamespace")),
    dns: defined({
      namespace: text(dns["namespace"]),
      labels: isRecord(dns["podLabels"]) ? (dns["podLabels"] as DnsPlace["labels"]) : undefined,
      ports: Array.isArray(dns["ports"]) ? (dns["ports"] as number[]) : undefined,
    }),
  });
}
