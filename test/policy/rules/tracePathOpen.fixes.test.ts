/** Which policy a closed path is blamed on, and what it is told to change. */
import { describe, expect, it } from "vitest";
import { type Manifest, Mesh } from "../../../docs/generate/sample/mesh";
import { asker } from "../../fixtures/rule";

const policy = (name: string, spec: Record<string, unknown>, namespace = "auth"): Manifest => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace },
  spec,
});
const allows = (...egressRules: unknown[]) => ({
  podSelector: {},
  policyTypes: ["Egress"],
  egress: egressRules,
});
const jaeger = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "istio-system" } },
  podSelector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } },
};
const tcp = (...ports: (number | string)[]) => ports.map((port) => ({ protocol: "TCP", port }));
const elsewhere = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "elsewhere" } } };
const ask = asker("trace-path-open");
/** Level, policy and what it must do. */
const brief = (mesh: Mesh, more = {}) =>
  ask(mesh, more).map((line) => {
    const [first = ""] = line.split("\n");
    const [, level, who] = /^(\w+): (NetworkPolicy \S+)/.exec(first) ?? [];
    return `${level} ${who}: ${first.slice(first.lastIndexOf("; ") + 2)}`;
  });
const egress = "NetworkPolicy auth/allow-jaeger-egress";
/** A mesh whose namespace auth has these egress policies beside the one for DNS and istiod. */
const withPolicies = (...policies: Manifest[]) => new Mesh().remove(egress).add(...policies);
const baseline = "NetworkPolicy auth/allow-mesh-egress";
const app = "Deployment auth/auth-api";

describe("the policy to change", () => {
  const rule = "add a rule for TCP 9411 and TCP 4317";

  it("is the one whose rule is for the collector already: by its peer before its port", () => {
    const byPeer = policy("by-peer", allows({ to: [jaeger], ports: tcp(8888) }));
    const byPort = policy("by-port", allows({ to: [elsewhere], ports: tcp(9411, 4317) }));
    const ports = "add TCP 9411 and TCP 4317 to spec.egress[0]";
    expect(brief(withPolicies(byPeer, byPort))).toEqual([`error NetworkPolicy auth/by-peer: ${ports}`]);
    expect(brief(withPolicies(byPort, byPeer))).toEqual([`error NetworkPolicy auth/by-peer: ${ports}`]);
    expect(brief(withPolicies(byPort))).toEqual([
      "error NetworkPolicy auth/by-port: allow the destination in spec.egress[0]",
    ]);
  });

  it("else one that has a rule for such ports, else one that allows something, else the first", () => {
    const kin = policy(
      "kin",
      allows({ to: [elsewhere], ports: [{ port: 9411, endPort: 9999 }, ...tcp(443)] }),
    );
    const deny = policy("a-deny", { podSelector: {}, policyTypes: ["Egress"] });
    expect(brief(withPolicies(kin, deny))).toEqual([`error NetworkPolicy auth/kin: ${rule}`]);
    expect(brief(withPolicies(deny, kin))).toEqual([`error NetworkPolicy auth/kin: ${rule}`]);
    expect(brief(withPolicies(deny))).toEqual([`error ${baseline}: ${rule}`]);
    const allowing = new Mesh().get(baseline);
    expect(brief(withPolicies().remove(baseline).add(deny, allowing))).toEqual([
      `error ${baseline}: ${rule}`,
    ]);
    expect(brief(withPolicies(deny).remove(baseline))).toEqual([`error NetworkPolicy auth/a-deny: ${rule}`]);
  });

  it("is not one for many ports, or for DNS to everywhere, that would let more through than is asked", () => {
    const many = (ports: unknown[]) =>
      brief(withPolicies(policy("many", allows({ to: [elsewhere], ports }))).remove(baseline));
    const own = [`error NetworkPolicy auth/many: ${rule}`];
    expect(many([...tcp(9411, 4317), ...tcp(5432)])).toEqual(own);
    expect(many([{ port: 4317, endPort: 9411 }])).toEqual(own);
    expect(many([{ protocol: "TCP" }])).toEqual(own);
    expect(many(tcp(9411, 4317, 4318))).toEqual([
      "error NetworkPolicy auth/many: allow the destination in spec.egress[0]",
    ]);
    const anywhere = policy(
      "anywhere",
      allows({ to: [{ namespaceSelector: {} }], ports: [{ protocol: "UDP", port: 53 }, { port: 5353 }] }),
    );
    expect(brief(withPolicies(anywhere).remove(baseline))).toEqual([
      `error NetworkPolicy auth/anywhere: ${rule}`,
    ]);
    const toAll = policy("to-all", allows({ ports: tcp(443) }));
    expect(brief(withPolicies(toAll).remove(baseline))).toEqual([`error NetworkPolicy auth/to-all: ${rule}`]);
    const web = policy("web", allows({ to: [{ namespaceSelector: {} }], ports: tcp(443) }));
    expect(brief(withPolicies(web).remove(baseline))).toEqual([
      "error NetworkPolicy auth/web: add TCP 9411 and TCP 4317 to spec.egress[0]",
    ]);
  });
});

