/** The sections `namespaces`, `egress` and those that name one namespace. */
import { z } from "zod";
import { deployment } from "./instrumentation";
import { evenIfWrong, nearest, says, section } from "./mistakes";
import { cidr, dnsLabel, labels, objectName, port } from "./words";

/**
 * A rule of a NetworkPolicy's egress, as Kubernetes spells it.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
 */
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
export const egressRule = section({
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
});

export const namespace = section({
  isolation: z.enum(["existing", "restricted", "none"], {
    error: (issue) =>
      says(
        "must say how the namespace's egress is isolated: existing (other policies isolate it), restricted " +
          "(this stack isolates it), none (it is open and stays open)",
        typeof issue.input === "string" &&
          nearest(issue.input, ["existing", "restricted", "none"]) !== undefined
          ? `write ${nearest(issue.input, ["existing", "restricted", "none"])}`
          : "choose one of existing, restricted, none; kubectl get networkpolicy -n <namespace> tells",
      ),
  }),
  create: z.boolean().default(false),
  deployments: z.record(objectName, deployment).default({}),
  extraEgress: z.array(egressRule).default([]),
}).superRefine((value, context) => {
  const extraRules = (value.extraEgress as unknown[] | undefined)?.length ?? 0;
  if (extraRules > 0 && (value.isolation === "existing" || value.isolation === "none")) {
    context.addIssue({
      code: "custom",
      path: ["extraEgress"],
      message: says(
        `isolation ${value.isolation} leaves egress to others, so extra rules have no policy to go into`,
        "remove extraEgress, or set isolation restricted",
      ),
    });
  }
}, evenIfWrong);

export const peerNamespace = section({ namespace: dnsLabel });

export const egress = section({
  dns: section({
    namespace: dnsLabel.default("kube-system"),
    podLabels: labels.default({ "k8s-app": "kube-dns" }),
    ports: z.array(port).min(1, says("at least one port", "write [53]")).default([53]),
    cidrs: z.array(cidr).default([]),
  }).prefault({}),
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
    ]),
});

export const cluster = section({
  domain: z
    .hostname(says("the DNS domain of the cluster", "write it like cluster.local"))
    .default("cluster.local"),
  kubernetesVersion: z
    .string()
    .regex(/^v?1\.\d+(\.\d+)?$/, says("a Kubernetes version in quotes", 'write it like "1.34"'))
    .default("1.34.0"),
});
