import { serviceHost } from "../../mesh/dns";
import { kinds, typeMeta } from "../../mesh/kinds";
import { namespaceNameLabel } from "../../mesh/labels";
import { getOrMake } from "../../mesh/maps";
import { sortedSet } from "../../mesh/stableOrder";
import { type Collector, type ServicePlace } from "../model/collector";
import { matchesSelector } from "../model/labelSelector";
import { type KubeObject } from "../model/objects";
import { clusterDomain, isIntercepted } from "../model/proxies";
import { at, records, text } from "../model/reading";
import { entriesFor, hasPort } from "../model/serviceEntries";
import { collectorsOf } from "../model/senderTracing";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { describeWorkload, type Workload } from "../model/workloads";
import { exportOf, exportToAnnotation, isExportedTo, Sidecars, sidecarShows } from "../model/visibility";
import { sentOf } from "../paths/sent";
import { mostNames } from "../paths/senders";
import { SpanTargets } from "../paths/spanTargets";
import { defineRule, nameOf, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** A proxy that is not told of the collector rejects the configuration that names it. */
export const collectorVisible = defineRule({
  name: "collector-visible",
  description: "No Sidecar, exportTo or discovery selector hides the collector from a traced proxy.",
  level: "error",
  severity: "critical",
  tags: ["istio", "sidecar"],
  url: "https://istio.io/latest/docs/reference/config/networking/sidecar/",
  remediationSteps:
    "Add the collector's host to the egress hosts of the Sidecar, or export the Service to the proxies.",
  page: {
    why: `A proxy knows only the Services that its Sidecar resource lets it see, that are exported to its
      namespace and that istiod discovers. istiod looks the provider's host up without asking whether the proxy sees
      it, so the proxy gets a tracer and no cluster for it. Envoy rejects listeners whose Zipkin tracer has no
      cluster: new pods never become ready, and running ones keep their old configuration. Applications still reach
      a hidden Service, unless the mesh allows only what it knows (\`REGISTRY_ONLY\`).`,
    symptom: `Some namespaces, often those of one team, send no spans of proxies. \`pilot-agent request GET
      clusters\` there has no line for the collector, \`listener_manager.lds.update_rejected\` rises, and new pods
      stay unready.`,
    exceptions: `If the labels of the collector's namespace are not in the input, the finding about discovery selectors
      is a warning: add the Namespace to the input. A host outside the cluster that no ServiceEntry in the input
      defines is also a warning, because one may be elsewhere.`,
    sources: [
      "https://istio.io/latest/docs/ops/configuration/mesh/configuration-scoping/",
      "https://istio.io/latest/docs/tasks/traffic-management/egress/egress-control/",
    ],
  },
  *find(model) {
    const sidecars = new Sidecars(model.index, model.mesh.rootNamespace);
    for (const collector of model.collectors) {
      if (collector.place === undefined) continue;
      const proxies = model.senders.filter((sender) => collectorsOf(model, sender).includes(collector));
      yield* hiddenBySidecars(sidecars, collector, collector.place.namespace, proxies);
      yield* hiddenByExport(model, collector, collector.place, proxies);
      yield* hiddenByDiscovery(model, collector.place.namespace);
    }
    yield* unknownToRegistry(model, sidecars);
  },
});

/** What a proxy does that has a tracer and no cluster for it. */
function consequence({ protocol }: Collector): string {
  return protocol === "zipkin"
    ? "Envoy rejects listeners whose tracer has no cluster, so new pods never become ready, and running " +
        "ones keep their old configuration"
    : "these spans are lost";
}

function placesOf(proxies: readonly Traced[]): string {
  const names = sortedSet(proxies.map(({ workload }) => workload.namespace));
  return `${names.length === 1 ? "namespace" : "namespaces"} ${enumerate(names, mostNames)}`;
}

/** Where only labels that are not in the input say that there are proxies. */
function levelOf(proxies: readonly Traced[]): Pick<Problem, "level"> {
  return proxies.every(({ isAssumed }) => isAssumed === true) ? { level: "warning" } : {};
}

/** One problem a Sidecar that applies to some traced proxy. */
function* hiddenBySidecars(
  sidecars: Sidecars,
  { host, port, ...collector }: Collector,
  namespace: string,
  proxies: readonly Traced[],
): Iterable<Problem> {
  const hidden = new Map<KubeObject, Traced[]>();
  for (const proxy of proxies) {
    const sidecar = proxy.membership === "sidecar" ? sidecars.of(proxy.workload) : undefined;
    if (sidecar === undefined || sidecarShows(sidecar, proxy.workload.namespace, { host, namespace, port }))
      continue;
    getOrMake(hidden, sidecar, () => []).push(proxy);
  }
  for (const [sidecar, them] of hidden) {
    yield {
      object: sidecar,
      says:
        `hides the collector ${host} from the proxies of ${placesOf(them)}: no entry of spec.egress shows it` +
        `${port === undefined ? "" : ` on port ${port}`}. ${capital(consequence({ host, port, ...collector }))}`,
      fix: snippet(`add to spec.egress of ${nameOf(sidecar)}`, [{ hosts: [`${namespace}/${host}`] }]),
      ...levelOf(them),
    };
  }
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function* hiddenByExport(
  { mesh }: TracingModel,
  collector: Collector,
  place: ServicePlace,
  proxies: readonly Traced[],
): Iterable<Problem> {
  const { service } = collector;
  const exported = exportOf(service, mesh);
  if (exported === undefined) return;
  const hidden = proxies.filter(({ workload }) => !isExportedTo(exported, place, workload.namespace));
  if (hidden.length === 0) return;
  const { from, places } = exported;
  const isOwnOnly = places.every((one) => one === "." || one === place.namespace);
  const whom = places.includes("~")
    ? "nobody"
    : isOwnOnly
      ? "its own namespace only"
      : `${enumerate(places)} only`;
  const name = `Service ${place.namespace}/${place.name}`;
  const isDefault = from !== service;
  const missing = sortedSet(hidden.map(({ workload }) => workload.namespace));
  const wanted = isOwnOnly || places.includes("~") ? "*" : [...places, ...missing].join(",");
  yield {
    object: from,
    says:
      (isDefault
        ? `exports Services to ${isOwnOnly ? "their own namespaces only" : whom} (defaultServiceExportTo: ${places.join(", ")}), so that ${name}`
        : `is exported to ${whom} (${exportToAnnotation}: ${places.join(",")}), so that it`) +
      ` is hidden from the proxies of ${placesOf(hidden)}, which send their spans there. ${capital(consequence(collector))}`,
    fix: snippet(`in metadata.annotations${isDefault ? ` of ${name}` : ""}`, {
      [exportToAnnotation]: wanted,
    }),
    ...levelOf(hidden),
  };
}

/** istiod does not even know Services of namespaces that none of its discovery selectors selects. */
function* hiddenByDiscovery(model: TracingModel, namespace: string): Iterable<Problem> {
  const selectors = records(model.mesh.values["discoverySelectors"]);
  const object = model.mesh.sources.at(-1);
  const labels = model.namespaceLabels(namespace);
  if (selectors.length === 0 || object === undefined) return;
  if (labels === undefined) {
    yield {
      object,
      says: `limits discovery by discoverySelectors, and the labels of the collector's namespace ${namespace} are not in the input: whether istiod knows it is not known`,
      fix: "",
      level: "warning",
    };
    return;
  }
  const all = { ...labels, [namespaceNameLabel]: namespace };
  if (selectors.some((selector) => matchesSelector(selector, all))) return;
  yield {
    object,
    says:
      `hides the collector from every proxy: no entry of discoverySelectors selects its namespace ${namespace}. istiod ` +
      "does not know it, and configures no tracer",
    fix: snippet("add to discoverySelectors of the mesh config", [
      { matchLabels: { [namespaceNameLabel]: namespace } },
    ]),
  };
}

/** Spans of applications to what their sidecar is not told of, where it lets through only what it knows. */
function* unknownToRegistry(model: TracingModel, sidecars: Sidecars): Iterable<Problem> {
  const lost = new Map<string, { from: KubeObject; to: Hidden | Outside; senders: Set<string> }>();
  for (const to of unknownTo(model, sidecars)) {
    const from = registryOnly(model, sidecars.of(to.workload));
    if (from === undefined) continue;
    const key = `${nameOf(from)} ${to.host}:${to.port}`;
    const { senders } = getOrMake(lost, key, () => ({ from, to, senders: new Set<string>() }));
    senders.add(describeWorkload(to.workload));
  }
  for (const { from, to, senders } of lost.values()) {
    const them = enumerate(sortedSet([...senders]), mostNames);
    yield {
      object: from,
      says:
        "lets proxies reach only what they are told of (outboundTrafficPolicy REGISTRY_ONLY), and " +
        (to.place === undefined
          ? `no ServiceEntry in the input has ${to.host}, port ${to.port}, where ${them} ${senders.size === 1 ? "sends" : "send"} spans: they are lost unless one is elsewhere`
          : `Service ${to.place.namespace}/${to.place.name}, port ${to.port}, is hidden from ${them}: the spans of these applications are lost`),
      ...(to.place === undefined
        ? { fix: entryFix(model, to), level: "warning" }
        : {
            fix: snippet("show it in spec.egress of their Sidecar", [
              { hosts: [`${to.place.namespace}/${to.host}`] },
            ]),
          }),
    };
  }
}

interface Hidden {
  workload: Workload;
  host: string;
  port: number;
  place: ServicePlace;
}

interface Outside extends Omit<Hidden, "place"> {
  place?: undefined;
  /** What a ServiceEntry calls what is sent. */
  protocol: "TLS" | "GRPC" | "HTTP";
}

/** Where applications send spans through a sidecar that is not told of it. */
function* unknownTo(model: TracingModel, sidecars: Sidecars): Iterable<Hidden | Outside> {
  for (const { workload, proxy, what, place, port, isAssumed } of sentOf(model)) {
    if (proxy === undefined || what !== "spans of applications" || isAssumed) continue;
    const sidecar = sidecars.of(workload);
    const host = serviceHost(place.name, place.namespace, clusterDomain(model));
    const exported = exportOf(model.index.get(kinds.service, place.namespace, place.name), model.mesh);
    const isShown =
      (sidecar === undefined ||
        sidecarShows(sidecar, workload.namespace, { host, namespace: place.namespace, port })) &&
      (exported === undefined || isExportedTo(exported, place, workload.namespace));
    if (!isShown) yield { workload, place, host, port };
  }
  const isKnown = (host: string, port: number): boolean =>
    entriesFor(model, host).some((entry) => hasPort(entry, port));
  const targets = new SpanTargets(model);
  for (const traced of model.traced) {
    if (traced.membership !== "sidecar") continue;
    for (const { place, isOfProxies, isEncrypted, protocol, receiver, port } of targets.of(traced)) {
      if (place !== undefined || isOfProxies || port === undefined) continue;
      const isName = /^[-.a-z0-9]+\.[a-z]+$/i.test(receiver);
      if (!isName || isKnown(receiver, port) || !isIntercepted(traced.workload, port)) continue;
      const spoken = isEncrypted === true ? "TLS" : protocol === "otlp-grpc" ? "GRPC" : "HTTP";
      yield { workload: traced.workload, host: receiver, port, protocol: spoken };
    }
  }
}

/** A second ServiceEntry of a host would be in the way of the first. */
function entryFix(model: TracingModel, { host, port, protocol, workload }: Outside): string {
  const ports = [{ name: `${protocol.toLowerCase()}-otlp`, number: port, protocol }];
  const [known] = entriesFor(model, host);
  if (known !== undefined) return snippet(`add to spec.ports of ${nameOf(known)}`, ports);
  return snippet("add", {
    ...typeMeta(kinds.serviceEntry),
    metadata: { name: host.replaceAll(".", "-"), namespace: workload.namespace },
    spec: { hosts: [host], location: "MESH_EXTERNAL", resolution: "DNS", ports },
  });
}

/** The object that limits a sidecar to what it is told of; undefined if none does. */
function registryOnly({ mesh }: TracingModel, sidecar: KubeObject | undefined): KubeObject | undefined {
  const own = text(at(sidecar?.["spec"], "outboundTrafficPolicy", "mode"));
  if (own !== undefined) return own === "REGISTRY_ONLY" ? sidecar : undefined;
  return at(mesh.values, "outboundTrafficPolicy", "mode") === "REGISTRY_ONLY"
    ? mesh.sources.at(-1)
    : undefined;
}
