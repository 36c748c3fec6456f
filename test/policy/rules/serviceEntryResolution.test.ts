import { describe, expect, it } from "vitest";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const port = (number: unknown, name: string | undefined = "https", protocol?: string) => ({
  number,
  name,
  protocol,
});
const entry = (spec: Record<string, unknown>, name = "external", namespace?: string) =>
  istioObject("ServiceEntry", name, { hosts: ["a.example.com"], ...spec }, namespace);

testRule("service-entry-resolution", {
  faults: [
    {
      ...exampleFault("service-entry-resolution"),
      object: "ServiceEntry istio-system/aws-s3-external",
      message:
        "ServiceEntry istio-system/aws-s3-external has resolution DNS and the wildcard host *.s3.amazonaws.com " +
        "and *.s3.ap-northeast-2.amazonaws.com; DNS cannot resolve wildcards, use NONE",
      fix: `# in spec of ServiceEntry istio-system/aws-s3-external
resolution: NONE`,
    },
  ],
  harmless: [
    {
      name: "a wildcard with dynamic DNS",
      varies: (mesh) =>
        mesh
          .set("ServiceEntry istio-system/aws-s3-external", "spec resolution", "DYNAMIC_DNS")
          .set("ServiceEntry istio-system/aws-s3-external", "spec ports 0 protocol", "TLS"),
    },
  ],
});

describe("service-entry-resolution", () => {
  const ask = asker("service-entry-resolution");
  const has = (found: string, resolution: string) => [
    `warning: ServiceEntry istio-system/external has resolution ${found}\n` +
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
        "DNS and the wildcard host *.example.com and *.example.org; DNS cannot resolve wildcards, use NONE",
        "NONE",
      ),
    ],
    [
      "a wildcard with round robin",
      { hosts: ["*.example.com"], resolution: "DNS_ROUND_ROBIN" },
      has(
        "DNS_ROUND_ROBIN and the wildcard host *.example.com; DNS cannot resolve wildcards, use NONE",
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
      has("DYNAMIC_DNS and the host a.example.com; DYNAMIC_DNS works only for wildcards, use DNS", "DNS"),
    ],
    [
      "protocols without a host",
      {
        hosts: ["*.a.com"],
        resolution: "DYNAMIC_DNS",
        ports: [...tls, port(443, "a", "HTTPS"), port(1, "b")],
      },
      has(
        "DYNAMIC_DNS and a port of protocol HTTPS and TCP; DYNAMIC_DNS works only for HTTP, HTTP2, GRPC and TLS, use NONE",
        "NONE",
      ),
    ],
    [
      "endpoints that are never used",
      { resolution: "NONE", endpoints: [{ address: "10.0.0.1" }] },
      has("NONE and endpoints, which NONE ignores; use STATIC", "STATIC"),
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
          "DYNAMIC_DNS which sidecars of Istio 1.29 do not resolve (1.30 does); use NONE for wildcards",
          "NONE",
        ),
      );
      expect(ask([entry(dynamic)])).toEqual([]);
    });

    it("knows from which version on waypoints do", () => {
      expect(ask([labelled("egress")], { istioVersion: "1.28" })).toEqual([]);
      expect(ask([entry(dynamic), namespace("egress")], { istioVersion: "1.28" })).toEqual([]);
      expect(ask([labelled("egress")], { istioVersion: "1.27" })).toEqual(
        has("DYNAMIC_DNS which Istio 1.27 does not support; use NONE for wildcards", "NONE"),
      );
      for (const off of ["none", "None", ""]) {
        expect(ask([labelled(off), namespace("egress")], { istioVersion: "1.28" })).toHaveLength(1);
      }
    });
  });
});
