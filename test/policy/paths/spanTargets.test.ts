/** What a traced pod must reach. */
import { describe, expect, it } from "vitest";
import { peerSpec } from "../../../policy/paths/target";
import { SpanTargets } from "../../../policy/paths/spanTargets";
import { type Traced } from "../../../policy/model/traced";
import { TracingModel } from "../../../policy/model/tracingModel";
import { type Options } from "../../../policy/model/options";
import { collectorHost, Mesh } from "../../../docs/generate/sample/mesh";

const app = "Deployment auth/auth-api";
const jaeger = "Deployment istio-system/jaeger";
const collector = "Service istio-system/jaeger-collector-clusterip";
const environment = "ConfigMap auth/otel-environment";
const container = "spec template spec containers 0";

/** What there is to reach on the ways of a workload. */
const targetsOf = (targets: SpanTargets, traced: Traced) =>
  targets.of(traced).flatMap(({ target }) => (typeof target === "string" ? [] : [target]));

/** Targets of the workloads of a namespace, by name, purpose and port. */
function targetsIn(mesh: Mesh, namespace = "auth", more: Options = {}) {
  const model = TracingModel.from(mesh.objects, more);
  const targets = new SpanTargets(model);
  const traced = model.traced.filter(({ workload }) => workload.namespace === namespace);
  return traced.flatMap((one) => targetsOf(targets, one));
}
const brief = (...given: Parameters<typeof targetsIn>) =>
  targetsIn(...given).map(
    ({ name, purpose, guessed }) => `${name}: ${purpose}${guessed === undefined ? "" : " (guessed)"}`,
  );
const proxies = `${collector}: spans of proxies, Zipkin`;
const applications = `${collector}: spans of applications, OTLP`;

describe("where spans go", () => {
  it("is the mesh's collector for proxies, and the endpoint for applications", () => {
    expect(brief(new Mesh())).toEqual([proxies, applications]);
    expect(brief(new Mesh(), "istio-system")).toEqual([proxies]);
    const ambient = new Mesh().set("Namespace auth", "metadata labels", {
      "istio.io/dataplane-mode": "ambient",
    });
    expect(brief(ambient)).toEqual([applications]);
    expect(brief(new Mesh().unset(app, `${container} envFrom`))).toEqual([proxies]);
  });

  it("is one target, where both send to one port", () => {
    const opentelemetry = { service: `istio-system/${collectorHost}`, port: 4317 };
    const mesh = new Mesh().mesh("extensionProviders 0", { name: "jaeger", opentelemetry });
    expect(targetsIn(mesh)).toHaveLength(1);
  });

  it("is the collector of each namespace's own provider", () => {
    const host = "zipkin.monitoring.svc.cluster.local";
    const mesh = new Mesh()
      .mesh("extensionProviders 1", { name: "own", zipkin: { service: host, port: 9411 } })
      .add({
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        metadata: { name: "own", namespace: "chat" },
        spec: { tracing: [{ providers: [{ name: "own" }] }] },
      });
    const model = TracingModel.from(mesh.objects);
    const targets = new SpanTargets(model);
    const receivers = model.traced
      .filter(({ workload }) => ["auth", "chat"].includes(workload.namespace))
      .map((traced) => targets.of(traced)[0]?.receiver);
    expect(receivers).toEqual([collector, "Service monitoring/zipkin"]);
  });

  it("is none of a gateway's own environment", () => {
    const mesh = new Mesh().set(
      "Deployment istio-system/istio-ingressgateway",
      "spec template spec containers 1",
      {
        name: "agent",
        env: [{ name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: `http://${collectorHost}:4317` }],
      },
    );
    mesh.set(
      "Deployment istio-system/istio-ingressgateway",
      "spec template metadata labels istio",
      "ingressgateway",
    );
    expect(brief(mesh, "istio-system")).toEqual([proxies]);
  });

  it("is told by the provider's type", () => {
    const opentelemetry = { service: `istio-system/${collectorHost}`, port: 4317 };
    const mesh = new Mesh().mesh("extensionProviders 0", { name: "jaeger", opentelemetry });
    expect(brief(mesh, "istio-system")).toEqual([`${collector}: spans of proxies, opentelemetry`]);
  });

  it.each<[string, (mesh: Mesh) => Mesh]>([
    ["lacks the port", (mesh) => mesh.set(collector, "spec ports 0 port", 9412)],
    ["selects nothing", (mesh) => mesh.set(collector, "spec selector", { a: "b" })],
    ["is outside", (mesh) => mesh.zipkin("service", "istio-system/zipkin.example.com")],
    ["has no port", (mesh) => mesh.zipkin("port", undefined)],
    ["has no port, nor a Service in the input", (mesh) => mesh.zipkin("port", undefined).remove(collector)],
  ])("is nowhere where the collector %s: another rule says so", (_, change) => {
    expect(brief(change(new Mesh()), "istio-system")).toEqual([]);
  });

  it("is nowhere for sidecars where the collector is headless, and found by gateways", () => {
    const headless = new Mesh().set(collector, "spec clusterIP", "None");
    expect(brief(headless)).not.toContain(proxies);
    expect(brief(headless, "istio-system")).toEqual([proxies]);
  });

  it("is judged where the collector's pods list other ports, which they need not do", () => {
    const mesh = new Mesh()
      .set(jaeger, `${container} image`, "registry.example/traces:1")
      .set(jaeger, `${container} ports`, [{ containerPort: 16686 }]);
    expect(brief(mesh)).toEqual([proxies, applications]);
  });

  it("is nowhere for an application with an alias of a host outside", () => {
    const mesh = new Mesh().set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "http://alias:4317").add({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "alias", namespace: "auth" },
      spec: { type: "ExternalName", externalName: "otlp.example.com", ports: [{ port: 4317 }] },
    });
    expect(brief(mesh)).toEqual([proxies]);
  });

  it.each<[string, string]>([
    ["the port of the UI", "http://jaeger-query-clusterip.istio-system:16686"],
    ["a port the Service lacks", `http://${collectorHost}:4999`],
    ["a Service that is missing", "http://gone.istio-system:4317"],
    ["a host outside", "https://otlp.example.com:443"],
    ["no port", `http://${collectorHost}`],
  ])("is nowhere for an application with %s", (_, endpoint) => {
    expect(brief(new Mesh().set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", endpoint))).toEqual([
      proxies,
    ]);
  });
});

