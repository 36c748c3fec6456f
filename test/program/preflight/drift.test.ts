import { describe, expect, test } from "vitest";
import { type Manifest } from "../../../components/manifest";
import { driftOf } from "../../../program/preflight/drift";
import { type LiveObject, type ManagedFields } from "../../../program/preflight/liveObject";

const tcp = (port: number) => ({ protocol: "TCP", port });
const policy: Manifest = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "allow-jaeger-egress", namespace: "auth", labels: { "mesh-tracing/stack": "dev" } },
  spec: {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [{ to: [{ podSelector: {} }], ports: [tcp(4317), tcp(4318), tcp(9411)] }],
  },
};
const broken = { egress: [{ to: [{ podSelector: {} }], ports: [tcp(4317), tcp(4318)] }] };
const fields = (...names: string[]) => ({
  "f:spec": Object.fromEntries(names.map((name) => [`f:${name}`, {}])),
});
const pulumi = (...names: string[]): ManagedFields => ({
  manager: "pulumi-kubernetes-4f8a1c2d",
  operation: "Apply",
  time: "2026-11-27T09:00:00Z",
  fieldsV1: fields(...names),
});
const patched = (...names: string[]): ManagedFields => ({
  manager: "kubectl-patch",
  operation: "Update",
  time: "2026-11-27T10:00:00Z",
  fieldsV1: fields(...names),
});
const live = (spec: object, ...managedFields: ManagedFields[]): LiveObject => ({
  ...policy,
  metadata: {
    ...policy.metadata,
    labels: { ...policy.metadata.labels },
    managedFields,
  },
  spec: { ...policy.spec, ...spec },
});
const changed = { field: "spec.egress", manager: "kubectl-patch", time: "2026-11-27T10:00:00Z" };

describe("what others changed in an object of the stack", () => {
  test("is told with the field, who and when: 9411 removed by kubectl patch", () => {
    expect(driftOf(policy, live(broken, pulumi("policyTypes"), patched("egress")))).toEqual([changed]);
  });

  test("is told where they took the field away, and nobody has it now", () => {
    expect(
      driftOf(policy, live({ egress: undefined }, pulumi("policyTypes"), patched("podSelector"))),
    ).toEqual([changed]);
  });

  test.each<[string, LiveObject]>([
    ["the object is as planned", live({}, pulumi("egress"), patched("policyTypes"))],
    ["the stack has changed and is yet to be applied", live(broken, pulumi("egress"))],
    ["the same, beside a field of others", live(broken, pulumi("egress"), patched("podSelector"))],
    ["others set what the stack leaves open", live({ other: 1 }, pulumi("egress"), patched("other"))],
    [
      "a controller writes the status",
      live(broken, { ...patched("egress"), subresource: "status" }, pulumi("egress")),
    ],
    [
      "defaults are added",
      live(
        {
          egress: [
            {
              ...policy.spec,
              to: [{ podSelector: {}, x: 1 }],
              ports: [tcp(4317), tcp(4318), { ...tcp(9411), endPort: 9411 }],
            },
          ],
        },
        pulumi("egress"),
        patched("policyTypes"),
      ),
    ],
    ["managers are not known", live(broken)],
  ])("is nothing where %s", (_, object) => {
    expect(driftOf(policy, object)).toEqual([]);
  });

  test("of a label is told by its key", () => {
    const object = live({}, pulumi("egress"), {
      manager: "kubectl-label",
      operation: "Update",
      fieldsV1: { "f:metadata": { "f:labels": { "f:mesh-tracing/stack": {} } } },
    });
    object.metadata.labels = { "mesh-tracing/stack": "other" };
    expect(driftOf(policy, object)).toEqual([
      { field: 'metadata.labels["mesh-tracing/stack"]', manager: "kubectl-label" },
    ]);
  });
});
