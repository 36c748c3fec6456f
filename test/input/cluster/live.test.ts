import { describe, expect, test } from "vitest";
import { InputError } from "../../../input/inputError";
import { applied } from "../../../input/duplicates";
import { readLive } from "../../../input/cluster/live";
import { checkAll } from "../../../policy/checkAll";
import { type Manifest, Mesh, options } from "../../../docs/generate/sample/mesh";
import { addKiali, kialiConfig } from "../../../docs/generate/sample/kiali";
import { directoryOf } from "../../fixtures/files";
import { fakeCluster, kubeconfigFor } from "../../fixtures/fakeCluster";

/** Objects that nothing of the check depends on, or that others stand for. */
const besides = [
  pod("auth-api-1", [controlledBy("apps/v1", "ReplicaSet", "auth-api-5f")]),
  replicaSet("auth-api-5f", controlledBy("apps/v1", "Deployment", "auth-api")),
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "unrelated", namespace: "auth" },
    data: { a: "private" },
  },
  { apiVersion: "v1", kind: "Secret", metadata: { name: "secret", namespace: "auth" } },
];

function controlledBy(apiVersion: string, kind: string, name: string) {
  return { apiVersion, kind, name, controller: true };
}

function replicaSet(name: string, owner: object): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name, namespace: "auth", ownerReferences: [owner] },
    spec: { replicas: 1, template: { spec: { containers: [] } } },
  };
}

function pod(name: string, ownerReferences: object[]) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "auth", ownerReferences },
    spec: { containers: [] },
  };
}

