/**
 * The cluster as it will be: what is live and stays, with what the stack makes and without what it deletes. The
 * rules judge both, so that what a change breaks is told from what was broken before.
 */
import { groupBy } from "../../mesh/maps";
import { appLabels } from "../../mesh/labels";
import { isChart, isPatch, type Manifest } from "../../components/manifest";
import { manifestsOf } from "../../components";
import { type StackConfig } from "../../config/stack";
import { type Finding } from "../../findings/finding";
import { objectNames } from "../../mesh/names";
import { checkAll } from "../../policy/checkAll";
import { serviceEntryHosts } from "../../policy/rules/serviceEntryHosts";
import { telemetryMeshWide } from "../../policy/rules/telemetryMeshWide";
import { telemetryProvider } from "../../policy/rules/telemetryProvider";
import { stackOptions } from "../stackOptions";
import { type ClusterFacts } from "./facts";
import { isChangedByOthers } from "./drift";
import { identity, isLabelled, type LiveObject } from "./liveObject";

/** Objects that stay when the stack does not have them any more. */
const retained: ReadonlySet<string> = new Set(["Namespace", "PersistentVolumeClaim"]);

/** Rules whose warnings stop a change, too: of one host in two entries Istio may drop the one that works. */
const strict: ReadonlySet<string> = new Set([serviceEntryHosts.name]);

/** What the rules say of the namespaces that a stack touches. */
export interface Judgement {
  /** Errors that come with this change. */
  broken: Finding[];
  /** Errors that were there before. */
  brokenBefore: Finding[];
  /** Errors until istiod's owner has taken over the mesh configuration that the stack hands out. */
  awaited: Finding[];
}

export function judge(config: StackConfig, facts: ClusterFacts): Judgement {
  // Everything is at hand, the policies of others too.
  const options = { ...stackOptions(config), otherPolicies: [] };
  const live = liveObjects(facts);
  const touched = touchedNamespaces(config);
  const errors = (objects: readonly unknown[]): Finding[] =>
    checkAll(objects, options).filter(
      ({ level, rule, namespace }) => (level === "error" || strict.has(rule)) && touched.has(namespace),
    );
  const known = groupBy(errors(live), keyOfFinding);
  const isKnown = (finding: Finding): boolean =>
    known.get(keyOfFinding(finding))?.some((before) => isNoWorse(finding, before)) === true;
  const judgement: Judgement = { broken: [], brokenBefore: [], awaited: [] };
  for (const finding of errors(futureOf(config, live))) {
    // The check tells of a second Telemetry itself, with its owner.
    if (finding.rule === telemetryMeshWide.name) continue;
    if (isAwaited(finding, config)) judgement.awaited.push(finding);
    else if (isKnown(finding)) judgement.brokenBefore.push(finding);
    else judgement.broken.push(finding);
  }
  return judgement;
}

/** Whether what is missing is not this stack's to make: its own Telemetry waits for the mesh config of others. */
function isAwaited({ rule, namespace, name }: Finding, { istio }: StackConfig): boolean {
  return (
    istio.delivery === "values" &&
    rule === telemetryProvider.name &&
    namespace === istio.rootNamespace &&
    name === objectNames.telemetry
  );
}

function keyOfFinding({ rule, kind, namespace, name }: Finding): string {
  return [rule, kind, namespace, name].join("|");
}

/** Whether all that is missing after the change was missing before: part of it may be put back by the change. */
function isNoWorse({ message, fix }: Finding, before: Finding): boolean {
  if (message === before.message) return true;
  // An entry that is put back moves those behind it.
  const linesOf = (text: string): string[] => text.replaceAll(/\[\d+\]/g, "[]").split("\n");
  const lines = new Set(linesOf(before.fix));
  return fix !== "" && linesOf(fix).every((line) => lines.has(line));
}

/** Namespaces of the stack's own objects, and of what they are for. */
function touchedNamespaces(config: StackConfig): ReadonlySet<string> {
  return new Set([
    "",
    config.istio.rootNamespace,
    ...Object.keys(config.namespaces),
    ...config.gateways.map(({ namespace }) => namespace),
    ...manifestsOf(config).flatMap(({ metadata }) => metadata.namespace ?? []),
  ]);
}

/** What rules read, and the planned objects that are there already; each once. */
function liveObjects({ live, objects }: ClusterFacts): LiveObject[] {
  const all = new Map((live as LiveObject[]).map((object) => [keyOf(object), object]));
  for (const object of objects) {
    const key = keyOf(object);
    const known = all.get(key);
    // What rules read is without the field managers.
    all.set(key, known === undefined ? object : { ...known, metadata: object.metadata });
  }
  return [...all.values()];
}

/** Live objects, with those of the stack as it will make them. */
export function futureOf(config: StackConfig, live: readonly LiveObject[]): unknown[] {
  const manifests = manifestsOf(config);
  const charts = manifests.filter(isChart);
  const ofCharts = new Set(charts.flatMap(({ spec }) => spec.objects.map(keyOf)));
  const releases = new Set(charts.map(({ metadata }) => metadata.name));
  // What others changed in a chart's objects is put back, and how it was only the chart knows.
  const changed = new Set(
    live.flatMap((object) => {
      const release = releaseLabelOf(object);
      return release !== undefined && isLabelled(object, config.stack) && isChangedByOthers(object)
        ? [release]
        : [];
    }),
  );
  const own = new Map(
    manifests
      .filter((manifest) => !isChart(manifest) && !isPatch(manifest))
      .map((manifest) => [keyOf(manifest), manifest]),
  );
  const isDeleted = (object: LiveObject): boolean =>
    isLabelled(object, config.stack) &&
    !retained.has(object.kind ?? "") &&
    !ofCharts.has(keyOf(object)) &&
    !isOfRelease(object, releases);
  const isOfChanged = (object: LiveObject): boolean => changed.has(releaseLabelOf(object) ?? "");
  const stays = live.flatMap((object) => {
    if (isOfChanged(object)) return [];
    const planned = own.get(keyOf(object));
    if (planned === undefined) return isDeleted(object) ? [] : [object];
    own.delete(keyOf(object));
    return [{ ...object, ...planned, metadata: { ...object.metadata, ...planned.metadata } }];
  });
  const isLive = new Set(live.map(keyOf));
  return [
    ...stays,
    ...own.values(),
    // A chart that is there already is what it has made.
    ...charts
      .filter(
        ({ metadata, spec }) =>
          changed.has(metadata.name) || !spec.objects.some((object) => isLive.has(keyOf(object))),
      )
      // Rules know a chart by the end of its address, and a path may end as it likes.
      .map((chart) => ({ ...chart, spec: { ...chart.spec, chart: chart.spec.chartName } })),
    ...manifests.filter(isPatch),
  ];
}

function isOfRelease(object: LiveObject, releases: ReadonlySet<string>): boolean {
  return releases.has(releaseLabelOf(object) ?? "");
}

/** The release that a chart's object says it is of. */
function releaseLabelOf({ metadata: { labels = {} } }: LiveObject): string | undefined {
  return "helm.sh/chart" in labels ? labels[appLabels.instance] : undefined;
}

/** Whatever the version is that an object is read in. */
function keyOf(object: Manifest | LiveObject): string {
  const { apiVersion, kind, namespace = "", name } = identity(object);
  return [apiVersion.includes("/") ? apiVersion.split("/")[0] : "", kind, namespace, name].join("|");
}
