import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { istiodName } from "../../mesh/names";
import { accessLogLabels } from "../fixtures/meshConfig";
import { resource, run, runStackFile, stackOf, typesAndNames } from "../fixtures/stack";

const labels = (stack: string) => ({
  "app.kubernetes.io/part-of": "mesh-tracing",
  "mesh-tracing/stack": stack,
});
const zipkin = (namespace: string, changes: object = {}) => ({
  name: "jaeger",
  zipkin: {
    service: `${namespace}/jaeger-collector-clusterip.${namespace}.svc.cluster.local`,
    port: 9411,
    ...changes,
  },
});
const w3c = { traceContextOption: "USE_B3_WITH_W3C_PROPAGATION" };
const accessLog = {
  name: "json-access-log",
  envoyFileAccessLog: { path: "/dev/stdout", logFormat: { labels: accessLogLabels } },
};
const istio = (changes: object) => ({ version: "1.31", delivery: "shared", ...changes });
const meshResources = async (section: object): Promise<string[]> =>
  typesAndNames(await run(stackOf({ istio: istio(section) }))).filter((name) => / mesh-/.test(name));
const configMap = "kubernetes:core/v1:ConfigMap mesh-shared-config";
const patch = "kubernetes:apps/v1:DeploymentPatch mesh-istiod";
const telemetry = "kubernetes:telemetry.istio.io/v1:Telemetry mesh-telemetry";

describe("the mesh configuration that istiod reads beside its own", () => {
  const sharedConfig = async (sections: Record<string, unknown>): Promise<unknown> => {
    const { inputs } = resource(await run(stackOf(sections)), "mesh-shared-config");
    return parse((inputs["data"] as { mesh: string }).mesh);
  };

  test("of dev", async () => {
    const { inputs } = resource(await runStackFile("dev"), "mesh-shared-config");
    const { data, ...rest } = inputs;
    expect(rest).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "mesh-tracing", namespace: "istio-system", labels: labels("dev") },
    });
    expect(Object.keys(data as object)).toEqual(["mesh"]);
    expect(parse((data as { mesh: string }).mesh)).toEqual({
      extensionProviders: [zipkin("istio-system", w3c), accessLog],
    });
  });

  test("of Istio 1.24, which only knows B3", async () => {
    const version = istio({ version: "1.24" });
    expect(await sharedConfig({ istio: version })).toEqual({
      extensionProviders: [zipkin("istio-system"), accessLog],
    });
    const { inputs } = resource(await run(stackOf({ istio: version })), "otel-environment-shop");
    expect((inputs["data"] as Record<string, string>)["OTEL_PROPAGATORS"]).toBe(
      "tracecontext,baggage,b3multi",
    );
  });

  test("without access logging", async () => {
    expect(await sharedConfig({ tracing: { sampling: 1, accessLog: false } })).toEqual({
      extensionProviders: [zipkin("istio-system", w3c)],
    });
  });

  test("names the collector with its namespace and cluster domain", async () => {
    const sections = {
      jaeger: { namespace: "obs" },
      cluster: { domain: "k8s.example.com" },
      tracing: { sampling: 1, accessLog: false },
    };
    expect(await sharedConfig(sections)).toEqual({
      extensionProviders: [
        zipkin("obs", {
          ...w3c,
          service: "obs/jaeger-collector-clusterip.obs.svc.k8s.example.com",
        }),
      ],
    });
  });

  test("is in the ConfigMap and the namespace that the stack says", async () => {
    const section = istio({ sharedConfigMap: "extra-mesh", rootNamespace: "mesh" });
    const { inputs } = resource(await run(stackOf({ istio: section })), "mesh-shared-config");
    expect(inputs["metadata"]).toEqual({ name: "extra-mesh", namespace: "mesh", labels: labels("test") });
  });
});

describe("the one mesh-wide Telemetry", () => {
  const tracing = (sampling: number) => [
    { providers: [{ name: "jaeger" }], randomSamplingPercentage: sampling },
  ];
  const accessLogging = [{ providers: [{ name: "json-access-log" }] }];
  const manifest = (stack: string, namespace: string, spec: object) => ({
    apiVersion: "telemetry.istio.io/v1",
    kind: "Telemetry",
    metadata: { name: "mesh-default", namespace, labels: labels(stack) },
    spec,
  });

  test.each([
    ["dev", 100],
    ["prod", 1],
  ])("of %s samples %d %% and logs access", async (stack, sampling) => {
    expect(resource(await runStackFile(stack), "mesh-telemetry").inputs).toEqual(
      manifest(stack, "istio-system", { accessLogging, tracing: tracing(sampling) }),
    );
  });

  test("samples 0 %, which is a value, in the root namespace, and logs no access where it shall not", async () => {
    const sections = {
      tracing: { sampling: 0, accessLog: false },
      istio: istio({ rootNamespace: "mesh" }),
    };
    expect(resource(await run(stackOf(sections)), "mesh-telemetry").inputs).toEqual(
      manifest("test", "mesh", { tracing: tracing(0) }),
    );
  });
});

describe("istiod", () => {
  const patchOf = (stack: string, name: string, namespace: string, value: string) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name,
      namespace,
      annotations: { "pulumi.com/patchFieldManager": `mesh-tracing-${stack}` },
    },
    spec: {
      template: {
        spec: {
          containers: [{ name: "discovery", env: [{ name: "SHARED_MESH_CONFIG", value }] }],
        },
      },
    },
  });

  test("of dev gets one variable and nothing else", async () => {
    expect(resource(await runStackFile("dev"), "mesh-istiod").inputs).toEqual(
      patchOf("dev", "istiod", "istio-system", "mesh-tracing"),
    );
  });

  test("of a revision, in another namespace, for another ConfigMap", async () => {
    const section = istio({ revision: "canary", rootNamespace: "mesh", sharedConfigMap: "extra" });
    expect(resource(await run(stackOf({ istio: section })), "mesh-istiod").inputs).toEqual(
      patchOf("test", "istiod-canary", "mesh", "extra"),
    );
  });

  test.each([
    [undefined, "istiod"],
    ["default", "istiod"],
    ["1-31", "istiod-1-31"],
  ])("of revision %s is called %s", (revision, name) => {
    expect(istiodName(revision)).toBe(name);
  });
});

describe("how the providers get into the mesh", () => {
  const install = { chart: { path: "./charts" } };
  test.each<[string, object, string[]]>([
    ["shared", {}, [patch, configMap, telemetry]],
    ["shared, and istiod's owner sets the variable", { patchIstiod: false }, [configMap, telemetry]],
    ["values: handed out only", { delivery: "values" }, [telemetry]],
    ["managed: in istiod's own values", { delivery: "managed", install }, [telemetry]],
  ])("%s", async (_, section, expected) => {
    expect(await meshResources(section)).toEqual(expected);
  });
});