const names = (objects: readonly unknown[]) =>
  (objects as { kind: string; metadata: { name: string; namespace?: string } }[])
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`)
    .sort();

describe("a cluster", () => {
  test("is read whole, page by page, as far as rules need it; nothing is written", async () => {
    const mesh = new Mesh();
    const { kubeconfig, requests } = await fakeCluster([...mesh.objects, ...besides]);
    const { objects, warnings } = await readLive({ kubeconfig });
    expect(warnings).toEqual([]);
    expect(names(objects)).toEqual(names(mesh.objects));
    expect(requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
    expect(requests.filter((request) => request.includes("secrets"))).toEqual([]);
    expect(requests).not.toContain("GET /api/v1/configmaps");
  });

  test("gives the findings that its files would give", async () => {
    const mesh = new Mesh().unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 2");
    const { kubeconfig } = await fakeCluster(mesh.objects);
    const { objects } = await readLive({ kubeconfig });
    const found = checkAll(objects, options);
    expect(found.map(({ rule, name }) => [rule, name])).toEqual([["trace-path-open", "allow-jaeger-egress"]]);
    expect(found).toEqual(checkAll(mesh.objects, options));
  });

  test("gives Kiali's configuration, wherever Kiali runs", async () => {
    const mesh = addKiali(new Mesh(), kialiConfig({ use_grpc: false }));
    const { kubeconfig } = await fakeCluster([...mesh.objects, ...besides]);
    const { objects } = await readLive({ kubeconfig });
    expect(names(objects)).toEqual(names(mesh.objects));
    expect(checkAll(objects, options).map(({ rule, name }) => [rule, name])).toEqual([
      ["kiali-tracing", "kiali"],
    ]);
  });

  test("pods that nothing which is read stands for count", async () => {
    const owner = controlledBy("core.strimzi.io/v1beta2", "StrimziPodSet", "kafka");
    const alone = [pod("bare", []), pod("of-an-operator", [owner])];
    const { kubeconfig } = await fakeCluster([...new Mesh().objects, ...alone]);
    const { objects } = await readLive({ kubeconfig });
    expect(names(objects).filter((name) => name.startsWith("Pod"))).toEqual([
      "Pod auth/bare",
      "Pod auth/of-an-operator",
    ]);
  });

  describe("with Argo Rollouts", () => {
    const policy = "NetworkPolicy auth/allow-jaeger-egress";
    /** A mesh one of whose Deployments is a Rollout, closed for spans of proxies, and what its controller made. */
    const withRollout = () => {
      const mesh = new Mesh().unset(policy, "spec egress 0 ports 2");
      const deployment = mesh.get("Deployment auth/auth-api");
      const owner = controlledBy("argoproj.io/v1alpha1", "Rollout", "auth-api");
      const metadata = { name: "auth-api-6c", namespace: "auth", ownerReferences: [owner] };
      const set = { ...deployment, kind: "ReplicaSet", metadata };
      const made = [set, pod("auth-api-6c-1", [controlledBy("apps/v1", "ReplicaSet", "auth-api-6c")])];
      Object.assign(deployment, { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" });
      return { mesh, made };
    };
    const messages = (objects: readonly unknown[]) =>
      checkAll(objects, options).map(({ message }) => /^.* blocks egress from (\w+ \S+) /.exec(message)?.[1]);

    test("a Rollout stands for its pods, which are asked about", async () => {
      const { mesh, made } = withRollout();
      const { kubeconfig } = await fakeCluster([...mesh.objects, ...made]);
      const { objects, warnings } = await readLive({ kubeconfig });
      expect(warnings).toEqual([]);
      expect(names(objects)).toEqual(names(mesh.objects));
      expect(messages(objects)).toEqual(["Rollout auth/auth-api"]);
    });

    test("where Rollouts may not be read, their ReplicaSets stand for the pods", async () => {
      const { mesh, made } = withRollout();
      const { kubeconfig } = await fakeCluster([...mesh.objects, ...made], { forbidden: ["Rollout"] });
      const { objects, warnings } = await readLive({ kubeconfig });
      expect(warnings).toEqual([
        "Rollout (argoproj.io/v1alpha1) may not be read, so what depends on it was not checked",
      ]);
      expect(names(objects)).not.toContain("Pod auth/auth-api-6c-1");
      expect(messages(objects)).toEqual(["ReplicaSet auth/auth-api-6c"]);
    });
  });

  test("older versions of an API will do", async () => {
    const old = {
      apiVersion: "networking.istio.io/v1beta1",
      kind: "Sidecar",
      metadata: { name: "old", namespace: "auth" },
    };
    const { kubeconfig } = await fakeCluster([
      ...new Mesh().objects.filter(({ apiVersion }) => !apiVersion.startsWith("networking.istio")),
      old,
    ]);
    const { objects } = await readLive({ kubeconfig });
    expect(objects).toContainEqual(
      expect.objectContaining({ apiVersion: "networking.istio.io/v1beta1", kind: "Sidecar" }),
    );
  });

  test("the configuration that collectors mount, and of nobody else what they mount", async () => {
    const pod = (name: string, image: string): Manifest => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace: "observability" },
      spec: {
        template: {
          spec: {
            containers: [{ name, image }],
            volumes: [{ name: "config", configMap: { name: `${name}-config` } }],
          },
        },
      },
    });
    const configMap = (name: string): Manifest => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: "observability" },
      data: {},
    });
    const { kubeconfig } = await fakeCluster([
      ...new Mesh().objects,
      pod("jaeger", "jaegertracing/jaeger:2.19.0"),
      pod("otel", "otel/opentelemetry-collector-contrib:0.140.1"),
      pod("tempo", "grafana/tempo:2.9.0"),
      pod("web", "example.com/web:1"),
      configMap("jaeger-config"),
      configMap("otel-config"),
      configMap("tempo-config"),
      configMap("web-config"),
    ]);
    const found = names((await readLive({ kubeconfig })).objects);
    for (const name of ["jaeger", "otel", "tempo"])
      expect(found).toContain(`ConfigMap observability/${name}-config`);
    expect(found).not.toContain("ConfigMap observability/web-config");
  });

  test("endpoints of a Service without a selector", async () => {
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "bare", namespace: "auth" },
      spec: { ports: [] },
    };
    const endpoints = { ...service, kind: "Endpoints", subsets: [] };
    const { kubeconfig } = await fakeCluster([...new Mesh().objects, service, endpoints]);
    const { objects } = await readLive({ kubeconfig });
    expect(names(objects)).toContain("Endpoints auth/bare");
  });

  test("what may not be read is told", async () => {
    const { kubeconfig } = await fakeCluster(new Mesh().objects, {
      forbidden: ["ServiceEntry", "Namespace"],
    });
    const { warnings } = await readLive({ kubeconfig });
    expect(warnings).toEqual([
      "Namespace (v1) may not be read, so what depends on it was not checked",
      "ServiceEntry (networking.istio.io/v1) may not be read, so what depends on it was not checked",
    ]);
  });
});

describe("a cluster that cannot be read", () => {
  const failing = async (options: Parameters<typeof readLive>[0]): Promise<string> => {
    const error: unknown = await readLive(options).catch((reason: unknown) => reason);
    if (error instanceof InputError) return error.message;
    throw new Error(`this must fail with an InputError, not ${String(error)}`);
  };

  test("nobody answers", async () => {
    expect(await failing({ kubeconfig: kubeconfigFor("http://127.0.0.1:1") })).toMatch(
      /^the cluster at http:\/\/127\.0\.0\.1:1 cannot be reached: .+$/,
    );
  });

  test("it does not know who asks", async () => {
    const { kubeconfig } = await fakeCluster([], { status: 401 });
    expect(await failing({ kubeconfig })).toBe(
      "the cluster does not accept the credentials of the kubeconfig",
    );
  });

  test("it fails", async () => {
    const { kubeconfig } = await fakeCluster([], { status: 500 });
    expect(await failing({ kubeconfig, pause: () => Promise.resolve() })).toBe(
      "the cluster cannot be read (the list of kinds of v1): fake 500 (status 500)",
    );
  });

  test("there is no such file, context or cluster", async () => {
    expect(await failing({ kubeconfig: "/no/such/file" })).toBe("kubeconfig /no/such/file does not exist");
    const kubeconfig = kubeconfigFor("http://127.0.0.1:1");
    expect(await failing({ kubeconfig, context: "prod" })).toBe(
      "there is no context prod\n  fix: choose one of fake",
    );
    const broken = `${directoryOf({ config: "a: [" })}/config`;
    expect(await failing({ kubeconfig: broken })).toMatch(/^the kubeconfig cannot be read: [^\n]+$/);
    const empty = `${directoryOf({ config: "apiVersion: v1\nkind: Config\n" })}/config`;
    expect(await failing({ kubeconfig: empty })).toMatch(
      /^(the kubeconfig cannot be read|no cluster is configured)/,
    );
  });
});

test("files count as applied to the cluster", () => {
  const live = [{ ...pod("a", []), status: {} }, pod("b", [])];
  const files = [pod("b", []), pod("c", [])];
  expect(applied(live, files)).toEqual([live[0], ...files]);
});
