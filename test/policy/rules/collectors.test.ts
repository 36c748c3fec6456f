/** The rules about the collector's Service, and about who knows it. */
import { describe, expect, it } from "vitest";
import { asker, istioObject } from "./asking";
import { collectorHost, type Manifest, Mesh } from "./fixture";

const collector = "Service istio-system/jaeger-collector-clusterip";
const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";

describe("collector-service", () => {
  const ask = asker("collector-service");
  const selector = (value: unknown) => new Mesh().set(collector, "spec selector", value);
  const endpoints = (kind: string, name: string, labels = {}): Manifest => ({
    apiVersion: kind === "Endpoints" ? "v1" : "discovery.k8s.io/v1",
    kind,
    metadata: { name, namespace: "istio-system", labels },
  });
  const noSelector =
    `warning: ${collector} selects no pods itself, and its Endpoints are not in the input: where spans go is not known\n` +
    "# in spec\nselector:\n  app.kubernetes.io/name: jaeger";
  const noPods = (instance = true) =>
    `error: ${collector} selects no pods (a=b, c=d); it must select the collector's\n# in spec\nselector:\n` +
    `  app.kubernetes.io/name: jaeger${instance ? "\n  app.kubernetes.io/instance: jaeger" : ""}`;
  const unseenPods = `warning: ${collector} selects a=b, c=d, and no such pods are in the input: whether they can be reached is not known`;

  it("may be a name for something outside", () => {
    expect(
      ask(new Mesh().set(collector, "spec type", "ExternalName").unset(collector, "spec ports")),
    ).toEqual([]);
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
      `error: ${collector} has no port 9411, to which the mesh sends its spans; a port for spans is required beside 80 and 81\n${add}`,
    ]);
    // Another port is the one for spans: then it is the provider that is wrong.
    expect(ask(ports({ port: 80, targetPort: 9411 }))).toEqual([]);
    expect(ask(new Mesh().zipkin("port", undefined))).toEqual([]);
    const leads = (target: unknown) =>
      `error: ${collector} leads from port 9411 to port ${String(target)}, which no container of its pods has; a port they ` +
      "have is required: 9411, 4317, 4318, 16686, 16685 and 8888\n# in spec.ports, port 9411\ntargetPort: 9411";
    expect(ask(ports({ port: 9411, targetPort: 9412 }))).toEqual([leads(9412)]);
    expect(ask(ports({ port: 80 }, { port: 9411, targetPort: "zipkin" }))).toEqual([leads("zipkin")]);
    expect(ask(ports({ port: 9411 }))).toEqual([]);
    expect(ask(ports({ port: 9411, targetPort: "4317" }))).toEqual([]);
    // Containers that list no ports may listen on any; a name is looked for all the same.
    const unlisted = (target: unknown) =>
      ask(ports({ port: 9411, targetPort: target }).unset(jaeger, `${container} ports`)).length;
    expect(unlisted(9412)).toBe(0);
    expect(unlisted("zipkin")).toBe(1);
    const named = ports({ port: 9411, targetPort: "zipkin" }).set(jaeger, `${container} ports`, [
      { name: "other", containerPort: 1 },
      { name: "zipkin", containerPort: 9411 },
    ]);
    expect(ask(named)).toEqual([]);
  });

  it("has the port that is given where it is missing", () => {
    const mesh = new Mesh().remove(collector);
    expect(ask(mesh, { collector: "istio-system/zipkin:9999" })).toEqual([
      "error: Service istio-system/zipkin does not exist, and the mesh sends its spans to istio-system/zipkin:9999; a " +
        "ClusterIP Service is required\n# add\napiVersion: v1\nkind: Service\nmetadata:\n  name: zipkin\n" +
        "  namespace: istio-system\nspec:\n  type: ClusterIP\n  selector:\n    app.kubernetes.io/name: jaeger\n  ports:\n" +
        "    - name: http-zipkin\n      port: 9999\n      targetPort: 9411\n      protocol: TCP\n      appProtocol: http",
    ]);
    expect(ask(mesh, { collector: "tracing/zipkin:9999" })).toEqual([
      "warning: Service tracing/zipkin is where the mesh sends its spans and is not in the input: whether its pods can be " +
        "reached is not known",
    ]);
  });
});

