import * as pulumi from "@pulumi/pulumi";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { type StackConfig } from "../config/stack";
import { uiGatewayOf } from "../config/uiGateway";
import { objectNames } from "../mesh/names";
import { ports } from "../mesh/ports";
import { byKey } from "../mesh/stableOrder";
import { type Manifest } from "./manifest";
import { accessPolicy, accessTokens } from "./uiAccess";
import { certificate, certificateSecret, issuer } from "./uiCertificate";
import { aiPaths, gateways, hostsOf, redirect, type Ui, uiRoute, type UiRoutesArgs } from "./uiRoutes";

type Section = NonNullable<StackConfig["ui"]>;

export interface UiFromOutsideArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** The gateway's pods: namespace and labels. A change of the namespace replaces everything. */
  gateway: { namespace: string; podLabels: Readonly<Record<string, string>> };
  /** Where the certificate comes from: an existing Secret, an issuer of others, or one made here. */
  certificate: Section["certificate"];
  /** Who may come; absent only for a UI that is open to everybody on purpose. */
  access?: Section["access"];
  /** The UIs by a short name, `jaeger`. */
  uis: Readonly<Record<string, Ui>>;
}

/** Nothing where the stack leads nobody to a UI; of the UIs those that have a host. */
export function argsFrom(config: StackConfig): UiFromOutsideArgs | undefined {
  const { stack, ui, jaeger, kiali, cluster } = config;
  const gateway = uiGatewayOf(config);
  if (ui === undefined || gateway === undefined) return undefined;
  const serviceOf = (name: string, namespace: string) => `${name}.${namespace}.svc.${cluster.domain}`;
  const uis: Record<string, Ui> = {};
  if (jaeger.host !== undefined) {
    uis["jaeger"] = {
      host: jaeger.host,
      service: serviceOf(objectNames.queryService, jaeger.namespace),
      port: ports.queryHttp,
      notRouted: aiPaths,
    };
  }
  if (kiali?.host !== undefined) {
    uis["kiali"] = {
      host: kiali.host,
      service: serviceOf(objectNames.kiali, kiali.namespace),
      port: ports.kiali,
    };
  }
  return { ...ui, stack, gateway, uis };
}

/** Every object by what it is for. */
export function manifests(args: UiFromOutsideArgs): Record<string, Manifest> {
  const isChallenged = args.certificate.acme?.http01 !== undefined;
  const routes: UiRoutesArgs = {
    stack: args.stack,
    gateway: args.gateway,
    secretName: certificateSecret(args.certificate),
    isChallenged,
    isPublic: args.access === undefined,
    uis: byKey(args.uis),
  };
  const hosts = hostsOf(routes);
  const access = args.access && { ...args, hosts, access: args.access, isChallenged };
  const certificates = { ...args, namespace: args.gateway.namespace, hosts };
  const { https, http } = gateways(routes);
  const made: Record<string, Manifest | undefined> = {
    "request-authentication": access && accessTokens(access),
    "authorization-policy": access && accessPolicy(access),
    gateway: https,
    "gateway-http": http,
    redirect: redirect(routes),
    ...Object.fromEntries(
      Object.entries(routes.uis).map(([name, ui]) => [`route-${name}`, uiRoute(routes, name, ui)]),
    ),
    issuer: issuer(certificates),
    certificate: certificate(certificates),
  };
  return Object.fromEntries(
    Object.entries(made).flatMap(([suffix, manifest]) =>
      manifest === undefined ? [] : [[suffix, manifest]],
    ),
  );
}

/**
 * People's way to the UIs: an Istio Gateway with a certificate, a route for each host, and a policy that tells
 * who may come.
 *
 * The policy is there before the route and goes after it. The certificate waits for nothing and nothing waits for
 * it: a challenge over HTTP needs the Gateway.
 *
 * @example <caption>From the office, with a certificate that is there</caption>
 * new UiFromOutside("ui", { stack: "dev", certificate: { secretName: "wildcard-tls" },
 *   gateway: { namespace: "istio-system", podLabels: { istio: "ingressgateway" } },
 *   access: { sourceRanges: ["203.0.113.0/24"] },
 *   uis: { jaeger: { host: "jaeger.example.com", service: "jaeger-query-clusterip.…", port: 16686 } } });
 *
 * @example <caption>With a login by an ext-authz provider and a certificate by DNS challenge</caption>
 * new UiFromOutside("ui", { …, access: { extAuthz: { provider: "oauth2-proxy" } },
 *   certificate: { acme: { email: "team@example.com", server: "https://…", dns01: { route53: {} } } } });
 */
export class UiFromOutside extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:ui:UiFromOutside";

  constructor(name: string, args: UiFromOutsideArgs, opts?: pulumi.ComponentResourceOptions) {
    super(UiFromOutside.type, name, {}, opts);
    const made = manifests(args);
    const make = (suffix: string, dependsOn: pulumi.Resource[] = []): pulumi.Resource[] =>
      made[suffix] === undefined
        ? []
        : [new CustomResource(`${name}-${suffix}`, made[suffix], { parent: this, dependsOn })];

    const policy = make("authorization-policy", make("request-authentication"));
    const gateway = [...make("gateway", policy), ...make("gateway-http", policy)];
    make("redirect", gateway);
    for (const ui of Object.keys(byKey(args.uis))) make(`route-${ui}`, gateway);
    make("certificate", make("issuer"));
    this.registerOutputs({});
  }
}
