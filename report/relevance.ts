/** Which objects decide about traces: what a change does to others is not this report's business. */
import { ownerLabels } from "../mesh/labels";
import { meshConfigKey } from "../mesh/meshConfig";
import { collectorWorkloads } from "../policy/model/collectorService";
import { helmChartKind } from "../policy/model/charts";
import { groupOf, groups, type KubeObject, namespaceOf } from "../policy/model/objects";
import { otlpExportOf } from "../policy/model/otlp";
import { at, record } from "../policy/model/reading";
import { type TracingModel } from "../policy/model/tracingModel";
import { workloadOf } from "../policy/model/workloads";
import { type ObjectChange } from "./objects";

/** Groups all of whose kinds are about the mesh, its policies or its telemetry. */
const whole =
  /(^|\.)(istio\.io|cilium\.io|projectcalico\.org|antrea\.io|policy\.networking\.k8s\.io|opentelemetry\.io|jaegertracing\.io|sailoperator\.io)$/;

/** Kinds of Kubernetes itself that decide who may talk to whom, or where names lead. */
const kinds: ReadonlySet<string> = new Set([
  `${groups.ingress}/NetworkPolicy`,
  "/Namespace",
  `${groups.gatewayApi}/Gateway`,
]);

const templated: ReadonlySet<string> = new Set([
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "ReplicaSet",
  "ReplicationController",
  "Job",
  "CronJob",
  "Rollout",
  "Pod",
]);

/** Fields of a workload that the mesh or an SDK reads. */
const read = /(^|\.)(labels|annotations|ports|hostNetwork|envFrom)\b|\benv(\[OTEL_|$| |\[\d)|istio-proxy/;

/** Objects of either side that other objects make part of the trace path. */
export class Relevance {
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
      for (const { object } of collectorWorkloads(model)) this.objects.add(keyOf(object));
      for (const { workload } of traced) {
        this.objects.add(keyOf(workload.object));
        for (const environment of model.environmentsOf(workload)) {
          for (const { source } of environment.variables.values()) this.objects.add(keyOf(source));
          const place = otlpExportOf(environment, workload.namespace, index)?.place;
          if (place !== undefined) this.add(place);
        }
      }
      for (const { chart, object } of charts) {
        if (/^(jaeger|istiod|istio|base|gateway|cni|ztunnel)$/.test(chart)) this.objects.add(keyOf(object));
      }
    }
  }

  /** Whether a change may matter to traces. */
  concerns({ before, after, fields }: ObjectChange): boolean {
    if (this.isStack) return true;
    return [before, after].some((object) => object !== undefined && this.decides(object, fields));
  }

  private decides(object: KubeObject, fields: ObjectChange["fields"]): boolean {
    const group = groupOf(object);
    const { kind, metadata } = object;
    if (at(metadata, "labels", ownerLabels.stack) !== undefined) return true;
    if (
      whole.test(group) ||
      kinds.has(`${group}/${kind}`) ||
      group === helmChartKind.apiVersion.split("/")[0]
    )
      return true;
    if (kind === "Service" || kind === "Endpoints" || kind === "EndpointSlice") return this.has(object);
    if (kind === "ConfigMap") {
      const keys = Object.keys(record(object["data"]));
      return (
        keys.some((key) => key === meshConfigKey || key.startsWith("OTEL_")) ||
        this.objects.has(keyOf(object))
      );
    }
    if (!templated.has(kind)) return this.objects.has(keyOf(object));
    if (/jaeger|istiod|istio-/.test(metadata.name) || at(metadata, "labels", "app") === "istiod") return true;
    // Of an application only what the mesh reads of it; all of it, if it comes or goes.
    const matters = fields.length === 0 || fields.some(({ path }) => read.test(path));
    return (
      matters &&
      (this.objects.has(keyOf(object)) || workloadOf(object).labels["sidecar.istio.io/inject"] !== undefined)
    );
  }

  private add({ namespace, name }: { namespace: string; name: string }): void {
    this.places.add(`${namespace}/${name}`);
  }

  private has(object: KubeObject): boolean {
    const { name, labels } = object.metadata;
    const slice = at(labels, "kubernetes.io/service-name");
    return this.places.has(`${namespaceOf(object)}/${typeof slice === "string" ? slice : name}`);
  }
}

/** By name: the model has its own version of an object that others patch. */
function keyOf(object: KubeObject): string {
  return `${groupOf(object)}/${object.kind} ${namespaceOf(object)}/${object.metadata.name}`;
}
