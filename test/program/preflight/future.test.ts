import { describe, expect, test } from "vitest";
import { manifestsOf } from "../../../components";
import { isChart, isPatch } from "../../../components/manifest";
import { parseStack, type StackConfig } from "../../../config/stack";
import { jaegerPodLabels } from "../../../mesh/jaegerChart";
import { kialiPodLabels } from "../../../mesh/labels";
import { futureOf, judge } from "../../../program/preflight/future";
import { type LiveObject } from "../../../program/preflight/liveObject";
import { planned } from "../../fixtures/cluster";
import { stackOf } from "../../fixtures/stack";

const workload = (namespace: string, name: string, labels: Record<string, string>, image: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name, image }] } },
  },
});
const namespace = (name: string) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels: { "kubernetes.io/metadata.name": name } },
});
/** A mesh with one application, whose namespace nobody isolates. */
const cluster = [
  ...["istio-system", "kube-system", "edge", "shop"].map(namespace),
  workload("istio-system", "istiod", { app: "istiod" }, "docker.io/istio/pilot:1.31.0"),
  workload("kube-system", "coredns", { "k8s-app": "kube-dns" }, "coredns:1.11"),
  workload("shop", "cart", { app: "cart" }, "example.com/cart:1"),
];
const policy = (name: string, egress: object[]) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace: "shop" },
  spec: { podSelector: {}, policyTypes: ["Egress"], egress },
});
const dnsAndIstiod = [
  { ports: [{ port: 53, protocol: "UDP" }, { port: 53 }] },
  { to: [{ namespaceSelector: {} }], ports: [{ port: 15012 }] },
];
const config = parseStack(stackOf(), "test");

const rulesOf = (of: StackConfig, live: readonly unknown[], objects: readonly LiveObject[] = []) => {
  const facts = { live, objects, telemetries: [], namespaces: undefined, unserved: [] };
  const { broken, brokenBefore, awaited } = judge(of, facts);
  const rules = (found: typeof broken) =>
    found.map(({ rule, namespace: place, name }) => `${rule} ${place}/${name}`);
  return { broken: rules(broken), before: rules(brokenBefore), awaited: rules(awaited) };
};
const nothing = { broken: [], before: [], awaited: [] };
const cut = "mesh-baseline-egress shop/allow-jaeger-egress";

describe("isolation existing", () => {
  test("in a namespace that nobody isolates cuts DNS and istiod, and is found before it does", () => {
    expect(rulesOf(config, cluster)).toEqual({ ...nothing, broken: [cut] });
  });

  test("in one that others isolate is right", () => {
    expect(rulesOf(config, [...cluster, policy("team", dnsAndIstiod)])).toEqual(nothing);
  });

  test("is right where the namespace is isolated by this stack, or not at all", () => {
    for (const isolation of ["restricted", "none"]) {
      const other = parseStack(stackOf({ namespaces: { shop: { isolation } } }), "test");
      expect(rulesOf(other, cluster)).toEqual(nothing);
    }
  });
});

test("what was broken before this change is told apart", () => {
  const made = manifestsOf(config).filter((manifest) => !isChart(manifest) && !isPatch(manifest));
  expect(rulesOf(config, [...cluster, ...made])).toEqual({ ...nothing, before: [cut] });
});

test("what a change puts back in part was broken before, what it breaks beside that was not", () => {
  const made = (egress: object[]) => ({
    ...policy("allow-jaeger-egress", egress),
    metadata: { name: "allow-jaeger-egress", namespace: "shop", labels: { "mesh-tracing/stack": "test" } },
  });
  // The stack's policy allows neither DNS nor istiod, which nothing here but an open one beside it does.
  const open = policy("open", [{}]);
  const nowhere = made([{ to: [{ podSelector: { matchLabels: { a: "b" } } }] }]);
  expect(rulesOf(config, [...cluster, nowhere])).toEqual({ ...nothing, before: [cut] });
  expect(rulesOf(config, [...cluster, made([...dnsAndIstiod])])).toEqual({ ...nothing, broken: [cut] });
  expect(rulesOf(config, [...cluster, nowhere, open])).toEqual(nothing);
});

