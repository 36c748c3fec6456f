/** Labels that pods have although no pod template lists them. */
import { type Kind, kinds, workloadKinds } from "../../mesh/kinds";
import { type LabelValue } from "./labels";
import { type InputObject } from "./objects";
import { isLabelValue } from "./selectorFields";
import { Doubt } from "./truth";

/** Keys that Istio's injection adds to pods; whether it does is not this model's question. */
const setByInjection: readonly string[] = [
  "security.istio.io/tlsMode",
  "service.istio.io/canonical-name",
  "service.istio.io/canonical-revision",
];

const byKind = new Map(workloadKinds.map((kind) => [kind, labelsOf(kind)]));

/** Labels to add below those of the template. A Pod read from a cluster has all of its labels. */
export function impliedLabels({ root, kind, name }: InputObject): ReadonlyMap<string, LabelValue> {
  if (kind === kinds.pod && !root.at("metadata").at("uid").isAbsent) return new Map();
  const labels = byKind.get(kind) ?? new Map<string, LabelValue>();
  if (kind !== kinds.job) return labels;
  // A name that is not known yet is written with characters that no label value has.
  const jobName = isLabelValue(name) ? name : generated("job-name", kind);
  return new Map([...labels, ["job-name", jobName], ["batch.kubernetes.io/job-name", jobName]]);
}

/**
 * Labels that a Rollout gives to its new or to its old pods alone, over those of the template.
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/ephemeral-metadata/
 */
export function labelsOfSomePods({ root, kind }: InputObject): ReadonlyMap<string, LabelValue> {
  if (kind !== kinds.rollout) return new Map();
  const strategy = root.at("spec").at("strategy").quiet();
  const fields = [
    ["canary", "canaryMetadata"],
    ["canary", "stableMetadata"],
    ["blueGreen", "previewMetadata"],
    ["blueGreen", "activeMetadata"],
  ] as const;
  return new Map(
    fields.flatMap(([way, field]) => {
      const labels = strategy.at(way).at(field).at("labels").entries() ?? [];
      if (labels instanceof Doubt) return [];
      return labels.map(([key]): [string, LabelValue] => {
        const text = `the Rollout gives the label ${key} to some of its pods`;
        return [key, { doubt: Doubt.of({ kind: "pod-labels", text }), present: false }];
      });
    }),
  );
}

function labelsOf(kind: Kind): Map<string, LabelValue> {
  const labels = new Map<string, LabelValue>();
  for (const key of setByInjection) {
    const text = `Istio's injection may add the label ${key} to the pods`;
    labels.set(key, { doubt: Doubt.of({ kind: "pod-labels", text }), present: false });
  }
  for (const key of kind.controllerLabels) labels.set(key, generated(key, kind));
  return labels;
}

function generated(key: string, { name }: Kind): LabelValue {
  const text = `the label ${key} is set by the ${name}'s controller`;
  return { doubt: Doubt.of({ kind: "pod-labels", text }), present: true };
}
