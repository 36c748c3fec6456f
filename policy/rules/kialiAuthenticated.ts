import { kinds } from "../../mesh/kinds";
import { placeOf } from "../model/collector";
import { exposuresOf } from "../model/exposure";
import { type Kiali, kialisOf } from "../model/kiali";
import { type KubeObject, namespaceOf } from "../model/objects";
import { at, text, textMap } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { defineRule } from "../rule";
import { snippet } from "../../findings/snippet";

/**
 * Without a question Kiali shows to whoever opens it every service, its traffic and its traces, with the rights of its
 * own account. Inside the cluster that is a choice many make, and Istio's sample too: a warning. From outside it is
 * an open door: an error.
 */
export const kialiAuthenticated = defineRule({
  name: "kiali-authenticated",
  description: "Kiali asks who comes; nobody reaches one that does not from outside.",
  level: "warning",
  severity: "high",
  tags: ["kiali", "security"],
  url: "https://kiali.io/docs/configuration/authentication/",
  remediationSteps: "Set auth.strategy of Kiali's configuration to token, openid, openshift or header.",
  page: {
    why: `Kiali shows every service of the mesh, its traffic and its traces, and acts with the rights of its own
      account. With the strategy \`anonymous\` it asks nobody who they are. Reached from outside that is an open
      door; inside the cluster it is open to every pod.`,
    symptom: `None, until somebody finds it: Kiali opens without a login.`,
    exceptions: `Where nothing of the input leads to Kiali from outside it is a warning, for a cluster of which every
      pod may know all about the mesh. A proxy that authenticates in front of Kiali is the strategy
      \`header\`. What authenticates and cannot be seen in the objects, such as a load balancer, is a reason
      to make the rule a warning for that stack.`,
    sources: ["https://kiali.io/docs/faq/authentication/"],
  },
  *find(model) {
    for (const kiali of kialisOf(model)) {
      if (at(kiali.config, "auth", "strategy") !== "anonymous") continue;
      const way = wayFromOutside(model, kiali);
      yield {
        object: kiali.object,
        says:
          (way === undefined
            ? "lets everybody who can open Kiali's port in the cluster see all of the mesh without asking who it is"
            : `lets everybody from outside see all of the mesh without asking who it is: ${way}`) +
          "; auth.strategy token, openid, openshift or header is required",
        fix: snippet(`in ${kiali.place}`, { auth: { strategy: "token" } }),
      };
    }
  },
});

/** What leads there from outside without asking; undefined if nothing of the input does. */
function wayFromOutside(model: TracingModel, kiali: Kiali): string | undefined {
  const services = servicesOf(model, kiali);
  for (const service of services) {
    const type = text(at(service["spec"], "type"));
    if (type === "LoadBalancer" || type === "NodePort") {
      return `Service ${namespaceOf(service)}/${service.metadata.name} is of type ${type}`;
    }
  }
  const type = text(at(kiali.config, "deployment", "service_type"));
  if (services.length === 0 && (type === "LoadBalancer" || type === "NodePort")) {
    return `its Service is of type ${type}`;
  }
  const isKiali = (namespace: string, name: string): boolean =>
    namespace === kiali.namespace &&
    (services.length === 0
      ? name === kiali.instance
      : services.some((service) => service.metadata.name === name));
  const open = exposuresOf(model, isKiali, (host, namespace) => placeOf(host, namespace)).find(
    ({ guard }) => guard !== "guarded",
  );
  if (open === undefined) return undefined;
  const { kind, metadata } = open.route;
  return `${kind} ${namespaceOf(open.route)}/${metadata.name} leads to it`;
}

function servicesOf({ index }: TracingModel, { namespace, workload }: Kiali): KubeObject[] {
  return index.of(kinds.service).filter((service) => {
    const selector = Object.entries(textMap(at(service["spec"], "selector")));
    return (
      namespaceOf(service) === namespace &&
      selector.length > 0 &&
      selector.every(([key, value]) => workload.labels[key] === value)
    );
  });
}
