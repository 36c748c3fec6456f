/** Pods are judged together only if no policy can tell them apart; what is not known keeps a cause of its own. */
import { describe, expect, it } from "vitest";
import { Cluster } from "../../../policy/reachability";
import { ask, causes, expectUnknown, isUnknown, jaeger, later, toNamespaces, web } from "./asking";
import { container, namespace, policy, workload } from "./manifests";

const labels = { app: "same" };

/** Verdicts of asking for one port of several workloads, in one cluster. */
function verdicts(to: readonly unknown[], ...objects: unknown[]): string[] {
  const cluster = Cluster.from([web, ...to, ...objects], { isUnknown });
  return cluster.workloads
    .filter(({ namespace: place }) => place === "mesh")
    .map((workloadOfMesh) => cluster.canReach({ from: "shop/web", to: workloadOfMesh, port: 9411 }).verdict);
}

describe("pods with the same labels", () => {
  const byName = policy("shop/p", { egress: [{ ports: [{ port: "zipkin" }] }] });

  it("are told apart by their named ports", () => {
    const withPort = (name: string, port: Record<string, unknown>) =>
      workload(`mesh/${name}`, { labels, containers: [container(port)] });
    const list = [
      withPort("a", { name: "zipkin", containerPort: 9411 }),
      withPort("b", { name: "zipkin", containerPort: 9412 }),
      withPort("c", { name: "other", containerPort: 9411 }),
      withPort("d", { name: "zipkin", containerPort: 9411, protocol: "UDP" }),
      withPort("e", { containerPort: 9411 }),
      workload("mesh/f", { labels, containers: later }),
      withPort("g", { name: "zipkin", containerPort: 9411 }),
      workload("mesh/h", { labels }),
    ];
    const expected = ["allowed", "denied", "denied", "denied", "denied", "unknown", "allowed", "denied"];
    expect(verdicts(list, byName)).toEqual(expected);
    expect(verdicts([...list].reverse(), byName)).toEqual([...expected].reverse());
  });

  it("are told apart by two ports that are each other's beginning", () => {
    const ports = [
      { name: "zipkin", containerPort: 9411 },
      { name: "otlp", containerPort: 4317 },
    ];
    const list = [
      workload("mesh/a", { labels, containers: [container(...ports.slice(1))] }),
      workload("mesh/b", { labels, containers: [container(...ports)] }),
    ];
    expect(verdicts(list, byName)).toEqual(["denied", "allowed"]);
  });

  it("are told apart by the host's network", () => {
    const list = [
      workload("mesh/a", { labels }),
      workload("mesh/b", { labels, spec: { hostNetwork: true } }),
    ];
    const closed = policy("mesh/p", {});
    expect(verdicts(list, closed)).toEqual(["denied", "unknown"]);
    expect(verdicts([...list].reverse(), closed)).toEqual(["unknown", "denied"]);
  });

  it("are told apart by their namespace", () => {
    const list = [workload("mesh/a", { labels }), workload("far/a", { labels })];
    const cluster = Cluster.from([...list, policy("far/p", { policyTypes: ["Egress"] })]);
    const from = (ref: string) => cluster.canReach({ from: ref, to: "mesh/a", port: 1 }).verdict;
    expect([from("mesh/a"), from("far/a")]).toEqual(["allowed", "denied"]);
  });

  it("answer each port and protocol for themselves, also when asked again", () => {
    const open = policy("shop/p", { egress: [{ ports: [{ port: 9411 }] }] });
    const cluster = Cluster.from([web, jaeger, open]);
    const verdict = (port: number, protocol: "TCP" | "UDP") =>
      cluster.canReach({ from: "shop/web", to: "mesh/jaeger", port, protocol }).verdict;
    const all = () => [verdict(9411, "TCP"), verdict(9411, "UDP"), verdict(9412, "TCP")];
    expect([all(), all()]).toEqual([
      ["allowed", "denied", "denied"],
      ["allowed", "denied", "denied"],
    ]);
  });
});

describe("labels that are not known", () => {
  const selecting = policy("mesh/p", { podSelector: { matchLabels: { tier: "x" } } });

  it.each([
    ["of some", { tier: later }, ".tier"],
    ["of all", later, ""],
  ])("%s labels are each workload's own", (_, unknownLabels, suffix) => {
    const cluster = Cluster.from(
      [
        web,
        workload("mesh/a", { labels: unknownLabels }),
        workload("mesh/b", { labels: unknownLabels }),
        selecting,
      ],
      { isUnknown },
    );
    for (const name of ["a", "b"]) {
      expectUnknown(
        cluster.canReach({ from: "shop/web", to: `mesh/${name}`, port: 1 }),
        `spec.template.metadata.labels${suffix} of Deployment mesh/${name} is not known yet`,
      );
    }
  });

  it("of hypothetical pods are those of their namespace", () => {
    const cluster = Cluster.from([
      web,
      policy("a/p", { podSelector: { matchLabels: { x: "y" } } }),
      policy("b/p", { podSelector: { matchLabels: { x: "y" } } }),
    ]);
    for (const place of ["a", "b"]) {
      const to = { namespace: place, labels: { app: "dns" } };
      expectUnknown(
        cluster.canReach({ from: "shop/web", to, port: 1 }),
        `whether ${place}/(pod with app=dns) has the label x is not known`,
      );
      expect(
        cluster.canReach({ from: "shop/web", to: { ...to, labelsAreComplete: true }, port: 1 }).verdict,
      ).toBe("allowed");
    }
  });

  it("of namespaces are each namespace's own", () => {
    const cluster = Cluster.from([
      web,
      workload("a/x"),
      workload("b/x"),
      toNamespaces({ matchLabels: { team: "b" } }),
    ]);
    for (const place of ["a", "b"]) {
      expectUnknown(
        cluster.canReach({ from: "shop/web", to: `${place}/x`, port: 1 }),
        `Namespace ${place} is not in the input, so its label team is not known`,
      );
    }
  });

  it("may be absent where two Namespace objects disagree", () => {
    const exists = { matchExpressions: [{ key: "env", operator: "Exists" }] };
    const differing = [namespace("mesh", { env: "dev" }), namespace("mesh")];
    expect(ask([...differing, toNamespaces(exists)]).verdict).toBe("unknown");
  });

  it("that are malformed are there all the same", () => {
    const exists = policy("mesh/p", {
      podSelector: { matchExpressions: [{ key: "tier", operator: "Exists" }] },
    });
    expect(verdicts([workload("mesh/a", { labels: { tier: "not valid" } })], exists)).toEqual(["denied"]);
    expect(verdicts([workload("mesh/a", { labels: { tier: 1 } })], exists)).toEqual(["denied"]);
    const malformed = verdicts([workload("mesh/a", { labels: { tier: "not valid" } })], selecting);
    expect(malformed).toEqual(["unknown"]);
  });
});