describe("a rule to extend", () => {
  const named = (port: string) =>
    brief(
      withPolicies(policy("named", allows({ to: [elsewhere], ports: tcp(port, 5432) })))
        .remove(baseline)
        .set("Deployment istio-system/jaeger", "spec template spec containers 0 ports", [
          { name: "zipkin", containerPort: 9411 },
          { name: "otlp", containerPort: 4317 },
        ]),
    );

  it("is one for the collector's port by the name that its pods have for it", () => {
    expect(named("zipkin")).toEqual([
      "error NetworkPolicy auth/named: add a rule for TCP 4317 and allow the destination in spec.egress[0]",
    ]);
    expect(named("https")).toEqual(["error NetworkPolicy auth/named: add a rule for TCP 9411 and TCP 4317"]);
  });

  it("is one for the namespace of pods that are not in the input, and for spans alone", () => {
    const agent = (rule: object) =>
      brief(
        new Mesh()
          .set(
            "ConfigMap auth/otel-environment",
            "data OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://agent.monitoring:4317",
          )
          .set(egress, "spec egress 0 ports", tcp(9411))
          .set(egress, "spec egress 1", rule),
      ).filter((line) => line.startsWith("error"));
    const to = (...names: string[]) =>
      names.map((name) => ({
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
        podSelector: { matchLabels: { app: "agent" } },
      }));
    const extended = [`error ${egress}: add TCP 4317 to spec.egress[1]`];
    const own = [`error ${egress}: add a rule for TCP 4317`];
    expect(agent({ to: to("monitoring"), ports: tcp(4318) })).toEqual(extended);
    expect(agent({ to: to("elsewhere", "monitoring"), ports: tcp(4318) })).toEqual(extended);
    expect(agent({ to: to("elsewhere"), ports: tcp(4318) })).toEqual(own);
    expect(agent({ to: to("monitoring"), ports: tcp(4318, 5432) })).toEqual(own);
    expect(agent({ to: to("monitoring"), ports: [{ port: 4318, endPort: 4400 }] })).toEqual(own);
  });

  it("is none without ports for other pods, which gets no ports by that", () => {
    const tempo = { matchLabels: { "app.kubernetes.io/name": "tempo" } };
    const mesh = withPolicies(policy("tempo", allows({ to: [{ ...jaeger, podSelector: tempo }] })));
    mesh.remove(baseline).remove("Deployment istio-system/jaeger");
    for (const name of ["istiod", "istio-ingressgateway"]) mesh.remove(`Deployment istio-system/${name}`);
    expect(brief(mesh)).toContain("error NetworkPolicy auth/tempo: add a rule for TCP 9411");
  });

  it("is none for spans to other pods of the collector's namespace", () => {
    const tempo = { ...jaeger, podSelector: { matchLabels: { "app.kubernetes.io/name": "tempo" } } };
    const mesh = withPolicies(policy("tempo", allows({ to: [tempo], ports: tcp(4318) })));
    expect(brief(mesh)).toEqual(["error NetworkPolicy auth/tempo: add a rule for TCP 9411 and TCP 4317"]);
  });
});

