/** A Kiali that the stack installs, on the real engine and a real API server: applied, repaired and taken away. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlPlaneCommands, type ControlPlane, startControlPlane } from "./controlPlane";
import { objectsOf, podsOf, prepareMesh, stackOf } from "./mesh";
import { changesOf, missing, pulumiCommands, workspace, type Workspace } from "./realEngine";

const absent = missing([...pulumiCommands, "pulumi-resource-random", ...controlPlaneCommands]);
if (absent.length > 0) console.warn(`skipped: Kiali on a cluster needs ${absent.join(", ")} on PATH`);
const chart = process.env["MESH_TRACING_KIALI_CHART"];
if (chart === undefined) {
  console.warn(
    "skipped: Kiali on a cluster needs MESH_TRACING_KIALI_CHART, the directory of chart kiali-server",
  );
}

const minutes = 60_000;
const root = "/api/v1/namespaces/istio-system";
const deployment = "/apis/apps/v1/namespaces/istio-system/deployments/kiali";
const egress = "/apis/networking.k8s.io/v1/namespaces/istio-system/networkpolicies/allow-kiali-egress";

describe.skipIf(absent.length > 0 || chart === undefined)("a Kiali of the stack's own", () => {
  let cluster: ControlPlane;
  let project: Workspace;

  beforeAll(async () => {
    cluster = await startControlPlane();
    await prepareMesh(cluster.api, stackOf("dev"));
    project = await workspace("dev", cluster.kubeconfig);
    project.editStack((raw) => {
      raw["mesh-tracing:kiali"] = { namespace: "istio-system", install: { chart: { path: chart } } };
      raw["mesh-tracing:prometheus"] = { namespace: "monitoring", url: "http://prometheus.monitoring:9090" };
    });
  }, 5 * minutes);

  afterAll(async () => {
    project.remove();
    await cluster.stop();
  }, minutes);

  const signingKey = async () => (await cluster.api.get(`${root}/secrets/kiali-signing-key`)).data!["key"];
  const configuration = async () => (await cluster.api.get(`${root}/configmaps/kiali`)).data!["config.yaml"]!;

  test(
    "is applied with a login and a key of its own, and nothing differs afterwards",
    async () => {
      await project.stack.up();

      expect(await configuration()).toContain("strategy: token");
      expect(Buffer.from((await signingKey())!, "base64")).toHaveLength(32);
      expect(await changesOf(project, "preview")).toEqual([]);
    },
    10 * minutes,
  );

  test(
    "is put back by one up: its login, its policy, its pods and its key, which stays the same",
    async () => {
      const key = await signingKey();
      await cluster.api.patch(`${root}/configmaps/kiali`, {
        data: { "config.yaml": "auth: { strategy: anonymous }" },
      });
      await cluster.api.patch(egress, [{ op: "remove", path: "/spec/egress/0" }], "json");
      // A proxy that the policy lets reach nothing: an error of the mesh, until it is put back.
      const labels = { "sidecar.istio.io/inject": "true" };
      await cluster.api.patch(deployment, { spec: { template: { metadata: { labels } } } });
      await cluster.api.remove(`${root}/secrets/kiali-signing-key`);

      expect(await changesOf(project, "up")).toEqual([
        "create kiali-signing-key",
        "update kiali-allow-kiali-egress",
        "update kiali-chart:istio-system/kiali",
        "update kiali-chart:istio-system/kiali",
      ]);

      expect(await configuration()).toContain("strategy: token");
      expect((await podsOf(cluster.api, deployment)).metadata).toMatchObject({
        labels: { "sidecar.istio.io/inject": "false" },
      });
      expect(await signingKey()).toBe(key);
      expect(await changesOf(project, "preview")).toEqual([]);
    },
    10 * minutes,
  );

  test(
    "goes with the stack",
    async () => {
      await project.stack.destroy();

      expect(await objectsOf(cluster.api, "dev")).toEqual([]);
    },
    5 * minutes,
  );
});
