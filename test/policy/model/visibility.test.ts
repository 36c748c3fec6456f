/** Which Services a proxy is told of. */
import { describe, expect, it } from "vitest";
import { type MeshConfig } from "../../../policy/model/meshConfig";
import { type KubeObject, ObjectIndex } from "../../../policy/model/objects";
import { exportOf, isExportedTo, sidecarShows, Sidecars } from "../../../policy/model/visibility";
import { type Workload } from "../../../policy/model/workloads";

type Json = Record<string, unknown>;

const sidecar = (name: string, spec: Json = {}, namespace = "shop"): KubeObject => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Sidecar",
  metadata: { name, namespace },
  spec,
});
const select = (labels: Json) => ({ workloadSelector: { labels } });

it("the Sidecar of a proxy selects it, or is its namespace's or the mesh's", () => {
  const labels = { app: "web", tier: "front" };
  const of = (...sidecars: KubeObject[]) =>
    new Sidecars(new ObjectIndex(sidecars), "istio-system").of({
      namespace: "shop",
      labels,
    } as unknown as Workload)?.metadata.name;
  const mesh = sidecar("mesh", {}, "istio-system");
  const namespace = sidecar("namespace");
  expect(of()).toBeUndefined();
  expect(of(mesh)).toBe("mesh");
  expect(of(mesh, namespace)).toBe("namespace");
  expect(of(mesh, namespace, sidecar("own", select({ app: "web" })))).toBe("own");
  expect(of(namespace, sidecar("own", select(labels)))).toBe("own");
  expect(of(namespace, sidecar("other", select({ app: "web", tier: "back" })))).toBe("namespace");
  expect(of(sidecar("other", select({ app: "api" })))).toBeUndefined();
  expect(of(sidecar("elsewhere", {}, "chat"))).toBeUndefined();
  expect(of(sidecar("selecting", select({ app: "web" }), "istio-system"))).toBeUndefined();
});

describe("a Sidecar shows a Service", () => {
  const service = { host: "tempo.tracing.svc.cluster.local", namespace: "tracing", port: 4317 };
  const shows = (egress: unknown, from = "shop", port: number | undefined = 4317) =>
    sidecarShows(sidecar("a", { egress }), from, { ...service, port });

  it.each<[string, boolean]>([
    ["*/*", true],
    ["tracing/*", true],
    ["tracing/tempo.tracing.svc.cluster.local", true],
    ["tracing/*.tracing.svc.cluster.local", true],
    ["*/*.cluster.local", true],
    ["tempo.tracing.svc.cluster.local", true],
    ["*", true],
    ["shop/*", false],
    ["./*", false],
    ["~/*", false],
    ["tracing/tempo", false],
    ["tracing/*.shop.svc.cluster.local", false],
    ["tracing/", false],
  ])("by %s: %s", (host, expected) => {
    expect(shows([{ hosts: [host] }])).toBe(expected);
  });

  it("of the namespace of the proxy, by one of several entries, or without any", () => {
    expect(shows([{ hosts: ["./*"] }], "tracing")).toBe(true);
    expect(shows([{ hosts: ["./*"] }, { hosts: ["shop/*", "tracing/*"] }])).toBe(true);
    expect(shows([])).toBe(true);
    expect(shows(undefined)).toBe(true);
    expect(shows([{}])).toBe(false);
  });

  it("on the port of the entry, if it has one", () => {
    const entry = (number: unknown) => [{ port: { number }, hosts: ["*/*"] }];
    expect(shows(entry(4317))).toBe(true);
    expect(shows(entry("4317"))).toBe(true);
    expect(shows(entry(9411))).toBe(false);
    expect(sidecarShows(sidecar("a", { egress: entry(4317) }), "shop", { ...service, port: undefined })).toBe(
      false,
    );
  });
});

describe("a Service is exported", () => {
  const source = sidecar("config");
  const mesh = (defaultServiceExportTo?: string[], sources: KubeObject[] = [sidecar("first"), source]) =>
    ({ values: { defaultServiceExportTo }, sources }) as unknown as MeshConfig;
  const service = (exportTo?: string): KubeObject => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "tempo", annotations: { "networking.istio.io/exportTo": exportTo } },
  });

  it("to what its annotation says, else to what the mesh config does", () => {
    const own = service("., shop");
    expect(exportOf(own, mesh(["."]))).toEqual({ places: [".", "shop"], from: own });
    expect(exportOf(service("*"), mesh(["."]))).toBeUndefined();
    expect(exportOf(service(), mesh(["."]))).toEqual({ places: ["."], from: source });
    expect(exportOf(undefined, mesh(["."]))).toEqual({ places: ["."], from: source });
    expect(exportOf(service(), mesh([".", "*"]))).toBeUndefined();
    expect(exportOf(service(), mesh([]))).toBeUndefined();
    expect(exportOf(service(), mesh())).toBeUndefined();
    expect(exportOf(service(), mesh(["."], []))).toBeUndefined();
  });

  it.each<[string[], string, boolean]>([
    [["."], "tracing", true],
    [["."], "shop", false],
    [["shop"], "shop", true],
    [["shop"], "tracing", false],
    [["tracing"], "tracing", true],
    [["~"], "tracing", false],
    [["~", "."], "tracing", false],
    [[], "tracing", false],
  ])("with %j to proxies of %s: %s", (places, from, expected) => {
    expect(isExportedTo({ places, from: source }, { namespace: "tracing", name: "tempo" }, from)).toBe(
      expected,
    );
  });
});
