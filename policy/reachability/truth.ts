/** Three-valued logic: what is true, what is false, and what nobody can say, with the reasons. */
import { type Cause } from "./answers";

/** Neither true nor false, because of its causes. Two doubts join at no cost, however many causes they have. */
export class Doubt {
  private constructor(private readonly parts: readonly [Cause] | readonly [Doubt, Doubt]) {}

  static of(cause: Cause): Doubt {
    return new Doubt([cause]);
  }

  static both(a: Doubt, b: Doubt): Doubt {
    return a === b ? a : new Doubt([a, b]);
  }

  /** Every cause once, in order. */
  get causes(): readonly Cause[] {
    const causes = new Set<Cause>();
    const open: Doubt[] = [this];
    for (let doubt = open.pop(); doubt !== undefined; doubt = open.pop()) {
      const [first, second] = doubt.parts;
      if (second === undefined) causes.add(first as Cause);
      else open.push(second, first as Doubt);
    }
    return [...causes];
  }
}

export type Truth = boolean | Doubt;

/** Kleene's conjunction: false wins over doubt. */
export function and(a: Truth, b: Truth): Truth {
  if (a === false || b === false) return false;
  if (a === true) return b;
  return b === true ? a : Doubt.both(a, b);
}

/** Kleene's disjunction: true wins over doubt. */
export function or(a: Truth, b: Truth): Truth {
  if (a === true || b === true) return true;
  if (a === false) return b;
  return b === false ? a : Doubt.both(a, b);
}
