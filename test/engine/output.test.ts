import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { type Rendered } from "../../engine/manifests";
import { filesOf, writeFiles } from "../../engine/output";
import { InputError } from "../../input/inputError";
import { directoriesIn, readAll, temporaryDirectory, thrownBy, writeAll } from "../fixtures/temporary";

const index = ".mesh-tracing-files.json";
const object = (
  kind: string,
  name: string,
  namespace?: string,
  {
    apiVersion = "v1",
    patch = false,
    urn = `urn:${name}`,
    data = "1",
    withheld,
  }: Partial<Record<"apiVersion" | "urn" | "data", string>> & { patch?: boolean; withheld?: string[] } = {},
): Rendered => ({
  urn,
  parent: "urn:parent",
  type: "manifest",
  manifest: {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    data,
  },
  patch,
  ...(withheld === undefined ? {} : { withheld }),
});
const chart: Rendered = {
  urn: "urn:chart",
  parent: "urn:parent",
  type: "chart",
  chart: {
    release: "jaeger",
    namespace: "obs",
    reference: ["jaeger", "--repo", "https://charts.example.com", "--version", "1.2.3"],
    values: { jaeger: { args: ["a"] } },
    reason: "helm is not on PATH",
  },
};
const pathsOf = (...rendered: Rendered[]) => filesOf(rendered).map(({ path: file }) => file);
const files = filesOf([object("ConfigMap", "a", "shop"), object("ConfigMap", "b", "bank")]);
const inTheWay = (file: string) =>
  new InputError(
    `${file} is in the way: it was not written by this command\n` +
      "  fix: move it, or choose another directory with --out",
  );

describe("the file of each resource", () => {
  test.each([
    [object("ConfigMap", "a", "shop"), "shop/configmap-a.yaml"],
    [object("Deployment", "a", "shop", { patch: true }), "shop/deployment-a.patch.yaml"],
    [object("Namespace", "shop"), "_cluster/namespace-shop.yaml"],
    [object("ClusterRole", "system:a/b"), "_cluster/clusterrole-system_a_b.yaml"],
    [
      object("Gateway", "a", "shop", { apiVersion: "networking.istio.io/v1" }),
      "shop/gateway.networking.istio.io-a.yaml",
    ],
    [
      object("Gateway", "a", "shop", { apiVersion: "gateway.networking.k8s.io/v1" }),
      "shop/gateway.gateway.networking.k8s.io-a.yaml",
    ],
    [chart, "obs/chart-jaeger.values.yaml"],
  ])("%j", (rendered, expected) => {
    expect(pathsOf(rendered)).toEqual([expected]);
  });

  test("files are in order", () => {
    expect(pathsOf(object("Secret", "b", "shop"), object("ConfigMap", "z", "shop"), chart)).toEqual([
      "obs/chart-jaeger.values.yaml",
      "shop/configmap-z.yaml",
      "shop/secret-b.yaml",
    ]);
  });

  test("the same object twice is refused with both resources", async () => {
    const twice = [
      object("ConfigMap", "a", "shop", { urn: "urn:one" }),
      object("ConfigMap", "a", "shop", { urn: "urn:other" }),
    ];
    const error = await thrownBy(() => filesOf(twice));
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toBe(
      "shop/configmap-a.yaml would be written twice, by\n  urn:one\n  urn:other",
    );
  });

  test("an object and a patch of it are two files", () => {
    expect(
      pathsOf(object("Deployment", "a", "shop"), object("Deployment", "a", "shop", { patch: true })),
    ).toHaveLength(2);
  });
});

