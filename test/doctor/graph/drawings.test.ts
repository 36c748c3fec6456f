/** The graph in each of its forms: what is expected against what was seen, and names that are no harm in any. */
import { describe, expect, it } from "vitest";
import { collapsed } from "../../../doctor/graph/collapse";
import { asDot } from "../../../doctor/graph/dot";
import { type Graph } from "../../../doctor/graph/graph";
import { asMermaid } from "../../../doctor/graph/mermaid";
import { asSvg } from "../../../doctor/graph/svg";
import { asTerminal } from "../../../doctor/graph/terminal";
import { brokenDiagnosis, hostile } from "../../fixtures/diagnosis";

const { graph } = brokenDiagnosis();

describe("expected and seen calls", () => {
  it("in a terminal", () => {
    expect(asTerminal(graph, { color: false })).toBe(
      [
        "istio-system/gateway",
        "├─▶ auth/auth-api not seen",
        "└─▶ scan/scan-api 7",
        "   └─▶ auth-api 2",
        "",
        "spans that do not arrive at istio-system/jaeger-collector:",
        "  auth/auth-api ─✗ zipkin 9411 blocked",
        "",
      ].join("\n"),
    );
  });

  it("in a narrow terminal each on a line of its own", () => {
    const lines = asTerminal(graph, { color: false, width: 30 }).split("\n");
    expect(lines.slice(-3)).toEqual(["  auth/auth-api", "    ─✗ zipkin 9411 blocked", ""]);
  });

  it("fit into 80 columns where names are usual", () => {
    const { graph: usual } = brokenDiagnosis("a-service-with-a-rather-long-name-api");
    const widths = asTerminal(usual, { color: false, width: 80 })
      .split("\n")
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });

  it("as mermaid", () => {
    expect(asMermaid(graph)).toBe(
      [
        "flowchart LR",
        '  n0["auth/auth-api"]',
        '  n1["scan/scan-api"]',
        '  n2(["istio-system/gateway"])',
        '  n3["auth-api"]',
        '  n4[("istio-system/jaeger-collector")]',
        '  n2 -. "not seen" .-> n0',
        '  n2 -- "7" --> n1',
        '  n1 -- "2" --> n3',
        '  n0 -. "✗ zipkin 9411 blocked" .-> n4',
        '  n2 -. "zipkin 9411" .-> n4',
        '  n1 -. "zipkin 9411" .-> n4',
        "  linkStyle 3 stroke:#d1242f,stroke-width:3px,color:#d1242f",
        "  linkStyle 0 stroke:#9a6700,stroke-width:2px,color:#9a6700",
        "",
      ].join("\n"),
    );
  });

  it("as DOT", () => {
    const lines = asDot(graph).split("\n");
    expect(lines).toContain(
      '  "Deployment istio-system/gateway" -> "Deployment auth/auth-api" [label="not seen", color=darkorange3, style=dashed];',
    );
    expect(lines).toContain(
      '  "Deployment auth/auth-api" -> "Service istio-system/jaeger-collector" [label="zipkin 9411 blocked", color=red3, style=dashed];',
    );
  });

  it("as SVG, with broken ways in red and above the others", () => {
    const svg = asSvg(graph);
    const edges = [...svg.matchAll(/class="edge (\w+)"[^>]*stroke="(#\w+)"/g)].map(
      ([, state, color]) => `${state} ${color}`,
    );
    expect(edges).toEqual([
      "seen #57606a",
      "seen #57606a",
      "seen #57606a",
      "seen #57606a",
      "missing #9a6700",
      "broken #d1242f",
    ]);
    expect(svg).toContain(">not seen</text>");
  });
});

