/** The sections `kiali` and `prometheus` of a stack file. */
import { z } from "zod";
import { evenIfWrong, nearest, says, section } from "./mistakes";
import { egressRule } from "./namespaces";
import { cidr, dnsLabel, labels, objectName, port, source } from "./words";

/** The chart a stack gets if it names none. Pinned: a stack is the same tomorrow. */
const defaultChart = { repository: "https://kiali.org/helm-charts", version: "2.29.0" } as const;

/** Kiali's ways to ask who comes that work outside OpenShift; `anonymous` asks nobody. */
const strategies = ["token", "openid", "header"] as const;

const strategy = z.enum(strategies, {
  error: ({ input }) =>
    input === "anonymous"
      ? says(
          "Kiali shows every service and its traffic: it must ask who comes",
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
  strategy: strategy.default("token"),
  openid: section({
    issuerUri: z.url({
      protocol: /^https$/,
      error: says("the https address of an OpenID Connect issuer", "write it like https://id.example.com"),
    }),
    clientId: z.string().min(1, says("the client's id at the issuer", "write the id you registered")),
    clientSecret: objectName.optional(),
    scopes: z.array(z.string()).min(1, says("at least one scope", "write [openid]")).optional(),
    usernameClaim: z.string().min(1, says("the name of a claim", "write it like email")).optional(),
    disableRbac: z.boolean().default(false),
  }).optional(),
}).superRefine(({ strategy, openid }, context) => {
  if (strategy === "openid" && openid === undefined) {
    context.addIssue({
      code: "custom",
      path: ["openid"],
      message: says("strategy openid must know the issuer", "add issuerUri and clientId"),
    });
  }
  if ((strategy === "token" || strategy === "header") && openid !== undefined) {
    context.addIssue({
      code: "custom",
      path: ["openid"],
      message: says(`strategy ${strategy} reads none of it`, "remove it, or set strategy openid"),
    });
  }
}, evenIfWrong);

/** Values that would undo what makes this Kiali safe, or hide it from its own policies. */
const chartValues = z.record(z.string(), z.unknown()).superRefine((values, context) => {
  const add = (path: string[], rule: string, fix: string): void =>
    context.addIssue({ code: "custom", path, message: says(rule, fix) });
  if (valueAt(values, "auth", "strategy") === "anonymous") {
    add(
      ["auth", "strategy"],
      "Kiali shows every service and its traffic: it must ask who comes",
      "remove it; kiali.install.auth.strategy chooses",
    );
  }
  const key = valueAt(values, "login_token", "signing_key");
  if (key !== undefined && !(typeof key === "string" && /^secret:[^:]+:[^:]+$/.test(key))) {
    add(
      ["login_token", "signing_key"],
      "the key would stand in a ConfigMap in clear, and whoever reads it can sign sessions",
      "remove it to have one made, or write secret:<name of a Secret>:<its key>",
    );
  }
  if (valueAt(values, "deployment", "instance_name") !== undefined) {
    add(
      ["deployment", "instance_name"],
      "policies and routes find Kiali's pods and Service by the name kiali",
      "remove it",
    );
  }
});

function valueAt(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  );
}

export const kiali = section({
  namespace: dnsLabel,
  host: z.hostname(says("a host name without scheme and path", "write it like kiali.example.com")).optional(),
  install: section({
    chart: source.default(defaultChart),
    createNamespace: z.boolean().default(false),
    auth: auth.prefault({}),
    apiServer: section({
      cidrs: z.array(cidr).default([]),
      ports: z.array(port).min(1, says("at least one port", "write [443, 6443]")).default([443, 6443]),
    }).prefault({}),
    extraEgress: z.array(egressRule).default([]),
    values: chartValues.default({}),
  }).optional(),
});

export const prometheus = section({
  namespace: dnsLabel,
  url: z
    .url({
      protocol: /^https?$/,
      error: says(
        "the http(s) address of Prometheus as pods reach it",
        "write it like http://prometheus.monitoring:9090",
      ),
    })
    .optional(),
  podLabels: labels.optional(),
  port: port.default(9090),
});
