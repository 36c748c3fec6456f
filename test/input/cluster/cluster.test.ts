import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Patience } from "../../../input/cluster/apiServer";
import { Cluster } from "../../../input/cluster/cluster";
import { ClusterError } from "../../../input/cluster/clusterError";
import { type ClusterAccess } from "../../../input/cluster/kubeconfig";
import {
  type Answer,
  apiServer,
  discovery,
  kubeconfigFor,
  list,
  named,
  refused,
} from "../../fixtures/apiServer";
import { directoryOf } from "../../fixtures/files";

const services = "/api/v1/services";
const firstPage = `${services}?limit=500`;
const secondPage = `${services}?limit=500&continue=2`;

/** A cluster whose Services are answered so. */
async function serving(answers: Record<string, Answer | Answer[]>, patience: Patience = {}) {
  const { kubeconfig, asked } = await apiServer({ ...discovery, ...answers });
  const pauses: number[] = [];
  const pause = (milliseconds: number) => Promise.resolve(void pauses.push(milliseconds));
  const cluster = await Cluster.of({ kubeconfig }, { pause, ...patience });
  const requests = () => asked.filter((path) => path.startsWith(services));
  return { cluster, requests, pauses };
}

async function failure(asking: Promise<unknown>): Promise<ClusterError> {
  const error: unknown = await asking.catch((reason: unknown) => reason);
  if (error instanceof ClusterError) return error;
  throw new Error(`this must fail with a ClusterError, not ${String(error)}`);
}

const jaeger = { ...named("jaeger", "obs"), apiVersion: "v1", kind: "Service" };
const page = (next: string, ...items: object[]): Answer => ({
  code: 200,
  body: { metadata: { continue: next }, items },
});

describe("lists", () => {
  test("say what their items are", async () => {
    const { cluster } = await serving({ [services]: list(named("jaeger", "obs")) });
    expect(await cluster.list("v1", "Service")).toEqual([jaeger]);
    expect(cluster.hasAnswered).toBe(true);
  });

  test("are selected by namespace, field and label", async () => {
    const { kubeconfig, asked } = await apiServer(discovery);
    const cluster = await Cluster.of({ kubeconfig });
    await cluster.list("v1", "Service", {
      namespace: "obs",
      fieldSelector: "metadata.name=a",
      labelSelector: "b=c",
    });
    expect(asked.at(-1)).toBe(
      "/api/v1/namespaces/obs/services?fieldSelector=metadata.name%3Da&labelSelector=b%3Dc&limit=500",
    );
  });

  test("are read page by page", async () => {
    const { cluster } = await serving({
      [firstPage]: page("2", named("a")),
      [secondPage]: page("", named("b")),
    });
    const items = await cluster.list("v1", "Service");
    expect(items?.map(({ metadata }) => metadata)).toEqual([{ name: "a" }, { name: "b" }]);
  });

  test("begin again where the next page is gone, and count nothing twice", async () => {
    const { cluster, requests } = await serving({
      [firstPage]: page("2", named("a")),
      [secondPage]: [refused(410), page("", named("b"))],
    });
    const items = await cluster.list("v1", "Service");
    expect(items?.map(({ metadata }) => metadata)).toEqual([{ name: "a" }, { name: "b" }]);
    expect(requests()).toEqual([firstPage, secondPage, firstPage, secondPage]);
  });

  test("give up where it is gone again and again", async () => {
    const { cluster, requests } = await serving({
      [firstPage]: page("2", named("a")),
      [secondPage]: refused(410),
    });
    const error = await failure(cluster.list("v1", "Service"));
    expect([error.problem, error.message]).toEqual([
      "gone",
      "the cluster changed too much while Service (v1) was read\n  fix: try again",
    ]);
    expect(requests()).toHaveLength(8);
  });

  test("of a kind or a group that is not served are none", async () => {
    const { cluster } = await serving({});
    expect(await cluster.list("v1", "Pod")).toBeUndefined();
    expect(await cluster.list("example.com/v1", "Thing")).toBeUndefined();
    expect(await cluster.resource("v1", "Namespace")).toEqual({ plural: "namespaces", namespaced: false });
  });
});

test("one object by its name", async () => {
  const { cluster } = await serving({
    "/api/v1/namespaces/obs/services/jaeger": { code: 200, body: named("jaeger", "obs") },
  });
  expect(await cluster.get("v1", "Service", "obs", "jaeger")).toEqual(jaeger);
  expect(await cluster.get("v1", "Service", "obs", "other")).toBeUndefined();
});

describe("what may pass is tried again", () => {
  test.each<[string, Answer]>([
    ["429", refused(429)],
    ["500", refused(500)],
    ["503", refused(503)],
    ["a connection that breaks", "reset"],
  ])("%s", async (_, answer) => {
    const { cluster, requests, pauses } = await serving({
      [services]: [answer, answer, answer, list(named("jaeger", "obs"))],
    });
    expect(await cluster.list("v1", "Service")).toEqual([jaeger]);
    expect(requests()).toHaveLength(4);
    expect(pauses).toEqual([250, 500, 1000]);
  });

  test("as late as the server asks for, within reason", async () => {
    const after = (seconds: string): Answer => ({ code: 429, body: {}, headers: { "retry-after": seconds } });
    const { cluster, pauses } = await serving({
      [services]: [after("3"), after("600"), after("soon"), list()],
    });
    await cluster.list("v1", "Service");
    expect(pauses).toEqual([3000, 10_000, 1000]);
  });

  test("but not for ever", async () => {
    const { cluster, requests } = await serving({ [services]: refused(503) });
    const error = await failure(cluster.list("v1", "Service"));
    expect(requests()).toHaveLength(4);
    expect([error.problem, error.status]).toEqual(["failing", 503]);
  });
});

