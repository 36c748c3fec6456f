import { describe, expect, it } from "vitest";
import { settingOf } from "../../../policy/model/environment";
import { otlpExportOf, targetPortOf } from "../../../policy/model/otlp";
import { TracingModel } from "../../../policy/model/tracingModel";
import { workloadOf } from "../../../policy/model/workloads";

type Variables = Record<string, string>;

const object = (kind: string, name: string, more: Record<string, unknown>, namespace = "shop") => ({
  apiVersion: "v1",
  kind,
  metadata: { name, namespace },
  ...more,
});
const configMap = (name: string, data: Variables) => object("ConfigMap", name, { data });
const pod = (containers: unknown[], annotations: Variables = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "app", namespace: "shop", annotations },
  spec: { containers },
});

function modelOf(objects: unknown[]) {
  const model = TracingModel.from(objects);
  const [workload] = model.workloads;
  if (workload === undefined) throw new Error("no workload");
  return { model, environments: model.environmentsOf(workload) };
}

/** Values, or why they are unknown, of the first container with an SDK. */
function environmentOf(objects: unknown[]): Record<string, string> {
  const [environment] = modelOf(objects).environments;
  const entries = [...(environment?.variables ?? [])].map(([name, { value, unknown }]) => [
    name,
    value ?? `? ${unknown}`,
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

describe("the environment of a container", () => {
  it("is env over envFrom, a later entry over an earlier one", () => {
    const container = {
      name: "app",
      envFrom: [
        { configMapRef: { name: "a" } },
        { configMapRef: { name: "b" } },
        { prefix: "OTEL_", configMapRef: { name: "c" } },
      ],
      env: [
        { name: "OTEL_C", value: "env" },
        { name: "OTEL_D", valueFrom: { configMapKeyRef: { name: "a", key: "other" } } },
        { name: "PATH", value: "/" },
      ],
    };
    const objects = [
      pod([container]),
      configMap("a", { OTEL_A: "a", OTEL_B: "a", OTEL_C: "a", other: "d" }),
      configMap("b", { OTEL_B: "b" }),
      configMap("c", { E: "e" }),
    ];
    expect(environmentOf(objects)).toEqual({
      OTEL_A: "a",
      OTEL_B: "b",
      OTEL_C: "env",
      OTEL_D: "d",
      OTEL_E: "e",
    });
  });

  it("expands references, and leaves what it cannot", () => {
    const env = [
      { name: "HOST", value: "collector" },
      { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
      { name: "OTEL_A", value: "http://$(HOST):4317" },
      { name: "OTEL_B", value: "http://$(IP):4317" },
      { name: "OTEL_C", value: "$(NOBODY) $$(HOST)" },
    ];
    expect(environmentOf([pod([{ name: "app", env }])])).toEqual({
      OTEL_A: "http://collector:4317",
      OTEL_B: "http://$(IP):4317",
      OTEL_C: "$(NOBODY) $(HOST)",
    });
  });

  it("puts in what stands above, and takes two dollar signs for one", () => {
    const env = [
      { name: "A", value: "a" },
      { name: "B", value: "$(A)b" },
      { name: "OTEL_A", value: "$(B)$(A) $$5 $$$(A)" },
      { name: "OTEL_B", value: "$(A)/$(LATER)" },
      { name: "LATER", value: "l" },
      { name: "OTEL_C", valueFrom: { configMapKeyRef: { name: "map", key: "key" } } },
    ];
    const map = configMap("map", { key: "$$5 $(A)" });
    expect(environmentOf([pod([{ name: "app", env }]), map])).toEqual({
      OTEL_A: "aba $5 $a",
      OTEL_B: "a/$(LATER)",
      // What ConfigMaps hold is taken as it is.
      OTEL_C: "$$5 $(A)",
    });
  });

  it("tells which references the kubelet leaves as they are", () => {
    const danglingOf = (container: object, ...more: unknown[]) => {
      const [environment] = modelOf([pod([{ name: "app", ...container }]), ...more]).environments;
      return environment?.variables.get("OTEL_A")?.dangling;
    };
    const value = { name: "OTEL_A", value: "http://$(HOST):4317" };
    const host = { name: "HOST", value: "collector" };
    const from = (name: string) => ({ envFrom: [{ configMapRef: { name } }] });
    expect(danglingOf({ env: [host, value] })).toBeUndefined();
    expect(danglingOf({ env: [value, host] })).toEqual({ name: "HOST", why: "late" });
    expect(danglingOf({ env: [value] })).toEqual({ name: "HOST", why: "absent" });
    expect(danglingOf({ env: [{ ...value, value: "$$(HOST)" }] })).toBeUndefined();
    expect(danglingOf({ env: [host, { ...value, value: "$(HOST)$(GONE)" }] })).toEqual({
      name: "GONE",
      why: "absent",
    });
    expect(danglingOf({ env: [{ ...value, value: "$(OTEL_A)" }] })).toBeUndefined();
    const ofNode = { name: "OTEL_A", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } };
    expect(danglingOf({ env: [ofNode] })).toBeUndefined();
    // Of a part of a workload nobody knows what else it has.
    const part = { name: "app", env: [value, host] };
    const patch = object("Deployment", "app", { spec: { template: { spec: { containers: [part] } } } });
    const model = TracingModel.from([{ ...patch, apiVersion: "apps/v1" }]);
    const [of] = model.partial.map((one) => model.environmentsOf(workloadOf(one, "partial")));
    expect(of?.[0]?.variables.get("OTEL_A")).toMatchObject({ value: "http://collector:4317" });
    expect(of?.[0]?.variables.get("OTEL_A")).not.toHaveProperty("dangling");
    // All of envFrom comes first; what it does not show may be in it.
    const map = configMap("map", { HOST: "collector" });
    expect(danglingOf({ ...from("map"), env: [value] }, map)).toBeUndefined();
    expect(danglingOf({ ...from("map"), env: [value, host] }, map)).toBeUndefined();
    expect(danglingOf({ ...from("gone"), env: [value] })).toBeUndefined();
    // Pods know the Services of their namespace.
    for (const name of [
      "JAEGER_SERVICE_HOST",
      "JAEGER_SERVICE_PORT",
      "JAEGER_SERVICE_PORT_GRPC",
      "JAEGER_PORT",
    ]) {
      expect(danglingOf({ env: [{ ...value, value: `http://$(${name}):4317` }] })).toBeUndefined();
    }
    for (const name of ["JAEGER_SERVICE_HOSTS", "JAEGER_HOST", "SUPPORT", "PORT"]) {
      expect(danglingOf({ env: [{ ...value, value: `http://$(${name}):4317` }] })?.why).toBe("absent");
    }
    // Values of ConfigMaps are taken as they are.
    const whole = configMap("whole", { HOST: "collector", OTEL_A: "http://$(HOST):4317" });
    const literal = { name: "HOST", why: "literal" };
    expect(danglingOf({ ...from("whole"), env: [host] }, whole)).toEqual(literal);
    const byKey = { name: "OTEL_A", valueFrom: { configMapKeyRef: { name: "whole", key: "OTEL_A" } } };
    expect(danglingOf({ env: [host, byKey] }, whole)).toEqual(literal);
    // An entry of `env` over one of a ConfigMap is read like any other.
    expect(danglingOf({ ...from("whole"), env: [host, value] }, whole)).toBeUndefined();
  });

  it("says what is not in the input, and leaves optional sources out", () => {
    const env = [
      { name: "OTEL_A", valueFrom: { configMapKeyRef: { name: "gone", key: "a" } } },
      { name: "OTEL_B", valueFrom: { configMapKeyRef: { name: "here", key: "b" } } },
      { name: "OTEL_C", valueFrom: { configMapKeyRef: { name: "gone", key: "c", optional: true } } },
      { name: "OTEL_D", valueFrom: { secretKeyRef: { name: "secret", key: "d" } } },
    ];
    expect(environmentOf([pod([{ name: "app", env }]), configMap("here", {})])).toEqual({
      OTEL_A: "? ConfigMap shop/gone is not in the input",
      OTEL_B: "? ConfigMap shop/here has no key b",
      OTEL_D: "? it is in Secret shop/secret",
    });
  });

  it("may have any variable where a whole source is not in the input", () => {
    const container = {
      name: "app",
      envFrom: [{ secretRef: { name: "gone" } }],
      env: [{ name: "OTEL_A", value: "a" }],
    };
    const [environment] = modelOf([pod([container])]).environments;
    if (environment === undefined) throw new Error("no environment");
    expect(settingOf(environment, "OTEL_A").value).toBe("a");
    expect(settingOf(environment, "OTEL_B").unknown).toBe("Secret shop/gone is not in the input");
  });

  it("never has the values of Secrets", () => {
    const container = { name: "app", envFrom: [{ secretRef: { name: "secret" } }] };
    const secret = object("Secret", "secret", { data: { OTEL_EXPORTER_OTLP_HEADERS: "dG9wc2VjcmV0" } });
    expect(environmentOf([pod([container]), secret])).toEqual({
      OTEL_EXPORTER_OTLP_HEADERS: "? it is in Secret shop/secret",
    });
  });

  it("has addresses of the pod by their names, and its namespace", () => {
    const entry = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    const env = [
      entry("HOST_IP", "status.hostIP"),
      entry("OTEL_A", "status.hostIPs"),
      entry("OTEL_B", "status.podIP"),
      entry("OTEL_C", "status.podIPs"),
      entry("OTEL_D", "metadata.namespace"),
      entry("OTEL_E", "spec.nodeName"),
      entry("OTEL_F", "other.status.hostIP"),
      { name: "OTEL_G", value: "$(HOST_IP)" },
      { name: "OTEL_H" },
    ];
    expect(environmentOf([pod([{ name: "app", env }])])).toEqual({
      OTEL_A: "$(OTEL_A)",
      OTEL_B: "$(OTEL_B)",
      OTEL_C: "$(OTEL_C)",
      OTEL_D: "shop",
      OTEL_E: "? it is only known in the running pod",
      OTEL_F: "? it is only known in the running pod",
      OTEL_G: "$(HOST_IP)",
      OTEL_H: "",
    });
  });

  it("has what flags say over variables, and variables in flags", () => {
    const container = {
      name: "app",
      command: ["app", "--otel-service-name=$(NAME)"],
      env: [
        { name: "NAME", value: "shop" },
        { name: "OTEL_SERVICE_NAME", value: "other" },
        { name: "JAVA_TOOL_OPTIONS", value: "-Dotel.propagators=b3" },
      ],
    };
    const [environment] = modelOf([pod([container])]).environments;
    expect(environment?.variables.get("OTEL_SERVICE_NAME")).toMatchObject({
      value: "shop",
      source: { kind: "Pod" },
      flag: { flag: "--otel-service-name" },
    });
    expect(environment?.variables.get("OTEL_PROPAGATORS")?.flag).toEqual({
      flag: "-Dotel.propagators",
      from: "JAVA_TOOL_OPTIONS",
    });
    const from = { name: "app", envFrom: [{ configMapRef: { name: "options" } }] };
    const options = configMap("options", { JAVA_OPTS: "-Dotel.propagators=b3" });
    const [other] = modelOf([pod([from]), options]).environments;
    expect(other?.variables.get("OTEL_PROPAGATORS")?.source.kind).toBe("ConfigMap");
  });

  it("has the protocol of the SDK that the container loads, where nobody says one or may say one", () => {
    const agent = { name: "JAVA_TOOL_OPTIONS", value: "-javaagent:/otel/opentelemetry-javaagent-2.0.0.jar" };
    const protocolOf = (container: object) => {
      const [environment] = modelOf([pod([{ name: "app", ...container }])]).environments;
      const { value, isDefault } = environment?.variables.get("OTEL_EXPORTER_OTLP_PROTOCOL") ?? {};
      return [environment?.agent?.language, value, isDefault];
    };
    expect(protocolOf({ env: [agent] })).toEqual(["java", "http/protobuf", true]);
    const said = { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" };
    expect(protocolOf({ env: [agent, said] })).toEqual(["java", "grpc", undefined]);
    const ofTraces = { ...said, name: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL" };
    expect(protocolOf({ env: [agent, ofTraces] })).toEqual(["java", undefined, undefined]);
    const envFrom = [{ configMapRef: { name: "gone" } }];
    expect(protocolOf({ env: [agent], envFrom })).toEqual(["java", undefined, undefined]);
    const unversioned = { ...agent, value: "-javaagent:/otel/opentelemetry-javaagent.jar" };
    expect(protocolOf({ env: [unversioned] })).toEqual(["java", undefined, undefined]);
  });

  it.each<[string, string, boolean, boolean]>([
    ["OTLP_ENDPOINT", "http://collector:4317", true, true],
    ["MY_OPENTELEMETRY_URI", "collector:4318/v1/traces", true, true],
    ["APP_OTEL_COLLECTOR_ADDRESS", "https://collector:4317", true, true],
    ["OTLP_ADDR", "collector:4317", true, true],
    ["OTLP_ENDPOINT", "http://collector:8080", false, true],
    ["OTLP_ENDPOINT", ":4317", false, true],
    ["OTLP_ENDPOINT", "collector:43170", false, true],
    ["OTLP_ENDPOINT", "see http://collector:4317", false, true],
    ["OTLP_METRICS_ENDPOINT", "collector:4317", false, true],
    ["LOG_OTLP_ENDPOINT", "collector:4317", false, true],
    ["OTLP_ENDPOINT_BIND", "collector:4317", false, true],
    ["BACKLOG_OTLP_ENDPOINT", "collector:4317", true, true],
    ["OTLP_HOST", "collector:4317", false, true],
    ["OTLP_ENDPOINT_NAME", "collector:4317", false, true],
    ["TRACING_URL", "http://collector:4317", false, true],
    ["TRACE_HOST", "collector", false, true],
    ["JAEGER_AGENT_HOST", "collector", false, true],
    ["COLLECTOR_ADDR", "collector", false, true],
    ["ENDPOINT_OF_OTLP", "collector:4317", false, false],
    ["DATABASE_URL", "collector:4317", false, false],
    ["OTLP_METRIC_ENDPOINT", "collector:4317", false, true],
    ["PROFILE_OTLP_ENDPOINT", "collector:4317", false, true],
    // What SDKs read, and what is meant to be that, is not the program's own.
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317", false, false],
    ["OTEL_EXPORTER_OTLP_ENDPOIN", "http://collector:4317", false, false],
    ["OTEL_EXPORTER_OTLP_ENDPOINTS", "http://collector:4317", false, false],
  ])("may tell the program itself where spans go: %s=%s", (name, value, isTold, isOther) => {
    const env = [
      { name: "OTEL_SERVICE_NAME", value: "a" },
      { name: "LANG", value: "C" },
      { name, value },
    ];
    const [environment] = modelOf([pod([{ name: "app", env }])]).environments;
    expect([environment?.told?.name, environment?.hasOthers]).toEqual([isTold ? name : undefined, isOther]);
  });

  it("is none where neither variables nor an agent are those of an SDK", () => {
    const named = (...env: object[]) => modelOf([pod([{ name: "app", env }])]).environments.length;
    expect(named({ name: "PATH", value: "/" })).toBe(0);
    expect(named({ name: "OTLP_ENDPOINT", value: "collector:4317" })).toBe(1);
    expect(named({ name: "TRACING_URL", value: "http://collector" })).toBe(0);
    expect(named({ name: "JAVA_OPTS", value: "-javaagent:/opentelemetry-javaagent.jar" })).toBe(1);
    expect(named({ name: "OTLP_ENDPOINT", valueFrom: { secretKeyRef: { name: "a", key: "b" } } })).toBe(0);
  });

  it("is that of every container but the proxy", () => {
    const env = [{ name: "OTEL_A", value: "a" }];
    const { environments } = modelOf([pod(["a", "istio-proxy", "b"].map((name) => ({ name, env })))]);
    expect(environments.map(({ container }) => container)).toEqual(["a", "b"]);
  });
});

describe("variables that nobody can read", () => {
  const valueOf = (entry: Record<string, unknown>, ...objects: unknown[]) =>
    environmentOf([pod([{ name: "app", env: [{ name: "OTEL_A", ...entry }] }]), ...objects]);
  const fromKey = (more: Record<string, unknown> = {}) => ({
    valueFrom: { configMapKeyRef: { name: "map", key: "key", ...more } },
  });

  it("say why", () => {
    expect(valueOf(fromKey())).toEqual({ OTEL_A: "? ConfigMap shop/map is not in the input" });
    expect(valueOf(fromKey(), configMap("map", {}))).toEqual({
      OTEL_A: "? ConfigMap shop/map has no key key",
    });
    expect(valueOf(fromKey({ optional: true }))).toEqual({});
    expect(valueOf(fromKey({ optional: true }), configMap("map", {}))).toEqual({});
    expect(valueOf(fromKey({ optional: true }), configMap("map", { key: "v" }))).toEqual({ OTEL_A: "v" });
    expect(valueOf({ valueFrom: { fieldRef: { fieldPath: "x" } } })).toEqual({
      OTEL_A: "? it is only known in the running pod",
    });
    expect(valueOf({})).toEqual({ OTEL_A: "" });
    expect(valueOf({ name: 1 })).toEqual({});
  });

  it("are blamed on what would have to be changed", () => {
    const sourceOf = (...objects: unknown[]) => {
      const { environments } = modelOf([
        pod([{ name: "app", env: [{ name: "OTEL_A", ...fromKey() }] }]),
        ...objects,
      ]);
      return environments[0]?.variables.get("OTEL_A")?.source.kind;
    };
    expect(sourceOf()).toBe("Pod");
    expect(sourceOf(configMap("map", {}))).toBe("ConfigMap");
    expect(sourceOf(configMap("map", { key: "v" }))).toBe("ConfigMap");
  });

  it("may come from a whole object that is not in the input, unless it may be absent", () => {
    const settingFrom = (source: Record<string, unknown>, ...objects: unknown[]) => {
      const container = { name: "app", envFrom: [source], env: [{ name: "OTEL_A", value: "a" }] };
      const [environment] = modelOf([pod([container]), ...objects]).environments;
      return environment && settingOf(environment, "OTEL_B").unknown;
    };
    expect(settingFrom({ configMapRef: { name: "gone" } })).toBe("ConfigMap shop/gone is not in the input");
    expect(settingFrom({ configMapRef: { name: "gone", optional: true } })).toBeUndefined();
    expect(settingFrom({ secretRef: { name: "gone", optional: true } })).toBeUndefined();
    expect(settingFrom({ configMapRef: { name: "map" } }, configMap("map", {}))).toBeUndefined();
  });

  it("make what refers to them unknown too", () => {
    const env = [
      { name: "SECRET", valueFrom: { secretKeyRef: { name: "a", key: "b" } } },
      { name: "OTEL_A", value: "x-$(SECRET)" },
      { name: "OTEL_B", value: "$$(SECRET) $(GONE) $5" },
      { name: "OTEL_C", value: "$(OTEL_D)/$(OTEL_D)" },
      { name: "OTEL_D", value: "d" },
    ];
    expect(environmentOf([pod([{ name: "app", env }])])).toEqual({
      OTEL_A: "? it refers to SECRET, and it is in Secret shop/a",
      OTEL_B: "$(SECRET) $(GONE) $5",
      // What is set later is not put in.
      OTEL_C: "$(OTEL_D)/$(OTEL_D)",
      OTEL_D: "d",
    });
  });
});

describe("the environment from an Instrumentation", () => {
  const instrumentation = (name: string, namespace = "shop") => ({
    apiVersion: "opentelemetry.io/v1alpha1",
    kind: "Instrumentation",
    metadata: { name, namespace },
    spec: {
      exporter: { endpoint: `http://${name}:4317` },
      propagators: ["tracecontext", "b3"],
      sampler: { type: "parentbased_traceidratio", argument: "0.5" },
      env: [{ name: "OTEL_ALL", value: "yes" }],
      nodejs: { env: [{ name: "OTEL_NODE", value: "yes" }] },
    },
  });
  const inject = "instrumentation.opentelemetry.io/inject-nodejs";
  const endpoint = (objects: unknown[]) => environmentOf(objects)["OTEL_EXPORTER_OTLP_ENDPOINT"];

  it("is added where the container says nothing", () => {
    const container = { name: "app", env: [{ name: "OTEL_PROPAGATORS", value: "b3" }] };
    expect(environmentOf([pod([container], { [inject]: "true" }), instrumentation("own")])).toEqual({
      OTEL_PROPAGATORS: "b3",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://own:4317",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_METRICS_EXPORTER: "otlp",
      OTEL_NODE_IP: "$(OTEL_NODE_IP)",
      OTEL_POD_IP: "$(OTEL_POD_IP)",
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.5",
      OTEL_ALL: "yes",
      OTEL_NODE: "yes",
    });
  });

  it.each([
    ["true", [instrumentation("one")], "http://one:4317"],
    ["true", [instrumentation("one"), instrumentation("two")], undefined],
    ["two", [instrumentation("one"), instrumentation("two")], "http://two:4317"],
    ["platform/three", [instrumentation("three", "platform")], "http://three:4317"],
    ["false", [instrumentation("one")], undefined],
    ["four", [instrumentation("one")], undefined],
  ])("is chosen by the annotation %s", (wish, objects, expected) => {
    expect(endpoint([pod([{ name: "app" }], { [inject]: wish }), ...objects])).toBe(expected);
  });

  it("is for the first container, or for those that are named", () => {
    const containers = [{ name: "a" }, { name: "b" }];
    const names = (annotations: Variables) =>
      modelOf([
        pod(containers, { [inject]: "true", ...annotations }),
        instrumentation("one"),
      ]).environments.map(({ container }) => container);
    expect(names({})).toEqual(["a"]);
    expect(names({ "instrumentation.opentelemetry.io/container-names": "b" })).toEqual(["b"]);
    expect(names({ "instrumentation.opentelemetry.io/nodejs-container-names": "a,b" })).toEqual(["a", "b"]);
  });

  it("is asked for by the namespace's annotation too", () => {
    const namespace = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop", annotations: { [inject]: "true" } },
    };
    expect(endpoint([namespace, pod([{ name: "app" }]), instrumentation("one")])).toBe("http://one:4317");
  });
});

describe("the environment that the operator adds to", () => {
  const instrumentation = (spec: object) => ({
    apiVersion: "opentelemetry.io/v1alpha1",
    kind: "Instrumentation",
    metadata: { name: "one", namespace: "shop" },
    spec,
  });
  const ask = (language: string) => ({ [`instrumentation.opentelemetry.io/inject-${language}`]: "true" });
  const protocol = (language: string, spec: object = {}, container: object = {}) =>
    environmentOf([pod([{ name: "app", ...container }], ask(language)), instrumentation(spec)])[
      "OTEL_EXPORTER_OTLP_PROTOCOL"
    ];

  it("speaks what the language's SDK does where nothing is said", () => {
    expect(protocol("java")).toBe("http/protobuf");
    expect(protocol("java", { java: { image: "example.com/autoinstrumentation-java:1.33.5" } })).toBe("grpc");
    expect(protocol("java", { java: { image: "example.com/autoinstrumentation-java:2.10.0" } })).toBe(
      "http/protobuf",
    );
    expect(protocol("dotnet", { java: { image: "autoinstrumentation-java:1.33.5" } })).toBe("http/protobuf");
    expect(protocol("nodejs")).toBe("grpc");
    expect(protocol("sdk")).toBeUndefined();
    const env = [{ name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http/json" }];
    expect(protocol("nodejs", { env })).toBe("http/json");
    expect(protocol("nodejs", {}, { env })).toBe("http/json");
  });

  it("has one SDK, and all of a sampler or nothing", () => {
    const objects = (env: object[]) => [
      pod([{ name: "app", env }], ask("java")),
      instrumentation({ sampler: { type: "parentbased_traceidratio", argument: "0.5" } }),
    ];
    const own = { name: "JAVA_TOOL_OPTIONS", value: "-javaagent:/otel/opentelemetry-javaagent-2.0.0.jar" };
    const [environment] = modelOf(objects([own])).environments;
    expect([environment?.agent, environment?.injected?.language]).toEqual([undefined, "java"]);
    const argument = (...env: object[]) => environmentOf(objects(env))["OTEL_TRACES_SAMPLER_ARG"];
    expect(argument()).toBe("0.5");
    expect(argument({ name: "OTEL_TRACES_SAMPLER", value: "always_on" })).toBeUndefined();
    // What else the operator sets is not all known.
    const [other] = modelOf(objects([{ name: "OTEL_A", value: "$(GONE)" }])).environments;
    expect(other?.variables.get("OTEL_A")?.dangling).toBeUndefined();
  });

  it("is that of a container beside the application for Go", () => {
    const [environment, ...others] = modelOf([
      pod([{ name: "app", env: [{ name: "OTEL_A", value: "a" }] }], ask("go")),
      instrumentation({ exporter: { endpoint: "http://a:4318" } }),
    ]).environments;
    expect(environment).toMatchObject({ container: "app" });
    expect(environment?.injected).toBeUndefined();
    expect(others).toMatchObject([
      { container: "opentelemetry-auto-instrumentation", injected: { language: "go" } },
    ]);
    expect(others[0]?.variables.has("OTEL_A")).toBe(false);
    expect(others[0]?.variables.get("OTEL_EXPORTER_OTLP_ENDPOINT")?.value).toBe("http://a:4318");
  });

  it("is known of containers that only annotations of a patch name", () => {
    const annotations = { ...ask("nodejs"), "instrumentation.opentelemetry.io/container-names": "app,more" };
    const template = { metadata: { annotations }, spec: { containers: [{ name: "app" }] } };
    const names = (spec: object) => {
      const patch = object("Deployment", "app", { spec });
      const model = TracingModel.from([{ ...patch, apiVersion: "apps/v1" }, instrumentation({})]);
      const workloads = [...model.workloads, ...model.partial.map((one) => workloadOf(one, "partial"))];
      return workloads.flatMap((one) => model.environmentsOf(one)).map(({ container }) => container);
    };
    expect(names({ template })).toEqual(["app", "more"]);
    expect(names({ template, selector: {} })).toEqual(["app"]);
  });
});

describe("the OTLP export", () => {
  const exportOf = (variables: Variables, ...objects: unknown[]) => {
    const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
    const { model, environments } = modelOf([pod([{ name: "app", env }]), ...objects]);
    return environments[0] && otlpExportOf(environments[0], "shop", model.index);
  };
  const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

  it.each([
    ["http://collector:4317", { name: "collector", namespace: "shop" }, 4317],
    ["http://collector.tracing:4317", { name: "collector", namespace: "tracing" }, 4317],
    ["http://collector.tracing.svc:4317/", { name: "collector", namespace: "tracing" }, 4317],
    ["collector.tracing.svc.cluster.local:4318", { name: "collector", namespace: "tracing" }, 4318],
    ["https://otlp.eu.example.com", undefined, undefined],
    ["http://10.0.0.1:4317", undefined, 4317],
    ["http://[fd00::1]:4317", undefined, 4317],
  ])("of %s goes to the Service it means", (value, place, port) => {
    const otlp = exportOf({ [endpoint]: value });
    expect([otlp?.place, otlp?.port]).toEqual([place, port]);
  });

  it.each<[string, Variables]>([
    ["the SDK is switched off", { OTEL_SDK_DISABLED: "true", [endpoint]: "http://a:1" }],
    ["traces go nowhere", { OTEL_TRACES_EXPORTER: "none", [endpoint]: "http://a:1" }],
    ["traces go elsewhere", { OTEL_TRACES_EXPORTER: "zipkin,console", [endpoint]: "http://a:1" }],
    ["no endpoint is set", { OTEL_SERVICE_NAME: "a" }],
  ])("is none where %s", (_, variables) => {
    expect(exportOf(variables)).toBeUndefined();
  });

  it.each(["otlp", "console, otlp", "otlp_proto_grpc", ""])("is one where traces go to %j", (exporters) => {
    expect(exportOf({ OTEL_TRACES_EXPORTER: exporters, [endpoint]: "http://a:1" })?.host).toBe("a");
  });

  it.each([
    ["HTTP://A:1/x/y", "http", "A", 1, "/x/y"],
    ["a:1", undefined, "a", 1, ""],
    ["http://[fd00::1]:1/", "http", "[fd00::1]", 1, "/"],
    ["http://", undefined, "", undefined, ""],
    ["://a", undefined, "", undefined, ""],
  ])("has parts: %s", (value, scheme, host, port, path) => {
    expect(exportOf({ [endpoint]: value })).toMatchObject({ endpoint: value, host, path });
    expect([exportOf({ [endpoint]: value })?.scheme, exportOf({ [endpoint]: value })?.port]).toEqual([
      scheme,
      port,
    ]);
  });

  it("is none where the endpoint is empty or not known, and on where the switch says so", () => {
    expect(exportOf({ [endpoint]: "" })).toBeUndefined();
    expect(exportOf({ OTEL_SDK_DISABLED: "false", [endpoint]: "http://a:1" })?.host).toBe("a");
    expect(exportOf({ OTEL_SDK_DISABLED: "TRUE", [endpoint]: "http://a:1" })).toBeUndefined();
    const env = [{ name: endpoint, valueFrom: { secretKeyRef: { name: "a", key: "b" } } }];
    const { model, environments } = modelOf([pod([{ name: "app", env }])]);
    expect(environments[0] && otlpExportOf(environments[0], "shop", model.index)).toBeUndefined();
  });

  it("leads to no other port than it names where no Service says more", () => {
    const otlp = exportOf({ [endpoint]: "http://collector:80" });
    expect(otlp && targetPortOf(otlp)).toBe(80);
    const portless = exportOf(
      { [endpoint]: "http://collector" },
      object("Service", "collector", { spec: { ports: [{ port: 80 }] } }),
    );
    expect(portless && targetPortOf(portless)).toBeUndefined();
  });

  it("is that of traces before that of everything", () => {
    const otlp = exportOf({
      [endpoint]: "http://all:4317",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://traces:4318/v1/traces",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/protobuf",
    });
    expect(otlp).toMatchObject({
      host: "traces",
      port: 4318,
      path: "/v1/traces",
      protocol: { value: "http/protobuf" },
    });
  });

  it.each([
    [{ port: 80, targetPort: 4318 }, 4318],
    [{ port: 80, targetPort: "otlp-grpc" }, 4317],
    [{ port: 80, targetPort: "otlp-http" }, 4318],
    [{ port: 80 }, 80],
    [{ port: 81, targetPort: 4318 }, undefined],
  ])("reaches the port of the pods that the Service leads to: %j", (port, expected) => {
    const otlp = exportOf(
      { [endpoint]: "http://collector:80" },
      object("Service", "collector", { spec: { ports: [port] } }),
    );
    expect(otlp && targetPortOf(otlp)).toBe(expected);
  });
});
