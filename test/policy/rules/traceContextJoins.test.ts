import { describe, expect, it } from "vitest";
import { app, container, instrumented, source } from "../../../docs/generate/sample/instrumented";
import { collectorHost, istioConfigMap, Mesh, namespaces } from "../../../docs/generate/sample/mesh";
import { environment, inContainer, own, told } from "../../fixtures/application";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const go = { "inject-go": "sdk", "container-names": "app" };
const executable = { "otel-go-auto-target-exe": "/app/auth" };
const readBy = `${environment} (read by container app of ${app})`;
const propagatorsOfTheInstrumentation = `# in spec of the Instrumentation
propagators:
  - tracecontext
  - baggage
  - b3multi`;

testRule("trace-context-joins", {
  faults: [
    {
      ...exampleFault("trace-context-joins"),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_PROPAGATORS=tracecontext,baggage, while the mesh uses USE_B3: one request becomes several traces, because Envoy with USE_B3 writes only B3 headers and the SDK reads only traceparent; use tracecontext,baggage,b3multi",
      fix: `# in data of the ConfigMap
OTEL_PROPAGATORS: tracecontext,baggage,b3multi`,
    },
    {
      name: "an application has no trace propagator",
      breaks: (mesh) => mesh.set(environment, "data OTEL_PROPAGATORS", "baggage"),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has OTEL_PROPAGATORS=baggage, while the mesh uses USE_B3_WITH_W3C_PROPAGATION: one request becomes several traces, because no propagator carries a trace, so every service starts its own; use b3,tracecontext,baggage",
      fix: `# in data of the ConfigMap
OTEL_PROPAGATORS: b3,tracecontext,baggage`,
    },
    {
      name: "a container's own variable wins over the ConfigMap",
      breaks: (mesh) => mesh.set(app, `${container} env`, [{ name: "OTEL_PROPAGATORS", value: "none" }]),
      object: app,
      message:
        "Deployment auth/auth-api container app has OTEL_PROPAGATORS=none, while the mesh uses USE_B3_WITH_W3C_PROPAGATION: one request becomes several traces, because no propagator carries a trace, so every service starts its own; use b3,tracecontext,baggage",
      fix: `# in env of the container
- name: OTEL_PROPAGATORS
  value: b3,tracecontext,baggage`,
    },
    {
      name: "the SDK's default propagators meet a mesh of B3",
      breaks: (mesh) => {
        mesh.zipkin("traceContextOption", "USE_B3");
        for (const namespace of namespaces) {
          mesh.set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_PROPAGATORS", "tracecontext,b3");
        }
        mesh.unset(environment, "data OTEL_PROPAGATORS");
      },
      object: environment,
      level: "warning",
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) sets no OTEL_PROPAGATORS (SDKs use tracecontext,baggage unless the application's code says otherwise), while the mesh uses USE_B3: one request becomes several traces, because Envoy with USE_B3 writes only B3 headers and the SDK reads only traceparent; use tracecontext,baggage,b3multi",
      fix: `# in data of the ConfigMap
OTEL_PROPAGATORS: tracecontext,baggage,b3multi`,
    },
    {
      name: "Go in a mesh of B3",
      breaks: (mesh) => {
        instrumented(mesh, { ...go, ...executable }).zipkin("traceContextOption", "USE_B3");
        for (const namespace of namespaces) {
          mesh.set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_PROPAGATORS", "tracecontext,b3");
        }
        mesh.set(source, "spec propagators", ["tracecontext", "b3"]);
      },
      object: source,
      message:
        "Instrumentation auth/sdk (read by container opentelemetry-auto-instrumentation of Deployment auth/auth-api) instruments Go, which knows no header but traceparent, while the mesh uses USE_B3: one request becomes several traces, because Envoy with USE_B3 writes only B3 headers and the SDK reads only traceparent; set USE_B3_WITH_W3C_PROPAGATION (Istio 1.28) or use an SDK in the application's code",
      fix: "",
    },
    {
      name: "an injected SDK is told of no propagators, in a mesh of B3",
      breaks: (mesh) => {
        instrumented(mesh).zipkin("traceContextOption", "USE_B3").unset(source, "spec propagators");
        for (const namespace of namespaces) {
          mesh.set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_PROPAGATORS", "tracecontext,b3");
        }
      },
      object: source,
      message:
        "Instrumentation auth/sdk (read by container app of Deployment auth/auth-api) sets no OTEL_PROPAGATORS (SDKs use tracecontext,baggage), while the mesh uses USE_B3: one request becomes several traces, because Envoy with USE_B3 writes only B3 headers and the SDK reads only traceparent; use tracecontext,baggage,b3multi",
      fix: propagatorsOfTheInstrumentation,
    },
    {
      name: "an SDK that the image brings is told of no propagators, in a mesh of B3",
      breaks: (mesh) => {
        instrumented(mesh, { "inject-sdk": "sdk" })
          .zipkin("traceContextOption", "USE_B3")
          .unset(source, "spec propagators")
          .set(source, "spec env", [{ name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http/protobuf" }])
          .set(app, `${container} env`, [{ name: "OTEL_SERVICE_NAME", value: "auth" }]);
        for (const namespace of namespaces) {
          mesh.set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_PROPAGATORS", "tracecontext,b3");
        }
        mesh.set(app, `${container} envFrom`, [{ configMapRef: { name: "own" } }]).add({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "own", namespace: "auth" },
          data: { OTEL_LOG_LEVEL: "debug" },
        });
      },
      object: source,
      message:
        "Instrumentation auth/sdk (read by container app of Deployment auth/auth-api) sets no OTEL_PROPAGATORS (SDKs use tracecontext,baggage), while the mesh uses USE_B3: one request becomes several traces, because Envoy with USE_B3 writes only B3 headers and the SDK reads only traceparent; use tracecontext,baggage,b3multi",
      fix: propagatorsOfTheInstrumentation,
    },
  ],
  harmless: [
    {
      name: "Istio before W3C propagation with propagators that fit",
      varies: (mesh) => {
        mesh.zipkin("traceContextOption", undefined);
        for (const namespace of namespaces) {
          mesh.set(
            `ConfigMap ${namespace}/otel-environment`,
            "data OTEL_PROPAGATORS",
            "tracecontext,baggage,b3multi",
          );
        }
      },
      options: { istioVersion: "1.27" },
    },
    {
      name: "Go whose application has an SDK of its own that knows B3, in a mesh of both headers",
      varies: (mesh) => {
        instrumented(mesh, { "inject-go": "sdk", "otel-go-auto-target-exe": "/app/auth" });
        mesh.set(source, "spec propagators", ["b3"]);
        for (const namespace of namespaces) {
          mesh.set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_PROPAGATORS", "b3");
        }
      },
    },
  ],
});

describe("trace-context-joins", () => {
  const ask = asker("trace-context-joins");
  /** Outcome of one application's propagators with a mesh that has them all. */
  const says = (mesh: Mesh) => ask(mesh).filter((line) => line.includes("auth"));
  const propagators = (value: string, mesh = new Mesh()) => says(own({ OTEL_PROPAGATORS: value }, mesh));
  const opentelemetry = () =>
    new Mesh().mesh("extensionProviders 0", {
      name: "jaeger",
      opentelemetry: { service: `istio-system/${collectorHost}`, port: 4317 },
    });
  const several = (what: string, mesh: string, why: string, wanted: string) =>
    `${what}, while the mesh uses ${mesh}: one request becomes several traces, because ${why}; use ${wanted}`;
  const inPart = (what: string, mesh: string, why: string, wanted: string) =>
    `${what}, while the mesh uses ${mesh}: traces are joined only in part, because ${why}; use ${wanted}`;
  const lines = (wanted: string) => `\n${inContainer}OTEL_PROPAGATORS\n  value: ${wanted}`;

  it.each(["b3", "b3multi", "tracecontext", "b3,tracecontext,baggage", " TraceContext , baggage", ""])(
    "%j joins a mesh of both",
    (value) => {
      expect(propagators(value)).toEqual([]);
    },
  );

  it("needs a B3 propagator last in a mesh of B3, or an Istio that knows no other", () => {
    const b3 = () => new Mesh().zipkin("traceContextOption", undefined);
    const wanted = "tracecontext,baggage,b3multi";
    const why = "Envoy with USE_B3 writes only B3 headers and the SDK reads only traceparent";
    expect(propagators("tracecontext,b3", b3())).toEqual([]);
    expect(propagators("b3, tracecontext", b3())).toEqual([
      `warning: ${app} container app has OTEL_PROPAGATORS=b3, tracecontext, while the mesh uses USE_B3: spans hang under ` +
        "the wrong parents, and a request that comes with traceparent becomes several traces, because Envoy with " +
        'USE_B3 updates only B3 headers and the SDK lets "tracecontext" win where a caller sent both; ' +
        `use ${wanted}${lines(wanted)}`,
    ]);
    expect(propagators("b3", b3())).toEqual([
      `warning: ${app} container app has ` +
        inPart(
          "OTEL_PROPAGATORS=b3",
          "USE_B3",
          "a caller that sends only traceparent is not continued",
          wanted,
        ) +
        lines(wanted),
    ]);
    const old = own({ OTEL_PROPAGATORS: "tracecontext" });
    expect(ask(old, { istioVersion: "1.27" }).filter((line) => line.includes(app))).toEqual([
      `error: ${app} container app has ` +
        several(
          "OTEL_PROPAGATORS=tracecontext",
          "USE_B3 (Istio 1.27 ignores USE_B3_WITH_W3C_PROPAGATION)",
          why,
          wanted,
        ) +
        lines(wanted),
    ]);
    expect(ask(old, { istioVersion: "1.28" })).toEqual([]);
    const explicit = own(
      { OTEL_PROPAGATORS: "tracecontext" },
      new Mesh().zipkin("traceContextOption", "USE_B3"),
    );
    expect(ask(explicit, { istioVersion: "1.27" })[0]).toContain("while the mesh uses USE_B3: ");
    // An option that does not exist is another rule's.
    expect(propagators("none", new Mesh().zipkin("traceContextOption", "USE_W3C"))).toEqual([]);
  });

  it("needs W3C headers with OpenTelemetry's provider", () => {
    const wanted = "tracecontext,baggage";
    expect(propagators("tracecontext", opentelemetry())).toEqual([]);
    expect(propagators("b3,tracecontext,baggage", opentelemetry())).toEqual([]);
    expect(propagators("tracecontext,b3", opentelemetry())).toEqual([
      `warning: ${app} container app has ` +
        inPart(
          "OTEL_PROPAGATORS=tracecontext,b3",
          "W3C trace context",
          "the SDK lets B3 headers win, which the proxies do not update",
          wanted,
        ) +
        lines(wanted),
    ]);
    expect(propagators("tracecontext,b3multi", opentelemetry())).toHaveLength(1);
    expect(propagators("b3,baggage", opentelemetry())).toEqual([
      `error: ${app} container app has ` +
        several(
          "OTEL_PROPAGATORS=b3,baggage",
          "W3C trace context",
          "the proxies write only W3C headers and the SDK does not read them",
          wanted,
        ) +
        lines(wanted),
    ]);
  });

  it("judges the default where nothing is set, on whatever sets another variable", () => {
    const unset = own({ OTEL_SERVICE_NAME: "auth" }, new Mesh().zipkin("traceContextOption", "USE_B3"));
    expect(says(unset)[0]).toMatch(
      /^warning: Deployment auth\/auth-api container app sets no OTEL_PROPAGATORS \(SDKs use tracecontext,baggage unless the application's code says otherwise\), /,
    );
    const empty = own({ OTEL_PROPAGATORS: "" }, new Mesh().zipkin("traceContextOption", "USE_B3"));
    expect(says(empty)[0]).toContain(" has OTEL_PROPAGATORS=tracecontext,baggage, ");
  });

  it("says where to set them: in the ConfigMap, the Instrumentation or the container", () => {
    const map = new Mesh().set(environment, "data OTEL_PROPAGATORS", "none");
    expect(says(map)[0]).toMatch(
      /^error: .* has OTEL_PROPAGATORS=none, [^]*\n# in data of the ConfigMap\nOTEL_PROPAGATORS: b3,tracecontext,baggage$/,
    );
    expect(says(map)[0]).toContain(readBy);
    expect(says(told({ propagators: ["xray"] }))[0]).toMatch(
      /\n# in spec of the Instrumentation\npropagators:\n {2}- b3\n {2}- tracecontext\n {2}- baggage$/,
    );
  });

  it("is no question for unknown values, and providers of other formats", () => {
    const unknown = new Mesh().set(app, `${container} env`, [
      { name: "OTEL_PROPAGATORS", valueFrom: { secretKeyRef: { name: "a", key: "b" } } },
    ]);
    expect(says(unknown)).toEqual([]);
    expect(
      propagators("none", new Mesh().mesh("extensionProviders 0", { name: "jaeger", datadog: {} })),
    ).toEqual([]);
    const undefinedProvider = new Mesh().set(
      "Telemetry istio-system/mesh-default",
      "spec tracing 0 providers 0 name",
      "x",
    );
    expect(propagators("none", undefinedProvider)).toEqual([]);
    const legacy = new Mesh()
      .remove("Telemetry istio-system/mesh-default")
      .mesh("defaultConfig tracing", { zipkin: { address: "zipkin.tracing:9411" } });
    expect(propagators("tracecontext", legacy)[0]).toContain("while the mesh uses USE_B3: ");
  });

  it("asks the mesh config of the revision that configures the pod", () => {
    const canary = istioConfigMap({
      extensionProviders: [{ name: "jaeger", zipkin: { service: collectorHost, port: 9411 } }],
    });
    canary.metadata.name = "istio-canary";
    const found = asker("trace-context-joins")(
      new Mesh()
        .add(canary)
        .set("Namespace auth", "metadata labels", { "istio.io/rev": "canary" })
        .set(environment, "data OTEL_PROPAGATORS", "tracecontext,baggage")
        .set("ConfigMap chat/otel-environment", "data OTEL_PROPAGATORS", "tracecontext,baggage"),
    );
    expect(found.map((finding) => finding.split("\n")[0])).toEqual([
      expect.stringContaining(
        "Deployment auth/auth-api) has OTEL_PROPAGATORS=tracecontext,baggage, while the mesh uses USE_B3:",
      ),
    ]);
  });
});
