import { describe, expect, it } from "vitest";
import { istioConfigMap, type Manifest, Mesh, meshConfig } from "../../../docs/generate/sample/mesh";
import { collectorsOf, tracingsOf } from "../../../policy/model/senderTracing";
import { TracingModel } from "../../../policy/model/tracingModel";
import { checkAll } from "../../../policy/checkAll";

const shared = "istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local:9411";
const application = "Deployment auth/auth-api";
const template = "spec template metadata";

const zipkin = (name: string, namespace: string) => ({
  name,
  zipkin: {
    service: `${namespace}/zipkin.${namespace}.svc.cluster.local`,
    port: 9411,
    traceContextOption: "USE_B3_WITH_W3C_PROPAGATION",
  },
});
const addressOf = (namespace: string): string => `${namespace}/zipkin.${namespace}.svc.cluster.local:9411`;
const telemetry = (namespace: string, spec: object, name = "tracing", created?: string): Manifest => ({
  apiVersion: "telemetry.istio.io/v1",
  kind: "Telemetry",
  metadata: { name, namespace, ...(created === undefined ? {} : { creationTimestamp: created }) },
  spec,
});
const uses = (name: string, more: object = {}) => ({ tracing: [{ providers: [{ name }], ...more }] });

/** The healthy mesh, whose mesh config also knows the collectors of two teams. */
function mesh(): Mesh {
  const { extensionProviders } = meshConfig() as { extensionProviders: object[] };
  return new Mesh().mesh("extensionProviders", [
    ...extensionProviders,
    zipkin("red", "red"),
    zipkin("blue", "blue"),
  ]);
}

/** Where the proxy of a workload sends its spans. */
function sentTo(objects: Mesh, name = "auth-api", options = {}): string[] {
  const model = TracingModel.from(objects.objects, options);
  const sender = model.senders.find(({ workload }) => workload.name === name);
  if (sender === undefined) throw new Error(`no sender ${name}`);
  return collectorsOf(model, sender).map(({ written }) => written);
}

