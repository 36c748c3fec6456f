import { expect, test } from "vitest";
import { resource, run, stackOf, typesAndNames } from "../fixtures/stack";

const monitored = (podMonitor: object | undefined, jaeger: object = {}) =>
  run(stackOf({ jaeger, prometheus: { namespace: "monitoring", ...(podMonitor && { podMonitor }) } }));
const name = "jaeger-monitor-pod-monitor";

test("Prometheus scrapes the metrics port of this release's pods, by its number", async () => {
  const made = await monitored(
    { labels: { release: "kube-prometheus-stack" } },
    { namespace: "obs", release: "traces" },
  );
  expect(resource(made, name).inputs).toEqual({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: {
      name: "traces",
      namespace: "obs",
      labels: {
        release: "kube-prometheus-stack",
        "app.kubernetes.io/part-of": "mesh-tracing",
        "mesh-tracing/stack": "test",
      },
    },
    spec: {
      selector: {
        matchLabels: {
          "app.kubernetes.io/component": "all-in-one",
          "app.kubernetes.io/instance": "traces",
          "app.kubernetes.io/name": "jaeger",
        },
      },
      podMetricsEndpoints: [{ portNumber: 8888 }],
    },
  });
});

test("owner labels are this stack's, whatever labels it asks for", async () => {
  const made = await monitored({ labels: { "mesh-tracing/stack": "other", team: "a" } });
  expect(resource(made, name).inputs["metadata"]).toMatchObject({
    labels: { team: "a", "mesh-tracing/stack": "test" },
  });
});

test.each([
  ["no podMonitor, no object of an operator that may not be there", undefined, []],
  ["an empty one takes no labels", {}, [`kubernetes:monitoring.coreos.com/v1:PodMonitor ${name}`]],
])("%s", async (_, podMonitor, expected) => {
  const made = typesAndNames(await monitored(podMonitor));
  expect(made.filter((entry) => entry.includes("monitor-"))).toEqual(expected);
});