describe("every cause has a kind", () => {
  const kinds = (objects: readonly unknown[], question = {}) => [
    ...new Set(causes(ask(objects, question)).map(({ kind }) => kind)),
  ];
  const closed = policy("shop/p", { policyTypes: ["Egress"] });
  const block = (cidr: string) => policy("shop/p", { egress: [{ to: [{ ipBlock: { cidr } }] }] });

  it.each<[string, readonly unknown[], object]>([
    ["unknown-value", [policy("shop/p", { egress: later })], {}],
    ["malformed", [policy("shop/p", { policyTypes: ["Egress", "?"] })], {}],
    ["namespace-labels", [toNamespaces({ matchLabels: { team: "b" } })], {}],
    [
      "namespace-labels",
      [namespace("mesh", { team: "a" }), namespace("mesh"), toNamespaces({ matchLabels: { team: "a" } })],
      {},
    ],
    [
      "pod-labels",
      [
        policy("shop/p", {
          podSelector: { matchLabels: { "pod-template-hash": "x" } },
          policyTypes: ["Egress"],
        }),
      ],
      {},
    ],
    [
      "pod-labels",
      [
        policy("shop/p", {
          podSelector: { matchLabels: { "security.istio.io/tlsMode": "x" } },
          policyTypes: ["Egress"],
        }),
      ],
      {},
    ],
    [
      "pod-labels",
      [policy("far/p", { podSelector: { matchLabels: { x: "y" } } })],
      { to: { namespace: "far", labels: {} } },
    ],
    [
      "pod-ports",
      [policy("shop/p", { egress: [{ ports: [{ port: "x" }] }] })],
      { to: { namespace: "far", labels: {} } },
    ],
    ["ip-block", [block("10.0.0.0/8")], {}],
    ["ip-block", [block("::/0")], {}],
    ["host-network", [closed, workload("shop/host", { spec: { hostNetwork: true } })], { from: "shop/host" }],
    [
      "other-policy",
      [{ apiVersion: "projectcalico.org/v3", kind: "GlobalNetworkPolicy", metadata: { name: "x" } }],
      {},
    ],
    ["no-such-workload", [], { from: "shop/none" }],
    ["ambiguous-workload", [workload("shop/web", { kind: "Job" })], {}],
    ["no-pod", [], { from: { ip: "10.0.0.1" }, to: { ip: "10.0.0.2" } }],
    ["placement", [{ ...closed, metadata: { name: "p", namespace: later } }], {}],
  ])("%s", (kind, objects, question) => {
    expect(kinds(objects, question)).toEqual([kind]);
  });
});

describe("policies whose namespace is not known", () => {
  it("mean pods of a namespace that is not known by a podSelector alone", () => {
    const floating = {
      ...policy("x/p", { policyTypes: ["Egress"], egress: [{ to: [{ podSelector: {} }] }] }),
      metadata: { name: "p", namespace: later },
    };
    const texts = causes(ask([floating, policy("shop/q", { policyTypes: ["Egress"] })])).map(
      ({ text }) => text,
    );
    expect(texts).toContain("the policy's own namespace is not known");
    const own = policy("shop/q", { egress: [{ to: [{ podSelector: {} }] }] });
    expect(ask([own], { to: "mesh/jaeger" }).verdict).toBe("denied");
  });
});

describe("the host's network beside what is not known", () => {
  const host = workload("shop/host", { spec: { hostNetwork: true } });

  it("adds nothing where the remote end does not decide", () => {
    const doubtful = policy("mesh/p", {
      podSelector: { matchLabels: { "pod-template-hash": "x" } },
      ingress: [],
    });
    const kinds = causes(ask([host, doubtful], { from: "shop/host" })).map(({ kind }) => kind);
    expect(kinds).toEqual(["pod-labels"]);
  });

  it("names both causes where both decide", () => {
    const doubtful = toNamespaces({ matchLabels: { team: "b" } });
    const kinds = causes(ask([host, doubtful], { from: "shop/host" })).map(({ kind }) => kind);
    expect(kinds).toEqual(["host-network", "namespace-labels"]);
  });
});