describe("the content of a file", () => {
  const contentOf = (rendered: Rendered) => filesOf([rendered])[0]?.content;

  test("of an object", () => {
    expect(contentOf(object("ConfigMap", "a", "shop"))).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: shop\ndata: "1"\n',
    );
  });

  test("of a patch says that it is one", () => {
    expect(contentOf(object("Deployment", "a", "shop", { patch: true }))).toMatch(
      /^# Only these fields are applied; the rest of the object is its owner's \(kubectl apply --server-side\)\.\napiVersion/,
    );
  });

  test("of a Secret says what is not in it", () => {
    expect(contentOf(object("Secret", "a", "shop", { withheld: ["stringData"] }))).toMatch(
      /^# Secrets are never written: `pulumi up` sets stringData\.\napiVersion/,
    );
  });

  test("of a chart says how to template it", () => {
    expect(contentOf(chart)).toBe(
      "# Values of a Helm chart that was not templated here. To see its manifests:\n" +
        "#   helm template jaeger jaeger --repo https://charts.example.com --version 1.2.3 --namespace obs --values <this file>\n" +
        "jaeger:\n  args:\n    - a\n",
    );
  });
});

describe("writing", () => {
  test("twice gives the same bytes, and the second time nothing is written", () => {
    const directory = path.join(temporaryDirectory(), "new", "rendered");
    expect(writeFiles(directory, files)).toEqual({ written: 2, unchanged: 0, removed: [] });
    const first = readAll(directory);
    expect(Object.keys(first).sort()).toEqual([index, "bank/configmap-b.yaml", "shop/configmap-a.yaml"]);
    expect(JSON.parse(first[index] ?? "")).toEqual(["bank/configmap-b.yaml", "shop/configmap-a.yaml"]);
    expect(writeFiles(directory, files)).toEqual({ written: 0, unchanged: 2, removed: [] });
    expect(readAll(directory)).toEqual(first);
  });

  test("again writes only what changed", () => {
    const directory = temporaryDirectory();
    writeFiles(directory, files);
    const changed = filesOf([
      object("ConfigMap", "a", "shop", { data: "2" }),
      object("ConfigMap", "b", "bank"),
    ]);
    expect(writeFiles(directory, changed)).toEqual({ written: 1, unchanged: 1, removed: [] });
    expect(readAll(directory)["shop/configmap-a.yaml"]).toContain('data: "2"');
  });

  test("restores a file of its own that was edited", () => {
    const directory = temporaryDirectory();
    writeFiles(directory, files);
    const before = readAll(directory);
    writeAll(directory, { "shop/configmap-a.yaml": "edited" });
    expect(writeFiles(directory, files)).toEqual({ written: 1, unchanged: 1, removed: [] });
    expect(readAll(directory)).toEqual(before);
  });

  test("removes the file of a resource that is gone, and its directory when that is empty", () => {
    const directory = temporaryDirectory();
    writeFiles(directory, files);
    expect(writeFiles(directory, files.slice(1))).toEqual({
      written: 0,
      unchanged: 1,
      removed: ["bank/configmap-b.yaml"],
    });
    expect(Object.keys(readAll(directory)).sort()).toEqual([index, "shop/configmap-a.yaml"]);
    expect(directoriesIn(directory)).toEqual(["shop"]);
  });

  test("never deletes a file of somebody else, nor its directory", () => {
    const directory = temporaryDirectory();
    writeAll(directory, { "notes.md": "mine", "bank/notes.md": "mine too" });
    writeFiles(directory, files);
    writeFiles(directory, []);
    expect(readAll(directory)).toEqual({
      [index]: "[]\n",
      "notes.md": "mine",
      "bank/notes.md": "mine too",
    });
  });
});

describe("a file of somebody else that is in the way stops everything before anything is written", () => {
  test.each<[what: string, existing: Record<string, string>, target: string, blocked: string]>([
    ["where a file goes", { "shop/configmap-a.yaml": "mine" }, ".", "shop/configmap-a.yaml"],
    ["where a directory goes", { shop: "mine" }, ".", "shop"],
    ["where everything goes", { out: "mine" }, "out", ""],
  ])("%s", async (_, existing, target, blocked) => {
    const directory = temporaryDirectory();
    writeAll(directory, existing);
    const out = path.join(directory, target);
    const error = await thrownBy(() => writeFiles(out, files));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toEqual(inTheWay(path.join(out, blocked)));
    expect(readAll(directory)).toEqual(existing);
  });
});

