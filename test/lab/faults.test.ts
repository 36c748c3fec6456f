/** The table of faults, and how rules and wire are compared. */
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type ApiObject } from "../../lab/api";
import { withoutServerFields } from "../../lab/cluster";
import { compare, inWords, newFindings } from "../../lab/compare";
import { type Fault, faultTable } from "../../lab/faults";
import { type Finding, hasRule } from "../../lab/project";
import { type Outcome, senders } from "../../lab/trace";

const table = faultTable("mesh-tracing");
const faultOf = (name: string): Fault => table.find((fault) => fault.name === name)!;

function object(kind: string, name: string, rest: Partial<ApiObject>): ApiObject {
  return { kind, metadata: { name, namespace: "auth" }, ...rest };
}

describe("the table", () => {
  test("has one row a name, and rules that there are", () => {
    expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
    expect(table.filter(({ rule }) => rule !== undefined && !hasRule(rule))).toEqual([]);
    expect(hasRule("no-such-rule")).toBe(false);
  });

  test("every fault loses or splits something", () => {
    expect(table.filter(({ lost, split }) => lost.length === 0 && !split)).toEqual([]);
  });

  test("a port is taken out of the rules that have it; rules without ports are gone", () => {
    const [edit] = faultOf("9411-egress").edits;
    const to = [{ podSelector: {} }];
    const policy = object("NetworkPolicy", "allow-jaeger-egress", {
      spec: {
        egress: [{ to, ports: [{ port: 4317 }, { port: 9411 }] }, { to, ports: [{ port: 9411 }] }, { to }],
      },
    });
    expect(edit!.to(policy)?.spec).toEqual({ egress: [{ to, ports: [{ port: 4317 }] }, { to }] });
    // What was there is kept for `heal`.
    expect(JSON.stringify(policy)).toContain("9411");
  });

  test("the provider's port is changed in the ConfigMap that delivers it", () => {
    const [edit] = faultOf("provider-port").edits;
    const mesh = "extensionProviders:\n  - name: jaeger\n    zipkin: { port: 9411 }\n  - name: log\n";
    const map = object("ConfigMap", "mesh-tracing", { data: { mesh } });
    expect(edit!.of.name).toBe("mesh-tracing");
    expect(parse(edit!.to(map)?.data?.["mesh"] ?? "")).toEqual({
      extensionProviders: [{ name: "jaeger", zipkin: { port: 9412 } }, { name: "log" }],
    });
    expect(faultTable("istio").find(({ name }) => name === "provider-port")?.edits[0]?.of.name).toBe("istio");
  });

  test("what is not there cannot be changed", () => {
    expect(() => faultOf("headless").edits[0]!.to(undefined)).toThrow(
      "Service istio-system/jaeger-collector-clusterip is not there",
    );
  });
});

test("a Service that is made anew gets an address of its own, unless it is headless", () => {
  const service = (clusterIP: string): ApiObject =>
    object("Service", "s", { spec: { clusterIP, clusterIPs: [clusterIP], ports: [] }, status: {} });
  expect(withoutServerFields(service("10.0.0.1")).spec).toEqual({ ports: [] });
  expect(withoutServerFields(service("None")).spec).toEqual({ clusterIP: "None", ports: [] });
  expect(withoutServerFields(service("None"))).not.toHaveProperty("status");
});

describe("rules against wire", () => {
  const finding = (rule: string, level: Finding["level"] = "error"): Finding => ({
    rule,
    level,
    message: "m",
  });
  const whole: Outcome = { traces: ["t"], spans: 10, lost: [], orphans: 0, joined: true };
  const outage: Outcome = { traces: ["t"], spans: 8, lost: ["first proxy"], orphans: 1, joined: false };
  const split: Outcome = { ...whole, traces: ["t", "u"], joined: false };
  const fault = faultOf("9411-egress");

  test.each<[string, Finding[], Outcome, string[]]>([
    ["agreement", [finding("trace-path-open")], outage, []],
    [
      "the rules miss it",
      [],
      outage,
      ["the wire: 8 spans in 1 trace, nothing of first proxy, 1 without their parent; audit says nothing"],
    ],
    [
      "an info is no finding",
      [finding("trace-path-open", "info")],
      outage,
      [expect.stringContaining("audit says nothing") as string],
    ],
    [
      "the rules cry wolf",
      [finding("trace-path-open")],
      whole,
      [
        "audit reports trace-path-open; on the wire the trace is whole",
        "the table says lost: first proxy; the wire: none",
      ],
    ],
    ["another rule", [finding("other")], outage, ["audit reports other, not trace-path-open"]],
    [
      "split",
      [finding("trace-path-open")],
      split,
      ["the table says lost: first proxy; the wire: none", "the table says not split; the wire: 2 traces"],
    ],
  ])("%s", (_, audit, wire, disagreements) => {
    expect(compare(fault, audit, wire).disagreements).toEqual(disagreements);
  });

  test("the order of the table does not matter", () => {
    const all: Outcome = { traces: [], spans: 0, lost: [...senders], orphans: 0, joined: false };
    expect(compare(faultOf("destinationrule"), [finding("any")], all).disagreements).toEqual([]);
  });

  test("only what a fault has brought counts", () => {
    const old = finding("a");
    expect(newFindings([old], [old, finding("b"), finding("a", "warning")])).toEqual([
      finding("b"),
      finding("a", "warning"),
    ]);
  });

  test("in words", () => {
    expect(inWords(whole)).toBe("one joined trace of 10 spans");
    expect(inWords({ ...whole, spans: 0, traces: [], joined: false })).toBe("nothing arrived");
    expect(inWords(split)).toBe("10 spans in 2 traces");
  });
});
