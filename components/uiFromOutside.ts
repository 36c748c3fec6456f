import * as pulumi from "@pulumi/pulumi";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { type StackConfig } from "../config/stack";
import { byKey } from "../mesh/stableOrder";
import { accessPolicy, accessTokens } from "./uiAccess";
import { certificate, certificateSecret, issuer } from "./uiCertificate";
import { gateways, hostsOf, redirect, type Ui, uiRoute, type UiRoutesArgs } from "./uiRoutes";

type Section = NonNullable<StackConfig["ui"]>;

export interface UiFromOutsideArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** The gateway's pods: namespace and labels. A change of the namespace replaces everything. */
  gateway: { namespace: string; podLabels: Readonly<Record<string, string>> };
  /** Where the certificate comes from: an existing Secret, an issuer of others, or one made here. */
  certificate: Section["certificate"];
  /** Who may come; undefined only for a UI that is open to everybody on purpose. */
  access: Section["access"];
  /** The UIs by a short name, `jaeger`. */
  uis: Readonly<Record<string, Ui>>;
}

/** Every object, in the order they are made: who may come before the way, the certificate at any time. */
export function uiObjects(args: UiFromOutsideArgs) {
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
  return {
    tokens: access && accessTokens(access),
    policy: access && accessPolicy(access),
    https,
    http,
    redirect: redirect(routes),
    routes: Object.entries(routes.uis).map(([name, ui]) => ({ name, manifest: uiRoute(routes, name, ui) })),
    issuer: issuer(certificates),
    certificate: certificate(certificates),
  };
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
  constructor(name: string, args: UiFromOutsideArgs, opts?: pulumi.ComponentResourceOptions) {
    super("mesh-tracing:ui:UiFromOutside", name, {}, opts);
    const objects = uiObjects(args);
    const make = (
      suffix: string,
      manifest: { apiVersion: string; kind: string; metadata: object } | undefined,
      dependsOn: pulumi.Resource[] = [],
    ): pulumi.Resource[] =>
      manifest === undefined
        ? []
        : [new CustomResource(`${name}-${suffix}`, manifest, { parent: this, dependsOn })];

    const tokens = make("request-authentication", objects.tokens);
    const policy = make("authorization-policy", objects.policy, tokens);
    const gateway = [
      ...make("gateway", objects.https, policy),
      ...make("gateway-http", objects.http, policy),
    ];
    make("redirect", objects.redirect, gateway);
    for (const { name: ui, manifest } of objects.routes) make(`route-${ui}`, manifest, gateway);
    make("certificate", objects.certificate, make("issuer", objects.issuer));
    this.registerOutputs({});
  }
}
