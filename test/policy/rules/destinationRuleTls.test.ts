import { describe, expect, it } from "vitest";
import { collectorConfig, withCollector } from "../../../docs/generate/sample/collector";
import { collectorHost, type Manifest, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const jaeger = "Deployment istio-system/jaeger";
const service = "Service istio-system/jaeger-collector-clusterip";
const pod = "spec template metadata";
const environment = "ConfigMap auth/otel-environment";

const rule = (host: string, trafficPolicy: object, namespace = "auth", more: object = {}): Manifest =>
  istioObject("DestinationRule", "tls", { host, trafficPolicy, ...more }, namespace);
const tier = "observability";
const collectorOf = (namespace: string): string => `otel-collector.${namespace}.svc.cluster.local`;
const tls = (mode: string): object => ({ tls: { mode } });
const ofPort = (number: number, mode: string): object => ({
  portLevelSettings: [{ port: { number }, tls: { mode } }],
});

/** An application that sends to a host outside, of which proxies are told. */
const outside = (mesh: Mesh, scheme: string): Mesh =>
  mesh
    .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `${scheme}://otlp.example.com:443`)
    .copy("ServiceEntry istio-system/openai-external", "backend")
    .set("ServiceEntry istio-system/backend", "spec hosts", ["otlp.example.com"]);

const lost = `${jaeger} has no sidecar to take it: these spans are lost`;
const plain = `${jaeger} takes spans there without TLS: these spans are lost`;

