import { describe, expect, test } from "vitest";
import { type LiveObject, ownerOf } from "../../../program/preflight/liveObject";
import { type ObjectId, type Plan } from "../../../program/preflight/plan";
import { check, live } from "../../fixtures/cluster";
import { managedIstio, stackOf } from "../../fixtures/stack";

const nothing = { blockers: [], foreign: [], adopted: [], letGo: [] };
const blockers = (...lines: string[]) => ({ ...nothing, blockers: lines });
const uiSections = {
  jaeger: { host: "jaeger.example.com" },
  ui: { certificate: { selfSigned: true }, access: { sourceRanges: ["203.0.113.0/24"] } },
};
const sharedConfig = { apiVersion: "v1", kind: "ConfigMap", namespace: "istio-system", name: "mesh-tracing" };

const deploymentOf = ({ creates }: Plan, named: string): ObjectId =>
  creates.find(({ kind, name }) => kind === "Deployment" && name === named)!;

test("a cluster that has what the stack needs, and nothing of its own, is ready", () => {
  expect(check(stackOf())).toEqual(nothing);
  expect(check(stackOf({ istio: managedIstio }))).toEqual(nothing);
});

describe("namespaces that are missing", () => {
  const without = (raw: object, ...names: string[]) =>
    check(stackOf(raw as Record<string, unknown>), ({ namespaces }) => ({
      namespaces: new Set([...(namespaces ?? [])].filter((name) => !names.includes(name))),
    }));
  const prometheus = { namespace: "monitoring", url: "http://prometheus.monitoring:9090" };
  const installedKiali = { kiali: { namespace: "mesh-ui", install: {} }, prometheus };
  const createdKiali = { kiali: { namespace: "mesh-ui", install: { createNamespace: true } }, prometheus };
  const missing = (name: string, way: string) => `namespace ${name} is not in the cluster: ${way}`;
  const install = "install Istio, or correct istio.rootNamespace";
  const obs = { jaeger: { namespace: "obs" } };
  const inOwn = { istio: { ...managedIstio, createNamespace: false } };

  test.each<[string, object, string[], string[]]>([
    ["the root namespace", {}, ["istio-system"], [missing("istio-system", install)]],
    [
      "the root namespace of an Istio of the stack's own",
      inOwn,
      ["istio-system"],
      [missing("istio-system", "create it, or set istio.createNamespace true")],
    ],
    [
      "that of Kiali, which is to be installed",
      installedKiali,
      ["mesh-ui"],
      [missing("mesh-ui", "create it, or set kiali.install.createNamespace true")],
    ],
    ["that of Kiali, which the stack creates", createdKiali, ["mesh-ui"], []],
    ["Jaeger's own", obs, ["obs"], [missing("obs", "create it, or set jaeger.createNamespace true")]],
    ["a traced one", {}, ["shop"], [missing("shop", "create it, or set namespaces.shop.create true")]],
    [
      "that of a gateway to install",
      {
        istio: {
          ...managedIstio,
          install: { ...managedIstio.install, gateway: { namespace: "edge" } },
        },
      },
      ["edge"],
      [missing("edge", "create it, or set istio.install.gateway.createNamespace true")],
    ],
    [
      "that of the gateway that leads people to the UI",
      uiSections,
      ["edge"],
      [missing("edge", "install the gateway, or correct ui.gateway.namespace")],
    ],
    [
      "that of a cert-manager to install",
      { ...uiSections, certManager: { install: {} } },
      ["cert-manager"],
      [missing("cert-manager", "create it, or set certManager.install.createNamespace true")],
    ],
    [
      "several, each once and in the order of the stack file",
      obs,
      ["shop", "obs", "istio-system"],
      [
        missing("istio-system", install),
        missing("obs", "create it, or set jaeger.createNamespace true"),
        missing("shop", "create it, or set namespaces.shop.create true"),
      ],
    ],
    [
      "those that the stack creates are none",
      {
        istio: managedIstio,
        jaeger: { namespace: "obs", createNamespace: true },
        namespaces: { shop: { isolation: "none", create: true } },
      },
      ["istio-system", "edge", "obs", "shop"],
      [],
    ],
  ])("%s", (_, sections, names, expected) => {
    expect(without(sections, ...names)).toEqual(blockers(...expected));
  });

  test("are not looked for where namespaces may not be listed", () => {
    expect(check(stackOf(), () => ({ namespaces: undefined }))).toEqual(nothing);
  });
});

