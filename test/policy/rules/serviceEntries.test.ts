/** The rules about services outside the mesh. */
import { describe, expect, it } from "vitest";
import { asker, istioObject } from "./asking";

const entry = (spec: Record<string, unknown>, name = "external", namespace?: string) =>
  istioObject("ServiceEntry", name, { hosts: ["a.example.com"], ...spec }, namespace);
const port = (number: unknown, name: string | undefined = "https", protocol?: string) => ({
  number,
  name,
  protocol,
});

describe("service-entry-resolution", () => {
  const ask = asker("service-entry-resolution");
  const has = (found: string, resolution: string) => [
    `error: ServiceEntry istio-system/external has resolution ${found}\n` +
      `# in spec of ServiceEntry istio-system/external\nresolution: ${resolution}`,
  ];
  const wildcards = ["*.example.com", "a.example.com", "*.example.org"];
  const tls = [port(443, "tls", "TLS")];

  it.each<[string, Record<string, unknown>, string[]]>([
    ["no resolution", { hosts: wildcards }, []],
    ["wildcards with NONE", { hosts: wildcards, resolution: "NONE" }, []],
    ["names with DNS", { resolution: "DNS" }, []],
    ["wildcards with DNS and endpoints", { hosts: wildcards, resolution: "DNS", endpoints: [{}] }, []],
    [
      "wildcards with DNS",
      { hosts: wildcards, resolution: "DNS" },
      has(
        "DNS and the wildcard host *.example.com and *.example.org; DNS cannot resolve a wildcard, NONE is allowed",
        "NONE",
      ),
    ],
    [
      "a wildcard with round robin",
      { hosts: ["*.example.com"], resolution: "DNS_ROUND_ROBIN" },
      has(
        "DNS_ROUND_ROBIN and the wildcard host *.example.com; DNS cannot resolve a wildcard, NONE is allowed",
        "NONE",
      ),
    ],
    ["wildcards with dynamic DNS", { hosts: ["*.a.com"], resolution: "DYNAMIC_DNS", ports: tls }, []],
    [
      "every protocol that names its host",
      {
        hosts: ["*.a.com"],
        resolution: "DYNAMIC_DNS",
        ports: ["HTTP", "HTTP2", "GRPC", "TLS"].map((protocol, index) => port(index, "p", protocol)),
      },
      [],
    ],
    [
      "names with dynamic DNS",
      { hosts: wildcards, resolution: "DYNAMIC_DNS", ports: tls },
      has("DYNAMIC_DNS and the host a.example.com; only wildcard hosts are allowed with it", "DNS"),
    ],
    [
      "protocols without a host",
      {
        hosts: ["*.a.com"],
        resolution: "DYNAMIC_DNS",
        ports: [...tls, port(443, "a", "HTTPS"), port(1, "b")],
      },
      has(
        "DYNAMIC_DNS and a port of protocol HTTPS and TCP; only HTTP, HTTP2, GRPC and TLS are allowed with it",
        "NONE",
      ),
    ],
    [
      "endpoints that are never used",
      { resolution: "NONE", endpoints: [{ address: "10.0.0.1" }] },
      has("NONE and endpoints, which it never uses; STATIC is allowed with endpoints", "STATIC"),
    ],
    ["endpoints with STATIC", { resolution: "STATIC", endpoints: [{ address: "10.0.0.1" }] }, []],
  ])("%s", (_, spec, expected) => {
    expect(ask([entry(spec)])).toEqual(expected);
  });

  describe("with dynamic DNS", () => {
    const dynamic = { hosts: ["*.a.com"], resolution: "DYNAMIC_DNS", ports: tls };
    const labelled = (value: string) => {
      const made = entry(dynamic);
      return { ...made, metadata: { ...made.metadata, labels: { "istio.io/use-waypoint": value } } };
    };
    const namespace = (value: string) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: entry(dynamic).metadata.namespace, labels: { "istio.io/use-waypoint": value } },
    });

    it("knows from which version on sidecars resolve it", () => {
      expect(ask([entry(dynamic)], { istioVersion: "1.30" })).toEqual([]);
      expect(ask([entry(dynamic)], { istioVersion: "1.29" })).toEqual(
        has(
          "DYNAMIC_DNS which sidecars of Istio 1.29 do not resolve (1.30 does); NONE is allowed for wildcards",
          "NONE",
        ),
      );
      expect(ask([entry(dynamic)])).toEqual([]);
    });

    it("knows from which version on waypoints do", () => {
      expect(ask([labelled("egress")], { istioVersion: "1.28" })).toEqual([]);
      expect(ask([entry(dynamic), namespace("egress")], { istioVersion: "1.28" })).toEqual([]);
      expect(ask([labelled("egress")], { istioVersion: "1.27" })).toEqual(
        has("DYNAMIC_DNS which Istio 1.27 does not know; NONE is allowed for wildcards", "NONE"),
      );
      for (const off of ["none", "None", ""]) {
        expect(ask([labelled(off), namespace("egress")], { istioVersion: "1.28" })).toHaveLength(1);
      }
    });
  });
});

