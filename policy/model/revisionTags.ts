/**
 * Tags of istiod's revisions: names such as `prod-stable` that labels may have in place of a revision's.
 * @see https://istio.io/latest/docs/setup/upgrade/canary/#stable-revision-labels
 */
import { kinds } from "../../mesh/kinds";
import { meshLabels } from "../../mesh/labels";
import { type ChartRelease } from "./charts";
import { type ObjectIndex } from "./objects";
import { at, record, text, texts } from "./reading";

/** The revision of each tag, wherever tags are made: by istioctl, by istiod's chart, by the Sail operator. */
export function revisionTags(
  index: ObjectIndex,
  charts: readonly ChartRelease[],
): ReadonlyMap<string, string> {
  const byWebhook = index.of(kinds.mutatingWebhook).map(({ metadata }) => {
    const labels = record(metadata["labels"]);
    return [text(labels[meshLabels.tag]), text(labels[meshLabels.revision])] as const;
  });
  const byChart = charts
    .filter(({ chart }) => chart === "istiod")
    .flatMap(({ values }) =>
      texts(values["revisionTags"]).map((tag) => [tag, text(values["revision"])] as const),
    );
  const bySail = index.of(kinds.sailRevisionTag).map(({ spec, metadata }) => {
    const target = at(spec, "targetRef");
    return [metadata.name, text(at(target, "name"))] as const;
  });
  return new Map(
    [...byChart, ...bySail, ...byWebhook].flatMap(([tag, revision]) =>
      tag === undefined || revision === undefined ? [] : [[tag, revision] as const],
    ),
  );
}
