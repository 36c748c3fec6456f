import { describe, expect, test } from "vitest";
import { configMap, documents, read } from "../../fixtures/files";

const policy = (ports: number[]) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "egress", namespace: "auth" },
  spec: { podSelector: {}, egress: [{ ports: ports.map((port) => ({ port })) }] },
});
const base = {
  "base/kustomization.yaml": "resources: [policy.yaml]\n",
  "base/policy.yaml": documents([policy([4317])]),
};
const addPort = (number: number) => `- op: add\n  path: /spec/egress/0/ports/-\n  value: {port: ${number}}\n`;
const overlay = (patch: string, resource = "../base") =>
  `resources: [${resource}]\npatches:\n- target: {kind: NetworkPolicy, name: egr.*}\n  patch: |\n${patch.replaceAll(/^/gm, "    ").trimEnd()}\n`;

describe("an object of a kustomization", () => {
  test("is judged with the patches for it, where it was written", async () => {
    const { objects, places, warnings } = await read({
      ...base,
      "prod/kustomization.yaml": overlay(addPort(9411)),
    });
    expect(objects).toEqual([policy([4317, 9411])]);
    expect(places).toEqual(["base/policy.yaml:1"]);
    expect(warnings).toEqual([]);
  });

  test("by a file, which is then no file that was not checked", async () => {
    const { objects, skipped } = await read({
      ...base,
      "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: open.yaml}]\n",
      "prod/open.yaml": documents([policy([9411])]),
    });
    expect(objects).toEqual([policy([9411])]);
    expect(skipped).toEqual([]);
  });

  test("by one kustomization upon another, the inner one first", async () => {
    const { objects } = await read({
      ...base,
      "a-outer/kustomization.yaml": overlay(addPort(3), "../inner"),
      "inner/kustomization.yaml": overlay(addPort(2)),
    });
    expect(objects).toEqual([policy([4317, 2, 3])]);
  });

  test("is taken away where a patch says so", async () => {
    const gone =
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: egress}\n$patch: delete\n";
    const { objects } = await read({
      ...base,
      "prod/kustomization.yaml": "resources: [../base]\npatchesStrategicMerge: [gone.yaml]\n",
      "prod/gone.yaml": gone,
      "other.yaml": documents([configMap("a")]),
    });
    expect(objects).toEqual([configMap("a")]);
  });

  test("is judged without a patch that does not fit, and that is told", async () => {
    const { objects, warnings } = await read({
      ...base,
      "prod/kustomization.yaml": overlay("- op: remove\n  path: /spec/ingress\n"),
    });
    expect(objects).toEqual([policy([4317])]);
    expect(warnings).toEqual([
      "NetworkPolicy auth/egress of base/policy.yaml is judged without a patch (prod/kustomization.yaml): the object has no ingress",
    ]);
  });

  test.each([
    ["of another kind", "{kind: Service}"],
    ["of another name", "{kind: NetworkPolicy, name: gress}"],
    ["by labels", "{kind: NetworkPolicy, labelSelector: app=a}"],
    ["by an expression that could take for ever", '{name: "e*g*r*e*s*s*x"}'],
  ])("is not touched by patches for objects %s", async (_, target) => {
    const text = overlay(addPort(9411)).replace(/target: .*/, `target: ${target}`);
    const { objects } = await read({ ...base, "prod/kustomization.yaml": text });
    expect(objects).toEqual([policy([4317])]);
  });

  test("of somebody else is not touched", async () => {
    const { objects } = await read({
      ...base,
      "prod/kustomization.yaml": overlay(addPort(9411), "../other"),
    });
    expect(objects).toEqual([policy([4317])]);
  });
});

