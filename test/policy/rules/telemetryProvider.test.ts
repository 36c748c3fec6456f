import { describe, expect, it } from "vitest";
import { istioConfigMap, Mesh, meshConfig } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";
import { stringify } from "yaml";

const telemetry = "Telemetry istio-system/mesh-default";
const container = "spec template spec containers 0";
const withoutConfig = () => new Mesh().remove("ConfigMap istio-system/istio");

/** Namespace auth on a revision of istiod with a mesh config of its own. */
const canary = (mesh: Mesh, config: Record<string, unknown>): Mesh => {
  const own = istioConfigMap(config);
  own.metadata.name = "istio-canary";
  return mesh.add(own).set("Namespace auth", "metadata labels", { "istio.io/rev": "canary" });
};

testRule("telemetry-provider", {
  faults: [
    {
      name: "the mesh config of another revision does not define the provider",
      breaks: (mesh) => canary(mesh, { accessLogFile: "" }),
      object: telemetry,
      message:
        "Telemetry istio-system/mesh-default names the tracing provider jaeger for Deployment auth/auth-api, which ConfigMap " +
        "istio-system/istio-canary, the mesh config of their revision of istiod, does not define, so nothing is traced",
      fix: `# in the mesh config (ConfigMap istio-system/istio-canary)
extensionProviders:
  - name: jaeger
    zipkin:
      service: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local
      port: 9411`,
    },
    {
      ...exampleFault("telemetry-provider"),
      object: telemetry,
      message:
        "Telemetry istio-system/mesh-default names the tracing provider zipkin, which the mesh config does not define, so nothing is traced; define it, or use jaeger",
      fix: `# in spec.tracing of Telemetry istio-system/mesh-default
providers:
  - name: jaeger`,
    },
    {
      name: "the Telemetry traces with an access-log provider",
      breaks: (mesh) => mesh.set(telemetry, "spec tracing 0 providers 0 name", "json-access-log"),
      object: telemetry,
      message:
        "Telemetry istio-system/mesh-default traces with provider json-access-log, which is of type envoyFileAccessLog and cannot trace; use a provider of type zipkin, opentelemetry, datadog and skywalking",
      fix: `# in spec.tracing of Telemetry istio-system/mesh-default
providers:
  - name: jaeger`,
    },
    {
      name: "istiod is not told of the shared mesh config",
      breaks: (mesh) => {
        const { extensionProviders } = meshConfig();
        mesh.mesh("extensionProviders", undefined);
        const shared = istioConfigMap({ extensionProviders });
        shared.metadata = {
          name: "mesh-tracing",
          namespace: "istio-system",
          labels: { "app.kubernetes.io/part-of": "mesh-tracing" },
        };
        mesh.add(shared);
      },
      object: telemetry,
      message:
        "Telemetry istio-system/mesh-default names the tracing provider jaeger, which the mesh config does not " +
        "define: istiod does not read ConfigMap istio-system/mesh-tracing; set the variable SHARED_MESH_CONFIG to its name",
      fix: `# add to the container discovery of Deployment istiod
env:
  - name: SHARED_MESH_CONFIG
    value: mesh-tracing`,
    },
  ],
  harmless: [
    {
      name: "a revision whose mesh config defines the provider too",
      varies: (mesh) => canary(mesh, meshConfig()),
    },
    {
      name: "the mesh config of a revision that no workload has",
      varies: (mesh) =>
        canary(mesh, { accessLogFile: "" }).set("Namespace auth", "metadata labels", {
          "istio-injection": "enabled",
        }),
    },
    {
      name: "the mesh config in a shared ConfigMap",
      varies: (mesh) => {
        const { extensionProviders, ...rest } = meshConfig();
        const shared = istioConfigMap({ extensionProviders });
        shared.metadata.name = "tracing";
        mesh.set("ConfigMap istio-system/istio", "data mesh", stringify(rest));
        mesh.add(shared);
        mesh.set("Deployment istio-system/istiod", `${container} env`, [
          { name: "SHARED_MESH_CONFIG", value: "tracing" },
        ]);
      },
    },
  ],
});

