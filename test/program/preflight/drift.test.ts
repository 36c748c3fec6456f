import { describe, expect, test } from "vitest";
import { type Manifest } from "../../../components/manifest";
import { driftOf, withoutClaims } from "../../../program/preflight/drift";
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

describe("in lists that Kubernetes merges by name", () => {
  const container = (more: object) => ({
    name: "jaeger",
    image: "a",
    resources: { limits: { memory: "512Mi" } },
    ...more,
  });
  const deployment = (...containers: object[]): Manifest => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "jaeger", namespace: "obs" },
    spec: { template: { spec: { containers } } },
  });
  const owning = (fields: object, manager = "kubectl-edit"): ManagedFields => ({
    manager,
    operation: "Update",
    fieldsV1: { "f:spec": { "f:template": { "f:spec": { "f:containers": fields } } } },
  });
  const inCluster = (object: Manifest, ...managedFields: ManagedFields[]): LiveObject => ({
    ...(object as LiveObject),
    metadata: { name: "jaeger", namespace: "obs", managedFields },
  });
  const planned = deployment(container({ env: [{ name: "A", value: "1" }] }));
  const ofJaeger = (fields: object) => ({ 'k:{"name":"jaeger"}': fields });
  const provider = owning(
    ofJaeger({ "f:env": { 'k:{"name":"A"}': { "f:value": {} } } }),
    "pulumi-kubernetes-4f8a1c2d",
  );

  test("a changed field is told by its item", () => {
    const changed = deployment(
      container({ env: [{ name: "A", value: "1" }], resources: { limits: { memory: "2Gi" } } }),
    );
    const by = owning(ofJaeger({ "f:resources": { "f:limits": { "f:memory": {} } } }));
    const object = inCluster(changed, provider, by);
    expect(driftOf(planned, object)).toEqual([
      { field: "spec.template.spec.containers[jaeger].resources.limits.memory", manager: "kubectl-edit" },
    ]);
    expect(withoutClaims(planned, object)).toEqual([provider]);
  });

  test("what others have added is theirs", () => {
    const env = [
      { name: "THEIRS", value: "2" },
      { name: "A", value: "1" },
    ];
    const added = deployment({ name: "proxy" }, container({ env }));
    const by = owning({ ...ofJaeger({ "f:env": { 'k:{"name":"THEIRS"}': {} } }), 'k:{"name":"proxy"}': {} });
    const object = inCluster(added, provider, by);
    expect(driftOf(planned, object)).toEqual([]);
    expect(withoutClaims(planned, object)).toBeUndefined();
  });

  test("an item that is gone is told", () => {
    const object = inCluster(deployment(container({ env: [] })), owning(ofJaeger({ "f:image": {} })));
    expect(driftOf(planned, object).map(({ field }) => field)).toEqual([
      "spec.template.spec.containers[jaeger].env[A].name",
      "spec.template.spec.containers[jaeger].env[A].value",
    ]);
  });
});
