import { type ResourceValidationArgs, Secret } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import { addMissingTracingPorts } from "../../../policy/pack/addMissingTracingPorts";
import { resource, unknown } from "./stack";

const type = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const jaeger = { podSelector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } } };
const dns = { podSelector: { matchLabels: { "k8s-app": "kube-dns" } } };
const tcp = (...ports: number[]) => ports.map((port) => ({ port, protocol: "TCP" }));

function policy(...egress: unknown[]) {
  return { metadata: { name: "allow-jaeger-egress", namespace: "auth" }, spec: { egress } };
}

/** Properties after the remediation; undefined if it changed nothing. */
function remediate(props: object, config: object = {}, ofType = type): unknown {
  const args = { ...resource(ofType, "x", props), getConfig: () => config };
  const result = addMissingTracingPorts.remediateResource?.(args as unknown as ResourceValidationArgs);
  return result;
}

describe("add-missing-tracing-ports", () => {
  it("adds what is missing to the rule of the collector, after what is there", () => {
    expect(
      remediate(policy({ to: [dns], ports: tcp(53) }, { to: [jaeger], ports: tcp(4317, 4318) })),
    ).toEqual(policy({ to: [dns], ports: tcp(53) }, { to: [jaeger], ports: tcp(4317, 4318, 9411) }));
  });

  it("takes several rules of the collector together, and adds to the first", () => {
    expect(
      remediate(policy({ to: [jaeger], ports: tcp(4318) }, { to: [dns, jaeger], ports: tcp(4317) })),
    ).toEqual(policy({ to: [jaeger], ports: tcp(4318, 9411) }, { to: [dns, jaeger], ports: tcp(4317) }));
  });

  it.each([
    ["all are there", policy({ to: [jaeger], ports: tcp(4317, 4318, 9411) })],
    [
      "no protocol means TCP",
      policy({ to: [jaeger], ports: [{ port: 9411 }, { port: 4317 }, { port: 4318 }] }),
    ],
    [
      "numbers are written as text",
      policy({ to: [jaeger], ports: [{ port: "9411" }, { port: 4317, endPort: 4318 }] }),
    ],
    ["a range holds them", policy({ to: [jaeger], ports: [{ port: 4000, endPort: 10000 }] })],
    ["every TCP port is open", policy({ to: [jaeger], ports: [{ protocol: "TCP" }] })],
    ["every port is open", policy({ to: [jaeger] })],
    [
      "every port is open in another rule",
      policy({ to: [jaeger], ports: tcp(4317) }, { to: [jaeger], ports: [] }),
    ],
    ["no rule is the collector's", policy({ to: [dns], ports: tcp(53) })],
    ["nothing is open", policy()],
    ["it is malformed", { metadata: { name: "allow-jaeger-egress" }, spec: { egress: "all" } }],
    ["it has another name", { ...policy({ to: [jaeger], ports: tcp(4317) }), metadata: { name: "other" } }],
  ])("changes nothing where %s", (_, props) => {
    expect(remediate(props)).toBeUndefined();
  });

  it.each([
    ["UDP is open", { port: 9411, protocol: "UDP" }],
    ["the number has a name", { port: "zipkin" }],
    ["a range ends before", { port: 9000, endPort: 9410 }],
    ["a range starts after", { port: 9412, endPort: 9500 }],
  ])("adds a port where only %s", (_, port) => {
    const ports = [...tcp(4317, 4318), port];
    expect(remediate(policy({ to: [jaeger], ports }))).toEqual(
      policy({ to: [jaeger], ports: [...ports, ...tcp(9411)] }),
    );
  });

  it("changes no other resource", () => {
    expect(
      remediate(policy({ to: [jaeger], ports: tcp(4317) }), {}, "kubernetes:core/v1:Service"),
    ).toBeUndefined();
  });

  it("takes names, labels and ports from its configuration", () => {
    const props = {
      metadata: { name: "to-tempo" },
      spec: { egress: [{ to: [{ podSelector: { matchLabels: { app: "tempo" } } }], ports: tcp(1) }] },
    };
    const config = { policyNames: ["to-tempo"], collectorLabels: ["app=tempo"], ports: [1, 2] };
    expect(remediate(props, config)).toMatchObject({ spec: { egress: [{ ports: tcp(1, 2) }] } });
  });

  it.each([unknown, { port: unknown }, { port: 9000, endPort: unknown }])(
    "changes nothing where a port is not known yet: %j",
    (port) => {
      expect(remediate(policy({ to: [jaeger], ports: [...tcp(4317, 4318), port] }))).toBeUndefined();
    },
  );

  it("knows the collector by any of its labels, among others, and no port by nothing", () => {
    const labels = { "app.kubernetes.io/name": "jaeger", team: "mesh" };
    const labelled = { podSelector: { matchLabels: labels } };
    expect(remediate(policy({ to: [labelled], ports: tcp(4317, 4318) }))).toEqual(
      policy({ to: [labelled], ports: tcp(4317, 4318, 9411) }),
    );
    expect(remediate(policy({ to: [jaeger], ports: [{ port: null }] }))).toBeUndefined();
    expect(remediate({ spec: policy({ to: [jaeger], ports: tcp(4317) }).spec })).toBeUndefined();
    expect(
      remediate({ ...policy({ to: [jaeger], ports: tcp(4317) }), metadata: { name: 1 } }),
    ).toBeUndefined();
    expect(remediate({ ...policy({ to: [jaeger], ports: [{ port: "x" }] }) })).toEqual(
      policy({ to: [jaeger], ports: [{ port: "x" }, ...tcp(4317, 4318, 9411)] }),
    );
  });

  it("keeps secrets secret", () => {
    const props = { ...policy({ to: [jaeger], ports: tcp(4317, 4318) }), secret: new Secret("x") };
    expect(remediate(props)).toMatchObject({ secret: new Secret("x") });
  });
});
