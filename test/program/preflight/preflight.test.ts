import * as http from "node:http";
import * as net from "node:net";
import type * as Pulumi from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type ProgramRun, runProgram } from "../../fixtures/program";
import { deployTracing } from "../../../program";
import { apiServer, discovery, kubeconfigFor, list, named, refused } from "../../fixtures/apiServer";
import { stackOf } from "../../fixtures/stack";
import { thrownBy } from "../../fixtures/temporary";

const engine = vi.hoisted(() => ({ isPreview: false }));

// The check runs where Pulumi has an engine; the embedded one is none, so these tests say that there is.
vi.mock("@pulumi/pulumi", async (importOriginal) => {
  const actual = await importOriginal<typeof Pulumi>();
  const runtime = { ...actual.runtime, hasEngine: () => true, isDryRun: () => engine.isPreview };
  return { ...actual, runtime };
});

afterEach(() => {
  engine.isPreview = false;
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** A stack that nothing in the cluster is needed for besides its namespaces. */
const raw = stackOf({
  istio: { version: "1.31", delivery: "values" },
  namespaces: { shop: { isolation: "none" } },
});
const runWith = (provider: Record<string, string>, more: object = {}): Promise<ProgramRun> => {
  const own = Object.entries({ ...raw, ...more }).map(([key, value]) => [
    `mesh-tracing:${key}`,
    JSON.stringify(value),
  ]);
  const config = { ...(Object.fromEntries(own) as Record<string, string>) };
  for (const [key, value] of Object.entries(provider)) config[`kubernetes:${key}`] = value;
  return runProgram("mesh-tracing", "test", config, deployTracing);
};
const refusalOf = async (...args: Parameters<typeof runWith>): Promise<string> =>
  ((await thrownBy(() => runWith(...args))) as Error).message;
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
    expect(await refusalOf({ kubeconfig })).toContain(
      "the cluster cannot take this stack; nothing was changed\n" +
        "  - namespace shop is not in the cluster: create it, or set namespaces.shop.create true",
    );
  });

  test("objects of others are refused, and taken over where they are named", async () => {
    const path = "/api/v1/namespaces/shop/configmaps/otel-environment";
    const { kubeconfig, patched } = await apiServer({ ...foreign, [path]: { code: 200, body: {} } });
    expect(await refusalOf({ kubeconfig })).toBe(
      "the cluster has objects that others manage under this stack's names; nothing was changed\n" +
        "  - ConfigMap shop/otel-environment: an unknown owner\n" +
        "  to take them over, once:\n" +
        "    MESH_TRACING_ADOPT='ConfigMap shop/otel-environment' pulumi up\n" +
        "  (preview instead of up shows what would happen, and what the other tool must let go of)\n" +
        "  to keep them as they are, give this stack other names or namespaces",
    );
    vi.stubEnv("MESH_TRACING_ADOPT", "ConfigMap shop/otel-environment");
    engine.isPreview = true;
    expect(objects(await runWith({ kubeconfig }))).toBe(6);
    expect(patched).toEqual([]);
    engine.isPreview = false;
    expect(objects(await runWith({ kubeconfig }))).toBe(6);
    expect(patched).toEqual([
      {
        path,
        operations: [
          { op: "test", path: "/metadata/resourceVersion" },
          {
            op: "replace",
            path: "/metadata/managedFields",
            value: [expect.objectContaining({ manager: "mesh-tracing" })],
          },
        ],
      },
    ]);
  });

  test("what may not be taken over is refused", async () => {
    const path = "/api/v1/namespaces/shop/configmaps/otel-environment";
    const { kubeconfig } = await apiServer({ ...foreign, [path]: refused(403) });
    vi.stubEnv("MESH_TRACING_ADOPT", "ConfigMap shop/otel-environment");
    expect(await refusalOf({ kubeconfig })).toBe(
      "what others changed could not be put back\n" +
        '  - ConfigMap shop/otel-environment may not be changed: {"kind":"Status","code":403}\n' +
        "  run it again",
    );
  });

  test.each([
    ["kubernetes:enablePatchForce", "pulumi config rm kubernetes:enablePatchForce"],
    ["PULUMI_K8S_ENABLE_PATCH_FORCE", "unset PULUMI_K8S_ENABLE_PATCH_FORCE"],
  ])("%s is refused, because it would force everything and stay on", async (setting, way) => {
    const inConfig = setting.startsWith("kubernetes:");
    if (!inConfig) vi.stubEnv(setting, "true");
    expect(await refusalOf(inConfig ? { enablePatchForce: "true" } : {})).toBe(
      `${setting} is on, and every update would overwrite fields that others set; nothing was changed\n` +
        `  - ${way}; MESH_TRACING_ADOPT takes over objects by their names, once`,
    );
  });

  test("a Helm release is refused where the provider only renders, because Helm would install it", async () => {
    const certManager = { install: {} };
    expect(await refusalOf({ renderYamlToDirectory: "out" }, { certManager })).toBe(
      "certManager.install is a Helm release, which the Kubernetes provider installs into a cluster even where it " +
        "only renders (renderYamlToDirectory); nothing was changed\n" +
        "  - install cert-manager by other means and remove certManager, or look at npm run render",
    );
    expect(objects(await runWith({ renderYamlToDirectory: "out" }))).toBe(6);
  });

  test("a cluster that is ready is deployed to", async () => {
    const { kubeconfig, asked } = await apiServer(everything);
    expect(objects(await runWith({ kubeconfig }))).toBe(6);
    expect(asked).not.toEqual([]);
  });

  test("what the change breaks is refused: DNS and istiod of a namespace that nobody isolates", async () => {
    const { kubeconfig } = await apiServer(everything);
    const namespaces = { shop: { isolation: "existing" } };
    expect(await refusalOf({ kubeconfig }, { namespaces })).toBe(
      [
        "this change would break what works, or would not work itself; nothing was changed",
        "  - NetworkPolicy shop/allow-jaeger-egress blocks egress from the pods of namespace shop to DNS on",
        "    UDP 53 and TCP 53 and istiod on TCP 15012 (configuration and certificates), which every pod in",
        "    the mesh needs [mesh-baseline-egress]",
        "    why: no policy of others isolates egress there, so this one, as the first, closes all that it",
        "    does not list",
        "    setting in Pulumi.test.yaml, under mesh-tracing:namespaces, for shop:",
        "      isolation: none        # egress stays open, as it is",
        "      isolation: restricted  # or: this stack isolates it, and opens DNS, istiod, the mesh and the collector",
      ].join("\n"),
    );
    const cluster = { tolerate: ["mesh-baseline-egress"] };
    expect(objects(await runWith({ kubeconfig }, { namespaces, cluster }))).toBe(7);
  });

  test("no cluster is asked when the provider only renders", async () => {
    const { kubeconfig, asked } = await apiServer(foreign);
    expect(objects(await runWith({ kubeconfig, renderYamlToDirectory: "out" }))).toBe(6);
    expect(asked).toEqual([]);
  });
});

