/**
 * What a preview refuses before anything is changed, and what one plain `pulumi up` puts back: the check before the first
 * change, on the real engine and a real API server.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlPlaneCommands, type ControlPlane, startControlPlane } from "./controlPlane";
import { type ApiObject } from "./kubernetes";
import { applicationsOf, isolateNamespaces, objectsOf, podsOf, prepareMesh, stackOf } from "./mesh";
import { changesOf, missing, pulumiCommands, root, workspace, type Workspace } from "./realEngine";

const absent = missing([...pulumiCommands, ...controlPlaneCommands]);
if (absent.length > 0) console.warn(`skipped: a cluster needs ${absent.join(", ")} on PATH`);

const minutes = 60_000;
const policies = "/apis/networking.k8s.io/v1/namespaces/auth/networkpolicies";
const policy = `${policies}/allow-jaeger-egress`;
const policyName = "network-policies-auth-allow-jaeger-egress";
const entry = "/apis/networking.istio.io/v1/namespaces/istio-system/serviceentries/google-external";
const jaeger = "/apis/apps/v1/namespaces/istio-system/deployments/jaeger";
const environment = "/api/v1/namespaces/auth/configmaps/otel-environment";

/** Field managers of what is in an object, and not of its state. */
const managersOf = ({ metadata }: ApiObject): string[] =>
  (metadata.managedFields ?? [])
    .filter(({ subresource = "" }) => subresource === "")
    .map(({ manager }) => manager.replace(/-[0-9a-f]{8}$/, ""));

/** A kubeconfig beside another, with its cluster and one that nobody answers for, which is the current one. */
function twoClusters(kubeconfig: string): string {
  const config = parse(fs.readFileSync(kubeconfig, "utf8")) as {
    clusters: { name: string; cluster: { server: string } }[];
    contexts: { name: string; context: { cluster: string; user: string } }[];
  };
  config.clusters.push({ name: "nobody", cluster: { server: "https://127.0.0.1:1" } });
  config.contexts.push({ name: "nobody", context: { cluster: "nobody", user: "admin" } });
  const file = `${kubeconfig}-two`;
  fs.writeFileSync(file, stringify({ ...config, "current-context": "nobody" }), { mode: 0o600 });
  return file;
}

