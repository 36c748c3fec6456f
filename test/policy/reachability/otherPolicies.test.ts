/** Policies of kinds that are not modelled make unknown what they could touch, and nothing else. */
import { describe, expect, it } from "vitest";
import { Cluster } from "../../../policy/reachability";
import { namespace, policy, workload } from "./manifests";

const base = [
  namespace("shop", { team: "a" }),
  namespace("mesh", { team: "b" }),
  workload("shop/web"),
  workload("mesh/jaeger"),
];

function other(apiVersion: string, kind: string, spec: unknown, place?: string) {
  return {
    apiVersion,
    kind,
    metadata: { name: "other", ...(place !== undefined && { namespace: place }) },
    spec,
  };
}

function ask(...objects: unknown[]) {
  return Cluster.from([...base, ...objects]).canReach({ from: "shop/web", to: "mesh/jaeger", port: 9411 });
}

const cilium = (spec: unknown, place = "shop") => other("cilium.io/v2", "CiliumNetworkPolicy", spec, place);
const clusterwide = (spec: unknown) => other("cilium.io/v2", "CiliumClusterwideNetworkPolicy", spec);
const admin = (spec: unknown, kind = "AdminNetworkPolicy") =>
  other("policy.networking.k8s.io/v1alpha1", kind, spec);
const calico = (spec: unknown, place = "shop") => other("projectcalico.org/v3", "NetworkPolicy", spec, place);
const antrea = (spec: unknown) => other("crd.antrea.io/v1beta1", "NetworkPolicy", spec, "shop");
const aws = "networking.k8s.aws/v1alpha1";
const gke = "networking.gke.io/v1alpha1";
const everyone = { endpointSelector: {} };