testRule("destination-rule-tls", {
  faults: [
    {
      ...exampleFault("destination-rule-tls"),
      object: "DestinationRule istio-system/default",
      message:
        "DestinationRule istio-system/default makes proxies use Istio's mutual TLS (spec.trafficPolicy.tls.mode: " +
        `ISTIO_MUTUAL) to ${service} on 4317 (spans of applications) and 9411 (spans of proxies), those of ` +
        "Deployment auth/auth-api, Deployment character/character-api and 6 more; " +
        lost,
      fix: `# add beside DestinationRule istio-system/default
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: jaeger-collector-clusterip
  namespace: istio-system
spec:
  host: jaeger-collector-clusterip.istio-system.svc.cluster.local
  trafficPolicy:
    tls:
      mode: DISABLE`,
    },
    {
      name: "TLS for one port, in the sender's namespace",
      breaks: (mesh) => mesh.add(rule(collectorHost, ofPort(9411, "SIMPLE"))),
      object: "DestinationRule auth/tls",
      message:
        "DestinationRule auth/tls makes proxies use TLS (spec.trafficPolicy.portLevelSettings[0].tls.mode: SIMPLE) to " +
        `${service} on 9411 (spans of proxies), those of Deployment auth/auth-api; ${plain}`,
      fix: `# in spec.trafficPolicy.portLevelSettings[0].tls of DestinationRule auth/tls
mode: DISABLE`,
    },
    {
      name: "TLS for all ports of the collector's host by its short name, in its own namespace",
      breaks: (mesh) => mesh.add(rule("jaeger-collector-clusterip", tls("MUTUAL"), "istio-system")),
      object: "DestinationRule istio-system/tls",
      message:
        "DestinationRule istio-system/tls makes proxies use TLS (spec.trafficPolicy.tls.mode: MUTUAL) to " +
        `${service} on 4317 (spans of applications) and 9411 (spans of proxies), those of Deployment auth/auth-api, ` +
        `Deployment character/character-api and 6 more; ${plain}`,
      fix: `# add to spec.trafficPolicy of DestinationRule istio-system/tls
portLevelSettings:
  - port:
      number: 4317
    tls:
      mode: DISABLE
  - port:
      number: 9411
    tls:
      mode: DISABLE`,
    },
    {
      name: "a collector whose configuration is not in the input",
      breaks: (mesh) =>
        mesh
          .set(jaeger, "spec template spec containers 0 image", "example.com/store-of-traces:1")
          .add(rule(collectorHost, ofPort(9411, "SIMPLE"))),
      object: "DestinationRule auth/tls",
      level: "warning",
      message:
        "DestinationRule auth/tls makes proxies use TLS (spec.trafficPolicy.portLevelSettings[0].tls.mode: SIMPLE) to " +
        `${service} on 9411 (spans of proxies), those of Deployment auth/auth-api; unless its pods take TLS there, of ` +
        "which the input says nothing, these spans are lost",
      fix: `# in spec.trafficPolicy.portLevelSettings[0].tls of DestinationRule auth/tls
mode: DISABLE`,
    },
    {
      name: "TLS around what applications send to a host outside with TLS of their own",
      besides: ["trace-path-open"],
      breaks: (mesh) => outside(mesh, "https").add(rule("otlp.example.com", tls("SIMPLE"))),
      object: "DestinationRule auth/tls",
      message:
        "DestinationRule auth/tls makes proxies use TLS (spec.trafficPolicy.tls.mode: SIMPLE) to otlp.example.com on 443 " +
        "(spans of applications), those of Deployment auth/auth-api, which speak TLS themselves: these spans are lost",
      fix: `# add to spec.trafficPolicy of DestinationRule auth/tls
portLevelSettings:
  - port:
      number: 443
    tls:
      mode: DISABLE`,
    },
    {
      name: "that TLS for one port",
      besides: ["trace-path-open"],
      breaks: (mesh) => outside(mesh, "https").add(rule("otlp.example.com", ofPort(443, "SIMPLE"))),
      object: "DestinationRule auth/tls",
      message:
        "DestinationRule auth/tls makes proxies use TLS (spec.trafficPolicy.portLevelSettings[0].tls.mode: SIMPLE) to " +
        "otlp.example.com on 443 (spans of applications), those of Deployment auth/auth-api, which speak TLS " +
        "themselves: these spans are lost",
      fix: `# in spec.trafficPolicy.portLevelSettings[0].tls of DestinationRule auth/tls
mode: DISABLE`,
    },
    {
      name: "mutual TLS for the collector's host alone, for senders of which some may have no proxy",
      besides: ["trace-path-open", "telemetry-mesh-wide"],
      breaks: (mesh) =>
        mesh.remove("Namespace auth").add(rule(collectorHost, tls("ISTIO_MUTUAL"), "istio-system")),
      object: "DestinationRule istio-system/tls",
      message:
        "DestinationRule istio-system/tls makes proxies use Istio's mutual TLS (spec.trafficPolicy.tls.mode: ISTIO_MUTUAL) to " +
        `${service} on 4317 (spans of applications) and 9411 (spans of proxies), those of Deployment auth/auth-api, ` +
        `Deployment character/character-api and 6 more; ${lost}`,
      fix: "# in spec.trafficPolicy.tls of DestinationRule istio-system/tls\nmode: DISABLE",
    },
    {
      name: "TLS to every host of the collector's namespace",
      breaks: (mesh) => mesh.add(rule("*.istio-system.svc.cluster.local", ofPort(9411, "SIMPLE"))),
      object: "DestinationRule auth/tls",
      message:
        "DestinationRule auth/tls makes proxies use TLS (spec.trafficPolicy.portLevelSettings[0].tls.mode: SIMPLE) to " +
        `${service} on 9411 (spans of proxies), those of Deployment auth/auth-api; ${plain}`,
      fix: `# add beside DestinationRule auth/tls
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: jaeger-collector-clusterip
  namespace: auth
spec:
  host: jaeger-collector-clusterip.istio-system.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
      - port:
          number: 9411
        tls:
          mode: DISABLE`,
    },
  ],
  harmless: [
    {
      name: "TLS to a host outside, of an application in ambient mode",
      besides: ["trace-path-open"],
      varies: (mesh) =>
        outside(mesh, "https")
          .set("Namespace auth", "metadata labels", { "istio.io/dataplane-mode": "ambient" })
          .add(rule("otlp.example.com", tls("SIMPLE"))),
    },
    {
      name: "TLS around what leaves the pod past its proxy, to a host outside",
      besides: ["trace-path-open"],
      varies: (mesh) =>
        outside(mesh, "https")
          .set("Deployment auth/auth-api", `${pod} annotations`, {
            "traffic.sidecar.istio.io/excludeOutboundPorts": "443",
          })
          .add(rule("otlp.example.com", tls("SIMPLE"))),
    },
    {
      name: "TLS to a Service that is another name of a host outside",
      varies: (mesh) =>
        mesh
          .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "http://backend.auth.svc.cluster.local:443")
          .add(
            {
              apiVersion: "v1",
              kind: "Service",
              metadata: { name: "backend", namespace: "auth" },
              spec: { type: "ExternalName", externalName: "otlp.example.com" },
            },
            rule("backend.auth.svc.cluster.local", tls("SIMPLE")),
          ),
    },
    {
      name: "TLS around what applications send to a host outside without",
      besides: ["trace-path-open"],
      varies: (mesh) => outside(mesh, "http").add(rule("otlp.example.com", tls("SIMPLE"))),
    },
    {
      name: "the fix: no TLS to that port",
      besides: ["trace-path-open"],
      varies: (mesh) =>
        outside(mesh, "https").add(rule("otlp.example.com", { ...tls("SIMPLE"), ...ofPort(443, "DISABLE") })),
    },
    {
      name: "TLS to a host outside of which proxies are not told, or not of the port",
      besides: ["trace-path-open"],
      varies: (mesh) =>
        outside(mesh, "https")
          .set("ServiceEntry istio-system/backend", "spec ports 0 number", 8443)
          .add(rule("otlp.example.com", tls("SIMPLE"))),
    },
    {
      name: "TLS mode DISABLE",
      varies: (mesh) => mesh.add(rule(collectorHost, tls("DISABLE"), "istio-system")),
    },
    {
      name: "a DestinationRule about load balancing",
      varies: (mesh) => mesh.add(rule(collectorHost, { loadBalancer: { simple: "LEAST_REQUEST" } })),
    },
    {
      name: "the fix: the collector's own rule beside a mesh-wide one",
      varies: (mesh) =>
        mesh.add(
          rule("*.local", tls("ISTIO_MUTUAL"), "istio-system"),
          istioObject("DestinationRule", "jaeger", { host: collectorHost, trafficPolicy: tls("DISABLE") }),
        ),
    },
    {
      name: "the fix: ports of the collector's host without TLS",
      varies: (mesh) =>
        mesh.add(
          rule(collectorHost, {
            ...tls("MUTUAL"),
            portLevelSettings: [4317, 9411].map((number) => ({ port: { number }, ...tls("DISABLE") })),
          }),
        ),
    },
    {
      name: "mutual TLS with the applications of a namespace",
      varies: (mesh) => mesh.add(rule("*.auth.svc.cluster.local", tls("ISTIO_MUTUAL"), "istio-system")),
    },
    {
      name: "TLS for subsets, which nobody asks for",
      varies: (mesh) =>
        mesh.add(
          istioObject("DestinationRule", "subsets", {
            host: collectorHost,
            subsets: [{ name: "v1", labels: { version: "1" }, trafficPolicy: tls("SIMPLE") }],
          }),
        ),
    },
    {
      name: "TLS with a certificate that sidecars are not given",
      varies: (mesh) =>
        mesh.add(rule(collectorHost, { tls: { mode: "SIMPLE", credentialName: "collector-ca" } }, "auth")),
    },
  ],
});

