/** The sections `namespaces`, `egress` and those that name one namespace. */
import { z } from "zod";
import { appLabels } from "../mesh/labels";
import { defaultClusterDomain, defaultDns } from "../mesh/dns";
import { deployment } from "./instrumentation";
import { adding, described, evenIfWrong, optional, says, section, text } from "./mistakes";
import { nearest } from "./nearest";
import { cidr, create, dnsLabel, labels, objectName, podLabels, port } from "./words";

const labelSelector = section({
  matchLabels: labels.optional(),
  matchExpressions: z
    .array(
      section({
        key: z.string(),
        operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

/**
 * A rule of a NetworkPolicy's egress, as Kubernetes spells it.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
 */
const egressRule = section({
  to: z
    .array(
      section({
        namespaceSelector: labelSelector.optional(),
        podSelector: labelSelector.optional(),
        ipBlock: section({ cidr, except: z.array(cidr).optional() }).optional(),
      }).refine(
        ({ namespaceSelector, podSelector, ipBlock }) =>
          (namespaceSelector === undefined && podSelector === undefined) !== (ipBlock === undefined),
        says(
          "a peer is either selectors or an ipBlock",
          "write podSelector and namespaceSelector, or ipBlock",
        ),
      ),
    )
    .min(1, says("a peer; an empty list would allow every destination", "add a peer, or remove the rule")),
  ports: z
    .array(
      section({
        port: z.union([port, z.string()]).optional(),
        endPort: port.optional(),
        protocol: z.enum(["TCP", "UDP", "SCTP"]).default("TCP"),
      }).refine(
        ({ port: first, endPort }) =>
          endPort === undefined || (typeof first === "number" && endPort >= first),
        says("endPort ends a range that begins with a port number", "set port, and endPort not below it"),
      ),
    )
    .optional(),
}).describe("A rule of a NetworkPolicy's egress, as Kubernetes spells it");

/** Rules beside those of this stack. */
export const extraEgress = z.array(egressRule).default([]);
export const egressExample = [
  {
    to: [{ podSelector: { matchLabels: { [appLabels.name]: "postgresql" } } }],
    ports: [{ port: 5432 }],
  },
];

const isolations = ["existing", "restricted", "none"] as const;

export const namespace = section({
  isolation: z
    .enum(isolations, {
      error: ({ input }) => {
        const guess = typeof input === "string" ? nearest(input, isolations) : undefined;
        return says(
          "must say how the namespace's egress is isolated: existing (other policies isolate it), restricted " +
            "(this stack isolates it), none (it is open and stays open)",
          guess === undefined
            ? "choose one of existing, restricted, none; kubectl get networkpolicy -n <namespace> tells"
            : `write ${guess}`,
        );
      },
    })
    .describe(
      "Who isolates the namespace's egress: `existing` (policies of others; only the way to the collector is added), " +
        "`restricted` (this stack; DNS, istiod, traced namespaces and TCP 443 outside are added), `none` (nobody: no " +
        "policy, since one would isolate it)",
    ),
  create: create.describe("Create the namespace with sidecar injection"),
  deployments: z
    .record(objectName, deployment)
    .default({})
    .describe("Deployments to give the OTEL_* variables, by name"),
  extraEgress: extraEgress.meta({
    description: "With `restricted`: more rules, as `egress` of a NetworkPolicy spells them",
    examples: [egressExample],
  }),
})
  .superRefine((value, context) => {
    const extraRules = (value.extraEgress as unknown[] | undefined)?.length ?? 0;
    if (extraRules > 0 && (value.isolation === "existing" || value.isolation === "none")) {
      adding(context)(
        ["extraEgress"],
        `isolation ${value.isolation} leaves egress to others, so extra rules have no policy to go into`,
        "remove extraEgress, or set isolation restricted",
      );
    }
  }, evenIfWrong)
  .meta({ description: "A traced namespace", examples: [{ isolation: "existing" }] });

export const gateway = section({
  namespace: described(dnsLabel, "Namespace of its pods", { examples: ["istio-ingress"] }),
  podLabels: optional(podLabels, "Labels of its pods, the only ones that may reach the UIs", {
    whenAbsent: "`istio: ingressgateway`; of a gateway that this stack installs, its chart's",
    examples: [{ istio: "front-door" }],
  }),
}).describe("A gateway");

export const egress = section({
  dns: section({
    namespace: described(dnsLabel.default(defaultDns.namespace), "Where the cluster's DNS pods are", {
      examples: ["openshift-dns"],
    }),
    podLabels: described(labels.default(defaultDns.labels), "Their labels", {
      examples: [{ "dns.operator.openshift.io/daemonset-dns": "default" }],
    }),
    ports: z
      .array(port)
      .min(1, says("at least one port", `write [${defaultDns.ports.join(", ")}]`))
      .default(defaultDns.ports)
      .meta({ description: "The ports they listen on (OpenShift: 5353)", examples: [[5353]] }),
    cidrs: described(z.array(cidr).default([]), "Addresses of a node-local DNS cache", {
      examples: [["169.254.20.10/32"]],
    }),
  })
    .prefault({})
    .describe("The cluster's DNS"),
  outsideExcept: z
    .array(cidr)
    .default([
      "10.0.0.0/8",
      "100.64.0.0/10",
      "169.254.0.0/16",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "fc00::/7",
      "fe80::/10",
    ])
    .meta({ description: "Ranges that are not outside the cluster", examples: [["10.0.0.0/8"]] }),
}).describe("What namespaces with `restricted` may reach");

export const cluster = section({
  domain: z
    .hostname(says("the DNS domain of the cluster", `write it like ${defaultClusterDomain}`))
    .default(defaultClusterDomain)
    .meta({ description: "DNS domain of the cluster", examples: ["k8s.example.com"] }),
  kubernetesVersion: described(
    text(/^v?1\.\d+(\.\d+)?$/, "a Kubernetes version in quotes", 'write it like "1.34"').default("1.34.0"),
    "Version charts are templated for when there is no cluster to ask",
    { examples: ["1.33"] },
  ),
  tolerate: described(
    z
      .array(text(/^[a-z]+(-[a-z]+)*$/, "the name of a rule", "write it like mesh-baseline-egress"))
      .default([]),
    "Rules whose findings do not stop a deployment, although the change makes them",
    { examples: [["otlp-endpoint"]] },
  ),
  unlisted: described(
    z
      .array(
        text(
          /^[A-Z][A-Za-z]+(\.[a-z0-9.-]+)?$/,
          "a kind, with its group after a dot unless it is Kubernetes' own",
          "write it like Pod or Kiali.kiali.io",
        ),
      )
      .default([]),
    "Kinds that the deploying account may not list; the check before the first change does without them",
    { examples: [["Pod", "Kiali.kiali.io"]] },
  ),
}).describe("The cluster");
