/** Sorts the objects of the input by what they are to the model, and settles objects of one name. */
import { isDeepStrictEqual } from "node:util";
import { type Role } from "../../mesh/kinds";
import { type Malformed } from "./answers";
import { groupBy } from "../../mesh/maps";
import { type LabelSets } from "./labels";
import { Namespaces } from "./namespaces";
import { type NetworkPolicy, readNetworkPolicy } from "./networkPolicies";
import { checkMetadata, flatten, identify, type InputObject } from "./objects";
import { type OtherPolicy, readOtherPolicy } from "./otherPolicies";
import { readRedirect, withRedirects } from "./redirects";
import { readService, type Service } from "./services";
import { type Selectors } from "./selectors";
import { Doubt } from "./truth";
import { readWorkload, type Workload } from "./workloads";

/** Everything of the input that the model knows. */
export interface Catalog {
  readonly namespaces: Namespaces;
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly policies: readonly NetworkPolicy[];
  readonly otherPolicies: readonly OtherPolicy[];
  /** Objects that may be anything. */
  readonly unidentified: readonly Doubt[];
  readonly malformed: readonly Malformed[];
}

/** What the reading of objects shares. */
export interface Tables {
  readonly labelSets: LabelSets;
  readonly selectors: Selectors;
  readonly isUnknown: (value: unknown) => boolean;
}

export function readCatalog(
  objects: Iterable<unknown>,
  { labelSets, selectors, isUnknown }: Tables,
): Catalog {
  const malformed: Malformed[] = [];
  const unidentified: Doubt[] = [];
  const inputs: Record<Role, InputObject[]> = {
    namespace: [],
    workload: [],
    service: [],
    policy: [],
    "other-policy": [],
    redirect: [],
  };
  let index = 0;
  for (const value of flatten(objects)) {
    const input = identify(value, index++, isUnknown, malformed);
    if (input instanceof Doubt) unidentified.push(input);
    else if (input !== undefined) inputs[input.role].push(input);
  }
  for (const input of [...inputs.namespace, ...inputs.workload, ...inputs.service]) checkMetadata(input);
  return {
    malformed,
    unidentified,
    namespaces: new Namespaces(labelSets, namespacesByName(inputs.namespace)),
    workloads: settle(inputs.workload).flatMap(({ input }) => readWorkload(input, labelSets) ?? []),
    services: withRedirects(
      settle(inputs.service).map(({ input, duplicate }) => readService(input, selectors, duplicate)),
      inputs.redirect.map(({ root }) => readRedirect(root)),
    ),
    policies: settle(inputs.policy).map(({ input, duplicate }, position) =>
      readNetworkPolicy(input, selectors, position, duplicate),
    ),
    otherPolicies: inputs["other-policy"].map((input) => readOtherPolicy(input.root, selectors)),
  };
}

function namespacesByName(inputs: readonly InputObject[]): Map<string, InputObject[]> {
  const named = inputs.filter(({ isNamed }) => isNamed);
  return groupBy(named, ({ name }) => name);
}

/** An object, and why another may count in its place. */
interface Settled {
  readonly input: InputObject;
  readonly duplicate?: Doubt;
}

/** Drops repetitions of an object. Where the specs of two differ, either may be applied last. */
function settle(inputs: readonly InputObject[]): Settled[] {
  const groups = new Map<string, InputObject[]>();
  for (const input of inputs) {
    // Objects whose names are not known yet, or made up by the API server, are different ones.
    const id = input.isNamed ? `${input.kind.name} ${input.namespace}/${input.name}` : `#${groups.size}`;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [input]);
    else if (!group.some((other) => haveEqualSpecs(other, input))) group.push(input);
  }
  return [...groups.values()].flatMap((group) => {
    const [duplicate] = group
      .slice(1)
      .map(({ root }) => root.malformed("is in the input several times, with different specs"));
    return group.map((input) => ({ input, duplicate }));
  });
}

function haveEqualSpecs(a: InputObject, b: InputObject): boolean {
  return isDeepStrictEqual(a.root.at("spec").value, b.root.at("spec").value);
}
