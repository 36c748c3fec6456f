import { expect, test } from "vitest";
import { TracingModel } from "../../policy/model/tracingModel";
import { askSpanPaths, type SpanPath } from "../../policy/paths/spanPaths";
import { picture } from "../../report/picture";
import { Mesh, namespaces } from "../../docs/generate/sample/mesh";
import { outage } from "./compared";

function pathsOf(change: (mesh: Mesh) => unknown): SpanPath[] {
  const mesh = new Mesh();
  change(mesh);
  return askSpanPaths(TracingModel.from(mesh.objects)).paths;
}

/** One path from a namespace. */
function path(namespace: string, verdict: SpanPath["verdict"], receiver = "Service a/b"): SpanPath {
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "pod", namespace } };
  const workload = { object, namespace, name: "pod", pod: {}, labels: {}, annotations: {} };
  return { traced: { workload, membership: "sidecar" }, protocol: "zipkin", receiver, port: 9411, verdict };
}

test("gateways, namespaces, the collector, and the broken way red", () => {
  const others = namespaces.filter((name) => name !== "auth" && name !== "chat");
  const lines = picture(
    pathsOf((mesh) => {
      outage("auth")(mesh);
      mesh.removeWhere(({ metadata: { name, namespace = name } }) => others.includes(namespace));
      mesh.add({
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata: { name: "x", namespace: "chat" },
        spec: {},
      });
    }),
  );
  expect(lines?.join("\n")).toBe(`flowchart LR
  g0(["gateway istio-system"])
  subgraph services
    direction TB
    n0["auth"]
    n1["chat"]
  end
  c0[("Service istio-system/jaeger-collector-clusterip")]
  g0 --> services
  g0 -- "Zipkin 9411" --> c0
  n0 -- "OTLP gRPC 4317" --> c0
  n0 -. "✗ Zipkin 9411" .-> c0
  n1 -. "? OTLP gRPC 4317, Zipkin 9411" .-> c0
  linkStyle 3 stroke:#d1242f,stroke-width:3px,color:#d1242f
  linkStyle 4 stroke:#9a6700,stroke-width:2px`);
});

test("of many namespaces the broken ones, and the rest as one", () => {
  const names = Array.from({ length: 60 }, (_, index) => `team-${String(index).padStart(2, "0")}`);
  const lines = picture(names.map((name, index) => path(name, index % 2 === 0 ? "denied" : "allowed"))) ?? [];
  const nodes = lines.filter((line) => /^ {4}n\d+\[/.test(line));
  expect(nodes).toHaveLength(22);
  expect(nodes.slice(-3)).toEqual([
    '    n19["team-38"]',
    '    n20["10 more like these"]',
    '    n21["30 namespaces, all open"]',
  ]);
  const edges = lines.filter((line) => line.includes("c0") && line.includes("->"));
  expect(edges.slice(-2)).toEqual(['  n20 -. "✗ Zipkin 9411" .-> c0', '  n21 -- "Zipkin 9411" --> c0']);
  expect(lines.at(-1)).toBe(
    `  linkStyle ${Array.from({ length: 21 }, (_, index) => index).join(",")} stroke:#d1242f,stroke-width:3px,color:#d1242f`,
  );
});

test("names are text and nothing else", () => {
  const hostile = 'a"] --> b; click n0 "javascript:x"\n```\n<b>%%{init}%% #quot; ‮';
  const lines = picture([path(hostile, "allowed", "x".repeat(200))]) ?? [];
  expect(lines).toHaveLength(7);
  expect(lines[3]).toBe(
    '    n0["a#34;#93; --#62; b#59; click n0 #34;javascript:x#34;�#96;#96;#96;�#60;b#62;#37;#37;#123;init#125;#37;#37; #35;quot#59; �"]',
  );
  expect(lines[5]).toBe(`  c0[("${"x".repeat(79)}…")]`);
});

test("nothing to draw", () => {
  expect(picture([])).toBeUndefined();
});
