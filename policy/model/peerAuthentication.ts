/**
 * Which connections the proxy of a receiving pod takes: with mutual TLS only, or plaintext, too.
 * @see https://github.com/istio/istio/blob/master/pilot/pkg/security/authn/policy_applier.go (ComposePeerAuthentication)
 */
import { kinds } from "../../mesh/kinds";
import { compare } from "../../mesh/stableOrder";
import { type KubeObject, namespaceOf } from "./objects";
import { at, record, text, textMap } from "./reading";
import { type TracingModel } from "./tracingModel";
import { type Workload } from "./workloads";

/** Where it is written that plaintext is refused. */
export interface Strict {
  policy: KubeObject;
  path: string;
  /** The policy for this pod and some others; a second one would not count. */
  own: KubeObject | undefined;
}

/** What refuses plaintext at a port of a pod; undefined where it is taken. */
export function strictAt(model: TracingModel, workload: Workload, port: number): Strict | undefined {
  const said = saidAt(model, workload, port);
  return said?.mode === "STRICT" ? { policy: said.policy, path: said.path, own: said.own } : undefined;
}

/** What turns mutual TLS off at a port of a pod, so that Istio's own choice is to speak none there. */
export function plainAt(
  model: TracingModel,
  workload: Workload,
  port: number,
): Pick<Strict, "policy" | "path"> | undefined {
  const said = saidAt(model, workload, port);
  return said?.mode === "DISABLE" ? said : undefined;
}

function saidAt(
  model: TracingModel,
  workload: Workload,
  port: number,
): (Strict & { mode: string }) | undefined {
  const root = model.mesh.rootNamespace;
  const all = [...model.index.of(kinds.peerAuthentication)].sort(oldestFirst);
  const of = (namespace: string, isWanted: (policy: KubeObject) => boolean): KubeObject | undefined =>
    all.find((policy) => namespaceOf(policy) === namespace && isWanted(policy));
  // Istio ignores policies for selected pods in the root namespace.
  const own =
    workload.namespace === root
      ? undefined
      : of(workload.namespace, (policy) => hasSelector(policy) && selects(policy, workload));
  const levels = [own, of(workload.namespace, isForAll), of(root, isForAll)];
  const perPort = text(at(own?.["spec"], "portLevelMtls", String(port), "mode"));
  if (own !== undefined && isSaid(perPort))
    return { mode: perPort, policy: own, path: `spec.portLevelMtls[${port}].mode`, own };
  for (const policy of levels) {
    const mode = text(at(policy?.["spec"], "mtls", "mode"));
    if (policy !== undefined && isSaid(mode)) return { mode, policy, path: "spec.mtls.mode", own };
  }
  return undefined;
}

/** What is not said is inherited. */
function isSaid(mode: string | undefined): mode is string {
  return mode !== undefined && mode !== "UNSET";
}

function hasSelector({ spec }: KubeObject): boolean {
  return Object.keys(record(at(spec, "selector", "matchLabels"))).length > 0;
}

function isForAll(policy: KubeObject): boolean {
  return !hasSelector(policy);
}

/** Whether labels of a pod are those that an object of Istio's selects. */
export function selects({ spec }: KubeObject, { labels }: Workload): boolean {
  return Object.entries(textMap(at(spec, "selector", "matchLabels"))).every(
    ([key, value]) => labels[key] === value,
  );
}

function oldestFirst(a: KubeObject, b: KubeObject): number {
  const age = ({ metadata }: KubeObject): string => text(metadata["creationTimestamp"]) ?? "";
  return compare(age(a), age(b)) || compare(a.metadata.name, b.metadata.name);
}
