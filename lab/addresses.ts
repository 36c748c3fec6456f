/** Addresses and names of the lab. Nobody outside of its network namespaces sees them. */

/** Network namespace of the node; those of pods are named after it. */
export const nodeNamespace = "mtlab";

export const node = {
  /** Name in the API. */
  name: "lab-node",
  /** Where pods find the API server. */
  address: "10.201.0.1",
  apiPort: 6443,
};

/** Of pods; the node's routes cover no more than the pods that are there. */
export const podRange = "10.202.0.0/24";
export const serviceRange = "10.203.0.0/24";
/** The Service of the cluster's DNS. */
export const dnsAddress = "10.203.0.10";
/** What pods take for their gateway: no interface has it, the node answers for it (proxy ARP), like Calico's does. */
export const gatewayAddress = "169.254.1.1";

/** The queue that kube-network-policies reads. */
export const policyQueue = 100;

/** The user that proxies run as, whose traffic is not redirected. */
export const proxyUser = 1337;

/** Network namespace of a pod. */
export function namespaceOf(pod: { namespace: string; name: string }): string {
  return `${nodeNamespace}-${pod.namespace}-${pod.name}`;
}

/** The node's end of a pod's cable, by the pod's address: at most 15 characters. */
export function cableOf(address: string): string {
  return `mt${address.split(".").slice(2).join("-")}`;
}
