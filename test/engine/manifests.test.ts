import { describe, expect, test } from "vitest";
import { type HelmCharts, type Manifest, manifestsOf, type RegisteredResource } from "../../engine/manifests";

const registered = (type: string, name: string, inputs: object, custom = true): RegisteredResource => ({
  urn: `urn:${name}`,
  type,
  name,
  parent: "urn:parent",
  custom,
  inputs: inputs as Record<string, unknown>,
});
const configMap = (name: string, namespace?: string): Manifest => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});
const noCharts: HelmCharts = { template: () => Promise.reject(new Error("there is no chart")) };
const chartInputs = { chart: "jaeger", name: "jaeger", namespace: "obs" };

describe("what a run's resources stand for", () => {
  test("objects of Kubernetes, patches among them; not components and other providers' resources", async () => {
    const rendered = await manifestsOf(
      [
        registered("mesh-tracing:jaeger:Jaeger", "component", {}, false),
        registered("pulumi:providers:kubernetes", "provider", {}),
        registered("random:index/randomId:RandomId", "random", {}),
        registered("kubernetes:core/v1:ConfigMap", "map", configMap("a", "shop")),
        registered("kubernetes:apps/v1:DeploymentPatch", "patch", {
          kind: "Deployment",
          metadata: { name: "b", namespace: "shop" },
          apiVersion: "apps/v1",
        }),
      ],
      noCharts,
    );
    expect(rendered).toEqual([
      {
        urn: "urn:map",
        parent: "urn:parent",
        type: "manifest",
        manifest: configMap("a", "shop"),
        patch: false,
      },
      {
        urn: "urn:patch",
        parent: "urn:parent",
        type: "manifest",
        manifest: {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "b", namespace: "shop" },
        },
        patch: true,
      },
    ]);
  });

  test("the chart of cert-manager's own component, by what its release is told", async () => {
    const helmOptions = { chart: "cert-manager", name: "cert-manager", namespace: "certs" };
    const rendered = await manifestsOf(
      [registered("kubernetes-cert-manager:index:CertManager", "release", { helmOptions }, false)],
      {
        template: (inputs) => {
          expect(inputs).toEqual(helmOptions);
          return Promise.resolve({ manifests: [configMap("a", "certs")] });
        },
      },
    );
    expect(rendered.map(({ urn, type }) => [urn, type])).toEqual([["urn:release", "manifest"]]);
  });

  test("the manifests of a chart that was templated", async () => {
    const rendered = await manifestsOf(
      [registered("kubernetes:helm.sh/v4:Chart", "chart", chartInputs, false)],
      {
        template: (inputs) => {
          expect(inputs).toEqual(chartInputs);
          return Promise.resolve({ manifests: [configMap("b", "obs"), configMap("a", "obs")] });
        },
      },
    );
    expect(rendered).toEqual(
      ["a", "b"].map((name) => ({
        urn: "urn:chart",
        parent: "urn:parent",
        type: "manifest",
        manifest: configMap(name, "obs"),
        patch: false,
      })),
    );
  });

  test("the reference of a chart that was not", async () => {
    const chart = {
      release: "jaeger",
      namespace: "obs",
      reference: ["jaeger"],
      values: {},
      reason: "helm is not on PATH",
    };
    const rendered = await manifestsOf(
      [registered("kubernetes:helm.sh/v4:Chart", "chart", chartInputs, false)],
      { template: () => Promise.resolve(chart) },
    );
    expect(rendered).toEqual([{ urn: "urn:chart", parent: "urn:parent", type: "chart", chart }]);
  });
});

test("fields come in the order that people expect, what is inside keeps its own", async () => {
  const [rendered] = await manifestsOf(
    [
      registered("kubernetes:core/v1:Service", "service", {
        status: {},
        spec: { type: "ClusterIP", ports: [] },
        metadata: { namespace: "shop", name: "a", labels: { b: "1", a: "2" } },
        kind: "Service",
        apiVersion: "v1",
      }),
    ],
    noCharts,
  );
  expect(rendered?.type === "manifest" && JSON.stringify(rendered.manifest)).toBe(
    JSON.stringify({
      apiVersion: "v1",
      kind: "Service",
      metadata: { labels: { b: "1", a: "2" }, name: "a", namespace: "shop" },
      spec: { type: "ClusterIP", ports: [] },
      status: {},
    }),
  );
});

describe("a Secret is written without what is secret", () => {
  const secret = (fields: object) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "a", namespace: "shop" },
    ...fields,
  });
  const written = async (inputs: object) => {
    const [rendered] = await manifestsOf([registered("kubernetes:core/v1:Secret", "s", inputs)], noCharts);
    if (rendered?.type !== "manifest") throw new Error("the Secret is not rendered");
    return { manifest: rendered.manifest, withheld: rendered.withheld };
  };

  test.each<[string, object, object, string[] | undefined]>([
    ["all of a field", { stringData: "[secret]", type: "Opaque" }, { type: "Opaque" }, ["stringData"]],
    [
      "one key of several",
      { data: { key: "[secret]", user: "YQ==" }, stringData: { more: "[secret]" } },
      { data: { user: "YQ==" } },
      ["key", "more"],
    ],
    ["nothing", { data: { user: "YQ==" } }, { data: { user: "YQ==" } }, undefined],
  ])("%s", async (_, fields, kept, withheld) => {
    expect(await written(secret(fields))).toEqual({ manifest: secret(kept), withheld });
  });

  test("what is no Secret says that a secret was there", async () => {
    const map = { ...configMap("a", "shop"), data: { key: "[secret]" } };
    expect(await written(map)).toEqual({ manifest: map, withheld: undefined });
  });
});

test("the order is by namespace, kind and name, whatever the order of registration", async () => {
  const secret: Manifest = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "a", namespace: "shop" },
  };
  const resources = [
    registered("kubernetes:core/v1:Secret", "1", secret),
    registered("kubernetes:core/v1:ConfigMap", "2", configMap("b", "shop")),
    registered("kubernetes:core/v1:ConfigMap", "3", configMap("B", "shop")),
    registered("kubernetes:core/v1:ConfigMap", "4", configMap("z", "bank")),
    registered("kubernetes:core/v1:ConfigMap", "5", configMap("z")),
  ];
  const order = async (registrations: RegisteredResource[]) =>
    (await manifestsOf(registrations, noCharts)).map(({ urn }) => urn);
  const expected = ["urn:5", "urn:4", "urn:3", "urn:2", "urn:1"];
  expect(await order(resources)).toEqual(expected);
  expect(await order([...resources].reverse())).toEqual(expected);
});
