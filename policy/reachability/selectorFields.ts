/** Reading a `metav1.LabelSelector` with the rules of the API server's validation. */
import { type Field, show } from "./fields";
import { type Operator, type Requirement, type Selector, type Selectors } from "./selectors";
import { Doubt } from "./truth";

const operators: ReadonlySet<string> = new Set(["In", "NotIn", "Exists", "DoesNotExist"]);

const noValues: ReadonlySet<string> = new Set();

const labelName = /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const labelPrefix = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Whether a text can be a label's key: an optional DNS prefix and a name of up to 63 characters. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  if (slash === -1) return labelName.test(key);
  return slash <= 253 && labelPrefix.test(key.slice(0, slash)) && labelName.test(key.slice(slash + 1));
}

/** Whether a text can be a label's value: up to 63 characters, or none. */
export function isLabelValue(value: string): boolean {
  return value === "" || labelName.test(value);
}

/** Reads a selector. An absent one selects everything, like an empty one; callers tell these apart before. */
export function readSelector(field: Field, selectors: Selectors): Selector {
  const record = field.record();
  if (record instanceof Doubt) return selectors.intern([record]);
  return selectors.intern([
    ...readMatchLabels(field.at("matchLabels")),
    ...readExpressions(field.at("matchExpressions")),
  ]);
}

/** Reads a map of labels that must all be there, such as a Service's selector. */
export function readMatchLabels(field: Field): (Requirement | Doubt)[] {
  const entries = field.entries();
  if (entries === undefined) return [];
  if (entries instanceof Doubt) return [entries];
  return entries.map(([key, value]) => {
    if (!isLabelKey(key)) return value.malformed(`${show(key)} is not a label key`);
    const known = readValue(value);
    return known instanceof Doubt
      ? { key, operator: "In", values: noValues, moreValues: known }
      : { key, operator: "In", values: new Set([known]) };
  });
}

function readExpressions(field: Field): (Requirement | Doubt)[] {
  const items = field.items();
  if (items === undefined) return [];
  return items instanceof Doubt ? [items] : items.map(readExpression);
}

function readExpression(field: Field): Requirement | Doubt {
  const record = field.record();
  if (record instanceof Doubt) return record;
  const key = field.at("key").string();
  const operator = field.at("operator").string();
  if (key instanceof Doubt) return key;
  if (operator instanceof Doubt) return operator;
  if (key === undefined || !isLabelKey(key))
    return field.at("key").malformed(`${show(key)} is not a label key`);
  if (!isOperator(operator)) {
    return field.at("operator").malformed(`must be In, NotIn, Exists or DoesNotExist, not ${show(operator)}`);
  }
  return readValues(field.at("values"), key, operator);
}

function readValues(field: Field, key: string, operator: Operator): Requirement | Doubt {
  const items = field.items();
  const wantsValues = operator === "In" || operator === "NotIn";
  if (items instanceof Doubt) {
    return wantsValues ? { key, operator, values: noValues, moreValues: items } : items;
  }
  const isEmpty = items === undefined || items.length === 0;
  if (!wantsValues) {
    return isEmpty ? { key, operator, values: noValues } : field.malformed(`${operator} takes no values`);
  }
  if (isEmpty) return field.malformed(`${operator} needs at least one value`);
  const values = new Set<string>();
  let moreValues: Doubt | undefined;
  for (const item of items) {
    const value = readValue(item);
    if (value instanceof Doubt) moreValues = moreValues === undefined ? value : Doubt.both(moreValues, value);
    else values.add(value);
  }
  return { key, operator, values, moreValues };
}

function readValue(field: Field): string | Doubt {
  const value = field.string();
  if (value === undefined) return field.malformed("must be a string, not null");
  if (typeof value === "string" && !isLabelValue(value)) {
    return field.malformed(`${show(value)} is not a label value`);
  }
  return value;
}

function isOperator(operator: string | undefined): operator is Operator {
  return operator !== undefined && operators.has(operator);
}