describe("the list of files that an earlier run wrote", () => {
  test("leads nowhere outside the directory when somebody edited it", () => {
    const parent = temporaryDirectory();
    const directory = path.join(parent, "out");
    const precious = path.join(parent, "precious.txt");
    const names = ["../precious.txt", "shop/../../precious.txt", "shop\\..\\..\\precious.txt", precious, 7];
    writeAll(parent, { "precious.txt": "keep", [`out/${index}`]: JSON.stringify(names) });
    expect(writeFiles(directory, files)).toEqual({ written: 2, unchanged: 0, removed: [] });
    expect(fs.readFileSync(precious, "utf8")).toBe("keep");
  });

  test("of another form counts as none", () => {
    const directory = temporaryDirectory();
    writeAll(directory, { [index]: '{"shop/configmap-a.yaml":true}' });
    expect(writeFiles(directory, files)).toEqual({ written: 2, unchanged: 0, removed: [] });
  });

  test("that is damaged is told, and nothing is written", async () => {
    const directory = temporaryDirectory();
    writeAll(directory, { [index]: '["shop/conf' });
    const error = await thrownBy(() => writeFiles(directory, files));
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toBe(
      `${path.join(directory, index)} is damaged, so nobody knows which files are this command's\n` +
        "  fix: remove the directory, or choose another one with --out",
    );
    expect(readAll(directory)).toEqual({ [index]: '["shop/conf' });
  });

  test("names a file before it exists, so that an interrupted run is finished by the next", () => {
    const directory = temporaryDirectory();
    // A directory where the second file goes stops the run in the middle.
    const [first, second] = files;
    if (first === undefined || second === undefined) throw new Error("two files are needed");
    writeFiles(directory, [second]);
    fs.rmSync(path.join(directory, second.path));
    fs.mkdirSync(path.join(directory, second.path));
    expect(() => writeFiles(directory, files)).toThrow(/EISDIR/);
    expect(Object.keys(readAll(directory)).sort()).toEqual([index, first.path]);
    fs.rmdirSync(path.join(directory, second.path));
    expect(writeFiles(directory, files)).toEqual({ written: 1, unchanged: 1, removed: [] });
    expect(writeFiles(directory, [])).toEqual({
      written: 0,
      unchanged: 0,
      removed: [first.path, second.path],
    });
    expect(readAll(directory)).toEqual({ [index]: "[]\n" });
  });
});

describe("a symbolic link inside the directory is not followed", () => {
  test.each<[what: string, link: string]>([
    ["in the place of a file that this command wrote", "shop/configmap-a.yaml"],
    ["in the place of a directory", "shop"],
  ])("%s", async (_, link) => {
    const [directory, elsewhere] = [temporaryDirectory(), temporaryDirectory()];
    writeFiles(directory, files);
    writeAll(elsewhere, { "configmap-a.yaml": "theirs" });
    fs.rmSync(path.join(directory, link), { recursive: true });
    fs.symlinkSync(
      path.join(elsewhere, link.endsWith(".yaml") ? "configmap-a.yaml" : "."),
      path.join(directory, link),
    );
    expect(await thrownBy(() => writeFiles(directory, files))).toEqual(inTheWay(path.join(directory, link)));
    expect(await thrownBy(() => writeFiles(directory, []))).toEqual(inTheWay(path.join(directory, link)));
    expect(readAll(elsewhere)).toEqual({ "configmap-a.yaml": "theirs" });
  });
});

test("what the system refuses is one line with the directory", async () => {
  const directory = path.join(temporaryDirectory(), "n".repeat(300));
  const error = await thrownBy(() => writeFiles(directory, files));
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toMatch(
    / cannot be written: ENAMETOOLONG: .*\n {2}fix: choose another directory with --out$/,
  );
});