describe("the collector of a proxy", () => {
  it("is that of its namespace's Telemetry over the mesh's, and that of its workload over both", () => {
    expect(sentTo(mesh())).toEqual([shared]);
    const red = () => mesh().add(telemetry("auth", uses("red")));
    expect(sentTo(red())).toEqual([addressOf("red")]);
    expect(sentTo(red(), "chat-api")).toEqual([shared]);
    expect(sentTo(red(), "istio-ingressgateway")).toEqual([shared]);
    const blue = (labels: object) =>
      telemetry("auth", { ...uses("BLUE"), selector: { matchLabels: labels } }, "own");
    expect(sentTo(red().add(blue({ app: "auth-api" })))).toEqual([addressOf("blue")]);
    expect(sentTo(red().add(blue({ app: "other" })))).toEqual([addressOf("red")]);
    // One without a provider keeps the mesh's.
    expect(sentTo(mesh().add(telemetry("auth", { tracing: [{ randomSamplingPercentage: 5 }] })))).toEqual([
      shared,
    ]);
  });

  it("is that of the oldest of several of a namespace", () => {
    const [old, young] = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"];
    const two = mesh().add(
      telemetry("auth", uses("blue"), "a", young),
      telemetry("auth", uses("red"), "b", old),
    );
    expect(sentTo(two)).toEqual([addressOf("red")]);
  });

  it("is named for gateways of the Gateway API by targetRefs", () => {
    const gateway = "Deployment istio-system/istio-ingressgateway";
    const named = () =>
      mesh().set(gateway, `${template} labels gateway.networking.k8s.io/gateway-name`, "public");
    const toGateway = (name: string, kind = "Gateway") =>
      telemetry("istio-system", { ...uses("red"), targetRefs: [{ kind, name }] }, "gateway");
    const ask = (objects: Mesh) => sentTo(objects, "istio-ingressgateway");
    expect(ask(named().add(toGateway("public")))).toEqual([addressOf("red")]);
    expect(ask(named().add(toGateway("private")))).toEqual([shared]);
    expect(ask(named().add(toGateway("public", "Service")))).toEqual([shared]);
    expect(ask(mesh().add(toGateway("public")))).toEqual([shared]);
    // Labels choose none of them.
    const bySelector = { ...uses("red"), selector: { matchLabels: { app: "istio-ingressgateway" } } };
    expect(ask(named().add(telemetry("istio-system", bySelector, "own")))).toEqual([shared]);
    expect(ask(mesh().add(telemetry("istio-system", bySelector, "own")))).toEqual([addressOf("red")]);
  });

  it("may differ for what arrives and what is sent; a gateway only sends", () => {
    const both = { tracing: [{ match: { mode: "SERVER" }, providers: [{ name: "red" }] }] };
    expect(sentTo(mesh().add(telemetry("auth", both)))).toEqual([shared, addressOf("red")]);
    expect(sentTo(mesh().add(telemetry("istio-system", both, "a")), "istio-ingressgateway")).toEqual([]);
    const client = { tracing: [{ match: { mode: "CLIENT" }, providers: [{ name: "red" }] }] };
    expect(sentTo(mesh().add(telemetry("istio-system", client, "a")), "istio-ingressgateway")).toEqual([
      addressOf("red"),
    ]);
  });

  it("is none where a Telemetry reports nothing, or names what is not defined", () => {
    expect(sentTo(mesh().add(telemetry("auth", { tracing: [{ disableSpanReporting: true }] })))).toEqual([]);
    expect(sentTo(mesh().add(telemetry("auth", uses("green"))))).toEqual([]);
    const on = {
      ...uses("red", { disableSpanReporting: false }),
      selector: { matchLabels: { app: "auth-api" } },
    };
    const off = telemetry("auth", { tracing: [{ disableSpanReporting: true }] });
    expect(sentTo(mesh().add(off, telemetry("auth", on, "own")))).toEqual([addressOf("red")]);
  });

  it("is that of the mesh config of its revision", () => {
    const canary = istioConfigMap({ extensionProviders: [zipkin("jaeger", "canary")] });
    canary.metadata.name = "istio-canary";
    const two = () => mesh().add(canary);
    const ofNamespace = () => two().set("Namespace auth", "metadata labels", { "istio.io/rev": "canary" });
    expect(sentTo(ofNamespace())).toEqual([addressOf("canary")]);
    expect(sentTo(ofNamespace(), "chat-api")).toEqual([shared]);
    expect(sentTo(ofNamespace().set(application, `${template} labels istio.io/rev`, "stable"))).toEqual([
      shared,
    ]);
    const ofPod = two().set(application, `${template} labels istio.io/rev`, "canary");
    // Somebody must name the revision before a ConfigMap is taken for that of one.
    ofPod.set("Namespace auth", "metadata labels", {
      "istio.io/rev": "canary",
      "istio-injection": "enabled",
    });
    expect(sentTo(ofPod)).toEqual([addressOf("canary")]);
    const injected = two().set("Namespace auth", "metadata labels", {
      "istio.io/rev": "canary",
      "istio-injection": "enabled",
    });
    expect(sentTo(injected)).toEqual([shared]);
    // Other revisions are no disagreement about this one.
    expect(TracingModel.from(ofNamespace().objects).mesh.disagreeing).toEqual([]);
  });

  it.each([
    ["istiod's chart", "HelmRelease"],
    ["the Sail operator", "Istio"],
    ["an IstioOperator", "IstioOperator"],
  ])("knows revisions of %s", (_, kind) => {
    const meshConfig = { extensionProviders: [zipkin("jaeger", "canary")] };
    const values = { revision: "canary", meshConfig };
    const [apiVersion, spec] = {
      HelmRelease: ["helm.toolkit.fluxcd.io/v2", { chart: { spec: { chart: "istiod" } }, values }] as const,
      Istio: ["sailoperator.io/v1", { values }] as const,
      IstioOperator: ["install.istio.io/v1alpha1", { revision: "canary", meshConfig }] as const,
    }[kind] as readonly [string, object];
    const object = { apiVersion, kind, metadata: { name: "canary", namespace: "istio-system" }, spec };
    const of = mesh().add(object).set("Namespace auth", "metadata labels", { "istio.io/rev": "canary" });
    expect(sentTo(of)).toEqual([addressOf("canary")]);
    expect(sentTo(of, "chat-api")).toEqual([shared]);
  });

  it.each<[string, Manifest]>([
    [
      "istioctl",
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "MutatingWebhookConfiguration",
        metadata: {
          name: "istio-revision-tag",
          labels: { "istio.io/tag": "prod", "istio.io/rev": "canary" },
        },
      },
    ],
    [
      "the Sail operator",
      {
        apiVersion: "sailoperator.io/v1",
        kind: "IstioRevisionTag",
        metadata: { name: "prod" },
        spec: { targetRef: { kind: "IstioRevision", name: "canary" } },
      },
    ],
    [
      "istiod's chart",
      {
        apiVersion: "helm.toolkit.fluxcd.io/v2",
        kind: "HelmRelease",
        metadata: { name: "istiod", namespace: "istio-system" },
        spec: {
          chart: { spec: { chart: "istiod" } },
          values: { revision: "canary", revisionTags: ["stable", "prod"] },
        },
      },
    ],
  ])("follows a tag of %s to its revision", (_, tag) => {
    const canary = istioConfigMap({ extensionProviders: [zipkin("jaeger", "canary")] });
    canary.metadata.name = "istio-canary";
    const labelled = (revision: string) =>
      mesh().add(canary, tag).set("Namespace auth", "metadata labels", { "istio.io/rev": revision });
    expect(sentTo(labelled("prod"))).toEqual([addressOf("canary")]);
    expect(sentTo(labelled("other"))).toEqual([shared]);
    expect(sentTo(labelled("prod"), "chat-api")).toEqual([shared]);
  });

  it("is that of an annotation, where no Telemetry and no default provider says anything", () => {
    const annotated = (config: string, objects = mesh().remove("Telemetry istio-system/mesh-default")) =>
      sentTo(objects.set(application, `${template} annotations`, { "proxy.istio.io/config": config }));
    const own = "tracing:\n  zipkin:\n    address: zipkin.red:9411\n";
    expect(annotated(own)).toEqual(["zipkin.red:9411"]);
    expect(annotated(own, mesh())).toEqual([shared]);
    expect(annotated("concurrency: 2")).toEqual([]);
    expect(annotated("tracing: [")).toEqual([]);
    const legacy = () =>
      mesh()
        .remove("Telemetry istio-system/mesh-default")
        .mesh("defaultConfig tracing", { zipkin: { address: "zipkin.blue:9411" } });
    expect(sentTo(legacy())).toEqual(["zipkin.blue:9411"]);
    expect(annotated(own, legacy())).toEqual(["zipkin.red:9411"]);
    expect(annotated("tracing:\n  sampling: 5\n", legacy())).toEqual(["zipkin.blue:9411"]);
    expect(annotated(own, legacy().mesh("enableTracing", false))).toEqual([]);
    expect(annotated(own, legacy().mesh("defaultProviders", { tracing: ["blue"] }))).toEqual([
      addressOf("blue"),
    ]);
  });

  it("is zipkin beside istiod by default before Istio 1.22, if it is there", () => {
    const silent = () =>
      mesh()
        .remove("Telemetry istio-system/mesh-default")
        .copy("Service istio-system/jaeger-collector-clusterip", "zipkin");
    const found = ["zipkin.istio-system:9411"];
    expect(sentTo(silent(), "auth-api", { istioVersion: "1.21" })).toEqual(found);
    expect(sentTo(silent(), "auth-api", { istioVersion: "1.22" })).toEqual([]);
    expect(sentTo(silent().mesh("enableTracing", false), "auth-api", { istioVersion: "1.21" })).toEqual([]);
    expect(
      sentTo(silent().remove("Service istio-system/zipkin"), "auth-api", { istioVersion: "1.21" }),
    ).toEqual([]);
  });

  it("is the one that the caller names, whatever the proxy is told", () => {
    const given = { collector: "observability/tempo:9411" };
    expect(sentTo(mesh().add(telemetry("auth", uses("red"))), "auth-api", given)).toEqual([given.collector]);
  });

  it("is told once for all that have the same", () => {
    const model = TracingModel.from(
      mesh().add(telemetry("auth", uses("red")), telemetry("chat", uses("red"))).objects,
    );
    expect(model.collectors.map(({ written }) => written)).toEqual([shared, addressOf("red")]);
    const states = model.senders.flatMap((sender) =>
      tracingsOf(model, sender).map(({ tracing }) => tracing.state),
    );
    expect(new Set(states)).toEqual(new Set(["on"]));
  });
});

