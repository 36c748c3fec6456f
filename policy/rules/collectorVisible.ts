import { kinds } from "../../mesh/kinds";
import { type Collector } from "../model/collector";
import { namespaceNameLabel } from "../../mesh/labels";
import { matchesSelector } from "../model/labelSelector";
import { type KubeObject, namespaceOf } from "../model/objects";
import { at, type Json, number, records, text, textMap, texts } from "../model/reading";
import { type Traced } from "../model/traced";
import { type TracingModel } from "../model/tracingModel";
import { defineRule, nameOf, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";

/** A proxy that cannot see the collector rejects the configuration that names it. */
export const collectorVisible = defineRule({
  name: "collector-visible",
  description: "No Sidecar, exportTo or discovery selector hides the collector from a traced proxy.",
  level: "error",
  severity: "critical",
  tags: ["istio", "sidecar"],
  url: "https://istio.io/latest/docs/reference/config/networking/sidecar/",
  remediationSteps: "Add the collector's host to the egress hosts of the Sidecar.",
  page: {
    why: `A proxy only knows the Services that its Sidecar resource lists, that are exported to its namespace
      and that istiod discovers. If the collector is not among them, the proxy has a tracer but nowhere to
      send spans, and it may reject the listeners that use it.`,
    symptom: `Proxies in some namespaces, often those of one team, send no spans. \`pilot-agent request GET
      clusters\` there has no line for the collector.`,
    exceptions: `A Service that is exported to individual namespaces is intentional and not reported. If the labels of
      the collector's namespace are not in the input, its match with a discovery selector is unknown, which
      is a warning: add the Namespace to the input.`,
    sources: ["https://istio.io/latest/docs/ops/configuration/mesh/configuration-scoping/"],
  },
  *find(model) {
    const { collector } = model;
    if (collector?.place === undefined) return;
    yield* hiddenBySidecars(model, collector, collector.place.namespace);
    yield* hiddenByExport(collector, collector.place.namespace);
    yield* hiddenByDiscovery(model, collector.place.namespace);
  },
});

/** One problem a Sidecar that applies to some traced proxy. */
function* hiddenBySidecars(model: TracingModel, collector: Collector, namespace: string): Iterable<Problem> {
  const sidecars = model.index.of(kinds.sidecar);
  if (sidecars.length === 0) return;
  const choose = chooser(sidecars, model.mesh.rootNamespace);
  const used = new Set<KubeObject>();
  for (const traced of model.traced) {
    if (traced.membership !== "sidecar") continue;
    const sidecar = choose(traced);
    if (sidecar !== undefined) used.add(sidecar);
  }
  for (const sidecar of used) {
    const egress = records(at(sidecar["spec"], "egress"));
    const own = namespaceOf(sidecar);
    // Without a list of its own a Sidecar lets everything be seen.
    if (egress.length === 0 || egress.some((entry) => shows(entry, own, collector, namespace))) continue;
    yield {
      object: sidecar,
      says: `hides the collector ${collector.host} from the proxies it configures: no entry of spec.egress has its host; add it`,
      fix: snippet(`add to spec.egress of ${nameOf(sidecar)}`, [
        { hosts: [`${namespace}/${collector.host}`] },
      ]),
    };
  }
}

/** The Sidecar of a proxy: one that selects it, else its namespace's, else the mesh's. */
function chooser(sidecars: readonly KubeObject[], root: string) {
  const byNamespace = new Map<string, KubeObject[]>();
  for (const sidecar of sidecars) {
    const list = byNamespace.get(namespaceOf(sidecar));
    if (list === undefined) byNamespace.set(namespaceOf(sidecar), [sidecar]);
    else list.push(sidecar);
  }
  const selectorOf = (sidecar: KubeObject) =>
    Object.entries(textMap(at(sidecar["spec"], "workloadSelector", "labels")));
  return ({ workload: { namespace, labels } }: Traced): KubeObject | undefined => {
    const own = byNamespace.get(namespace) ?? [];
    return (
      own.find((sidecar) => {
        const selector = selectorOf(sidecar);
        return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
      }) ??
      own.find((sidecar) => selectorOf(sidecar).length === 0) ??
      byNamespace.get(root)?.find((sidecar) => selectorOf(sidecar).length === 0)
    );
  };
}

function shows(entry: Json, own: string, { host, port }: Collector, namespace: string): boolean {
  const onlyPort = number(at(entry["port"], "number"));
  if (onlyPort !== undefined && onlyPort !== port) return false;
  return texts(entry["hosts"]).some((pattern) => {
    const slash = pattern.indexOf("/");
    const place = slash === -1 ? "*" : pattern.slice(0, slash);
    const name = pattern.slice(slash + 1);
    const isPlace = place === "*" || (place === "." ? own : place) === namespace;
    return (
      isPlace && (name === "*" || name === host || (name.startsWith("*.") && host.endsWith(name.slice(1))))
    );
  });
}

function* hiddenByExport({ service }: Collector, namespace: string): Iterable<Problem> {
  const exportTo = text(at(service?.metadata, "annotations", "networking.istio.io/exportTo"));
  if (service === undefined || exportTo === undefined) return;
  const places = exportTo.split(",").map((place) => place.trim());
  // To name namespaces one by one is a choice; to name none but the own one or nobody is a mistake.
  if (!places.every((place) => place === "." || place === "~" || place === namespace)) return;
  yield {
    object: service,
    says: `is exported to ${exportTo === "~" ? "no namespace" : "only its own namespace"}; export it to the namespaces of traced proxies`,
    fix: snippet("in metadata.annotations", { "networking.istio.io/exportTo": "*" }),
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
      says: `limits discovery by discoverySelectors, and the labels of the collector's namespace ${namespace} are not in the input, so it is unknown whether istiod discovers it`,
      fix: "",
      level: "warning",
    };
    return;
  }
  const all = { ...labels, [namespaceNameLabel]: namespace };
  if (selectors.some((selector) => matchesSelector(selector, all))) return;
  yield {
    object,
    says: `hides the collector from every proxy: no entry of discoverySelectors selects its namespace ${namespace}; add one`,
    fix: snippet("add to discoverySelectors of the mesh config", [
      { matchLabels: { [namespaceNameLabel]: namespace } },
    ]),
  };
}
