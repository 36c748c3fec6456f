import { describe, expect, it } from "vitest";
import { type Options } from "../../../policy/options";
import { TracingModel } from "../../../policy/model/tracingModel";

type Labels = Record<string, string>;

const namespace = (name: string, labels: Labels = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});
interface Template {
  metadata: { labels: Labels; annotations: Labels };
  spec: Record<string, unknown>;
}
const workload = (kind: string, template: Template, place = "shop", extra: Record<string, unknown> = {}) => {
  const metadata = { name: "app", namespace: place, ...extra };
  if (kind === "Pod")
    return { apiVersion: "v1", kind, ...template, metadata: { ...template.metadata, ...metadata } };
  if (kind === "CronJob") {
    return { apiVersion: "batch/v1", kind, metadata, spec: { jobTemplate: { spec: { template } } } };
  }
  const apiVersion = kind === "Job" ? "batch/v1" : "apps/v1";
  return { apiVersion, kind, metadata, spec: { selector: { matchLabels: { app: "app" } }, template } };
};
const pod = (
  labels: Labels = {},
  annotations: Labels = {},
  spec: Record<string, unknown> = {},
): Template => ({
  metadata: { labels: { app: "app", ...labels }, annotations },
  spec: { containers: [{ name: "app" }], ...spec },
});

/** `membership` of every traced workload, with its kind or why it is hypothetical. */
function traced(objects: unknown[], options: Options = {}): string[] {
  return TracingModel.from(objects, options).traced.map(
    ({ workload: { hypothetical, object, namespace: place }, membership }) =>
      `${membership} ${hypothetical ?? object.kind} ${place}`,
  );
}

