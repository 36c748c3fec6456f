/** The sections `kiali` and `prometheus` of a stack file. */
import { z } from "zod";
import { at } from "../mesh/plainObjects";
import { ports } from "../mesh/ports";
import { adding, described, evenIfWrong, filled, optional, says, section, webUrl } from "./mistakes";
import { egressExample, extraEgress } from "./namespaces";
import { nearest } from "./nearest";
import { chartValues, cidr, create, dnsLabel, labels, objectName, podLabels, port, source } from "./words";

/** The chart a stack gets if it names none. Pinned: a stack is the same tomorrow. */
const defaultChart = { repository: "https://kiali.org/helm-charts", version: "2.29.0" } as const;

/** Kiali's kinds of login that work outside OpenShift; `anonymous` is none. */
const strategies = ["token", "openid", "header"] as const;

const strategy = z.enum(strategies, {
  error: ({ input }) =>
    input === "anonymous"
      ? says(
          "Kiali shows every service and its traffic, so it needs a login",
          "write token, openid or header",
        )
      : says(
          "must be one of token (a Kubernetes token), openid (an OpenID Connect provider), header (a proxy in front)",
          typeof input === "string" && nearest(input, strategies) !== undefined
            ? `write ${nearest(input, strategies)}`
            : "choose one of token, openid, header",
        ),
});

const auth = section({
  strategy: described(
    strategy.default("token"),
    "How people log in to Kiali: `token` (a Kubernetes token), `openid`, or `header` (a proxy in front adds the token)",
  ),
  openid: section({
    issuerUri: z
      .url({
        protocol: /^https$/,
        error: says("the https address of an OpenID Connect issuer", "write it like https://id.example.com"),
      })
      .meta({ description: "https address of the issuer", examples: ["https://id.example.com"] }),
    clientId: filled("the client's id at the issuer", "write the id you registered").meta({
      description: "Kiali's id at the issuer",
      examples: ["kiali"],
    }),
    clientSecret: objectName.optional().meta({
      description: "Name of a Secret in Kiali's namespace whose key `oidc-secret` is the client's secret",
      examples: ["kiali-oidc"],
    }),
    scopes: optional(
      z.array(z.string()).min(1, says("at least one scope", "write [openid]")),
      "Scopes to ask for",
      { whenAbsent: "Kiali's", examples: [["openid", "email"]] },
    ),
    usernameClaim: filled("the name of a claim", "write it like email")
      .optional()
      .meta({ description: "Claim that is the user's name", whenAbsent: "Kiali's", examples: ["email"] }),
    disableRbac: described(
      z.boolean().default(false),
      "Everybody who logs in sees what Kiali's own account may read; for clusters that do not know the issuer",
    ),
  })
    .optional()
    .meta({ description: "The issuer of strategy `openid`", whenAbsent: "required with `openid`" }),
})
  .superRefine(({ strategy, openid }, context) => {
    const add = adding(context);
    if (strategy === "openid" && openid === undefined) {
      add(["openid"], "strategy openid must know the issuer", "add issuerUri and clientId");
    }
    if ((strategy === "token" || strategy === "header") && openid !== undefined) {
      add(["openid"], `strategy ${strategy} reads none of it`, "remove it, or set strategy openid");
    }
  }, evenIfWrong)
  .prefault({})
  .describe("Who may see Kiali");

/** Values that would undo what makes this Kiali safe, or hide it from its own policies. */
const kialiValues = chartValues.superRefine((values, context) => {
  const add = adding(context);
  if (at(values, "auth", "strategy") === "anonymous") {
    add(
      ["auth", "strategy"],
      "Kiali shows every service and its traffic, so it needs a login",
      "remove it; kiali.install.auth.strategy chooses",
    );
  }
  const key = at(values, "login_token", "signing_key");
  if (key !== undefined && !(typeof key === "string" && /^secret:[^:]+:[^:]+$/.test(key))) {
    add(
      ["login_token", "signing_key"],
      "the key would be in a ConfigMap in plain text, and whoever reads it can sign sessions",
      "remove it to have one made, or write secret:<name of a Secret>:<its key>",
    );
  }
  if (at(values, "deployment", "instance_name") !== undefined) {
    add(
      ["deployment", "instance_name"],
      "policies and routes find Kiali's pods and Service by the name kiali",
      "remove it",
    );
  }
});