describe("one finding", () => {
  it("is for one policy and side, whatever and whoever it closes", () => {
    const mesh = new Mesh()
      .copy(app, "second")
      .copy(app, "third")
      .copy(app, "fourth")
      .unset(egress, "spec egress 0 ports 2");
    expect(ask(mesh)).toEqual([
      `error: ${egress} blocks egress from ${app}, Deployment auth/fourth and 2 more to Service ` +
        "istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; " +
        `add TCP 9411 to spec.egress[0]\n# add to spec.egress[0].ports of ${egress}\n- protocol: TCP\n  port: 9411`,
    ]);
  });

  it("names every target, and gives each a rule of its own", () => {
    const other = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "agent", namespace: "monitoring" },
      spec: { selector: { app: "agent" }, ports: [{ port: 4317 }] },
    };
    const agent = {
      ...new Mesh().get(app),
      metadata: { name: "agent", namespace: "monitoring" },
      spec: {
        selector: { matchLabels: { app: "agent" } },
        template: { metadata: { labels: { app: "agent" } }, spec: {} },
      },
    };
    const mesh = withPolicies()
      .add(other, agent)
      .set(
        "ConfigMap auth/otel-environment",
        "data OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://agent.monitoring:4317",
      );
    const peer = (namespace: string, labels: string) =>
      `- to:\n    - namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: ${namespace}\n` +
      `      podSelector:\n        matchLabels:\n${labels}  ports:\n    - protocol: TCP\n      port: `;
    expect(ask(mesh)).toEqual([
      `error: ${baseline} blocks egress from ${app} to Service ` +
        "istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin) and Service monitoring/agent on TCP 4317 " +
        "(spans of applications, OTLP), so these spans are lost; add a rule for TCP 9411 and add a rule for TCP 4317\n" +
        `# add to spec.egress of ${baseline}\n` +
        peer(
          "istio-system",
          "          app.kubernetes.io/name: jaeger\n          app.kubernetes.io/instance: jaeger\n" +
            "          app.kubernetes.io/component: all-in-one\n",
        ) +
        `9411\n# add to spec.egress of ${baseline}\n${peer("monitoring", "          app: agent\n")}4317`,
    ]);
  });

  it("gives hosts outside a rule each, too: their addresses have nothing in common", () => {
    const variable = (value: string) => ({ env: [{ name: "OTEL_EXPORTER_OTLP_ENDPOINT", value }] });
    const mesh = new Mesh().set(app, "spec template spec containers", [
      { name: "app", ...variable("http://otlp.example.com:4317") },
      { name: "batch", ...variable("http://traces.example.com:4318") },
    ]);
    const rule = (host: string, port: number) =>
      `# add to spec.egress of ${egress}\n- to:\n    - ipBlock:\n        cidr: <address of ${host}>/32\n  ports:\n` +
      `    - protocol: TCP\n      port: ${port}`;
    expect(ask(mesh)).toEqual([
      `error: ${egress} blocks egress from ${app} to otlp.example.com on TCP 4317 (spans of applications, OTLP) and ` +
        "traces.example.com on TCP 4318 (spans of applications, OTLP), so these spans are lost; add a rule for TCP 4317 and " +
        `add a rule for TCP 4318\n${rule("otlp.example.com", 4317)}\n${rule("traces.example.com", 4318)}`,
    ]);
  });

  it("says that ambient pods are reached by a tunnel", () => {
    const mesh = new Mesh();
    for (const namespace of ["auth", "istio-system"])
      mesh.set(`Namespace ${namespace}`, "metadata labels", { "istio.io/dataplane-mode": "ambient" });
    mesh
      .unset("Deployment istio-system/jaeger", "spec template metadata labels sidecar.istio.io/inject")
      .removeWhere(({ metadata }) => metadata.name === "allow-tracing-ingress");
    const [error, ...others] = ask(mesh).filter((line) => line.startsWith("error"));
    expect(others).toEqual([]);
    expect(error).toContain(
      "on TCP 15008 (spans of applications, OTLP; in the tunnel between ambient pods), so these spans are lost; add TCP " +
        "15008 to spec.egress[0]",
    );
  });

  it("of the collector's side names the namespaces that may not come", () => {
    const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
    const rules = [{ from: [elsewhere], ports: tcp(9411, 4317) }];
    const mesh = () =>
      new Mesh()
        .set(ingress, "spec ingress", rules)
        .removeWhere(
          ({ metadata }) => !["auth", "istio-system", "kube-system", undefined].includes(metadata.namespace),
        );
    expect(
      ask(
        mesh().removeWhere(
          ({ kind, metadata }) => kind === "Namespace" && !["auth", "istio-system"].includes(metadata.name),
        ),
      ),
    ).toEqual([
      `error: ${ingress} blocks ingress to Service istio-system/jaeger-collector-clusterip from ${app} and ` +
        `Deployment istio-system/istio-ingressgateway on TCP 9411 (spans of proxies, Zipkin) and from ${app} on TCP 4317 ` +
        "(spans of applications, OTLP), so these spans are lost; allow the sender in spec.ingress[0]\n" +
        `# add to spec.ingress[0].from of ${ingress}\n- namespaceSelector:\n    matchExpressions:\n` +
        "      - key: kubernetes.io/metadata.name\n        operator: In\n        values:\n          - auth\n          - istio-system",
    ]);
  });
});

describe("what policies leave open", () => {
  it("is a doubt, once for one thing that is not known", () => {
    const cilium = (namespace: string): Manifest => ({
      apiVersion: "cilium.io/v2",
      kind: "CiliumNetworkPolicy",
      metadata: { name: "deny", namespace },
      spec: { endpointSelector: {}, egressDeny: [{}] },
    });
    const doubts = ask(new Mesh().copy(app, "second").add(cilium("auth"), cilium("chat")));
    expect(doubts).toEqual([
      `warning: CiliumNetworkPolicy auth/deny and 1 more of its kind (chat/deny) are not modelled (cilium.io/v2), so it is unknown whether 6 of 17 paths are open, from ${app}, Deployment auth/second and Deployment chat/chat-api to Service ` +
        "istio-system/jaeger-collector-clusterip (spans of applications, OTLP) and Service " +
        "istio-system/jaeger-collector-clusterip (spans of proxies, Zipkin)",
    ]);
  });

  it("may be open by a policy that is not in the input, unless a rule is there to be extended", () => {
    const others = { otherPolicies: ["auth"] };
    expect(brief(withPolicies(), others)).toEqual([
      `warning ${baseline}: add a rule for TCP 9411 and TCP 4317, unless a policy that is not in the input allows it`,
    ]);
    expect(brief(new Mesh().unset(egress, "spec egress 0 ports 2"), others)).toEqual([
      `error ${egress}: add TCP 9411 to spec.egress[0]`,
    ]);
  });

  it("is only what applications send, where the mesh traces nothing", () => {
    const [problem, ...others] = ask(withPolicies().remove("Telemetry istio-system/mesh-default"));
    expect(others).toEqual([]);
    expect(problem).toContain(
      "error: NetworkPolicy auth/allow-mesh-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 4317 (spans of applications, OTLP), so these",
    );
  });
});
