/** Reasons: what isolates, what allows, what is missing, and where a fix belongs. */
import { describe, expect, it } from "vitest";
import {
  Cluster,
  describeRef,
  type IsolatingPolicy,
  type ObjectRef,
  type Question,
} from "../../../policy/reachability";
import { container, namespace, policy, workload } from "./manifests";

const base = [
  namespace("shop"),
  namespace("mesh", { team: "b" }),
  workload("shop/web"),
  workload("mesh/jaeger", { containers: [container({ name: "zipkin", containerPort: 9411 })] }),
];

function ref(name: string): ObjectRef {
  const [place = "", own = ""] = name.split("/");
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", namespace: place, name: own };
}

function because(objects: readonly unknown[], question: Partial<Question> = {}) {
  return Cluster.from([...base, ...objects]).canReach({
    from: "shop/web",
    to: "mesh/jaeger",
    port: 9411,
    ...question,
  }).because;
}

const mesh = { namespaceSelector: { matchLabels: { team: "b" } } };
const own = { podSelector: {} };

describe("allowed", () => {
  it("without policies: neither side is isolated", () => {
    expect(because([])).toEqual([
      {
        kind: "not-isolated",
        side: "egress",
        text: "no NetworkPolicy isolates egress of shop/web[Deployment]",
      },
      {
        kind: "not-isolated",
        side: "ingress",
        text: "no NetworkPolicy isolates ingress of mesh/jaeger[Deployment]",
      },
    ]);
  });

  it("by rules: every policy that isolates, and every rule that allows", () => {
    const objects = [
      policy("shop/closed", { policyTypes: ["Egress"] }),
      policy("shop/open", {
        egress: [{ to: [own] }, { to: [mesh], ports: [{ port: "zipkin" }] }, {}],
        policyTypes: ["Egress"],
      }),
      policy("mesh/guard", { ingress: [{ ports: [{ port: 9411 }] }] }),
    ];
    expect(because(objects)).toEqual([
      {
        kind: "isolated",
        side: "egress",
        policy: ref("shop/closed"),
        certain: true,
        text: "NetworkPolicy shop/closed isolates egress of shop/web[Deployment]",
      },
      {
        kind: "isolated",
        side: "egress",
        policy: ref("shop/open"),
        certain: true,
        text: "NetworkPolicy shop/open isolates egress of shop/web[Deployment]",
      },
      {
        kind: "allowed-by",
        side: "egress",
        policy: ref("shop/open"),
        rule: 1,
        path: "spec.egress[1]",
        text: "spec.egress[1] of NetworkPolicy shop/open allows TCP 9411 to mesh/jaeger[Deployment]",
      },
      {
        kind: "allowed-by",
        side: "egress",
        policy: ref("shop/open"),
        rule: 2,
        path: "spec.egress[2]",
        text: "spec.egress[2] of NetworkPolicy shop/open allows TCP 9411 to mesh/jaeger[Deployment]",
      },
      {
        kind: "isolated",
        side: "ingress",
        policy: ref("mesh/guard"),
        certain: true,
        text: "NetworkPolicy mesh/guard isolates ingress of mesh/jaeger[Deployment]",
      },
      {
        kind: "allowed-by",
        side: "ingress",
        policy: ref("mesh/guard"),
        rule: 0,
        path: "spec.ingress[0]",
        text: "spec.ingress[0] of NetworkPolicy mesh/guard allows TCP 9411 from shop/web[Deployment]",
      },
    ]);
  });

  it("for addresses and pods that are not in the input, by their own names", () => {
    const texts = (question: Partial<Question>, ...objects: unknown[]) =>
      because(objects, question).map(({ text }) => text);
    expect(texts({ to: { ip: "203.0.113.7" } })).toEqual([
      "no NetworkPolicy isolates egress of shop/web[Deployment]",
    ]);
    expect(texts({ from: { ip: "203.0.113.7" } }, policy("mesh/p", {}))).toEqual([
      "NetworkPolicy mesh/p isolates ingress of mesh/jaeger[Deployment]",
      "no rule allows ingress of mesh/jaeger[Deployment] from 203.0.113.7 on TCP 9411",
    ]);
    expect(texts({ to: { namespace: "dns", labels: { a: "b", c: "d" } } })[1]).toBe(
      "no NetworkPolicy isolates ingress of dns/(pod with a=b,c=d)",
    );
    expect(texts({ to: { namespace: "dns", labels: {} } })[1]).toBe(
      "no NetworkPolicy isolates ingress of dns/(pod with no labels)",
    );
  });
});

