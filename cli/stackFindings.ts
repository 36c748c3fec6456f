/** What the rules say of a rendered stack: the same that they say of its files. */
import { helmChart } from "../audit/chartValues";
import { type StackConfig } from "../config";
import { meshConfigKey } from "../constants";
import { type Rendered } from "../engine/manifests";
import { type RenderedStack } from "../engine/render";
import { checkAll } from "../policy/check";
import { type Finding } from "../policy/finding";
import { type Options } from "../policy/options";
import { filesOf } from "../engine/output";

export function findingsOf({ rendered, config, outputs }: RenderedStack): Finding[] {
  const files = new Map<unknown, string>();
  const objects = filesOf(rendered).map(({ path, rendered: item }) => {
    const object = objectOf(item);
    files.set(object, path);
    return object;
  });
  const handedOut = rendered.some(hasMeshConfig) ? [] : meshConfigForIstiod(outputs, config);
  return checkAll([...objects, ...handedOut], {
    ...stackOptions(config),
    fileOf: (object) => files.get(object),
  });
}

function objectOf(item: Rendered): unknown {
  if (item.type === "manifest") return item.manifest;
  const { release, namespace, reference, values } = item.chart;
  return helmChart(release, namespace, reference, values);
}

function hasMeshConfig(item: Rendered): boolean {
  if (item.type === "chart" || item.manifest.kind !== "ConfigMap") return false;
  return (item.manifest["data"] as Record<string, unknown> | undefined)?.[meshConfigKey] !== undefined;
}

/** Mesh config that istiod's owner is asked to install, as if they had done so. */
function meshConfigForIstiod(outputs: RenderedStack["outputs"], { istio }: StackConfig): unknown[] {
  const values = outputs["meshValues"];
  return values === undefined ? [] : [helmChart("istiod", istio.rootNamespace, ["istiod"], values)];
}

/** What the objects of a stack do not say by themselves. */
function stackOptions({ namespaces, gateways, istio, tracing, egress }: StackConfig): Options {
  return {
    traced: Object.keys(namespaces),
    gateways: gateways.map(({ namespace }) => namespace),
    istioVersion: istio.version,
    rootNamespace: istio.rootNamespace,
    minSampling: tracing.sampling,
    otherPolicies: Object.entries(namespaces).flatMap(([name, { isolation }]) =>
      isolation === "existing" ? [name] : [],
    ),
    dns: { namespace: egress.dns.namespace, labels: egress.dns.podLabels, ports: egress.dns.ports },
  };
}
