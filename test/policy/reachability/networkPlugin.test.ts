/** What depends on the network plugin is `unknown`: the host's network, and blocks of addresses for pods. */
import { describe, expect, it } from "vitest";
import { ask, expectUnknown, later } from "./asking";
import { policy, workload } from "./manifests";

describe("the host's network", () => {
  const onHost =
    "pods on the host's network have the node's address, and how policies treat them depends on the network plugin";
  const host = workload("shop/node", { spec: { hostNetwork: true } });
  const closed = policy("shop/p", { policyTypes: ["Egress"] });
  const guarded = (from?: unknown) => policy("mesh/p", { ingress: from === undefined ? [] : [{ from }] });

  it("leaves open whether policies apply to such pods", () => {
    expectUnknown(ask([host, closed], { from: "shop/node" }), onHost);
    expectUnknown(ask([host, policy("shop/p", {})], { to: "shop/node" }), onHost);
  });

  it("leaves open whether rules mean such pods, or whether they come from the pod's own node", () => {
    expectUnknown(ask([host, guarded([{ namespaceSelector: {} }])], { from: "shop/node" }), onHost);
    expectUnknown(ask([host, guarded()], { from: "shop/node" }), onHost);
    expectUnknown(ask([host, closed], { to: "shop/node", from: "shop/web" }), onHost);
  });

  it("does not matter where no policy could", () => {
    expect(ask([host], { from: "shop/node" }).verdict).toBe("allowed");
    expect(ask([host, guarded(), policy("mesh/q", { ingress: [{}] })], { from: "shop/node" }).verdict).toBe(
      "allowed",
    );
    expect(ask([host, policy("shop/p", { egress: [{}] })], { from: "shop/node" }).verdict).toBe("allowed");
    expect(
      ask([workload("shop/node", { spec: { hostNetwork: false } }), closed], { from: "shop/node" }).verdict,
    ).toBe("denied");
  });

  it("is unknown if the field is", () => {
    const maybe = workload("shop/node", { spec: { hostNetwork: later } });
    expectUnknown(
      ask([maybe, closed], { from: "shop/node" }),
      "spec.template.spec.hostNetwork of Deployment shop/node is not known yet",
    );
  });
});

describe("blocks and pods", () => {
  const dependsOnPlugin =
    "whether an ipBlock contains a pod depends on the cluster's addresses and its network plugin";
  const block = (cidr: string, ...except: string[]) =>
    policy("shop/p", { egress: [{ to: [{ ipBlock: except.length > 0 ? { cidr, except } : { cidr } }] }] });

  it.each<[string, unknown, string]>([
    ["everything", block("0.0.0.0/0"), "allowed"],
    ["everything but addresses that no pod has", block("0.0.0.0/0", "169.254.169.254/32"), "allowed"],
    ["the node-local DNS address", block("169.254.20.10/32"), "denied"],
    ["loopback", block("127.0.0.0/8"), "denied"],
    ["multicast", block("224.0.0.0/24"), "denied"],
    ["IPv6 link-local", block("fe80::/64"), "denied"],
    ["IPv6 loopback", block("::1/128"), "denied"],
    ["IPv6 multicast", block("ff02::/16"), "denied"],
  ])("are clear: %s", (_, object, expected) => {
    expect(ask([object]).verdict).toBe(expected);
  });

  it.each<[string, unknown]>([
    ["some addresses", block("10.0.0.0/8")],
    ["everything but private addresses", block("0.0.0.0/0", "10.0.0.0/8")],
    ["half of everything", block("0.0.0.0/1")],
    ["one address", block("10.0.0.1/32")],
    ["more than link-local", block("169.0.0.0/8")],
  ])("depend on the plugin: %s", (_, object) => {
    expectUnknown(ask([object]), dependsOnPlugin);
  });

  it("notes what it takes for granted", () => {
    const noted = ask([block("0.0.0.0/0")]).because.filter(({ kind }) => kind === "assumption");
    expect(noted).toEqual([
      {
        kind: "assumption",
        side: "egress",
        policy: { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", namespace: "shop", name: "p" },
        rule: 0,
        text: "assumed: mesh/jaeger[Deployment] has an IPv4 address and the network plugin counts pods to 0.0.0.0/0 (Cilium does not)",
      },
    ]);
    const both = policy("shop/p", {
      egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }, { namespaceSelector: {} }] }],
    });
    expect(ask([both]).because.map(({ kind }) => kind)).not.toContain("assumption");
    expect(
      ask([block("0.0.0.0/0")], { to: { ip: "10.0.0.1" } }).because.map(({ kind }) => kind),
    ).not.toContain("assumption");
  });

  it("depend on the family for ::/0", () => {
    expectUnknown(
      ask([block("::/0")]),
      "whether ::/0 contains a pod depends on the cluster's address family",
    );
  });

  it("do not matter where another peer matches", () => {
    const rule = { to: [{ ipBlock: { cidr: "10.0.0.0/8" } }, { namespaceSelector: {} }] };
    expect(ask([policy("shop/p", { egress: [rule] })]).verdict).toBe("allowed");
  });
});
