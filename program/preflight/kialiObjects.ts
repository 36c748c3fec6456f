import { kialiPolicies, type KialiArgs } from "../../components/kiali";
import { objectNames } from "../../mesh/constants";
import { type ObjectId } from "./plannedObjects";

/** What an installed Kiali is made of: the stack's own objects, and those of its chart. */
export function kialiObjects(args: KialiArgs): ObjectId[] {
  const { namespace } = args;
  const inNamespace = (apiVersion: string, kind: string, name: string): ObjectId => ({
    apiVersion,
    kind,
    namespace,
    name,
  });
  const ofCluster = (kind: string): ObjectId => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind,
    name: `${objectNames.kiali}-viewer`,
  });
  return [
    inNamespace("v1", "Secret", objectNames.kialiSigningKey),
    ...kialiPolicies(args).map(({ metadata: { name } }) =>
      inNamespace("networking.k8s.io/v1", "NetworkPolicy", name),
    ),
    ...(["ConfigMap", "Service", "ServiceAccount"] as const).map((kind) =>
      inNamespace("v1", kind, objectNames.kiali),
    ),
    inNamespace("apps/v1", "Deployment", objectNames.kiali),
    ...(["ClusterRole", "ClusterRoleBinding"] as const).map(ofCluster),
  ];
}