export const kiali = section({
  namespace: described(dnsLabel, "Kiali's namespace: it may read traces", { examples: ["istio-system"] }),
  podLabels: optional(podLabels, "Labels of its pods, the only ones that may read traces", {
    whenAbsent: "`app.kubernetes.io/name: kiali`; of a Kiali that this stack installs, its chart's",
    examples: [{ app: "kiali" }],
  }),
  host: optional(
    z.hostname(says("a host name without scheme and path", "write it like kiali.example.com")),
    "Host of Kiali from outside: Kiali is told of it, its pods let the gateways in, and it is the output " +
      "`kialiAddress`",
    { examples: ["kiali.example.com"] },
  ),
  install: section({
    chart: source.default(defaultChart).meta({
      description: "Where its chart comes from: `{ repository, version }`, `{ oci, version }` or `{ path }`",
      examples: [{ path: "./charts/kiali-server-2.29.0.tgz" }],
    }),
    createNamespace: create.describe("Create its namespace, enforcing the restricted Pod Security Standard"),
    auth,
    apiServer: section({
      cidrs: described(z.array(cidr).default([]), "Its addresses; of none, everywhere", {
        examples: [["10.0.0.1/32"]],
      }),
      ports: described(
        z
          .array(port)
          .min(1, says("at least one port", `write [${ports.https}, ${ports.apiServer}]`))
          .default([ports.https, ports.apiServer]),
        "Its ports, after the translation of its Service's address",
        { examples: [[6443]] },
      ),
    })
      .prefault({})
      .describe("The Kubernetes API server, for Kiali's egress policy"),
    extraEgress: described(extraEgress, "More rules of Kiali's egress, as a NetworkPolicy spells them", {
      examples: [egressExample],
    }),
    values: kialiValues.default({}).meta({
      description: "Values of chart kiali-server merged over this project's; yours win",
      examples: [{ kiali_feature_flags: { ui_defaults: { graph: { find_options: [] } } } }],
    }),
  })
    .optional()
    .describe("Install Kiali; `{}` takes all defaults. Needs `prometheus.url`"),
}).describe("Kiali, which reads traces and draws the graph");

export const prometheus = section({
  namespace: described(dnsLabel, "Prometheus' namespace: it may scrape Jaeger, and Kiali", {
    examples: ["monitoring"],
  }),
  url: optional(
    webUrl(
      "the http(s) address of Prometheus as pods reach it",
      `write it like http://prometheus.monitoring:${ports.prometheus}`,
    ),
    "Where Kiali asks Prometheus, as pods reach it",
    { whenAbsent: "required with `kiali.install`", examples: ["http://prometheus.monitoring:9090"] },
  ),
  podLabels: optional(
    podLabels,
    "Labels of Prometheus' pods, the only ones that may scrape Jaeger and Kiali; Kiali queries them",
    { whenAbsent: "every pod of the namespace", examples: [{ "app.kubernetes.io/name": "prometheus" }] },
  ),
  port: port.default(ports.prometheus).meta({
    description: "Port that Prometheus' pods listen on, which need not be the Service's",
    examples: [8080],
  }),
  podMonitor: optional(
    section({
      labels: described(labels.default({}), "Labels by which Prometheus selects its PodMonitors", {
        examples: [{ release: "kube-prometheus-stack" }],
      }),
    }),
    "Make a PodMonitor for Jaeger's metrics; `{}` gives it no labels. Needs Prometheus Operator 0.79 or newer",
  ),
}).describe("The Prometheus of Kiali, and of Jaeger's own metrics");