describe("service-entry-hosts", () => {
  const ask = asker("service-entry-hosts");
  const https = { ports: [port(443)] };
  const both = (one: Record<string, unknown>, two: Record<string, unknown>, namespace?: string) =>
    ask([entry({ ...https, ...one }, "one"), entry({ ...https, ...two }, "two", namespace)]);
  const twice = (place = "istio-system/two") =>
    `error: ServiceEntry ${place} has the host a.example.com with port 443, which ServiceEntry istio-system/one has ` +
    "too; one ServiceEntry a host is allowed\n";

  it("one definition a host and port is enough", () => {
    expect(both({}, {})).toEqual([`${twice()}# delete ServiceEntry istio-system/two`]);
    expect(both({}, { hosts: ["b.example.com", "a.example.com"] })).toEqual([
      `${twice()}# in spec of ServiceEntry istio-system/two\nhosts:\n  - b.example.com`,
    ]);
    expect(both({}, { hosts: ["b.example.com"] })).toEqual([]);
    expect(both({}, { ports: [port(80, "http")] })).toEqual([]);
    expect(both({}, { ports: [port("443")] })).toHaveLength(1);
    expect(both({ ports: [port(80, "http"), port(443)] }, {})).toHaveLength(1);
  });

  it("entries with endpoints of their own are merged", () => {
    expect(both({}, { endpoints: [{ address: "10.0.0.1" }] })).toEqual([]);
    expect(both({ workloadSelector: {} }, {})).toEqual([]);
    expect(both({}, { endpoints: [] })).toHaveLength(1);
  });

  it("entries that no namespace sees both of do not meet", () => {
    expect(both({ exportTo: ["."] }, {}, "apps")).toEqual([]);
    expect(both({ exportTo: ["."] }, { exportTo: ["."] }, "apps")).toEqual([]);
    expect(both({ exportTo: ["apps", "b"] }, { exportTo: ["b", "."] }, "apps")).toEqual([
      `${twice("apps/two")}# delete ServiceEntry apps/two`,
    ]);
    expect(both({ exportTo: ["*", "apps"] }, {})).toHaveLength(1);
    expect(both({ exportTo: ["istio-system"] }, { exportTo: ["."] })).toHaveLength(1);
  });

  it("a host is in an entry once", () => {
    expect(ask([entry({ ...https, hosts: ["a", "b", "a"] })])).toEqual([
      "error: ServiceEntry istio-system/external has the host a twice; once is allowed\n" +
        "# in spec of ServiceEntry istio-system/external\nhosts:\n  - a\n  - b",
    ]);
    expect(ask([entry({ ports: [port(443), port(443)] })])).toEqual([]);
  });
});

describe("service-entry-ports", () => {
  const ask = asker("service-entry-ports");
  const has = (says: string, lines: string, index = 0) =>
    `error: ServiceEntry istio-system/external has ${says}\n` +
    `# in spec.ports[${index}] of ServiceEntry istio-system/external\n${lines}`;
  const of = (...ports: object[]) => ask([entry({ ports })]);

  it.each(["HTTPS", "https", "TLS", "TCP", undefined])("port 443 may be %s", (protocol) => {
    expect(of(port(443, "a", protocol))).toEqual([]);
  });

  it.each(["HTTP", "http2", "GRPC", "GRPC-Web"])("port 443 is not %s", (protocol) => {
    expect(of(port(80, "b", "HTTP"), port(443, "a", protocol))).toEqual([
      has(
        `port 443 with protocol ${protocol.toUpperCase()}, and no DestinationRule starts TLS for it; HTTPS or TLS is allowed`,
        "name: https\nprotocol: HTTPS",
        1,
      ),
    ]);
    expect(of(port(8443, "a", protocol))).toEqual([]);
  });

  it.each(["HTTPS", "TLS"])("port 80 is not %s", (protocol) => {
    expect(of(port(80, "a", protocol))).toEqual([
      has(`port 80 with protocol ${protocol}; HTTP is allowed on port 80`, "name: http\nprotocol: HTTP"),
    ]);
    expect(of(port(80, "a", "TCP"))).toEqual([]);
  });

  it("names and numbers are a port's own", () => {
    expect(of(port(443, ""))).toEqual([
      has("port 443 without a name; a name of its own is required", "name: tcp-443"),
    ]);
    expect(of({ number: 443, protocol: "TLS" })).toEqual([
      has("port 443 without a name; a name of its own is required", "name: tls-443"),
    ]);
    expect(of(port(443, "a"), port(444, "a"))).toEqual([
      has("port 444 with the name a of another port; a name of its own is required", "name: tcp-444", 1),
    ]);
    expect(of(port(undefined, "a"))).toEqual([
      has("a port a without a number; a number of its own is required", "number: 443"),
    ]);
    expect(of(port(443, "a"), port(443, "b"), port(444, "c"))).toEqual([
      "error: ServiceEntry istio-system/external has port 443 twice; once is allowed\n" +
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
