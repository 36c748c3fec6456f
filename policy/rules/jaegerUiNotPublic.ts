import { ports } from "../../constants";
import { type Exposure, exposuresOf } from "../model/exposure";
import { placeOf } from "../model/collector";
import { jaegersOf } from "../model/jaeger";
import { groups, type KubeObject, namespaceOf } from "../model/objects";
import { at, number, records, text, textMap } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { type Workload } from "../model/workloads";
import { defineRule } from "../rule";
import { snippet } from "../snippet";

const queryPorts: readonly number[] = [ports.queryHttp, ports.queryGrpc];

/** The UI shows every URL, header and statement that applications record, to whoever opens it. */
export const jaegerUiNotPublic = defineRule({
  name: "jaeger-ui-not-public",
  description: "Jaeger's UI and API are not reachable from outside without authentication.",
  level: "error",
  severity: "critical",
  tags: ["jaeger", "security", "istio"],
  url: "https://www.jaegertracing.io/docs/latest/deployment/security/",
  remediationSteps:
    "Put authentication in front of the route: an AuthorizationPolicy on the gateway, or the ingress controller's own. Or do not route it, and use a port-forward.",
  page: {
    why: `Jaeger's UI and API ask nobody who they are, and show every URL, header and statement that
      applications record. From Jaeger 2.20 the same port also serves an endpoint for language models (MCP),
      without authentication too.`,
    symptom: "None, until somebody finds it.",
    exceptions: `An AuthorizationPolicy on the gateway that asks who comes is seen, and so are the
      annotations by which ingress controllers authenticate. What the objects do not show (a load balancer
      that authenticates, a gateway that only a VPN reaches) is not: make the rule a warning for that stack,
      and write down why.`,
    sources: ["https://istio.io/latest/docs/reference/config/security/authorization-policy/"],
  },
  *find(model) {
    const services = queryServices(model);
    if (services.length === 0) return;
    const isQuery = (namespace: string, name: string, port: number | string | undefined): boolean =>
      services.some(
        (service) =>
          namespaceOf(service) === namespace && service.metadata.name === name && leadsToQuery(service, port),
      );
    for (const service of services) {
      const type = text(at(service["spec"], "type"));
      if (type !== "LoadBalancer" && type !== "NodePort") continue;
      if (text(at(service.metadata, "annotations", "networking.istio.io/exportTo")) === "~") continue;
      yield {
        object: service,
        says: `of type ${type} shows Jaeger's UI and API to anybody outside the cluster; type ClusterIP is allowed`,
        fix: snippet("in spec", { type: "ClusterIP" }),
      };
    }
    for (const exposure of exposuresOf(model, isQuery, (host, namespace) => placeOf(host, namespace))) {
      if (exposure.isProtected) continue;
      yield {
        object: exposure.route,
        says:
          `routes ${exposure.hosts.length > 0 ? exposure.hosts.join(", ") : "any host"} from outside to Jaeger's UI and API ` +
          "without authentication; an AuthorizationPolicy on the gateway, or the ingress controller's own, is required",
        fix: protection(exposure, model),
      };
    }
  },
});

/** Services that lead to the query port of Jaeger's pods. */
function queryServices(model: TracingModel): KubeObject[] {
  const pods = [...new Set(jaegersOf(model).map(({ workload }) => workload))];
  return model.index
    .of("", "Service")
    .filter(
      (service) => leadsToQuery(service, undefined) && pods.some((workload) => selects(service, workload)),
    );
}

function selects(service: KubeObject, { namespace, labels }: Workload): boolean {
  const selector = Object.entries(textMap(at(service["spec"], "selector")));
  return (
    namespace === namespaceOf(service) &&
    selector.length > 0 &&
    selector.every(([key, value]) => labels[key] === value)
  );
}

/** @param port number or name of the Service's port; any if undefined */
function leadsToQuery(service: KubeObject, port: number | string | undefined): boolean {
  return records(at(service["spec"], "ports")).some((entry) => {
    if (port !== undefined && entry["port"] !== port && entry["name"] !== port) return false;
    const target = number(entry["targetPort"] ?? entry["port"]);
    return target === undefined
      ? /query|ui/.test(text(entry["targetPort"]) ?? "")
      : queryPorts.includes(target);
  });
}

function protection({ gatewayNamespace, hosts, route }: Exposure, { mesh }: TracingModel): string {
  if (route.kind === "Ingress") {
    return snippet("in metadata.annotations, for ingress-nginx with a proxy that authenticates", {
      "nginx.ingress.kubernetes.io/auth-url": "https://auth.example.com/oauth2/auth",
    });
  }
  return snippet("add, with a RequestAuthentication that says who is trusted", {
    apiVersion: `${groups.security}/v1`,
    kind: "AuthorizationPolicy",
    metadata: { name: "jaeger-ui-authenticated", namespace: gatewayNamespace ?? mesh.rootNamespace },
    spec: {
      action: "DENY",
      rules: [{ from: [{ source: { notRequestPrincipals: ["*"] } }], to: [{ operation: { hosts } }] }],
    },
  });
}
