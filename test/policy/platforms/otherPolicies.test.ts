/** Policies of kinds that are not modelled: what they may close is doubted, and nothing else. */
import { type Tree } from "../../../docs/generate/sample/mesh";
import { guarded, object, type Row, testPlatform } from "./platform";

/** A policy of the kind beside the healthy ones, and the words of the doubt, if there is one. */
function row(apiVersion: string, ref: string, spec: Tree, doubt?: string): Row {
  const found = doubt === undefined ? [] : [`warning trace-path-open ${ref}: ${doubt}`];
  return [`${ref} of ${apiVersion}`, (mesh) => mesh.add(object(ref, spec, apiVersion)), ...found];
}
const all = "so it is unknown whether 5 of 5 paths are open";
const ofShop = "so it is unknown whether 2 of 5 paths are open, from Deployment shop/web";
const denyAll = { egress: [{ name: "deny", action: "Deny", to: [{ namespaces: {} }] }] };
const ofAll = { subject: { namespaces: {} } };

testPlatform("a healthy platform and", guarded, [
  row(
    "cilium.io/v2",
    "CiliumNetworkPolicy shop/l7",
    {
      endpointSelector: {},
      egress: [{ toEndpoints: [{ matchLabels: { "k8s:io.kubernetes.pod.namespace": "pay" } }] }],
    },
    ofShop,
  ),
  row("cilium.io/v2", "CiliumNetworkPolicy ops/l7", { endpointSelector: {}, egress: [{}] }),
  row(
    "cilium.io/v2",
    "CiliumClusterwideNetworkPolicy all",
    { endpointSelector: {}, egressDeny: [{ toPorts: [{ ports: [{ port: "9411" }] }] }] },
    all,
  ),
  row(
    "cilium.io/v2",
    "CiliumLocalRedirectPolicy observability/redirect",
    {
      redirectFrontend: { serviceMatcher: { serviceName: "jaeger", namespace: "observability" } },
      redirectBackend: {
        localEndpointSelector: { matchLabels: { app: "agent" } },
        toPorts: [{ port: "9411", protocol: "TCP" }],
      },
    },
    all,
  ),
  row(
    "projectcalico.org/v3",
    "GlobalNetworkPolicy deny",
    { selector: "all()", types: ["Egress"], egress: [{ action: "Deny" }] },
    all,
  ),
  row(
    "crd.projectcalico.org/v1",
    "NetworkPolicy shop/deny",
    { selector: "all()", types: ["Egress"] },
    ofShop,
  ),
  row("projectcalico.org/v3", "StagedNetworkPolicy shop/deny", { selector: "all()", types: ["Egress"] }),
  row(
    "policy.networking.k8s.io/v1alpha1",
    "AdminNetworkPolicy deny",
    { priority: 5, ...ofAll, ...denyAll },
    all,
  ),
  // Of pods that a NetworkPolicy selects it says nothing, and one selects each of Jaeger's.
  row("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy default", {
    ...ofAll,
    ingress: [{ action: "Deny", from: [{ namespaces: {} }] }],
  }),
  row(
    "policy.networking.k8s.io/v1alpha2",
    "ClusterNetworkPolicy deny",
    { tier: "Admin", priority: 1, ...ofAll, ...denyAll },
    all,
  ),
  row(
    "networking.k8s.aws/v1alpha1",
    "ClusterNetworkPolicy deny",
    { tier: "Admin", priority: 1, ...ofAll, ...denyAll },
    all,
  ),
  row(
    "networking.k8s.aws/v1alpha1",
    "ApplicationNetworkPolicy shop/names",
    { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ domainNames: ["example.com"] }] }] },
    ofShop,
  ),
  row(
    "networking.gke.io/v1alpha1",
    "FQDNNetworkPolicy shop/names",
    { podSelector: {}, egress: [{ matches: [{ name: "example.com" }] }] },
    ofShop,
  ),
  row(
    "crd.antrea.io/v1beta1",
    "ClusterNetworkPolicy deny",
    {
      priority: 1,
      tier: "securityops",
      appliedTo: [{ namespaceSelector: {} }],
      egress: [{ action: "Drop" }],
    },
    all,
  ),
  row("net.vendor.example/v1", "TenantNetworkPolicy shop/tenant", { podSelector: {} }, ofShop),
  row("k8s.ovn.org/v1", "EgressFirewall shop/default", {
    egress: [{ type: "Deny", to: { cidrSelector: "0.0.0.0/0" } }],
  }),
]);