describe("refusals are told apart", () => {
  test.each<[string, Answer, string, number | undefined, string]>([
    [
      "401",
      refused(401),
      "unauthenticated",
      401,
      "the cluster does not accept the credentials of the kubeconfig",
    ],
    [
      "403",
      { code: 403, body: { message: "services is forbidden" } },
      "forbidden",
      403,
      "Service (v1) may not be read: services is forbidden",
    ],
    [
      "a proxy's page",
      { code: 502, body: "<html>\nbad gateway" },
      "failing",
      502,
      "the cluster cannot be read (Service (v1)): <html> (status 502)",
    ],
    [
      "a login page",
      { code: 200, body: "<html>" },
      "failing",
      200,
      "the cluster cannot be read (Service (v1)): the answer is not JSON, so it may not come from an API server",
    ],
    [
      "a redirect",
      { code: 302, body: "" },
      "failing",
      302,
      "the cluster cannot be read (Service (v1)):  (status 302)",
    ],
  ])("%s", async (_, answer, problem, status, message) => {
    const { cluster } = await serving({ [services]: answer });
    const error = await failure(cluster.list("v1", "Service"));
    expect([error.problem, error.status, error.message]).toEqual([problem, status, message]);
  });

  test("a kind that is served and not there is no failure", async () => {
    const { cluster } = await serving({ [services]: refused(404) });
    expect(await cluster.list("v1", "Service")).toBeUndefined();
  });
});

describe("what does not answer", () => {
  test("fails at once where nobody listens, before anybody did", async () => {
    const kubeconfig = kubeconfigFor("http://127.0.0.1:1");
    const cluster = await Cluster.of({ kubeconfig });
    const error = await failure(cluster.list("v1", "Service"));
    expect([error.problem, error.message]).toEqual([
      "unreachable",
      "the cluster at http://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1",
    ]);
    expect(cluster.hasAnswered).toBe(false);
  });

  test("is given up after a while", async () => {
    const { cluster, requests } = await serving({ [services]: "silence" }, { timeout: 20 });
    const error = await failure(cluster.list("v1", "Service"));
    expect(error.message).toMatch(
      /^the cluster at \S+ cannot be reached( \(Service \(v1\)\))?: no answer within 0\.02 s$/,
    );
    expect(requests()).toHaveLength(4);
  });

  test("is given up when the caller's time is over, also between two attempts", async () => {
    const answers = { [services]: "silence", "/api/v1/pods": refused(503) } as const;
    for (const path of ["Service", "Pod"]) {
      const { kubeconfig } = await apiServer({
        ...answers,
        "/api/v1": {
          code: 200,
          body: {
            resources: [
              { kind: "Service", name: "services" },
              { kind: "Pod", name: "pods" },
            ],
          },
        },
      });
      const signal = AbortSignal.timeout(300);
      const cluster = await Cluster.of({ kubeconfig }, { signal });
      const error = await failure(cluster.list("v1", path));
      expect([error.problem, error.message.split(": ")[1]]).toEqual(["unreachable", "no answer in time"]);
    }
  });
});

test("asks for no more than eight things at once", async () => {
  const paths = Array.from({ length: 20 }, (_, index) => `/api/v1/namespaces/n${index}/services/a`);
  const { kubeconfig, asked } = await apiServer({
    ...discovery,
    ...Object.fromEntries(paths.map((path) => [path, "silence" as const])),
  });
  const abort = new AbortController();
  const cluster = await Cluster.of({ kubeconfig }, { signal: abort.signal });
  await cluster.resource("v1", "Service");
  const all = paths.map((_, index) => failure(cluster.get("v1", "Service", `n${index}`, "a")));
  await vi.waitFor(() => expect(asked).toHaveLength(9));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(asked).toHaveLength(9);
  abort.abort();
  expect((await Promise.all(all)).map(({ problem }) => problem)).toEqual(paths.map(() => "unreachable"));
});

describe("the cluster that is asked", () => {
  const unreachable = async (access: ClusterAccess): Promise<string> => {
    const cluster = await Cluster.of(access);
    return (await failure(cluster.list("v1", "Service"))).message;
  };
  const both = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [1, 2].map((port) => ({
      name: `c${port}`,
      cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true },
    })),
    users: [{ name: "u", user: {} }],
    contexts: [1, 2].map((port) => ({ name: `x${port}`, context: { cluster: `c${port}`, user: "u" } })),
    "current-context": "x1",
  });

  test("is the kubeconfig's, the context's, or the one that is named", async () => {
    expect(await unreachable({ kubeconfig: both })).toContain("127.0.0.1:1 ");
    expect(await unreachable({ kubeconfig: both, context: "x2" })).toContain("127.0.0.1:2 ");
    expect(await unreachable({ kubeconfig: both, context: "x2", cluster: "c1" })).toContain("127.0.0.1:1 ");
    const file = `${directoryOf({ config: both })}/config`;
    expect(await unreachable({ kubeconfig: file, cluster: "c2" })).toContain("127.0.0.1:2 ");
  });

  test("must be there", async () => {
    const messageFor = async (access: ClusterAccess) => (await failure(Cluster.of(access))).message;
    expect(await messageFor({ kubeconfig: both, context: "x3" })).toBe(
      "there is no context x3\n  fix: choose one of x1, x2",
    );
    expect(await messageFor({ kubeconfig: both, cluster: "x1" })).toBe(
      "there is no cluster x1\n  fix: choose one of c1, c2",
    );
    vi.stubEnv("KUBECONFIG", "");
    vi.stubEnv("HOME", directoryOf({}));
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await messageFor({})).toBe(
      "there is no kubeconfig: KUBECONFIG is not set, and ~/.kube/config does not exist\n  fix: give --kubeconfig",
    );
  });
});