test("nor is what moves because an entry before it is put back", () => {
  const raw = stackOf({
    namespaces: { shop: { isolation: "none" } },
    kiali: { namespace: "istio-system", install: {} },
    prometheus: { namespace: "monitoring", url: "http://prometheus.monitoring:9090" },
  });
  const withKiali = parseStack(raw, "test");
  const made = manifestsOf(withKiali).filter((manifest) => !isChart(manifest));
  const withoutFirst = made.map((manifest) => {
    const { egress } = (manifest.spec ?? {}) as { egress?: unknown[] };
    return manifest.metadata.name === "allow-kiali-egress"
      ? { ...manifest, spec: { ...(manifest.spec as object), egress: egress!.slice(1) } }
      : manifest;
  });
  // Somebody gave Kiali a proxy, which its policy lets reach neither istiod nor the collector.
  const labels = { ...kialiPodLabels, "sidecar.istio.io/inject": "true" };
  const kiali = workload("istio-system", "kiali", labels, "quay.io/kiali/kiali:v2.29.0");
  const pods = jaegerPodLabels("jaeger");
  const jaeger = workload("istio-system", "jaeger", pods, "docker.io/jaegertracing/jaeger:2.19.0");
  expect(rulesOf(withKiali, [...cluster, ...withoutFirst, kiali, jaeger])).toEqual({
    ...nothing,
    before: [
      "mesh-baseline-egress istio-system/allow-kiali-egress",
      "trace-path-open istio-system/allow-kiali-egress",
      "trace-path-open istio-system/allow-tracing-ingress",
    ],
  });
});

test("the other rules too: a namespace without isolation that policies of others close", () => {
  const open = parseStack(stackOf({ namespaces: { shop: { isolation: "none" } } }), "test");
  expect(rulesOf(open, [...cluster, policy("team", dnsAndIstiod)])).toEqual({
    ...nothing,
    broken: ["trace-path-open shop/team"],
  });
});

test("a host that another ServiceEntry has is no error of the mesh, and stops the change all the same", () => {
  const raw = stackOf({
    namespaces: { shop: { isolation: "none" } },
    externalServices: { openai: { hosts: ["api.openai.com"] } },
  });
  const theirs = {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "openai", namespace: "shop" },
    spec: {
      hosts: ["api.openai.com"],
      location: "MESH_EXTERNAL",
      ports: [{ name: "https", number: 443, protocol: "HTTPS" }],
      resolution: "DNS",
    },
  };
  expect(rulesOf(parseStack(raw, "test"), [...cluster, theirs])).toEqual({
    ...nothing,
    broken: ["service-entry-hosts istio-system/openai"],
  });
});

test("a Sidecar that hides the collector's Service", () => {
  const sidecar = {
    apiVersion: "networking.istio.io/v1",
    kind: "Sidecar",
    metadata: { name: "default", namespace: "shop" },
    spec: { egress: [{ hosts: ["./*"] }] },
  };
  const open = parseStack(stackOf({ namespaces: { shop: { isolation: "none" } } }), "test");
  expect(rulesOf(open, [...cluster, sidecar])).toEqual({
    ...nothing,
    broken: ["collector-visible shop/default"],
  });
});

test("with delivery values the mesh config of others is waited for", () => {
  const istio = { version: "1.31", delivery: "values" };
  const raw = stackOf({ istio, namespaces: { shop: { isolation: "none" } } });
  const mesh = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "istio", namespace: "istio-system" },
    data: { mesh: "rootNamespace: istio-system\n" },
  };
  expect(rulesOf(parseStack(raw, "test"), [...cluster, mesh])).toEqual({
    ...nothing,
    awaited: ["telemetry-provider istio-system/mesh-default"],
  });
});

