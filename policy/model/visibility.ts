/**
 * Which Services a proxy is told of: by the Sidecar that configures it, and by whom the Service is exported to.
 * @see https://github.com/istio/istio/blob/master/pilot/pkg/model/sidecar.go
 */
import { groupBy } from "../../mesh/maps";
import { includesHost } from "../../mesh/dns";
import { kinds } from "../../mesh/kinds";
import { type ServicePlace } from "./collector";
import { type MeshConfig } from "./meshConfig";
import { type KubeObject, namespaceOf, type ObjectIndex } from "./objects";
import { at, type Json, number, records, text, textMap, texts } from "./reading";
import { type Workload } from "./workloads";

/** The Sidecars of the input, and which of them configures a proxy. */
export class Sidecars {
  private readonly byNamespace: ReadonlyMap<string, readonly KubeObject[]>;

  constructor(
    index: ObjectIndex,
    private readonly rootNamespace: string,
  ) {
    this.byNamespace = groupBy(index.of(kinds.sidecar), namespaceOf);
  }

  /** One that selects the pod, else its namespace's, else the mesh's. */
  of({ namespace, labels }: Workload): KubeObject | undefined {
    const own = this.byNamespace.get(namespace) ?? [];
    return (
      own.find((sidecar) => {
        const selector = selectorOf(sidecar);
        return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
      }) ??
      own.find((sidecar) => selectorOf(sidecar).length === 0) ??
      this.byNamespace.get(this.rootNamespace)?.find((sidecar) => selectorOf(sidecar).length === 0)
    );
  }
}

function selectorOf(sidecar: KubeObject): [string, string][] {
  return Object.entries(textMap(at(sidecar["spec"], "workloadSelector", "labels")));
}

/**
 * Whether a Sidecar shows a Service to the proxies of a namespace; without a list of its own it shows everything.
 * @param from namespace of the proxy: a Sidecar of the root namespace means it by `./*`, and not its own
 */
export function sidecarShows(
  sidecar: KubeObject,
  from: string,
  { host, namespace, port }: { host: string; namespace: string; port: number | undefined },
): boolean {
  const egress = records(at(sidecar["spec"], "egress"));
  return egress.length === 0 || egress.some((entry) => entryShows(entry, from, host, namespace, port));
}

function entryShows(
  entry: Json,
  from: string,
  host: string,
  namespace: string,
  port: number | undefined,
): boolean {
  const onlyPort = number(at(entry["port"], "number"));
  if (onlyPort !== undefined && onlyPort !== port) return false;
  return texts(entry["hosts"]).some((pattern) => {
    const slash = pattern.indexOf("/");
    const place = slash === -1 ? "*" : pattern.slice(0, slash);
    const name = pattern.slice(slash + 1);
    const isPlace = place === "*" || (place === "." ? from : place) === namespace;
    return isPlace && includesHost(name, host);
  });
}

/** Annotation of a Service with the namespaces whose proxies are told of it. */
export const exportToAnnotation = "networking.istio.io/exportTo";

export interface Export {
  /** As written: `.`, `*`, `~`, namespaces. */
  places: readonly string[];
  /** The object that says so. */
  from: KubeObject;
}

/** Whom a Service is exported to; undefined for everybody. */
export function exportOf(service: KubeObject | undefined, mesh: MeshConfig): Export | undefined {
  const written = text(at(service?.metadata, "annotations", exportToAnnotation));
  if (service !== undefined && written !== undefined) {
    return narrowed({ places: written.split(",").map((place) => place.trim()), from: service });
  }
  const from = mesh.sources.at(-1);
  const places = texts(mesh.values["defaultServiceExportTo"]);
  return from === undefined || places.length === 0 ? undefined : narrowed({ places, from });
}

function narrowed(one: Export): Export | undefined {
  return one.places.includes("*") ? undefined : one;
}

/** Whether proxies of a namespace are told of a Service; `~` is nobody, whatever else is written. */
export function isExportedTo({ places }: Export, { namespace }: ServicePlace, from: string): boolean {
  if (places.includes("~")) return false;
  return (
    places.includes(from) || (from === namespace && (places.includes(".") || places.includes(namespace)))
  );
}