describe("kinds that the cluster does not serve", () => {
  test("of cert-manager are blockers unless the stack installs it, whoever installs Istio", () => {
    const facts = () => ({ unserved: ["Certificate.cert-manager.io/v1"] });
    const line =
      "the cluster does not serve Certificate.cert-manager.io/v1: install cert-manager, or set certManager.install";
    expect(check(stackOf(uiSections), facts)).toEqual(blockers(line));
    expect(check(stackOf({ ...uiSections, istio: managedIstio }), facts)).toEqual(blockers(line));
    expect(check(stackOf({ ...uiSections, certManager: { install: {} } }), facts)).toEqual(nothing);
  });

  test("of the Prometheus Operator are blockers, whoever installs Istio", () => {
    const stack = { istio: managedIstio, prometheus: { namespace: "monitoring", podMonitor: {} } };
    expect(check(stackOf(stack), () => ({ unserved: ["PodMonitor.monitoring.coreos.com/v1"] }))).toEqual(
      blockers(
        "the cluster does not serve PodMonitor.monitoring.coreos.com/v1: install the Prometheus Operator, or remove " +
          "prometheus.podMonitor",
      ),
    );
  });

  const unserved = ["Telemetry.telemetry.istio.io/v1", "ServiceEntry.networking.istio.io/v1"];

  test("are blockers where others install Istio", () => {
    const way = "install Istio 1.23 or newer, or set istio.delivery managed";
    expect(check(stackOf(), () => ({ unserved }))).toEqual(
      blockers(...unserved.map((kind) => `the cluster does not serve ${kind}: ${way}`)),
    );
  });

  test("come with the Istio of the stack's own", () => {
    expect(check(stackOf({ istio: managedIstio }), () => ({ unserved }))).toEqual(nothing);
  });
});

describe("an object of the stack's that is already there", () => {
  const found = (metadata: Partial<LiveObject["metadata"]>, ...adopting: string[]) =>
    check(stackOf(), ({ objects }) => ({ objects: [...objects, live(sharedConfig, metadata)] }), adopting);

  test("and is the stack's own, is right", () => {
    expect(found({ labels: { "mesh-tracing/stack": "test" } })).toEqual(nothing);
  });

  const labelled = { labels: { "mesh-tracing/stack": "test" } };
  test.each<[string, Partial<LiveObject["metadata"]>]>([
    [
      "the Argo CD application tracing",
      {
        ...labelled,
        annotations: { "argocd.argoproj.io/tracking-id": "tracing:/ConfigMap:istio-system/mesh" },
      },
    ],
    [
      "the Flux Kustomization tracing",
      { labels: { ...labelled.labels, "kustomize.toolkit.fluxcd.io/name": "tracing" } },
    ],
    ["the Helm release tracing", { ...labelled, annotations: { "meta.helm.sh/release-name": "tracing" } }],
    ["the Helm release mesh", { annotations: { "meta.helm.sh/release-name": "mesh" } }],
    ["the stack prod of this project", { labels: { "mesh-tracing/stack": "prod" } }],
    ["an unknown owner", {}],
  ])("and is managed by %s, must be taken over", (owner, metadata) => {
    expect(found(metadata)).toEqual({
      blockers: [],
      foreign: [`ConfigMap istio-system/mesh-tracing: ${owner}`],
      adopted: [],
      letGo: [],
    });
    expect(found(metadata, "ConfigMap istio-system/mesh-tracing")).toEqual({
      blockers: [],
      foreign: [],
      adopted: [`ConfigMap istio-system/mesh-tracing: ${owner}`],
      letGo: [`ConfigMap istio-system/mesh-tracing: ${owner} must stop managing it, without deleting it`],
    });
  });

  test("of the same name elsewhere is another object", () => {
    const elsewhere = live({ ...sharedConfig, namespace: "shop" });
    expect(check(stackOf(), ({ objects }) => ({ objects: [...objects, elsewhere] }))).toEqual(nothing);
  });
});

