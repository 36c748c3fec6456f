/** Selectors that are the same are one object, and an index finds those that may match without trying all. */
import { describe, expect, it } from "vitest";
import { type LabelSet, LabelSets, type LabelValue } from "../../../policy/reachability/labels";
import {
  type Requirement,
  type Selector,
  SelectorIndex,
  Selectors,
} from "../../../policy/reachability/selectors";
import { Doubt } from "../../../policy/reachability/truth";

const doubt = Doubt.of({ kind: "unknown-value", text: "not known" });

function requirement(key: string, operator: Requirement["operator"], ...values: string[]): Requirement {
  return { key, operator, values: new Set(values) };
}

function labels(entries: Record<string, LabelValue>): LabelSet {
  return new LabelSets().intern(new Map(Object.entries(entries)), "test");
}

describe("label sets", () => {
  it("are one object if they are equal, in whatever order", () => {
    const sets = new LabelSets();
    const a = sets.intern(
      new Map([
        ["a", "1"],
        ["b", "2"],
      ]),
      "pod",
    );
    expect(
      sets.intern(
        new Map([
          ["b", "2"],
          ["a", "1"],
        ]),
        "pod",
      ),
    ).toBe(a);
    expect(sets.intern(new Map([["a", "1"]]), "pod")).not.toBe(a);
    expect(
      sets.intern(
        new Map([
          ["a", "2"],
          ["b", "1"],
        ]),
        "pod",
      ),
    ).not.toBe(a);
    expect(
      sets.intern(
        new Map([
          ["a", "1"],
          ["b", "2"],
        ]),
        "other",
      ),
    ).not.toBe(a);
    expect(
      sets.intern(
        new Map<string, LabelValue>([
          ["a", "1"],
          ["b", { doubt, present: true }],
        ]),
        "pod",
      ),
    ).not.toBe(a);
  });

  it("give one reason for each label that is not known", () => {
    const set = new LabelSets().intern(new Map(), "test", (key) => ({ kind: "pod-labels", text: key }));
    expect(set.get("a")).toBe(set.get("a"));
    expect(set.get("a")).not.toBe(set.get("b"));
  });
});

describe("selectors", () => {
  it("are one object if they are equal, in whatever order", () => {
    const selectors = new Selectors();
    const [a, b] = [requirement("a", "In", "1", "2"), requirement("b", "Exists")];
    const both = selectors.intern([a, b]);
    expect(selectors.intern([b, requirement("a", "In", "2", "1")])).toBe(both);
    expect(selectors.intern([a])).not.toBe(both);
    expect(selectors.intern([requirement("a", "NotIn", "1", "2"), b])).not.toBe(both);
    expect(selectors.intern([requirement("a", "In", "1"), b])).not.toBe(both);
    expect(selectors.intern([requirement("c", "In", "1", "2"), b])).not.toBe(both);
  });

  it("are never one object if something in them is not known", () => {
    const selectors = new Selectors();
    const partly: Requirement = { ...requirement("a", "In", "1"), moreValues: doubt };
    expect(selectors.intern([partly])).not.toBe(selectors.intern([partly]));
    expect(selectors.intern([doubt])).not.toBe(selectors.intern([doubt]));
    expect(selectors.intern([partly])).not.toBe(selectors.intern([requirement("a", "In", "1")]));
  });

  it("compare equal label sets once", () => {
    let asked = 0;
    const counting = { get: () => (asked++, "1") } as unknown as LabelSet;
    const selector = new Selectors().intern([requirement("a", "In", "1")]);
    expect([selector.matches(counting), selector.matches(counting), asked]).toEqual([true, true, 1]);
  });
});

describe("the index", () => {
  const selectors = new Selectors();
  const by = (key: string, ...values: string[]) => selectors.intern([requirement(key, "In", ...values)]);

  /** An index with so many other selectors that trying all of them is out of the question. */
  function candidates(wanted: Record<string, Selector | undefined>, of: LabelSet | undefined): string[] {
    const noise = [...Array(100).keys()].map((index) => [`noise${index}`, by("noise", `${index}`)] as const);
    const items = [...noise, ...Object.entries(wanted)];
    return new SelectorIndex(items, ([, selector]) => selector).candidates(of).map(([name]) => name);
  }

  const wanted = {
    team: by("team", "a"),
    teams: by("team", "a", "b"),
    other: by("team", "c"),
    negative: selectors.intern([requirement("team", "NotIn", "a")]),
    everything: selectors.intern([]),
    always: undefined,
    doubtful: selectors.intern([{ ...requirement("team", "In", "x"), moreValues: doubt }]),
    second: selectors.intern([requirement("team", "Exists"), doubt, requirement("env", "In", "dev")]),
  };

  it("gives what may match, and little else", () => {
    const rest = ["negative", "everything", "always", "doubtful"];
    expect(candidates(wanted, labels({ team: "a" }))).toEqual([...rest, "team", "teams"]);
    expect(candidates(wanted, labels({ team: "b" }))).toEqual([...rest, "teams"]);
    expect(candidates(wanted, labels({ env: "dev" }))).toEqual([...rest, "second"]);
    expect(candidates(wanted, labels({}))).toEqual(rest);
    expect(candidates(wanted, undefined)).toEqual(rest);
  });

  it("gives everything that asks for a label whose value is not known, once", () => {
    const unknown = labels({ team: { doubt, present: true } });
    expect(candidates(wanted, unknown)).toEqual([
      "negative",
      "everything",
      "always",
      "doubtful",
      "team",
      "teams",
      "other",
    ]);
  });

  it("does not bother for a few", () => {
    const items = Object.values(wanted);
    const index = new SelectorIndex(items, (selector) => selector);
    expect(index.candidates(labels({}))).toEqual(items);
    expect(index.candidates(undefined)).toEqual(items);
  });
});
