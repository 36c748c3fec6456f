/**
 * The clusters a stack deploys to: objects of two clusters have nothing to do with one another, whatever their
 * names are.
 */
import { groupBy } from "../../mesh/maps";
import { plainProps, isUnknown } from "./unknowns";
import { type Resource } from "./resources";

/** Kubernetes' components: their children have a provider and are in a cluster, they themselves are not. */
const component = /^kubernetes:(helm\.sh\/v[34]:Chart|yaml|kustomize)/;

/** Resources by cluster, in the order of the stack; components are of no cluster. */
export function byCluster(resources: readonly Resource[]): Resource[][] {
  const placed = resources.filter(({ type }) => type.startsWith("kubernetes:") && !component.test(type));
  return [...groupBy(placed, clusterOf).values()];
}

/** Providers of one configuration are of one cluster, whatever version and default namespace they have. */
function clusterOf({ provider }: Resource): string {
  if (provider === undefined) return "";
  const { kubeconfig, context, cluster } = plainProps(provider.props);
  // Two clusters that this very update creates have kubeconfigs that are equally unknown.
  return isUnknown(kubeconfig) ? provider.urn : JSON.stringify([kubeconfig, context, cluster]);
}
