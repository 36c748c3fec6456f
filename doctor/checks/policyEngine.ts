/** Does anything enforce NetworkPolicies? Where nothing does, a policy that closes the way breaks nothing. */
import { kinds } from "../../mesh/kinds";
import { count, enumerate } from "../../findings/words";
import { text } from "../../policy/model/reading";
import { type TracingModel } from "../../policy/model/tracingModel";
import { containersOf } from "../../policy/model/workloads";
import { isBroken } from "../judge/hop";
import { type Facts } from "../judge/facts";
import { type Check, checkOf } from "../result";

/** Images of programs that enforce NetworkPolicies on each node. */
const engines: readonly [RegExp, string][] = [
  [/(^|\/)calico\/node|(^|\/)(calico-)?node-image|tigera\/calico|rancher\/hardened-calico/, "Calico"],
  [/(^|\/)cilium(\/cilium)?([:@]|$)|cilium-agent|anetd/, "Cilium"],
  [/antrea-agent|antrea\/antrea/, "Antrea"],
  [/kube-router/, "kube-router"],
  [/kube-network-policies/, "kube-network-policies"],
  [/aws-network-policy-agent/, "the network policy agent of AWS"],
  [/azure-npm/, "Azure Network Policy Manager"],
  [/ovn-kubernetes|ovnkube|origin-ovn/, "OVN-Kubernetes"],
  [/kindnetd:v20(2[4-9]|[3-9]\d)/, "kindnet"],
  [/weave-npc/, "Weave Net"],
];

export function enginesIn({ workloads }: TracingModel): string[] {
  const found = workloads
    .filter(({ object }) => object.kind === kinds.daemonSet.name)
    .flatMap((workload) => containersOf(workload))
    .flatMap((container) => {
      const image = text(container["image"]) ?? "";
      return engines.filter(([pattern]) => pattern.test(image)).map(([, name]) => name);
    });
  return [...new Set(found)];
}

export function policyEngineCheck({ engines: found, model, proxies }: Facts): Check {
  const answer = checkOf("policy-engine");
  const policies = model.index.of(kinds.networkPolicy).length;
  if (found.length > 0) return answer("success", [enumerate(found)]);
  if (policies === 0) return answer("success", ["there is no NetworkPolicy to enforce"]);
  const proof = proxies?.hops.find((hop) => isBroken(hop) && hop.policies === "closed");
  if (proof !== undefined) {
    return answer("success", [
      `no known engine is among the DaemonSets, and what policies close is closed: ${proof.workload}`,
    ]);
  }
  return answer(
    "not checked",
    [`${count(policies, "NetworkPolicy")}, and no engine that is known here among the DaemonSets`],
    "kubectl get daemonsets -A shows the network plugin: where it enforces none, policies neither protect nor block anything",
  );
}