describe("destination-rule-tls", () => {
  const ask = asker("destination-rule-tls");
  const messages = (mesh: Mesh) => ask(mesh).map((finding) => finding.split("\n")[0]);

  it("knows a collector with a sidecar, and one that takes TLS", () => {
    const mutual = rule(collectorHost, tls("ISTIO_MUTUAL"));
    const withSidecar = new Mesh().set(jaeger, `${pod} labels sidecar.istio.io/inject`, "true");
    expect(messages(withSidecar.add(mutual))).toEqual([]);

    const host = "otel-collector.observability.svc.cluster.local";
    const secured = {
      ...collectorConfig,
      receivers: {
        otlp: {
          protocols: {
            grpc: { endpoint: "0.0.0.0:4317", tls: { cert_file: "/tls/tls.crt", key_file: "/tls/tls.key" } },
          },
        },
        zipkin: { endpoint: "0.0.0.0:9411" },
      },
    };
    const sendTo = (scheme: string) =>
      withCollector(new Mesh(), secured).set(
        environment,
        "data OTEL_EXPORTER_OTLP_ENDPOINT",
        `${scheme}://${host}:4317`,
      );
    const originates = rule(host, ofPort(4317, "SIMPLE"));
    expect(messages(sendTo("http").add(originates))).toEqual([]);
    // Once by the application, once more by its sidecar.
    expect(messages(sendTo("https").add(originates))).toEqual([
      "error: DestinationRule auth/tls makes proxies use TLS (spec.trafficPolicy.portLevelSettings[0].tls.mode: SIMPLE) to " +
        "Service observability/otel-collector on 4317 (spans of applications), those of Deployment auth/auth-api; the " +
        "senders speak TLS themselves, and Deployment observability/otel-collector takes it once: these spans are lost",
    ]);
    // The collector is told nothing of what its senders' proxies do: without them it takes none of it.
    const receives = asker("collector-receives");
    expect(receives(sendTo("http").add(originates))).toEqual([]);
    expect(receives(sendTo("http"))).toHaveLength(1);
  });

  it.each<[string, string, string, string, string[]]>([
    ["the sender's, by host", "auth", collectorOf(tier), "", ["auth-api"]],
    ["another sender's", "chat", collectorOf(tier), "", []],
    ["the collector's, by its short name", tier, "otel-collector", "", ["auth-api"]],
    ["the collector's, by a wildcard", tier, "*.observability.svc.cluster.local", "", ["auth-api"]],
    ["the root namespace, by a wildcard", "istio-system", "*.local", "", ["auth-api"]],
    ["the root namespace, by host, for itself", "istio-system", collectorOf(tier), ".", []],
    ["one that is none of these", "elsewhere", collectorOf(tier), "", []],
  ])("holds in namespaces: %s", (_, namespace, host, exportTo, senders) => {
    const mesh = withCollector(new Mesh())
      .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `http://${collectorOf(tier)}:4317`)
      .add(rule(host, ofPort(4317, "SIMPLE"), namespace, exportTo === "" ? {} : { exportTo: [exportTo] }));
    const ofTier = messages(mesh).filter((message) => message?.includes("Service observability/"));
    expect(ofTier.map((message) => /those of Deployment auth\/([\w-]+);/.exec(message ?? "")?.[1])).toEqual(
      senders,
    );
  });

  it("knows the operator's collectors, whose labels are those of their object", () => {
    const operated = (labels: Record<string, string>) =>
      new Mesh()
        .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", "http://tier-collector.observability.svc:4317")
        .add(
          {
            apiVersion: "opentelemetry.io/v1beta1",
            kind: "OpenTelemetryCollector",
            metadata: { name: "tier", namespace: "observability", labels },
            spec: { config: collectorConfig },
          },
          { apiVersion: "v1", kind: "Namespace", metadata: { name: "observability" } },
          rule("tier-collector.observability.svc.cluster.local", tls("ISTIO_MUTUAL")),
        );
    expect(messages(operated({}))).toEqual([
      "error: DestinationRule auth/tls makes proxies use Istio's mutual TLS (spec.trafficPolicy.tls.mode: ISTIO_MUTUAL) to " +
        "Service observability/tier-collector on 4317 (spans of applications), those of Deployment auth/auth-api; " +
        "OpenTelemetryCollector observability/tier has no sidecar to take it: these spans are lost",
    ]);
    expect(messages(operated({ "sidecar.istio.io/inject": "true" }))).toEqual([]);
  });

  it("says nothing of what does not go through a proxy", () => {
    const application = "Deployment auth/auth-api";
    const annotated = (annotations: Record<string, string>) =>
      messages(
        new Mesh()
          .set(application, `${pod} annotations`, annotations)
          .add(rule(collectorHost, ofPort(4317, "SIMPLE"))),
      );
    const found = [
      expect.stringContaining("on 4317 (spans of applications), those of Deployment auth/auth-api;"),
    ];
    const annotation = (name: string) => `traffic.sidecar.istio.io/${name}`;
    expect(annotated({})).toEqual(found);
    expect(annotated({ [annotation("excludeOutboundPorts")]: "443, 4317" })).toEqual([]);
    expect(annotated({ [annotation("excludeOutboundPorts")]: "9411" })).toEqual(found);
    expect(annotated({ [annotation("includeOutboundIPRanges")]: "" })).toEqual([]);
    expect(
      annotated({
        [annotation("includeOutboundIPRanges")]: "",
        [annotation("includeOutboundPorts")]: "4317",
      }),
    ).toEqual(found);
    expect(annotated({ [annotation("includeOutboundIPRanges")]: "*" })).toEqual(found);
    // The proxy's own spans never do.
    const zipkin = new Mesh().set(application, `${pod} annotations`, {
      [annotation("excludeOutboundPorts")]: "9411",
    });
    expect(messages(zipkin.add(rule(collectorHost, ofPort(9411, "SIMPLE"))))).toHaveLength(1);
    const ambient = new Mesh().set("Namespace auth", "metadata labels", {
      "istio.io/dataplane-mode": "ambient",
    });
    expect(messages(ambient.add(rule(collectorHost, tls("ISTIO_MUTUAL"))))).toEqual([]);
  });

  it("says which of several receivers does not take it", () => {
    const second = (change: (mesh: Mesh) => Mesh) => {
      const mesh = new Mesh().copy(jaeger, "second");
      return messages(change(mesh)).map((message) => message?.split("; ")[1]);
    };
    const sidecar = (mesh: Mesh, name: string) =>
      mesh.set(`Deployment istio-system/${name}`, `${pod} labels sidecar.istio.io/inject`, "true");
    const mutual = rule(collectorHost, ofPort(9411, "ISTIO_MUTUAL"));
    const none = (name: string) =>
      `Deployment istio-system/${name} has no sidecar to take it: these spans are lost`;
    expect(second((mesh) => sidecar(mesh, "jaeger").add(mutual))).toEqual([none("second")]);
    expect(second((mesh) => sidecar(mesh, "second").add(mutual))).toEqual([none("jaeger")]);
    expect(second((mesh) => sidecar(sidecar(mesh, "jaeger"), "second").add(mutual))).toEqual([]);
  });

  it.each(["datadog", "skywalking"])("doubts that agents of %s take TLS", (type) => {
    const mesh = new Mesh()
      .mesh("extensionProviders 0", { name: "jaeger", [type]: { service: collectorHost, port: 9411 } })
      .add(rule(collectorHost, ofPort(9411, "SIMPLE")));
    expect(messages(mesh)).toEqual([
      expect.stringMatching(
        /^warning: .*; unless its pods take TLS there, of which the input says nothing, /,
      ),
    ]);
  });

  it.each<[string, object]>([
    ["at an address that a variable says", { grpc: { endpoint: "${env:ADDRESS}" } }],
    ["at another address", { grpc: { endpoint: "0.0.0.0:14317" } }],
    ["where a variable says it", { grpc: { endpoint: "0.0.0.0:4317", tls: "${file:/tls.yaml}" } }],
  ])("doubts that a collector takes TLS %s", (_, protocols) => {
    const receivers = { ...collectorConfig.receivers, otlp: { protocols } };
    const mesh = withCollector(new Mesh(), { ...collectorConfig, receivers })
      .set(environment, "data OTEL_EXPORTER_OTLP_ENDPOINT", `http://${collectorOf(tier)}:4317`)
      .add(rule(collectorOf(tier), ofPort(4317, "SIMPLE")));
    expect(messages(mesh)).toEqual([
      expect.stringMatching(
        /^warning: .*; unless its pods take TLS there, of which the input says nothing, /,
      ),
    ]);
  });

  it("tells rules, hosts and ports apart", () => {
    const both = new Mesh().add(
      rule(collectorHost, {
        portLevelSettings: [4317, 9411].map((number) => ({ port: { number }, ...tls("SIMPLE") })),
      }),
    );
    const ports = messages(both).map((message) => /on (\d+ \([^)]*\)),/.exec(message ?? "")?.[1]);
    expect(ports.sort()).toEqual(["4317 (spans of applications)", "9411 (spans of proxies)"]);
    const two = outside(new Mesh(), "https")
      .set("ConfigMap chat/otel-environment", "data OTEL_EXPORTER_OTLP_ENDPOINT", "https://b.example.com:443")
      .set("ConfigMap scan/otel-environment", "data OTEL_EXPORTER_OTLP_ENDPOINT", "https://b.example.com:443")
      .set("ServiceEntry istio-system/backend", "spec hosts", ["*.example.com"])
      .add(rule("*.example.com", tls("SIMPLE"), "istio-system"));
    const told = messages(two).map((message) => /to (\S+) on 443 .*those of (.*), which/.exec(message ?? ""));
    expect(told.map((match) => match?.slice(1)).sort()).toEqual([
      ["b.example.com", "Deployment chat/chat-api and Deployment scan/scan-api"],
      ["otlp.example.com", "Deployment auth/auth-api"],
    ]);
  });

  const isOfSystem = ({ kind, metadata }: Manifest) =>
    kind === "Deployment" && metadata.namespace === "istio-system";

  it("is a warning where labels of namespaces decide that are not in the input", () => {
    const mesh = () => new Mesh().add(rule(collectorHost, ofPort(9411, "ISTIO_MUTUAL")));
    const [unlabelled] = ask(mesh().remove("Namespace auth"));
    expect(unlabelled).toMatch(
      /^warning: .*; Deployment istio-system\/jaeger has no sidecar to take it: these spans are lost, if these pods have proxies, which their namespaces' labels decide\n/,
    );
    const [podless] = ask(mesh().removeWhere(isOfSystem));
    expect(podless).toMatch(
      /^warning: .*; without a sidecar in its pods, of which the input says nothing, these spans are lost\n/,
    );
    // Whether there is a proxy that puts TLS around TLS is not said of hosts outside.
    const beyond = outside(new Mesh(), "https").add(rule("otlp.example.com", tls("SIMPLE")));
    expect(ask(beyond.remove("Namespace auth"))).toEqual([]);
    const undecided = mesh()
      .unset(jaeger, `${pod} labels sidecar.istio.io/inject`)
      .remove("Namespace istio-system");
    expect(ask(undecided)[0]).toMatch(
      /^warning: .*; without a sidecar in its pods, of which the input says nothing, these spans are lost\n/,
    );
  });
});