describe("a cluster that cannot be looked at", () => {
  const failed = (message: string, ...left: string[]) =>
    [
      `the cluster could not be checked; nothing was changed\n  - ${message}`,
      "  run it again when the API server answers",
      ...left.flatMap((kind) => [
        "  or do without, in Pulumi.test.yaml, under mesh-tracing:cluster; what depends on it is then not checked:",
        `    unlisted: [${kind}]`,
      ]),
    ].join("\n");
  const unreached = (message: string) =>
    `the cluster could not be checked; nothing was changed\n  - ${message}\n` +
    "  run it where the cluster can be reached: the check uses the kubeconfig, context and proxy of the provider";
  const warnings = () => {
    engine.isPreview = true;
    return vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  };
  const later = "; pulumi up checks it before it changes anything";

  test("because nobody answers is told by a preview, and not changed by an update", async () => {
    const kubeconfig = kubeconfigFor("http://127.0.0.1:1");
    const message = "the cluster at http://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1";
    expect(await refusalOf({ kubeconfig })).toBe(unreached(message));
    const warn = warnings();
    expect(objects(await runWith({ kubeconfig }))).toBe(6);
    expect(warn).toHaveBeenCalledWith(`the cluster was not checked: ${message}${later}`);
  });

  test("because nothing says which one, likewise", async () => {
    vi.stubEnv("KUBECONFIG", "/no/such/kubeconfig");
    vi.stubEnv("HOME", "/no/such/home");
    expect(await refusalOf({})).toContain("nothing was changed\n  - ");
    const warn = warnings();
    expect(objects(await runWith({}))).toBe(6);
    expect(warn.mock.calls[0]![0]).toContain(later);
  });

  test("because credentials cannot be had is refused by a preview, too", async () => {
    engine.isPreview = true;
    const kubeconfig = JSON.parse(kubeconfigFor("http://127.0.0.1:1")) as { users: object[] };
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "/no/such/command" };
    kubeconfig.users = [{ name: "test", user: { exec } }];
    expect(await refusalOf({ kubeconfig: JSON.stringify(kubeconfig) })).toContain(
      "the cluster could not be checked; nothing was changed\n  - the cluster at http://127.0.0.1:1 cannot be asked: ",
    );
  });

  test("but through the proxy of the environment is looked at through it", async () => {
    const { kubeconfig, asked } = await apiServer(everything);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(kubeconfig)![1]);
    const wanted: string[] = [];
    const proxy = http.createServer().on("connect", ({ url = "" }, client) => {
      wanted.push(url);
      const server = net.connect(port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        server.pipe(client).pipe(server);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void proxy.close());
    vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`);

    expect(objects(await runWith({ kubeconfig: kubeconfigFor("http://api.cluster.example") }))).toBe(6);

    expect(new Set(wanted)).toEqual(new Set(["api.cluster.example:80"]));
    expect(asked).toContain("/api/v1/namespaces?limit=500");
  });

  test.each([
    ["context", "there is no context elsewhere\n  fix: choose one of test"],
    ["cluster", "there is no cluster elsewhere\n  fix: choose one of test"],
  ])("because the %s of the stack is not in the kubeconfig is refused", async (key, message) => {
    const kubeconfig = kubeconfigFor("http://127.0.0.1:1");
    expect(await refusalOf({ kubeconfig, [key]: "elsewhere" })).toBe(failed(message));
  });

  test("for kinds that may not be listed is refused, unless the stack names them", async () => {
    const { kubeconfig, asked } = await apiServer({
      ...everything,
      "/api/v1/configmaps": refused(403),
      "/apis/telemetry.istio.io/v1/telemetries": refused(403),
    });
    expect(await refusalOf({ kubeconfig })).toBe(
      "the cluster could not be checked, because whoever runs this may not list what the check reads; nothing was " +
        "changed\n  - ConfigMap\n  - Telemetry.telemetry.istio.io\n" +
        "  to allow it, give the account the ClusterRoles mesh-tracing-read and mesh-tracing-judge of docs/backends.md\n" +
        "  or do without, in Pulumi.test.yaml, under mesh-tracing:cluster; what depends on it is then not checked:\n" +
        "    unlisted: [ConfigMap, Telemetry.telemetry.istio.io]",
    );
    asked.length = 0;
    const cluster = { unlisted: ["ConfigMap", "Telemetry.telemetry.istio.io"] };
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    expect(objects(await runWith({ kubeconfig }, { cluster }))).toBe(6);
    expect(warn.mock.calls[0]![0]).toContain(
      "not judged, because cluster.unlisted names the kinds:\n  - ConfigMap: the mesh config, ",
    );
    expect(asked.filter((path) => /configmaps|telemetries/.test(path))).toEqual([]);
  });

  test("because a kind fails is refused, after it was asked again", async () => {
    const { kubeconfig, asked } = await apiServer({ ...everything, "/api/v1/services": refused(500) });
    expect(await refusalOf({ kubeconfig })).toBe(
      failed(
        'the cluster cannot be read (Service (v1)): {"kind":"Status","code":500} (status 500)',
        "Service",
      ),
    );
    expect(asked.filter((path) => path.startsWith("/api/v1/services?")).length).toBeGreaterThan(3);
  });

  test("because a list ends in the middle is refused", async () => {
    const { kubeconfig } = await apiServer({
      ...everything,
      "/apis/apps/v1/deployments?limit=500": {
        code: 200,
        body: { metadata: { continue: "next" }, items: [] },
      },
      "/apis/apps/v1/deployments?limit=500&continue=next": refused(410),
    });
    expect(await refusalOf({ kubeconfig })).toBe(
      failed(
        "the cluster changed too much while Deployment (apps/v1) was read\n  fix: try again",
        "Deployment",
      ),
    );
  });

  test("because it takes too long is refused", async () => {
    const late = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(late.signal);
    const { kubeconfig, asked } = await apiServer({ ...everything, "/api/v1/services": "silence" });
    const refusal = refusalOf({ kubeconfig });
    await vi.waitFor(() => expect(asked).toContain("/api/v1/services?limit=500"), 20_000);
    late.abort(new DOMException("late", "TimeoutError"));
    expect(await refusal).toMatch(
      /^the cluster could not be checked; nothing was changed\n {2}- the cluster at http:\/\/127\.0\.0\.1:\d+ cannot be reached \(Service \(v1\)\): no answer in time\n[^]*unlisted: \[Service\]$/,
    );
  });
});
