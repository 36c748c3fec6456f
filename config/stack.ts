/**
 * The one description of a stack: what a `Pulumi.<stack>.yaml` may say, what it defaults to and what must
 * hold. Everything a stack can choose is in `sections.ts`; the components take it as it comes out of
 * {@link parseStack}.
 */
import { type z } from "zod";
import { crossCheck } from "./crossChecks";
import { isShared } from "./jaegerStorage";
import { type JaegerStorage, storageOf } from "./jaegerStore";
import { ConfigMistakes, mistakesOf, says } from "./mistakes";
import { namespace } from "./namespaces";
import { type Sections, sections, stackSchema } from "./sections";
import { externalService } from "./services";
import { hasFeature } from "../mesh/istioVersions";
import { projectName } from "../mesh/names";
import { compare } from "../mesh/stableOrder";
import { recommendedPropagation, type TraceContextOption } from "../mesh/traceContext";

export type { BadgerStorage, CassandraStorage, JaegerStorage, SearchStorage } from "./jaegerStore";
export type { StoragePlace } from "./jaegerStore";
export type { ChartSource } from "./words";

/** A stack as the components take it: validated, with every default filled in. */
export interface StackConfig extends Omit<Sections, "jaeger"> {
  /** The stack's name, `dev`. */
  stack: string;
  jaeger: Omit<Sections["jaeger"], "storage"> & {
    namespace: string;
    storage: JaegerStorage;
    /** Number of pods; with autoscaling, the least. */
    replicas: number;
  };
  /** How Envoy passes traces on; `undefined` where the Istio version has no such option and only knows B3. */
  traceContextOption: TraceContextOption | undefined;
  /** The value of OTEL_PROPAGATORS, in order. */
  propagators: string[];
}

/** The values of `Pulumi.<stack>.yaml` under the project's name, by key without the project's name. */
export type RawConfig = Readonly<Record<string, unknown>>;

/**
 * Validates a stack's configuration.
 * @param raw the parsed values by key, such as `{ istio: { version: "1.31", … } }`
 * @param stack the stack's name
 * @throws ConfigMistakes with every mistake
 */
export function parseStack(raw: RawConfig, stack: string): StackConfig {
  const result = stackSchema.safeParse(raw);
  const root = `${projectName}:`;
  const mistakes = [
    ...(result.success ? [] : mistakesOf(result.error.issues, raw, root)),
    ...mistakesOf(crossCheck(validParts(raw)), raw, root),
    ...mistakesOf(reservedKeys(raw), raw, root),
  ];
  if (mistakes.length > 0 || !result.success) {
    throw new ConfigMistakes(
      mistakes.sort((a, b) => rankOf(a.path) - rankOf(b.path) || compare(a.path, b.path)),
    );
  }
  const parsed = result.data;
  const storage = storageOf(parsed.jaeger.storage);
  const w3c = hasFeature(parsed.istio.version, "w3cPropagation");
  return {
    ...parsed,
    stack,
    jaeger: {
      ...parsed.jaeger,
      namespace: parsed.jaeger.namespace ?? parsed.istio.rootNamespace,
      storage,
      // Two pods where they share a store: one goes on while the other's node is drained.
      replicas: parsed.jaeger.autoscaling?.min ?? parsed.jaeger.replicas ?? (isShared(storage.type) ? 2 : 1),
    },
    traceContextOption: w3c ? recommendedPropagation(true).traceContextOption : undefined,
    propagators: parsed.otel.propagators ?? recommendedPropagation(w3c).propagators,
  };
}

/** Keys that would vanish, since JavaScript keeps them for itself; known at the top, where only sections may be. */
function reservedKeys(value: unknown, path: PropertyKey[] = []): z.core.$ZodIssueCustom[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    if (key !== "__proto__") return reservedKeys(inner, here);
    const message = says("a name that this program cannot use", "choose another name");
    return path.length === 0 ? [] : [{ code: "custom", path: here, message, input: undefined }];
  });
}

/**
 * The sections that are right in themselves, so that what must hold between them is checked although others
 * are not. Of the maps of namespaces and external services, the entries that are right.
 */
function validParts(raw: RawConfig): Partial<Sections> {
  const entries = (Object.entries(sections) as [string, z.ZodType][]).flatMap(
    ([key, schema]): [string, unknown][] => {
      const value = raw[key];
      const entrySchema = { namespaces: namespace, externalServices: externalService }[key];
      if (entrySchema !== undefined && typeof value === "object" && value !== null) {
        const right = Object.entries(value).flatMap(([name, entry]) => {
          const parsed = entrySchema.safeParse(entry);
          return parsed.success ? [[name, parsed.data] as const] : [];
        });
        return [[key, Object.fromEntries(right)]];
      }
      const parsed = schema.safeParse(value);
      return parsed.success ? [[key, parsed.data]] : [];
    },
  );
  return Object.fromEntries(entries);
}

/** In the order of the sections above, so that the report reads like a stack file. */
function rankOf(path: string): number {
  const key = path.slice(projectName.length + 1).split(/[.[]/)[0] ?? "";
  const index = Object.keys(sections).indexOf(key);
  return index === -1 ? Object.keys(sections).length : index;
}
