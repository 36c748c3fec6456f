import { describe, expect, it } from "vitest";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const port = (number: unknown, name: string | undefined = "https", protocol?: string) => ({
  number,
  name,
  protocol,
});
const entry = (spec: Record<string, unknown>, name = "external", namespace?: string) =>
  istioObject("ServiceEntry", name, { hosts: ["a.example.com"], ...spec }, namespace);

testRule("service-entry-hosts", {
  faults: [
    {
      ...exampleFault("service-entry-hosts"),
      object: "ServiceEntry istio-system/openai-external",
      message:
        "ServiceEntry istio-system/openai-external defines accounts.google.com:443, which ServiceEntry istio-system/google-external defines too, so Istio picks one of them; keep the host in one ServiceEntry",
      fix: `# in spec of ServiceEntry istio-system/openai-external
hosts:
  - api.openai.com`,
    },
  ],
  harmless: [
    {
      name: "a host is in two ServiceEntries with a port each",
      varies: (mesh) =>
        mesh
          .copy("ServiceEntry istio-system/google-external", "google-other")
          .set("ServiceEntry istio-system/google-other", "spec ports", [
            { number: 8443, name: "https", protocol: "HTTPS" },
          ]),
    },
  ],
});

describe("service-entry-hosts", () => {
  const ask = asker("service-entry-hosts");
  const https = { ports: [port(443)] };
  const both = (one: Record<string, unknown>, two: Record<string, unknown>, namespace?: string) =>
    ask([entry({ ...https, ...one }, "one"), entry({ ...https, ...two }, "two", namespace)]);
  const twice = (place = "istio-system/two") =>
    `warning: ServiceEntry ${place} defines a.example.com:443, which ServiceEntry istio-system/one defines too, so Istio picks one of them; keep the host in one ServiceEntry\n`;

  it("accepts one definition per host and port", () => {
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
      "warning: ServiceEntry istio-system/external lists the host a twice; list it once\n" +
        "# in spec of ServiceEntry istio-system/external\nhosts:\n  - a\n  - b",
    ]);
    expect(ask([entry({ ports: [port(443), port(443)] })])).toEqual([]);
  });
});
