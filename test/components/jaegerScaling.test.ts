import { expect, test } from "vitest";
import { resource, run, runStackFile, stackOf, typesAndNames } from "../fixtures/stack";

const labels = (stack: string) => ({
  "app.kubernetes.io/part-of": "mesh-tracing",
  "mesh-tracing/stack": stack,
});
const storage = { type: "opensearch", urls: ["https://opensearch.logging.svc:9200"] };
const scaling = async (jaeger: object): Promise<string[]> =>
  typesAndNames(await run(stackOf({ jaeger }))).filter((name) => name.includes("jaeger-scaling-"));
const budget = "kubernetes:policy/v1:PodDisruptionBudget jaeger-scaling-budget";
const autoscaler = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler jaeger-scaling-autoscaler";

test("prod loses one pod of Jaeger at a time", async () => {
  expect(resource(await runStackFile("prod"), "jaeger-scaling-budget").inputs).toEqual({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "jaeger", namespace: "observability", labels: labels("prod") },
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: {
        matchLabels: {
          "app.kubernetes.io/component": "all-in-one",
          "app.kubernetes.io/instance": "jaeger",
          "app.kubernetes.io/name": "jaeger",
        },
      },
    },
  });
});

test("prod has as many pods as there is work", async () => {
  expect(resource(await runStackFile("prod"), "jaeger-scaling-autoscaler").inputs).toEqual({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "jaeger", namespace: "observability", labels: labels("prod") },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "jaeger" },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
        },
      ],
    },
  });
});

test.each<[string, object, string[]]>([
  ["two pods by default: a budget", { storage }, [budget]],
  ["an autoscaler: both", { storage, autoscaling: { max: 3 } }, [autoscaler, budget]],
  ["one pod: neither, or no node could be drained", { storage, replicas: 1 }, []],
  ["memory: neither", {}, []],
  ["a disk: neither", { storage: "badger" }, []],
])("%s", async (_, jaeger, made) => {
  expect(await scaling(jaeger)).toEqual(made);
});
