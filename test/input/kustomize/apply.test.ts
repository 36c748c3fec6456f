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
    expect(skipped).toEqual([
      "base/kustomization.yaml: a kustomization",
      "prod/kustomization.yaml: a kustomization",
    ]);
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

  test("is judged without patches that are alternatives, and that is told", async () => {
    const { objects, warnings } = await read({
      ...base,
      "dev/kustomization.yaml": overlay(addPort(1)),
      "prod/kustomization.yaml": overlay(addPort(2)),
    });
    expect(objects).toEqual([policy([4317])]);
    expect(warnings).toEqual([
      "NetworkPolicy auth/egress is patched by alternative kustomizations, so it is judged without their patches: " +
        "dev/kustomization.yaml, prod/kustomization.yaml",
    ]);
  });

  test("is judged without a patch that does not fit, and that is told", async () => {
    const { objects, warnings } = await read({
      ...base,
      "prod/kustomization.yaml": overlay("- op: remove\n  path: /spec/ingress\n"),
    });
    expect(objects).toEqual([policy([4317])]);
    expect(warnings).toEqual([
      "NetworkPolicy auth/egress is judged without its patches (prod/kustomization.yaml): the object has no ingress",
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

  test("is not, where a file of it is missing; secrets are not made at all", async () => {
    const { objects } = await read({
      "kustomization.yaml":
        "configMapGenerator:\n- {name: a, files: [gone.txt]}\nsecretGenerator:\n- {name: s, literals: [a=b]}\n",
    });
    expect(objects).toEqual([]);
  });
});
