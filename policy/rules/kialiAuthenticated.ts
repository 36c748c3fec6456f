import { kinds } from "../../mesh/kinds";
import { placeOf } from "../model/collector";
import { selectedBy } from "../model/collectorService";
import { exposuresOf } from "../model/exposure";
import { type Kiali, kialisOf } from "../model/kiali";
import { type KubeObject, namespaceOf } from "../model/objects";
import { at, text } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { defineRule } from "../rule";
import { snippet } from "../../findings/snippet";

/**
 * Without a login Kiali shows every service, its traffic and its traces to anyone, with the rights of its
 * service account. Inside the cluster many people choose that, and so does Istio's sample: a warning. From
 * outside it is an open door: an error.
 */
export const kialiAuthenticated = defineRule({
  name: "kiali-authenticated",
  description: "Kiali requires a login, at least if it is reachable from outside the cluster.",
  level: "warning",
  severity: "high",
  tags: ["kiali", "security"],
  url: "https://kiali.io/docs/configuration/authentication/",
  remediationSteps: "Set auth.strategy of Kiali's configuration to token, openid, openshift or header.",
  page: {
    why: `Kiali shows every service of the mesh, its traffic and its traces, and acts with the rights of its own
      service account. With the strategy \`anonymous\` there is no login. If Kiali is exposed, anyone can use it;
      if not, every pod in the cluster still can.`,
    symptom: "None, until someone notices that Kiali opens without a login.",
    exceptions: `If nothing in the input exposes Kiali, the finding is a warning: in some clusters every pod may know
      everything about the mesh. A proxy that authenticates in front of Kiali is the strategy \`header\`. If
      something outside the manifests authenticates, such as a load balancer, make the rule a warning for that
      stack.`,
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
            ? "disables Kiali's login (auth.strategy anonymous), so every pod that can reach Kiali can see the whole mesh"
            : `disables Kiali's login (auth.strategy anonymous), and Kiali is reachable from outside: ${way}`) +
          "; set auth.strategy to token, openid, openshift or header",
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
  return index
    .of(kinds.service)
    .filter((service) => selectedBy(service)({ namespace, labels: workload.labels }));
}
