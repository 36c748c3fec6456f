/** Labels that pods have although no pod template lists them. */
import { type CauseKind } from "./answers";
import { type LabelValue } from "./labels";
import { type InputObject } from "./objects";
import { isLabelValue } from "./selectorFields";
import { Doubt } from "./truth";

const kind: CauseKind = "pod-labels";

/** Keys that controllers set, with values that differ from pod to pod or from revision to revision. */
const setByController: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["pod-template-hash"],
  ReplicaSet: [],
  DaemonSet: ["controller-revision-hash", "pod-template-generation"],
  StatefulSet: [
    "controller-revision-hash",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
  ],
  Job: ["controller-uid", "batch.kubernetes.io/controller-uid"],
  CronJob: [
    "controller-uid",
    "batch.kubernetes.io/controller-uid",
    "job-name",
    "batch.kubernetes.io/job-name",
  ],
};

/** Keys that Istio's injection adds to pods; whether it does is not this model's question. */
const setByInjection: readonly string[] = [
  "security.istio.io/tlsMode",
  "service.istio.io/canonical-name",
  "service.istio.io/canonical-revision",
];

const byKind = new Map(
  [...Object.keys(setByController), "ReplicationController", "Pod"].map((owner) => [owner, labelsOf(owner)]),
);

/** Labels to add below those of the template. A Pod read from a cluster has all of its labels. */
export function impliedLabels({ root, kind: owner, name }: InputObject): ReadonlyMap<string, LabelValue> {
  if (owner === "Pod" && !root.at("metadata").at("uid").isAbsent) return new Map();
  const labels = byKind.get(owner) ?? new Map<string, LabelValue>();
  if (owner !== "Job") return labels;
  // A name that is not known yet is written with characters that no label value has.
  const jobName = isLabelValue(name) ? name : generated("job-name", owner);
  return new Map([...labels, ["job-name", jobName], ["batch.kubernetes.io/job-name", jobName]]);
}

function labelsOf(owner: string): Map<string, LabelValue> {
  const labels = new Map<string, LabelValue>();
  for (const key of setByInjection) {
    const text = `Istio's injection may add the label ${key} to the pods`;
    labels.set(key, { doubt: Doubt.of({ kind, text }), present: false });
  }
  for (const key of setByController[owner] ?? []) {
    labels.set(key, generated(key, owner));
  }
  return labels;
}

function generated(key: string, owner: string): LabelValue {
  const text = `the label ${key} is set by the ${owner}'s controller`;
  return { doubt: Doubt.of({ kind, text }), present: true };
}