describe("telemetry-provider", () => {
  const ask = asker("telemetry-provider");
  const name = (provider: string) => new Mesh().set(telemetry, "spec tracing 0 providers 0 name", provider);
  const define =
    "extensionProviders:\n  - name: jaeger\n    zipkin:\n" +
    "      service: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local\n      port: 9411";

  it("offers one that is defined", () => {
    expect(ask(name("tempo"))).toEqual([
      `error: ${telemetry} names the tracing provider tempo, which the mesh config does not define, so nothing is traced; define it, or use jaeger\n` +
        `# in spec.tracing of ${telemetry}\nproviders:\n  - name: jaeger`,
    ]);
    const byDefault = new Mesh()
      .unset(telemetry, "spec tracing 0 providers")
      .mesh("defaultProviders", { tracing: ["prometheus"] });
    expect(ask(byDefault)).toEqual([
      "error: ConfigMap istio-system/istio traces with provider prometheus, which is of type prometheus and cannot trace; use a provider of type zipkin, opentelemetry, datadog and skywalking\n" +
        "# in the mesh config (ConfigMap istio-system/istio)\ndefaultProviders:\n  tracing:\n    - jaeger",
    ]);
  });

  it("defines the one that is named, where none is", () => {
    const none = new Mesh().mesh("extensionProviders", [{ name: "empty" }]);
    const inMesh = "# in the mesh config (ConfigMap istio-system/istio)";
    expect(ask(none)).toEqual([
      `error: ${telemetry} names the tracing provider jaeger, which the mesh config does not define, so nothing is traced; define it\n${inMesh}\n${define}`,
    ]);
    expect(ask(none.set(telemetry, "spec tracing 0 providers 0 name", "empty"))).toEqual([
      `error: ${telemetry} traces with provider empty, which is of type none and cannot trace; use a provider of type zipkin, ` +
        `opentelemetry, datadog and skywalking\n${inMesh}\n${define.replace("jaeger\n", "empty\n")}`,
    ]);
    expect(ask(none, { collector: "tracing/zipkin:9999" })[0]).toContain(
      "service: tracing/zipkin.tracing.svc.cluster.local\n      port: 9999",
    );
    const services = () => new Mesh().mesh("extensionProviders", []);
    const renamed = services().set("Service istio-system/jaeger-collector-clusterip", "metadata", {
      name: "zipkin",
      namespace: "tracing",
    });
    expect(ask(renamed)[0]).toContain("service: tracing/zipkin.tracing.svc.cluster.local\n      port: 9411");
    const without = services().remove("Service istio-system/jaeger-collector-clusterip");
    expect(ask(without)[0]).toContain(
      "service: NAMESPACE/COLLECTOR.NAMESPACE.svc.cluster.local\n      port: 9411",
    );
    // Where the mesh config had proxies send spans before there were providers.
    const address = "jaeger-collector.observability:9411";
    const legacy = services().mesh("defaultConfig", { tracing: { zipkin: { address } } });
    expect(ask(legacy)[0]).toContain(
      "- name: jaeger\n    zipkin:\n      service: observability/jaeger-collector.observability.svc.cluster.local\n      port: 9411",
    );
    const outside = { tracing: { zipkin: { address: "zipkin.example.com:9411" } } };
    expect(ask(services().mesh("defaultConfig", outside))[0]).toContain("service: zipkin.example.com\n");
    expect(ask(services().set(telemetry, "spec tracing 0 providers 0 name", "otel-tracing"))[0]).toContain(
      "- name: otel-tracing\n    opentelemetry:\n" +
        "      service: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local\n      port: 4317",
    );
  });

  it("says that the mesh config is not all there, or not read", () => {
    expect(ask(withoutConfig())).toEqual([
      `warning: ${telemetry} names the tracing provider jaeger, and it is unknown whether the mesh config defines it: the ` +
        "mesh config of istiod's owner (ConfigMap istio) is not in the input\n" +
        `# in the mesh config (meshConfig of istiod's values), unless it is there\n${define}`,
    ]);
    const shared = istioConfigMap(meshConfig());
    shared.metadata = {
      name: "shared",
      namespace: "istio-system",
      labels: { "app.kubernetes.io/part-of": "mesh-tracing" },
    };
    expect(ask(new Mesh().mesh("extensionProviders", []).add(shared))).toEqual([
      `error: ${telemetry} names the tracing provider jaeger, which the mesh config does not define: istiod does not read ` +
        "ConfigMap istio-system/shared; set the variable SHARED_MESH_CONFIG to its name\n" +
        "# add to the container discovery of Deployment istiod\nenv:\n  - name: SHARED_MESH_CONFIG\n    value: shared",
    ]);
  });

  it("is left to another rule where the mesh config cannot be read", () => {
    expect(ask(new Mesh().set("ConfigMap istio-system/istio", "data mesh", "a: [\nb: }"))).toEqual([]);
  });

  it("has nothing to say where tracing is off, or legacy", () => {
    expect(ask(new Mesh())).toEqual([]);
    expect(ask(new Mesh().remove(telemetry))).toEqual([]);
    const legacy = { tracing: { zipkin: { address: "zipkin.tracing:9411" } } };
    expect(ask([istioConfigMap({ defaultConfig: legacy })])).toEqual([]);
  });

  const own = (namespace: string, name = "otel") => ({
    apiVersion: "telemetry.istio.io/v1",
    kind: "Telemetry",
    metadata: { name: "tracing", namespace },
    spec: { tracing: [{ providers: [{ name }] }] },
  });

  it("is told of a namespace's Telemetry by another rule, where the mesh config is in the input", () => {
    expect(ask(new Mesh().add(own("auth")))).toEqual([]);
    expect(asker("telemetry-overrides")(new Mesh().add(own("auth")))).toHaveLength(1);
  });

  it("is one doubt about each name, and none about that of the mesh once more", () => {
    const names = (mesh: Mesh) =>
      ask(mesh).map((finding) => /provider (\S+?),? (for|and)/.exec(finding)?.[1]);
    expect(names(withoutConfig().add(own("auth", "jaeger")))).toEqual(["jaeger"]);
    expect(names(withoutConfig().remove(telemetry).add(own("auth", "a"), own("chat", "b")))).toEqual([
      "a",
      "b",
    ]);
    const [, lines] = /\n([^]*)/.exec(ask(withoutConfig().remove(telemetry).add(own("auth")))[0] ?? "") ?? [];
    expect(lines).toBe(
      "# in the mesh config (meshConfig of istiod's values), unless it is there\nextensionProviders:\n  - name: otel\n" +
        "    opentelemetry:\n      service: istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local\n      port: 4317",
    );
  });

  it("is asked of a namespace's Telemetry too, where the mesh config is not in the input", () => {
    const found = ask(withoutConfig().remove(telemetry).add(own("auth"), own("chat"), own("monitoring")));
    expect(found.map((finding) => finding.split("\n")[0])).toEqual([
      "warning: Telemetry auth/tracing names the tracing provider otel for Deployment auth/auth-api and Deployment chat/chat-api, and it is unknown " +
        "whether the mesh config defines it: the mesh config of istiod's owner (ConfigMap istio) is not in the input",
    ]);
  });
});
