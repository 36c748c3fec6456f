import { kindOf, kinds } from "../../mesh/kinds";
import { ports } from "../../mesh/ports";
import { runsCollector } from "../model/collectors/programs";
import { at, number, records } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { defineRule, type ObjectRef } from "../rule";

/** What the API server would refuse never deploys, and what it protects is not protected. */
export const wellFormedObjects = defineRule({
  name: "well-formed-objects",
  description: "The objects that decide about network paths are ones Kubernetes accepts.",
  level: "error",
  severity: "high",
  tags: ["kubernetes", "network-policy"],
  url: "https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/",
  remediationSteps: "Correct the field that is named.",
  page: {
    why: `The API server refuses an object that it cannot read. The objects beside it may be applied all the
      same, so that a namespace is left without the policy it should have, or with an older one. And no rule
      can judge what cannot be read.`,
    symptom: `An apply that ends half way with \`Invalid value\`; or a policy that is in Git and not in the
      cluster.`,
    exceptions: `There is no reason to keep one. It is a warning where the object has nothing to do with spans. An
      object that is there several times and says different things is one too: check variants one by one, \`kubectl kustomize overlays/prod | npm run -s audit
      -- -\`.`,
    sources: ["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
  },
  *find(model) {
    const { cluster, index, isTracing } = model;
    const objects = new Map<string, { object: ObjectRef; flaws: Set<string>; isTwice: boolean }>();
    for (const { object, path, message } of cluster.malformed) {
      const { apiVersion, kind, namespace, name } = object;
      // Of an object that is there twice, either may be right: a directory often holds variants.
      const isTwice = path === "" && message.includes("several times");
      if (isTwice && !isTracing) continue;
      const key = `${kind} ${namespace ?? ""} ${name} ${isTwice}`;
      const flaw = isTwice ? message : `${path === "" ? "" : ` at ${path}`}: ${message}`;
      const before = objects.get(key);
      if (before !== undefined) {
        before.flaws.add(flaw);
        continue;
      }
      const known = kindOf(apiVersion, kind);
      const found = known && index.get(known, namespace ?? "default", name);
      objects.set(key, {
        object: found ?? { apiVersion, kind, metadata: { name, namespace } },
        flaws: new Set([flaw]),
        isTwice,
      });
    }
    for (const { object, flaws, isTwice } of objects.values()) {
      const [first] = flaws;
      const more =
        flaws.size > 1 ? `, and ${flaws.size - 1} more of its fields ${flaws.size > 2 ? "are" : "is"}` : "";
      yield {
        object,
        says: isTwice
          ? `${first}, so that nothing can be said about it; one is required`
          : `is malformed${first}${more}; what the API server accepts is required`,
        fix: "",
        ...(isTwice || !isOnPath(model, object) ? { level: "warning" as const } : {}),
      };
    }
  },
});

/** Whether spans come from an object, go through it or are let through by it: without it they are lost. */
function isOnPath(model: TracingModel, object: ObjectRef): boolean {
  if (typeof object.kind === "string" && object.kind.endsWith("NetworkPolicy")) return true;
  return (
    (object.kind === kinds.service.name && takesSpans(object)) ||
    model.workloads.some((workload) => workload.object === object && runsCollector(workload)) ||
    model.senders.some(({ workload, isAssumed }) => workload.object === object && isAssumed !== true)
  );
}

function takesSpans(service: ObjectRef): boolean {
  const spanPorts: readonly unknown[] = [ports.zipkin, ports.otlpGrpc, ports.otlpHttp];
  return records(at(service, "spec", "ports")).some((entry) => spanPorts.includes(number(entry["port"])));
}
