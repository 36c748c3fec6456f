/**
 * Label selectors: what they match, and an index that finds the selectors that may match a label set.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
 */
import { getOrMake } from "../../mesh/maps";
import { compare } from "../../mesh/stableOrder";
import { type LabelSet } from "./labels";
import { and, Doubt, type Truth } from "./truth";

export type Operator = "In" | "NotIn" | "Exists" | "DoesNotExist";

/** One condition on one label. An entry of `matchLabels` is an `In` with one value. */
export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  /** Empty for `Exists` and `DoesNotExist`. */
  readonly values: ReadonlySet<string>;
  /** There are values beside these, which are not known. */
  readonly moreValues?: Doubt;
}

/** All of its requirements must hold. A doubt among them stands for one that cannot be read. */
export class Selector {
  private readonly known = new Map<LabelSet, Truth>();

  constructor(readonly requirements: readonly (Requirement | Doubt)[]) {}

  /** Whether it selects what has these labels. Remembered for each label set. */
  matches(labels: LabelSet): Truth {
    let truth = this.known.get(labels);
    if (truth === undefined) {
      truth = true;
      for (const requirement of this.requirements) truth = and(truth, satisfies(labels, requirement));
      this.known.set(labels, truth);
    }
    return truth;
  }

  /** A requirement that what is selected has one of some values under a key, if there is one. */
  get anchor(): Requirement | undefined {
    return this.requirements.find(
      (requirement): requirement is Requirement =>
        !(requirement instanceof Doubt) &&
        requirement.operator === "In" &&
        requirement.moreValues === undefined,
    );
  }
}

function satisfies(labels: LabelSet, requirement: Requirement | Doubt): Truth {
  if (requirement instanceof Doubt) return requirement;
  const { key, operator, values, moreValues } = requirement;
  const value = labels.get(key);
  const isNegative = operator === "NotIn" || operator === "DoesNotExist";
  if (value === undefined) return isNegative;
  if (operator === "Exists" || operator === "DoesNotExist") {
    if (typeof value !== "string" && !value.present) return value.doubt;
    return !isNegative;
  }
  if (typeof value !== "string") return value.doubt;
  if (values.has(value)) return !isNegative;
  return moreValues ?? isNegative;
}

/** Pods that a policy is for, by their labels and by those of their namespace. */
export interface Subject {
  /** Absent for all that the policy reaches. */
  readonly namespaces?: Selector;
  /** Absent for all, and where it cannot be told. */
  readonly pods?: Selector;
}

/** Makes selectors: equal ones are one object, so each label set is compared with it once. */
export class Selectors {
  private readonly selectors = new Map<string, Selector>();

  intern(requirements: readonly (Requirement | Doubt)[]): Selector {
    const keys: string[] = [];
    for (const requirement of requirements) {
      // A doubt belongs to one place in one object, and to no other selector.
      if (requirement instanceof Doubt || requirement.moreValues !== undefined) {
        return new Selector(requirements);
      }
      const values = [...requirement.values].sort(compare);
      keys.push(`${requirement.key} ${requirement.operator} ${values.join(" ")}`);
    }
    const id = keys.sort(compare).join("\n");
    return getOrMake(this.selectors, id, () => new Selector(requirements));
  }
}

/** Up to this many selectors are tried one by one: building an index costs more. */
const fewSelectors = 8;

/** Items behind selectors, found by labels without trying every selector. */
export class SelectorIndex<Item> {
  private readonly anywhere: Item[] = [];
  private readonly byKey = new Map<string, Map<string, Item[]>>();

  /**
   * @param items in the order in which `candidates` gives few of them
   * @param selectorOf the selector that something must match to concern an item; absent if everything may
   */
  constructor(
    private readonly items: readonly Item[],
    selectorOf: (item: Item) => Selector | undefined,
  ) {
    if (items.length <= fewSelectors) return;
    for (const item of items) {
      const anchor = selectorOf(item)?.anchor;
      if (anchor === undefined) this.anywhere.push(item);
      else {
        const byValue = getOrMake(this.byKey, anchor.key, () => new Map<string, Item[]>());
        for (const value of anchor.values) getOrMake(byValue, value, () => []).push(item);
      }
    }
  }

  /**
   * Every item whose selector matches the labels, or may, and perhaps others, each once.
   * @param labels absent for what no selector matches, such as an address outside
   */
  candidates(labels: LabelSet | undefined): readonly Item[] {
    if (this.items.length <= fewSelectors) return this.items;
    if (labels === undefined) return this.anywhere;
    const found = new Set(this.anywhere);
    for (const [key, byValue] of this.byKey) {
      const value = labels.get(key);
      const lists = typeof value === "string" ? [byValue.get(value) ?? []] : value && byValue.values();
      for (const items of lists ?? []) for (const item of items) found.add(item);
    }
    return [...found];
  }
}
