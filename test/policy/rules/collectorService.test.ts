import { describe, expect, it } from "vitest";
import { collectorConfig, withCollector } from "../../../docs/generate/sample/collector";
import { collectorHost, type Manifest, Mesh, namespaces, options } from "../../../docs/generate/sample/mesh";
import { checkAll } from "../../../policy/checkAll";
import { type Options } from "../../../policy/model/options";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const collector = "Service istio-system/jaeger-collector-clusterip";
const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const found = (objects: unknown[], more: Options = {}) =>
  checkAll(objects, { ...options, ...more }).map(
    ({ rule, level, kind, namespace, name }) => `${level} ${rule}: ${kind} ${namespace}/${name}`,
  );
const egress = "NetworkPolicy auth/allow-jaeger-egress";

const otlp = "http://otel-collector.observability.svc.cluster.local:4317";
const scaler = (
  apiVersion: string,
  kind: string,
  name = "otel-collector",
  namespace = "observability",
): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  spec: { scaleTargetRef: { name }, maxReplicas: 3 },
});
/** Applications that send nothing, so that one thing is broken. */
const exportNothing = (mesh: Mesh, namespace: string): Mesh =>
  mesh
    .unset(`ConfigMap ${namespace}/otel-environment`, "data OTEL_EXPORTER_OTLP_ENDPOINT")
    .set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_TRACES_EXPORTER", "console");

/** The collector's Service as another name of a host; applications send nothing, so that one thing is broken. */
function alias(mesh: Mesh, externalName: string): Mesh {
  for (const namespace of namespaces) exportNothing(mesh, namespace);
  return mesh.set(collector, "spec", { type: "ExternalName", externalName });
}