describe("touch", () => {
  it.each<[string, unknown]>([
    ["Cilium, all pods", cilium({ ...everyone, egress: [{}] })],
    ["Cilium, denying", cilium({ ...everyone, egressDeny: [{}] })],
    ["Cilium, the destination", cilium({ ...everyone, ingress: [{}] }, "mesh")],
    ["Cilium, denying at the destination", cilium({ ...everyone, ingressDeny: [{}] }, "mesh")],
    ["Cilium, by label", cilium({ endpointSelector: { matchLabels: { app: "web" } }, egress: [{}] })],
    [
      "Cilium, label with source",
      cilium({ endpointSelector: { matchLabels: { "k8s:app": "web" } }, egress: [{}] }),
    ],
    [
      "Cilium, expression with source",
      cilium({
        endpointSelector: { matchExpressions: [{ key: "any:app", operator: "In", values: ["web"] }] },
        egress: [{}],
      }),
    ],
    [
      "Cilium, label of an identity",
      cilium({ endpointSelector: { matchLabels: { "reserved:host": "" } }, egress: [{}] }),
    ],
    [
      "Cilium, expression about an identity",
      cilium({
        endpointSelector: { matchExpressions: [{ key: "reserved:host", operator: "Exists" }] },
        egress: [{}],
      }),
    ],
    [
      "Cilium, expressions that are none",
      cilium({ endpointSelector: { matchExpressions: ["app"] }, egress: [{}] }),
    ],
    ["Cilium, labels that are none", cilium({ endpointSelector: { matchLabels: ["app"] }, egress: [{}] })],
    [
      "Cilium, expressions that are no list",
      cilium({ endpointSelector: { matchExpressions: { app: "other" } }, egress: [{}] }),
    ],
    [
      "clusterwide Cilium, the source's namespace by name",
      clusterwide({
        endpointSelector: { matchLabels: { "k8s:io.kubernetes.pod.namespace": "shop" } },
        egress: [{}],
      }),
    ],
    [
      "clusterwide Cilium, the source's namespace by label",
      clusterwide({
        endpointSelector: {
          matchExpressions: [
            { key: "k8s:io.cilium.k8s.namespace.labels.team", operator: "In", values: ["a"] },
          ],
        },
        egress: [{}],
      }),
    ],
    [
      "Cilium, label of the namespace",
      cilium({ endpointSelector: { matchLabels: { "io.kubernetes.pod.namespace": "other" } }, egress: [{}] }),
    ],
    [
      "Cilium, label of Cilium",
      cilium({
        endpointSelector: { matchLabels: { "io.cilium.k8s.policy.cluster": "other" } },
        egress: [{}],
      }),
    ],
    [
      "Cilium, one key with source among others",
      cilium({ endpointSelector: { matchLabels: { app: "other", "io.cilium.x": "y" } }, egress: [{}] }),
    ],
    ["Cilium, without selector", cilium({ egress: [{}] })],
    ["admin, without subject but for the other direction's rules", admin({ subject: {}, egress: [{}] })],
    ["Cilium, without rules", cilium({ endpointSelector: {} })],
    ["Cilium, with empty rules", cilium({ endpointSelector: {}, ingress: [] })],
    [
      "Cilium, list of specs",
      { ...cilium({ endpointSelector: { matchLabels: { app: "other" } }, egress: [{}] }), specs: [{}] },
    ],
    [
      "Cilium, list of specs alone",
      { ...cilium(undefined), specs: [{ endpointSelector: { matchLabels: { app: "web" } }, egress: [{}] }] },
    ],
    ["Cilium, specs that are no list", { ...cilium({ ...everyone, ingress: [{}] }), specs: "x" }],
    ["Cilium, no spec at all", cilium(undefined)],
    [
      "Cilium, isolating for egress without rules for it",
      cilium({ ...everyone, ingress: [{}], enableDefaultDeny: { egress: true } }),
    ],
    [
      "Cilium, isolating for ingress without rules for it",
      cilium({ ...everyone, egress: [{}], enableDefaultDeny: { ingress: true } }, "mesh"),
    ],
    ["Cilium, malformed", cilium({ endpointSelector: { matchLabels: { app: 1 } }, egress: [{}] })],
    [
      "Cilium, labels that are none beside expressions",
      cilium({
        endpointSelector: {
          matchLabels: ["app"],
          matchExpressions: [{ key: "app", operator: "In", values: ["other"] }],
        },
        egress: [{}],
      }),
    ],
    [
      "Cilium, expressions that are no list beside labels",
      cilium({ endpointSelector: { matchLabels: { app: "other" }, matchExpressions: {} }, egress: [{}] }),
    ],
    ["clusterwide Cilium", clusterwide({ ...everyone, egress: [{}] })],
    ["Calico, by label", calico({ selector: "app == 'web'" })],
    ["Calico, by labels that Calico makes", calico({ selector: "projectcalico.org/namespace == 'other'" })],
    ["Calico, by labels of the namespace", calico({ selector: "pcns.team == 'c'" })],
    ["Calico, by the name of a profile", calico({ selector: "projectcalico.org/name == 'other'" })],
    ["Calico, ending in nothing", calico({ selector: "app == 'other' && " })],
    ["Calico, a selector of blanks", calico({ selector: "  " })],
    ["Calico, alternatives", calico({ selector: "app == 'x' || app == 'y'" })],
    ["Calico, a function", calico({ selector: "app starts with 'x'" })],
    ["Calico, all", calico({ selector: "all()" })],
    ["Calico, an empty selector", calico({ selector: "" })],
    ["Calico, no selector", calico({})],
    ["Calico, not other pods", calico({ selector: 'app != "other"' })],
    ["Calico, one of several", calico({ selector: "app in {'web', 'other'} && has(app)" })],
    ["Calico, none of several", calico({ selector: "app not in { 'other' } && !has(tier)" })],
    [
      "global Calico, by the namespace's label",
      other("projectcalico.org/v3", "GlobalNetworkPolicy", { namespaceSelector: "team == 'a'" }),
    ],
    [
      "global Calico, by the namespace's name",
      other("projectcalico.org/v3", "GlobalNetworkPolicy", {
        namespaceSelector: "projectcalico.org/name == 'mesh'",
        types: ["Ingress"],
      }),
    ],
    ["Calico, by type", calico({ types: ["Egress"] })],
    ["Calico, at the destination", calico({ types: ["Ingress"] }, "mesh")],
    ["Calico, with odd types", calico({ types: ["Ingress", "egress"] })],
    ["Calico's own objects", other("crd.projectcalico.org/v1", "NetworkPolicy", {}, "shop")],
    ["global Calico", other("projectcalico.org/v3", "GlobalNetworkPolicy", { selector: "all()" })],
    ["global Calico's own objects", other("crd.projectcalico.org/v1", "GlobalNetworkPolicy", {})],
    [
      "admin, by namespaces",
      admin({ subject: { namespaces: { matchLabels: { team: "a" } } }, egress: [{}] }),
    ],
    [
      "admin, by pods",
      admin({
        subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: "jaeger" } } } },
        ingress: [{}],
      }),
    ],
    ["admin, without subject", admin({ egress: [{}] })],
    ["admin, without rules", admin({ subject: { namespaces: {} } })],
    ["baseline", admin({ subject: { namespaces: {} }, egress: [{}] }, "BaselineAdminNetworkPolicy")],
    ["cluster-wide", admin({ subject: { namespaces: {} }, egress: [{}] }, "ClusterNetworkPolicy")],
    ["Antrea", other("crd.antrea.io/v1beta1", "NetworkPolicy", {}, "shop")],
    ["cluster-wide Antrea", other("crd.antrea.io/v1beta1", "ClusterNetworkPolicy", {})],
    ["Antrea, by label", antrea({ appliedTo: [{ podSelector: { matchLabels: { app: "web" } } }] })],
    ["Antrea, by group", antrea({ appliedTo: [{ group: "others" }] })],
    ["Antrea, an item that is none", antrea({ appliedTo: ["x"] })],
    ["Antrea, nobody, but rules may have pods", antrea({ appliedTo: [] })],
    [
      "Antrea, any of several",
      antrea({ appliedTo: [{ podSelector: { matchLabels: { app: "other" } } }, { podSelector: {} }] }),
    ],
    ["AWS, cluster-wide", other(aws, "ClusterNetworkPolicy", { subject: { namespaces: {} }, egress: [{}] })],
    [
      "AWS, by pods",
      other(aws, "ApplicationNetworkPolicy", { podSelector: {}, policyTypes: ["Egress"] }, "shop"),
    ],
    ["GKE, by names", other(gke, "FQDNNetworkPolicy", { podSelector: {}, egress: [{}] }, "shop")],
    ["a group that nobody knows", other("net.example.com/v1", "TeamNetworkPolicy", {}, "shop")],
    ["a group that nobody knows, for all namespaces", other("net.example.com/v1", "TeamNetworkPolicy", {})],
    ["another group's NetworkPolicy", other("example.com/v1", "NetworkPolicy", {}, "shop")],
  ])("%s", (_, object) => {
    const { apiVersion, kind, metadata } = object as {
      apiVersion: string;
      kind: string;
      metadata: { name: string; namespace?: string };
    };
    const cluster = Cluster.from([...base, object]);
    const answer = cluster.canReach({ from: "shop/web", to: "mesh/jaeger", port: 9411 });
    const name = metadata.namespace === undefined ? "other" : `${metadata.namespace}/other`;
    expect([answer.verdict, cluster.malformed]).toEqual(["unknown", []]);
    expect(answer.because.flatMap((reason) => (reason.kind === "unknown" ? [reason.cause] : []))[0]).toEqual({
      kind: "other-policy",
      object: { apiVersion, kind, ...metadata },
      text: `${kind} ${name} (${apiVersion}) is of a kind that is not modelled`,
    });
  });
});

