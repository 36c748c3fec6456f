import { describe, expect, test } from "vitest";
import { TracingModel } from "../../policy/model/tracingModel";
import { askSpanPaths, type SpanPath } from "../../policy/paths/spanPaths";
import { type CellChange, comparePaths, countEffects, mark, type PathTable } from "../../report/paths";
import { Mesh } from "../../docs/generate/sample/mesh";
import { outage } from "./compared";

function pathsOf(change: (mesh: Mesh) => unknown = () => {}): SpanPath[] {
  const mesh = new Mesh();
  change(mesh);
  return askSpanPaths(TracingModel.from(mesh.objects)).paths;
}

/** Rows as `sender: before→after effect` of every column that is in use. */
function rows({ rows: all }: PathTable): string[] {
  return all
    .filter(({ isChanged }) => isChanged)
    .map(
      ({ sender, namespace, cells }) =>
        `${sender} ${namespace}: ` +
        [...cells]
          .filter(([, { before, after }]) => before.total + after.total > 0)
          .map(
            ([protocol, { before, after, effect }]) => `${protocol} ${mark(before)}→${mark(after)} ${effect}`,
          )
          .join(", "),
    );
}

const jaegerPolicy = "NetworkPolicy auth/allow-jaeger-egress";
const collector = "Service istio-system/jaeger-collector-clusterip";

describe("paths", () => {
  test("of a healthy mesh are all open, gateways among them", () => {
    const { columns, rows: all } = comparePaths(undefined, pathsOf());
    expect(columns.map(({ title }) => title)).toEqual(["Zipkin 9411", "OTLP gRPC 4317", "OTLP HTTP 4318"]);
    const marks = all.map(({ sender, namespace, cells }) => [
      `${sender} ${namespace}`,
      [...cells.values()].map(({ after }) => mark(after)).join(" "),
    ]);
    expect(Object.fromEntries(marks)).toEqual({
      "gateway istio-system": "✓ – –",
      ...Object.fromEntries(
        ["auth", "character", "chat", "image", "location", "my", "scan"].map((name) => [
          `namespace ${name}`,
          "✓ ✓ –",
        ]),
      ),
    });
  });

  test.each<[string, (mesh: Mesh) => unknown, (mesh: Mesh) => unknown, string[]]>([
    ["the outage", () => {}, outage("auth"), ["namespace auth: zipkin ✓→✗ closes, otlp-grpc ✓→✓ same"]],
    ["its repair", outage("auth"), () => {}, ["namespace auth: zipkin ✗→✓ opens, otlp-grpc ✓→✓ same"]],
    [
      "a second workload of a broken namespace",
      outage("auth"),
      (mesh) => {
        outage("auth")(mesh);
        mesh.copy("Deployment auth/auth-api", "auth-worker");
      },
      ["namespace auth: zipkin ✗→✗ 2/2 closes, otlp-grpc ✓→✓ same"],
    ],
    [
      "one of two workloads",
      (mesh) => mesh.copy("Deployment auth/auth-api", "auth-worker"),
      (mesh) => {
        mesh.copy("Deployment auth/auth-api", "auth-worker");
        mesh.set("Deployment auth/auth-worker", "spec template metadata labels", { app: "worker" });
        mesh.copy("NetworkPolicy auth/allow-jaeger-egress", "worker");
        mesh.set("NetworkPolicy auth/worker", "spec podSelector", { matchLabels: { app: "worker" } });
        mesh.unset("NetworkPolicy auth/worker", "spec egress 0 ports 2");
        mesh.set(jaegerPolicy, "spec podSelector", {
          matchExpressions: [{ key: "app", operator: "NotIn", values: ["worker"] }],
        });
      },
      ["namespace auth: zipkin ✓→✗ 1/2 closes, otlp-grpc ✓→✓ same"],
    ],
    [
      "a namespace that is no longer traced",
      () => {},
      (mesh) =>
        mesh.removeWhere(
          ({ kind, metadata }) =>
            metadata.namespace === "my" || (kind === "Namespace" && metadata.name === "my"),
        ),
      ["namespace my: zipkin ✓→– gone, otlp-grpc ✓→– gone"],
    ],
    [
      "an SDK that speaks HTTP",
      () => {},
      (mesh) =>
        mesh
          .set("ConfigMap chat/otel-environment", "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
          .set(
            "ConfigMap chat/otel-environment",
            "data OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318",
          ),
      ["namespace chat: zipkin ✓→✓ same, otlp-grpc ✓→– gone, otlp-http –→✓ new"],
    ],
    [
      "a receiver outside of the cluster, to which no policy lets anything out",
      () => {},
      (mesh) =>
        mesh.set(
          "ConfigMap chat/otel-environment",
          "data OTEL_EXPORTER_OTLP_ENDPOINT",
          "https://traces.example.com:4317",
        ),
      ["namespace chat: zipkin ✓→✓ same, otlp-grpc ✓→✗ closes"],
    ],
    [
      "a policy of a kind that is not understood",
      () => {},
      (mesh) =>
        mesh.add({
          apiVersion: "cilium.io/v2",
          kind: "CiliumNetworkPolicy",
          metadata: { name: "x", namespace: "scan" },
          spec: { endpointSelector: {}, egress: [{}] },
        }),
      ["namespace scan: zipkin ✓→? other, otlp-grpc ✓→? other"],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(rows(comparePaths(pathsOf(before), pathsOf(after)))).toEqual(expected);
  });

  test("a headless collector closes the ways of all sidecars", () => {
    const table = comparePaths(
      pathsOf(),
      pathsOf((mesh) => mesh.set(collector, "spec clusterIP", "None")),
    );
    expect(countEffects(table).closes).toBe(7);
    expect(rows(table)).not.toContainEqual(expect.stringMatching(/^gateway .*closes/));
  });

  test("where the base is not known nothing counts as changed", () => {
    const table = comparePaths(undefined, pathsOf(outage("auth")));
    expect(rows(table)).toEqual([]);
    expect(countEffects(table)).toEqual({
      same: 15,
      closes: 0,
      opens: 0,
      new: 0,
      gone: 0,
      other: 0,
    } satisfies Record<CellChange["effect"], number>);
  });

  test("the columns tell the ports that are used", () => {
    const other = pathsOf((mesh) => mesh.zipkin("port", 9999));
    expect(comparePaths(pathsOf(), other).columns[0]?.title).toBe("Zipkin 9411, 9999");
  });
});
