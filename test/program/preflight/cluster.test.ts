import { describe, expect, onTestFinished, test, vi } from "vitest";
import { readCluster, Unreachable } from "../../../program/preflight/cluster";
import { apiServer, discovery, kubeconfigFor, list, named, refused } from "../../fixtures/apiServer";
import { thrownBy } from "../../fixtures/temporary";

const telemetries = "/apis/telemetry.istio.io/v1/namespaces/mesh/telemetries";
const questions = [{ apiVersion: "v1", kind: "Service", name: "jaeger" }];

describe("what the check reads of a cluster", () => {
  test("is every object of a planned name, the namespaces and the root namespace's Telemetries", async () => {
    const { kubeconfig, asked } = await apiServer({
      ...discovery,
      "/api/v1/namespaces": list(named("mesh"), named("shop")),
      [telemetries]: list(named("mesh-default", "mesh")),
      "/api/v1/services": list(named("jaeger", "obs")),
    });
    expect(await readCluster({ kubeconfig }, questions, "mesh")).toEqual({
      namespaces: new Set(["mesh", "shop"]),
      telemetries: [
        { ...named("mesh-default", "mesh"), apiVersion: "telemetry.istio.io/v1", kind: "Telemetry" },
      ],
      objects: [{ ...named("jaeger", "obs"), apiVersion: "v1", kind: "Service" }],
      unserved: [],
      unreadable: [],
    });
    expect(asked.filter((url) => url.startsWith("/api/v1/services"))).toEqual([
      "/api/v1/services?fieldSelector=metadata.name%3Djaeger&limit=500",
    ]);
  });

  test("says what is not served, and what may not be read", async () => {
    const { kubeconfig } = await apiServer({
      "/api/v1": discovery["/api/v1"],
      "/api/v1/namespaces": refused(403),
      "/api/v1/services": refused(403),
    });
    expect(await readCluster({ kubeconfig }, questions, "mesh")).toEqual({
      namespaces: undefined,
      telemetries: [],
      objects: [],
      unserved: ["Telemetry.telemetry.istio.io/v1"],
      unreadable: ["Namespace.v1", "Service.v1"],
    });
  });
});

describe("a cluster that does not answer is left to the provider", () => {
  test("where nothing listens", async () => {
    // Port 1 is never bound by a server of a test.
    const reading = readCluster({ kubeconfig: kubeconfigFor("http://127.0.0.1:1") }, questions, "mesh");
    const error = await thrownBy(() => reading);
    expect(error).toBeInstanceOf(Unreachable);
    expect((error as Error).message).toContain("ECONNREFUSED");
  });

  test("where it answers with a failure", async () => {
    const { kubeconfig } = await apiServer({ ...discovery, "/api/v1/namespaces": refused(500) });
    const error = await thrownBy(() => readCluster({ kubeconfig }, questions, "mesh"));
    expect(error).toBeInstanceOf(Unreachable);
    expect((error as Error).message).toContain("500");
  });

  test("where the kubeconfig is not there, or is none", async () => {
    vi.stubEnv("KUBECONFIG", "/no/such/kubeconfig");
    onTestFinished(() => void vi.unstubAllEnvs());
    const given = [undefined, "clusters: [", "/no/such/kubeconfig"];
    const errors = await Promise.all(
      given.map((kubeconfig) => thrownBy(() => readCluster({ kubeconfig }, questions, "mesh"))),
    );
    for (const error of errors) expect(error).toBeInstanceOf(Unreachable);
    const [none, broken, missing] = errors.map((error) => (error as Error).message);
    expect([none, broken]).toEqual([
      expect.stringMatching(/^the kubeconfig cannot be read: ./),
      expect.stringMatching(/^the kubeconfig cannot be read: ./),
    ]);
    expect(missing).toBe("kubeconfig /no/such/kubeconfig does not exist");
  });

  test("where the context is not there", async () => {
    const access = { kubeconfig: kubeconfigFor("http://127.0.0.1:1"), context: "elsewhere" };
    const error = await thrownBy(() => readCluster(access, questions, "mesh"));
    expect(error).toBeInstanceOf(Unreachable);
    expect((error as Error).message).toBe("there is no context elsewhere\n  fix: choose one of test");
  });
});