describe("collector-port-protocol", () => {
  const ask = asker("collector-port-protocol");
  const of = (port: object) => ask(new Mesh().set(collector, "spec ports", [{ port: 1 }, port]));
  const tells = (from: string, protocol: string, port: number, what: string, use: string) => [
    `error: ${collector} tells Istio by the ${from} that ${protocol} is spoken on port ${port}, where it is ${what}; ${use} ` +
      `is allowed\n# in spec.ports[1]\nappProtocol: ${use}`,
  ];
  const zipkin = ["Zipkin over HTTP", "http"] as const;
  const grpc = ["OTLP over gRPC", "grpc"] as const;
  const http = ["OTLP over HTTP", "http"] as const;

  it.each<[object, string[]]>([
    [{ port: 9411, appProtocol: "http" }, []],
    [{ port: 9411, appProtocol: "HTTP" }, []],
    [{ port: 9411, name: "http-zipkin" }, []],
    [{ port: 9411, name: "zipkin" }, []],
    [{ port: 9411, name: "grpc", appProtocol: "http" }, []],
    [{ port: 9411, appProtocol: "tcp" }, tells("appProtocol tcp", "tcp", 9411, ...zipkin)],
    [{ port: 9411, appProtocol: "http2" }, tells("appProtocol http2", "http2", 9411, ...zipkin)],
    [{ port: 9411, name: "tcp-zipkin" }, tells("name tcp-zipkin", "tcp", 9411, ...zipkin)],
    [{ port: 9411, name: "https" }, tells("name https", "https", 9411, ...zipkin)],
    [{ port: 9411, name: "tls-a" }, tells("name tls-a", "tls", 9411, ...zipkin)],
    [{ port: 9411, name: "udp-a" }, tells("name udp-a", "udp", 9411, ...zipkin)],
    [{ port: 9411, name: "mongo" }, tells("name mongo", "mongo", 9411, ...zipkin)],
    [{ port: 9411, name: "redis-x" }, tells("name redis-x", "redis", 9411, ...zipkin)],
    [{ port: 9411, name: "mysql" }, tells("name mysql", "mysql", 9411, ...zipkin)],
    [{ port: 4317, appProtocol: "grpc" }, []],
    [{ port: 4317, appProtocol: "http2" }, []],
    [{ port: 4317, appProtocol: "tcp" }, []],
    [{ port: 4317, appProtocol: "kubernetes.io/h2c" }, []],
    [{ port: 4317, name: "grpc-otlp" }, []],
    [{ port: 4317, name: "grpc-web-otlp" }, tells("name grpc-web-otlp", "grpc-web", 4317, ...grpc)],
    [{ port: 4317, name: "http-otlp" }, tells("name http-otlp", "http", 4317, ...grpc)],
    [{ port: 4318, appProtocol: "http" }, []],
    [{ port: 4318, appProtocol: "tcp" }, []],
    [{ port: 4318, appProtocol: "grpc" }, tells("appProtocol grpc", "grpc", 4318, ...http)],
    [
      { port: 4318, appProtocol: "kubernetes.io/h2c" },
      tells("appProtocol kubernetes.io/h2c", "http2", 4318, ...http),
    ],
    [{ port: 80, targetPort: 9411, name: "grpc" }, tells("name grpc", "grpc", 80, ...zipkin)],
    [{ port: 9411, targetPort: "zipkin", name: "grpc" }, tells("name grpc", "grpc", 9411, ...zipkin)],
    [{ port: 9411, targetPort: 8080, name: "grpc" }, []],
    [{ targetPort: "zipkin", name: "grpc" }, []],
    [{ port: 16686, name: "grpc" }, []],
    [
      { port: 9411, protocol: "UDP", appProtocol: "http" },
      [
        `error: ${collector} has port 9411 with protocol UDP, where Zipkin over HTTP is spoken; TCP is required\n` +
          "# in spec.ports[1]\nprotocol: TCP",
      ],
    ],
  ])("%j", (port, expected) => {
    expect(of(port)).toEqual(expected);
  });

  it("has nothing to say of a Service that is not in the input", () => {
    expect(ask(new Mesh().remove(collector))).toEqual([]);
    expect(ask([])).toEqual([]);
  });
});