describe("do not touch", () => {
  it.each<[string, unknown]>([
    ["Cilium, the other direction", cilium({ ...everyone, ingress: [{}] })],
    ["Cilium, the other direction at the destination", cilium({ ...everyone, egress: [{}] }, "mesh")],
    ["Cilium, denying in the other direction", cilium({ endpointSelector: {}, ingressDeny: [{}] })],
    [
      "Cilium, denying in the other direction at the destination",
      cilium({ endpointSelector: {}, egressDeny: [{}] }, "mesh"),
    ],
    [
      "Cilium, other pods by a key with a prefix",
      cilium({
        endpointSelector: { matchLabels: { "example.io.kubernetes.x/a": "b", "example.io.cilium.x/a": "b" } },
        egress: [{}],
      }),
    ],
    [
      "Cilium, foreign keys but the other direction",
      cilium({ endpointSelector: { matchLabels: { "k8s:app": "web", app: "other" } }, ingress: [{}] }),
    ],
    ["Cilium, null rules of the direction", cilium({ ...everyone, ingress: [{}], egress: null })],
    ["Cilium, not isolating", cilium({ ...everyone, ingress: [{}], enableDefaultDeny: { egress: false } })],
    ["Cilium, another namespace", cilium({ ...everyone, egress: [{}] }, "other")],
    ["Cilium, other pods", cilium({ endpointSelector: { matchLabels: { app: "other" } }, egress: [{}] })],
    [
      "Cilium, other pods by expression",
      cilium({
        endpointSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] },
        egress: [{}],
      }),
    ],
    [
      "clusterwide Cilium, other pods",
      clusterwide({ endpointSelector: { matchLabels: { app: "other" } }, egress: [{}], ingress: [{}] }),
    ],
    ["Calico, another namespace", calico({}, "other")],
    ["Calico, the other direction", calico({ types: ["Ingress"] })],
    ["Calico, the other direction at the destination", calico({ types: ["Egress"] }, "mesh")],
    [
      "admin, other namespaces",
      admin({ subject: { namespaces: { matchLabels: { team: "c" } } }, egress: [{}], ingress: [{}] }),
    ],
    [
      "admin, other pods",
      admin({
        subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: "other" } } } },
        egress: [{}],
      }),
    ],
    [
      "admin, pods of other namespaces",
      admin({
        subject: { pods: { namespaceSelector: { matchLabels: { team: "c" } }, podSelector: {} } },
        egress: [{}],
      }),
    ],
    [
      "admin, the other direction",
      admin({ subject: { namespaces: { matchLabels: { team: "a" } } }, ingress: [{}] }),
    ],
    ["other kinds of these groups", other("cilium.io/v2", "CiliumEndpoint", {}, "shop")],
    ["Knative's Service", other("serving.knative.dev/v1", "Service", {}, "shop")],
    [
      "Cilium, other pods by a label with a source",
      cilium({ endpointSelector: { matchLabels: { "k8s:app": "other" } }, egress: [{}] }),
    ],
    [
      "Cilium, other pods by an expression with a source",
      cilium({
        endpointSelector: { matchExpressions: [{ key: "any:app", operator: "In", values: ["other"] }] },
        egress: [{}],
      }),
    ],
    [
      "clusterwide Cilium, another namespace by name",
      clusterwide({
        endpointSelector: { matchLabels: { "k8s:io.kubernetes.pod.namespace": "other" } },
        egress: [{}],
      }),
    ],
    [
      "clusterwide Cilium, another namespace by label",
      clusterwide({
        endpointSelector: { matchLabels: { "io.cilium.k8s.namespace.labels.team": "c" } },
        egress: [{}],
        ingress: [{}],
      }),
    ],
    [
      "clusterwide Cilium, nodes",
      clusterwide({ nodeSelector: { matchLabels: { role: "worker" } }, egress: [{}], ingress: [{}] }),
    ],
    [
      "Cilium, specs for other pods",
      {
        ...cilium(undefined),
        specs: [
          { endpointSelector: { matchLabels: { app: "other" } }, egress: [{}] },
          { endpointSelector: { matchLabels: { app: "third" } }, ingress: [{}] },
        ],
      },
    ],
    [
      "Cilium, other pods beside null",
      cilium({ endpointSelector: { matchLabels: { app: "other" }, matchExpressions: null }, egress: [{}] }),
    ],
    [
      "Cilium, null beside other pods",
      cilium({
        endpointSelector: {
          matchLabels: null,
          matchExpressions: [{ key: "app", operator: "In", values: ["other"] }],
        },
        egress: [{}],
      }),
    ],
    ["Calico, other pods", calico({ selector: "app == 'other'" })],
    ["Calico, not these pods", calico({ selector: "app != 'web'" })],
    ["Calico, one of several others", calico({ selector: "app in {'x','y'}" })],
    ["Calico, none of several", calico({ selector: "app not in {'web', 'y'}" })],
    ["Calico, with a label", calico({ selector: "has( tier )" })],
    ["Calico, without a label", calico({ selector: "all() && !has(app)" })],
    [
      "global Calico, another namespace by label",
      other("crd.projectcalico.org/v1", "GlobalNetworkPolicy", { namespaceSelector: "team == 'c'" }),
    ],
    [
      "global Calico, another namespace by name",
      other("projectcalico.org/v3", "GlobalNetworkPolicy", {
        namespaceSelector: "projectcalico.org/name == 'other'",
      }),
    ],
    ["Calico, staged", other("projectcalico.org/v3", "StagedNetworkPolicy", { selector: "all()" }, "shop")],
    [
      "Calico, staged for all",
      other("projectcalico.org/v3", "StagedGlobalNetworkPolicy", { selector: "all()" }),
    ],
    [
      "Calico, staged Kubernetes",
      other("crd.projectcalico.org/v1", "StagedKubernetesNetworkPolicy", {}, "shop"),
    ],
    ["Antrea, other pods", antrea({ appliedTo: [{ podSelector: { matchLabels: { app: "other" } } }] })],
    [
      "cluster-wide Antrea, other namespaces",
      other("crd.antrea.io/v1beta1", "ClusterNetworkPolicy", {
        appliedTo: [{ namespaceSelector: { matchLabels: { team: "c" } } }],
      }),
    ],
    [
      "AWS, other namespaces",
      other(aws, "ClusterNetworkPolicy", { subject: { namespaces: { matchLabels: { team: "c" } } } }),
    ],
    [
      "AWS, the other direction",
      other(aws, "ApplicationNetworkPolicy", { podSelector: {}, policyTypes: ["Ingress"] }, "shop"),
    ],
    [
      "AWS, other pods",
      other(aws, "ApplicationNetworkPolicy", { podSelector: { matchLabels: { app: "other" } } }, "shop"),
    ],
    ["GKE, the destination", other(gke, "FQDNNetworkPolicy", { podSelector: {} }, "mesh")],
    [
      "GKE, other pods",
      other(gke, "FQDNNetworkPolicy", { podSelector: { matchLabels: { app: "other" } } }, "shop"),
    ],
    [
      "a group that nobody knows, another namespace",
      other("net.example.com/v1", "TeamNetworkPolicy", {}, "other"),
    ],
    ["OVN's egress firewall", other("k8s.ovn.org/v1", "EgressFirewall", { egress: [{}] }, "shop")],
    ["OpenShift's egress policy", other("network.openshift.io/v1", "EgressNetworkPolicy", {}, "shop")],
    ["Multus' policies", other("k8s.cni.cncf.io/v1beta1", "MultiNetworkPolicy", { podSelector: {} }, "shop")],
  ])("%s", (_, object) => {
    expect(ask(object).verdict).toBe("allowed");
  });

  it("what the other side denies for sure", () => {
    expect(ask(cilium({ ...everyone, egress: [{}] }), policy("mesh/p", {})).verdict).toBe("denied");
    expect(
      ask(cilium({ ...everyone, egress: [{}] }), policy("shop/p", { policyTypes: ["Egress"] })).verdict,
    ).toBe("unknown");
  });
});