describe("the objects of the future", () => {
  const own = { "mesh-tracing/stack": "test" };
  const live = (
    kind: string,
    name: string,
    labels: Record<string, string>,
    annotations = {},
  ): LiveObject => ({
    apiVersion: "v1",
    kind,
    metadata: { name, namespace: "shop", labels, annotations },
  });
  const named = (objects: readonly LiveObject[]) =>
    (futureOf(config, objects) as LiveObject[])
      .filter(({ metadata }) => metadata.name.startsWith("x-"))
      .map(({ metadata }) => metadata.name);

  test("are without what the stack has not any more", () => {
    expect(named([live("ConfigMap", "x-gone", own), live("ConfigMap", "x-other", {})])).toEqual(["x-other"]);
  });

  test("are with what is kept, what others track and what a chart of the stack makes", () => {
    expect(
      named([
        live("PersistentVolumeClaim", "x-volume", own),
        live("ConfigMap", "x-argo", own, { "argocd.argoproj.io/tracking-id": "a:b" }),
        live("ConfigMap", "x-chart", {
          ...own,
          "helm.sh/chart": "jaeger-4.11.1",
          "app.kubernetes.io/instance": "jaeger",
        }),
      ]),
    ).toEqual(["x-volume", "x-argo", "x-chart"]);
  });

  test("are the stack's own as it will make them, with what the cluster knows of them", () => {
    const { plan } = planned(stackOf());
    const service = plan.creates.find(({ name }) => name === "jaeger-collector-clusterip")!;
    const before = {
      ...service.manifest,
      metadata: { ...service.manifest.metadata, creationTimestamp: "2026-01-01T00:00:00Z" },
      spec: { clusterIP: "10.0.0.1" },
    };
    const after = (futureOf(config, [before as LiveObject]) as LiveObject[]).filter(
      ({ metadata }) => metadata.name === service.name,
    );
    expect(after).toEqual([{ ...before, spec: service.manifest.spec }]);
  });

  test("are the chart's that are there, and the chart where they are not", () => {
    const charts = (objects: readonly unknown[]) =>
      (futureOf(config, objects as LiveObject[]) as LiveObject[]).filter(({ kind }) => kind === "HelmChart")
        .length;
    const deployment = workload("istio-system", "jaeger", {}, "jaegertracing/jaeger:2.19.0");
    expect([charts([]), charts([deployment])]).toEqual([1, 0]);
  });

  test("are the chart's as it makes them where others have changed one, because that is put back", () => {
    const labels = { ...own, "helm.sh/chart": "jaeger-4.11.1", "app.kubernetes.io/instance": "jaeger" };
    const futureKinds = (managers: { manager: string; subresource?: string }[]) => {
      const deployment = workload("istio-system", "jaeger", {}, "jaegertracing/jaeger:2.19.0");
      const metadata = { ...deployment.metadata, labels, managedFields: managers };
      return (futureOf(config, [{ ...deployment, metadata } as unknown as LiveObject]) as LiveObject[])
        .map(({ kind }) => kind)
        .filter((kind) => ["HelmChart", "Deployment"].includes(kind ?? ""));
    };
    const byPulumi = { manager: "pulumi-kubernetes-1" };
    expect(futureKinds([byPulumi, { manager: "controller", subresource: "status" }])).toContain("Deployment");
    const patched = futureKinds([byPulumi, { manager: "kubectl-patch" }]);
    expect(patched).toContain("HelmChart");
    expect(patched.length).toBe(futureKinds([byPulumi]).length);
  });
});

test("a chart is known by its own name, wherever it is", () => {
  const raw = stackOf({
    namespaces: { shop: { isolation: "none" } },
    jaeger: { chart: { path: "./vendor/tracing" } },
  });
  expect(rulesOf(parseStack(raw, "test"), cluster)).toEqual(nothing);
});
