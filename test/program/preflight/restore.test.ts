import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { type Manifest } from "../../../components/manifest";
import { Cluster } from "../../../input/cluster/cluster";
import { type LiveObject, type ManagedFields } from "../../../program/preflight/liveObject";
import {
  type Claimed,
  lookAfter,
  manifestOf,
  restored,
  type Restored,
  takeClaims,
  withForce,
} from "../../../program/preflight/restore";
import { portRepairs } from "../../../program/preflight/ports";
import { apiServer, discovery } from "../../fixtures/apiServer";
import { planned, readyCluster } from "../../fixtures/cluster";
import { stackOf } from "../../fixtures/stack";

const stack = planned(stackOf());
const policy = stack.plan.creates.find(({ name }) => name === "allow-jaeger-egress")!;
const byPulumi: ManagedFields = {
  manager: "pulumi-kubernetes-4f8a1c2d",
  operation: "Apply",
  time: "2026-11-27T09:00:00Z",
  fieldsV1: { "f:spec": { "f:podSelector": {}, "f:policyTypes": {} } },
};
const byHand: ManagedFields = {
  manager: "kubectl-patch",
  operation: "Update",
  time: "2026-11-27T10:00:00Z",
  fieldsV1: { "f:spec": { "f:egress": {} } },
};
const byController: ManagedFields = { ...byHand, manager: "controller", subresource: "status" };
/** The policy with its egress as somebody has left it. */
const live = (
  egress: unknown,
  managedFields = [byPulumi, byHand, byController],
  metadata: Partial<LiveObject["metadata"]> = {},
): LiveObject => ({
  ...policy.manifest,
  metadata: {
    name: policy.name,
    namespace: policy.namespace,
    labels: { ...policy.manifest.metadata.labels },
    resourceVersion: "7",
    ...metadata,
    managedFields,
  },
  spec: { ...policy.manifest.spec, egress } as LiveObject["spec"],
});
const nobody = (apiVersion: string): ManagedFields => ({
  manager: "mesh-tracing",
  operation: "Update",
  apiVersion,
  fieldsType: "FieldsV1",
  fieldsV1: { "f:metadata": { "f:annotations": { "f:mesh-tracing/taken-over": {} } } },
});
const asPlanned = (policy.manifest.spec as { egress: unknown }).egress;
const restore = (...objects: LiveObject[]) => restored(stack.plan, { ...readyCluster(stack), objects }, []);
const nothing = { claimed: [], lines: [] };

describe("the outage by hand: 9411 taken out of allow-jaeger-egress", () => {
  test("is told, and whoever did it loses the claim; controllers keep theirs", () => {
    const object = live([{}]);
    expect(restore(object)).toEqual({
      lines: [
        "NetworkPolicy shop/allow-jaeger-egress: spec.egress was changed by kubectl-patch at 2026-11-27T10:00:00Z",
      ],
      claimed: [{ object, stay: [byPulumi, byController], isChanged: true, ports: [] }],
    });
  });

  test("leaves nothing to do after it was put back", () => {
    expect(restore(live(asPlanned, [byPulumi, byController]))).toEqual(nothing);
  });

  test("in an object of somebody else is not touched", () => {
    const annotations = { "argocd.argoproj.io/tracking-id": "tracing:x" };
    expect(restore(live([{}], undefined, { annotations }))).toEqual(nothing);
    expect(restore(live([{}], undefined, { labels: { "mesh-tracing/stack": "prod" } }))).toEqual(nothing);
  });

  test("a field that others set to what is planned stays theirs, too", () => {
    expect(restore(live(asPlanned))).toEqual(nothing);
  });
});

test("of several runs of the provider that have a claim none keeps it: which one the state knows is not told", () => {
  const killed = { ...byPulumi, manager: "pulumi-kubernetes-00000000", time: "2026-11-27T08:00:00Z" };
  const object = live(asPlanned, [killed, byPulumi, byController]);
  expect(restore(object)).toEqual({
    lines: [],
    claimed: [{ object, stay: [byController], isChanged: false, ports: [] }],
  });
});

test("an entry that stands for nobody is nobody's change", () => {
  const object = live([{}], [nobody("networking.k8s.io/v1"), byController]);
  expect(restore(object)).toEqual(nothing);
});

test("what is taken over loses every claim but of its state", () => {
  const object = live(asPlanned, undefined, { annotations: { "meta.helm.sh/release-name": "old" } });
  const { claimed } = restored(stack.plan, { ...readyCluster(stack), objects: [object] }, [
    { planned: policy, object },
  ]);
  expect(claimed).toEqual([{ object, stay: [byController], isChanged: true, ports: [], isAdopted: true }]);
});

test("what Helm installs for the stack keeps Helm's marks when it is taken over", () => {
  const annotations = { "meta.helm.sh/release-name": "cert-manager" };
  const object = live(asPlanned, undefined, { annotations });
  const manifest = { ...policy.manifest, metadata: { ...policy.manifest.metadata, annotations } };
  const adopted = [{ planned: { ...policy, manifest }, object }];
  expect(restored(stack.plan, { ...readyCluster(stack), objects: [object] }, adopted).claimed).toEqual([]);
});