testRule("collector-service", {
  faults: [
    {
      ...exampleFault("collector-service"),
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip is headless (clusterIP: None), so proxies find no host for their spans; use a ClusterIP Service",
      fix: `# delete and recreate it without clusterIP: None (clusterIP is immutable)
spec:
  type: ClusterIP`,
    },
    {
      name: "the collector's Service does not exist",
      breaks: (mesh) => {
        mesh.remove(collector);
        for (const namespace of namespaces) exportNothing(mesh, namespace);
      },
      options: { isComplete: true },
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip does not exist, but the mesh sends its spans to istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local:9411; add a ClusterIP Service",
      fix: `# add
apiVersion: v1
kind: Service
metadata:
  name: jaeger-collector-clusterip
  namespace: istio-system
spec:
  type: ClusterIP
  selector:
    app.kubernetes.io/name: jaeger
  ports:
    - name: http-zipkin
      port: 9411
      targetPort: 9411
      protocol: TCP
      appProtocol: http`,
    },
    {
      name: "the collector's Service selects nothing",
      breaks: (mesh) => {
        mesh.set(collector, "spec selector", { app: "jaeger" });
        for (const namespace of namespaces) exportNothing(mesh, namespace);
      },
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip selects no pods (app=jaeger), so spans are lost; select the collector's pods",
      fix: `# in spec
selector:
  app.kubernetes.io/name: jaeger
  app.kubernetes.io/instance: jaeger`,
    },
    {
      name: "the collector's Service has no port for Zipkin",
      breaks: (mesh) => mesh.unset(collector, "spec ports 0"),
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip has no port 9411, to which the mesh sends its spans; add it next to 4317 and 4318",
      fix: `# add to spec.ports
- name: http-zipkin
  port: 9411
  targetPort: 9411
  protocol: TCP
  appProtocol: http`,
    },
    {
      name: "the collector's Service leads to a port nobody listens on",
      breaks: (mesh) => mesh.set(collector, "spec ports 0 targetPort", 9412),
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip leads from port 9411 to port 9412, which no container of its pods has; use one of their ports: 9411, 4317, 4318, 16686, 16685 and 8888",
      fix: `# in spec.ports, port 9411
targetPort: 9411`,
    },
    {
      name: "the pods of a collector of which nobody knows the configuration do not list the port",
      breaks: (mesh) =>
        mesh
          .set(jaeger, `${container} image`, "example.com/store:1")
          .set(jaeger, `${container} ports`, [{ containerPort: 4317 }, { containerPort: 4318 }]),
      object: collector,
      level: "warning",
      message:
        "Service istio-system/jaeger-collector-clusterip leads from port 9411 to port 9411, which no container of its pods lists (4317 and 4318): if none listens there, spans are lost",
      fix: `# in the container's ports of Deployment istio-system/jaeger, if it listens there
- containerPort: 9411`,
    },
    {
      name: "the pods of such a collector list the port, and the Service leads to another",
      breaks: (mesh) =>
        mesh
          .set(jaeger, `${container} image`, "example.com/store:1")
          .set(collector, "spec ports 0 targetPort", 9412),
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip leads from port 9411 to port 9412, which no container of its pods has; use one of their ports: 9411, 4317, 4318, 16686, 16685 and 8888",
      fix: `# in spec.ports, port 9411
targetPort: 9411`,
    },
    {
      name: "the collector is scaled to nothing",
      breaks: (mesh) => mesh.set(jaeger, "spec replicas", 0),
      object: jaeger,
      message:
        "Deployment istio-system/jaeger has replicas: 0, so Service istio-system/jaeger-collector-clusterip has no pods, but Deployment auth/auth-api, Deployment character/character-api and 6 more send spans: these spans are lost",
      fix: "# in spec of Deployment istio-system/jaeger\nreplicas: 1",
    },
    {
      name: "a collector of one application alone, behind an autoscaler that 0 switches off",
      breaks: (mesh) =>
        withCollector(mesh, collectorConfig, { replicas: 0 })
          .set("ConfigMap auth/otel-environment", "data OTEL_EXPORTER_OTLP_ENDPOINT", otlp)
          .add(scaler("autoscaling/v2", "HorizontalPodAutoscaler")),
      object: "Deployment observability/otel-collector",
      message:
        "Deployment observability/otel-collector has replicas: 0, so Service observability/otel-collector has no pods, but Deployment auth/auth-api sends spans: these spans are lost",
      fix: "# in spec of Deployment observability/otel-collector\nreplicas: 1",
    },
    {
      name: "each node asks for a collector of its own, and there is one",
      breaks: (mesh) => mesh.set(collector, "spec internalTrafficPolicy", "Local"),
      object: collector,
      level: "warning",
      message:
        "Service istio-system/jaeger-collector-clusterip has internalTrafficPolicy: Local, and Deployment " +
        "istio-system/jaeger may not have a pod on every node, so spans of Deployment auth/auth-api, Deployment " +
        "character/character-api and 6 more are lost on nodes without one",
      fix: "# in spec\ninternalTrafficPolicy: Cluster",
    },
    {
      name: "the collector's Service is another name of a host outside",
      breaks: (mesh) => alias(mesh, "otel.example.com"),
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip is of type ExternalName, for which proxies have no cluster: Istio treats it as an alias of otel.example.com; name otel.example.com in the provider",
      fix:
        "# in the provider of the mesh config, beside a ServiceEntry for otel.example.com\n" +
        "service: otel.example.com",
    },
  ],
  harmless: [
    {
      name: "a collector that KEDA wakes when there is something to do",
      varies: (mesh) =>
        mesh
          .set(jaeger, "spec replicas", 0)
          .add(scaler("keda.sh/v1alpha1", "ScaledObject", "jaeger", "istio-system")),
    },
    {
      name: "a collector that listens on a port which its container does not list",
      varies: (mesh) => mesh.set(jaeger, `${container} ports`, [{ name: "query", containerPort: 16686 }]),
    },
    {
      name: "another Deployment that is scaled to nothing",
      varies: (mesh) => mesh.set("Deployment auth/auth-api", "spec replicas", 0),
    },
    {
      name: "a collector on every node, which each asks",
      varies: (mesh) =>
        mesh
          .set(collector, "spec internalTrafficPolicy", "Local")
          .set(jaeger, "spec template spec containers 0 args", [])
          .set(jaeger, "spec template spec containers 0 env", [{ name: "SPAN_STORAGE_TYPE", value: "none" }])
          .set(jaeger, "kind", "DaemonSet"),
    },
    {
      name: "the collector's Service asks for all its pods",
      varies: (mesh) => mesh.set(collector, "spec internalTrafficPolicy", "Cluster"),
    },
    {
      name: "Services of other names",
      varies: (mesh) => {
        mesh.set(collector, "metadata name", "tracing");
        const host = "tracing.istio-system.svc.cluster.local";
        mesh.zipkin("service", `istio-system/${host}`);
        for (const namespace of namespaces) {
          mesh.set(
            `ConfigMap ${namespace}/otel-environment`,
            "data OTEL_EXPORTER_OTLP_ENDPOINT",
            `http://${host}:4317`,
          );
        }
      },
    },
    {
      name: "a Service port that is not the pod's",
      varies: (mesh) => mesh.set(collector, "spec ports 0 port", 80).zipkin("port", 80),
    },
  ],
});

