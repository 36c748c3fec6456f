/** Namespaces: those in the input with all their labels, any other with the one label it surely has. */
import { getOrMake } from "../../mesh/maps";
import { namespaceNameLabel } from "../../mesh/labels";
import { type InputObject, unknownPlace } from "./objects";
import { type LabelSet, type LabelSets, type LabelValue } from "./labels";
import { readLabels } from "./labelFields";
import { type Cause } from "./answers";
import { Doubt } from "./truth";

/** A namespace that an object of the input, or a question, is about. */
export interface Namespace {
  readonly name: string;
  readonly labelSet: LabelSet;
}

/** All namespaces, made on first use. */
export class Namespaces {
  private readonly byName = new Map<string, Namespace>();

  constructor(
    private readonly labelSets: LabelSets,
    objects: ReadonlyMap<string, readonly InputObject[]>,
  ) {
    for (const [name, list] of objects) this.byName.set(name, this.make(name, list));
  }

  get(name: string): Namespace {
    return getOrMake(this.byName, name, () => this.make(name, []));
  }

  private make(name: string, objects: readonly InputObject[]): Namespace {
    const inInput = objects.length > 0;
    const read = objects.map(({ root }) => readLabels(root.at("metadata").at("labels")));
    const labels = mergeLabels(name, read);
    // An API server sets this label and refuses any other value.
    if (name !== unknownPlace) labels.set(namespaceNameLabel, name);
    const unreadable = read.find((entry) => entry instanceof Doubt);
    const whole = unreadable?.causes[0];
    const others = inInput ? whole && (() => whole) : (key: string) => unknownLabel(name, key);
    return {
      name,
      labelSet: this.labelSets.intern(labels, `namespace ${name}`, others),
    };
  }
}

/** If two Namespace objects have one name, what they disagree on is in doubt: either may be applied last. */
function mergeLabels(
  name: string,
  read: readonly (ReadonlyMap<string, LabelValue> | Doubt)[],
): Map<string, LabelValue> {
  const maps = read.filter((entry): entry is ReadonlyMap<string, LabelValue> => !(entry instanceof Doubt));
  const merged = new Map<string, LabelValue>();
  for (const key of new Set(maps.flatMap((map) => [...map.keys()]))) {
    const [first, ...rest] = maps.map((map) => map.get(key));
    if (first !== undefined && rest.every((value) => value === first)) merged.set(key, first);
    else {
      const text = `Namespace ${name} is in the input several times, with different values of the label ${key}`;
      merged.set(key, { doubt: Doubt.of({ kind: "namespace-labels", text }), present: false });
    }
  }
  return merged;
}

function unknownLabel(name: string, key: string): Cause {
  const text =
    name === unknownPlace
      ? `the namespace, and with it the label ${key}, is not known`
      : `Namespace ${name} is not in the input, so its label ${key} is not known`;
  return { kind: "namespace-labels", text };
}
