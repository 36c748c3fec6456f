/** What senders call themselves in traces. */
import { appLabels } from "../../mesh/labels";
import { describeWorkload } from "../../policy/model/workloads";
import { at, text } from "../../policy/model/reading";
import { type Traced } from "../../policy/model/traced";
import { type TracingModel } from "../../policy/model/tracingModel";

export interface SenderNames {
  /** `Deployment shop/cart`. */
  workload: string;
  namespace: string;
  /** Names that its proxy may have; none if it has no proxy. */
  proxy: string[];
  /** Names that its applications may have; none if none exports traces. */
  sdk: string[];
}

/**
 * A proxy is called by its pods' label `app` or by the workload, with the namespace; by the canonical name where the
 * mesh's `tracingServiceName` asks for that.
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig-TracingServiceName
 */
export function namesOf(model: TracingModel, traced: Traced): SenderNames {
  const { workload, membership } = traced;
  const { labels, namespace, name } = workload;
  const canonical =
    labels["service.istio.io/canonical-name"] ?? labels[appLabels.name] ?? labels["app"] ?? name;
  const hasProxy = membership === "sidecar" || membership === "gateway";
  const named = text(at(model.mesh.values, "defaultConfig", "tracingServiceName"));
  const own =
    named === "CANONICAL_NAME_ONLY"
      ? [canonical]
      : [labels["app"], name, canonical].map((one) => one && `${one}.${namespace}`);
  return {
    workload: describeWorkload(workload),
    namespace,
    proxy: hasProxy ? [...new Set(own.filter((one) => one !== undefined))] : [],
    sdk: membership === "gateway" ? [] : sdkNames(model, traced),
  };
}

function sdkNames(model: TracingModel, { workload }: Traced): string[] {
  const names = model.environmentsOf(workload).flatMap(({ variables, injected }) => {
    const attributes = variables.get("OTEL_RESOURCE_ATTRIBUTES")?.value ?? "";
    const given =
      variables.get("OTEL_SERVICE_NAME")?.value ?? /(?:^|,)service\.name=([^,]+)/.exec(attributes)?.[1];
    // The operator names it after the workload.
    return given ?? (injected === undefined ? [] : [workload.name]);
  });
  return [...new Set(names)];
}
