import { kindOf } from "../../mesh/kinds";
import { defineRule } from "../rule";

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
    exceptions: `There is no reason to keep a malformed object. Several different versions of one object are a warning:
      check each variant separately, \`kubectl kustomize overlays/prod | npm run -s audit -- -\`.`,
    sources: ["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
  },
  *find({ cluster, index, isTracing }) {
    const seen = new Set<string>();
    for (const { object, path, message } of cluster.malformed) {
      const { apiVersion, kind, namespace, name } = object;
      // Of an object that is there twice, either may be right: a directory often holds variants.
      const isTwice = path === "" && message.includes("several times");
      const key = `${kind} ${namespace ?? ""} ${name} ${path} ${message}`;
      if (seen.has(key) || (isTwice && !isTracing)) continue;
      seen.add(key);
      const known = kindOf(apiVersion, kind);
      const found = known && index.get(known, namespace ?? "default", name);
      yield {
        object: found ?? { apiVersion, kind, metadata: { name, namespace } },
        says: isTwice
          ? `${message}, so it cannot be checked; keep one`
          : `is malformed${path === "" ? "" : ` at ${path}`}: ${message}; the API server rejects this`,
        fix: "",
        ...(isTwice ? { level: "warning" as const } : {}),
      };
    }
  },
});