it("a path is closed to the collector of a namespace alone, and its Service is judged too", () => {
  const objects = mesh().add(telemetry("auth", uses("red", { randomSamplingPercentage: 100 })));
  const red = (clusterIP?: string): Manifest[] => [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "red" } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "zipkin", namespace: "red" },
      spec: {
        selector: { app: "zipkin" },
        ports: [{ name: "http", port: 9411 }],
        ...(clusterIP && { clusterIP }),
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "zipkin", namespace: "red" },
      spec: {
        selector: { matchLabels: { app: "zipkin" } },
        template: { metadata: { labels: { app: "zipkin" } }, spec: { containers: [{ name: "zipkin" }] } },
      },
    },
  ];
  const found = (all: readonly unknown[]) =>
    checkAll(all, { minSampling: 100 }).map(
      ({ level, rule, namespace, name }) => `${level} ${rule} ${namespace}/${name}`,
    );
  expect(found([...objects.objects, ...red()])).toEqual(["error trace-path-open auth/allow-jaeger-egress"]);
  expect(found([...objects.objects, ...red("None")])).toEqual(["error collector-service red/zipkin"]);
  const open = objects.set("NetworkPolicy auth/allow-jaeger-egress", "spec egress 1", {
    to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "red" } } }],
    ports: [{ protocol: "TCP", port: 9411 }],
  });
  expect(found([...open.objects, ...red()])).toEqual([]);
});

