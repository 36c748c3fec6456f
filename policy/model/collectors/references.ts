/**
 * `${env:NAME}` in a collector's configuration, and what its container's variables make of it.
 * @see https://opentelemetry.io/docs/collector/configuration/#environment-variables
 */
import { mapValues } from "../../../mesh/stableOrder";
import { variablesOf } from "../environment";
import { type ObjectIndex } from "../objects";
import { isRecord, type Json } from "../reading";
import { type Workload } from "../workloads";

/** `${NAME}`, `${env:NAME}` and `${env:NAME:-default}`; `$$` is a dollar sign. */
const reference = /\$\$|\$\{(?:env:)?([A-Za-z_]\w*)(?::-([^}]*))?\}/g;

/** A configuration as the collector reads it; what is not known stays as it is written. */
export function withVariables(config: Json, container: Json, workload: Workload, index: ObjectIndex): Json {
  if (!JSON.stringify(config).includes("${")) return config;
  const { variables, incomplete } = variablesOf(container, workload, index);
  const isSure = incomplete === undefined && workload.hypothetical === undefined;
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(read);
    if (isRecord(value)) return mapValues(value, (_, inner) => read(inner));
    return typeof value === "string"
      ? value.replaceAll(reference, (whole, name: string | undefined, fallback: string | undefined) => {
          if (name === undefined) return whole;
          const variable = variables.get(name);
          if (variable === undefined) return isSure ? (fallback ?? whole) : whole;
          // What only the running pod knows, such as its own address.
          return variable.value === undefined || variable.value.includes("$(") ? whole : variable.value;
        })
      : value;
  };
  return read(config) as Json;
}
