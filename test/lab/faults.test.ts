/** The table of faults, and how rules and wire are compared. */
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type ApiObject } from "../../lab/api";
import { withoutServerFields } from "../../lab/cluster";
import { compare, diagnosed, type Diagnosed, inWords, newFindings } from "../../lab/compare";
import { type Fault, faultTable } from "../../lab/faults";
import { type Diagnosis, type Finding, hasRule } from "../../lab/project";
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
  const named: Diagnosed = {
    success: false,
    seconds: 9,
    failed: ["sidecar-reports"],
    hops: { "first proxy": "blocked", "first SDK": "delivering", "second SDK": "no traffic yet" },
    causes: ["trace-path-open"],
  };
  const green: Diagnosed = { ...named, success: true, failed: [], hops: {}, causes: [] };

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
    const doctor = wire.joined ? green : { ...named, hops: {} };
    expect(compare(fault, audit, wire, doctor).disagreements).toEqual(disagreements);
  });

  test("the order of the table does not matter", () => {
    const all: Outcome = { traces: [], spans: 0, lost: [...senders], orphans: 0, joined: false };
    const { rule = "" } = faultOf("destinationrule");
    const doctor = { ...named, hops: {}, causes: [rule] };
    expect(compare(faultOf("destinationrule"), [finding(rule)], all, doctor).disagreements).toEqual([]);
  });

  test.each<[string, Outcome, Diagnosed, string[]]>([
    ["agrees", outage, named, []],
    [
      "finds nothing",
      outage,
      green,
      [
        "the wire: 8 spans in 1 trace, nothing of first proxy, 1 without their parent; the doctor finds nothing broken",
      ],
    ],
    ["names another cause", outage, { ...named, causes: ["b"] }, ["the doctor names b, not trace-path-open"]],
    ["names none", outage, { ...named, causes: [] }, ["the doctor names no cause, not trace-path-open"]],
    [
      "takes a way that loses spans for one that delivers",
      outage,
      { ...named, hops: { "first proxy": "delivering" } },
      ["the doctor says that first proxy is delivering; the wire: nothing of it"],
    ],
    [
      "takes a way that delivers for a broken one",
      outage,
      { ...named, hops: { "first SDK": "refused" } },
      ["the doctor says that first SDK is refused; the wire has its spans"],
    ],
  ])("the doctor %s", (_, wire, doctor, disagreements) => {
    expect(compare(fault, [finding("trace-path-open")], wire, doctor).disagreements).toEqual(disagreements);
  });

  test("where callers decide, the doctor's own request is traced", () => {
    const quiet = { ...named, hops: { "first proxy": "delivering" } } as const;
    const decided: Fault = { ...fault, callersDecide: true };
    expect(compare(decided, [finding("trace-path-open")], outage, quiet).disagreements).toEqual([]);
  });

  test("a doctor that fails a whole trace disagrees", () => {
    const quiet: Fault = { ...fault, lost: [] };
    expect(compare(quiet, [], whole, named).disagreements).toEqual([
      "the doctor fails sidecar-reports; on the wire the trace is whole",
    ]);
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

test("of the doctor's answer count its failures, its ways, and the rules that it names for what it has seen", () => {
  const check = (id: string, result: string, evidence: string[]): object => ({ id, result, evidence });
  const hop = (point: string, workload: string, verdict: string, causes: string[] = []): object => ({
    point,
    workload,
    verdict,
    causes,
  });
  const answer = {
    success: false,
    cost: { seconds: 8.5, streams: 3 },
    categories: [
      {
        checks: [
          check("cluster-rules", "error", ["error [rule-a] m"]),
          check("istiod-provider", "error", ["pod: m", "[mesh-provider] m"]),
          check("proxy-config", "success", ["[rule-b] m"]),
        ],
      },
    ],
    hops: [
      hop("A", "Deployment istio-system/istio-ingressgateway", "delivering"),
      hop("B", "Deployment auth/auth-api", "blocked", ["[trace-path-open] m", "  the line"]),
      hop("C", "Deployment scan/scan-api", "no traffic yet"),
      hop("B", "Deployment chat/chat-api", "refused"),
    ],
  };
  expect(diagnosed(answer as unknown as Diagnosis)).toEqual({
    success: false,
    seconds: 8.5,
    failed: ["cluster-rules", "istiod-provider"],
    hops: { gateway: "delivering", "first proxy": "blocked", "second SDK": "no traffic yet" },
    causes: ["mesh-provider", "trace-path-open"],
  });
});
