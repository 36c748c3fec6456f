import { describe, expect, test } from "vitest";
import { documents, read } from "../../fixtures/files";

const url = "https://example.com/team/platform.git";
const service = (name: string, namespace?: string) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});
const ofCluster = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const application = (name: string, source: object, namespace?: string) => ({
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Application",
  metadata: { name, namespace: "argocd" },
  spec: {
    source: { repoURL: url, ...source },
    destination: namespace === undefined ? {} : { namespace },
  },
});
const flux = (name: string, spec: object) => ({
  apiVersion: "kustomize.toolkit.fluxcd.io/v1",
  kind: "Kustomization",
  metadata: { name, namespace: "flux-system" },
  spec: { sourceRef: { kind: "GitRepository", name: "flux-system" }, ...spec },
});
/** `Service shop/web` of everything that is no Application and no Kustomization. */
const namesIn = (objects: readonly unknown[]): string[] =>
  (objects as ReturnType<typeof service>[])
    .filter(({ kind }) => kind === "Service" || kind === "Namespace")
    .map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace ?? "-"}/${name}`)
    .sort();

describe("an Argo CD Application gives its namespace", () => {
  test.each<[what: string, source: object, expected: string[]]>([
    ["to objects of its directory that name none", { path: "k8s/shop" }, ["Service own/b", "Service shop/a"]],
    ["whatever the path begins and ends with", { path: "./k8s/shop/" }, ["Service own/b", "Service shop/a"]],
    ["not below it", { path: "k8s" }, ["Service -/a", "Service own/b"]],
    [
      "below it, if it says so",
      { path: "k8s", directory: { recurse: true } },
      ["Service own/b", "Service shop/a"],
    ],
    [
      "to files that it includes",
      { path: "k8s/shop", directory: { include: "{a*.yaml,z.yaml}" } },
      ["Service own/b", "Service shop/a"],
    ],
    [
      "not to files that it does not include",
      { path: "k8s/shop", directory: { include: "b.yaml" } },
      ["Service -/a", "Service own/b"],
    ],
    [
      "not to files that it excludes",
      { path: "k8s/shop", directory: { exclude: "a.yam?" } },
      ["Service -/a", "Service own/b"],
    ],
    [
      "not by a pattern that nobody here reads",
      { path: "k8s/shop", directory: { include: "[a-z].yaml" } },
      ["Service -/a", "Service own/b"],
    ],
    ["not to what a chart makes", { path: "k8s/shop", helm: {} }, ["Service -/a", "Service own/b"]],
    ["not outside", { path: "../k8s/shop" }, ["Service -/a", "Service own/b"]],
  ])("%s", async (_, source, expected) => {
    const { objects, warnings } = await read({
      "apps/shop.yaml": documents([application("shop", source, "shop")]),
      "k8s/shop/a.yaml": documents([service("a")]),
      "k8s/shop/b.yaml": documents([service("b", "own")]),
    });
    expect(namesIn(objects)).toEqual(expected);
    expect(warnings).toEqual([]);
  });

  test("and the object is where it was written", async () => {
    const { objects, places } = await read({
      "app.yaml": documents([application("shop", { path: "k8s" }, "shop")]),
      "k8s/a.yaml": documents([ofCluster, service("a")]),
    });
    expect(namesIn(objects)).toEqual(["Namespace -/shop", "Service shop/a"]);
    expect(places).toEqual(["app.yaml:1", "k8s/a.yaml:1", "k8s/a.yaml:6"]);
  });

  const overlay = {
    "base/kustomization.yaml": "resources: [a.yaml]\n",
    "base/a.yaml": documents([service("a")]),
    "prod/kustomization.yaml": "resources: [../base, b.yaml]\n",
    "prod/b.yaml": documents([service("b", "own")]),
  };

  test.each<[what: string, files: Record<string, string>, source: object, expected: string[]]>([
    ["to what a kustomization builds", {}, { path: "prod" }, ["Service own/b", "Service shop/a"]],
    ["to a part of another one", {}, { path: "base" }, ["Service own/b", "Service shop/a"]],
    [
      "not over that of a kustomization",
      { "prod/kustomization.yaml": "namespace: mine\nresources: [../base, b.yaml]\n" },
      { path: "prod" },
      ["Service mine/a", "Service mine/b"],
    ],
    [
      "as its own setting of kustomize, which replaces others",
      { "prod/kustomization.yaml": "namespace: mine\nresources: [../base, b.yaml]\n" },
      { path: "prod", kustomize: { namespace: "last" } },
      ["Service last/a", "Service last/b"],
    ],
  ])("%s", async (_, files, source, expected) => {
    const { objects } = await read({
      ...overlay,
      ...files,
      "app.yaml": documents([application("shop", source, "shop")]),
    });
    expect(namesIn(objects)).toEqual(expected);
  });

  test("as a kustomization patches it", async () => {
    const { objects } = await read({
      "apps/kustomization.yaml":
        "resources: [app.yaml]\npatches:\n- target: {kind: Application}\n  patch: |\n" +
        "    - {op: replace, path: /spec/destination/namespace, value: prod}\n",
      "apps/app.yaml": documents([application("shop", { path: "k8s" }, "shop")]),
      "k8s/a.yaml": documents([service("a")]),
    });
    expect(namesIn(objects)).toEqual(["Service prod/a"]);
  });

  test("only from the repository that lies here", async () => {
    const other = { path: "docs", repoURL: "https://example.com/other.git" };
    const { objects } = await read({
      "apps.yaml": documents([
        application("a", { path: "k8s" }, "shop"),
        application("b", { path: "more", repoURL: "git@example.com:team/platform" }, "more"),
        application("c", other, "docs"),
      ]),
      "k8s/a.yaml": documents([service("a")]),
      "more/b.yaml": documents([service("b")]),
      "docs/c.yaml": documents([service("c")]),
    });
    expect(namesIn(objects)).toEqual(["Service -/c", "Service more/b", "Service shop/a"]);
  });
});

describe("several that deliver the same objects", () => {
  const files = { "k8s/a.yaml": documents([service("a")]), "k8s/b.yaml": documents([service("b", "own")]) };

  test("to one namespace agree", async () => {
    const { objects, warnings } = await read({
      ...files,
      "apps.yaml": documents(["a", "b"].map((name) => application(name, { path: "k8s" }, "shop"))),
    });
    expect(namesIn(objects)).toEqual(["Service own/b", "Service shop/a"]);
    expect(warnings).toEqual([]);
  });

  const apart = documents(["a", "b"].map((name) => application(name, { path: "k8s" }, `shop-${name}`)));

  test("to different ones are there in each", async () => {
    const { objects, places, warnings } = await read({ ...files, "apps.yaml": apart });
    expect(namesIn(objects)).toEqual(["Service own/b", "Service shop-a/a", "Service shop-b/a"]);
    expect(places.filter((place) => place?.startsWith("k8s/a.yaml"))).toHaveLength(2);
    expect(warnings).toEqual([]);
  });

  test.each([
    [
      "as a kustomization to different ones",
      { "k8s/kustomization.yaml": "resources: [a.yaml, b.yaml]\n" },
      "shop-b",
      ["Service -/a", "Service own/b"],
    ],
    ["to one and to nobody knows where", {}, undefined, ["Service -/a", "Service own/b"]],
  ])("%s are named, and nobody guesses", async (_, more, second, expected) => {
    const { objects, warnings } = await read({
      ...files,
      ...more,
      "apps.yaml": documents([
        application("a", { path: "k8s" }, "shop-a"),
        application("b", { path: "k8s" }, second),
      ]),
    });
    expect(namesIn(objects)).toEqual(expected);
    expect(warnings).toEqual([
      "1 object of k8s is delivered to different namespaces: by Application argocd/a (apps.yaml) to shop-a and " +
        `Application argocd/b (apps.yaml) to ${second ?? "none"}; judged as the files say, without a namespace as in default`,
    ]);
  });

  test("to one namespace, which only one of them forces, leave those that objects have", async () => {
    const { objects, warnings } = await read({
      ...files,
      "apps.yaml": documents([
        application("a", { path: "k8s" }, "shop"),
        application("b", { path: "k8s", kustomize: { namespace: "shop" } }),
      ]),
    });
    expect(namesIn(objects)).toEqual(["Service own/b", "Service shop/a"]);
    expect(warnings).toEqual([]);
  });

  test("and have namespaces of their own need nobody's", async () => {
    const { warnings } = await read({
      "k8s/b.yaml": documents([service("b", "own"), ofCluster]),
      "apps.yaml": documents(["a", "b"].map((name) => application(name, { path: "k8s" }, `shop-${name}`))),
    });
    expect(warnings).toEqual([]);
  });
});

describe("a Flux Kustomization's targetNamespace", () => {
  test.each<[what: string, files: Record<string, string>, spec: object, expected: string[]]>([
    [
      "replaces namespaces, at every depth",
      {},
      { path: "./apps", targetNamespace: "shop" },
      ["Namespace -/shop", "Service shop/a", "Service shop/b", "Service shop/c"],
    ],
    [
      "replaces that of a kustomization",
      { "apps/kustomization.yaml": "namespace: mine\nresources: [a.yaml]\n" },
      { path: "apps", targetNamespace: "shop" },
      ["Namespace -/shop", "Service -/c", "Service own/b", "Service shop/a"],
    ],
    [
      "replaces those of kustomizations further down",
      { "apps/deep/kustomization.yaml": "namespace: mine\nresources: [c.yaml]\n" },
      { path: "apps", targetNamespace: "shop" },
      ["Namespace -/shop", "Service shop/a", "Service shop/b", "Service shop/c"],
    ],
    [
      "changes nothing where there is none",
      {},
      { path: "apps" },
      ["Namespace -/other", "Service -/a", "Service -/c", "Service own/b"],
    ],
  ])("%s", async (_, files, spec, expected) => {
    const { objects, warnings } = await read({
      "apps/a.yaml": documents([service("a"), { ...ofCluster, metadata: { name: "other" } }]),
      "apps/b.yaml": documents([service("b", "own")]),
      "apps/deep/c.yaml": documents([service("c")]),
      ...files,
      "flux.yaml": documents([flux("apps", spec)]),
    });
    expect(namesIn(objects)).toEqual(expected);
    expect(warnings).toEqual([]);
  });
});
