/** What policies see of connections to pods of an ambient mesh. */
import { describe, expect, it } from "vitest";
import { type Membership } from "../../../policy/model/injection";
import { TracingModel } from "../../../policy/model/tracingModel";
import { Wire } from "../../../policy/paths/wire";

const namespace = (name: string, mode = "ambient") => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels: { "istio.io/dataplane-mode": mode } },
});
const collector = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "tracing" },
  spec: {
    selector: { matchLabels: { app: "collector" } },
    template: { metadata: { labels: { app: "collector", ...labels } }, spec: { containers: [] } },
  },
});
const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "collector", namespace: "tracing" },
  spec: { selector: { app: "collector" }, ports: [{ port: 4317 }] },
};
const opens = (...ports: number[]) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "ingress", namespace: "tracing" },
  spec: { podSelector: {}, ingress: [{ ports: ports.map((port) => ({ port, protocol: "TCP" })) }] },
});
const from = { namespace: "shop", labels: { app: "web" } };
const none = { "istio.io/dataplane-mode": "none" };

function ask(sender: Membership, ...objects: object[]) {
  const wire = new Wire(TracingModel.from([service, ...objects]));
  return wire.askService(from, sender, { service: "tracing/collector", port: 4317 });
}
const verdict = (sender: Membership, ...objects: object[]) => ask(sender, ...objects).verdict;

describe("a Service of pods in ambient mode", () => {
  const there = [namespace("tracing"), collector("collector")];

  it.each<[Membership, number[], string]>([
    ["ambient", [15008], "allowed"],
    ["ambient", [4317], "denied"],
    ["sidecar", [4317, 15008], "allowed"],
    ["sidecar", [9411], "denied"],
    ["sidecar", [4317], "unknown"],
    ["gateway", [15008], "unknown"],
    ["none", [4317], "allowed"],
    ["none", [15008], "denied"],
  ])("from %s pods, where %j are open: %s", (sender, ports, expected) => {
    expect(verdict(sender, ...there, opens(...ports))).toBe(expected);
  });

  it("says what would have to be known", () => {
    const { because } = ask("sidecar", ...there, opens(4317));
    expect(because[0]).toMatchObject({ kind: "unknown", cause: { kind: "wire-port" } });
    expect(because.map(({ text }) => text)).toEqual([
      "proxies reach pods in ambient mode by port 15008 if istiod lets them (profile ambient), else by the port itself, and " +
        "policies treat the two differently",
    ]);
  });
});

describe("a Service of other pods", () => {
  it.each<[string, object[]]>([
    ["in a namespace that is not in the mesh", [namespace("tracing", "none"), collector("collector")]],
    ["that stay out of it", [namespace("tracing"), collector("collector", none)]],
    [
      "that have sidecars",
      [namespace("tracing"), collector("collector", { "sidecar.istio.io/inject": "true" })],
    ],
  ])("%s is asked for on its port", (_, objects) => {
    expect(verdict("ambient", ...objects, opens(4317))).toBe("allowed");
    expect(verdict("ambient", ...objects, opens(15008))).toBe("denied");
    expect(verdict("sidecar", ...objects, opens(4317))).toBe("allowed");
  });

  it("some in the mesh and some not, is asked for on both ports", () => {
    const both = [namespace("tracing"), collector("in"), collector("out", none)];
    expect(verdict("ambient", ...both, opens(15008))).toBe("denied");
    expect(verdict("ambient", ...both, opens(4317))).toBe("denied");
    expect(verdict("ambient", ...both, opens(4317, 15008))).toBe("allowed");
  });
});

describe("pods that are not in the input", () => {
  const ask = (sender: Membership, ...objects: object[]) =>
    new Wire(TracingModel.from(objects)).askPods(from, sender, { namespace: "tracing", labels: {} }, 4317)
      .verdict;

  it("are where their namespace is", () => {
    expect(ask("ambient", namespace("tracing"), opens(15008))).toBe("allowed");
    expect(ask("ambient", namespace("tracing"), opens(4317))).toBe("denied");
    expect(ask("ambient", namespace("tracing", "none"), opens(4317))).toBe("allowed");
    expect(ask("ambient", opens(4317))).toBe("allowed");
  });

  it("may be asked for by the tunnel or by the port, where proxies ask", () => {
    for (const sender of ["sidecar", "gateway"] as const) {
      expect(ask(sender, namespace("tracing"), opens(4317))).toBe("unknown");
      expect(ask(sender, namespace("tracing"), opens(15008))).toBe("unknown");
      expect(ask(sender, namespace("tracing"), opens(4317, 15008))).toBe("allowed");
      expect(ask(sender, namespace("tracing", "none"), opens(4317))).toBe("allowed");
    }
    expect(ask("none", namespace("tracing"), opens(4317))).toBe("allowed");
  });

  it("have sidecars where their namespace injects them", () => {
    const injected = namespace("tracing");
    const labels = { ...injected.metadata.labels, "istio-injection": "enabled" };
    expect(ask("ambient", { ...injected, metadata: { name: "tracing", labels } }, opens(4317))).toBe(
      "allowed",
    );
  });
});