describe.each(hostile)("the name %j", (name) => {
  const { graph: odd } = brokenDiagnosis(name);

  it("ends no line and moves no cursor in a terminal", () => {
    const text = asTerminal(odd, { color: false });
    expect(text).toMatch(/^[^\p{C}]*(\n[^\p{C}]*)*$/u);
    expect(text.split("\n")).toHaveLength(asTerminal(graph, { color: false }).split("\n").length);
  });

  it("is nothing but text in mermaid", () => {
    const lines = asMermaid(odd).split("\n");
    expect(lines).toHaveLength(asMermaid(graph).split("\n").length);
    for (const line of lines.slice(1, -3))
      expect(line).toMatch(
        /^ {2}n\d+(\(?\[\(?"[^"<>`|&\p{C}]*"\)?\]\)?| [-.]+( "[^"<>`|&\p{C}]*" [-.]+)?> n\d+)$/u,
      );
  });

  it("is nothing but text in DOT", () => {
    const lines = asDot(odd).split("\n");
    expect(lines).toHaveLength(asDot(graph).split("\n").length);
    const text = '"(?:[^"\\\\\\p{C}]|\\\\["\\\\])*"';
    const line = new RegExp(`^ {2}${text}( -> ${text})? \\[label=${text}(, \\w+=\\w+)+\\];$`, "u");
    for (const one of lines.slice(2, -2)) expect(one).toMatch(line);
  });

  it("is nothing but text in SVG", () => {
    const tags = (svg: string): string[] => [...svg.matchAll(/<\/?(\w+)/g)].map(([, tag]) => tag ?? "");
    expect(tags(asSvg(odd))).toEqual(tags(asSvg(graph)));
    expect(asSvg(odd)).not.toMatch(/[^\P{C}\n]/u);
  });
});

it("a name that is a command of a GitHub workflow is none at the beginning of a line", () => {
  const named = "::error::workflow";
  const node = { id: named, label: named, kind: "other" as const };
  const call = { from: named, to: named, kind: "call" as const, state: "seen" as const, label: "" };
  expect(asTerminal({ nodes: [node], edges: [call] }, { color: false }).split("\n")[0]).toBe(`\\${named}`);
});

describe("a large mesh", () => {
  const large = (number: number, isBroken: (index: number) => boolean): Graph => ({
    nodes: [
      ...Array.from({ length: number }, (_, index) => ({
        id: `Deployment team-${index % 7}/app-${index}`,
        label: `team-${index % 7}/app-${index}`,
        kind: "service" as const,
      })),
      { id: "Service istio-system/jaeger", label: "istio-system/jaeger", kind: "collector" },
    ],
    edges: Array.from({ length: number }, (_, index) => ({
      from: `Deployment team-${index % 7}/app-${index}`,
      to: "Service istio-system/jaeger",
      kind: "spans" as const,
      state: isBroken(index) ? ("broken" as const) : ("seen" as const),
      label: "zipkin 9411",
    })),
  });

  it("is drawn by namespaces, but for what is broken", () => {
    const { nodes, edges } = collapsed(large(500, (index) => index === 3));
    expect(nodes.map(({ label }) => label)).toEqual([
      "team-3/app-3",
      "istio-system/jaeger",
      // 500 are 71 sevens and three.
      ...[0, 1, 2].map((team) => `team-${team} (72)`),
      ...[4, 5, 6].map((team) => `team-${team} (71)`),
      "team-3 (70)",
    ]);
    expect(edges.filter(({ state }) => state === "broken").map(({ from }) => from)).toEqual([
      "Deployment team-3/app-3",
    ]);
  });

  it("never has more boxes than one can look at", () => {
    for (const isBroken of [() => true, (index: number) => index % 2 === 0]) {
      expect(collapsed(large(1000, isBroken)).nodes.length).toBeLessThanOrEqual(50);
    }
  });

  it("tells in a terminal what is lost, however much is called", () => {
    const lost = large(300, () => true);
    const calls = lost.edges.map(({ from }) => ({
      from: "Deployment a/entry",
      to: from,
      kind: "call" as const,
      state: "seen" as const,
      label: "1",
    }));
    const lines = asTerminal({ nodes: lost.nodes, edges: [...calls, ...lost.edges] }, { color: false }).split(
      "\n",
    );
    expect(lines).toContain("spans that do not arrive at istio-system/jaeger:");
    expect(lines).toContain("… 181 more lines; --format dot has all");
    expect(lines.length).toBeLessThan(250);
  });
});
