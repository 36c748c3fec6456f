import { describe, expect, it } from "vitest";
import { collectorHost, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const collector = "Service istio-system/jaeger-collector-clusterip";

testRule("collector-port-protocol", {
  faults: [
    {
      ...exampleFault("collector-port-protocol"),
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip declares grpc on port 9411 (by its appProtocol grpc), but the collector speaks Zipkin over HTTP there; use http",
      fix: `# in spec.ports[0]
appProtocol: http`,
    },
    {
      name: "the gRPC port is named http",
      breaks: (mesh) =>
        mesh
          .unset(collector, "spec ports 1 appProtocol")
          .set(collector, "spec ports 1 name", "http-otlp-grpc"),
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip declares http on port 4317 (by its name http-otlp-grpc), but the collector speaks OTLP over gRPC there; use grpc",
      fix: `# in spec.ports[1]
appProtocol: grpc`,
    },
  ],
  harmless: [
    {
      name: "names that are no protocol of Istio's, and tcp, for what applications send by gRPC",
      varies: (mesh) =>
        mesh
          .set(collector, "spec ports 1", { name: "otlp-grpc", port: 4317 })
          .set(collector, "spec ports 2", { name: "tcp-otlp-http", port: 4318 }),
    },
    {
      name: "ports without names and protocols: Istio detects them",
      varies: (mesh) =>
        mesh.set(
          collector,
          "spec ports",
          [9411, 4317, 4318].map((port) => ({ name: `port-${port}`, port })),
        ),
    },
  ],
});

describe("collector-port-protocol", () => {
  const ask = asker("collector-port-protocol");
  const of = (port: object) => ask(new Mesh().set(collector, "spec ports", [{ port: 1 }, port]));
  const tells = (from: string, protocol: string, port: number, what: string, use: string) => [
    `error: ${collector} declares ${protocol} on port ${port} (by its ${from}), but the collector speaks ${what} there; use ${use}\n# in spec.ports[1]\nappProtocol: ${use}`,
  ];
  const passes = (...what: Parameters<typeof tells>) =>
    tells(...what).map((one) => one.replace("error:", "warning:"));
  const zipkin = ["Zipkin over HTTP", "http"] as const;
  const grpc = ["OTLP over gRPC", "grpc"] as const;
  const http = ["OTLP over HTTP", "http"] as const;

  it.each<[object, string[]]>([
    [{ port: 9411, appProtocol: "http" }, []],
    [{ port: 9411, appProtocol: "HTTP" }, []],
    [{ port: 9411, name: "http-zipkin" }, []],
    [{ port: 9411, name: "zipkin" }, []],
    [{ port: 9411, name: "grpc", appProtocol: "http" }, []],
    [{ port: 9411, appProtocol: "tcp" }, []],
    [{ port: 9411, appProtocol: "http2" }, tells("appProtocol http2", "http2", 9411, ...zipkin)],
    [{ port: 9411, name: "tcp-zipkin" }, []],
    [{ port: 9411, name: "https" }, passes("name https", "https", 9411, ...zipkin)],
    [{ port: 9411, name: "tls-a" }, passes("name tls-a", "tls", 9411, ...zipkin)],
    [{ port: 9411, name: "udp-a" }, tells("name udp-a", "udp", 9411, ...zipkin)],
    [{ port: 9411, name: "mongo" }, passes("name mongo", "mongo", 9411, ...zipkin)],
    [{ port: 9411, name: "redis-x" }, passes("name redis-x", "redis", 9411, ...zipkin)],
    [{ port: 9411, name: "mysql" }, passes("name mysql", "mysql", 9411, ...zipkin)],
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
        `error: ${collector} has port 9411 with protocol UDP, but the collector speaks Zipkin over HTTP there; use TCP\n` +
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

  it.each<[object, object, string[]]>([
    [{ name: "otlp" }, {}, ["no protocol that Istio knows on port 4317 (by its name otlp)"]],
    [{ name: "otlp-grpc" }, {}, ["no protocol that Istio knows on port 4317 (by its name otlp-grpc)"]],
    [{ name: "tcp-otlp" }, {}, ["tcp on port 4317 (by its name tcp-otlp)"]],
    [{ name: "http-otlp" }, {}, ["http on port 4317 (by its name http-otlp)"]],
    [{ name: "grpc-otlp" }, {}, []],
    [{ name: "otlp", appProtocol: "kubernetes.io/h2c" }, {}, []],
    [{ name: "otlp" }, { http: { path: "/v1/traces" } }, []],
  ])("proxies that export by gRPC themselves: %j %j", (port, more, declares) => {
    const opentelemetry = { service: `istio-system/${collectorHost}`, port: 4317, ...more };
    const mesh = new Mesh()
      .mesh("extensionProviders", [{ name: "jaeger", opentelemetry }])
      .set(collector, "spec ports", [{ port: 4317, ...port }]);
    expect(ask(mesh)).toEqual(
      declares.map(
        (what) =>
          `error: ${collector} declares ${what}, so proxies send their own spans there by HTTP/1.1, which OTLP over gRPC ` +
          "cannot use; these spans are lost; use grpc\n# in spec.ports[0]\nappProtocol: grpc",
      ),
    );
  });
});
