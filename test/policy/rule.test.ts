import { describe, expect, it } from "vitest";
import { Mesh, options } from "../../docs/generate/sample/mesh";
import { checkAll } from "../../policy/checkAll";
import { nameOf } from "../../policy/rule";
import { allRules } from "../../policy/rules";

describe("an object", () => {
  it.each<[string, unknown, string]>([
    ["in a namespace", { kind: "Service", metadata: { name: "a", namespace: "b" } }, "Service b/a"],
    ["of the cluster", { kind: "Namespace", metadata: { name: "a" } }, "Namespace a"],
    ["without metadata", { kind: "Service" }, "Service (unnamed)"],
    ["whose fields are no texts", { kind: 1, metadata: { name: 2, namespace: 3 } }, "object (unnamed)"],
  ])("%s is named", (_, object, name) => {
    expect(nameOf(object as Parameters<typeof nameOf>[0])).toBe(name);
  });
});

describe("a finding", () => {
  it("says nothing of a file where the object is from none", () => {
    const mesh = new Mesh().unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 2");
    const [finding] = checkAll(mesh.objects, options);
    expect(Object.keys(finding ?? {}).sort()).toEqual([
      "apiVersion",
      "fix",
      "kind",
      "level",
      "message",
      "name",
      "namespace",
      "rule",
    ]);
  });
});

describe("the page of a rule", () => {
  it("is written on one line, whatever the layout in the source", () => {
    const texts = allRules.flatMap(({ page: { why, symptom, exceptions } }) => [why, symptom, exceptions]);
    expect(texts.filter((text) => /\s\s|\n/.test(text) || !text.includes(" "))).toEqual([]);
  });
});
