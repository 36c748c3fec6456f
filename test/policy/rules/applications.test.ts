/** The rules about what applications' SDKs are told. */
import { describe, expect, it } from "vitest";
import { asker } from "./asking";
import { collectorHost, type Manifest, Mesh, namespaces } from "./fixture";

type Variables = Record<string, string>;

const app = "Deployment auth/auth-api";
const environment = "ConfigMap auth/otel-environment";
const collector = "Service istio-system/jaeger-collector-clusterip";
const container = "spec template spec containers 0";
const readBy = `${environment} (read by container app of ${app})`;

/** The application of namespace auth with these variables in its own container. */
function own(variables: Variables, mesh = new Mesh()): Mesh {
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  return mesh.unset(app, `${container} envFrom`).set(app, `${container} env`, env);
}

/** The same by an Instrumentation. */
function instrumented(spec: Record<string, unknown>): Mesh {
  return new Mesh()
    .unset(app, `${container} envFrom`)
    .set(app, "spec template metadata annotations", {
      "instrumentation.opentelemetry.io/inject-python": "true",
    })
    .add({
      apiVersion: "opentelemetry.io/v1alpha1",
      kind: "Instrumentation",
      metadata: { name: "auto", namespace: "auth" },
      spec,
    });
}
const byInstrumentation = `Instrumentation auth/auto (read by container app of ${app})`;
const inContainer = "# in env of the container\n- name: ";
const inMap = "# in data of the ConfigMap\n";

describe("a mistake that many containers take from one object", () => {
  const ask = asker("sampler-parent-based");

  it("is said once, with the first of them and how many more there are", () => {
    const mesh = new Mesh().set(environment, "data OTEL_TRACES_SAMPLER", "always_off").copy(app, "second");
    const env = { envFrom: [{ configMapRef: { name: "otel-environment" } }] };
    mesh.set("Deployment auth/second", "spec template spec containers 1", { name: "more", ...env });
    expect(ask(mesh)).toEqual([
      `error: ${environment} (read by container app of ${app} and 2 more) has OTEL_TRACES_SAMPLER=always_off, which decides ` +
        "apart from the mesh and drops spans of sampled traces; parentbased_* is allowed\n" +
        `${inMap}OTEL_TRACES_SAMPLER: parentbased_always_on`,
    ]);
  });

  it("is each one's own where they say different things, or one says it to itself", () => {
    const mesh = own({ OTEL_TRACES_SAMPLER: "always_off" });
    mesh
      .set(app, `${container} name`, "main")
      .set("ConfigMap chat/otel-environment", "data OTEL_TRACES_SAMPLER", "always_on");
    mesh.set(app, "spec template spec containers 1", {
      name: "side",
      env: [{ name: "OTEL_TRACES_SAMPLER", value: "traceidratio" }],
    });
    expect(ask(mesh).map((line) => line.split(", which")[0])).toEqual([
      `error: ${app} container main has OTEL_TRACES_SAMPLER=always_off`,
      `error: ${app} container side has OTEL_TRACES_SAMPLER=traceidratio`,
      "warning: ConfigMap chat/otel-environment (read by container app of Deployment chat/chat-api) has OTEL_TRACES_SAMPLER=always_on",
    ]);
  });
});

describe("sampler-parent-based", () => {
  const ask = asker("sampler-parent-based");
  const drops =
    "which decides apart from the mesh and drops spans of sampled traces; parentbased_* is allowed";

  it.each(["parentbased_always_on", "parentbased_traceidratio", "parentbased_always_off", "xray", ""])(
    "%s follows the mesh",
    (sampler) => {
      expect(ask(own({ OTEL_TRACES_SAMPLER: sampler }))).toEqual([]);
    },
  );

  it("offers the parent-based form, where the variable is set", () => {
    expect(ask(own({ OTEL_TRACES_SAMPLER: "traceidratio" }))).toEqual([
      `error: ${app} container app has OTEL_TRACES_SAMPLER=traceidratio, ${drops}\n` +
        `${inContainer}OTEL_TRACES_SAMPLER\n  value: parentbased_traceidratio`,
    ]);
    expect(ask(own({ OTEL_TRACES_SAMPLER: " traceidratio" }))[0]).toContain(
      "value: parentbased_traceidratio",
    );
    expect(ask(instrumented({ sampler: { type: "always_off" } }))).toEqual([
      `error: ${byInstrumentation} has OTEL_TRACES_SAMPLER=always_off, ${drops}\n` +
        "# in spec of the Instrumentation\nsampler:\n  type: parentbased_always_on",
    ]);
  });

  it("is no question where nothing is traced", () => {
    const objects = own({ OTEL_TRACES_SAMPLER: "always_off" }).objects.filter(
      ({ metadata }) => metadata.namespace === "auth",
    );
    expect(ask(objects)).toEqual([]);
  });
});

