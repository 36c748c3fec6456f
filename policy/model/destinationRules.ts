/**
 * What DestinationRules say of the TLS that proxies speak to a Service. Which one holds follows istiod: of the
 * proxy's namespace, else of the Service's, else of the root namespace, and of each the most specific host.
 * @see https://github.com/istio/istio/blob/master/pilot/pkg/model/push_context.go (destinationRule)
 * @see https://github.com/istio/istio/blob/master/pilot/pkg/model/destination_rule.go (mergeDestinationRule)
 */
import { isDeepStrictEqual } from "node:util";
import { getOrMake, remembered } from "../../mesh/maps";
import { sortedSet } from "../../mesh/stableOrder";
import { serviceHost, includesHost } from "../../mesh/dns";
import { kinds } from "../../mesh/kinds";
import { compare } from "../../mesh/stableOrder";
import { type ServicePlace } from "./collector";
import { type MeshConfig } from "./meshConfig";
import { type KubeObject, namespaceOf, type ObjectIndex } from "./objects";
import { clusterDomain, type ProxyPlace } from "./proxies";
import { at, isRecord, type Json, number, record, records, text, textMap, texts } from "./reading";
import { type TracingModel } from "./tracingModel";

/** Where something is said of TLS. */
export interface Said {
  rule: KubeObject;
  /** Where in it: `spec.trafficPolicy.tls`. */
  path: string;
}

const tlsModes = ["SIMPLE", "MUTUAL", "ISTIO_MUTUAL"] as const;

/** TLS that is asked for explicitly: without the fallback to plaintext that Istio's own choice has. */
export interface ExplicitTls extends Said {
  mode: (typeof tlsModes)[number];
}

/** A host outside the cluster, and the namespace of its ServiceEntry. */
export interface HostPlace {
  namespace: string;
  host: string;
}

interface Entry {
  rule: KubeObject;
  namespace: string;
  /** Fully qualified, or with a `*` in front. */
  host: string;
  /** Labels of the proxies it is for; undefined for all. */
  selector: Readonly<Record<string, string>> | undefined;
  /** Empty where nothing is said. */
  exportTo: ReadonlySet<string>;
}

/** Rules of one host that istiod makes one of. */
interface Merged extends Entry {
  policy: Json | undefined;
  /** The rule whose trafficPolicy it is. */
  policyOf: KubeObject;
}

type Bucket = Map<string, Merged[]>;

const newBucket = (): Bucket => new Map<string, Merged[]>();

export class DestinationRules {
  /** Those that proxies of their own namespace use, and those that are exported from it. */
  private readonly local = new Map<string, Bucket>();
  private readonly exported = new Map<string, Bucket>();
  private readonly rootPrivate = newBucket();
  readonly isEmpty: boolean;

  /** @param domain of the cluster, which short hosts get */
  constructor(
    index: ObjectIndex,
    private readonly mesh: MeshConfig,
    readonly domain: string,
  ) {
    const entries = index.of(kinds.destinationRule).map((rule) => entryOf(rule, domain));
    this.isEmpty = entries.length === 0;
    const privateByDefault = texts(mesh.values["defaultDestinationRuleExportTo"]).includes(".");
    for (const entry of entries.sort(inIstiodsOrder)) {
      const { namespace, exportTo } = entry;
      const isForOwn = exportTo.size === 0 || ["*", ".", namespace].some((place) => exportTo.has(place));
      if (isForOwn) addTo(getOrMake(this.local, namespace, newBucket), entry);
      const isPrivate =
        exportTo.size === 0
          ? privateByDefault
          : exportTo.size === 1 && (exportTo.has(".") || exportTo.has(namespace));
      if (!isPrivate) addTo(getOrMake(this.exported, namespace, newBucket), entry);
      else if (namespace === mesh.rootNamespace) addTo(this.rootPrivate, entry);
    }
  }

  /**
   * The TLS that a proxy is told to speak to a port of a Service; undefined where it is left to Istio, or off.
   */
  tlsOf(proxy: ProxyPlace, place: ServicePlace | HostPlace, port: number): ExplicitTls | undefined {
    const said = this.saidOf(proxy, place, port);
    const mode = tlsModes.find((one) => one === said?.mode);
    return said && mode && { mode, rule: said.rule, path: said.path };
  }

  /** What tells a proxy to speak none. */
  plainOf(proxy: ProxyPlace, place: ServicePlace, port: number): Said | undefined {
    const said = this.saidOf(proxy, place, port);
    return said?.mode === "DISABLE" ? said : undefined;
  }