describe("the protocol of spans", () => {
  const protocols = (mesh: Mesh) => {
    const model = TracingModel.from(mesh.objects);
    const traced = model.traced.filter(({ workload }) => workload.namespace === "auth");
    const targets = new SpanTargets(model);
    return traced.flatMap((one) => targets.of(one).map(({ protocol }) => protocol));
  };

  it.each<[string, object, string]>([
    ["zipkin", { port: 9411 }, "zipkin"],
    ["opentelemetry", { port: 4317 }, "otlp-grpc"],
    ["opentelemetry", { port: 4318, http: { path: "/v1/traces" } }, "otlp-http"],
    ["datadog", { port: 8126 }, "datadog"],
    ["skywalking", { port: 11800 }, "skywalking"],
  ])("of proxies with a provider of type %s %j", (type, settings, expected) => {
    const mesh = new Mesh().unset(app, `${container} envFrom`).mesh("extensionProviders 0", {
      name: "jaeger",
      [type]: { service: `istio-system/${collectorHost}`, ...settings },
    });
    expect(protocols(mesh)).toEqual([expected]);
  });

  it.each<[string, string | undefined, string]>([
    [`http://${collectorHost}:4317`, undefined, "otlp-grpc"],
    [`http://${collectorHost}:4318`, undefined, "otlp-http"],
    [`http://${collectorHost}:4318`, "", "otlp-http"],
    [`http://${collectorHost}:4318`, "grpc", "otlp-grpc"],
    [`http://${collectorHost}:4317`, "http/json", "otlp-http"],
  ])(
    "of applications that send to %s with OTEL_EXPORTER_OTLP_PROTOCOL %s",
    (endpoint, protocol, expected) => {
      const mesh = new Mesh()
        .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
      expect(protocols(mesh)).toEqual(["zipkin", expected]);
    },
  );
});

describe("pods that are not in the input", () => {
  const elsewhere = () =>
    new Mesh().removeWhere(
      ({ metadata, kind }) =>
        kind !== "ConfigMap" && kind !== "Telemetry" && metadata.namespace === "istio-system",
    );

  it("are guessed, and whose absence is said already is known", () => {
    const [target, ...others] = targetsIn(elsewhere());
    expect(target).toMatchObject({
      name: collector,
      peer: { namespace: "istio-system", labels: {} },
      protocol: "TCP",
      guessed: {
        object: {
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: "jaeger-collector-clusterip", namespace: "istio-system" },
        },
        isReported: true,
      },
    });
    expect(others.map(({ guessed }) => guessed?.isReported)).toEqual([true]);
    const agent = new Mesh().set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "http://agent.otel:4317");
    const [, own] = targetsIn(agent);
    expect(own).toMatchObject({ name: "Service otel/agent", guessed: { isReported: false } });
    const sameName = new Mesh().set(
      environment,
      "data OTEL_EXPORTER_OTLP_ENDPOINT",
      "http://jaeger-collector-clusterip.otel:4317",
    );
    expect(targetsIn(sameName)[1]?.guessed?.isReported).toBe(false);
    const beside = elsewhere().set(
      environment,
      "data OTEL_EXPORTER_OTLP_ENDPOINT",
      "http://agent.istio-system:4317",
    );
    expect(targetsIn(beside).map(({ guessed }) => guessed?.isReported)).toEqual([true, false]);
    const outside = agent.zipkin("service", "zipkin.example.com");
    expect(targetsIn(outside).map(({ guessed }) => guessed?.isReported)).toEqual([false]);
  });

  it("are asked for on the Service's target port, where the Service is in the input", () => {
    const mesh = (targetPort: unknown) =>
      new Mesh()
        .removeWhere(({ kind, metadata }) => kind === "Deployment" && metadata.namespace === "istio-system")
        .set(collector, "spec ports 0 targetPort", targetPort);
    const verdict = (targetPort: unknown) => {
      const model = TracingModel.from(mesh(targetPort).objects);
      const traced = model.traced.find(({ workload }) => workload.namespace === "auth");
      if (traced === undefined) throw new Error("nothing is traced");
      const [target] = targetsOf(new SpanTargets(model), traced);
      return target?.ask({ namespace: "auth", labels: { app: "auth-api" } }, "sidecar").verdict;
    };
    expect(verdict(9411)).toBe("allowed");
    expect(verdict("zipkin")).toBe("allowed");
    expect(verdict(9999)).toBe("denied");
  });
});

describe("a peer", () => {
  it("is a namespace, and its pods by their labels if these are known", () => {
    const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": "a" } };
    expect(peerSpec({ namespace: "a", labels: {} })).toEqual({ namespaceSelector });
    expect(peerSpec({ namespace: "a", labels: { b: "c" } })).toEqual({
      namespaceSelector,
      podSelector: { matchLabels: { b: "c" } },
    });
  });
});
