/**
 * An exact model of Kubernetes NetworkPolicies: may these pods open this port on those?
 *
 * ```ts
 * const cluster = Cluster.from(objects, { isUnknown });            // plain objects, any kinds, never throws
 * cluster.malformed;                                               // { object, path, message }[]
 *
 * cluster.canReach({ from: "shop/web[Deployment]", to: "istio-system/jaeger", port: 9411 });
 * cluster.canReach({ from: "shop/web", to: { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
 *                    port: 53, protocol: "UDP" });                 // a pod that is not in the input
 * cluster.canReach({ from: { ip: "203.0.113.7" }, to: "istio-system/gateway", port: "https" });
 * // { verdict: "allowed" | "denied" | "unknown", because: Reason[] }; each reason has a `kind`, mostly a `side`,
 * // and a `text`. Denied: { kind: "no-rule", side, port, protocol, isolating: [{ policy, nearest? }] }.
 *
 * cluster.canReachService({ from: "shop/web", service: "istio-system/jaeger-collector", port: "http-zipkin" });
 * // the same, with `targets` (an answer for each workload behind the Service)
 * cluster.resolveService({ service: "istio-system/jaeger-collector", port: 9411 });
 *
 * cluster.find("shop/web[Deployment]");                            // a Workload, which also serves as `from` or `to`
 * cluster.workloads; cluster.findService("istio-system/jaeger-collector");
 * ```
 *
 * `unknown` comes with the reason: labels of namespaces that are not in the input, values that are not known yet,
 * malformed objects, policies of other kinds (Cilium, Calico, AdminNetworkPolicy), the host's network, `ipBlock`
 * for pods. It is never used where the answer is the same whatever the unknown turns out to be.
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export * from "./answers";
export { edgesOf, parseBlock } from "./cidr";
export { Cluster, type ClusterOptions } from "./cluster";
export {
  type HypotheticalPod,
  type OutsideEnd,
  type Question,
  type QuestionEnd,
  type ServiceAnswer,
  type ServiceQuestion,
  type ServiceReachQuestion,
  type ServiceResolution,
  type ServiceTarget,
} from "./questions";
export { type Service, type ServicePort } from "./services";
export { controllerOf, hasNoPods, type Workload } from "./workloads";
