/** The sections `ui` and `certManager` of a stack file. */
import { z } from "zod";
import { isBounded } from "../mesh/addressRanges";
import { adding, described, evenIfWrong, filled, optional, says, section, text, webUrl } from "./mistakes";
import { chartValues, cidr, create, dnsLabel, exactVersion, objectName, podLabels } from "./words";

const sourceRange = cidr.refine(
  (range) => typeof range !== "string" || isBounded(range),
  says(
    "a range that leaves somebody out: /8 or narrower, with IPv6 /16 or narrower",
    "list the networks that people come from, or set ui.public: true instead of ui.access",
  ),
);

const jwt = section({
  issuer: filled("the issuer, as tokens name it", "write it like https://login.example.com").meta({
    description: "Issuer of the tokens",
    examples: ["https://login.example.com"],
  }),
  jwksUri: webUrl(
    "the http(s) address of the issuer's keys",
    "write it like https://login.example.com/keys.json",
  ).meta({ description: "Address of its keys", examples: ["https://login.example.com/keys.json"] }),
  audiences: z
    .array(filled("an audience", "write it as tokens name it"))
    .min(
      1,
      says("at least one audience, or tokens for other applications would open the UI", "add the audience"),
    )
    .meta({ description: "Audiences that a token must have one of", examples: [["jaeger"]] }),
  cookie: optional(
    text(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "a cookie's name", "write it like id_token"),
    "Cookie the token is in",
    { whenAbsent: "the header `Authorization: Bearer`", examples: ["id_token"] },
  ),
})
  .optional()
  .describe("Whoever has a token of an issuer");

/** Exactly one of some keys of a section. */
function oneOf(keys: readonly string[], rule: string, fix: string) {
  return (value: object, context: z.core.$RefinementCtx): void => {
    const given = keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined);
    if (given.length !== 1) adding(context)([], rule, fix);
  };
}

const access = section({
  sourceRanges: z
    .array(sourceRange)
    .min(1, says("at least one range, or nobody could open the UI", "add the networks that people come from"))
    .optional()
    .meta({ description: "Networks that may open the UIs", examples: [["203.0.113.0/24"]] }),
  jwt,
  extAuthz: section({
    provider: filled(
      "the name of an extension provider in the mesh config",
      "write it like oauth2-proxy",
    ).meta({ description: "Name of an extension provider in the mesh config", examples: ["oauth2-proxy"] }),
  })
    .optional()
    .describe("Whoever passes your own login"),
})
  .superRefine(
    oneOf(
      ["sourceRanges", "jwt", "extAuthz"],
      "exactly one way to decide who may open the UI: sourceRanges, jwt or extAuthz",
      "keep one",
    ),
    evenIfWrong,
  )
  .optional()
  .meta({
    description: "Who may open the UIs: exactly one of `sourceRanges`, `jwt` and `extAuthz`",
    whenAbsent: "required, unless `ui.public`",
  });

const acme = optional(
  section({
    email: z
      .email(says("the address that the authority writes to", "write it like team@example.com"))
      .meta({ description: "Address that the authority writes to", examples: ["team@example.com"] }),
    server: described(
      z
        .url({
          protocol: /^https$/,
          error: says(
            "the https address of an ACME directory",
            "write it like https://acme-staging-v02.api.letsencrypt.org/directory",
          ),
        })
        .default("https://acme-v02.api.letsencrypt.org/directory"),
      "Its ACME directory",
      { examples: ["https://acme-staging-v02.api.letsencrypt.org/directory"] },
    ),
    http01: section({
      ingressClass: dnsLabel
        .default("istio")
        .meta({ description: "Class of the Ingress of a challenge, as its annotation", examples: ["nginx"] }),
    })
      .optional()
      .describe("Challenges over HTTP; `{}` takes the default"),
    dns01: optional(
      chartValues,
      "Challenges by DNS: the provider as cert-manager's Issuer spells it; its credentials are a Secret in the " +
        "gateway's namespace",
      { examples: [{ route53: { region: "eu-central-1" } }] },
    ),
  }).superRefine(
    oneOf(
      ["http01", "dns01"],
      "exactly one way to prove that the hosts are yours: http01 or dns01",
      "write http01: {}, or dns01 with your DNS provider as cert-manager spells it",
    ),
    evenIfWrong,
  ),
  "An authority that asks for proof: exactly one of `http01` and `dns01`",
);

const certificate = section({
  secretName: optional(objectName, "An existing TLS Secret in the gateway's namespace", {
    examples: ["jaeger-tls"],
  }),
  issuer: section({
    name: described(objectName, "An existing issuer of cert-manager", { examples: ["letsencrypt"] }),
    kind: z
      .enum(["ClusterIssuer", "Issuer"])
      .default("ClusterIssuer")
      .describe("Its kind; an `Issuer` is in the gateway's namespace"),
  })
    .optional()
    .describe("An issuer of cert-manager"),
  selfSigned: optional(
    z.literal(true, says("true, or absent", "write true, or remove selfSigned")),
    "A certificate that browsers warn about",
  ),
  acme,
})
  .superRefine(
    oneOf(
      ["secretName", "issuer", "selfSigned", "acme"],
      "exactly one source of the certificate: secretName, issuer, selfSigned or acme",
      "keep one",
    ),
    evenIfWrong,
  )
  .describe(
    "Where the certificate comes from: exactly one of `secretName`, `issuer`, `selfSigned` and `acme`",
  );

export const ui = section({
  gateway: section({
    namespace: optional(dnsLabel, "Namespace of its pods; one of `gateways`", {
      whenAbsent: "the gateway installed, or the only one listed",
      examples: ["istio-ingress"],
    }),
    podLabels: optional(podLabels, "Labels of those pods", {
      whenAbsent: "those that `gateways` has",
      examples: [{ istio: "front-door" }],
    }),
  })
    .prefault({})
    .describe("The gateway that serves the UIs"),
  certificate,
  access,
  public: z
    .boolean()
    .default(false)
    .describe("`true` instead of `ui.access`: anybody may open the UIs. The rules warn"),
})
  .superRefine((value, context) => {
    // Any value may be here: what is wrong with a field is told by its own rule.
    const { access: given, public: isPublic } = value as { access?: unknown; public?: unknown };
    const add = adding(context);
    if (given === undefined && isPublic !== true) {
      add(
        ["access"],
        "required: the UI shows every URL, header and statement that applications record, to whoever opens it",
        "say who may open it (sourceRanges, jwt or extAuthz), or set ui.public: true",
      );
    }
    if (given !== undefined && isPublic === true) {
      add(["public"], "a UI with ui.access is not public", "remove public, or remove access");
    }
  }, evenIfWrong)
  .describe("How people reach the UIs of Jaeger and Kiali from outside");

export const certManager = section({
  install: section({
    version: described(exactVersion.default("v1.21.0"), "Exact version of cert-manager's chart", {
      examples: ["v1.20.2"],
    }),
    repository: webUrl("the http(s) address of a Helm repository", "write it like https://charts.example.com")
      .default("https://charts.jetstack.io")
      .meta({ description: "Its Helm repository", examples: ["https://charts.example.com"] }),
    namespace: described(dnsLabel.default("cert-manager"), "Its namespace", { examples: ["certificates"] }),
    createNamespace: create.describe("Create that namespace"),
    values: described(chartValues.default({}), "Chart values merged over this project's; yours win", {
      examples: [{ replicaCount: 2 }],
    }),
  }).describe("What is installed; `{}` takes all defaults"),
}).describe("cert-manager, where this stack installs it");