describe("taking claims away", () => {
  const path = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/allow-jaeger-egress";
  const done = { code: 200, body: {} };
  const version = { op: "test", path: "/metadata/resourceVersion", value: "7" };
  const managedFields = (value: unknown) => ({ op: "replace", path: "/metadata/managedFields", value });

  async function patches(...claimed: Parameters<typeof takeClaims>[1]) {
    const { kubeconfig, patched } = await apiServer({ ...discovery, [path]: done });
    await takeClaims(await Cluster.of({ kubeconfig }), claimed);
    return patched;
  }

  test("changes the list of field managers and nothing else, unless the object has changed", async () => {
    const object = live([{}]);
    expect(await patches({ object, stay: [byPulumi], isChanged: true, ports: [] })).toEqual([
      { path, operations: [version, managedFields([byPulumi])] },
    ]);
  });

  test("of all leaves one entry that owns nothing, so that there is no owner before the first apply", async () => {
    const object = live([{}]);
    expect(await patches({ object, stay: [], isChanged: true, ports: [] })).toEqual([
      { path, operations: [version, managedFields([nobody("networking.k8s.io/v1")])] },
    ]);
  });

  test("of what is taken over takes the marks of other tools away, too", async () => {
    const object = live([{}], undefined, {
      labels: { "kustomize.toolkit.fluxcd.io/name": "a", app: "b" },
      annotations: { "meta.helm.sh/release-name": "old", other: "c" },
    });
    expect(await patches({ object, stay: [], isChanged: true, ports: [], isAdopted: true })).toEqual([
      {
        path,
        operations: [
          version,
          managedFields([nobody("networking.k8s.io/v1")]),
          { op: "remove", path: "/metadata/labels/kustomize.toolkit.fluxcd.io~1name" },
          { op: "remove", path: "/metadata/annotations/meta.helm.sh~1release-name" },
        ],
      },
    ]);
  });
});

describe("a port that others have given another number", () => {
  const service = stack.plan.creates.find(
    ({ kind, name }) => kind === "Service" && name === "jaeger-query-clusterip",
  )!;
  const { ports } = service.manifest.spec as { ports: Record<string, unknown>[] };
  const byPatch = { ...byHand, fieldsV1: { "f:spec": { "f:ports": {} } } };
  const liveService = (changed: object[]): LiveObject => ({
    ...service.manifest,
    metadata: {
      name: service.name,
      namespace: service.namespace,
      labels: { ...service.manifest.metadata.labels },
      resourceVersion: "7",
      managedFields: [byPulumi, byPatch],
    },
    spec: { ...service.manifest.spec, ports: changed } as LiveObject["spec"],
  });
  const renumbered = liveService([{ ...ports[0], port: 80, nodePort: 31000 }, ...ports.slice(1)]);
  const repaired = [{ ...ports[0], nodePort: 31000 }, ...ports.slice(1)];
  const repair = { pointer: "/spec/ports", field: "spec.ports", ports: repaired };

  test("is put back before anything is applied, because two ports of one name are refused", () => {
    const { claimed, lines } = restore(renumbered);
    expect(lines).toEqual([
      "Service istio-system/jaeger-query-clusterip: spec.ports was changed by kubectl-patch at 2026-11-27T10:00:00Z",
    ]);
    expect(claimed.map(({ ports: found }) => found)).toEqual([[repair]]);
  });

  test("is put back in containers, too, each in its place", () => {
    const manifest = (containers: object[]): Manifest => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "jaeger", namespace: "istio-system" },
      spec: { template: { spec: { containers } } },
    });
    const own = manifest([{ name: "jaeger", ports: [{ name: "zipkin", containerPort: 9411 }] }]);
    const found = manifest([
      { name: "injected" },
      { name: "jaeger", ports: [{ name: "zipkin", containerPort: 9412, protocol: "TCP" }] },
    ]) as LiveObject;
    expect(portRepairs(own, found)).toEqual([
      {
        pointer: "/spec/template/spec/containers/1/ports",
        field: "spec.template.spec.containers[1].ports",
        ports: [{ name: "zipkin", containerPort: 9411, protocol: "TCP" }],
      },
    ]);
  });

  test.each([
    ["with another target", [{ ...ports[0], targetPort: 1 }, ...ports.slice(1)]],
    ["that is gone", ports.slice(1)],
    ["beside one of others", [...ports, { name: "theirs", port: 1 }]],
    ["as it is planned", ports],
  ])("is none %s", (_, changed) => {
    expect(portRepairs(service.manifest, liveService(changed))).toEqual([]);
  });

  test("leaves this program no claim on it", async () => {
    const path = "/api/v1/namespaces/istio-system/services/jaeger-query-clusterip";
    const byUs = { ...byHand, manager: "mesh-tracing" };
    const after = {
      ...renumbered,
      metadata: { ...renumbered.metadata, resourceVersion: "8", managedFields: [byPulumi, byUs] },
    };
    const { kubeconfig, patched } = await apiServer({ ...discovery, [path]: { code: 200, body: after } });
    await takeClaims(await Cluster.of({ kubeconfig }), restore(renumbered).claimed);
    const replace = (at: string, value: unknown) => ({ op: "replace", path: at, value });
    const version = (value: string) => ({ op: "test", path: "/metadata/resourceVersion", value });
    expect(patched).toEqual([
      {
        path,
        operations: [
          version("7"),
          replace("/metadata/managedFields", [byPulumi]),
          replace("/spec/ports", repaired),
        ],
      },
      { path, operations: [version("8"), replace("/metadata/managedFields", [byPulumi])] },
    ]);
  });
});

