import { describe, expect, test } from "vitest";
import { annotationsFor, restored } from "../../../program/preflight/restore";
import { type LiveObject, type ManagedFields } from "../../../program/preflight/liveObject";
import { planned, readyCluster } from "../../fixtures/cluster";
import { stackOf } from "../../fixtures/stack";

const stack = planned(stackOf());
const policy = stack.plan.creates.find(({ name }) => name === "allow-jaeger-egress")!;
const byPulumi: ManagedFields = {
  manager: "pulumi-kubernetes-4f8a1c2d",
  operation: "Apply",
  fieldsV1: { "f:spec": { "f:podSelector": {}, "f:policyTypes": {} } },
};
const byHand: ManagedFields = {
  manager: "kubectl-patch",
  operation: "Update",
  time: "2026-11-27T10:00:00Z",
  fieldsV1: { "f:spec": { "f:egress": {} } },
};
/** The policy with its egress as somebody has left it. */
const live = (egress: unknown, annotations = {}, managedFields = [byPulumi, byHand]): LiveObject => ({
  ...policy.manifest,
  metadata: {
    name: policy.name,
    namespace: policy.namespace,
    labels: { ...policy.manifest.metadata.labels },
    annotations,
    managedFields,
  },
  spec: { ...policy.manifest.spec, egress } as LiveObject["spec"],
});
const asPlanned = (policy.manifest.spec as { egress: unknown }).egress;
const restore = (...objects: LiveObject[]) => restored(stack.plan, { ...readyCluster(stack), objects }, []);
const key = "networking.k8s.io/v1|NetworkPolicy|shop|allow-jaeger-egress";

describe("the outage by hand: 9411 taken out of allow-jaeger-egress", () => {
  const text = "spec.egress was changed by kubectl-patch at 2026-11-27T10:00:00Z";

  test("is put back by force, in that object alone, and told", () => {
    expect(restore(live([{}]))).toEqual({
      lines: [`NetworkPolicy shop/allow-jaeger-egress: ${text}`],
      annotations: new Map([[key, { "mesh-tracing/restored": text, "pulumi.com/patchForce": "true" }]]),
    });
  });

  test("leaves nothing to do after it was put back", () => {
    const after = live(asPlanned, { "mesh-tracing/restored": text, "pulumi.com/patchForce": "true" });
    expect(restore(after)).toEqual({
      lines: [],
      annotations: new Map([[key, { "mesh-tracing/restored": text, "pulumi.com/patchForce": "true" }]]),
    });
  });

  test("a second time is another change, so that it is applied again", () => {
    const again = live([{}], { "mesh-tracing/restored": text, "pulumi.com/patchForce": "true" }, [
      byPulumi,
      { ...byHand, time: "2026-11-28T10:00:00Z" },
    ]);
    expect(restore(again).annotations.get(key)?.["mesh-tracing/restored"]).toBe(
      "spec.egress was changed by kubectl-patch at 2026-11-28T10:00:00Z",
    );
  });

  test("in an object of somebody else is not touched", () => {
    const foreign = live([{}], { "argocd.argoproj.io/tracking-id": "tracing:x" });
    expect(restore(foreign)).toEqual({ lines: [], annotations: new Map() });
  });

  test("without any change nothing is annotated", () => {
    expect(restore(live(asPlanned))).toEqual({ lines: [], annotations: new Map() });
  });
});

test("what is taken over says from whom", () => {
  const object = live(asPlanned, { "meta.helm.sh/release-name": "old" });
  const { annotations } = restored(stack.plan, { ...readyCluster(stack), objects: [object] }, [
    { planned: policy, object },
  ]);
  expect(annotations).toEqual(
    new Map([
      [
        key,
        { "mesh-tracing/restored": "taken over from the Helm release old", "pulumi.com/patchForce": "true" },
      ],
    ]),
  );
});

describe("the inputs of a resource with its annotations", () => {
  const annotations = new Map([[key, { a: "1" }]]);
  const type = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
  const props = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "allow-jaeger-egress", namespace: "shop", annotations: { b: "2" } },
  };

  test("are added to those it has", () => {
    expect(annotationsFor(annotations, type, props)).toEqual({
      ...props,
      metadata: { ...props.metadata, annotations: { a: "1", b: "2" } },
    });
  });

  test.each([
    ["another object", type, { ...props, metadata: { ...props.metadata, namespace: "bank" } }],
    ["a patch", `${type}Patch`, props],
    ["what is no object", "kubernetes:helm.sh/v4:Chart", { metadata: undefined }],
    ["another provider's", "random:index/randomPassword:RandomPassword", props],
  ])("are left alone for %s", (_, of, inputs) => {
    expect(annotationsFor(annotations, of, inputs)).toBeUndefined();
  });
});
