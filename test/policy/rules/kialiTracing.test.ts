import { describe, expect, it } from "vitest";
import { addKiali, kialiConfig, kialiConfigMap } from "../../../docs/generate/sample/kiali";
import { type Manifest, namespaces, type Tree } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const configMap = "ConfigMap observability/kiali";
const host = "jaeger-query-clusterip.istio-system.svc.cluster.local";
const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
const egress = "NetworkPolicy observability/allow-kiali-egress";
const argo: Manifest = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Application",
  metadata: { name: "kiali", namespace: "argocd" },
  spec: {
    destination: { namespace: "istio-system" },
    source: {
      chart: "kiali-server",
      targetRevision: "2.29.0",
      helm: { valuesObject: kialiConfig({ internal_url: `http://${host}:16686` }) },
    },
  },
};
const first = (lines: string[]) => lines.map((line) => line.split("\n")[0] ?? "");
const wholeSection = `# in data["config.yaml"]
external_services:
  tracing:
    enabled: true
    internal_url: http://jaeger-query-clusterip.istio-system:16685
    use_grpc: true`;

testRule("kiali-tracing", {
  faults: [
    {
      ...exampleFault("kiali-tracing"),
      object: configMap,
      message:
        "ConfigMap observability/kiali has use_grpc: false, but Service istio-system/jaeger-query-clusterip " +
        "speaks gRPC on port 16685; set use_grpc: true",
      fix: `# in data["config.yaml"]
external_services:
  tracing:
    use_grpc: true`,
    },
    {
      name: "Kiali reads gRPC where HTTP is spoken",
      breaks: (mesh) =>
        addKiali(mesh, kialiConfig({ internal_url: `http://${host}:16686` }))
          .set(ingress, "spec ingress 4 ports 0 port", 16686)
          .set(egress, "spec egress 0 ports 0 port", 16686),
      object: configMap,
      message:
        "ConfigMap observability/kiali has use_grpc: true, but Service istio-system/jaeger-query-clusterip " +
        "speaks HTTP on port 16686; set use_grpc: false",
      fix: `# in data["config.yaml"]
external_services:
  tracing:
    use_grpc: false`,
    },
    {
      name: "Kiali reads a port that Jaeger's Service does not have",
      breaks: (mesh) => addKiali(mesh, kialiConfig({ internal_url: `http://${host}` })),
      object: configMap,
      message:
        "ConfigMap observability/kiali points Kiali at http://jaeger-query-clusterip.istio-system.svc.cluster.local, but Service " +
        "istio-system/jaeger-query-clusterip has no port 80 (it has 16686, 16685); use one of its ports",
      fix: wholeSection,
    },
    {
      name: "Kiali reads a Service that does not exist",
      breaks: (mesh) => addKiali(mesh, kialiConfig({ internal_url: undefined })),
      object: configMap,
      message:
        "ConfigMap observability/kiali points Kiali at http://tracing.istio-system:16685/jaeger, but Service istio-system/tracing does not exist; use a Service of Jaeger",
      fix: wholeSection,
    },
    {
      name: "Kiali reads a Service of a namespace that is not in the input",
      breaks: (mesh) => addKiali(mesh, kialiConfig({ internal_url: "http://jaeger.tracing:16685" })),
      object: configMap,
      level: "warning",
      message:
        "ConfigMap observability/kiali points Kiali at http://jaeger.tracing:16685, but Service " +
        "tracing/jaeger is not in the input; use a Service of Jaeger",
      fix: wholeSection,
    },
    {
      name: "Kiali's tracing is off",
      breaks: (mesh) => addKiali(mesh, kialiConfig({ enabled: undefined })),
      object: configMap,
      level: "warning",
      message:
        "ConfigMap observability/kiali does not enable Kiali's tracing, so Kiali shows no traces; set external_services.tracing.enabled: true",
      fix: wholeSection,
    },
    {
      name: "the values of Kiali's chart read gRPC where HTTP is spoken",
      breaks: (mesh) => mesh.add(argo),
      object: "Application argocd/kiali",
      message:
        "Application argocd/kiali has use_grpc: true, but Service istio-system/jaeger-query-clusterip speaks " +
        "HTTP on port 16686; set use_grpc: false",
      fix: `# in the chart's values
external_services:
  tracing:
    use_grpc: false`,
    },
    {
      name: "a Kiali of the operator reads a port that Jaeger's Service does not have",
      breaks: (mesh) =>
        mesh.add({
          apiVersion: "kiali.io/v1alpha1",
          kind: "Kiali",
          metadata: { name: "kiali", namespace: "istio-system" },
          spec: kialiConfig({ internal_url: `http://${host}:80/jaeger` }),
        }),
      object: "Kiali istio-system/kiali",
      message:
        "Kiali istio-system/kiali points Kiali at http://jaeger-query-clusterip.istio-system.svc.cluster.local:80/jaeger, but Service " +
        "istio-system/jaeger-query-clusterip has no port 80 (it has 16686, 16685); use one of its ports",
      fix: `# in spec
external_services:
  tracing:
    enabled: true
    internal_url: http://jaeger-query-clusterip.istio-system:16685
    use_grpc: true`,
    },
    {
      name: "Kiali's tracing is off, so that its closed way to Jaeger matters to nobody",
      breaks: (mesh) => addKiali(mesh, kialiConfig({ enabled: false })).unset(ingress, "spec ingress 4"),
      object: configMap,
      level: "warning",
      message:
        "ConfigMap observability/kiali does not enable Kiali's tracing, so Kiali shows no traces; set external_services.tracing.enabled: true",
      fix: wholeSection,
    },
    {
      name: "the values of the operator's chart name a Service beside Kiali, and the wrong protocol",
      breaks: (mesh) =>
        mesh.add({
          ...argo,
          spec: {
            destination: { namespace: "kiali-operator" },
            source: {
              chart: "kiali-operator",
              targetRevision: "2.29.0",
              helm: {
                valuesObject: {
                  cr: {
                    create: true,
                    namespace: "istio-system",
                    spec: kialiConfig({ internal_url: "http://jaeger-query-clusterip:16686" }),
                  },
                },
              },
            },
          },
        }),
      object: "Application argocd/kiali",
      message:
        "Application argocd/kiali has use_grpc: true, but Service istio-system/jaeger-query-clusterip speaks " +
        "HTTP on port 16686; set use_grpc: false",
      fix: `# in cr.spec of the values
external_services:
  tracing:
    use_grpc: false`,
    },
  ],
  harmless: [
    { name: "Kiali as this project makes it", varies: (mesh) => addKiali(mesh) },
    {
      name: "Kiali by HTTP",
      varies: (mesh) =>
        addKiali(mesh, kialiConfig({ internal_url: `http://${host}:16686/`, use_grpc: false }))
          .set("NetworkPolicy istio-system/allow-tracing-ingress", "spec ingress 4 ports 0 port", 16686)
          .set("NetworkPolicy observability/allow-kiali-egress", "spec egress 0 ports 0 port", 16686),
    },
    {
      name: "Kiali told by the key of older versions",
      varies: (mesh) =>
        addKiali(mesh, kialiConfig({ internal_url: undefined, in_cluster_url: `http://${host}:16685` })),
    },
    {
      name: "Kiali that reads another store than Jaeger",
      varies: (mesh) =>
        addKiali(mesh, kialiConfig({ provider: "tempo", internal_url: "http://tempo.tempo:3200" })),
    },
    {
      name: "Kiali that reads a Jaeger outside the cluster",
      varies: (mesh) => addKiali(mesh, kialiConfig({ internal_url: "https://jaeger.eu.example.com" })),
    },
    {
      name: "Kiali of version 1, whose default for tracing nobody knows",
      varies: (mesh) => {
        addKiali(mesh, kialiConfig({ enabled: undefined }));
        mesh.set("ConfigMap observability/kiali", "metadata labels app.kubernetes.io/version", "v1.73.0");
      },
    },
    {
      name: "Kiali by the values of a Flux release that are partly elsewhere",
      varies: (mesh) =>
        mesh.add({
          apiVersion: "helm.toolkit.fluxcd.io/v2",
          kind: "HelmRelease",
          metadata: { name: "kiali", namespace: "observability" },
          spec: {
            chart: { spec: { chart: "kiali-server", version: "2.29.0" } },
            valuesFrom: [{ kind: "Secret", name: "kiali-values" }],
          },
        }),
    },
    {
      name: "a ConfigMap called kiali that is no configuration of Kiali",
      varies: (mesh) =>
        mesh.add({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "kiali", namespace: "scan" },
          data: { "config.yaml": "- a\n- b\n" },
        }),
    },
    {
      name: "the chart's values beside what the chart rendered: the ConfigMap counts",
      varies: (mesh) =>
        addKiali(mesh).add({
          apiVersion: "mesh-tracing/v1",
          kind: "HelmChart",
          metadata: { name: "kiali", namespace: "observability" },
          spec: { chart: "kiali-server", version: "2.29.0", values: { auth: { strategy: "anonymous" } } },
        }),
    },
    {
      name: "the operator's chart without a Kiali",
      varies: (mesh) =>
        mesh.add({
          apiVersion: "mesh-tracing/v1",
          kind: "HelmChart",
          metadata: { name: "kiali-operator", namespace: "kiali-operator" },
          spec: {
            chart: "kiali-operator",
            version: "2.29.0",
            values: { cr: { create: false, spec: { auth: { strategy: "anonymous" } } } },
          },
        }),
    },
    {
      name: "Kiali without tracing in a mesh whose traces go to no Jaeger",
      varies: (mesh) => {
        addKiali(mesh, kialiConfig({ enabled: false }));
        mesh.set(
          "Deployment istio-system/jaeger",
          "spec template spec containers 0 image",
          "example.com/collector:1",
        );
        mesh.set(
          "Deployment istio-system/jaeger",
          "spec template metadata labels app.kubernetes.io/name",
          "collector",
        );
        for (const ref of [
          "Service istio-system/jaeger-collector-clusterip",
          "Service istio-system/jaeger-query-clusterip",
        ]) {
          mesh.set(ref, "spec selector app.kubernetes.io/name", "collector");
        }
        mesh.set(
          "NetworkPolicy istio-system/allow-tracing-ingress",
          "spec podSelector matchLabels app.kubernetes.io/name",
          "collector",
        );
        for (const namespace of namespaces) {
          mesh.set(
            `NetworkPolicy ${namespace}/allow-jaeger-egress`,
            "spec egress 0 to 0 podSelector matchLabels app.kubernetes.io/name",
            "collector",
          );
        }
      },
    },
  ],
});

