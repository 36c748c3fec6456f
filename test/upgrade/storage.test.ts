/** Jaeger's store changes on a running stack: pods are rolled, Services and the applications' side stay as they are. */
import { expect, test } from "vitest";
import { type Changes, none } from "./changes";
import { changesOf, chart, configHash, sections } from "./stack";

const jaeger = (changes: object) => ({ jaeger: { ...sections.jaeger, ...changes } });
const opensearch = { type: "opensearch", urls: ["https://opensearch.logging.svc:9200"] };
const shared = jaeger({ storage: opensearch, replicas: 2 });
const claim = "PersistentVolumeClaim jaeger-volume-claim";
const backend = "values.userconfig.extensions.jaeger_storage.backends.some_storage";

test("from memory to OpenSearch: the chart, the way to the store, and what several pods need", async () => {
  const expected: Changes = {
    ...none,
    added: [
      "JaegerScaling jaeger-scaling",
      "NetworkPolicy network-policies-istio-system-allow-jaeger-storage",
      "PodDisruptionBudget jaeger-scaling-budget",
    ],
    changed: {
      [chart]: [
        "values.esIndexCleaner",
        "values.jaeger.args",
        "values.jaeger.extraVolumeMounts",
        "values.jaeger.extraVolumes",
        configHash,
        "values.jaeger.replicas",
        "values.jaeger.strategy",
        "values.jaeger.topologySpreadConstraints",
        "values.storage",
        "values.userconfig",
      ],
    },
  };
  const memory = jaeger({});
  expect(await changesOf(shared, memory)).toEqual(expected);
  expect(await changesOf(memory, shared)).toEqual({
    ...expected,
    added: [],
    removed: expected.added,
  });
});

test("from memory to a volume: the claim and the chart", async () => {
  expect(await changesOf(jaeger({ storage: "badger" }), jaeger({}))).toEqual({
    ...none,
    added: ["JaegerVolume jaeger-volume", claim],
    changed: {
      [chart]: [
        "values.jaeger.args",
        "values.jaeger.extraVolumeMounts",
        "values.jaeger.extraVolumes",
        configHash,
        "values.jaeger.replicas",
        "values.jaeger.strategy",
        "values.userconfig",
      ],
    },
  });
});

test("a volume grows: the claim alone, in place", async () => {
  const badger = (size: string) => jaeger({ storage: { type: "badger", size } });
  expect(await changesOf(badger("20Gi"), badger("10Gi"))).toEqual({
    ...none,
    changed: { [claim]: ["spec.resources.requests.storage"] },
  });
});

test("another storage class is another volume", async () => {
  const badger = (storageClass: string) => jaeger({ storage: { type: "badger", storageClass } });
  expect((await changesOf(badger("fast"), badger("slow"))).replaced).toEqual({
    [claim]: ["spec.storageClassName"],
  });
});

test("how long traces are kept: configuration and cleaner", async () => {
  const days = (retentionDays: number) => jaeger({ storage: { ...opensearch, retentionDays } });
  expect(await changesOf(days(3), days(7))).toEqual({
    ...none,
    changed: {
      [chart]: ["values.esIndexCleaner.numberOfDays", configHash, `${backend}.opensearch.max_span_age`],
    },
  });
});

test("one pod more restarts no other", async () => {
  expect(await changesOf(jaeger({ storage: opensearch, replicas: 3 }), shared)).toEqual({
    ...none,
    changed: { [chart]: ["values.jaeger.replicas"] },
  });
});

test("an autoscaler instead of a number of pods: the number is the autoscaler's, and no pod restarts", async () => {
  const scaled = (max: number) => jaeger({ storage: opensearch, autoscaling: { max } });
  expect(await changesOf(scaled(5), shared)).toEqual({
    ...none,
    added: ["HorizontalPodAutoscaler jaeger-scaling-autoscaler"],
    changed: { [chart]: ["values.jaeger.replicas"] },
  });
  expect(await changesOf(scaled(6), scaled(5))).toEqual({
    ...none,
    changed: { "HorizontalPodAutoscaler jaeger-scaling-autoscaler": ["spec.maxReplicas"] },
  });
});
