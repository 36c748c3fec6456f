import { describe, expect, test, vi } from "vitest";
import * as pulumi from "@pulumi/pulumi";
import { CertManager, certManagerRelease } from "../../components/certManager";
import { resource, run, stackOf } from "../support/stack";

const args = {
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
      values: { crds: { enabled: true, keep: true } },
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
  expect(certManagerRelease({ ...args, values }).values).toEqual({
    crds: { enabled: true, keep: false },
    replicaCount: 2,
  });
});

describe("where the provider only renders", () => {
  test("it refuses, because the release would be installed all the same", async () => {
    await run(stackOf());
    vi.spyOn(pulumi.runtime, "hasEngine").mockReturnValue(true);
    vi.stubEnv("PULUMI_K8S_RENDER_YAML_TO_DIRECTORY", "out");
    try {
      expect(() => new CertManager("cert-manager", args)).toThrow(
        "certManager.install is a Helm release, which the Kubernetes provider installs into a cluster even where " +
          "it only renders (renderYamlToDirectory)\n" +
          "  fix: install cert-manager by other means and remove certManager, or look at npm run render",
      );
    } finally {
      vi.restoreAllMocks();
      vi.unstubAllEnvs();
    }
  });
});
