/** The sections `ui` and `certManager` of a stack file. */
import { z } from "zod";
import { isBounded } from "../mesh/addressRanges";
import { type Sections } from "./stack";
import { evenIfWrong, says, section } from "./mistakes";
import { cidr, dnsLabel, exactVersion, labels, objectName } from "./words";

/** The label by which Istio's own configuration and istiod's Ingress support know the ingress gateway's pods. */
export const ingressGatewayLabel = { istio: "ingressgateway" } as const;

const sourceRange = cidr.refine(
  (range) => typeof range !== "string" || isBounded(range),
  says(
    "a range that leaves somebody out: /8 or narrower, with IPv6 /16 or narrower",
    "list the networks that people come from, or set ui.public: true instead of ui.access",
  ),
);

const jwt = section({
  issuer: z.string().min(1, says("the issuer, as tokens name it", "write it like https://login.example.com")),
  jwksUri: z.url({
    protocol: /^https?$/,
    error: says(
      "the http(s) address of the issuer's keys",
      "write it like https://login.example.com/keys.json",
    ),
  }),
  audiences: z
    .array(z.string().min(1, says("an audience", "write it as tokens name it")))
    .min(
      1,
      says("at least one audience, or tokens for other applications would open the UI", "add the audience"),
    ),
  cookie: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, says("a cookie's name", "write it like id_token"))
    .optional(),
});

/** Exactly one of some keys of a section. */
function oneOf(keys: readonly string[], rule: string, fix: string) {
  return (value: object, context: z.core.$RefinementCtx): void => {
    const given = keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined);
    if (given.length === 1) return;
    context.addIssue({ code: "custom", path: [], message: says(rule, fix), input: value });
  };
}

const access = section({
  sourceRanges: z
    .array(sourceRange)
    .min(1, says("at least one range, or nobody could open the UI", "add the networks that people come from"))
    .optional(),
  jwt: jwt.optional(),
  extAuthz: section({
    provider: z
      .string()
      .min(1, says("the name of an extension provider in the mesh config", "write it like oauth2-proxy")),
  }).optional(),
}).superRefine(
  oneOf(
    ["sourceRanges", "jwt", "extAuthz"],
    "exactly one way to tell who may come: sourceRanges, jwt or extAuthz",
    "keep one",
  ),
  evenIfWrong,
);

const acme = section({
  email: z.email(says("the address that the authority writes to", "write it like team@example.com")),
  server: z
    .url({
      protocol: /^https$/,
      error: says(
        "the https address of an ACME directory",
        "write it like https://acme-staging-v02.api.letsencrypt.org/directory",
      ),
    })
    .default("https://acme-v02.api.letsencrypt.org/directory"),
  http01: section({ ingressClass: dnsLabel.default("istio") }).optional(),
  dns01: z.record(z.string(), z.unknown()).optional(),
}).superRefine(
  oneOf(
    ["http01", "dns01"],
    "exactly one way to prove that the hosts are yours: http01 or dns01",
    "write http01: {}, or dns01 with your DNS provider as cert-manager spells it",
  ),
  evenIfWrong,
);

const certificate = section({
  secretName: objectName.optional(),
  issuer: section({
    name: objectName,
    kind: z.enum(["ClusterIssuer", "Issuer"]).default("ClusterIssuer"),
  }).optional(),
  selfSigned: z.literal(true, says("true, or not there", "write true, or remove selfSigned")).optional(),
  acme: acme.optional(),
}).superRefine(
  oneOf(
    ["secretName", "issuer", "selfSigned", "acme"],
    "exactly one source of the certificate: secretName, issuer, selfSigned or acme",
    "keep one",
  ),
  evenIfWrong,
);

export const ui = section({
  gateway: section({
    namespace: dnsLabel.optional(),
    podLabels: labels
      .refine(
        (value) => Object.keys(value).length > 0,
        says("labels of the gateway's pods; none would mean every pod", "write { istio: ingressgateway }"),
      )
      .optional(),
  }).prefault({}),
  certificate,
  access: access.optional(),
  public: z.boolean().default(false),
}).superRefine((value, context) => {
  // Any value may be here: what is wrong with a field is told by its own rule.
  const { access: given, public: isPublic } = value as { access?: unknown; public?: unknown };
  const add = (path: string, rule: string, fix: string): void =>
    context.addIssue({ code: "custom", path: [path], message: says(rule, fix) });
  if (given === undefined && isPublic !== true) {
    add(
      "access",
      "required: the UI shows every URL, header and statement that applications record, to whoever opens it",
      "say who may come (sourceRanges, jwt or extAuthz), or set ui.public: true",
    );
  }
  if (given !== undefined && isPublic === true) {
    add("public", "a UI with ui.access is not public", "remove public, or remove access");
  }
}, evenIfWrong);

export const certManager = section({
  install: section({
    version: exactVersion.default("v1.21.0"),
    repository: z
      .url({
        protocol: /^https?$/,
        error: says("the http(s) address of a Helm repository", "write it like https://charts.example.com"),
      })
      .default("https://charts.jetstack.io"),
    namespace: dnsLabel.default("cert-manager"),
    createNamespace: z.boolean().default(false),
    values: z.record(z.string(), z.unknown()).default({}),
  }),
});

/** The gateway that leads people to the UIs. */
export interface UiGateway {
  /** Namespace of its pods: certificates and policies for it must be there. */
  namespace: string;
  /** Labels that its pods have and others have not. */
  podLabels: Record<string, string>;
}

/**
 * The gateway of a stack's UIs: what `ui.gateway` says, else the one that the stack installs, else the only one
 * listed; undefined if there are several and none is named. Istio's gateway chart labels its pods
 * `istio: <release without "istio-">`.
 */
export function uiGatewayOf({
  ui: section,
  istio,
  gateways = [],
}: Pick<Partial<Sections>, "ui" | "istio" | "gateways">): UiGateway | undefined {
  const installed = istio?.install?.gateway;
  const namespace =
    section?.gateway.namespace ??
    installed?.namespace ??
    (gateways.length === 1 ? gateways[0]?.namespace : undefined);
  if (namespace === undefined) return undefined;
  const own =
    installed?.namespace === namespace ? { istio: installed.name.replace(/^istio-/, "") } : undefined;
  return { namespace, podLabels: section?.gateway.podLabels ?? own ?? { ...ingressGatewayLabel } };
}