  private saidOf(
    proxy: ProxyPlace,
    place: ServicePlace | HostPlace,
    port: number,
  ): (Said & { mode: string | undefined }) | undefined {
    const { namespace } = place;
    const host = "host" in place ? place.host : serviceHost(place.name, namespace, this.domain);
    const chosen = this.chosen(proxy, namespace, host);
    if (chosen?.policy === undefined) return undefined;
    const { policy, policyOf } = chosen;
    // What is said of a port replaces all that is said of the host.
    const perPort = records(policy["portLevelSettings"]);
    const position = perPort.findIndex((entry) => number(at(entry, "port", "number")) === port);
    const ofPort = perPort[position];
    const tls = record((ofPort ?? policy)["tls"]);
    const mode = text(tls["mode"]);
    if ((mode === "SIMPLE" || mode === "MUTUAL") && isLeftOut(tls, proxy, chosen)) return undefined;
    const where = ofPort === undefined ? "" : `.portLevelSettings[${position}]`;
    return { mode, rule: policyOf, path: `spec.trafficPolicy${where}.tls` };
  }

  private chosen(proxy: ProxyPlace, namespace: string, host: string): Merged | undefined {
    const root = this.mesh.rootNamespace;
    const own = proxy.namespace === root ? this.rootPrivate : this.local.get(proxy.namespace);
    const found =
      mostSpecific(own, host) ??
      visibleTo(proxy, mostSpecific(this.exported.get(namespace), host)) ??
      visibleTo(proxy, mostSpecific(this.exported.get(root), host));
    if (found === undefined) return undefined;
    const selected = found.find(
      ({ selector }) =>
        selector !== undefined &&
        Object.entries(selector).every(([key, value]) => proxy.labels[key] === value),
    );
    return selected ?? found.filter(({ selector }) => selector === undefined).at(-1);
  }
}

/** TLS of some ports alone, as a `trafficPolicy` says it: other ports may need what is said of all. */
export function tlsOfPorts(numbers: Iterable<number>, mode: string | undefined) {
  const ports = sortedSet(Array.from(numbers, String)).map(Number);
  return { portLevelSettings: ports.map((number) => ({ port: { number }, tls: { mode } })) };
}

/** Those of the input, read once. */
export const destinationRulesOf = remembered(
  (model: TracingModel) => new DestinationRules(model.index, model.mesh, clusterDomain(model)),
);

function entryOf(rule: KubeObject, domain: string): Entry {
  const { spec } = rule;
  const namespace = namespaceOf(rule);
  const host = text(at(spec, "host")) ?? "";
  const isSelective = isRecord(at(spec, "workloadSelector"));
  return {
    rule,
    namespace,
    // Only a name without dots is completed.
    host: /[.*]/.test(host) ? host : `${host}.${namespace}.svc.${domain}`,
    selector: isSelective ? textMap(at(spec, "workloadSelector", "matchLabels")) : undefined,
    exportTo: new Set(isSelective ? ["."] : texts(at(spec, "exportTo"))),
  };
}

/** The oldest first. */
function inIstiodsOrder(a: Entry, b: Entry): number {
  const age = ({ rule }: Entry): string => text(rule.metadata["creationTimestamp"]) ?? "";
  return (
    compare(age(a), age(b)) ||
    compare(a.rule.metadata.name, b.rule.metadata.name) ||
    compare(a.namespace, b.namespace)
  );
}

/** Of several rules of one host and audience, the first trafficPolicy holds. */
function addTo(bucket: Bucket, entry: Entry): void {
  const policy = at(entry.rule["spec"], "trafficPolicy");
  const merged: Merged = {
    ...entry,
    policy: isRecord(policy) ? policy : undefined,
    policyOf: entry.rule,
  };
  const known = getOrMake(bucket, entry.host, (): Merged[] => []);
  let isApart = true;
  for (const one of known) {
    const isSeenBefore = [...one.exportTo].every((place) => entry.exportTo.has(place));
    const isNarrower = one.exportTo.size > 0 || entry.exportTo.size === 0;
    isApart = !(isSeenBefore && isNarrower && isDeepStrictEqual(one.selector, entry.selector));
    if (isApart || one.policy !== undefined) continue;
    one.policy = merged.policy;
    one.policyOf = merged.policyOf;
  }
  if (isApart) known.push(merged);
}

/** The exact host's, else those of the longest wildcard. */
function mostSpecific(bucket: Bucket | undefined, host: string): readonly Merged[] | undefined {
  if (bucket === undefined) return undefined;
  const exact = bucket.get(host);
  if (exact !== undefined) return exact;
  const [longest] = [...bucket]
    .filter(([pattern]) => includesHost(pattern, host))
    .sort(([a], [b]) => b.length - a.length);
  return longest?.[1];
}

function visibleTo(proxy: ProxyPlace, rules: readonly Merged[] | undefined): readonly Merged[] | undefined {
  const visible = rules?.filter(
    ({ exportTo }) => exportTo.size === 0 || exportTo.has("*") || exportTo.has(proxy.namespace),
  );
  return visible === undefined || visible.length === 0 ? undefined : visible;
}

/** A certificate from a Secret is only given to gateways, and to the sidecars that a rule selects. */
function isLeftOut(tls: Json, { isGateway }: ProxyPlace, { selector }: Entry): boolean {
  const credential = text(tls["credentialName"]) ?? "";
  return credential !== "" && !credential.startsWith("configmap://") && !isGateway && selector === undefined;
}
