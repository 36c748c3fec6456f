import type * as Pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { type ProgramRun, runProgram } from "../../../engine/run";
import { deployTracing } from "../../../program";
import { apiServer, discovery, kubeconfigFor, list, named, refused } from "../../fixtures/apiServer";
import { stackOf } from "../../fixtures/stack";
import { thrownBy } from "../../fixtures/temporary";

// The check runs where Pulumi has an engine; the embedded one is none, so these tests say that there is.
vi.mock("@pulumi/pulumi", async (importOriginal) => {
  const actual = await importOriginal<typeof Pulumi>();
  return { ...actual, runtime: { ...actual.runtime, hasEngine: () => true } };
});

/** A stack that nothing in the cluster is needed for besides its namespaces. */
const raw = stackOf({ istio: { version: "1.31", delivery: "values" } });
const runWith = (provider: Record<string, string>, more: object = {}): Promise<ProgramRun> => {
  const own = Object.entries({ ...raw, ...more }).map(([key, value]) => [
    `mesh-tracing:${key}`,
    JSON.stringify(value),
  ]);
  const config = { ...(Object.fromEntries(own) as Record<string, string>) };
  for (const [key, value] of Object.entries(provider)) config[`kubernetes:${key}`] = value;
  return runProgram("mesh-tracing", "test", config, deployTracing);
};
const everything = {
  ...discovery,
  "/api/v1/namespaces": list(named("istio-system"), named("shop")),
  "/apis/telemetry.istio.io/v1/namespaces/istio-system/telemetries": list(),
  "/apis/telemetry.istio.io/v1/telemetries": list(),
  "/apis/networking.k8s.io/v1/networkpolicies": list(),
  "/apis/apps/v1/deployments": list(),
  "/api/v1/configmaps": list(),
  "/api/v1/services": list(),
  "/api/v1/serviceaccounts": list(),
};
const foreign = { ...everything, "/api/v1/configmaps": list(named("otel-environment", "shop")) };
const objects = ({ resources }: ProgramRun) =>
  resources.filter(({ type }) => type.startsWith("kubernetes:")).length;

describe("before the first resource of a deployment", () => {
  test("a cluster that cannot take the stack is refused", async () => {
    const { kubeconfig } = await apiServer({
      ...everything,
      "/api/v1/namespaces": list(named("istio-system")),
    });
    const error = await thrownBy(() => runWith({ kubeconfig }));
    expect((error as Error).message).toBe(
      "the cluster cannot take this stack; nothing was changed\n" +
        "  - namespace shop is not in the cluster: create it, or set namespaces.shop.create true",
    );
  });

  test("objects of others are refused, and taken over where the stack says so", async () => {
    const { kubeconfig } = await apiServer(foreign);
    const error = await thrownBy(() => runWith({ kubeconfig }));
    expect((error as Error).message).toContain("  - ConfigMap shop/otel-environment: an unknown owner\n");
    expect(objects(await runWith({ kubeconfig, enablePatchForce: "true" }))).toBe(7);
  });

  test("a Helm release is refused where the provider only renders, because Helm would install it", async () => {
    const certManager = { install: {} };
    const error = await thrownBy(() => runWith({ renderYamlToDirectory: "out" }, { certManager }));
    expect((error as Error).message).toBe(
      "certManager.install is a Helm release, which the Kubernetes provider installs into a cluster even where it " +
        "only renders (renderYamlToDirectory); nothing was changed\n" +
        "  - install cert-manager by other means and remove certManager, or look at npm run render",
    );
    expect(objects(await runWith({ renderYamlToDirectory: "out" }))).toBe(7);
  });

  test("a cluster that is ready is deployed to", async () => {
    const { kubeconfig, asked } = await apiServer(everything);
    expect(objects(await runWith({ kubeconfig }))).toBe(7);
    expect(asked).not.toEqual([]);
  });

  test.each([
    ["does not answer", () => Promise.resolve({ kubeconfig: kubeconfigFor("http://127.0.0.1:1") })],
    [
      "may not be read",
      () =>
        apiServer({
          ...discovery,
          ...Object.fromEntries(
            Object.keys(everything)
              .filter((path) => !(path in discovery))
              .map((path) => [path, refused(403)]),
          ),
        }),
    ],
  ])("a cluster that %s is left to the provider", async (_, server) => {
    const { kubeconfig } = await server();
    expect(objects(await runWith({ kubeconfig }))).toBe(7);
  });

  test("no cluster is asked when the provider only renders", async () => {
    const { kubeconfig, asked } = await apiServer(foreign);
    expect(objects(await runWith({ kubeconfig, renderYamlToDirectory: "out" }))).toBe(7);
    expect(asked).toEqual([]);
  });
});
