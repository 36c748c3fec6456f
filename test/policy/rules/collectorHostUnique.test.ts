import { describe, expect, it } from "vitest";
import { collectorHost, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const collector = "Service istio-system/jaeger-collector-clusterip";

testRule("collector-host-unique", {
  faults: [
    {
      ...exampleFault("collector-host-unique"),
      object: "ServiceEntry istio-system/shadow",
      message:
        "ServiceEntry istio-system/shadow redefines the collector's host jaeger-collector-clusterip.istio-system.svc.cluster.local, which belongs to Service istio-system/jaeger-collector-clusterip; keep one definition",
      fix: "# delete ServiceEntry istio-system/shadow",
    },
  ],
  harmless: [
    {
      name: "a ServiceEntry of the same namespace has another host",
      varies: (mesh) =>
        mesh
          .copy("ServiceEntry istio-system/google-external", "other")
          .set("ServiceEntry istio-system/other", "spec hosts", ["collector.example.com"]),
    },
  ],
});

describe("collector-host-unique", () => {
  const ask = asker("collector-host-unique");
  const entry = (name: string, hosts: string[], namespace = "istio-system") =>
    istioObject("ServiceEntry", name, { hosts }, namespace);
  const outside = () => new Mesh().zipkin("service", "istio-system/zipkin.example.com");

  it("is that of the Service alone", () => {
    const second = (lines: string) => [
      `error: ServiceEntry apps/x redefines the collector's host ${collectorHost}, which belongs to ${collector}; keep one definition\n${lines}`,
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
      "error: ServiceEntry istio-system/two redefines the collector's host zipkin.example.com, which ServiceEntry " +
        "istio-system/one defines too; keep one definition\n# delete ServiceEntry istio-system/two",
    ]);
    expect(ask(outside().add(one, entry("two", ["zipkin.example.com"], "apps")))).toEqual([]);
    const unsaid = new Mesh().zipkin("service", "zipkin.example.com");
    expect(ask(unsaid.add(one, entry("two", ["zipkin.example.com"], "apps")))).toHaveLength(1);
  });
});
