/** Graphs of answers that were saved, and what is none. */
import { expect, it } from "vitest";
import { savedGraph } from "../../../doctor/graph/saved";
import { asJson } from "../../../doctor/formats";
import { brokenDiagnosis } from "../../fixtures/diagnosis";

it("what the doctor printed is drawn as it was", () => {
  const diagnosis = brokenDiagnosis();
  expect(savedGraph("answer.json", asJson(diagnosis))).toEqual(diagnosis.graph);
});

it("Jaeger's answer is drawn, of any version", () => {
  const edges = [{ parent: "a", child: "b", callCount: 3 }];
  const drawn = {
    nodes: [
      { id: "a", label: "a", kind: "other" },
      { id: "b", label: "b", kind: "other" },
    ],
    edges: [{ from: "a", to: "b", kind: "call", state: "seen", label: "3" }],
  };
  for (const answer of [{ data: edges, total: 0, errors: null }, { dependencies: edges }])
    expect(savedGraph("jaeger.json", JSON.stringify(answer))).toEqual(drawn);
});

it("what was edited is drawn as far as it makes sense", () => {
  const graph = {
    nodes: [{ id: "a", kind: "planet" }, { label: "nobody" }, 7],
    edges: [{ from: "a", to: "a", state: "angry" }, { from: "a" }, null],
  };
  expect(savedGraph("edited.json", JSON.stringify({ graph }))).toEqual({
    nodes: [{ id: "a", label: "a", kind: "other" }],
    edges: [{ from: "a", to: "a", kind: "call", state: "unknown", label: "" }],
  });
});

it.each([
  ["", "x is not JSON"],
  ["<html>", "x is not JSON"],
  ["{}", "x has no graph"],
  ["[]", "x has no graph"],
  ["null", "x has no graph"],
  ['{"graph":[]}', "x has no graph"],
])("%j is refused", (content, said) => {
  expect(() => savedGraph("x", content)).toThrow(
    `${said}\n  fix: save what doctor --format json prints, or Jaeger's /api/dependencies`,
  );
});