describe("denied", () => {
  /** The isolating policies that a denial names. */
  function isolating(objects: readonly unknown[]): readonly IsolatingPolicy[] {
    return because(objects).flatMap((reason) => (reason.kind === "no-rule" ? reason.isolating : []));
  }

  it("names every isolating policy with its nearest rule, as data and as text", () => {
    const objects = [
      policy("shop/closed", { policyTypes: ["Egress"] }),
      policy("shop/jaeger", {
        policyTypes: ["Egress"],
        egress: [{ to: [own] }, { to: [mesh], ports: [{ port: 4317 }] }],
      }),
      policy("shop/other", { policyTypes: ["Egress"], egress: [{ to: [own], ports: [{ port: 9411 }] }] }),
    ];
    const reasons = because(objects);
    expect(reasons.map(({ kind }) => kind)).toEqual([
      "isolated",
      "isolated",
      "isolated",
      "no-rule",
      "not-isolated",
    ]);
    expect(reasons[3]).toEqual({
      kind: "no-rule",
      side: "egress",
      port: 9411,
      protocol: "TCP",
      isolating: [
        { policy: ref("shop/closed"), nearest: undefined },
        {
          policy: ref("shop/jaeger"),
          nearest: { rule: 1, path: "spec.egress[1]", matches: "peer", explicit: true },
        },
        {
          policy: ref("shop/other"),
          nearest: { rule: 0, path: "spec.egress[0]", matches: "port", explicit: true },
        },
      ],
      text: "no rule allows egress of shop/web[Deployment] to mesh/jaeger[Deployment] on TCP 9411; spec.egress[1] of NetworkPolicy shop/jaeger has that peer, but not that port; spec.egress[0] of NetworkPolicy shop/other has that port, but not that peer",
    });
  });

  it.each<[string, unknown[], object | undefined]>([
    ["nothing matches", [{ to: [own], ports: [{ port: 1 }] }], undefined],
    [
      "this peer before this port",
      [
        { to: [own], ports: [{ port: 9411 }] },
        { to: [mesh], ports: [{ port: 1 }] },
      ],
      { rule: 1, path: "spec.egress[1]", matches: "peer", explicit: true },
    ],
    [
      "this peer before this port, in the other order",
      [
        { to: [mesh], ports: [{ port: 1 }] },
        { to: [own], ports: [{ port: 9411 }] },
      ],
      { rule: 0, path: "spec.egress[0]", matches: "peer", explicit: true },
    ],
    [
      "this port before any peer",
      [{ ports: [{ port: 53 }] }, { to: [own], ports: [{ port: 9411 }] }],
      { rule: 1, path: "spec.egress[1]", matches: "port", explicit: true },
    ],
    [
      "any peer before any port",
      [{ to: [own] }, { ports: [{ port: 53 }] }],
      { rule: 1, path: "spec.egress[1]", matches: "peer", explicit: false },
    ],
    ["any port", [{ to: [own] }], { rule: 0, path: "spec.egress[0]", matches: "port", explicit: false }],
    [
      "the first of two equals",
      [
        { to: [mesh], ports: [{ port: 1 }] },
        { to: [mesh], ports: [{ port: 2 }] },
      ],
      { rule: 0, path: "spec.egress[0]", matches: "peer", explicit: true },
    ],
  ])("the nearest rule: %s", (_, egress, nearest) => {
    expect(isolating([policy("shop/p", { egress, policyTypes: ["Egress"] })])).toEqual([
      { policy: ref("shop/p"), nearest },
    ]);
  });

  it("on both sides, if both deny", () => {
    const both = [policy("shop/p", { policyTypes: ["Egress"] }), policy("mesh/p", {})];
    const denials = because(both).filter(({ kind }) => kind === "no-rule");
    expect(denials.map(({ side }) => side)).toEqual(["egress", "ingress"]);
  });

  it("leaves out policies that only may isolate", () => {
    const later = Symbol("not known yet");
    const maybe = policy("shop/maybe", {
      podSelector: { matchLabels: { app: later } },
      policyTypes: ["Egress"],
    });
    const cluster = Cluster.from([...base, maybe, policy("shop/p", { policyTypes: ["Egress"] })], {
      isUnknown: (value) => value === later,
    });
    const { verdict, because: reasons } = cluster.canReach({ from: "shop/web", to: "mesh/jaeger", port: 1 });
    expect(verdict).toBe("denied");
    expect(reasons.slice(0, 3)).toEqual([
      {
        kind: "isolated",
        side: "egress",
        policy: ref("shop/maybe"),
        certain: false,
        text: "NetworkPolicy shop/maybe may isolate egress of shop/web[Deployment]",
      },
      {
        kind: "isolated",
        side: "egress",
        policy: ref("shop/p"),
        certain: true,
        text: "NetworkPolicy shop/p isolates egress of shop/web[Deployment]",
      },
      {
        kind: "no-rule",
        side: "egress",
        port: 1,
        protocol: "TCP",
        isolating: [{ policy: ref("shop/p"), nearest: undefined }],
        text: "no rule allows egress of shop/web[Deployment] to mesh/jaeger[Deployment] on TCP 1",
      },
    ]);
  });

  it("because no container has the named port", () => {
    expect(because([], { port: "http" })).toEqual([
      { kind: "no-such-pod-port", text: "no container of mesh/jaeger[Deployment] has a TCP port named http" },
    ]);
    expect(because([], { port: "zipkin", protocol: "UDP" })).toEqual([
      {
        kind: "no-such-pod-port",
        text: "no container of mesh/jaeger[Deployment] has a UDP port named zipkin",
      },
    ]);
  });
});

