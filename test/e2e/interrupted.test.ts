/** An `up` that is killed in the middle, and what the next ones make of it. */
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlPlaneCommands, type ControlPlane, startControlPlane } from "./controlPlane";
import { type ApiObject, eventually } from "./kubernetes";
import {
  applicationsOf,
  istiod,
  objectsOf,
  ownedTwice,
  expectPlanned,
  podsOf,
  prepareMesh,
  stackOf,
} from "./mesh";
import { changesOf, missing, pulumiCommands, workspace, type Workspace } from "./realEngine";

const absent = missing([...pulumiCommands, ...controlPlaneCommands]);
if (absent.length > 0) console.warn(`skipped: a cluster needs ${absent.join(", ")} on PATH`);

const minutes = 60_000;
const jaeger = "/apis/apps/v1/namespaces/istio-system/deployments/jaeger";

/** Starts `pulumi up` and kills all of it once something is true. */
async function killedUp({ stack, directory }: Workspace, when: () => Promise<unknown>): Promise<void> {
  const env = { ...process.env, ...stack.workspace.envVars };
  const args = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack.name];
  // In a process group of its own, with the language host, the program and the providers.
  const up = spawn("pulumi", args, { cwd: directory, env, detached: true, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => up.once("exit", () => resolve()));
  try {
    await eventually("the moment to kill it", async () => {
      if (up.exitCode !== null) throw new Error(`it ended before, with ${up.exitCode}`);
      return when();
    });
  } finally {
    process.kill(-up.pid!, "SIGKILL");
    await ended;
  }
}

describe.skipIf(absent.length > 0)("an up that is killed", () => {
  const config = stackOf("dev");
  const patched = [istiod, ...applicationsOf(config)];
  const [, app = ""] = patched;
  let cluster: ControlPlane;
  let project: Workspace;
  let before: object[];

  const templates = () => Promise.all(patched.map((deployment) => podsOf(cluster.api, deployment)));
  const managers = ({ metadata }: ApiObject) =>
    (metadata.managedFields ?? []).map(({ manager }) => manager).filter((name) => /pulumi|mesh/.test(name));

  beforeAll(async () => {
    cluster = await startControlPlane();
    await prepareMesh(cluster.api, config);
    before = await templates();
    project = await workspace("dev", cluster.kubeconfig);
  }, 5 * minutes);

  afterAll(async () => {
    project.remove();
    await cluster.stop();
  }, minutes);

  test(
    "while it waits for Jaeger, and again while it patches a Deployment, is finished by the next one",
    async () => {
      cluster.letReady(({ metadata }) => metadata.namespace !== "istio-system");
      await killedUp(project, () => cluster.api.get(jaeger));
      // The file backend is still locked by the process that is gone.
      await project.stack.cancel();
      cluster.letReady(({ metadata }) => metadata.namespace === "istio-system");
      await killedUp(project, async () => managers(await cluster.api.get(app)).length > 0);
      await project.stack.cancel();
      cluster.letReady(() => true);

      await project.stack.up();

      await expectPlanned(cluster.api, config);
      expect(managers(await cluster.api.get(app))).toEqual(["mesh-tracing-dev"]);
      expect(await changesOf(project, "preview")).toEqual([]);
    },
    10 * minutes,
  );

  test(
    "has no claim any more on what it had just made",
    async () => {
      project.editStack((raw) => {
        Object.assign(raw["mesh-tracing:tracing"]!, { sampling: 50 });
        Object.assign(raw["mesh-tracing:jaeger"]!, { memoryLimit: "1Gi" });
      });

      await project.stack.up();

      expect(await ownedTwice(cluster.api, "dev")).toEqual([]);
      expect(JSON.stringify(await podsOf(cluster.api, jaeger))).toContain('"memory":"1Gi"');
      expect(await changesOf(project, "preview")).toEqual([]);
    },
    10 * minutes,
  );

  test(
    "leaves nothing that a destroy does not take away or release",
    async () => {
      await project.stack.destroy();

      expect(await objectsOf(cluster.api, "dev")).toEqual([]);
      expect(await templates()).toEqual(before);
    },
    10 * minutes,
  );
});