describe("where Kiali reads traces", () => {
  const ask = asker("kiali-tracing");
  const jaeger: Manifest = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "jaeger", namespace: "tracing" },
    spec: {
      selector: {},
      template: { spec: { containers: [{ name: "jaeger", image: "jaegertracing/jaeger:2" }] } },
    },
  };
  const query = (port: Tree, name = "query", namespace: string | undefined = "tracing"): Manifest => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, ...(namespace === "" ? {} : { namespace }) },
    spec: { ports: [port] },
  });
  const reads = (tracing: Tree, ...objects: Manifest[]) =>
    ask([jaeger, kialiConfigMap(kialiConfig(tracing)), ...objects], { collector: "tracing/jaeger:9411" });
  const at = (port: number, use_grpc: boolean, entry: Tree) =>
    reads({ internal_url: `http://query.tracing:${port}`, use_grpc }, query(entry)).map((line) =>
      /speaks (\w+) on port (\d+); set use_grpc: (\w+)/.exec(line)?.slice(1).join(" "),
    );

  it.each<[Tree, string | undefined]>([
    [{ port: 80, targetPort: 16685 }, "gRPC"],
    [{ port: 80, targetPort: 16686 }, "HTTP"],
    [{ port: 80, name: "grpc-query" }, "gRPC"],
    [{ port: 80, name: "http" }, "HTTP"],
    [{ port: 80, name: "http", appProtocol: "grpc" }, "gRPC"],
    [{ port: 80, name: "my-grpc-query" }, undefined],
    [{ port: 80, name: "httpbin" }, undefined],
    [{ port: 80 }, undefined],
  ])("is told by the port %j: %s", (entry, spoken) => {
    expect(at(80, true, entry)).toEqual(spoken === "HTTP" ? ["HTTP 80 false"] : []);
    expect(at(80, false, entry)).toEqual(spoken === "gRPC" ? ["gRPC 80 true"] : []);
  });

  it.each([
    [16685, true],
    [16686, false],
  ])("is told by port %i where that is all there is", (port, isGrpc) => {
    expect(at(port, isGrpc, { port })).toEqual([]);
    expect(at(port, !isGrpc, { port })).toHaveLength(1);
  });

  it("must exist where Jaeger is and other Services are", () => {
    const gone = { internal_url: "http://gone.tracing:16685" };
    const other = query({ port: 16685 }, "other");
    expect(first(reads(gone, other))[0]).toMatch(/^warning: .*Service tracing\/gone does not exist;/);
    // The namespace's Services are in another input.
    expect(first(reads(gone))[0]).toMatch(/^warning: .*Service tracing\/gone is not in the input;/);
    const elsewhere = { internal_url: "http://gone.elsewhere:16685" };
    const there = query({ port: 16685 }, "other", "elsewhere");
    expect(first(reads(elsewhere, there))[0]).toMatch(
      /^warning: .*Service elsewhere\/gone is not in the input;/,
    );
    const second = { ...jaeger, metadata: { name: "second", namespace: "other" } };
    expect(first(reads(gone, second, other))[0]).toMatch(/^warning: /);
  });

  it("is shown where the input has it", () => {
    const fix = (...services: Manifest[]) =>
      /internal_url: (\S+)/.exec(reads({ enabled: false }, ...services)[0] ?? "")?.[1];
    const plain = query({ port: 1, name: "grpc" }, "plain");
    expect(fix(plain)).toBeUndefined();
    expect(fix(plain, query({ port: 16685 }))).toBe("http://query.tracing:16685");
    expect(fix(query({ port: 9000, targetPort: 16685 }, "query", ""))).toBe("http://query.default:9000");
  });
});
