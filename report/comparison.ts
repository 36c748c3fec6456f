/** Two versions of a mesh compared: everything a report tells, before it is put into words. */
import { checkModel, type RuleConfig } from "../policy/checkAll";
import { type Finding } from "../findings/finding";
import { TracingModel } from "../policy/model/tracingModel";
import { type Options } from "../policy/model/options";
import { askSpanPaths, type SpanPath } from "../policy/paths/spanPaths";
import { compareFindings, type FindingChanges } from "./findings";
import { compareObjects, type ObjectChange } from "./objects";
import { comparePaths, countEffects, type PathTable } from "./paths";
import { Relevance } from "./relevance";
import { restartsOf } from "./restarts";
import { compareSettings, type SettingChange } from "./settings";

/** One version, as it was read. */
export interface Side {
  /** How it was called: a commit, a directory. */
  label: string;
  objects: readonly unknown[];
  /** What the objects do not say by themselves. */
  options: Options;
}

/** A version that could not be read. */
export interface Unreadable {
  label: string;
  /** Why, in one or more lines. */
  problem: string;
}

export interface Context {
  /** What is compared: `stack dev`. */
  subject: string;
  /** Whether all objects are a stack's of this project, so that every one is about tracing. */
  isStack: boolean;
  /** What limits the comparison, each a sentence. */
  notes?: readonly string[];
  ruleConfig?: RuleConfig;
}

export interface Comparison {
  subject: string;
  base: string;
  /** Why nothing is known of the base; undefined if all is. */
  problem?: string;
  notes: readonly string[];
  /** Objects that decide about traces; undefined if the base is not known. */
  resources?: readonly ObjectChange[];
  /** Changed objects that do not. */
  others: readonly ObjectChange[];
  /** Objects on the new side. */
  objects: number;
  table: PathTable;
  /** The ways of the new side. */
  paths: readonly SpanPath[];
  findings: FindingChanges;
  /** Settings of tracing that are not as they were, whatever that does to paths. */
  settings: readonly SettingChange[];
  /** Workloads whose pods are replaced. */
  restarts: readonly string[];
  /** Whether the change does nothing to tracing. */
  isQuiet: boolean;
  /** Whether the change breaks what was not broken: an error that is new, or says of more paths than before. */
  isWorse: boolean;
}

interface Read {
  model: TracingModel;
  findings: Finding[];
  paths: SpanPath[];
}

/** Compares; equal input, in whatever order, gives an equal result. */
export function compareSides(base: Side | Unreadable, head: Side, context: Context): Comparison {
  const before = "problem" in base ? undefined : readSide(base, context.ruleConfig);
  const after = readSide(head, context.ruleConfig);
  const relevance = new Relevance(
    [...(before === undefined ? [] : [before.model]), after.model],
    context.isStack,
  );
  const changes = "problem" in base ? undefined : compareObjects(base.objects, head.objects);
  const table = comparePaths(before?.paths, after.paths);
  const findings = compareFindings(before?.findings, after.findings);
  const resources = changes?.filter((change) => relevance.concerns(change));
  const closes = countEffects(table).closes > 0;
  const settings = before === undefined ? [] : compareSettings(before.model, after.model);
  const isError = ({ level }: Finding): boolean => level === "error";
  return {
    subject: context.subject,
    base: base.label,
    ...("problem" in base ? { problem: base.problem } : {}),
    notes: context.notes ?? [],
    resources,
    others: changes?.filter((change) => !relevance.concerns(change)) ?? [],
    objects: head.objects.length,
    table,
    paths: after.paths,
    findings,
    settings,
    restarts: before === undefined ? [] : restartsOf(resources ?? [], before.model, after.model),
    isQuiet:
      resources?.length === 0 &&
      settings.length === 0 &&
      table.rows.every(({ isChanged }) => !isChanged) &&
      findings.new.length + findings.changed.length + findings.fixed.length === 0,
    isWorse:
      findings.new.some(isError) || (closes && findings.changed.some(({ after: now }) => isError(now))),
  };
}

function readSide({ objects, options }: Side, ruleConfig: RuleConfig | undefined): Read {
  const model = TracingModel.from(objects, options);
  // A stack that does not exist lacks nothing.
  const findings = objects.length === 0 ? [] : checkModel(model, ruleConfig);
  return { model, findings, paths: askSpanPaths(model).paths };
}
