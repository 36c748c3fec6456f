import { kindOf } from "../../mesh/kinds";
import { defineRule } from "../rule";

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
    exceptions: `There is no reason to keep one. An object that is there several times and says different
      things is a warning: check variants one by one, \`kubectl kustomize overlays/prod | npm run -s audit
      -- -\`.`,
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
          ? `${message}, so that nothing can be said about it; one is required`
          : `is malformed${path === "" ? "" : ` at ${path}`}: ${message}; what the API server accepts is required`,
        fix: "",
        ...(isTwice ? { level: "warning" as const } : {}),
      };
    }
  },
});