describe("what a proxy traces with", () => {
  /** `state provider` of every direction of a workload's proxy. */
  const inUse = (objects: Mesh, name = "auth-api", options = {}) => {
    const model = TracingModel.from(objects.objects, options);
    const sender = model.senders.find(({ workload }) => workload.name === name);
    if (sender === undefined) throw new Error(`no sender ${name}`);
    return tracingsOf(model, sender).map(({ tracing }) => `${tracing.state} ${tracing.providerName ?? "-"}`);
  };
  const ofMode = (mode: string, name: string) => ({ tracing: [{ match: { mode }, providers: [{ name }] }] });
  const selecting = (labels: object, name: string, more: object = {}) => ({
    ...uses(name, more),
    selector: { matchLabels: labels },
  });

  it("is each workload's own, in one namespace too", () => {
    const two = mesh()
      .copy(application, "auth-web")
      .set("Deployment auth/auth-web", `${template} labels app`, "auth-web")
      .add(telemetry("auth", selecting({ app: "auth-api" }, "red"), "red"))
      .add(telemetry("auth", selecting({ app: "auth-web" }, "blue"), "blue"));
    const model = TracingModel.from(two.objects);
    const sent = (name: string) => {
      const sender = model.senders.find(({ workload }) => workload.name === name);
      return sender && collectorsOf(model, sender).map(({ written }) => written);
    };
    expect(["auth-api", "auth-web", "chat-api"].map(sent)).toEqual([
      [addressOf("red")],
      [addressOf("blue")],
      [shared],
    ]);
    const half = telemetry("auth", selecting({ app: "auth-api", tier: "front" }, "blue"), "half");
    expect(inUse(mesh().add(half))).toEqual(inUse(mesh()));
  });

  it("may be two providers, one of which is for what arrives", () => {
    const both = mesh().add(
      telemetry("auth", { tracing: [...uses("red").tracing, ...ofMode("SERVER", "blue").tracing] }),
    );
    expect(inUse(both)).toEqual(["on red", "on blue"]);
    const off = mesh().add(
      telemetry("auth", { tracing: [{ match: { mode: "SERVER" }, disableSpanReporting: true }] }),
    );
    expect(inUse(off).map((one) => one.split(" ")[0])).toEqual(["on", "off"]);
    // Of the mesh's own Telemetry, too, and of a gateway only what it sends.
    const own = "Telemetry istio-system/mesh-default";
    const ofMesh = mesh().set(own, "spec tracing", [
      ...uses("red").tracing,
      ...ofMode("SERVER", "blue").tracing,
    ]);
    expect(inUse(ofMesh)).toEqual(["on red", "on blue"]);
    expect(inUse(ofMesh, "istio-ingressgateway")).toEqual(["on red"]);
    const waypoint = ofMesh.set(
      "Deployment istio-system/istio-ingressgateway",
      `${template} labels gateway.istio.io/managed`,
      "istio.io-mesh-controller",
    );
    expect(inUse(waypoint, "istio-ingressgateway")).toEqual(["on red", "on blue"]);
  });

  it("is what the target of a Telemetry has", () => {
    const gateway = "Deployment istio-system/istio-ingressgateway";
    const named = (spec: object) =>
      inUse(
        mesh()
          .set(gateway, `${template} labels gateway.networking.k8s.io/gateway-name`, "public")
          .add(telemetry("istio-system", { ...uses("red"), ...spec }, "own")),
        "istio-ingressgateway",
      );
    const target = { kind: "Gateway", name: "public" };
    expect(named({ targetRef: target })).toEqual(["on red"]);
    expect(named({ targetRefs: [{ kind: "Gateway", name: "other" }, target] })).toEqual(["on red"]);
    expect(named({ targetRef: { kind: "Service", name: "public" } })).not.toEqual(["on red"]);
    // What names no target is for no pod without a gateway's name.
    const nameless = mesh().add(telemetry("auth", { ...uses("red"), targetRef: { kind: "Gateway" } }, "own"));
    expect(inUse(nameless)).toEqual(inUse(mesh()));
  });

  it("is what an annotation of its pod says of tracing, if it can be read", () => {
    const annotated = (written: string) =>
      TracingModel.from([
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "istio", namespace: "istio-system" },
          data: { mesh: "{}" },
        },
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: {
            name: "app",
            namespace: "shop",
            labels: { "sidecar.istio.io/inject": "true" },
            annotations: { "proxy.istio.io/config": written },
          },
          spec: { containers: [] },
        },
      ]);
    const address = (written: string) => {
      const model = annotated(written);
      const [sender] = model.senders;
      return sender && tracingsOf(model, sender).map(({ tracing }) => tracing.legacyAddress);
    };
    expect(address("tracing: { zipkin: { address: 'z.tracing:9411' } }")).toEqual(["z.tracing:9411"]);
    for (const written of ["concurrency: 2", "tracing: [", "text", ""]) {
      expect(address(written)).toEqual([undefined]);
    }
  });

  it("is the collector that is given, whether or not anything is said to be traced", () => {
    const off = mesh().add(telemetry("auth", { tracing: [{ disableSpanReporting: true }] }));
    expect(sentTo(off)).toEqual([]);
    expect(sentTo(off, "auth-api", { collector: "tracing/tempo:9411" })).toEqual(["tracing/tempo:9411"]);
  });
});
