import { kinds, typeMeta } from "../../mesh/kinds";
import { publicAnnotation } from "../../mesh/labels";
import { type Exposure, exposuresOf } from "../model/exposure";
import { placeOf } from "../model/collector";
import { jaegersOf } from "../model/jaeger";
import { queryServices, queryTest } from "../model/queryServices";
import { at, text } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";

const aiPath = "/api/ai/";

/** The UI shows every URL, header and statement that applications record, to whoever opens it. */
export const jaegerUiNotPublic = defineRule({
  name: "jaeger-ui-not-public",
  description: "Jaeger's UI and API are not reachable from outside without authentication.",
  level: "warning",
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
    const isQuery = queryTest(services);
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
      if (exposure.guard === "guarded") yield* aiProblem(model, exposure);
      else if (exposure.isPublic) {
        yield {
          object: exposure.route,
          says: `shows Jaeger's UI and API at ${hostsText(exposure)} to anybody, as its annotation ${publicAnnotation} says; authentication is required elsewhere`,
          fix: "",
          level: "info",
        };
        yield* aiProblem(model, exposure);
      } else yield { object: exposure.route, ...openProblem(exposure, model) };
    }
  },
});

function openProblem(exposure: Exposure, model: TracingModel): { says: string; fix: string } {
  const says =
    exposure.guard === "by-host-alone"
      ? `routes ${hostsText(exposure)} from outside to Jaeger's UI and API, and the AuthorizationPolicy on the gateway does ` +
        "not hold for requests that write a port with the host; each host with :* is required too"
      : `routes ${hostsText(exposure)} from outside to Jaeger's UI and API ` +
        "without authentication; an AuthorizationPolicy on the gateway, or the ingress controller's own, is required";
  return { says, fix: protection(exposure, model) };
}

function hostsText({ hosts }: Exposure): string {
  return hosts.length > 0 ? hosts.join(", ") : "any host";
}

/** From 2.20 on Jaeger serves its MCP endpoint on the port of the UI, and asks nobody who they are. */
function* aiProblem(model: TracingModel, { route, leads }: Exposure): Generator<Problem> {
  const serves = servesAi(model);
  if (serves === false || !leads(`${aiPath}mcp/`)) return;
  yield {
    object: route,
    says: `routes ${aiPath} from outside to Jaeger, where from 2.20 on it serves an MCP endpoint without authentication; that path must lead nowhere`,
    fix:
      route.kind === "VirtualService"
        ? snippet("before the other entries of spec.http", [
            { match: [{ uri: { prefix: aiPath.slice(0, -1) } }], directResponse: { status: 404 } },
          ])
        : "",
  };
}

/** Whether some Jaeger is 2.20 or newer; undefined if an image does not say. */
function servesAi(model: TracingModel): boolean | undefined {
  const versions = jaegersOf(model).map(({ container }) =>
    /:v?(\d+)\.(\d+)[^/]*$/.exec(text(container["image"]) ?? ""),
  );
  const isNew = ([, major, minor]: RegExpExecArray): boolean =>
    Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 20);
  if (versions.some((version) => version !== null && isNew(version))) return true;
  return versions.every((version) => version !== null) ? false : undefined;
}

function protection({ gatewayNamespace, hosts, route }: Exposure, { mesh }: TracingModel): string {
  if (route.kind === "Ingress") {
    return snippet("in metadata.annotations, for ingress-nginx with a proxy that authenticates", {
      "nginx.ingress.kubernetes.io/auth-url": "https://auth.example.com/oauth2/auth",
    });
  }
  // A request may name a port with the host.
  const forms = hosts.flatMap((host) => (host.startsWith("*") ? [host] : [host, `${host}:*`]));
  return snippet("add, with a RequestAuthentication that says who is trusted", {
    ...typeMeta(kinds.authorizationPolicy),
    metadata: { name: "jaeger-ui-authenticated", namespace: gatewayNamespace ?? mesh.rootNamespace },
    spec: {
      action: "DENY",
      rules: [
        {
          from: [{ source: { notRequestPrincipals: ["*"] } }],
          ...(forms.length === 0 ? {} : { to: [{ operation: { hosts: forms } }] }),
        },
      ],
    },
  });
}
