import { kindOf, kinds } from "../../mesh/kinds";
import { ports } from "../../mesh/ports";
import { runsCollector } from "../model/collectors/images";
import { at, number, records, text } from "../model/reading";
import { containersOf } from "../model/workloads";
import { snippet } from "../../findings/snippet";
import { type TracingModel } from "../model/tracingModel";
import { defineRule, type ObjectRef } from "../rule";

/** An object that the API server rejects is never deployed, and what it should protect stays unprotected. */
export const wellFormedObjects = defineRule({
  name: "well-formed-objects",
  description: "The API server accepts every object that affects network paths.",
  level: "error",
  severity: "high",
  tags: ["kubernetes", "network-policy"],
  url: "https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/",
  remediationSteps: "Correct the named field.",
  page: {
    why: `The API server rejects an object it cannot parse. The objects next to it may still be applied, which
      leaves a namespace without its policy, or with an older one. The other rules cannot judge such an
      object either.`,
    symptom: `An apply that stops halfway with \`Invalid value\`, or a policy that is in Git but not in the cluster.`,
    exceptions: `There is no reason to keep a malformed object. It is a warning if the object has nothing to do with
      spans. Several different versions of one object are a warning, too: check each variant separately,
      \`kubectl kustomize overlays/prod | npm run -s audit -- -\`.`,
    sources: ["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
  },
  *find(model) {
    const { cluster, index, isTracing } = model;
    const objects = new Map<string, { object: ObjectRef; flaws: Set<string>; isTwice: boolean }>();
    for (const { object, path, message } of cluster.malformed) {
      const { apiVersion, kind, namespace, name } = object;
      // Of an object that is there twice, either may be right: a directory often holds variants.
      const isTwice = path === "";
      if (isTwice && !isTracing) continue;
      const key = `${kind} ${namespace} ${name} ${isTwice}`;
      const flaw = isTwice ? message : ` at ${path}: ${message}`;
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
    for (const { object, unreadable } of model.charts) {
      if (unreadable === undefined) continue;
      yield {
        object,
        says: `has Helm values that are ${unreadable}; nothing of them is installed or checked`,
        fix: "",
      };
    }
    for (const { object, pod } of model.workloads) {
      for (const container of containersOf({ pod })) {
        for (const { name, value } of records(container["env"])) {
          if (typeof value !== "number" && typeof value !== "boolean") continue;
          yield {
            object,
            says:
              `container ${text(container["name"]) ?? "(unnamed)"} has ${text(name) ?? "a variable"} with ` +
              `${String(value)} in place of a text; the API server rejects this, put it in quotes`,
            fix: snippet("in env of the container", [{ name, value: String(value) }]),
            ...(isOnPath(model, object) ? {} : { level: "warning" as const }),
          };
        }
      }
    }
    for (const { object, flaws, isTwice } of objects.values()) {
      const [first] = flaws;
      const more =
        flaws.size > 1 ? `, and ${flaws.size - 1} more of its fields ${flaws.size > 2 ? "are" : "is"}` : "";
      yield {
        object,
        says: isTwice
          ? `${first}, so it cannot be checked; keep one`
          : `is malformed${first}${more}; the API server rejects this`,
        fix: "",
        ...(isTwice || !isOnPath(model, object) ? { level: "warning" as const } : {}),
      };
    }
  },
});

/** Whether spans come from an object, go through it or are let through by it: without it they are lost. */
function isOnPath(model: TracingModel, object: ObjectRef): boolean {
  return (
    object.kind === kinds.networkPolicy.name ||
    takesSpans(object) ||
    model.workloads.some((workload) => workload.object === object && runsCollector(workload)) ||
    model.senders.some(({ workload, isAssumed }) => workload.object === object && isAssumed !== true)
  );
}

function takesSpans(service: ObjectRef): boolean {
  const spanPorts: readonly unknown[] = [ports.zipkin, ports.otlpGrpc, ports.otlpHttp];
  return records(at(service, "spec", "ports")).some((entry) => spanPorts.includes(number(entry["port"])));
}
