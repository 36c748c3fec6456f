/**
 * Which changes the provider cannot make in place: it deletes the object and makes another one.
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/v4.34.2/provider/pkg/provider/diff.go
 */
import { type RegisteredResource } from "../fixtures/program";
import { readStackFile } from "../../engine/stackFile";
import { root } from "../fixtures/stack";

/** Of every object, of a patch too: the identity. */
const identity = ["metadata.name", "metadata.namespace"];

/** Besides, by the kinds that this project and its charts make. Custom resources have none. */
const immutable: Readonly<Record<string, readonly string[]>> = {
  "kubernetes:apps/v1:DaemonSet": ["spec.selector"],
  "kubernetes:apps/v1:Deployment": ["spec.selector"],
  "kubernetes:apps/v1:StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "kubernetes:batch/v1:Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "kubernetes:core/v1:PersistentVolumeClaim": [
    "spec.accessModes",
    "spec.selector",
    "spec.storageClassName",
    "spec.volumeName",
  ],
  "kubernetes:core/v1:Service": ["spec.clusterIP"],
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": ["roleRef"],
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": ["roleRef"],
  // A chart's objects are known by the release's name and namespace.
  "kubernetes:helm.sh/v4:Chart": ["name", "namespace"],
};

/** Objects of data, which are replaced unless the project's configuration says otherwise. */
const data: Readonly<Record<string, { flag: string; fields: readonly string[] }>> = {
  "kubernetes:core/v1:ConfigMap": {
    flag: "kubernetes:enableConfigMapMutable",
    fields: ["binaryData", "data"],
  },
  "kubernetes:core/v1:Secret": {
    flag: "kubernetes:enableSecretMutable",
    fields: ["data", "stringData", "type"],
  },
};

/** What the project's `Pulumi.yaml` says for every stack. */
const { config } = readStackFile(root, "dev");

/** Whether a changed property replaces the resource. */
export function isReplacedBy({ type, custom }: RegisteredResource, path: string): boolean {
  if (type.startsWith("random:")) return true;
  if (!type.startsWith("kubernetes:")) return false;
  const ofData = data[type];
  const fields = [
    ...(custom ? identity : []),
    ...(immutable[type] ?? []),
    ...(ofData !== undefined && config[ofData.flag] !== "true" ? ofData.fields : []),
  ];
  return fields.some(
    (field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`),
  );
}
