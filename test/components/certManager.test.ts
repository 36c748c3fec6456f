import { expect, test } from "vitest";
import { manifests } from "../../components/certManager";
import { resource, run, stackOf } from "../fixtures/stack";

const global = { commonLabels: { "mesh-tracing/stack": "test" } };
const args = {
  stack: "test",
  version: "v1.21.0",
  repository: "https://charts.jetstack.io",
  namespace: "cert-manager",
  values: {},
};

test("a stack that installs cert-manager: a pinned chart with its definitions", async () => {
  const made = await run(stackOf({ certManager: { install: {} } }));
  const { type, inputs, parent } = resource(made, "cert-manager-release");
  expect(type).toBe("kubernetes-cert-manager:index:CertManager");
  expect(parent).toBe("urn:pulumi:test::mesh-tracing::mesh-tracing:certificates:CertManager::cert-manager");
  expect(inputs).toEqual({
    helmOptions: {
      chart: "cert-manager",
      name: "cert-manager",
      namespace: "cert-manager",
      repositoryOpts: { repo: "https://charts.jetstack.io" },
      values: { crds: { enabled: true, keep: true }, global },
      version: "v1.21.0",
    },
  });
});

test("a stack that does not installs none", async () => {
  const { resources } = await run(stackOf());
  expect(resources.filter(({ name }) => name.startsWith("cert-manager"))).toEqual([]);
});

test("values of the stack win", () => {
  const values = { crds: { keep: false }, replicaCount: 2 };
  expect(manifests({ ...args, values }).release.spec.values).toEqual({
    crds: { enabled: true, keep: false },
    global,
    replicaCount: 2,
  });
});