describe("collector-host-unique", () => {
  const ask = asker("collector-host-unique");
  const entry = (name: string, hosts: string[], namespace = "istio-system") =>
    istioObject("ServiceEntry", name, { hosts }, namespace);
  const outside = () => new Mesh().zipkin("service", "istio-system/zipkin.example.com");

  it("is that of the Service alone", () => {
    const second = (lines: string) => [
      `error: ServiceEntry apps/x defines the collector's host ${collectorHost}, which is that of ${collector}; one ` +
        `definition is allowed\n${lines}`,
    ];
    expect(ask(new Mesh().add(entry("x", [collectorHost], "apps")))).toEqual(
      second("# delete ServiceEntry apps/x"),
    );
    expect(ask(new Mesh().add(entry("x", ["a", collectorHost, "b"], "apps")))).toEqual(
      second("# in spec\nhosts:\n  - a\n  - b"),
    );
    expect(ask(new Mesh())).toEqual([]);
    expect(ask([entry("x", ["a"]), entry("y", ["a"])])).toEqual([]);
  });

  it("is that of one ServiceEntry, in the namespace that the provider names", () => {
    const one = entry("one", ["zipkin.example.com"]);
    expect(ask(outside().add(one))).toEqual([]);
    expect(ask(outside().add(one, entry("two", ["zipkin.example.com"])))).toEqual([
      "error: ServiceEntry istio-system/two defines the collector's host zipkin.example.com, which is that of ServiceEntry " +
        "istio-system/one too; one definition is allowed\n# delete ServiceEntry istio-system/two",
    ]);
    expect(ask(outside().add(one, entry("two", ["zipkin.example.com"], "apps")))).toEqual([]);
    const unsaid = new Mesh().zipkin("service", "zipkin.example.com");
    expect(ask(unsaid.add(one, entry("two", ["zipkin.example.com"], "apps")))).toHaveLength(1);
  });
});

