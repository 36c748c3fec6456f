/** What a rule is: a pure question about a model, with everything a caller needs to explain its answer. */
import { withoutUserInfo } from "../mesh/secretNames";
import { type Finding, type Level } from "../findings/finding";
import { type TracingModel } from "./model/tracingModel";

/** How bad it is to live with a finding, in CrossGuard's words. */
export type Severity = "low" | "medium" | "high" | "critical";

/** One limit of a rule, as a JSON schema with its default. */
export interface LimitSchema {
  type: "boolean" | "number" | "string" | "array";
  items?: { type: "string" };
  minimum?: number;
  maximum?: number;
  description: string;
  default: boolean | number | string | string[];
}

/**
 * What the page of a rule, `docs/rules/<name>.md`, tells besides the rest of its metadata; in Markdown. A field
 * is one paragraph: where its lines break means nothing.
 */
export interface RulePage {
  /** What breaks where the rule does not hold, and how. */
  why: string;
  /** What people see who do not know the cause yet. */
  symptom: string;
  /** When a finding is none or may stand, and what to do then. */
  exceptions: string;
  /** Upstream documentation besides the rule's `url`. */
  sources: readonly string[];
}

/** Values of a rule's limits, defaults filled in. */
export type Limits = Readonly<Record<string, unknown>>;

export interface Rule {
  /** In kebab-case. */
  name: string;
  /** A sentence that says what holds. */
  description: string;
  /** Level of its findings unless one says otherwise. */
  level: Level;
  severity: Severity;
  tags: string[];
  /** Upstream documentation of what the rule is about. */
  url: string;
  /** What to do about a finding, in a sentence or two. */
  remediationSteps: string;
  page: RulePage;
  /** Limits a caller may set, by name; shaped like CrossGuard's `configSchema`. */
  configSchema: { properties: Readonly<Record<string, LimitSchema>> };
  /** Pure: the same model and limits give the same findings. */
  check(this: void, model: TracingModel, limits: Limits): Finding[];
}

/** The object a problem is reported on. */
export interface ObjectRef {
  apiVersion?: unknown;
  kind?: unknown;
  metadata?: { name?: unknown; namespace?: unknown } | null;
}

/** What a rule's body says; its name and level are added by {@link defineRule}. */
export interface Problem {
  object: ObjectRef;
  /** What follows the object's name, `has no port 9411; …`. */
  says: string;
  fix: string;
  /** @default the rule's */
  level?: Level;
}

type Definition = Omit<Rule, "check" | "configSchema"> & {
  limits?: Rule["configSchema"]["properties"];
  find(this: void, model: TracingModel, limits: Limits): Iterable<Problem>;
};

/** A rule from its description and its body. */
export function defineRule({ limits = {}, find, page, ...rule }: Definition): Rule {
  const defaults = Object.fromEntries(Object.entries(limits).map(([name, schema]) => [name, schema.default]));
  return {
    ...rule,
    page: {
      ...page,
      why: onOneLine(page.why),
      symptom: onOneLine(page.symptom),
      exceptions: onOneLine(page.exceptions),
    },
    configSchema: { properties: limits },
    check: (model, given) =>
      Array.from(find(model, { ...defaults, ...given }), ({ object, says, fix, level = rule.level }) => ({
        rule: rule.name,
        level,
        ...identityOf(object),
        message: `${nameOf(object)} ${withoutUserInfo(says)}`,
        fix: withoutUserInfo(fix),
        ...fileOf(model, object),
      })),
  };
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

/** Kind and place of an object as messages print it: `NetworkPolicy auth/allow-jaeger-egress`. */
export function nameOf(object: ObjectRef): string {
  const { kind, namespace, name } = identityOf(object);
  return namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

function identityOf({ apiVersion, kind, metadata }: ObjectRef) {
  return {
    ...(typeof apiVersion === "string" ? { apiVersion } : {}),
    kind: typeof kind === "string" ? kind : "object",
    namespace: typeof metadata?.namespace === "string" ? metadata.namespace : "",
    name: typeof metadata?.name === "string" ? metadata.name : "(unnamed)",
  };
}

function fileOf(model: TracingModel, object: ObjectRef): { file?: string } {
  const file = model.fileOf(object);
  return file === undefined ? {} : { file };
}