describe.skipIf(absent.length > 0)("the check before the first change", () => {
  const config = stackOf("dev");
  let cluster: ControlPlane;
  let project: Workspace;

  beforeAll(async () => {
    cluster = await startControlPlane();
    await prepareMesh(cluster.api, config, false);
    project = await workspace("dev", cluster.kubeconfig);
  }, 5 * minutes);

  afterAll(async () => {
    project.remove();
    await cluster.stop();
  }, minutes);

  /** What is printed, whether it succeeds or not. */
  async function output(operation: "preview" | "up"): Promise<string> {
    try {
      const { stdout, stderr } = await project.stack[operation](
        operation === "preview" ? { diff: true } : {},
      );
      return stdout + stderr;
    } catch (error) {
      return String(error);
    }
  }

  /** What `audit --live` finds: its exit code, and the lines of errors. */
  function audit(): { code: number | null; errors: string[] } {
    const command = [
      path.join(root, "cli/bundled.cjs"),
      "audit",
      "--live",
      "--kubeconfig",
      cluster.kubeconfig,
      "--traced",
      Object.keys(config.namespaces).join(","),
    ];
    const { status, stdout } = spawnSync(process.execPath, [...command, "--format", "json"], {
      encoding: "utf8",
    });
    const { findings } = JSON.parse(stdout) as { findings: { level: string; rule: string }[] };
    return {
      code: status,
      errors: findings.filter(({ level }) => level === "error").map(({ rule }) => rule),
    };
  }

  async function withEnvironment<T>(name: string, value: string, work: () => Promise<T>): Promise<T> {
    const { workspace: own } = project.stack;
    const before = own.envVars;
    own.envVars = { ...before, [name]: value };
    try {
      return await work();
    } finally {
      own.envVars = before;
    }
  }

  test.each(["preview", "up"] as const)(
    "%s refuses a policy that would cut DNS and istiod of namespaces that nobody isolates",
    async (operation) => {
      const refusal = await output(operation);

      expect(refusal.replaceAll(/\n +/g, "\n")).toContain(
        [
          "this change would break what works, or would not work itself; nothing was changed",
          "- 7 NetworkPolicies: auth/allow-jaeger-egress, character/allow-jaeger-egress,",
          "chat/allow-jaeger-egress, image/allow-jaeger-egress, location/allow-jaeger-egress,",
          "my/allow-jaeger-egress and scan/allow-jaeger-egress [mesh-baseline-egress]",
          "such as: NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to",
          "DNS on UDP 53 and TCP 53 and istiod on TCP 15012 (configuration and certificates), which every",
          "pod in the mesh needs",
          "why: no policy of others isolates egress there, so this one, as the first, closes all that it",
          "does not list",
          "setting in Pulumi.dev.yaml, under mesh-tracing:namespaces, for auth, character, chat, image,",
          "location, my and scan:",
          "isolation: none        # egress stays open, as it is",
          "isolation: restricted  # or: this stack isolates it, and opens DNS, istiod, the mesh and the collector",
        ].join("\n"),
      );
      expect(await objectsOf(cluster.api, "dev")).toEqual([]);
    },
    3 * minutes,
  );

  test.each(["kubernetes:context", "kubernetes:cluster", "a file's path", "a file's contents"])(
    "of several clusters the one is looked at that the provider is given by %s",
    async (by) => {
      const file = twoClusters(cluster.kubeconfig);
      const kubeconfig =
        by === "a file's path" ? cluster.kubeconfig : fs.readFileSync(cluster.kubeconfig, "utf8");
      const [key, value] = by.startsWith("kubernetes:")
        ? [by, "test"]
        : ["kubernetes:kubeconfig", kubeconfig];
      const elsewhere = withEnvironment("KUBECONFIG", file, () => output("preview"));
      expect(await elsewhere).not.toContain("this change would break");

      await project.stack.setConfig(key, { value });
      const given = await withEnvironment("KUBECONFIG", file, () => output("preview"));
      await project.stack.removeConfig(key);

      expect(given).toContain("this change would break what works");
    },
    3 * minutes,
  );

  test(
    "an account that may not see everything is refused, with the kinds and both ways out",
    async () => {
      await isolateNamespaces(cluster.api, config);
      const rules = [
        { apiGroups: ["*"], resources: ["*"], verbs: ["get"] },
        ...[
          ["", "namespaces,services,pods,serviceaccounts"],
          ["apps", "*"],
          ["networking.k8s.io", "*"],
        ].map(([group, resources]) => ({
          apiGroups: [group],
          resources: resources!.split(","),
          verbs: ["list"],
        })),
      ];
      const rbac = "/apis/rbac.authorization.k8s.io/v1";
      const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reader" };
      await cluster.api.create(`${rbac}/clusterroles`, { metadata: { name: "reader" }, rules });
      await cluster.api.create(`${rbac}/clusterrolebindings`, {
        metadata: { name: "reader" },
        roleRef,
        subjects: [{ kind: "User", name: "reader" }],
      });

      const refusal = await withEnvironment("KUBECONFIG", cluster.readerKubeconfig, () => output("preview"));

      expect(refusal).toMatch(
        /because whoever runs this may not list what the check reads; nothing was changed\n[^]* - ConfigMap\n[^]* - Telemetry\.telemetry\.istio\.io\n/,
      );
      expect(refusal).toContain("or do without, in Pulumi.dev.yaml, under mesh-tracing:cluster");
      expect(refusal).toMatch(/unlisted: \[.*ConfigMap, .*Telemetry\.telemetry\.istio\.io/);
    },
    3 * minutes,
  );

  test(
    "an object of others is refused, taken over once where it is named, and not a second time",
    async () => {
      const helm = {
        "meta.helm.sh/release-name": "egress",
        "meta.helm.sh/release-namespace": "istio-system",
      };
      const labels = { "app.kubernetes.io/managed-by": "Helm", "mesh-tracing/stack": "dev" };
      await cluster.api.create(`${path.dirname(entry)}?fieldManager=helm`, {
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata: { name: "google-external", namespace: "istio-system", labels, annotations: helm },
        spec: {
          hosts: ["accounts.google.com"],
          location: "MESH_INTERNAL",
          ports: [{ name: "https", number: 443, protocol: "HTTPS" }],
          resolution: "DNS",
        },
      });
      const name = "ServiceEntry istio-system/google-external";
      for (const operation of ["preview", "up"] as const) {
        const refusal = await output(operation);
        expect(refusal).toContain(`- ${name}: the Helm release egress`);
        expect(refusal).toContain(`MESH_TRACING_ADOPT='${name}' pulumi up`);
      }
      expect(await objectsOf(cluster.api, "dev")).toEqual(["ServiceEntry istio-system/google-external"]);

      const adopt = (work: () => Promise<string>) => withEnvironment("MESH_TRACING_ADOPT", name, work);
      const told = `${name}: the Helm release egress must stop managing it, without deleting it`;
      expect(await adopt(() => output("preview"))).toContain(told);
      expect(managersOf(await cluster.api.get(entry))).toEqual(["helm"]);
      const up = await adopt(() => output("up"));
      expect(up).toContain(told);
      expect(up).not.toContain("error:");

      expect(await changesOf(project, "preview")).toEqual([]);
      const adopted = await cluster.api.get(entry);
      expect(adopted.spec?.["location"]).toBe("MESH_EXTERNAL");
      expect(managersOf(adopted).sort()).toEqual(["mesh-tracing", "pulumi-kubernetes"]);
      expect(Object.keys(adopted.metadata.annotations ?? {})).toEqual([]);
      expect(await adopt(() => output("up"))).toContain(
        "MESH_TRACING_ADOPT is set, and nothing it names is managed by others any more: unset it",
      );
      expect(await changesOf(project, "preview")).toEqual([]);
      expect(audit()).toEqual({ code: 0, errors: [] });
    },
    10 * minutes,
  );

  test(
    "the outage by hand: a preview says which field and by whom, one up repairs it, and nothing stays",
    async () => {
      const remove = [{ op: "remove", path: "/spec/egress/0/ports/2" }];
      const { spec } = await cluster.api.patch(policy, remove, "json");
      expect(JSON.stringify(spec)).not.toContain("9411");
      expect(audit().errors).toContain("trace-path-open");

      const preview = await output("preview");
      expect(preview).toMatch(
        /NetworkPolicy auth\/allow-jaeger-egress: spec\.egress was changed by somebody-else at 20\d\d-/,
      );
      expect(preview).toMatch(/egress[\s\S]*9411/);
      expect(await changesOf(project, "preview")).toEqual([`update ${policyName}`]);
      expect(JSON.stringify((await cluster.api.get(policy)).spec)).not.toContain("9411");
      expect(await changesOf(project, "up")).toEqual([`update ${policyName}`]);

      const repaired = await cluster.api.get(policy);
      expect(JSON.stringify(repaired.spec)).toContain("9411");
      expect(managersOf(repaired)).toEqual(["pulumi-kubernetes"]);
      expect(repaired.metadata.annotations ?? {}).toEqual({});
      expect(audit()).toEqual({ code: 0, errors: [] });
      expect(await changesOf(project, "preview")).toEqual([]);
    },
    10 * minutes,
  );

  test(
    "an object that somebody deleted is made again by one up",
    async () => {
      await cluster.api.remove(policy);
      await cluster.api.remove(environment);
      await cluster.api.remove("/api/v1/namespaces/istio-system/services/jaeger");
      const made = [
        "create jaeger-chart:istio-system/jaeger",
        `create ${policyName}`,
        "create otel-environment-auth",
      ];
      expect(await changesOf(project, "preview")).toEqual(made);
      expect(await changesOf(project, "up")).toEqual(made);

      expect(JSON.stringify((await cluster.api.get(policy)).spec)).toContain("9411");
      expect(await changesOf(project, "preview")).toEqual([]);
    },
    10 * minutes,
  );

  test(
    "a port of a Service that somebody renumbered is put back, although two of one name are refused",
    async () => {
      const service = "/api/v1/namespaces/istio-system/services/jaeger-query-clusterip";
      await cluster.api.patch(service, [{ op: "replace", path: "/spec/ports/0/port", value: 80 }], "json");
      const update = ["update jaeger-services-query"];

      expect(await output("preview")).toContain(
        "Service istio-system/jaeger-query-clusterip: spec.ports was changed by somebody-else at",
      );
      expect(await changesOf(project, "preview")).toEqual(update);
      expect(await changesOf(project, "up")).toEqual(update);

      const repaired = await cluster.api.get(service);
      expect((repaired.spec!["ports"] as { port: number }[]).map(({ port }) => port)).toEqual([16686, 16685]);
      expect(managersOf(repaired)).toEqual(["pulumi-kubernetes"]);
      expect(await changesOf(project, "preview")).toEqual([]);
    },
    10 * minutes,
  );

  test(
    "what a chart made is put back too, and what others have added to it stays",
    async () => {
      const limits = { limits: { memory: "2Gi" } };
      const env = [{ name: "THEIRS", value: "1" }];
      const { spec } = await podsOf(cluster.api, jaeger);
      const [{ name: container }] = spec.containers as [{ name: string }];
      const patch = {
        spec: { template: { spec: { containers: [{ name: container, resources: limits, env }] } } },
      };
      await cluster.api.patch(jaeger, patch, "strategic");

      expect(await output("preview")).toMatch(
        new RegExp(
          `Deployment istio-system/jaeger: spec\\.template\\.spec\\.containers\\[${container}\\]\\.resources\\.limits\\.memory was changed by somebody-else at`,
        ),
      );
      expect(await changesOf(project, "up")).toEqual(["update jaeger-chart:istio-system/jaeger"]);

      const repaired = JSON.stringify(await podsOf(cluster.api, jaeger));
      expect(repaired).toContain('"memory":"512Mi"');
      expect(repaired).toContain('"THEIRS"');
      // The provider compares lists by position, and shows what others add to one as a difference.
      const gone = { name: container, env: [{ name: "THEIRS", $patch: "delete" }] };
      await cluster.api.patch(jaeger, { spec: { template: { spec: { containers: [gone] } } } }, "strategic");
      expect(await changesOf(project, "preview")).toEqual([]);
    },
    10 * minutes,
  );

  test(
    "a variable of an application that its team took out comes back",
    async () => {
      const [app = ""] = applicationsOf(config);
      const name = app.split("/").at(-1)!;
      const env = [{ name: "OTEL_SERVICE_NAME", $patch: "delete" }];
      const patch = { spec: { template: { spec: { containers: [{ name, env }] } } } };
      await cluster.api.patch(app, patch, "strategic");

      expect(await changesOf(project, "up")).toEqual([`update otel-environment-auth/${name}`]);

      expect(JSON.stringify(await podsOf(cluster.api, app))).toContain("OTEL_SERVICE_NAME");
      expect(await changesOf(project, "preview")).toEqual([]);
    },
    10 * minutes,
  );

  test(
    "an object that another tool has marked is that tool's, although the stack made it",
    async () => {
      const mark = "argocd.argoproj.io/tracking-id";
      const annotations = (value: string | null) => ({ metadata: { annotations: { [mark]: value } } });
      await cluster.api.patch(policy, annotations("tracing:networking.k8s.io/NetworkPolicy:auth/x"));

      expect(await output("up")).toContain(
        "- NetworkPolicy auth/allow-jaeger-egress: the Argo CD application tracing",
      );
      await cluster.api.patch(policy, annotations(null));
      expect(await changesOf(project, "preview")).toEqual([]);
    },
    5 * minutes,
  );
});
