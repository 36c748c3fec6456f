import { describe, expect, it } from "vitest";
import { withCollector } from "../../../docs/generate/sample/collector";
import { collectorHost, type Manifest, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const sidecar = (namespace: string, hosts: string[]): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Sidecar",
  metadata: { name: "default", namespace },
  spec: { egress: [{ hosts }] },
});
const environment = "ConfigMap auth/otel-environment";
const collector = "Service istio-system/jaeger-collector-clusterip";
const meshConfigMap = "ConfigMap istio-system/istio";
const refused =
  "Envoy rejects listeners whose tracer has no cluster, so new pods never become ready, and running " +
  "ones keep their old configuration";
const most = "namespaces auth, character and 5 more";

testRule("collector-visible", {
  faults: [
    {
      ...exampleFault("collector-visible"),
      object: "Sidecar auth/default",
      message:
        "Sidecar auth/default hides the collector jaeger-collector-clusterip.istio-system.svc.cluster.local from " +
        `the proxies of namespace auth: no entry of spec.egress shows it on port 9411. ${refused}`,
      fix: `# add to spec.egress of Sidecar auth/default
- hosts:
    - istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local`,
    },
    {
      name: "the mesh's default Sidecar hides the collector",
      breaks: (mesh) => mesh.add(sidecar("istio-system", ["~/*"])),
      object: "Sidecar istio-system/default",
      message:
        "Sidecar istio-system/default hides the collector " +
        `jaeger-collector-clusterip.istio-system.svc.cluster.local from the proxies of ${most}: no entry of ` +
        `spec.egress shows it on port 9411. ${refused}`,
      fix: `# add to spec.egress of Sidecar istio-system/default
- hosts:
    - istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local`,
    },
    {
      name: "the collector is exported to its own namespace only",
      breaks: (mesh) => mesh.set(collector, "metadata annotations", { "networking.istio.io/exportTo": "." }),
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip is exported to its own namespace only " +
        `(networking.istio.io/exportTo: .), so that it is hidden from the proxies of ${most}, which send their spans ` +
        `there. ${refused}`,
      fix: `# in metadata.annotations
networking.istio.io/exportTo: "*"`,
    },
    {
      name: "discovery does not select the collector's namespace",
      breaks: (mesh) => mesh.mesh("discoverySelectors", [{ matchLabels: { "istio-injection": "enabled" } }]),
      object: meshConfigMap,
      message:
        "ConfigMap istio-system/istio hides the collector from every proxy: no entry of discoverySelectors " +
        "selects its namespace istio-system. istiod does not know it, and configures no tracer",
      fix: `# add to discoverySelectors of the mesh config
- matchLabels:
    kubernetes.io/metadata.name: istio-system`,
    },
    {
      name: "the mesh's default Sidecar shows each namespace itself, and not the collector's",
      breaks: (mesh) => mesh.add(sidecar("istio-system", ["./*"])),
      object: "Sidecar istio-system/default",
      message:
        "Sidecar istio-system/default hides the collector " +
        `jaeger-collector-clusterip.istio-system.svc.cluster.local from the proxies of ${most}: no entry of ` +
        `spec.egress shows it on port 9411. ${refused}`,
      fix: `# add to spec.egress of Sidecar istio-system/default
- hosts:
    - istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local`,
    },
    {
      name: "Services are exported to their own namespace by default",
      breaks: (mesh) => mesh.mesh("defaultServiceExportTo", ["."]),
      object: meshConfigMap,
      message:
        "ConfigMap istio-system/istio exports Services to their own namespaces only (defaultServiceExportTo: .), so that " +
        `Service istio-system/jaeger-collector-clusterip is hidden from the proxies of ${most}, which send their spans ` +
        `there. ${refused}`,
      fix: `# in metadata.annotations of Service istio-system/jaeger-collector-clusterip
networking.istio.io/exportTo: "*"`,
    },
    {
      name: "a namespace is forgotten where the collector is exported to each by its name",
      breaks: (mesh) =>
        mesh.set(collector, "metadata annotations", {
          "networking.istio.io/exportTo": "., auth,character,chat,image,location,my",
        }),
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip is exported to ., auth, character, chat and 3 more only " +
        "(networking.istio.io/exportTo: .,auth,character,chat,image,location,my), so that it is hidden from the proxies of " +
        `namespace scan, which send their spans there. ${refused}`,
      fix: `# in metadata.annotations
networking.istio.io/exportTo: .,auth,character,chat,image,location,my,scan`,
    },
    {
      name: "the mesh allows only what it knows, and a Sidecar hides the collector of an application",
      besides: ["trace-path-open"],
      breaks: (mesh) =>
        withCollector(mesh)
          .mesh("outboundTrafficPolicy", { mode: "REGISTRY_ONLY" })
          .set(
            environment,
            "data OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://otel-collector.observability.svc:4317",
          )
          .set("NetworkPolicy auth/allow-jaeger-egress", "spec egress 1", { ports: [{ port: 4317 }] })
          .add(sidecar("auth", ["./*", "istio-system/*"])),
      object: meshConfigMap,
      message:
        "ConfigMap istio-system/istio lets proxies reach only what they are told of (outboundTrafficPolicy REGISTRY_ONLY), " +
        "and Service observability/otel-collector, port 4317, is hidden from Deployment auth/auth-api: the spans of these " +
        "applications are lost",
      fix: `# show it in spec.egress of their Sidecar
- hosts:
    - observability/otel-collector.observability.svc.cluster.local`,
    },
    {
      name: "the mesh allows only what it knows, and a backend outside is none of that",
      besides: ["trace-path-open"],
      breaks: (mesh) =>
        mesh
          .mesh("outboundTrafficPolicy", { mode: "REGISTRY_ONLY" })
          .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example.com:443"),
      object: meshConfigMap,
      level: "warning",
      message:
        "ConfigMap istio-system/istio lets proxies reach only what they are told of (outboundTrafficPolicy REGISTRY_ONLY), " +
        "and no ServiceEntry in the input has otlp.example.com, port 443, where Deployment auth/auth-api sends spans: they " +
        "are lost unless one is elsewhere",
      fix: `# add
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: otlp-example-com
  namespace: auth
spec:
  hosts:
    - otlp.example.com
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
    - name: tls-otlp
      number: 443
      protocol: TLS`,
    },
    {
      name: "the mesh allows only what it knows, which of a backend outside is another port",
      besides: ["trace-path-open"],
      breaks: (mesh) =>
        mesh
          .mesh("outboundTrafficPolicy", { mode: "REGISTRY_ONLY" })
          .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "http://otlp.example.com:4317")
          .copy("ServiceEntry istio-system/openai-external", "backend")
          .set("ServiceEntry istio-system/backend", "spec hosts", ["otlp.example.com"]),
      object: meshConfigMap,
      level: "warning",
      message:
        "ConfigMap istio-system/istio lets proxies reach only what they are told of (outboundTrafficPolicy REGISTRY_ONLY), " +
        "and no ServiceEntry in the input has otlp.example.com, port 4317, where Deployment auth/auth-api sends spans: they " +
        "are lost unless one is elsewhere",
      fix: `# add to spec.ports of ServiceEntry istio-system/backend
- name: grpc-otlp
  number: 4317
  protocol: GRPC`,
    },
  ],
  harmless: [
    {
      name: "Services are exported to their own namespace by default, and the collector to all",
      varies: (mesh) =>
        mesh
          .mesh("defaultServiceExportTo", ["."])
          .set(collector, "metadata annotations", { "networking.istio.io/exportTo": "*" }),
    },
    {
      name: "a Sidecar hides an application's collector where the mesh allows any",
      varies: (mesh) =>
        withCollector(mesh)
          .set(
            environment,
            "data OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://otel-collector.observability.svc:4317",
          )
          .set("NetworkPolicy auth/allow-jaeger-egress", "spec egress 1", { ports: [{ port: 4317 }] })
          .add(sidecar("auth", ["./*", "istio-system/*"])),
    },
    {
      name: "the mesh allows only what it knows, and it knows the backend outside",
      besides: ["trace-path-open"],
      varies: (mesh) =>
        mesh
          .mesh("outboundTrafficPolicy", { mode: "REGISTRY_ONLY" })
          .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "https://otlp.example.com:443")
          .copy("ServiceEntry istio-system/openai-external", "backend")
          .set("ServiceEntry istio-system/backend", "spec hosts", ["otlp.example.com"]),
    },
    {
      name: "the fix: that port, too",
      besides: ["trace-path-open"],
      varies: (mesh) =>
        mesh
          .mesh("outboundTrafficPolicy", { mode: "REGISTRY_ONLY" })
          .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "http://otlp.example.com:4317")
          .copy("ServiceEntry istio-system/openai-external", "backend")
          .set("ServiceEntry istio-system/backend", "spec hosts", ["otlp.example.com"])
          .set("ServiceEntry istio-system/backend", "spec ports 1", {
            name: "grpc-otlp",
            number: 4317,
            protocol: "GRPC",
          }),
    },
    {
      name: "a Sidecar of the collector's own namespace, which shows itself",
      varies: (mesh) => mesh.add(sidecar("auth", ["./*", "istio-system/*"]), sidecar("monitoring", ["./*"])),
    },
    {
      name: "a Sidecar that shows the collector",
      varies: (mesh) =>
        mesh.add({
          apiVersion: "networking.istio.io/v1",
          kind: "Sidecar",
          metadata: { name: "default", namespace: "auth" },
          spec: { egress: [{ hosts: ["./*", "istio-system/*"] }] },
        }),
    },
  ],
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
  const hides = (ref = "auth/default", places = "namespace auth") =>
    `error: Sidecar ${ref} hides the collector ${collectorHost} from the proxies of ${places}: no entry of spec.egress ` +
    `shows it on port 9411. ${refused}\n# add to spec.egress of Sidecar ${ref}\n- hosts:\n    - istio-system/${collectorHost}`;
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
    // A dot is the namespace of each proxy.
    expect(ask(new Mesh().add(sidecar([{ hosts: ["./*"] }], "istio-system")))).toEqual([
      hides("istio-system/default", most),
    ]);
  });

  it("is seen through the nearest Sidecar: of the pod, of its namespace, of the mesh", () => {
    const closed = [{ hosts: ["kube-system/*"] }];
    const open = [{ hosts: ["*/*"] }];
    const pod = { app: "auth-api" };
    const ofMesh = sidecar(closed, "istio-system");
    expect(ask(new Mesh().add(ofMesh))).toEqual([hides("istio-system/default", most)]);
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
    [". , *", []],
    ["istio-system,auth,character,chat,image,location,my,scan", []],
    ["istio-system,auth", ["istio-system and auth only", "namespaces character, chat and 4 more"]],
    [".,chat", [". and chat only", "namespaces auth, character and 4 more"]],
    [".", ["its own namespace only", most]],
    ["istio-system", ["its own namespace only", most]],
    [".,~", ["nobody", "namespaces auth, character and 6 more"]],
    ["~", ["nobody", "namespaces auth, character and 6 more"]],
  ])("is exported to %s", (exportTo, [whom, hiddenFrom]) => {
    const mesh = new Mesh().set(collector, "metadata annotations", {
      "networking.istio.io/exportTo": exportTo,
    });
    expect(ask(mesh).map((finding) => finding.split("\n")[0])).toEqual(
      whom === undefined
        ? []
        : [
            `error: ${collector} is exported to ${whom} (networking.istio.io/exportTo: ${exportTo}), so that it is hidden ` +
              `from the proxies of ${hiddenFrom}, which send their spans there. ${refused}`,
          ],
    );
  });

  it("is exported to all by a fix where it is to nobody", () => {
    const mesh = new Mesh().set(collector, "metadata annotations", { "networking.istio.io/exportTo": ".,~" });
    expect(ask(mesh)[0]).toMatch(/# in metadata\.annotations\nnetworking\.istio\.io\/exportTo: "\*"$/);
  });

  it("is asked of the proxies that send there, not of all", () => {
    const second = (namespace: string) =>
      withCollector(new Mesh())
        .mesh("extensionProviders 2", {
          name: "second",
          zipkin: { service: "otel-collector.observability.svc.cluster.local", port: 9411 },
        })
        .add({
          apiVersion: "telemetry.istio.io/v1",
          kind: "Telemetry",
          metadata: { name: "own", namespace: "auth" },
          spec: { tracing: [{ providers: [{ name: "second" }] }] },
        })
        .add(sidecar([{ hosts: ["istio-system/*"] }], namespace));
    expect(ask(second("auth")).map((text) => /proxies of (.*?):/.exec(text)?.[1])).toEqual([
      "namespace auth",
    ]);
    expect(ask(second("chat"))).toEqual([]);
  });

  it("has a port only where the provider says it", () => {
    const mesh = new Mesh().zipkin("port", undefined).add(sidecar([{ hosts: ["./*"] }]));
    expect(ask(mesh)[0]).toContain("no entry of spec.egress shows it. Envoy rejects listeners");
  });

  it("is hidden for sure as soon as one of the senders is in the mesh for sure", () => {
    const mesh = () => new Mesh().remove("Namespace auth").add(sidecar([{ hosts: ["./*"] }], "istio-system"));
    expect(ask(mesh()).map((text) => text.split(":")[0])).toEqual(["error"]);
  });

  it("loses spans and no pods where the provider is not Zipkin", () => {
    const opentelemetry = { service: `istio-system/${collectorHost}`, port: 4317 };
    const mesh = new Mesh().mesh("extensionProviders 0", { name: "jaeger", opentelemetry });
    expect(ask(mesh.add(sidecar([{ hosts: ["./*"] }])))[0]).toMatch(/on port 4317\. These spans are lost\n/);
  });

  it("is a warning where labels of a namespace that is not in the input say whether there are proxies", () => {
    const unlabelled = new Mesh().remove("Namespace auth").add(sidecar([{ hosts: ["./*"] }]));
    expect(ask(unlabelled)[0]).toMatch(/^warning: Sidecar auth\/default hides /);
  });

  it("may be limited, or freed, by a Sidecar's own outboundTrafficPolicy", () => {
    const limited = (own: string | undefined, mesh: string) => {
      const one = sidecar([{ hosts: ["./*", "istio-system/*"] }]);
      if (own !== undefined)
        (one["spec"] as Record<string, unknown>)["outboundTrafficPolicy"] = { mode: own };
      const all = withCollector(new Mesh()).mesh("outboundTrafficPolicy", { mode: mesh });
      all.set(
        environment,
        "data OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://otel-collector.observability.svc:4317",
      );
      return ask(all.add(one)).map((finding) => finding.split(" ").slice(0, 3).join(" "));
    };
    expect(limited("REGISTRY_ONLY", "ALLOW_ANY")).toEqual(["error: Sidecar auth/default"]);
    expect(limited("ALLOW_ANY", "REGISTRY_ONLY")).toEqual([]);
    expect(limited(undefined, "REGISTRY_ONLY")).toEqual(["error: ConfigMap istio-system/istio"]);
    expect(limited(undefined, "ALLOW_ANY")).toEqual([]);
  });

  describe("outside the cluster, where the mesh allows only what it knows", () => {
    const limited = () => new Mesh().mesh("outboundTrafficPolicy", { mode: "REGISTRY_ONLY" });
    const sending = (endpoint: string, from = ["auth"], mesh = limited()) => {
      for (const namespace of from)
        mesh.set(`ConfigMap ${namespace}/otel-environment`, "data OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
      return mesh;
    };
    const hostsOf = (mesh: Mesh) => ask(mesh).map((text) => /has (\S+, port \d+), where/.exec(text)?.[1]);
    const auth = "Deployment auth/auth-api";

    it.each<[string, string[]]>([
      ["http://eu.otlp-2.Example.com:4317", ["eu.otlp-2.Example.com, port 4317"]],
      ["http://203.0.113.7:4317", []],
      ["http://$(NODE_NAME).example.com:4317", []],
    ])("is a host by its name: %s", (endpoint, expected) => {
      expect(hostsOf(sending(endpoint))).toEqual(expected);
    });

    it("is told once, by every host and port, with all who send there", () => {
      const mesh = sending("http://a.example.com:4317", ["auth", "chat"]);
      sending("http://a.example.com:4318", ["my"], mesh);
      sending("http://b.example.com:4317", ["scan"], mesh);
      expect(hostsOf(mesh)).toEqual([
        "a.example.com, port 4317",
        "a.example.com, port 4318",
        "b.example.com, port 4317",
      ]);
      expect(ask(mesh)[0]).toContain(`where ${auth} and Deployment chat/chat-api send spans`);
    });

    it("has a protocol as it is sent", () => {
      const protocol = (scheme: string, of: string) => {
        const mesh = sending(`${scheme}://a.example.com:4318`);
        mesh.set(environment, "data OTEL_EXPORTER_OTLP_PROTOCOL", of);
        return ask(mesh).map((text) => text.split("\n").slice(-3).join("\n"));
      };
      const entry = (name: string) => [
        `    - name: ${name.toLowerCase()}-otlp\n      number: 4318\n      protocol: ${name}`,
      ];
      expect(protocol("http", "http/protobuf")).toEqual(entry("HTTP"));
      expect(protocol("http", "grpc")).toEqual(entry("GRPC"));
      expect(protocol("https", "grpc")).toEqual(entry("TLS"));
    });

    it("is for sidecars, which are the way", () => {
      const sent = () => sending("http://a.example.com:4317");
      const past = { "traffic.sidecar.istio.io/excludeOutboundPorts": "4317" };
      expect(hostsOf(sent().set(auth, "spec template metadata annotations", past))).toEqual([]);
      const labels = { "istio.io/dataplane-mode": "ambient" };
      expect(hostsOf(sent().set("Namespace auth", "metadata labels", labels))).toEqual([]);
    });

    it("is no question of proxies' own spans, which no policy holds back", () => {
      expect(ask(limited().zipkin("service", "zipkin.example.com"))).toEqual([]);
    });
  });

  it("is left to applications whose labels may give them no sidecar", () => {
    const hiding = () =>
      withCollector(new Mesh())
        .mesh("outboundTrafficPolicy", { mode: "REGISTRY_ONLY" })
        .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel-collector.observability.svc:4317");
    const told = (mesh: Mesh) => ask(mesh).map((text) => /is hidden from (.*):/.exec(text)?.[1]);
    const one = () => sidecar([{ hosts: ["./*", "istio-system/*"] }]);
    expect(told(hiding().add(one()))).toEqual(["Deployment auth/auth-api"]);
    expect(told(hiding().remove("Namespace auth").add(one()))).toEqual([]);
    const past = { "traffic.sidecar.istio.io/excludeOutboundPorts": "4317" };
    const around = hiding().set("Deployment auth/auth-api", "spec template metadata annotations", past);
    expect(told(around.add(one()))).toEqual([]);
    // What proxies themselves send no policy holds back: of them it is said that they have no cluster.
    const both = new Mesh().mesh("outboundTrafficPolicy", { mode: "REGISTRY_ONLY" });
    expect(ask(both.add(sidecar([{ hosts: ["./*"] }]))).map((text) => /port \d+/.exec(text)?.[0])).toEqual([
      "port 9411",
      "port 4317",
    ]);
    // By whom it is exported to, too.
    const exportTo = { "networking.istio.io/exportTo": "." };
    expect(
      told(hiding().set("Service observability/otel-collector", "metadata annotations", exportTo)),
    ).toEqual(["Deployment auth/auth-api"]);
  });

  it("is told as the mesh config has it where Services are exported to several namespaces by default", () => {
    const mesh = new Mesh().mesh("defaultServiceExportTo", ["auth", "my"]);
    expect(ask(mesh)[0]).toContain(
      "exports Services to auth and my only (defaultServiceExportTo: auth, my), so",
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
        "namespace istio-system. istiod does not know it, and configures no tracer\n# add to discoverySelectors of the mesh config\n" +
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