describe("an istiod that a Pulumi program made", () => {
  const raw = stackOf({ istio: managedIstio });
  const text = "Deployment istio-system/istiod";
  const found = (labels: Record<string, string>, adopting: readonly string[] = [], annotations = {}) =>
    check(
      raw,
      ({ objects }, plan) => ({
        objects: [
          ...objects,
          live(deploymentOf(plan, "istiod"), {
            labels,
            annotations,
            managedFields: [{ manager: "pulumi-kubernetes-4f8a1c2d", operation: "Apply" }],
          }),
        ],
      }),
      adopting,
    );
  const another = (owner: string) =>
    blockers(
      `${text} of another Istio (${owner}) exists: set istio.delivery shared and remove istio.install, it is used as it is`,
    );
  const owner = "a Pulumi program that gave it no label of a stack, such as an earlier version of this one";

  test("is the stack's own by its label", () => {
    expect(found({ "mesh-tracing/stack": "test" })).toEqual(nothing);
  });

  test("is another's by another label or mark", () => {
    expect(found({ "mesh-tracing/stack": "prod" })).toEqual(another("the stack prod of this project"));
    expect(found({}, [], { "meta.helm.sh/release-name": "istiod" })).toEqual(
      another("the Helm release istiod"),
    );
  });

  test("without a label may be of an earlier version, and is taken over where it is named", () => {
    expect(found({ app: "istiod" })).toEqual({ ...nothing, foreign: [`${text}: ${owner}`] });
    expect(found({ app: "istiod" }, [text])).toEqual({
      ...nothing,
      adopted: [`${text}: ${owner}`],
      letGo: [
        `${text}: ${owner}; where that was another program, it must stop managing it, without deleting it`,
      ],
    });
  });
});

test("a cert-manager of the stack's own release from before it was labelled is taken over where it is named", () => {
  const raw = stackOf({ certManager: { install: {} } });
  const found = (release: string, adopting: readonly string[] = []) =>
    check(
      raw,
      ({ objects }, plan) => ({
        objects: [
          ...objects,
          ...["cert-manager", "cert-manager-webhook", "cert-manager-cainjector"].map((name) =>
            live(deploymentOf(plan, name), { annotations: { "meta.helm.sh/release-name": release } }),
          ),
        ],
      }),
      adopting,
    );
  expect(found("tls")).toEqual(
    blockers(
      "Deployment cert-manager/cert-manager of another cert-manager (the Helm release tls) exists: remove certManager, " +
        "it is used as it is",
    ),
  );
  const names = ["cert-manager", "cert-manager-webhook", "cert-manager-cainjector"].map(
    (name) => `Deployment cert-manager/${name}`,
  );
  expect(found("cert-manager").foreign).toEqual(
    names.map((name) => `${name}: the Helm release cert-manager`),
  );
  expect(found("cert-manager", names).adopted).toHaveLength(3);
});

