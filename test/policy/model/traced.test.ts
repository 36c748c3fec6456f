import { describe, expect, it } from "vitest";
import { type Options } from "../../../policy/model/options";
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

  it.each(["kube-system", "kube-public", "kube-node-lease", "local-path-storage"])(
    "no pod of %s, whatever its labels",
    (place) => {
      expect(
        traced([namespace(place, enabled), workload("Deployment", pod({ [inject]: "true" }), place)]),
      ).toEqual([]);
    },
  );

  it("gateways only by what makes one", () => {
    const none = (template: Template) => {
      expect(traced([workload("Deployment", template)])).toEqual([]);
    };
    none(pod({ istio: "gateway-api" }));
    none(pod({ istio: "pilot" }));
    none(pod({}, { "inject.istio.io/templates": "sidecar,gateways" }));
    none(pod({}, {}, { containers: [{ name: "other" }] }));
    none(pod({}, {}, { containers: [] }));
    expect(
      traced([workload("Deployment", pod({}, { "inject.istio.io/templates": "sidecar,gateway" }))]),
    ).toEqual(["gateway Deployment shop"]);
    expect(traced([workload("Deployment", pod({ istio: "my-gateway" }))])).toEqual([
      "gateway Deployment shop",
    ]);
  });

  it("ambient pods not of the host's network, and by their own label too", () => {
    const ambient = { "istio.io/dataplane-mode": "ambient" };
    const host = pod({}, {}, { hostNetwork: true });
    expect(traced([namespace("shop", ambient), workload("Deployment", host)])).toEqual([]);
    expect(traced([namespace("shop"), workload("Deployment", pod(ambient))])).toEqual([
      "ambient Deployment shop",
    ]);
    expect(traced([namespace("shop", { ...ambient, ...enabled }), workload("Deployment", pod())])).toEqual([
      "sidecar Deployment shop",
    ]);
    expect(traced([namespace("shop", ambient)])).toEqual(["ambient namespace shop"]);
    expect(traced([namespace("shop", { ...ambient, ...enabled })])).toEqual(["sidecar namespace shop"]);
    expect(traced([namespace("shop", { "istio.io/dataplane-mode": "none" })])).toEqual([]);
  });

  it("gateways and waypoints of Istio's classes, of a chart, and none that is there already", () => {
    const gateway = (gatewayClassName: string) => ({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "public", namespace: "edge" },
      spec: { gatewayClassName },
    });
    expect(traced([gateway("istio-waypoint")])).toEqual(["gateway gateway edge"]);
    expect(traced([gateway("istio-remote")])).toEqual([]);
    expect(traced([gateway("my-istio")])).toEqual([]);
    const own = workload("Deployment", pod({ istio: "ingressgateway" }), "edge");
    expect(traced([gateway("istio"), own], { gateways: ["edge"] })).toEqual(["gateway Deployment edge"]);
    const chart = (name: string) => ({
      apiVersion: "mesh-tracing/v1",
      kind: "HelmChart",
      metadata: { name: "ingress", namespace: "edge" },
      spec: { chart: name },
    });
    expect(traced([chart("gateway")])).toEqual(["gateway gateway edge"]);
    expect(traced([chart("jaeger-operator")])).toEqual([]);
  });

  it("namespaces of this project's environment, too", () => {
    const map = (data: Labels, labels: Labels = { "mesh-tracing/stack": "dev" }) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "otel", namespace: "shop", labels },
      data,
    });
    expect(traced([map({ OTEL_PROPAGATORS: "b3" })])).toEqual(["sidecar namespace shop"]);
    expect(traced([map({ other: "b3" })])).toEqual([]);
    expect(traced([map({ OTEL_PROPAGATORS: "b3" }, {})])).toEqual([]);
    const ingress = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "allow", namespace: "shop", labels: { "mesh-tracing/stack": "dev" } },
      spec: { podSelector: {}, policyTypes: ["Ingress"] },
    };
    expect(traced([ingress])).toEqual([]);
  });

  it("what another workload made is not counted again", () => {
    const web = workload("Deployment", pod({ [inject]: "true" }), "shop");
    const { name } = web.metadata;
    const owner = {
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name, controller: true }],
    };
    const made = workload("ReplicaSet", pod({ [inject]: "true" }), "shop", owner);
    expect(traced([namespace("shop"), web, made])).toEqual(["sidecar Deployment shop"]);
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
    const policy = (name: string, podSelector: object) => ({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, namespace: "obs", labels: { "mesh-tracing/stack": "prod" } },
      spec: { podSelector, policyTypes: ["Egress"], egress: [] },
    });
    const jaeger = { matchLabels: { "app.kubernetes.io/name": "jaeger" } };
    expect(traced([policy("allow-jaeger-storage", jaeger)])).toEqual([]);
    expect(traced([policy("allow-jaeger-egress", {})])).toEqual(["sidecar namespace obs"]);
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

