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

/** The UI shows every URL, header and SQL statement that applications record to anyone who opens it. */
export const jaegerUiNotPublic = defineRule({
  name: "jaeger-ui-not-public",
  description: "Jaeger's UI and API are not reachable from outside without authentication.",
  level: "warning",
  severity: "critical",
  tags: ["jaeger", "security", "istio"],
  url: "https://www.jaegertracing.io/docs/latest/deployment/security/",
  remediationSteps:
    "Put authentication in front of the route: an AuthorizationPolicy on the gateway, or the ingress controller's own. Or remove the route and use a port-forward.",
  page: {
    why: `Jaeger's UI and API have no login, and show every URL, header and SQL statement that applications record.
      Since Jaeger 2.20 the same port also serves an endpoint for language models (MCP), also without
      authentication.`,
    symptom: "None, until someone finds it.",
    exceptions: `The rule recognizes AuthorizationPolicies on the gateway that require authentication, and the authentication
      annotations of ingress controllers. It cannot see what is not in the manifests, such as a load balancer that
      authenticates or a gateway behind a VPN. In that case make the rule a warning for the stack and write down
      why.`,
    sources: ["https://istio.io/latest/docs/reference/config/security/authorization-policy/"],
  },
  *find(model) {
    const services = queryServices(model);
    if (services.length === 0) return;
    const isQuery = queryTest(services);
    for (const service of services) {
      const type = text(at(service["spec"], "type"));
      if (type !== "LoadBalancer" && type !== "NodePort") continue;
      yield {
        object: service,
        says: `of type ${type} exposes Jaeger's UI and API outside the cluster without authentication; use type ClusterIP`,
        fix: snippet("in spec", { type: "ClusterIP" }),
      };
    }
    for (const exposure of exposuresOf(model, isQuery, (host, namespace) => placeOf(host, namespace))) {
      if (exposure.guard === "guarded") yield* aiProblem(model, exposure);
      else if (exposure.isPublic) {
        yield {
          object: exposure.route,
          says: `serves Jaeger's UI and API at ${hostsText(exposure)} without authentication, which its annotation ${publicAnnotation} accepts`,
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
      ? `routes ${hostsText(exposure)} from outside to Jaeger's UI and API, but the AuthorizationPolicy on the gateway does not match requests with a port in the Host header; add each host with :* too`
      : `routes ${hostsText(exposure)} from outside to Jaeger's UI and API without authentication; add an AuthorizationPolicy on the gateway, or use the ingress controller's authentication`;
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
    says: `routes ${aiPath} from outside to Jaeger, which since 2.20 serves an MCP endpoint there without authentication; block that path`,
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
  return snippet("add, with a RequestAuthentication for the issuer you trust", {
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