describe("objects as they are registered", () => {
  type Transform = (
    args: pulumi.ResourceTransformArgs,
  ) => Promise<pulumi.ResourceTransformResult | undefined>;
  const type = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
  const ofChart = { ...policy.manifest, metadata: { ...policy.manifest.metadata, name: "of-chart" } };

  async function registered(
    props: Manifest,
    claimed: Claimed[],
    objects: LiveObject[],
    isPreview: boolean,
    of = type,
  ) {
    let transform: Transform | undefined;
    vi.spyOn(pulumi.runtime, "registerResourceTransform").mockImplementation((given) => {
      transform = given as Transform;
    });
    const restoredThen: Restored[] = [];
    const read = ({ name }: { name: string }) =>
      Promise.resolve(objects.find(({ metadata }) => metadata.name === name));
    const restore = (found: Restored) => Promise.resolve(void restoredThen.push(found));
    lookAfter(stack.plan, claimed, { read, restore }, isPreview);
    const result = await transform!({ custom: true, type: of, name: "a", props, opts: {} });
    vi.restoreAllMocks();
    return { result, restored: restoredThen };
  }
  const changed = { object: live([{}]), stay: [], isChanged: true, ports: [] };
  const chartObject = live([{}], undefined, { name: "of-chart" });

  test("the stack's own are forced in a preview alone", async () => {
    const forced = { result: { props: withForce(policy.manifest), opts: {} }, restored: [] };
    expect(await registered(policy.manifest, [changed], [], true)).toEqual(forced);
    expect(await registered(policy.manifest, [changed], [], false)).toEqual({
      result: undefined,
      restored: [],
    });
    expect(
      await registered(policy.manifest, [{ ...changed, isChanged: false, ports: [] }], [], true),
    ).toEqual({
      result: undefined,
      restored: [],
    });
  });

  test("ports that others have changed are left out of a preview, which would be refused", async () => {
    const ports = [{ pointer: "/spec/ports", field: "spec.ports", ports: [] }];
    expect(await registered(policy.manifest, [{ ...changed, ports }], [], true)).toEqual({
      result: { props: withForce(policy.manifest), opts: { ignoreChanges: ["spec.ports"] } },
      restored: [],
    });
  });

  test("those of charts are looked at then, put back and told", async () => {
    const { result, restored: found } = await registered(ofChart, [], [chartObject], true);
    expect(result?.props).toEqual(withForce(ofChart));
    expect(found[0]?.lines).toEqual([
      "NetworkPolicy shop/of-chart: spec.egress was changed by kubectl-patch at 2026-11-27T10:00:00Z",
    ]);
    expect(found[0]?.claimed).toEqual([
      { object: chartObject, stay: [byPulumi, byController], isChanged: true, ports: [] },
    ]);
    expect(await registered(ofChart, [], [], true)).toEqual({ result: undefined, restored: [] });
  });

  test("what controllers write into webhooks is no difference", async () => {
    const webhook: Manifest = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "istio-validator" },
    };
    const { result } = await registered(
      webhook,
      [],
      [],
      false,
      "kubernetes:admissionregistration.k8s.io/v1:X",
    );
    expect(result).toEqual({
      props: webhook,
      opts: { ignoreChanges: ["webhooks[*].failurePolicy", "webhooks[*].clientConfig.caBundle"] },
    });
  });
});

describe("the manifest that a resource registers", () => {
  const type = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
  const { manifest } = policy;

  test("is what it is given", () => {
    expect(manifestOf(type, manifest)).toBe(manifest);
  });

  test.each([
    ["a patch", `${type}Patch`, manifest],
    ["what is no object", "kubernetes:helm.sh/v4:Chart", { metadata: undefined }],
    ["another provider's", "random:index/randomPassword:RandomPassword", manifest],
  ])("is none of %s", (_, of, inputs) => {
    expect(manifestOf(of, inputs)).toBeUndefined();
  });

  test("is forced in a preview by an annotation beside those it has", () => {
    const metadata = { ...manifest.metadata, annotations: { a: "1" } };
    expect(withForce({ ...manifest, metadata })).toEqual({
      ...manifest,
      metadata: { ...metadata, annotations: { a: "1", "pulumi.com/patchForce": "true" } },
    });
  });
});