describe("baseline policies", () => {
  const subject = { namespaces: {} };
  const isolated = policy("shop/p", { policyTypes: ["Egress"] });
  const opened = policy("shop/q", { egress: [{}], policyTypes: ["Egress"] });

  it.each<[string, unknown]>([
    ["BaselineAdminNetworkPolicy", admin({ subject, egress: [{}] }, "BaselineAdminNetworkPolicy")],
    [
      "ClusterNetworkPolicy of tier Baseline",
      other("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", {
        tier: "Baseline",
        subject,
        egress: [{}],
      }),
    ],
    [
      "AWS' of tier Baseline",
      other(aws, "ClusterNetworkPolicy", { tier: "Baseline", subject, egress: [{}] }),
    ],
    [
      "Antrea's of tier baseline",
      antrea({ tier: "baseline", appliedTo: [{ podSelector: {} }], egress: [{}] }),
    ],
  ])("do not matter where a NetworkPolicy isolates: %s", (_, object) => {
    expect(ask(object, isolated).verdict).toBe("denied");
    expect(ask(object, opened).verdict).toBe("allowed");
    expect(ask(object).verdict).toBe("unknown");
  });

  it.each<[string, unknown]>([
    ["AdminNetworkPolicy", admin({ subject, egress: [{}] })],
    [
      "ClusterNetworkPolicy of tier Admin",
      other("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", {
        tier: "Admin",
        subject,
        egress: [{}],
      }),
    ],
  ])("others do: %s", (_, object) => {
    expect(ask(object, isolated).verdict).toBe("unknown");
    expect(ask(object, opened).verdict).toBe("unknown");
  });
});