describe("collector-visible", () => {
  const ask = asker("collector-visible");
  const sidecar = (egress: unknown, namespace = "auth", labels?: object, name = "default") =>
    istioObject(
      "Sidecar",
      name,
      { egress, ...(labels === undefined ? {} : { workloadSelector: { labels } }) },
      namespace,
    );
  const hides = (ref = "auth/default") =>
    `error: Sidecar ${ref} hides the collector ${collectorHost} from the proxies it configures: no entry of spec.egress ` +
    `has its host; its host is required\n# add to spec.egress of Sidecar ${ref}\n- hosts:\n    - istio-system/${collectorHost}`;
  const hidden = [hides()];

  it.each<[unknown[], string[]]>([
    [["*/*"], []],
    [["istio-system/*"], []],
    [["./*", "istio-system/*"], []],
    [[`istio-system/${collectorHost}`], []],
    [[`*/${collectorHost}`], []],
    [["*/*.istio-system.svc.cluster.local"], []],
    [["*"], []],
    [[collectorHost], []],
    [["./*"], hidden],
    [["~/*"], hidden],
    [["auth/*", "kube-system/*"], hidden],
    [["istio-system/other.istio-system.svc.cluster.local"], hidden],
    [["*/*.apps.svc.cluster.local"], hidden],
    [["istio-system/*jaeger"], hidden],
    [[], hidden],
  ])("egress to %j", (hosts, expected) => {
    expect(ask(new Mesh().add(sidecar([{ hosts }])))).toEqual(expected);
  });

  it("is visible on its port, and without a list", () => {
    const port = (number: unknown) => ask(new Mesh().add(sidecar([{ port: { number }, hosts: ["*/*"] }])));
    expect(port(9411)).toEqual([]);
    expect(port(9412)).toEqual(hidden);
    expect(ask(new Mesh().add(sidecar(undefined)))).toEqual([]);
    expect(ask(new Mesh().add(sidecar([])))).toEqual([]);
    expect(ask(new Mesh().add(sidecar([{ hosts: ["./*"] }, { hosts: ["istio-system/*"] }])))).toEqual([]);
    // Its own namespace is a dot.
    expect(ask(new Mesh().add(sidecar([{ hosts: ["./*"] }], "istio-system")))).toEqual([]);
  });

  it("is seen through the nearest Sidecar: of the pod, of its namespace, of the mesh", () => {
    const closed = [{ hosts: ["kube-system/*"] }];
    const open = [{ hosts: ["*/*"] }];
    const pod = { app: "auth-api" };
    const ofMesh = sidecar(closed, "istio-system");
    expect(ask(new Mesh().add(ofMesh))).toEqual([hides("istio-system/default")]);
    const all = ["auth", "character", "chat", "image", "location", "my", "scan"];
    expect(ask(new Mesh().add(ofMesh, ...all.map((namespace) => sidecar(open, namespace))))).toEqual([]);
    expect(ask(new Mesh().add(sidecar(open), sidecar(closed, "auth", pod, "own")))).toEqual([
      hides("auth/own"),
    ]);
    expect(ask(new Mesh().add(sidecar(closed), sidecar(open, "auth", pod, "own")))).toEqual([]);
    expect(ask(new Mesh().add(sidecar(closed, "auth", { app: "other" }, "own")))).toEqual([]);
    expect(ask(new Mesh().add(sidecar(closed, "auth", { ...pod, tier: "x" }, "own")))).toEqual([]);
    expect(ask(new Mesh().add(sidecar(closed, "istio-system", pod, "own")))).toEqual([]);
    // No traced pod is there to be configured.
    expect(ask(new Mesh().add(sidecar(closed, "monitoring")))).toEqual([]);
    const ambient = new Mesh().set("Namespace auth", "metadata labels", {
      "istio.io/dataplane-mode": "ambient",
    });
    expect(ask(ambient.add(sidecar(closed)))).toEqual([]);
  });

  it.each<[string, string[]]>([
    ["*", []],
    ["istio-system,auth", []],
    [".,chat", []],
    [".", ["its own namespace"]],
    ["istio-system", ["its own namespace"]],
    [". , ~", ["its own namespace"]],
    ["~", ["nobody"]],
  ])("is exported to %s", (exportTo, whom) => {
    const mesh = new Mesh().set(collector, "metadata annotations", {
      "networking.istio.io/exportTo": exportTo,
    });
    expect(ask(mesh)).toEqual(
      whom.map(
        (who) =>
          `error: ${collector} is exported to ${who} only; the namespaces of traced proxies are required\n` +
          '# in metadata.annotations\nnetworking.istio.io/exportTo: "*"',
      ),
    );
  });

  it("is known to istiod", () => {
    const selectors = (...list: object[]) => new Mesh().mesh("discoverySelectors", list);
    const unknown = {
      matchExpressions: [
        { key: "kubernetes.io/metadata.name", operator: "In", values: ["a", "istio-system"] },
      ],
    };
    expect(ask(selectors({ matchLabels: { a: "b" } }, unknown))).toEqual([]);
    expect(ask(selectors())).toEqual([]);
    expect(ask(selectors({ matchLabels: { a: "b" } }))).toEqual([
      "error: ConfigMap istio-system/istio hides the collector from every proxy: no entry of discoverySelectors selects its " +
        "namespace istio-system; one is required\n# add to discoverySelectors of the mesh config\n" +
        "- matchLabels:\n    kubernetes.io/metadata.name: istio-system",
    ]);
    // The label that every namespace has need not be written.
    const bare = selectors(unknown).unset("Namespace istio-system", "metadata labels");
    expect(ask(bare)).toEqual([]);
    expect(ask(selectors(unknown).remove("Namespace istio-system"))).toEqual([
      "warning: ConfigMap istio-system/istio limits discovery by discoverySelectors, and the labels of the collector's " +
        "namespace istio-system are not in the input: whether istiod knows it is not known",
    ]);
  });

  it("is somebody else's to show, outside the cluster", () => {
    const outside = new Mesh().zipkin("service", "istio-system/zipkin.example.com");
    expect(ask(outside.add(sidecar([{ hosts: ["./*"] }])))).toEqual([]);
    expect(ask([sidecar([{ hosts: ["./*"] }])])).toEqual([]);
  });
});