describe("overlays of one base", () => {
  const overlays = (...names: string[]) =>
    Object.fromEntries(
      names.map((name, index) => [
        `overlays/${name}/kustomization.yaml`,
        overlay(addPort(index + 1), "../../base"),
      ]),
    );
  const told = (chosen: string, others: string, places: string) =>
    `kustomizations that are alternatives: judged is ${chosen}, not ${others} (${places}); for another one: ` +
    "kubectl kustomize DIRECTORY | npm run -s audit -- -";

  test("are alternatives: one is judged, production's of several, and that is told", async () => {
    const { objects, warnings } = await read({ ...base, ...overlays("dev", "prod", "staging") });
    expect(objects).toEqual([policy([4317, 2])]);
    expect(warnings).toEqual([told("prod", "dev and staging", "overlays/prod")]);
  });

  test("without a production the first by its name, and of each application the same", async () => {
    const both = { ...base, ...overlays("qa", "dev") };
    expect((await read(both)).objects).toEqual([policy([4317, 2])]);
    const second = { ...policy([1]), metadata: { name: "other", namespace: "auth" } };
    const other = {
      "b/base/kustomization.yaml": "resources: [policy.yaml]\n",
      "b/base/policy.yaml": documents([second]),
      "b/qa/kustomization.yaml": "resources: [../base]\n",
      "b/prod/kustomization.yaml": "resources: [../base]\nlabels: [{pairs: {a: b}}]\n",
      "c/base/kustomization.yaml": "resources: [policy.yaml]\n",
      "c/base/policy.yaml": documents([{ ...second, metadata: { name: "third", namespace: "auth" } }]),
      "c/qa/kustomization.yaml": "resources: [../base]\n",
      "c/test/kustomization.yaml": "resources: [../base]\nlabels: [{pairs: {a: b}}]\n",
    };
    const { objects, warnings } = await read({ ...both, ...other });
    expect(objects).toContainEqual(policy([4317, 1]));
    expect(warnings).toEqual([
      told("qa", "prod", "b/qa"),
      told("qa", "test", "c/qa"),
      told("qa", "dev", "overlays/qa"),
    ]);
  });

  test("what only others have is not judged, and that is told", async () => {
    const { objects, skipped } = await read({
      ...base,
      "dev/kustomization.yaml": "resources: [../base, open.yaml]\npatches: [{path: patch.yaml}]\n",
      "dev/open.yaml": documents([configMap("dev")]),
      "dev/patch.yaml": documents([policy([1])]),
      "prod/kustomization.yaml": overlay(addPort(2)),
    });
    expect(objects).toEqual([policy([4317, 2])]);
    expect(skipped).toEqual([
      "dev/kustomization.yaml: of a kustomization that is an alternative to the one that is judged",
      "dev/open.yaml: of a kustomization that is an alternative to the one that is judged",
      "dev/patch.yaml: of a kustomization that is an alternative to the one that is judged",
    ]);
  });

  test("in namespaces of their own are none: both are there", async () => {
    const { objects, warnings } = await read({
      ...base,
      "blue/kustomization.yaml": "resources: [../base]\nnamespace: blue\n",
      "green/kustomization.yaml": "resources: [../base]\nnamespace: green\n",
    });
    expect(objects).toEqual(
      ["blue", "green"].map((namespace) => ({ ...policy([4317]), metadata: { name: "egress", namespace } })),
    );
    expect(warnings).toEqual([]);
  });

  test("nor are applications that share one object, whatever they add to it", async () => {
    const app = (name: string) => ({
      [`${name}/kustomization.yaml`]: `resources: [../base, a.yaml, b.yaml]\nlabels: [{pairs: {app: ${name}}}]\n`,
      [`${name}/a.yaml`]: documents([configMap(`${name}-a`)]),
      [`${name}/b.yaml`]: documents([configMap(`${name}-b`)]),
    });
    const { objects } = await read({ ...base, ...app("x"), ...app("y") });
    expect(objects.map((object) => (object as { metadata: { name: string } }).metadata.name)).toEqual([
      "egress",
      "x-a",
      "x-b",
      "y-a",
      "y-b",
    ]);
  });
});

