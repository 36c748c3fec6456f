/** Collectors that somebody scaled to nothing. */
import { describe, expect, it } from "vitest";
import { scaledToZero } from "../../../../policy/model/collectors/scale";
import { TracingModel } from "../../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "tempo", namespace: "tracing" },
  spec: { selector: { app: "tempo" }, ports: [{ port: 4317 }] },
};
const workload = (kind: string, name: string, replicas: unknown, apiVersion = "apps/v1") => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "tracing" },
  spec: {
    selector: { matchLabels: { app: "tempo" } },
    replicas,
    template: { metadata: { labels: { app: "tempo" } }, spec: { containers: [] } },
  },
});
const asleep = (name: string, ...objects: Json[]) =>
  scaledToZero(TracingModel.from(objects), { namespace: "tracing", name }).map(({ kind }) => kind);
const behind = (...objects: Json[]) => asleep("tempo", service, ...objects);

describe("what is behind a Service is scaled to nothing", () => {
  it.each([
    ["Deployment", "apps/v1"],
    ["StatefulSet", "apps/v1"],
    ["ReplicaSet", "apps/v1"],
    ["ReplicationController", "v1"],
    ["Rollout", "argoproj.io/v1alpha1"],
  ])("if it is a %s without replicas", (kind, apiVersion) => {
    expect(behind(workload(kind, "a", 0, apiVersion))).toEqual([kind]);
    expect(behind(workload(kind, "a", 1, apiVersion))).toEqual([]);
    expect(behind(workload(kind, "a", undefined, apiVersion))).toEqual([]);
  });

  it("if all of it is, and not where a kind has no replicas or nothing is behind it", () => {
    const [a, b] = [workload("Deployment", "a", 0), workload("StatefulSet", "b", 0)];
    expect(behind(a, b)).toEqual(["Deployment", "StatefulSet"]);
    expect(behind(a, workload("StatefulSet", "b", 1))).toEqual([]);
    expect(behind(workload("DaemonSet", "a", 0))).toEqual([]);
    expect(behind()).toEqual([]);
  });

  it("but where KEDA wakes it", () => {
    const scaledObject = (target: string, namespace = "tracing") => ({
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "waker", namespace },
      spec: { scaleTargetRef: { name: target } },
    });
    const a = workload("Deployment", "a", 0);
    expect(behind(a, scaledObject("a"))).toEqual([]);
    expect(behind(a, scaledObject("b"))).toEqual(["Deployment"]);
    expect(behind(a, scaledObject("a", "other"))).toEqual(["Deployment"]);
  });

  it("if the operator's collector is, whose Service the operator makes", () => {
    const collector = (spec: Json) => ({
      apiVersion: "opentelemetry.io/v1beta1",
      kind: "OpenTelemetryCollector",
      metadata: { name: "otel", namespace: "tracing" },
      spec: { config: { receivers: {} }, ...spec },
    });
    expect(asleep("otel-collector", collector({ replicas: 0 }))).toEqual(["OpenTelemetryCollector"]);
    expect(asleep("otel-collector", collector({ replicas: 1 }))).toEqual([]);
    expect(asleep("otel-collector", collector({ replicas: 0, autoscaler: { minReplicas: 1 } }))).toEqual([]);
    expect(asleep("other", collector({ replicas: 0 }))).toEqual([]);
  });
});