describe("collector-service", () => {
  const ask = asker("collector-service");
  const selector = (value: unknown) => new Mesh().set(collector, "spec selector", value);
  const endpoints = (kind: string, name: string, labels = {}): Manifest => ({
    apiVersion: kind === "Endpoints" ? "v1" : "discovery.k8s.io/v1",
    kind,
    metadata: { name, namespace: "istio-system", labels },
  });
  const noSelector =
    `warning: ${collector} has no selector, and its Endpoints are not in the input, so it is unknown where spans go\n` +
    "# in spec\nselector:\n  app.kubernetes.io/name: jaeger";
  const noPods = (instance = true) =>
    `error: ${collector} selects no pods (a=b, c=d), so spans are lost; select the collector's pods\n# in spec\nselector:\n` +
    `  app.kubernetes.io/name: jaeger${instance ? "\n  app.kubernetes.io/instance: jaeger" : ""}`;
  const unseenPods = `warning: ${collector} selects a=b, c=d, but the input has no such pods, so it is unknown whether they are reachable`;

  it("is no other name of a host, but for Istio before 1.21, which made a cluster of it", () => {
    const outside = () => alias(new Mesh(), "otel.example.com");
    expect(ask(outside(), { istioVersion: "1.21" })).toHaveLength(1);
    expect(ask(outside(), { istioVersion: "1.20" })).toEqual([]);
    // No API server takes one that names nothing.
    expect(ask(new Mesh().set(collector, "spec", { type: "ExternalName" }))).toEqual([]);
    expect(ask(alias(new Mesh(), "tempo.observability.svc.cluster.local"))[0]).toMatch(
      /# in the provider of the mesh config\nservice: observability\/tempo\.observability\.svc\.cluster\.local$/,
    );
    // Applications ask DNS, which knows it.
    const ofApplications = new Mesh().set(collector, "spec", {
      type: "ExternalName",
      externalName: "otel.example.com",
    });
    expect(found(ofApplications.objects)).toEqual([`error collector-service: ${collector}`]);
  });

  it("may be headless where only gateways send spans", () => {
    const mesh = new Mesh().set(collector, "spec clusterIP", "None");
    for (const namespace of namespaces) mesh.set(`Namespace ${namespace}`, "metadata labels", {});
    expect(ask(mesh)).toEqual([]);
    expect(ask(mesh.set("Namespace scan", "metadata labels", { "istio-injection": "enabled" }))).toHaveLength(
      1,
    );
  });

  it("may not be headless where nobody who sends is in the input", () => {
    const mesh = new Mesh().set(collector, "spec clusterIP", "None");
    const alone = mesh.removeWhere(({ kind }) => kind === "Deployment" || kind === "Namespace");
    expect(ask(alone)[0]).toContain("is headless");
  });

  it("leads to a pod as long as anything behind it has one", () => {
    const two = new Mesh().set(jaeger, "spec replicas", 0).copy(jaeger, "second");
    expect(ask(two.set("Deployment istio-system/second", "spec replicas", 1))).toEqual([]);
    expect(ask(two.set("Deployment istio-system/second", "spec replicas", 0))).toHaveLength(2);
    // A number is what nobody gave a DaemonSet.
    expect(ask(new Mesh().set(jaeger, "spec replicas", 0).set(jaeger, "kind", "DaemonSet"))).toEqual([]);
  });

  it("knows that the operator makes the Service of its collector", () => {
    const mesh = () =>
      new Mesh().mesh("extensionProviders", [
        {
          name: "jaeger",
          opentelemetry: {
            service: "observability/tier-collector.observability.svc.cluster.local",
            port: 4317,
          },
        },
      ]);
    const tier = {
      apiVersion: "opentelemetry.io/v1beta1",
      kind: "OpenTelemetryCollector",
      metadata: { name: "tier", namespace: "observability" },
      spec: { config: collectorConfig },
    };
    expect(ask(mesh())).toEqual([expect.stringContaining("Service observability/tier-collector ")]);
    expect(ask(mesh().add(tier))).toEqual([]);
    // Also where a Service beside it takes spans.
    expect(ask(withCollector(mesh()).add(tier))).toEqual([]);
    expect(ask(withCollector(mesh()))[0]).toMatch(/^error: .* does not exist/);
  });

  it("knows whose names a Service may have that is made by a chart or an application of the input", () => {
    const levels = (...makers: object[]) => {
      const service = "observability/tracing-spans.observability.svc.cluster.local";
      const mesh = withCollector(new Mesh()).mesh("extensionProviders", [
        { name: "jaeger", opentelemetry: { service, port: 4317 } },
      ]);
      return ask([...mesh.objects, ...makers]).map((finding) => finding.split(":")[0]);
    };
    const application = (name: string, source: object, namespace = "observability") => ({
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: { name, namespace: "argocd" },
      spec: { destination: { namespace }, source },
    });
    const directory = { repoURL: "https://git.example.com/platform", path: "tracing" };
    const chart = (values: object, more: object = {}) => ({
      repoURL: "https://charts.example.com",
      chart: "collector",
      targetRevision: "1.0.0",
      helm: { valuesObject: values, ...more },
    });
    expect(levels()).toEqual(["error"]);
    expect(levels(application("tracing", directory))).toEqual(["warning"]);
    expect(levels(application("spans", directory))).toEqual(["warning"]);
    expect(levels(application("tracing", directory, "elsewhere"))).toEqual(["error"]);
    expect(levels(application("span", directory))).toEqual(["error"]);
    expect(levels(application("x", chart({ fullnameOverride: "tracing-spans" })))).toEqual(["warning"]);
    expect(levels(application("x", chart({ nameOverride: "spans" })))).toEqual(["warning"]);
    expect(levels(application("x", chart({}, { releaseName: "tracing" })))).toEqual(["warning"]);
    expect(levels(application("x", chart({})))).toEqual(["error"]);
    const jaeger = {
      apiVersion: "jaegertracing.io/v1",
      kind: "Jaeger",
      metadata: { name: "tracing", namespace: "observability" },
    };
    expect(levels(jaeger)).toEqual(["warning"]);
  });

  it("knows what the operator scales to nothing", () => {
    const operated = (spec: object) => {
      const mesh = new Mesh().set(
        "ConfigMap auth/otel-environment",
        "data OTEL_EXPORTER_OTLP_ENDPOINT",
        tier,
      );
      return ask(
        mesh.add({
          apiVersion: "opentelemetry.io/v1beta1",
          kind: "OpenTelemetryCollector",
          metadata: { name: "tier", namespace: "observability" },
          spec: { config: collectorConfig, ...spec },
        }),
      );
    };
    const tier = "http://tier-collector.observability.svc.cluster.local:4317";
    expect(operated({ replicas: 0 })).toEqual([
      "error: OpenTelemetryCollector observability/tier has replicas: 0, so Service observability/tier-collector has no pods, but Deployment auth/auth-api sends spans: these spans are lost\n" +
        "# in spec of OpenTelemetryCollector observability/tier\nreplicas: 1",
    ]);
    expect(operated({ replicas: 0, autoscaler: { minReplicas: 1 } })).toEqual([]);
    expect(operated({ replicas: 2 })).toEqual([]);
    expect(operated({})).toEqual([]);
  });

  it("of one node reaches only what is on it", () => {
    const onNodes = "DaemonSet istio-system/jaeger";
    const local = () =>
      new Mesh().set(collector, "spec internalTrafficPolicy", "Local").set(jaeger, "kind", "DaemonSet");
    expect(ask(local())).toEqual([]);
    const some = local().set(onNodes, "spec template spec nodeSelector", { pool: "system" });
    expect(ask(some)).toHaveLength(1);
    const affinity = local().set(onNodes, "spec template spec affinity", { nodeAffinity: {} });
    expect(ask(affinity)).toHaveLength(1);
    const mixed = some
      .copy(onNodes, "all")
      .unset("DaemonSet istio-system/all", "spec template spec nodeSelector");
    expect(ask(mixed)).toEqual([]);
    const elsewhere = local().removeWhere(({ kind }) => kind === "DaemonSet" || kind === "Deployment");
    expect(ask(elsewhere)).toEqual([expect.not.stringContaining("internalTrafficPolicy")]);
  });

  it("has Endpoints, where it selects nothing itself", () => {
    const name = "jaeger-collector-clusterip";
    const label = (value: string) => ({ "kubernetes.io/service-name": value });
    expect(ask(selector(undefined))).toEqual([noSelector]);
    expect(ask(selector({}))).toEqual([noSelector]);
    expect(ask(selector({}).add(endpoints("Endpoints", name)))).toEqual([]);
    expect(ask(selector({}).add(endpoints("Endpoints", "other")))).toEqual([noSelector]);
    expect(ask(selector({}).add(endpoints("EndpointSlice", `${name}-x`, label(name))))).toEqual([]);
    expect(ask(selector({}).add(endpoints("EndpointSlice", `${name}-x`, label("other"))))).toEqual([
      noSelector,
    ]);
  });

  it("selects pods: of its namespace, with all labels", () => {
    const labels = { a: "b", c: "d" };
    expect(ask(selector(labels))).toEqual([noPods()]);
    expect(ask(selector({ "app.kubernetes.io/name": "jaeger", a: "b" }))).toHaveLength(1);
    const unlabelled = selector(labels).unset(
      jaeger,
      "spec template metadata labels app.kubernetes.io/instance",
    );
    expect(ask(unlabelled)).toEqual([noPods(false)]);
    expect(ask(selector(labels).remove(jaeger))).toEqual([noPods(false)]);
    const foreign = selector(labels).copy(jaeger, "jaeger", "monitoring").remove(jaeger);
    expect(ask(foreign)).toEqual([noPods(false)]);
    const elsewhere = (mesh: Mesh) =>
      mesh.removeWhere(
        ({ kind, metadata }) => kind === "Deployment" && metadata.namespace === "istio-system",
      );
    expect(ask(elsewhere(selector(labels)))).toEqual([unseenPods]);
    const operated = (apiVersion: string, kind: string) =>
      ask(
        selector(labels).add({ apiVersion, kind, metadata: { name: "jaeger", namespace: "istio-system" } }),
      );
    expect(operated("jaegertracing.io/v1", "Jaeger")).toEqual([]);
    expect(operated("opentelemetry.io/v1beta1", "OpenTelemetryCollector")).toEqual([]);
    expect(operated("opentelemetry.io/v1beta1", "Instrumentation")).toEqual([noPods()]);
  });

  it("has the port, and its pods the target", () => {
    const ports = (...list: object[]) => new Mesh().set(collector, "spec ports", list);
    const add =
      "# add to spec.ports\n- name: http-zipkin\n  port: 9411\n  targetPort: 9411\n  protocol: TCP\n  appProtocol: http";
    expect(ask(ports({ port: 80 }, { port: 81 }))).toEqual([
      `error: ${collector} has no port 9411, to which the mesh sends its spans; add it next to 80 and 81\n${add}`,
    ]);
    // Another port is the one for spans: then it is the provider that is wrong.
    expect(ask(ports({ port: 80, targetPort: 9411 }))).toEqual([]);
    expect(ask(new Mesh().zipkin("port", undefined))).toEqual([]);
    const leads = (target: unknown) =>
      `error: ${collector} leads from port 9411 to port ${String(target)}, which no container of its pods has; use one of their ports: 9411, 4317, 4318, 16686, 16685 and 8888\n# in spec.ports, port 9411\ntargetPort: 9411`;
    expect(ask(ports({ port: 9411, targetPort: 9412 }))).toEqual([leads(9412)]);
    expect(ask(ports({ port: 80 }, { port: 9411, targetPort: "zipkin" }))).toEqual([leads("zipkin")]);
    expect(ask(ports({ port: 9411 }))).toEqual([]);
    expect(ask(ports({ port: 9411, targetPort: "4317" }))).toEqual([]);
    // Containers that list no ports may listen on any; a name is looked for all the same.
    const unlisted = (target: unknown) =>
      ask(ports({ port: 9411, targetPort: target }).unset(jaeger, `${container} ports`));
    expect(unlisted(9412)).toEqual([]);
    expect(unlisted("zipkin")).toEqual([
      `error: ${collector} leads from port 9411 to port zipkin, which no container of its pods has\n# in spec.ports, port 9411\ntargetPort: 9411`,
    ]);
    const named = ports({ port: 9411, targetPort: "zipkin" }).set(jaeger, `${container} ports`, [
      { name: "other", containerPort: 1 },
      { name: "zipkin", containerPort: 9411 },
    ]);
    expect(ask(named)).toEqual([]);
    // That a collector has no receiver for what comes is said of the collector.
    const deaf = ports({ port: 9411 }).set(jaeger, `${container} ports`, [{ containerPort: 4317 }]);
    expect(ask(deaf.set(jaeger, `${container} image`, "jaegertracing/all-in-one:1.62.0"))).toEqual([]);
    // All pods behind it are looked at.
    const several = ports({ port: 9411, targetPort: 9412 }).copy(jaeger, "second");
    several.set("Deployment istio-system/second", `${container} ports`, [{ containerPort: 14250 }]);
    several.set("Deployment istio-system/second", `${container} image`, "example.com/store:1");
    const undecided = several.set(jaeger, `${container} image`, "example.com/store:1");
    expect(ask(undecided.set(jaeger, `${container} ports`, [{ containerPort: 4317 }]))).toEqual([
      `warning: ${collector} leads from port 9411 to port 9412, which no container of its pods lists (4317 and 14250): if none listens there, spans are lost\n` +
        `# in the container's ports of ${jaeger} and Deployment istio-system/second, if it listens there\n- containerPort: 9412`,
    ]);
  });

  it.each<[string, object, number, string[]]>([
    ["OTLP over gRPC", {}, 4317, ["grpc-otlp", "4317", "grpc"]],
    ["OTLP over HTTP", { http: { path: "/v1/traces" } }, 4318, ["http-otlp", "4318", "http"]],
  ])("has a port for what proxies send: %s", (_, more, port, [name, targetPort, appProtocol]) => {
    const provider = (number: number) =>
      new Mesh().mesh("extensionProviders 0", {
        name: "jaeger",
        opentelemetry: { service: collectorHost, port: number, ...more },
      });
    const added = (number: number) =>
      `- name: ${name}\n  port: ${number}\n  targetPort: ${targetPort}\n  protocol: TCP\n  appProtocol: ${appProtocol}`;
    const noPort = provider(80).set(collector, "spec ports", [{ port: 9411 }]);
    expect(ask(noPort)[0]?.split("\n").slice(1).join("\n")).toBe(`# add to spec.ports\n${added(80)}`);
    const noTarget = provider(port).set(collector, "spec ports", [{ port, targetPort: 9412 }]);
    expect(ask(noTarget)[0]).toMatch(new RegExp(`\ntargetPort: ${targetPort}$`));
  });

  it("has the port that is given where it is missing", () => {
    const mesh = new Mesh().remove(collector);
    expect(ask(mesh, { collector: "istio-system/zipkin:9999", isComplete: true })).toEqual([
      "error: Service istio-system/zipkin does not exist, but the mesh sends its spans to istio-system/zipkin:9999; add a ClusterIP Service\n# add\napiVersion: v1\nkind: Service\nmetadata:\n  name: zipkin\n" +
        "  namespace: istio-system\nspec:\n  type: ClusterIP\n  selector:\n    app.kubernetes.io/name: jaeger\n  ports:\n" +
        "    - name: http-zipkin\n      port: 9999\n      targetPort: 9411\n      protocol: TCP\n      appProtocol: http",
    ]);
    expect(ask(mesh, { collector: "tracing/zipkin:9999" })).toEqual([
      "warning: Service tracing/zipkin receives the mesh's spans but is not in the input, so it is unknown whether its pods are reachable",
    ]);
  });
});

