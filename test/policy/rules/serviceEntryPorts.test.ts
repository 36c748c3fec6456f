import { describe, expect, it } from "vitest";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const google = "ServiceEntry istio-system/google-external";
const entry = (spec: Record<string, unknown>, name = "external", namespace?: string) =>
  istioObject("ServiceEntry", name, { hosts: ["a.example.com"], ...spec }, namespace);
const port = (number: unknown, name: string | undefined = "https", protocol?: string) => ({
  number,
  name,
  protocol,
});

testRule("service-entry-ports", {
  faults: [
    {
      ...exampleFault("service-entry-ports"),
      object: google,
      message:
        "ServiceEntry istio-system/google-external has port 443 with protocol HTTP, but no DestinationRule originates TLS for it, so the proxy breaks the application's TLS; use HTTPS or TLS",
      fix: `# in spec.ports[0] of ServiceEntry istio-system/google-external
name: https
protocol: HTTPS`,
    },
    {
      name: "a port is there twice",
      breaks: (mesh) => mesh.set(google, "spec ports 1", { name: "https-2", number: 443, protocol: "TLS" }),
      object: google,
      message: "ServiceEntry istio-system/google-external has port 443 twice; remove one of them",
      fix: "# delete spec.ports[1] of ServiceEntry istio-system/google-external",
    },
  ],
  harmless: [
    {
      name: "HTTP on 443 where a DestinationRule starts TLS",
      varies: (mesh) =>
        mesh.set("ServiceEntry istio-system/openai-external", "spec ports 0 protocol", "HTTP").add({
          apiVersion: "networking.istio.io/v1",
          kind: "DestinationRule",
          metadata: { name: "openai", namespace: "istio-system" },
          spec: { host: "api.openai.com", trafficPolicy: { tls: { mode: "SIMPLE" } } },
        }),
    },
  ],
});

describe("service-entry-ports", () => {
  const ask = asker("service-entry-ports");
  const has = (says: string, lines: string, index = 0) =>
    `warning: ServiceEntry istio-system/external has ${says}\n` +
    `# in spec.ports[${index}] of ServiceEntry istio-system/external\n${lines}`;
  const of = (...ports: object[]) => ask([entry({ ports })]);

  it.each(["HTTPS", "https", "TLS", "TCP", undefined])("port 443 may be %s", (protocol) => {
    expect(of(port(443, "a", protocol))).toEqual([]);
  });

  it.each(["HTTP", "http2", "GRPC", "GRPC-Web"])("port 443 is not %s", (protocol) => {
    expect(of(port(80, "b", "HTTP"), port(443, "a", protocol))).toEqual([
      has(
        `port 443 with protocol ${protocol.toUpperCase()}, but no DestinationRule originates TLS for it, so the proxy breaks the application's TLS; use HTTPS or TLS`,
        "name: https\nprotocol: HTTPS",
        1,
      ),
    ]);
    expect(of(port(8443, "a", protocol))).toEqual([]);
  });

  it.each(["HTTPS", "TLS"])("port 80 is not %s", (protocol) => {
    expect(of(port(80, "a", protocol))).toEqual([
      has(
        `port 80 with protocol ${protocol}, so the proxy breaks plain HTTP; use HTTP`,
        "name: http\nprotocol: HTTP",
      ),
    ]);
    expect(of(port(80, "a", "TCP"))).toEqual([]);
  });

  it("names and numbers are a port's own", () => {
    expect(of(port(443, ""))).toEqual([
      has("port 443 without a name; give it a unique name", "name: tcp-443"),
    ]);
    expect(of({ number: 443, protocol: "TLS" })).toEqual([
      has("port 443 without a name; give it a unique name", "name: tls-443"),
    ]);
    expect(of(port(443, "a"), port(444, "a"))).toEqual([
      has("port 444 with the name a of another port; give it a unique name", "name: tcp-444", 1),
    ]);
    expect(of(port(undefined, "a"))).toEqual([
      has("a port a without a number; give it a unique one", "number: 443"),
    ]);
    expect(of(port(443, "a"), port(443, "b"), port(444, "c"))).toEqual([
      "warning: ServiceEntry istio-system/external has port 443 twice; remove one of them\n" +
        "# delete spec.ports[1] of ServiceEntry istio-system/external",
    ]);
  });

  it("a DestinationRule may start TLS", () => {
    const rule = (trafficPolicy: unknown, host: unknown = "a.example.com") =>
      ask([
        entry({ ports: [port(443, "a", "HTTP")] }),
        istioObject("DestinationRule", "other", { host: "b.example.com" }),
        istioObject("DestinationRule", "tls", { host, trafficPolicy }),
      ]).length;
    expect(rule({ tls: { mode: "SIMPLE" } })).toBe(0);
    expect(rule({ tls: { mode: "MUTUAL" } })).toBe(0);
    expect(rule({ portLevelSettings: [{}, { tls: { mode: "SIMPLE" } }] })).toBe(0);
    expect(rule({ tls: { mode: "DISABLE" } })).toBe(1);
    expect(rule({ tls: { mode: "ISTIO_MUTUAL" } })).toBe(1);
    expect(rule(undefined)).toBe(1);
    expect(rule({ tls: { mode: "SIMPLE" } }, "b.example.com")).toBe(1);
    expect(rule({ tls: { mode: "SIMPLE" } }, null)).toBe(1);
  });
});