describe("what cannot be taken over", () => {
  test("a namespace that the stack would create", () => {
    const raw = stackOf({ namespaces: { shop: { isolation: "none", create: true } } });
    const namespace = live({ apiVersion: "v1", kind: "Namespace", name: "shop" });
    expect(check(raw, ({ objects }) => ({ objects: [...objects, namespace] }))).toEqual(
      blockers("Namespace shop exists: remove the create that asks for it, it is used as it is"),
    );
  });

  test("a headless Service", () => {
    const service = {
      apiVersion: "v1",
      kind: "Service",
      namespace: "istio-system",
      name: "jaeger-query-clusterip",
    };
    const headless = live(service, {}, { clusterIP: "None" });
    const text = "Service istio-system/jaeger-query-clusterip";
    expect(check(stackOf(), ({ objects }) => ({ objects: [...objects, headless] }))).toEqual(
      blockers(
        `${text} is headless, which cannot be changed: kubectl -n istio-system delete service jaeger-query-clusterip`,
      ),
    );
  });

  test("a Service with an address is taken over", () => {
    const service = {
      apiVersion: "v1",
      kind: "Service",
      namespace: "istio-system",
      name: "jaeger-query-clusterip",
    };
    const normal = live(service, {}, { clusterIP: "10.96.0.7" });
    expect(check(stackOf(), ({ objects }) => ({ objects: [...objects, normal] })).blockers).toEqual([]);
  });

  test("a Deployment of Kiali that selects its pods by other labels is refused, another is taken over", () => {
    const kiali = (matchLabels: Record<string, string>) =>
      check(
        stackOf({
          kiali: { namespace: "istio-system", install: {} },
          prometheus: { namespace: "monitoring", url: "http://prometheus.monitoring:9090" },
        }),
        ({ objects }, plan) => ({
          objects: [...objects, live(deploymentOf(plan, "kiali"), {}, { selector: { matchLabels } })],
        }),
      ).blockers;
    expect(kiali({ "app.kubernetes.io/name": "kiali", "app.kubernetes.io/instance": "kiali" })).toEqual([]);
    expect(kiali({ app: "kiali" })).toEqual([
      "Deployment istio-system/kiali selects its pods by other labels, which cannot be changed: uninstall that Kiali " +
        "(an unknown owner), or set kiali.namespace to another namespace",
    ]);
  });

  describe("a Deployment of Jaeger", () => {
    const jaeger = (matchLabels: Record<string, string>) =>
      check(stackOf(), ({ objects }, plan) => ({
        objects: [
          ...objects,
          live(
            deploymentOf(plan, "jaeger"),
            { annotations: { "meta.helm.sh/release-name": "old-jaeger" } },
            { selector: { matchLabels } },
          ),
        ],
      })).blockers;
    const ours = {
      "app.kubernetes.io/name": "jaeger",
      "app.kubernetes.io/instance": "jaeger",
      "app.kubernetes.io/component": "all-in-one",
    };
    const refused = [
      "Deployment istio-system/jaeger selects its pods by other labels, which cannot be changed: uninstall that " +
        "Jaeger (the Helm release old-jaeger), or set jaeger.release to another name",
    ];

    test("that selects its pods alike is taken over, whatever the order of its labels", () => {
      expect(jaeger(ours)).toEqual([]);
    });

    test.each<[string, Record<string, string>]>([
      ["another value", { ...ours, "app.kubernetes.io/component": "query" }],
      ["a label more", { ...ours, tier: "tracing" }],
      ["no labels", {}],
    ])("that selects by %s is not", (_, matchLabels) => {
      expect(jaeger(matchLabels)).toEqual(refused);
    });
  });
});

describe("who manages an object", () => {
  const argo = { "argocd.argoproj.io/tracking-id": "tracing:apps/Deployment:obs/jaeger" };
  const helm = { "meta.helm.sh/release-name": "traces" };
  test.each<[string, Partial<LiveObject["metadata"]>]>([
    ["the Argo CD application tracing", { annotations: argo }],
    ["the Argo CD application apps", { labels: { "argocd.argoproj.io/instance": "apps" } }],
    ["the Argo CD application tracing", { annotations: { ...helm, ...argo } }],
    ["the Flux Kustomization infra", { labels: { "kustomize.toolkit.fluxcd.io/name": "infra" } }],
    [
      "the Flux HelmRelease traces",
      { labels: { "helm.toolkit.fluxcd.io/name": "traces" }, annotations: helm },
    ],
    ["the Helm release traces", { annotations: helm, labels: { "mesh-tracing/stack": "prod" } }],
    ["the stack prod of this project", { labels: { "mesh-tracing/stack": "prod" } }],
    [
      "kubectl apply",
      {
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
        managedFields: [{ manager: "kubectl-client-side-apply", time: "2026-01-01T00:00:00Z" }],
      },
    ],
    [
      "the field manager terraform",
      {
        managedFields: [
          { manager: "kubectl", time: "2026-01-01T00:00:00Z" },
          { manager: "terraform", time: "2026-03-01T00:00:00Z" },
          { manager: "helm", time: "2026-02-01T00:00:00Z" },
          { manager: "before-time" },
        ],
      },
    ],
    ["an unknown owner", { managedFields: [{}] }],
    ["an unknown owner", {}],
  ])("%s: %j", (owner, metadata) => {
    expect(ownerOf({ metadata: { name: "a", ...metadata } })).toBe(owner);
  });
});
