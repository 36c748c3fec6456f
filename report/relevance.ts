/** Which objects decide about traces: what a change does to others is not this report's business. */
import { istiodLabels, meshLabels, ownerLabels, serviceNameLabel } from "../mesh/labels";
import { meshConfigKey } from "../mesh/meshConfig";
import { groupOf, isMeshGroup, type Kind, kindOf, kinds } from "../mesh/kinds";
import { collectorWorkloads } from "../policy/model/collectorService";
import { identityOf, type KubeObject, namespaceOf } from "../policy/model/objects";
import { otlpExportOf } from "../policy/model/otlp";
import { at, record } from "../policy/model/reading";
import { type TracingModel } from "../policy/model/tracingModel";
import { workloadOf } from "../policy/model/workloads";
import { type ObjectChange } from "./objects";

/** Kinds of no mesh that decide who may talk to whom, where names lead, or what is installed. */
const deciding: ReadonlySet<Kind | undefined> = new Set([
  kinds.networkPolicy,
  kinds.namespace,
  kinds.gateway,
  kinds.helmChart,
]);

/** Kinds that say where a Service leads. */
const leading: ReadonlySet<Kind | undefined> = new Set([kinds.service, kinds.endpoints, kinds.endpointSlice]);

/** Fields of a workload that the mesh or an SDK reads. */
const read = /(^|\.)(labels|annotations|ports|hostNetwork|envFrom)\b|\benv(\[OTEL_|$| |\[\d)|istio-proxy/;

/** Objects of either side that other objects make part of the trace path. */
export class Relevance {
  /** By name: the model has its own version of an object that others patch. */
  private readonly objects = new Set<string>();
  private readonly places = new Set<string>();

  /**
   * @param models of both sides, as far as they are known
   * @param isStack whether the objects are those of a stack of this project, which makes nothing else
   */
  constructor(
    models: readonly TracingModel[],
    private readonly isStack: boolean,
  ) {
    for (const model of models) {
      const { collector, traced, charts, index } = model;
      if (collector?.place !== undefined) this.add(collector.place);
      for (const { object } of collectorWorkloads(model)) this.objects.add(identityOf(object));
      for (const { workload } of traced) {
        this.objects.add(identityOf(workload.object));
        for (const environment of model.environmentsOf(workload)) {
          for (const { source } of environment.variables.values()) this.objects.add(identityOf(source));
          const place = otlpExportOf(environment, workload.namespace, index)?.place;
          if (place !== undefined) this.add(place);
        }
      }
      for (const { chart, object } of charts) {
        if (/^(jaeger|istiod|istio|base|gateway|cni|ztunnel)$/.test(chart))
          this.objects.add(identityOf(object));
      }
    }
  }

  /** Whether a change may matter to traces. */
  concerns({ before, after, fields }: ObjectChange): boolean {
    if (this.isStack) return true;
    return [before, after].some((object) => object !== undefined && this.decides(object, fields));
  }

  private decides(object: KubeObject, fields: ObjectChange["fields"]): boolean {
    const { apiVersion, metadata } = object;
    const kind = kindOf(apiVersion, object.kind);
    if (at(metadata, "labels", ownerLabels.stack) !== undefined) return true;
    if (isMeshGroup(groupOf(apiVersion)) || deciding.has(kind)) return true;
    if (leading.has(kind)) return this.has(object);
    if (kind === kinds.configMap) {
      const keys = Object.keys(record(object["data"]));
      return (
        keys.some((key) => key === meshConfigKey || key.startsWith("OTEL_")) ||
        this.objects.has(identityOf(object))
      );
    }
    if (kind?.template === undefined) return this.objects.has(identityOf(object));
    if (/jaeger|istiod|istio-/.test(metadata.name) || at(metadata, "labels", "app") === istiodLabels.app)
      return true;
    // Of an application only what the mesh reads of it; all of it, if it comes or goes.
    const matters = fields.length === 0 || fields.some(({ path }) => read.test(path));
    return (
      matters &&
      (this.objects.has(identityOf(object)) || workloadOf(object).labels[meshLabels.inject] !== undefined)
    );
  }

  private add({ namespace, name }: { namespace: string; name: string }): void {
    this.places.add(`${namespace}/${name}`);
  }

  private has(object: KubeObject): boolean {
    const { name, labels } = object.metadata;
    const slice = at(labels, serviceNameLabel);
    return this.places.has(`${namespaceOf(object)}/${typeof slice === "string" ? slice : name}`);
  }
}
