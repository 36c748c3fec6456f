import { expect, it } from "vitest";
import { collectorConfig, withCollector } from "../../../docs/generate/sample/collector";
import { Mesh, namespaces, options } from "../../../docs/generate/sample/mesh";
import { TracingModel } from "../../../policy/model/tracingModel";
import { type Options } from "../../../policy/model/options";
import { judgementOf } from "../../../policy/paths/judgement";

const judged = (mesh: Mesh, more: Options = {}) =>
  judgementOf(TracingModel.from(mesh.objects, { ...options, ...more }));

it("what a collector passes on counts as a path, with the collector as its sender", () => {
  const bare = judged(new Mesh());
  // An application a namespace, and the gateway.
  expect(bare.senders).toBe(namespaces.length + 1);
  const second = withCollector(new Mesh()).copy("Deployment observability/otel-collector", "second");
  expect(judged(second).senders).toBe(bare.senders + 2);
  const open = judged(withCollector(new Mesh()));
  expect(open).toMatchObject({ senders: bare.senders + 1, open: bare.open + 1, closed: 0 });
  const closed = judged(withCollector(new Mesh()).remove("NetworkPolicy istio-system/allow-collector"));
  expect(closed).toMatchObject({ senders: open.senders, open: bare.open, closed: 1 });
});

it("what a collector sends to its own pod is no path", () => {
  const { exporters, ...rest } = collectorConfig;
  const to = (endpoint: string) =>
    judged(withCollector(new Mesh(), { ...rest, exporters: { otlp: { ...exporters.otlp, endpoint } } }));
  for (const host of ["localhost", "127.0.0.1"]) expect(to(`${host}:4317`)).toEqual(judged(new Mesh()));
});

it("pods and gateways that only a stack knows of are assumed, and said", () => {
  const { assumptions } = judged(new Mesh(), {
    traced: ["billing", "auth", "shop"],
    gateways: ["edge", "istio-system"],
  });
  expect(assumptions).toEqual([
    "namespaces without workloads in the input have pods without labels: billing, shop",
    "gateways run where they are not in the input: edge",
  ]);
  expect(judged(new Mesh(), { gateways: ["edge", "west"] }).assumptions).toEqual([
    "gateways run where they are not in the input: edge, west",
  ]);
  expect(judged(new Mesh()).assumptions).toEqual([]);
  expect(judged(new Mesh(), { otherPolicies: ["chat", "auth"] }).assumptions).toEqual([
    "policies that are not in the input let DNS and istiod through: auth, chat",
  ]);
});

it("of a Service that is not in the input nothing is assumed where several collectors may be behind it", () => {
  const several = new Mesh()
    .remove("Service istio-system/jaeger-collector-clusterip")
    .copy("Deployment istio-system/jaeger", "jaeger-next");
  expect(judged(several).assumptions).toEqual([]);
});

it("a host outside is no Service that leads anywhere in the cluster", () => {
  const mesh = new Mesh()
    .set(
      "ConfigMap auth/otel-environment",
      "data OTEL_EXPORTER_OTLP_ENDPOINT",
      "http://otlp.example.com:4317",
    )
    .removeWhere(({ kind }) => kind === "NetworkPolicy");
  expect(judged(mesh).assumptions).toEqual([]);
});