describe("a collector that is not in the input", () => {
  const policies = () =>
    new Mesh().removeWhere(
      ({ metadata, kind }) =>
        metadata.namespace === "istio-system" && (kind !== "ConfigMap" || metadata.name !== "istio"),
    );
  const telemetry = new Mesh().get("Telemetry istio-system/mesh-default");

  it("is a warning, and the egress side is judged all the same", () => {
    expect(found(policies().add(telemetry).objects)).toEqual([
      "warning collector-service: Service istio-system/jaeger-collector-clusterip",
    ]);
    const broken = policies().add(telemetry).unset(egress, "spec egress 0 ports 2");
    expect(found(broken.objects)).toEqual([
      "error trace-path-open: NetworkPolicy auth/allow-jaeger-egress",
      "warning collector-service: Service istio-system/jaeger-collector-clusterip",
    ]);
  });

  it("can be named by the caller", () => {
    const mesh = policies().remove("ConfigMap istio-system/istio").unset(egress, "spec egress 0 ports 2");
    expect(found(mesh.objects, { collector: "istio-system/jaeger-collector-clusterip:9411" })).toEqual([
      "error trace-path-open: NetworkPolicy auth/allow-jaeger-egress",
      "warning collector-service: Service istio-system/jaeger-collector-clusterip",
    ]);
  });

  it("may be outside the cluster, where policies that only let out to pods close the way", () => {
    const closed = ["auth", "character", "chat", "image", "location", "my", "scan"].map(
      (namespace) => `error trace-path-open: NetworkPolicy ${namespace}/allow-jaeger-egress`,
    );
    const mesh = new Mesh().zipkin("service", "istio-system/zipkin.example.com");
    mesh.copy("ServiceEntry istio-system/google-external", "zipkin");
    mesh.set("ServiceEntry istio-system/zipkin", "spec hosts", ["zipkin.example.com"]);
    expect(found(mesh.objects)).toEqual(closed);
    mesh.remove("ServiceEntry istio-system/zipkin");
    expect(found(mesh.objects)).toContain("warning mesh-provider: ConfigMap istio-system/istio");
  });
});
