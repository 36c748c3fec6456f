import { templatePathOf } from "../model/workloads";
import { jaegersOf, storeJobsOf } from "../model/jaeger";
import { at, type Json, records, texts } from "../model/reading";
import { defineRule } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** Traces contain whatever applications put into them. */
export const jaegerHardened = defineRule({
  name: "jaeger-hardened",
  description: "Jaeger's pods and its store's jobs meet the restricted Pod Security Standard.",
  level: "warning",
  severity: "medium",
  tags: ["jaeger", "security"],
  url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
  remediationSteps:
    "Set the security contexts of the pod and the container to what the restricted standard requires.",
  page: {
    why: `Traces contain URLs, headers and SQL statements of all applications. If a container runs as root or
      can gain privileges, a break-in reaches the node as well. A namespace that enforces the restricted
      standard does not even admit such a pod.`,
    symptom: `The Deployment exists but has no pods; the events of its ReplicaSet say \`violates PodSecurity\`.
      Without enforcement there is no symptom.`,
    exceptions: `A throwaway cluster may keep Jaeger's files on the node (\`hostPath\`), or run an image that insists
      on root: make the rule a warning there.`,
    sources: ["https://kubernetes.io/docs/concepts/security/pod-security-admission/"],
  },
  *find(model) {
    const jobs = storeJobsOf(model);
    for (const { workload, container, name } of [...jaegersOf(model), ...jobs]) {
      const { found, pod, own } = violations(workload.pod, container);
      if (found.length === 0) continue;
      const isJob = jobs.some((job) => job.workload === workload);
      const inPod = [...(templatePathOf(workload.object) ?? []), "spec"].join(".");
      const section = isJob ? "esIndexCleaner" : "jaeger";
      const isEmpty = (value: Json): boolean => Object.keys(value).length === 0;
      yield {
        object: workload.object,
        says: `container ${name} ${enumerate(found, 9)}; the restricted Pod Security Standard forbids this`,
        fix: [
          ...(isEmpty(pod) ? [] : [snippet(`in ${inPod} (${section}.podSecurityContext of chart 4.x)`, pod)]),
          ...(isEmpty(own)
            ? []
            : [snippet(`in container ${name} (${section}.securityContext of chart 4.x)`, own)]),
        ].join("\n"),
      };
    }
  },
});

/** What the standard forbids, and the fields that would fulfil it. */
function violations(pod: Json, container: Json): { found: string[]; pod: Json; own: Json } {
  const found: string[] = [];
  const podContext: Record<string, unknown> = {};
  const ownContext: Record<string, unknown> = {};
  const podFields: Record<string, unknown> = {};
  // A container's own setting wins over its pod's.
  const setting = (...path: string[]): unknown =>
    at(container, "securityContext", ...path) ?? at(pod, "securityContext", ...path);
  if (setting("runAsNonRoot") !== true) {
    found.push("may run as root (runAsNonRoot is not true)");
    podContext["runAsNonRoot"] = true;
  }
  if (setting("runAsUser") === 0) {
    found.push("runs as user 0");
    podContext["runAsUser"] = 10001;
  }
  const seccomp = setting("seccompProfile", "type");
  if (seccomp !== "RuntimeDefault" && seccomp !== "Localhost") {
    found.push("has no seccomp profile");
    podContext["seccompProfile"] = { type: "RuntimeDefault" };
  }
  if (at(container, "securityContext", "allowPrivilegeEscalation") !== false) {
    found.push("allows privilege escalation");
    ownContext["allowPrivilegeEscalation"] = false;
  }
  if (at(container, "securityContext", "privileged") === true) {
    found.push("is privileged");
    ownContext["privileged"] = false;
  }
  const added = texts(at(container, "securityContext", "capabilities", "add")).filter(
    (capability) => capability !== "NET_BIND_SERVICE",
  );
  if (!texts(at(container, "securityContext", "capabilities", "drop")).includes("ALL") || added.length > 0) {
    found.push(
      added.length > 0 ? `adds capabilities (${added.join(", ")})` : "does not drop all capabilities",
    );
    ownContext["capabilities"] = { drop: ["ALL"] };
  }
  for (const field of ["hostNetwork", "hostPID", "hostIPC"] as const) {
    if (pod[field] !== true) continue;
    found.push(`uses the host's namespaces (${field})`);
    podFields[field] = false;
  }
  if (records(pod["volumes"]).some((volume) => volume["hostPath"] !== undefined)) {
    found.push("mounts the host's files (hostPath)");
  }
  return {
    found,
    pod: { ...podFields, ...(Object.keys(podContext).length > 0 ? { securityContext: podContext } : {}) },
    own: Object.keys(ownContext).length > 0 ? { securityContext: ownContext } : {},
  };
}
