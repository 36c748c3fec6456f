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
  *find({ cluster, index }) {
    for (const { object, path, message } of cluster.malformed) {
      const { apiVersion, kind, namespace, name } = object;
      yield {
        object: index.get(
          apiVersion.split("/").length > 1 ? (apiVersion.split("/")[0] ?? "") : "",
          kind,
          namespace ?? "default",
          name,
        ) ?? {
          apiVersion,
          kind,
          metadata: { name, namespace },
        },
        says: `is malformed${path === "" ? "" : ` at ${path}`}: ${message}; what the API server accepts is required`,
        fix: "",
      };
    }
  },
});