describe("who sends spans beside what the mesh traces", () => {
  const env = [{ name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://collector:4317" }];
  const exporting = { containers: [{ name: "app", env }] };
  const senders = (...objects: unknown[]) =>
    TracingModel.from(objects).senders.map(
      ({ workload: { object }, membership, isAssumed }) =>
        `${membership} ${object.kind}${isAssumed === true ? " perhaps" : ""}`,
    );
  const enabled = { "istio-injection": "enabled" };

  it("are pods outside the mesh that export their own, and those of which nobody knows", () => {
    expect(senders(namespace("shop"), workload("Deployment", pod({}, {}, exporting)))).toEqual([
      "none Deployment",
    ]);
    expect(senders(namespace("shop"), workload("Deployment", pod()))).toEqual([]);
    expect(senders(workload("Deployment", pod()))).toEqual(["sidecar Deployment perhaps"]);
    expect(senders(workload("Deployment", pod({}, {}, exporting)))).toEqual(["sidecar Deployment perhaps"]);
    expect(senders(namespace("shop", enabled), workload("Deployment", pod({}, {}, exporting)))).toEqual([
      "sidecar Deployment",
    ]);
  });

  it("are no collectors of which nobody says that they are in the mesh, but what they export themselves", () => {
    const container = { name: "app", image: "otel/opentelemetry-collector:0.140.0" };
    expect(senders(workload("Deployment", pod({}, {}, { containers: [container] })))).toEqual([]);
    expect(senders(workload("Deployment", pod({}, {}, { containers: [{ ...container, env }] })))).toEqual([
      "none Deployment",
    ]);
  });

  it("stand for a namespace by its name where none of its pods is in the input", () => {
    const model = TracingModel.from([namespace("shop", enabled)]);
    expect(model.traced.map(({ workload: { object } }) => object)).toEqual([
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
    ]);
    const memberships = (labels: Labels) => traced([namespace("shop", labels)]);
    expect(memberships({ "istio.io/dataplane-mode": "ambient" })).toEqual(["ambient namespace shop"]);
    expect(memberships({ "istio.io/dataplane-mode": "none", ...enabled })).toEqual([
      "sidecar namespace shop",
    ]);
    expect(memberships({ "istio.io/dataplane-mode": "none", "istio.io/rev": "a" })).toEqual([
      "sidecar namespace shop",
    ]);
    expect(memberships({ "istio.io/dataplane-mode": "ambient", ...enabled })).toEqual([
      "sidecar namespace shop",
    ]);
  });

  it("are gateways where a pod of another kind is in their namespace, but not beside one of theirs", () => {
    const sidecar = workload("Deployment", pod());
    const gateways = ["shop"];
    expect(traced([namespace("shop", enabled), sidecar], { gateways })).toEqual([
      "sidecar Deployment shop",
      "gateway gateway shop",
    ]);
    const gateway = workload("Deployment", pod({ istio: "ingressgateway" }));
    expect(traced([namespace("shop", enabled), gateway], { gateways })).toEqual(["gateway Deployment shop"]);
  });
});
