/** The way from the gateway to the UIs: HTTPS only, HTTP redirected, each host to one Service. */
import { ports } from "../mesh/ports";
import { publicAnnotation } from "../mesh/labels";
import { objectNames } from "../mesh/names";
import { acmeChallengePath } from "../mesh/urls";
import { objectMeta } from "./metadata";

export interface UiRoutesArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  gateway: { namespace: string; podLabels: Readonly<Record<string, string>> };
  /** Name of the Secret with the certificate, in the gateway's namespace. */
  secretName: string;
  /** Whether the gateway must let an ACME authority reach its challenges over HTTP. */
  isChallenged: boolean;
  /** Whether anybody may open the UIs, on purpose. */
  isPublic: boolean;
  /** The UIs by the name of their route: host, and where it leads. */
  uis: Readonly<Record<string, Ui>>;
}

export interface Ui {
  /** Host that people open. */
  host: string;
  /** Fully qualified host of its Service, a ClusterIP one: Istio answers 503 for a headless Service. */
  service: string;
  port: number;
  /** A regular expression of whole paths that are never routed. */
  notRouted?: string;
}

/** The two Gateways and the routes, as the API server takes them. */
type Manifest = ReturnType<typeof manifest>;

/**
 * Jaeger's `/api/ai/`, where it serves an unauthenticated MCP endpoint from 2.20 on, however the path is written:
 * doubled slashes and percent-encoded letters are taken as they are by the gateway and undone by Jaeger.
 */
export const aiPaths =
  "(?i)(/|%2f|%5c)+(a|%61|%41)(p|%70|%50)(i|%69|%49)(/|%2f|%5c)+(a|%61|%41)(i|%69|%49)((/|%2f|%5c).*)?";

function manifest(kind: "Gateway" | "VirtualService", args: UiRoutesArgs, name: string, spec: object) {
  const metadata = objectMeta(args.stack, args.gateway.namespace, name);
  const annotations =
    kind === "VirtualService" && args.isPublic ? { annotations: { [publicAnnotation]: "true" } } : {};
  return {
    apiVersion: "networking.istio.io/v1",
    kind,
    metadata: { ...metadata, ...annotations },
    spec,
  };
}

/**
 * The Gateways: one for HTTPS, to which the UIs are bound, and one for HTTP, to which nothing is bound but the
 * redirect. With ACME challenges over HTTP the redirect is a route of its own: `httpsRedirect` would redirect the
 * challenges too, to a host that has no certificate yet.
 * @see https://istio.io/latest/docs/reference/config/networking/gateway/
 */
export function gateways(args: UiRoutesArgs): { https: Manifest; http: Manifest } {
  const hosts = hostsOf(args);
  const selector = { ...args.gateway.podLabels };
  return {
    https: manifest("Gateway", args, objectNames.ui, {
      selector,
      servers: [
        {
          // Of this namespace alone: nobody else binds a route to these hosts here.
          hosts: hosts.map((host) => `./${host}`),
          port: { name: "https", number: ports.https, protocol: "HTTPS" },
          tls: { credentialName: args.secretName, minProtocolVersion: "TLSV1_2", mode: "SIMPLE" },
        },
      ],
    }),
    http: manifest("Gateway", args, `${objectNames.ui}-http`, {
      selector,
      servers: [
        {
          hosts,
          port: { name: "http", number: 80, protocol: "HTTP" },
          ...(args.isChallenged ? {} : { tls: { httpsRedirect: true } }),
        },
      ],
    }),
  };
}

/**
 * The redirect of HTTP where challenges come over it; undefined elsewhere. istiod puts routes without any
 * condition behind all others of a host, so that cert-manager's route for a challenge comes first.
 */
export function redirect(args: UiRoutesArgs): Manifest | undefined {
  if (!args.isChallenged) return undefined;
  return manifest("VirtualService", args, `${objectNames.ui}-redirect`, {
    gateways: [`${args.gateway.namespace}/${objectNames.ui}-http`],
    hosts: hostsOf(args),
    http: [{ name: "to-https", redirect: { redirectCode: 301, scheme: "https" } }],
  });
}

/** The route of one UI, over HTTPS alone. */
export function uiRoute(args: UiRoutesArgs, name: string, ui: Ui): Manifest {
  const never = (route: string, uri: object) => ({
    name: route,
    match: [{ uri }],
    directResponse: { status: 404 },
  });
  return manifest("VirtualService", args, `${objectNames.ui}-${name}`, {
    gateways: [`${args.gateway.namespace}/${objectNames.ui}`],
    hosts: [ui.host],
    http: [
      // What the access policy leaves out must lead nowhere here.
      ...(args.isChallenged ? [never("no-challenges", { prefix: acmeChallengePath })] : []),
      ...(ui.notRouted === undefined ? [] : [never("not-routed", { regex: ui.notRouted })]),
      { name, route: [{ destination: { host: ui.service, port: { number: ui.port } } }] },
    ],
  });
}

export function hostsOf({ uis }: Pick<UiRoutesArgs, "uis">): string[] {
  return Object.values(uis)
    .map(({ host }) => host)
    .sort();
}