describe("otlp-endpoint", () => {
  const ask = asker("otlp-endpoint");
  const all = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const traces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  const host = collectorHost;
  const has = (says: string, name: string, value: string) => [
    `error: ${app} container app has ${says}\n${inContainer}${name}\n  value: ${value}`,
  ];
  const protocol = (name: string) => ({ OTEL_EXPORTER_OTLP_PROTOCOL: name });

  it.each<Variables>([
    { [all]: `http://${host}:4317` },
    { [all]: `http://${host}:4317`, ...protocol("grpc") },
    { [all]: `http://${host}:4317`, ...protocol("") },
    { [all]: `http://${host}:4318` },
    { [all]: `http://${host}:4318/`, ...protocol("http/protobuf") },
    { [all]: `http://${host}:4318`, ...protocol("http/json") },
    { [traces]: `http://${host}:4318/v1/traces`, ...protocol("http/json") },
    { [traces]: `http://${host}:4317`, ...protocol("grpc") },
    { [traces]: `http://${host}:4318/v1/traces` },
    { [all]: "https://otlp.example.com" },
    { [all]: "https://otlp.example.com:443", ...protocol("http/protobuf") },
    { [all]: `http://${host}` },
    { [all]: "https://collector.elsewhere:4317" },
  ])("%j is right", (variables) => {
    expect(ask(own(variables))).toEqual([]);
  });

  it.each<[Variables, string[]]>([
    [
      { [all]: `http://${host}:4317`, ...protocol("protobuf") },
      has(
        "OTEL_EXPORTER_OTLP_PROTOCOL=protobuf; allowed are grpc, http/protobuf and http/json",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        "grpc",
      ),
    ],
    [
      { [all]: `${host}:4317` },
      has(`${all}=${host}:4317 without a scheme; http:// is required`, all, `http://${host}:4317`),
    ],
    [
      { [traces]: "http://jaeger.istio-system:4317" },
      has(
        `${traces}=http://jaeger.istio-system:4317, and there is no Service istio-system/jaeger; the collector's is required`,
        traces,
        `http://${host}:4317`,
      ),
    ],
    [
      { [all]: `http://${host}:14317`, ...protocol("grpc") },
      has(
        `${all}=http://${host}:14317, and Service istio-system/jaeger-collector-clusterip has no port 14317; one that it has is ` +
          "required: 9411, 4317 and 4318",
        all,
        `http://${host}:4317`,
      ),
    ],
    [
      { [all]: `http://${host}:14317`, ...protocol("http/protobuf") },
      has(
        `${all}=http://${host}:14317, and Service istio-system/jaeger-collector-clusterip has no port 14317; one that it has is ` +
          "required: 9411, 4317 and 4318",
        all,
        `http://${host}:4318`,
      ),
    ],
    [
      { [all]: `http://${host}:4318`, ...protocol("grpc") },
      has(
        `${all}=http://${host}:4318 with protocol grpc: port 4318 takes OTLP over HTTP; port 4317 is allowed with grpc`,
        all,
        `http://${host}:4317`,
      ),
    ],
    [
      { [all]: `http://${host}:4317`, ...protocol("http/json") },
      has(
        `${all}=http://${host}:4317 with protocol http/json: port 4317 takes OTLP over gRPC; port 4318 is allowed with http/json`,
        all,
        `http://${host}:4318`,
      ),
    ],
    [
      { [all]: `http://${host}:4318/v1/traces/` },
      has(
        `${all}=http://${host}:4318/v1/traces/, to which SDKs append /v1/traces once more; the address without it is allowed`,
        all,
        `http://${host}:4318`,
      ),
    ],
    [
      { [traces]: `http://${host}:4318/`, ...protocol("http/json") },
      has(
        `${traces}=http://${host}:4318/, to which SDKs append nothing; the path /v1/traces is required`,
        traces,
        `http://${host}:4318/v1/traces`,
      ),
    ],
    [
      { [traces]: `http://${host}:4318` },
      has(
        `${traces}=http://${host}:4318, to which SDKs append nothing; the path /v1/traces is required`,
        traces,
        `http://${host}:4318/v1/traces`,
      ),
    ],
    [
      { [all]: `HTTPS://${host}:4317` },
      has(
        `${all}=HTTPS://${host}:4317, and the collector behind it takes OTLP without TLS; http:// is allowed`,
        all,
        `http://${host}:4317`,
      ),
    ],
  ])("%j is wrong", (variables, expected) => {
    expect(ask(own(variables))).toEqual(expected);
  });

  it("looks at the port of the pods, behind the Service's", () => {
    const behind = (port: object) =>
      ask(
        own({ [all]: `http://${host}:80`, ...protocol("grpc") }).set(collector, "spec ports", [port]),
      ).filter((line) => line.includes(app));
    expect(behind({ port: 80, targetPort: 4317 })).toEqual([]);
    expect(behind({ port: 80, targetPort: 4318 })).toEqual(
      has(
        `${all}=http://${host}:80 with protocol grpc: port 4318 takes OTLP over HTTP; port 4317 is allowed with grpc`,
        all,
        `http://${host}:4317`,
      ),
    );
  });

  it("offers a port that the Service has, or what is usual", () => {
    const ports = (...numbers: number[]) =>
      ask(
        own({ [all]: `http://${host}:1` }).set(
          collector,
          "spec ports",
          numbers.map((port) => ({ port })),
        ),
      )[0];
    expect(ports(8080, 8081)).toContain(`value: http://${host}:8080`);
    expect(ports()).toContain(`value: http://${host}:4317`);
    const written = { [all]: "http://gone.istio-system:4317" };
    const without = own(written).remove(collector);
    expect(ask(without)[0]).toContain(`value: http://gone.istio-system:4317`);
  });

  it("may be an Instrumentation's", () => {
    expect(ask(instrumented({ exporter: { endpoint: `${host}:4317` } }))).toEqual([
      `error: ${byInstrumentation} has ${all}=${host}:4317 without a scheme; http:// is required\n` +
        `# in spec of the Instrumentation\nexporter:\n  endpoint: http://${host}:4317`,
    ]);
  });

  it("is no question where nothing is traced", () => {
    const objects = own({ [all]: `${host}:4317` }).objects.filter(
      ({ metadata }) => metadata.namespace === "auth",
    );
    expect(ask(objects)).toEqual([]);
  });
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
    `${what}, while the mesh uses ${mesh}: one request becomes several traces, because ${why}; ${wanted} is allowed`;
  const inPart = (what: string, mesh: string, why: string, wanted: string) =>
    `${what}, while the mesh uses ${mesh}: traces are joined only in part, because ${why}; ${wanted} is allowed`;
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
    const why = 'Envoy with USE_B3 writes only B3 headers and the SDK lets "tracecontext" win';
    expect(propagators("tracecontext,b3", b3())).toEqual([]);
    expect(propagators("b3, TraceContext", b3())).toEqual([
      `error: ${app} container app has ` +
        several("OTEL_PROPAGATORS=b3, TraceContext", "USE_B3", why, wanted) +
        lines(wanted),
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
      /^error: Deployment auth\/auth-api container app sets no OTEL_PROPAGATORS \(SDKs use tracecontext,baggage\), /,
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
    expect(says(instrumented({ propagators: ["xray"] }))[0]).toMatch(
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
});

describe("known-inputs", () => {
  const ask = asker("known-inputs");
  const isUnknown = (value: unknown) => value === "later";
  const unknowns = (ref: string, ...paths: string[]) => {
    const mesh = new Mesh();
    for (const path of paths) mesh.set(ref, path, "later");
    return ask(mesh, { isUnknown });
  };
  const says = (ref: string, paths: string) => [
    `error: ${ref} has values that are not known yet (${paths}), so that nothing can be said about them; plain values are required`,
  ];
  const policy = "NetworkPolicy auth/allow-jaeger-egress";

  it("are values that decide about traces", () => {
    expect(unknowns(policy, "spec podSelector", "spec egress 0 ports 1")).toEqual(
      says(policy, "spec.podSelector and spec.egress[0].ports[1]"),
    );
    expect(unknowns(policy, "spec")).toEqual(says(policy, "spec"));
    expect(unknowns(collector, "spec clusterIP")).toEqual(says(collector, "spec.clusterIP"));
    expect(unknowns("Namespace auth", "metadata labels")).toEqual(says("Namespace auth", "metadata.labels"));
    const entry = "ServiceEntry istio-system/google-external";
    expect(unknowns(entry, "spec hosts")).toEqual(says(entry, "spec.hosts"));
    const telemetry = "Telemetry istio-system/mesh-default";
    expect(unknowns(telemetry, "spec tracing")).toEqual(says(telemetry, "spec.tracing"));
    expect(unknowns(environment, "data OTEL_PROPAGATORS")).toHaveLength(2);
    expect(unknowns(environment, "data OTEL_PROPAGATORS")[0]).toEqual(
      says(environment, "data.OTEL_PROPAGATORS")[0],
    );
    expect(unknowns("ConfigMap istio-system/istio", "data mesh")).toEqual(
      says("ConfigMap istio-system/istio", "data.mesh"),
    );
    expect(unknowns("ConfigMap istio-system/istio", "data")).toEqual(
      says("ConfigMap istio-system/istio", "data"),
    );
  });

  it("are no others", () => {
    expect(unknowns(policy, "status")).toEqual([]);
    expect(unknowns(policy, "metadata annotations")).toEqual([]);
    expect(unknowns(policy, "metadata uid", "metadata resourceVersion")).toEqual([]);
    expect(unknowns(policy, "other")).toEqual([]);
    expect(unknowns(app, "spec replicas")).toEqual([]);
    expect(unknowns("ConfigMap istio-system/istio", "data meshNetworks", "binaryData", "data other")).toEqual(
      [],
    );
    expect(ask(["later"], { isUnknown })).toEqual([]);
  });

  it("are variables that cannot be read: one finding for one thing that is missing", () => {
    const mesh = () =>
      new Mesh()
        .remove(environment)
        .set(app, `${container} env`, [{ name: "OTEL_SERVICE_NAME", value: "a" }]);
    const gone =
      `warning: ${app} container app takes OTEL_EXPORTER_OTLP_ENDPOINT from where it cannot be read: ConfigMap ` +
      `auth/otel-environment is not in the input; a value that is in the input is required to judge ${app}`;
    expect(ask(mesh())).toEqual([gone]);
    expect(ask(mesh().copy(app, "second"))).toEqual([gone]);
    const both = mesh().remove("ConfigMap chat/otel-environment");
    both.set("Deployment chat/chat-api", `${container} env`, [{ name: "OTEL_SERVICE_NAME", value: "a" }]);
    expect(ask(both)).toHaveLength(2);
    const untraced = mesh().objects.filter(({ metadata }: Manifest) => metadata.namespace === "auth");
    expect(ask(untraced)).toEqual([]);
  });

  it.each([
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_PROPAGATORS",
    "OTEL_TRACES_SAMPLER",
  ])("are values of %s", (name) => {
    const env = (key: string) => [{ name: key, valueFrom: { secretKeyRef: { name: "a", key: "b" } } }];
    expect(ask(new Mesh().set(app, `${container} env`, env(name)))).toEqual([
      `warning: ${app} container app takes ${name} from where it cannot be read: it is only known in the running pod; a value ` +
        `that is in the input is required to judge ${app}`,
    ]);
    expect(ask(new Mesh().set(app, `${container} env`, env("OTEL_SERVICE_NAME")))).toEqual([]);
  });

  it("are none in a healthy mesh", () => {
    expect(namespaces.length).toBeGreaterThan(0);
    expect(ask(new Mesh())).toEqual([]);
  });
});