it("in a namespace that is not known touch every pod", () => {
  const later = Symbol("not known yet");
  const floating = {
    ...cilium({ ...everyone, egress: [{}] }),
    metadata: { name: "other", namespace: later },
  };
  const options = { isUnknown: (value: unknown) => value === later };
  const verdict = (...objects: unknown[]) =>
    Cluster.from([...base, ...objects], options).canReach({ from: "shop/web", to: "mesh/jaeger", port: 1 })
      .verdict;
  expect(verdict(floating)).toBe("unknown");
  const lost = { ...workload("shop/lost"), metadata: { name: "lost", namespace: later } };
  const cluster = Cluster.from([...base, lost, cilium({ ...everyone, egress: [{}] })], options);
  expect(cluster.canReach({ from: "(unknown)/lost", to: "mesh/jaeger", port: 1 }).verdict).toBe("unknown");
});

it("several are all named, those for the whole cluster first", () => {
  const objects = [
    cilium({ ...everyone, egress: [{}] }),
    calico({ types: ["Egress"] }),
    admin({ egress: [{}] }),
  ];
  const named = ask(...objects).because.flatMap((reason) =>
    reason.kind === "unknown" ? [reason.cause.object?.kind] : [],
  );
  expect(named).toEqual(["AdminNetworkPolicy", "CiliumNetworkPolicy", "NetworkPolicy"]);
});
