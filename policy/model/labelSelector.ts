/** Kubernetes' label selectors over labels that are all known. */
import { isRecord, records, text, textMap, texts } from "./reading";

/** Whether labels match; an empty selector matches all. */
export function matchesSelector(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (!isRecord(selector)) return true;
  const isEqual = Object.entries(textMap(selector["matchLabels"])).every(
    ([key, value]) => labels[key] === value,
  );
  return (
    isEqual &&
    records(selector["matchExpressions"]).every((expression) => {
      const value = labels[text(expression["key"]) ?? ""];
      const values = texts(expression["values"]);
      switch (expression["operator"]) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        default:
          return false;
      }
    })
  );
}
