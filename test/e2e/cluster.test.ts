/** The real engine on a real API server: what is applied, found changed, repaired and released. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlPlaneCommands, type ControlPlane, startControlPlane } from "./controlPlane";
import { applicationsOf, istiod, expectPlanned, objectsOf, podsOf, prepareMesh, stackOf } from "./mesh";
import { changesOf, hasJaegerChart, missing, pulumiCommands, workspace, type Workspace } from "./realEngine";

const absent = missing([...pulumiCommands, ...controlPlaneCommands]);
if (absent.length > 0) console.warn(`skipped: a cluster needs ${absent.join(", ")} on PATH`);

if (!hasJaegerChart) {
  console.warn("skipped: the pack on a cluster needs MESH_TRACING_JAEGER_CHART, the real chart's directory");
}

const minutes = 60_000;

describe.skipIf(absent.length > 0)("on a cluster", () => {
  let cluster: ControlPlane;

  beforeAll(async () => {
    cluster = await startControlPlane();
  }, 5 * minutes);

  afterAll(() => cluster.stop(), minutes);

  describe.each(["dev", "prod"])("stack %s", (name) => {
    const config = stackOf(name);
    const patched = [...applicationsOf(config), ...(name === "dev" ? [istiod] : [])];
    let project: Workspace;
    let before: object[];

    beforeAll(async () => {
      await prepareMesh(cluster.api, config);
      project = await workspace(name, cluster.kubeconfig);
      before = await templates();
    }, 5 * minutes);

    afterAll(() => project.remove());

    const templates = () => Promise.all(patched.map((deployment) => podsOf(cluster.api, deployment)));
    const app = patched[0]!;
    /** The patched container of the first application. */
    const containerOf = async (deployment: string) => {
      const listed = Object.values(config.namespaces).flatMap(({ deployments }) =>
        Object.entries(deployments),
      );
      const [, { container = undefined }] = listed[0]!;
      const { spec } = await podsOf(cluster.api, deployment);
      return spec.containers.find((one) => one.name === (container ?? listed[0]![0]))!;
    };
    const valueOf = async (variable: string) =>
      (await containerOf(app)).env?.find((one) => one.name === variable);
    /** Changes variables of the first application as its team could. */
    const changeVariables = async (...env: object[]) => {
      const { name: container } = await containerOf(app);
      const spec = { template: { spec: { containers: [{ name: container, env }] } } };
      await cluster.api.patch(app, { spec }, "strategic");
    };
    const policy = () => {
      const [namespace] = Object.keys(config.namespaces);
      const at = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
      return { at: `${at}/allow-jaeger-egress`, urn: `network-policies-${namespace}-allow-jaeger-egress` };
    };
    const entry = () => {
      const [service] = Object.keys(config.externalServices);
      const at = `/apis/networking.istio.io/v1/namespaces/istio-system/serviceentries/${service}`;
      return { at, urn: `external-services-${service}` };
    };

    test(
      "a mistake of the stack file changes nothing",
      async () => {
        const original = config.tracing.sampling;
        const sampling = (value: number) =>
          project.editStack((raw) => Object.assign(raw["mesh-tracing:tracing"]!, { sampling: value }));
        sampling(120);

        const failure = await project.stack.up().catch((error: unknown) => String(error));
        sampling(original);

        expect(failure).toContain("rule: a percentage between 0 and 100");
        expect(await objectsOf(cluster.api, name)).toEqual([]);
        expect(await templates()).toEqual(before);
      },
      3 * minutes,
    );

    test(
      "up applies what is planned, and of the Deployments only what it says",
      async () => {
        await project.stack.up();

        await expectPlanned(cluster.api, config);
        const after = await templates();
        for (const [index, template] of after.entries()) {
          const own = (before[index] as typeof template).spec.containers;
          for (const { name: container, env = [] } of own) {
            const now = template.spec.containers.find((one) => one.name === container)?.env ?? [];
            expect(now.slice(0, env.length), `${patched[index]} ${container}`).toEqual(env);
          }
          expect(template.spec.containers.map((container) => container.name)).toEqual(
            own.map((container) => container.name),
          );
        }
        expect(await valueOf("OTEL_SERVICE_NAME")).toEqual({
          name: "OTEL_SERVICE_NAME",
          value: app.split("/").at(-1),
        });
      },
      10 * minutes,
    );

    test(
      "nothing differs afterwards: in a preview, in an up, in a refresh, and in a preview after it",
      async () => {
        expect(await changesOf(project, "preview")).toEqual([]);
        expect(await changesOf(project, "up")).toEqual([]);
        expect(await changesOf(project, "refresh")).toEqual([]);
        expect(await changesOf(project, "preview")).toEqual([]);
      },
      10 * minutes,
    );

    test.skipIf(!hasJaegerChart)(
      "the policy pack has nothing to say about what is there",
      async () => {
        const { stdout } = await project.stack.preview({ policyPacks: ["policy"] });

        expect(stdout).toContain("✅ mesh-tracing@v0.1.0 (local: policy)");
      },
      5 * minutes,
    );

    test(
      "one more external host changes one ServiceEntry",
      async () => {
        project.editStack((raw) => {
          const [first] = Object.values(raw["mesh-tracing:externalServices"]!) as { hosts: string[] }[];
          first!.hosts.push("added.example.com");
        });

        expect(await changesOf(project, "up")).toEqual([`update ${entry().urn}`]);
        const { spec } = await cluster.api.get(entry().at);
        expect(spec?.["hosts"]).toContain("added.example.com");
      },
      5 * minutes,
    );

    test(
      "what others change is found, and repaired where the stack may take it back",
      async () => {
        await cluster.api.remove(policy().at);
        await cluster.api.patch(entry().at, { spec: { location: "MESH_INTERNAL" } });
        await changeVariables({ name: "OTEL_SERVICE_NAME", $patch: "delete" });
        expect(await valueOf("OTEL_SERVICE_NAME")).toBeUndefined();

        expect(await changesOf(project, "refresh")).toEqual(
          expect.arrayContaining([`delete ${policy().urn}`, `update ${entry().urn}`]),
        );
        // One plain preview names the field and who has set it, and one plain `up` puts it back.
        const { stdout, stderr } = await project.stack.preview();
        expect(stdout + stderr).toContain("spec.location was changed by somebody-else");
        const repairs = await changesOf(project, "preview");
        expect(repairs).toEqual(
          [
            `create ${policy().urn}`,
            `update ${entry().urn}`,
            `update otel-environment-${app.split("/").at(-3)}/${app.split("/").at(-1)}`,
          ].sort(),
        );
        expect(await changesOf(project, "up")).toEqual(repairs);

        expect((await cluster.api.get(entry().at)).spec?.["location"]).toBe("MESH_EXTERNAL");
        expect(await valueOf("OTEL_SERVICE_NAME")).toMatchObject({ value: app.split("/").at(-1) });
        expect(await changesOf(project, "preview")).toEqual([]);
      },
      10 * minutes,
    );

    test(
      "a variable that others have taken over is refused with the way out",
      async () => {
        await changeVariables({ name: "OTEL_SERVICE_NAME", value: "somebody-else" });

        const refusal = await project.stack.up().catch((error: unknown) => String(error));
        expect(refusal).toContain("sets OTEL_SERVICE_NAME in its own manifest");
        await changeVariables({ name: "OTEL_SERVICE_NAME", $patch: "delete" });
        expect(await changesOf(project, "up")).toHaveLength(1);

        expect(await valueOf("OTEL_SERVICE_NAME")).toMatchObject({ value: app.split("/").at(-1) });
      },
      10 * minutes,
    );

    test(
      "a changed sampling reaches what says it, and nothing else",
      async () => {
        project.editStack((raw) => Object.assign(raw["mesh-tracing:tracing"]!, { sampling: 50 }));

        const changes = await changesOf(project, "up");

        const environments = Object.entries(config.namespaces).flatMap(([namespace, { deployments }]) => [
          `update otel-environment-${namespace}`,
          ...Object.keys(deployments).map((own) => `update otel-environment-${namespace}/${own}`),
        ]);
        expect(changes).toEqual(["update mesh-telemetry", ...environments].sort());
        expect(await changesOf(project, "preview")).toEqual([]);
      },
      10 * minutes,
    );

    test(
      "destroy takes away what up has made, and releases what it has changed",
      async () => {
        const { summary } = await project.stack.destroy();

        expect(Object.keys(summary.resourceChanges ?? {})).toEqual(["delete"]);
        // A namespace that the stack has made stays, with what is in it.
        expect((await objectsOf(cluster.api, name)).filter((own) => !own.startsWith("Namespace "))).toEqual(
          [],
        );
        expect(await templates()).toEqual(before);
        for (const deployment of patched) {
          const { metadata } = await cluster.api.get(deployment);
          expect(metadata.managedFields?.map(({ manager }) => manager)).not.toContain(`mesh-tracing-${name}`);
          expect(metadata.annotations).not.toHaveProperty(["pulumi.com/patchFieldManager"]);
        }
      },
      10 * minutes,
    );
  });
});
