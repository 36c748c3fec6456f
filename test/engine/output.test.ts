import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { type Rendered } from "../../engine/manifests";
import { filesOf, handedOver, writeFiles } from "../../engine/output";
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
/** The list of files that a directory of stack dev has. */
const listOf = (...names: string[]) => `${JSON.stringify({ stack: "dev", files: names }, undefined, 2)}\n`;
const damaged = (directory: string) =>
  new InputError(
    `${path.join(directory, index)} is damaged, so it is unknown which files this command wrote\n` +
      "  fix: remove the directory, or choose another one with --out",
  );
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

describe("the file of an object with a long name", () => {
  const name = "n".repeat(253);

  test("has a name that file systems take, the same each time", () => {
    const [file = ""] = pathsOf(object("Deployment", name, "shop", { patch: true }));
    expect(file).toMatch(/^shop\/deployment-n{180}-[0-9a-f]{8}\.patch\.yaml$/);
    expect(pathsOf(object("Deployment", name, "shop", { patch: true }))).toEqual([file]);
  });

  test("is no other one's whose name begins alike", () => {
    expect(
      new Set(pathsOf(object("ConfigMap", name, "shop"), object("ConfigMap", `${name.slice(1)}m`, "shop")))
        .size,
    ).toBe(2);
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
    expect(writeFiles(directory, files, "dev")).toEqual({ written: 2, unchanged: 0, removed: [] });
    const first = readAll(directory);
    expect(Object.keys(first).sort()).toEqual([index, "bank/configmap-b.yaml", "shop/configmap-a.yaml"]);
    expect(first[index]).toBe(listOf("bank/configmap-b.yaml", "shop/configmap-a.yaml"));
    expect(writeFiles(directory, files, "dev")).toEqual({ written: 0, unchanged: 2, removed: [] });
    expect(readAll(directory)).toEqual(first);
  });

  test("again writes only what changed", () => {
    const directory = temporaryDirectory();
    writeFiles(directory, files, "dev");
    const changed = filesOf([
      object("ConfigMap", "a", "shop", { data: "2" }),
      object("ConfigMap", "b", "bank"),
    ]);
    expect(writeFiles(directory, changed, "dev")).toEqual({ written: 1, unchanged: 1, removed: [] });
    expect(readAll(directory)["shop/configmap-a.yaml"]).toContain('data: "2"');
  });

  test("restores a file of its own that was edited", () => {
    const directory = temporaryDirectory();
    writeFiles(directory, files, "dev");
    const before = readAll(directory);
    writeAll(directory, { "shop/configmap-a.yaml": "edited" });
    expect(writeFiles(directory, files, "dev")).toEqual({ written: 1, unchanged: 1, removed: [] });
    expect(readAll(directory)).toEqual(before);
  });

  test("removes the file of a resource that is gone, and its directory when that is empty", () => {
    const directory = temporaryDirectory();
    writeFiles(directory, files, "dev");
    expect(writeFiles(directory, files.slice(1), "dev")).toEqual({
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
    writeFiles(directory, files, "dev");
    writeFiles(directory, [], "dev");
    expect(readAll(directory)).toEqual({
      [index]: listOf(),
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
    const error = await thrownBy(() => writeFiles(out, files, "dev"));
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
    expect(writeFiles(directory, files, "dev")).toEqual({ written: 2, unchanged: 0, removed: [] });
    expect(fs.readFileSync(precious, "utf8")).toBe("keep");
  });

  test("leads to nothing that no run writes", () => {
    const directory = temporaryDirectory();
    const theirs = {
      "notes.md": "mine",
      "shop/deep/a.yaml": "mine",
      "shop/a.txt": "mine",
      ".git/a.yaml": "mine",
    };
    writeAll(directory, { ...theirs, [index]: listOf(...Object.keys(theirs)) });
    writeFiles(directory, [], "dev");
    expect(readAll(directory)).toEqual({ ...theirs, [index]: listOf() });
  });

  test("of an earlier version of this command has no stack, and is taken over", () => {
    const directory = temporaryDirectory();
    writeFiles(directory, files, "dev");
    writeAll(directory, { [index]: JSON.stringify(files.map((file) => file.path)) });
    expect(writeFiles(directory, files.slice(1), "dev")).toEqual({
      written: 0,
      unchanged: 1,
      removed: ["bank/configmap-b.yaml"],
    });
    expect(readAll(directory)[index]).toBe(listOf("shop/configmap-a.yaml"));
  });

  test("of another stack is left alone, and so are its files", async () => {
    const directory = temporaryDirectory();
    writeFiles(directory, files, "dev");
    const before = readAll(directory);
    expect(await thrownBy(() => writeFiles(directory, [], "prod"))).toEqual(
      new InputError(
        `${directory} has the files of stack "dev", and this one is "prod"\n` +
          "  fix: choose another directory with --out, or remove this one if that stack is gone",
      ),
    );
    expect(readAll(directory)).toEqual(before);
  });

  test.each([
    ["cut off", '["shop/conf'],
    ["of another form", '{"shop/configmap-a.yaml":true}'],
    ["no list", '{"stack":"dev","files":7}'],
  ])("that is damaged is told, and nothing is written: %s", async (_, content) => {
    const directory = temporaryDirectory();
    writeAll(directory, { [index]: content });
    expect(await thrownBy(() => writeFiles(directory, files, "dev"))).toEqual(damaged(directory));
    expect(readAll(directory)).toEqual({ [index]: content });
  });

  test.each([
    ["a directory", (file: string) => fs.mkdirSync(file)],
    ["a pipe that nobody writes", (file: string) => execFileSync("mkfifo", [file])],
    ["a link", (file: string) => fs.symlinkSync("/dev/null", file)],
  ])("that is %s is damaged, too", async (_, make) => {
    const directory = temporaryDirectory();
    make(path.join(directory, index));
    expect(await thrownBy(() => writeFiles(directory, files, "dev"))).toEqual(damaged(directory));
  });

  test("is not written through a link that somebody put where it is prepared", () => {
    const [directory, elsewhere] = [temporaryDirectory(), temporaryDirectory()];
    writeAll(elsewhere, { precious: "theirs" });
    fs.symlinkSync(path.join(elsewhere, "precious"), path.join(directory, `${index}.next`));
    writeFiles(directory, files, "dev");
    expect(readAll(elsewhere)).toEqual({ precious: "theirs" });
    expect(Object.keys(readAll(directory)).sort()).toEqual([
      index,
      "bank/configmap-b.yaml",
      "shop/configmap-a.yaml",
    ]);
  });

  test("names a file before it exists, so that an interrupted run is finished by the next", () => {
    const directory = temporaryDirectory();
    const [first, second] = files;
    if (first === undefined || second === undefined) throw new Error("two files are needed");
    const stop = (): never => {
      throw new Error("stopped");
    };
    expect(() => writeFiles(directory, files, "dev", stop)).toThrow("stopped");
    expect(Object.keys(readAll(directory)).sort()).toEqual([index, first.path]);
    expect(writeFiles(directory, files, "dev")).toEqual({ written: 1, unchanged: 1, removed: [] });
    expect(writeFiles(directory, [], "dev")).toEqual({
      written: 0,
      unchanged: 0,
      removed: [first.path, second.path],
    });
    expect(readAll(directory)).toEqual({ [index]: listOf() });
  });
});

test("the directory may be a link, which whoever names it means", () => {
  const [directory, elsewhere] = [temporaryDirectory(), temporaryDirectory()];
  const link = path.join(directory, "link");
  fs.symlinkSync(elsewhere, link);
  const values = handedOver({ meshConfig: {} }, "istio-system");
  expect(writeFiles(link, [...files, values], "dev")).toEqual({ written: 3, unchanged: 0, removed: [] });
  expect(Object.keys(readAll(elsewhere))).toContain("mesh-values.yaml");
  expect(writeFiles(link, files, "dev").removed).toEqual(["mesh-values.yaml"]);
  expect(Object.keys(readAll(elsewhere))).not.toContain("mesh-values.yaml");
});

test("a pipe in the place of a file that this command wrote is not read", async () => {
  const directory = temporaryDirectory();
  writeFiles(directory, files, "dev");
  const pipe = path.join(directory, "shop/configmap-a.yaml");
  fs.rmSync(pipe);
  execFileSync("mkfifo", [pipe]);
  expect(await thrownBy(() => writeFiles(directory, files, "dev"))).toEqual(inTheWay(pipe));
});

describe("a symbolic link inside the directory is not followed", () => {
  test.each<[what: string, link: string]>([
    ["in the place of a file that this command wrote", "shop/configmap-a.yaml"],
    ["in the place of a directory", "shop"],
  ])("%s", async (_, link) => {
    const [directory, elsewhere] = [temporaryDirectory(), temporaryDirectory()];
    writeFiles(directory, files, "dev");
    writeAll(elsewhere, { "configmap-a.yaml": "theirs" });
    fs.rmSync(path.join(directory, link), { recursive: true });
    fs.symlinkSync(
      path.join(elsewhere, link.endsWith(".yaml") ? "configmap-a.yaml" : "."),
      path.join(directory, link),
    );
    expect(await thrownBy(() => writeFiles(directory, files, "dev"))).toEqual(
      inTheWay(path.join(directory, link)),
    );
    expect(await thrownBy(() => writeFiles(directory, [], "dev"))).toEqual(
      inTheWay(path.join(directory, link)),
    );
    expect(readAll(elsewhere)).toEqual({ "configmap-a.yaml": "theirs" });
  });
});

describe("a place that takes no files is one line", () => {
  test.each<[what: string, directory: string, why: RegExp]>([
    ["a name that is too long", path.join(os.tmpdir(), "n".repeat(300)), /cannot be written: ENAMETOOLONG: /],
    // Where a file system refuses directories Node.js' own recursive way to make them never ends.
    ["a file system that takes no directories", "/proc/mesh-tracing/out", /cannot be written: ENOENT: /],
    ["a directory below a file", path.join(__filename, "out"), /cannot be written: ENOTDIR: /],
    ["the top of the file system", "/", /is not a place for manifests: it is the root of the file system/],
  ])("%s", async (_, directory, why) => {
    const error = await thrownBy(() => writeFiles(directory, files, "dev"));
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(
      new RegExp(`^\\S+ ${why.source}[^\\n]*\\n {2}fix: choose another directory with --out$`),
    );
  });
});
