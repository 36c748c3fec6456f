import * as fs from "node:fs";
import * as path from "node:path";
import { Readable } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { execFileSync } from "node:child_process";
import { InputError } from "../../../input/inputError";
import { readInput } from "../../../input/files/read";
import { configMap, directoryOf, documents, noStdin, read } from "../../fixtures/files";

const a = configMap("a");
const b = configMap("b");
const list = (...items: unknown[]) => ({ apiVersion: "v1", kind: "List", items });

describe("forms", () => {
  test.each([
    ["YAML", "x.yaml", documents([a]), ["x.yaml:1"]],
    ["several documents", "x.yml", `# license\n\n---\n${documents([a, b])}`, ["x.yml:4", "x.yml:11"]],
    ["empty documents", "x.yaml", `---\n---\n${documents([a])}---\n# nothing\n`, ["x.yaml:3"]],
    ["Windows line ends", "x.yaml", documents([a, b]).replaceAll("\n", "\r\n"), ["x.yaml:1", "x.yaml:8"]],
    ["a byte order mark", "x.yaml", `\uFEFF${documents([a])}`, ["x.yaml:1"]],
    ["directives", "x.yaml", `%YAML 1.2\n---\n${documents([a, b])}`, ["x.yaml:3", "x.yaml:10"]],
    ["a list", "x.yaml", documents([list(a, b)]), ["x.yaml:4", "x.yaml:10"]],
    ["a list in a list", "x.yaml", documents([list(list(a), b)]), ["x.yaml:7", "x.yaml:13"]],
    ["JSON", "x.json", JSON.stringify(a), ["x.json:1"]],
    ["a JSON list", "x.json", JSON.stringify(list(a, b), undefined, 1), ["x.json:5", "x.json:14"]],
    ["a JSON array", "x.json", JSON.stringify([a, b]), ["x.json:1", "x.json:1"]],
    [
      "YAML in the flow style",
      "x.yaml",
      `--- ${JSON.stringify(a)}\n--- ${JSON.stringify(b)}`,
      ["x.yaml:1", "x.yaml:2"],
    ],
  ])("%s", async (_, name, content, places) => {
    const found = await read({ [name]: content });
    expect(found.objects).toEqual([a, b].slice(0, places.length));
    expect(found.places).toEqual(places);
    expect(found.skipped).toEqual([]);
  });

  test("items of a typed list are told what they are", async () => {
    const { apiVersion, kind, ...bare } = a;
    const { objects } = await read({
      "x.json": JSON.stringify({ apiVersion, kind: `${kind}List`, items: [bare] }),
    });
    expect(objects).toEqual([a]);
  });

  test.each([
    ["YAML", documents([a, b])],
    ["JSON", JSON.stringify(list(a, b))],
  ])("standard input as %s", async (_, text) => {
    const { objects, placeOf } = await readInput(["-"], Readable.from([Buffer.from(text)]));
    expect(objects).toEqual([a, b]);
    expect(placeOf(objects[0])).toMatch(/^<stdin>:\d+$/);
  });

  test("letters that two chunks of standard input share", async () => {
    const bytes = Buffer.from(documents([configMap("a", { name: "트레이싱" })]));
    const halves = [bytes.subarray(0, 91), bytes.subarray(91)];
    const { objects } = await readInput(["-"], Readable.from(halves, { objectMode: true }));
    expect(objects).toEqual([configMap("a", { name: "트레이싱" })]);
  });
});

describe("directories", () => {
  test("are read whole, without what is hidden or installed", async () => {
    const { places } = await read({
      "b/x.yaml": documents([b]),
      "a.json": JSON.stringify(a),
      "notes.txt": "no: manifest",
      ".git/config.yaml": documents([a]),
      ".hidden.yaml": documents([a]),
      "node_modules/x/y.yaml": documents([a]),
    });
    expect(places).toEqual(["a.json:1", "b/x.yaml:1"]);
  });

  test("links are followed, circles are not", async () => {
    const directory = directoryOf({ "real/x.yaml": documents([a]) });
    fs.symlinkSync(directory, path.join(directory, "real", "circle"));
    fs.symlinkSync(path.join(directory, "nowhere"), path.join(directory, "dangling.yaml"));
    const { objects } = await readInput([directory], noStdin);
    expect(objects).toEqual([a]);
  });

  test("a file that is named is read whatever its name, once", async () => {
    const directory = directoryOf({ manifest: documents([a]) });
    const file = path.join(directory, "manifest");
    const { objects, files } = await readInput([file, path.join(directory, ".", "manifest")], noStdin);
    expect({ objects, files }).toEqual({ objects: [a], files: [file] });
  });

  test("a path that does not exist", async () => {
    await expect(readInput(["/no/such/path"], noStdin)).rejects.toEqual(
      new InputError("/no/such/path does not exist"),
    );
  });
});