describe("who is traced", () => {
  const enabled = { "istio-injection": "enabled" };
  const inject = "sidecar.istio.io/inject";

  it.each<[string, Labels | undefined, Template, boolean]>([
    ["a namespace that injects", enabled, pod(), true],
    ["a namespace of a revision", { "istio.io/rev": "canary" }, pod(), true],
    ["a namespace that does not", {}, pod(), false],
    ["a namespace that is not in the input", undefined, pod(), false],
    ["a pod that wants it", {}, pod({ [inject]: "true" }), true],
    ["a pod that wants it in an unknown namespace", undefined, pod({ [inject]: "true" }), true],
    ["a pod of a revision", {}, pod({ "istio.io/rev": "canary" }), true],
    ["a pod that does not want it", enabled, pod({ [inject]: "false" }), false],
    ["a pod that does not want it by annotation", enabled, pod({}, { [inject]: "false" }), false],
    [
      "a label that wins over the annotation",
      enabled,
      pod({ [inject]: "true" }, { [inject]: "false" }),
      true,
    ],
    ["an annotation alone does not reach the webhook", {}, pod({}, { [inject]: "true" }), false],
    [
      "a namespace that is switched off wins over its revision",
      { "istio-injection": "disabled", "istio.io/rev": "x" },
      pod(),
      false,
    ],
    [
      "a namespace that is switched off wins over the pod",
      { "istio-injection": "disabled" },
      pod({ [inject]: "true" }),
      false,
    ],
    ["the host's network", enabled, pod({}, {}, { hostNetwork: true }), false],
    [
      "a proxy in the manifest",
      {},
      pod({}, {}, { containers: [{ name: "app" }, { name: "istio-proxy" }] }),
      true,
    ],
    [
      "a proxy as a native sidecar",
      {},
      pod({}, {}, { initContainers: [{ name: "istio-proxy", restartPolicy: "Always" }] }),
      true,
    ],
  ])("%s", (_, labels, template, expected) => {
    const objects = [
      workload("Deployment", template),
      ...(labels === undefined ? [] : [namespace("shop", labels)]),
    ];
    expect(traced(objects)).toEqual(expected ? ["sidecar Deployment shop"] : []);
  });

  it("system namespaces never are", () => {
    expect(traced([namespace("kube-system", enabled), workload("Deployment", pod(), "kube-system")])).toEqual(
      [],
    );
  });

  it.each(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"])(
    "a %s",
    (kind) => {
      expect(traced([namespace("shop", enabled), workload(kind, pod())])).toEqual([`sidecar ${kind} shop`]);
    },
  );

  it("what another workload made is not counted again", () => {
    const owner = { ownerReferences: [{ kind: "ReplicaSet", name: "app-1", controller: true }] };
    expect(traced([namespace("shop"), workload("Pod", pod({ [inject]: "true" }), "shop", owner)])).toEqual(
      [],
    );
  });

  it("ambient pods, unless they opt out", () => {
    const mode = "istio.io/dataplane-mode";
    const objects = [namespace("shop", { [mode]: "ambient" }), workload("Deployment", pod())];
    expect(traced(objects)).toEqual(["ambient Deployment shop"]);
    expect(
      traced([namespace("shop", { [mode]: "ambient" }), workload("Deployment", pod({ [mode]: "none" }))]),
    ).toEqual([]);
  });

  it.each<[string, Template]>([
    ["the gateway template", pod({}, { "inject.istio.io/templates": "gateway" })],
    ["Istio's label", pod({ istio: "ingressgateway", [inject]: "false" })],
    ["the Gateway API's label", pod({ "gateway.networking.k8s.io/gateway-name": "public" })],
    ["a proxy as the only container", pod({}, {}, { containers: [{ name: "istio-proxy", image: "auto" }] })],
  ])("a gateway by %s", (_, template) => {
    expect(traced([workload("Deployment", template)])).toEqual(["gateway Deployment shop"]);
  });

  it("gateways that somebody else makes", () => {
    const gateway = {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "public", namespace: "edge" },
      spec: { gatewayClassName: "istio" },
    };
    const foreign = {
      ...gateway,
      metadata: { name: "other", namespace: "nginx" },
      spec: { gatewayClassName: "nginx" },
    };
    expect(traced([gateway, foreign], { gateways: ["more"] })).toEqual([
      "gateway gateway edge",
      "gateway gateway more",
    ]);
  });

  it("nobody in Jaeger's namespace, whose policy of this project is for Jaeger alone", () => {
    const policy = (name: string) => ({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, namespace: "obs", labels: { "mesh-tracing/stack": "prod" } },
      spec: { podSelector: {}, policyTypes: ["Egress"], egress: [] },
    });
    expect(traced([policy("allow-jaeger-storage")])).toEqual([]);
    expect(traced([policy("allow-jaeger-egress")])).toEqual(["sidecar namespace obs"]);
  });

  it("pods nobody has seen, of a namespace that is named or labelled and empty in the input", () => {
    expect(traced([namespace("shop", enabled)], { traced: ["auth"] })).toEqual([
      "sidecar namespace auth",
      "sidecar namespace shop",
    ]);
  });

  it("a namespace that is named although its labels say nothing", () => {
    expect(traced([namespace("shop"), workload("Deployment", pod())], { traced: ["shop"] })).toEqual([
      "sidecar Deployment shop",
    ]);
  });

  it("namespaces that this project's objects trace, unless the Namespace says otherwise", () => {
    const policy = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "allow-jaeger-egress", namespace: "shop", labels: { "mesh-tracing/stack": "dev" } },
      spec: { podSelector: {}, policyTypes: ["Egress"] },
    };
    const patch = { ...workload("Deployment", pod()), spec: { template: pod() } };
    expect(traced([policy])).toEqual(["sidecar namespace shop"]);
    expect(traced([policy, patch])).toEqual(["sidecar partial shop"]);
    expect(traced([policy, patch, namespace("shop")])).toEqual([]);
    const foreign = { ...policy, metadata: { name: "allow", namespace: "shop" } };
    expect(traced([foreign])).toEqual([]);
  });
});
