/** `jaeger.values` of a stack file: values of the chart, every key of which some template reads. */
import { retiredChartKeys } from "../mesh/jaegerChart";
import { elsewhere, readKeys, type ReadKeys } from "../mesh/jaegerChartValues";
import { isRecord } from "../mesh/plainObjects";
import { adding, type AddMistake, unknownKeyFix } from "./mistakes";
import { chartValues } from "./words";

const unread = "no template of chart 4.x reads this key";

export const jaegerValues = chartValues.superRefine((values, context) => {
  const add = adding(context);
  for (const [key, value] of Object.entries(values)) {
    const retired = Object.hasOwn(retiredChartKeys, key) ? retiredChartKeys[key] : undefined;
    if (retired !== undefined) add([key], `${unread} of older charts`, retired);
    else if (key === "fullnameOverride" || key === "nameOverride") {
      add([key], "Services and policies select the pods by this name", "set jaeger.release instead");
    } else check({ [key]: value }, readKeys, [], add);
  }
});

/** Looks for keys that nobody reads, at every depth. */
function check(values: Record<string, unknown>, known: ReadKeys, path: string[], add: AddMistake): void {
  for (const [key, value] of Object.entries(values)) {
    const here = [...path, key];
    const inside = Object.hasOwn(known, key) ? known[key] : undefined;
    if (inside === undefined) {
      const name = here.join(".");
      const ofJaeger = readKeys["jaeger"] as ReadKeys;
      const fix = Object.hasOwn(elsewhere, name)
        ? elsewhere[name]
        : path.length === 0 && Object.hasOwn(ofJaeger, key)
          ? `write it under jaeger: jaeger.${key}`
          : undefined;
      add(here, unread, fix ?? unknownKeyFix(key, Object.keys(known)));
    } else if (inside !== "any" && isRecord(value)) check(value, inside, here, add);
    else if (inside !== "any" && value !== null) {
      const keys = Object.keys(inside).sort().join(", ");
      add(here, "the templates of chart 4.x read keys of it", `write a map with keys of ${keys}`);
    }
  }
}