describe("what is no manifest is named", () => {
  test.each([
    ["mkdocs.yml", "emoji: !!python/name:material.emoji\nx: [", "no YAML, and nothing in it is a manifest"],
    ["x.yaml", documents([configMap("${{ values.name }}")]), "a template"],
    ["x.yaml", documents([configMap("{% if x %}a{% endif %}")]), "a template"],
    [
      "x.yaml",
      documents([{ ...configMap("a"), spec: { replicas: "${{ values.replicas }}" } }]),
      "a template",
    ],
    ["x.yaml", documents([configMap("${NAME}")]), "with variables in its name"],
    ["x.yaml", "apiVersion: v1\nkind: X\n{% for a in b %}\n", "a template"],
    ["Chart.yaml", "name: x\nversion: 1.0.0", "the description of a Helm chart"],
    ["values.yaml", "replicas: 1", "Helm values"],
    ["values-prod.yaml", "replicas: 1", "Helm values"],
    ["x.values.yaml", "replicas: 1", "Helm values"],
    ["kustomization.yaml", "resources: [https://host/base]", "a kustomization"],
    ["kustomization.yaml", "resources: ['github.com/a/b//c?ref=v1']", "a kustomization"],
    ["kustomization.yaml", "replacements: [{path: a.yaml}]", "a kustomization"],
    ["kustomization.yaml", "patches: [{target: {labelSelector: a=b}, patch: '[]'}]", "a kustomization"],
    [
      "x.yaml",
      documents([{ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" }]),
      "a kustomization",
    ],
    ["x.yaml", "a: b", "without apiVersion and kind"],
    ["x.yaml", "- a\n- b", "without apiVersion and kind"],
    ["x.yaml", "text", "without apiVersion and kind"],
    ["package.json", '{"name": "x"}', "without apiVersion and kind"],
    ["tsconfig.json", '// comment\n{"a": 1}', "no JSON, and nothing in it is a manifest"],
    ["x.yaml", "{{- if .Values.x }}\napiVersion: v1\n{{- end }}", "a template"],
    ["x.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}", "a template"],
  ])("%s with %j", async (name, content, why) => {
    expect(await read({ [name]: content, "z.yaml": documents([a]) })).toMatchObject({
      objects: [a],
      skipped: [`${name}: ${why}`],
    });
  });

  test("a template of a chart, though it can be parsed", async () => {
    const { objects, skipped } = await read({
      "chart/Chart.yaml": "name: x",
      "chart/templates/sub/x.yaml": documents([configMap("x", { a: "{{ .Values.a }}" })]),
      "chart/templates/plain.yaml": documents([a]),
    });
    expect(objects).toEqual([a]);
    expect(skipped).toEqual([
      "chart/Chart.yaml: the description of a Helm chart",
      "chart/templates/sub/x.yaml: a template",
    ]);
  });

  test("the text of a list is not looked through for every item of it", async () => {
    const text = JSON.stringify(Array.from({ length: 200 }, (_, index) => ({ index })));
    const test = vi.spyOn(RegExp.prototype, "test");
    await read({ "data.json": text, "z.yaml": documents([a]) });
    expect(test.mock.calls.filter(([tested]) => tested === text).length).toBeLessThan(10);
    test.mockRestore();
  });

  test("braces in the text of an object are no template", async () => {
    const object = configMap("dashboards", { json: '{"legend": "{{pod}}"}' });
    expect(await read({ "x.yaml": documents([object]) })).toMatchObject({ objects: [object], skipped: [] });
  });

  test("a patch of a kustomization that cannot be read", async () => {
    const { skipped } = await read({
      "kustomization.yaml": "resources: [a.yaml]\npatches: [{path: broken.yaml}]\n",
      "broken.yaml": "a: [",
      "a.yaml": documents([a]),
    });
    expect(skipped).toEqual(["broken.yaml: is a patch of a kustomization and no YAML within bounds"]);
  });

  test("patches of a kustomization that fit nothing", async () => {
    const { objects, skipped } = await read({
      "overlay/kustomization.yaml":
        "resources: [../base]\npatches:\n- path: change.yaml\n- patch: inline\npatchesStrategicMerge: [older.yaml]\n",
      "overlay/change.yaml": documents([b]),
      "overlay/older.yaml": documents([b]),
      "base/a.yaml": documents([a]),
    });
    expect(objects).toEqual([a]);
    expect(skipped).toEqual([
      "overlay/change.yaml: a patch of a kustomization for objects that are not in the input",
      "overlay/older.yaml: a patch of a kustomization for objects that are not in the input",
    ]);
  });
});

describe("what is broken", () => {
  test("is named with file and line; whatever else there is, is read", async () => {
    const { objects, skipped } = await read({
      "a.yaml": `${documents([a])}---\nkind: X\napiVersion: v1\nmetadata:\n\tname: tab\n---\n${documents([b])}`,
      "b.yaml": "apiVersion: v1\nkind: [\n",
      "c.json": '{\n "apiVersion": "v1",\n "kind": }\n',
      "d.yaml": "apiVersion: v1\na: 1\na: 2\n",
    });
    expect(objects).toEqual([a, b]);
    expect(skipped).toEqual([
      "a.yaml:11: tab characters must not be used in indentation",
      "b.yaml:3: unexpected end of the stream within a flow collection",
      "c.json:3: Unexpected token '}'",
      "d.yaml:3: duplicated mapping key",
    ]);
  });

  /** Nine aliases a level, each level's list nine times the size of the one before. */
  const bomb = (item: string, wrap: (items: string) => string): string => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const items = level === 0 ? item : Array.from({ length: 9 }, () => `*l${level - 1}`).join(", ");
      return `  l${level}: &l${level} ${level === 0 ? item : wrap(items)}`;
    });
    return `x:\n${levels.join("\n")}\n`;
  };
  const head = "apiVersion: v1\nkind: List\n";

  test.each([
    [
      "labels",
      `${head}${bomb("{a: b}", (items) => `[${items}]`)}`,
      "its aliases stand for more than 20000 values",
    ],
    [
      "lists",
      `${head}${bomb("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", (items) => `{apiVersion: v1, kind: List, items: [${items}]}`)}items: [*l11]\n`,
      "its aliases stand for more than 20000 values",
    ],
    ["a circle", `${head}metadata: &m {name: a, self: *m}\n`, "it is nested more than 100 levels deep"],
    ["brackets", `${head}x: ${"[".repeat(50_000)}\n`, "it is nested more than 100 levels deep"],
    [
      "closed brackets",
      `${head}x: ${"[".repeat(101)}${"]".repeat(101)}\n`,
      "it is nested more than 100 levels deep",
    ],
    ["dashes", `${head}x:\n  ${"- ".repeat(101)}a\n`, "it is nested more than 100 levels deep"],
  ])("%s that stand for more than anybody reads", async (_, text, why) => {
    const { objects, skipped } = await read({ "x.yaml": text, "z.yaml": documents([a]) });
    expect(objects).toEqual([a]);
    expect(skipped).toEqual([expect.stringMatching(new RegExp(`^x\\.yaml:[1-4]: ${why}$`))]);
  });

  test("JSON of many levels", async () => {
    const text = `{"apiVersion": "v1", "x": ${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
    expect((await read({ "x.json": text })).skipped).toEqual([
      "x.json:1: it is nested more than 100 levels deep",
    ]);
  });

  test("aliases as people write them are read", async () => {
    const text =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: &l {app: a}}\nspec: {selector: *l}\n";
    const { objects } = await read({ "x.yaml": text });
    expect(objects).toMatchObject([{ spec: { selector: { app: "a" } } }]);
  });
});

test("files are found however deep they lie", async () => {
  const deep = "d/".repeat(1000);
  expect((await read({ [`${deep}x.yaml`]: documents([a]) })).objects).toEqual([a]);
});

describe("what is no regular file is not read", () => {
  test("a pipe, a link to a device and a directory with a file's name", async () => {
    const directory = directoryOf({ "d.yaml/x.yaml": documents([a]) });
    const name = (file: string): string => path.join(directory, file);
    execFileSync("mkfifo", [name("p.yaml")]);
    fs.symlinkSync("/dev/zero", name("zero.yaml"));
    fs.symlinkSync(name("self.yaml"), name("self.yaml"));
    const { objects, skipped } = await readInput([directory], noStdin);
    expect(objects).toEqual([a]);
    expect(skipped.map(({ file, why }) => [path.basename(file), why])).toEqual([
      ["p.yaml", "a pipe; only regular files can be read, and standard input as -"],
      ["self.yaml", "is a link that leads to itself"],
      ["zero.yaml", "a device; only regular files can be read, and standard input as -"],
    ]);
    expect((await readInput([name("p.yaml")], noStdin)).skipped).toHaveLength(1);
  });

  test("a file that is too large", async () => {
    const directory = directoryOf({ "x.yaml": documents([a]), "large.yaml": "" });
    fs.truncateSync(path.join(directory, "large.yaml"), 128 * 1024 * 1024 + 1);
    const { objects, skipped } = await readInput([directory], noStdin);
    expect(objects).toEqual([a]);
    expect(skipped.map(({ why }) => why)).toEqual(["it is larger than 128 MB; split it into several files"]);
  });

  test("standard input that does not end", async () => {
    const megabytes = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1024 * 1024);
      })(),
    );
    const { objects, skipped } = await readInput(["-"], megabytes);
    expect(objects).toEqual([]);
    expect(skipped).toEqual([
      { file: "<stdin>", why: "it is larger than 128 MB; split it into several files", isBroken: true },
    ]);
  });
});

describe("an object that is there several times", () => {
  test("alike: once", async () => {
    expect(await read({ "a.yaml": documents([a, a]) })).toMatchObject({ objects: [a], warnings: [] });
  });

  test("not alike: the last one, and a warning that says where", async () => {
    const changed = configMap("a", { key: "value" });
    expect(await read({ "1.yaml": documents([a]), "2.yaml": documents([b, changed]) })).toMatchObject({
      objects: [changed, b],
      warnings: [
        "ConfigMap shop/a is there 2 times with different content; the last one is checked: 1.yaml:1, 2.yaml:8",
      ],
    });
  });

  test("part of a workload: both", async () => {
    const whole = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: { selector: {} },
    };
    const part = { ...whole, spec: { template: {} } };
    expect((await read({ "x.yaml": documents([whole, part]) })).objects).toEqual([whole, part]);
  });
});

test("values of a chart that this project rendered are the chart", async () => {
  const header =
    "# Values of a Helm chart that was not templated here. To see its manifests:\n" +
    "#   helm template jaeger jaeger --repo https://example.com --version 4.11.1 --namespace tracing --values <this file>\n";
  expect(
    await read({ "tracing/chart-jaeger.values.yaml": `${header}fullnameOverride: jaeger\n` }),
  ).toMatchObject({
    objects: [
      {
        apiVersion: "mesh-tracing/v1",
        kind: "HelmChart",
        metadata: { name: "jaeger", namespace: "tracing" },
        spec: { chart: "jaeger", version: "4.11.1", values: { fullnameOverride: "jaeger" } },
      },
    ],
    places: ["tracing/chart-jaeger.values.yaml:3"],
    skipped: [],
  });
});

describe("values of istiod's chart", () => {
  const values = { meshConfig: { enableTracing: true } };
  const release = (name: string) => ({
    apiVersion: "mesh-tracing/v1",
    kind: "HelmChart",
    metadata: { name, namespace: "istio-system" },
    spec: { chart: "istiod", values, isLoose: true },
  });

  test.each([
    ["that a script gives to helm", { "istiod-values.yaml": documents([values]) }, "istiod-values.yaml"],
    [
      "of a chart around it",
      { "values.yaml": documents([{ istiod: values }]), "Chart.yaml": "name: x" },
      "values.yaml",
    ],
  ])("%s are a release of it", async (_, files, name) => {
    const { objects, places } = await read(files);
    expect(objects).toEqual([release(name)]);
    expect(places).toEqual([`${name}:1`]);
  });

  test.each([
    ["the chart's own", { "values.yaml": documents([values]), "Chart.yaml": "name: istiod" }],
    ["those of other charts", { "values.yaml": documents([{ tracing: true }]) }],
  ])("%s are none", async (_, files) => {
    expect((await read({ ...files, "z.yaml": documents([a]) })).objects).toEqual([a]);
  });
});

test("an object of the cluster is one, whatever namespace it is said to be in", async () => {
  const istio = (more: object) => ({
    apiVersion: "sailoperator.io/v1",
    kind: "Istio",
    metadata: { name: "default", ...more },
  });
  const { objects, warnings } = await read({
    "x.yaml": documents([istio({}), istio({ namespace: "istio-system" })]),
  });
  expect(objects).toEqual([istio({ namespace: "istio-system" })]);
  expect(warnings).toEqual([
    "Istio.sailoperator.io default is there 2 times with different content; the last one is checked: x.yaml:1, x.yaml:6",
  ]);
});