describe("a component", () => {
  const component = {
    "part/kustomization.yaml": `kind: Component\n${overlay(addPort(9)).replace("resources: [../base]\n", "")}`,
  };

  test("changes what the kustomization that names it has", async () => {
    const { objects } = await read({
      ...base,
      ...component,
      "prod/kustomization.yaml": "resources: [../base]\ncomponents: [../part]\n",
    });
    expect(objects).toEqual([policy([4317, 9])]);
  });

  test("that nobody names changes nothing", async () => {
    expect((await read({ ...base, ...component })).objects).toEqual([policy([4317])]);
  });
});

describe("kustomizations that build from one another", () => {
  test("in a circle are left as they are", async () => {
    const { objects } = await read({
      "a/kustomization.yaml": "resources: [../b, policy.yaml]\nnamespace: x\n",
      "b/kustomization.yaml": "resources: [../a]\n",
      "a/policy.yaml": documents([policy([1])]),
    });
    expect(objects).toEqual([policy([1])]);
  });

  test("two ways at each of 60 steps are built each once", async () => {
    const layers = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) =>
        ["a", "b"].map((side): [string, string] => [
          `${side}${at}/kustomization.yaml`,
          at === 59 ? "resources: [../base]\n" : `resources: [../a${at + 1}, ../b${at + 1}]\n`,
        ]),
      ).flat(),
    );
    expect((await read({ ...base, ...layers })).objects).toEqual([policy([4317])]);
  });
});

describe("what a configMapGenerator makes", () => {
  test("is there as if it were written", async () => {
    const { objects, places } = await read({
      "kustomization.yaml":
        "namespace: istio-system\nconfigMapGenerator:\n" +
        "- name: istio\n  files: [mesh=mesh.txt, plain.txt]\n  literals: [a=b=c, 'd=\"e\"']\n  envs: [env.txt]\n",
      "mesh.txt": "enableTracing: true\n",
      "plain.txt": "text",
      "env.txt": "# comment\nX=1\n",
    });
    expect(objects).toEqual([
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "istio", namespace: "istio-system" },
        data: { mesh: "enableTracing: true\n", "plain.txt": "text", a: "b=c", d: "e", X: "1" },
      },
    ]);
    expect(places).toEqual(["kustomization.yaml:1"]);
  });

  test("is merged into what the base makes, or replaces it", async () => {
    const generator = (behavior: string) =>
      `configMapGenerator:\n- {name: env, literals: [A=2], behavior: ${behavior}}\n`;
    const data = async (behavior: string): Promise<unknown> => {
      const { objects } = await read({
        "base/kustomization.yaml": "configMapGenerator:\n- {name: env, literals: [A=1, B=1]}\n",
        "prod/kustomization.yaml": `resources: [../base]\n${generator(behavior)}`,
      });
      return (objects as { data: unknown }[]).map((object) => object.data);
    };
    expect(await data("merge")).toEqual([{ A: "2", B: "1" }]);
    expect(await data("replace")).toEqual([{ A: "2" }]);
  });

  test("is not, where a file of it is missing; secrets are not made at all", async () => {
    const { objects } = await read({
      "kustomization.yaml":
        "configMapGenerator:\n- {name: a, files: [gone.txt]}\nsecretGenerator:\n- {name: s, literals: [a=b]}\n",
    });
    expect(objects).toEqual([]);
  });
});

test("a chart of helmCharts is a release with its values", async () => {
  const { objects } = await read({
    "kustomization.yaml":
      "helmCharts:\n- {name: istiod, version: 1.24.0, namespace: istio-system, valuesFile: v.yaml, valuesInline: {a: {b: 2}}}\n",
    "v.yaml": "a: {b: 1, c: 1}\n",
  });
  expect(objects).toEqual([
    {
      apiVersion: "mesh-tracing/v1",
      kind: "HelmChart",
      metadata: { name: "istiod", namespace: "istio-system" },
      spec: { chart: "istiod", version: "1.24.0", values: { a: { b: 2, c: 1 } } },
    },
  ]);
});
