import { expect, it } from "vitest";
import { TracingModel } from "../../../policy/model/tracingModel";

const webhook = (name: string, labels: object) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name, labels },
});
const chart = (name: string, values: object) => ({
  apiVersion: "mesh-tracing/v1",
  kind: "HelmChart",
  metadata: { name, namespace: "istio-system" },
  spec: { chart: name, values },
});
const sail = (name: string, spec: object) => ({
  apiVersion: "sailoperator.io/v1",
  kind: "IstioRevisionTag",
  metadata: { name },
  spec,
});
const tags = (...objects: object[]) => Object.fromEntries(TracingModel.from(objects).meshes.tags);

it("tags of revisions are made by istioctl, by istiod's chart and by the Sail operator", () => {
  const labels = (tag?: string, revision?: string) => ({ "istio.io/tag": tag, "istio.io/rev": revision });
  expect(tags(webhook("a", labels("prod", "1-31")))).toEqual({ prod: "1-31" });
  expect(
    tags(webhook("a", labels("prod")), webhook("b", labels(undefined, "1-31")), webhook("c", {})),
  ).toEqual({});
  const values = { revision: "1-31", revisionTags: ["prod", "test"] };
  expect(tags(chart("istiod", values))).toEqual({ prod: "1-31", test: "1-31" });
  expect(tags(chart("gateway", values))).toEqual({});
  expect(tags(chart("istiod", { revisionTags: ["prod"] }))).toEqual({});
  expect(tags(sail("prod", { targetRef: { kind: "IstioRevision", name: "1-31" } }), sail("x", {}))).toEqual({
    prod: "1-31",
  });
  // What is in the cluster is more certain than what will be.
  expect(tags(webhook("a", labels("prod", "1-30")), chart("istiod", values))["prod"]).toBe("1-30");
});