describe("unknown", () => {
  it("says which policies isolate, and every cause once a side", () => {
    const peer = { namespaceSelector: { matchLabels: { team: "x" } } };
    const objects = [
      policy("shop/p", { policyTypes: ["Egress"], egress: [{ to: [peer, peer] }, { to: [peer] }] }),
    ];
    const cause = {
      kind: "namespace-labels",
      text: "Namespace far is not in the input, so its label team is not known",
    };
    expect(because(objects, { to: { namespace: "far", labels: {} } }).slice(0, 2)).toEqual([
      {
        kind: "isolated",
        side: "egress",
        policy: ref("shop/p"),
        certain: true,
        text: "NetworkPolicy shop/p isolates egress of shop/web[Deployment]",
      },
      { kind: "unknown", side: "egress", cause, text: cause.text },
    ]);
  });

  it("names all causes, in the order of the rules", () => {
    const by = (key: string) => ({ to: [{ namespaceSelector: { matchLabels: { [key]: "x" } } }] });
    const objects = [policy("shop/p", { policyTypes: ["Egress"], egress: [by("a"), by("b"), by("c")] })];
    const labels = because(objects, { to: { namespace: "far", labels: {} } }).flatMap((reason) =>
      reason.kind === "unknown" ? [/label (\w)/.exec(reason.text)?.[1]] : [],
    );
    expect(labels).toEqual(["a", "b", "c"]);
  });

  it("about the question has no side", () => {
    expect(because([], { from: { ip: "203.0.113.7" }, to: { ip: "203.0.113.8" } })).toEqual([
      {
        kind: "unknown",
        cause: { kind: "no-pod", text: "neither end is a pod, and policies are about pods" },
        text: "neither end is a pod, and policies are about pods",
      },
    ]);
    const text = "shop/none is not in the input";
    expect(because([], { from: "shop/none" })).toEqual([
      { kind: "unknown", cause: { kind: "no-such-workload", text }, text },
    ]);
  });
});

describe("answers", () => {
  it("are plain data, reasons included", () => {
    const answer = Cluster.from(base).canReach({ from: "shop/web", to: "mesh/jaeger", port: 1 });
    expect(Object.keys(answer)).toEqual(["verdict", "because"]);
    expect(answer.because).toBe(answer.because);
    expect((JSON.parse(JSON.stringify(answer)) as typeof answer).because).toHaveLength(2);
  });

  it("keep the order of many policies", () => {
    const names = [...Array(20).keys()].map((index) => `shop/p${index}`);
    const policies = names.map((name, index) =>
      policy(name, {
        podSelector: index % 2 === 0 ? {} : { matchLabels: { app: "web" } },
        policyTypes: ["Egress"],
      }),
    );
    const isolated = because(policies).flatMap((reason) =>
      reason.kind === "isolated" ? [reason.policy.name] : [],
    );
    expect(isolated).toEqual(names.map((name) => name.slice("shop/".length)));
  });

  it("name objects", () => {
    expect(describeRef(ref("shop/p"))).toBe("NetworkPolicy shop/p");
    expect(describeRef({ apiVersion: "v1", kind: "Namespace", name: "shop" })).toBe("Namespace shop");
  });
});
