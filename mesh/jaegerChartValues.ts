/**
 * The values that templates of Jaeger's chart 4.11.1 read, at every depth. The chart has no schema: what nobody reads
 * vanishes without a word.
 * @see https://github.com/jaegertracing/helm-charts/tree/main/charts/jaeger/templates
 */

/** Keys that are read, each with those in it; `any` where the chart passes on whatever is there. */
export interface ReadKeys {
  readonly [key: string]: "any" | ReadKeys;
}

const any = "any";

function each(...keys: string[]): ReadKeys {
  return Object.fromEntries(keys.map((key) => [key, any]));
}

const image = each("digest", "pullPolicy", "pullSecrets", "registry", "repository", "tag");

/** A job beside Jaeger. */
const job: ReadKeys = {
  ...each(
    "activeDeadlineSeconds",
    "affinity",
    "annotations",
    "cmdlineParams",
    "concurrencyPolicy",
    "enabled",
  ),
  ...each("extraConfigmapMounts", "extraEnv", "extraSecretMounts", "failedJobsHistoryLimit", "nodeSelector"),
  ...each("podAnnotations", "podLabels", "podSecurityContext", "resources", "schedule", "securityContext"),
  ...each("successfulJobsHistoryLimit", "tolerations", "ttlSecondsAfterFinished"),
  image,
  serviceAccount: each("annotations", "automountServiceAccountToken", "create", "name"),
};

export const readKeys: ReadKeys = {
  ...each("commonAnnotations", "commonLabels", "extraObjects", "uiconfig", "userconfig"),
  global: each("imagePullSecrets", "imageRegistry"),
  jaeger: {
    ...each("affinity", "args", "enabled", "extraEnv", "extraVolumeMounts", "extraVolumes", "nodeSelector"),
    ...each("podLabels", "podSecurityContext", "replicas", "resources", "securityContext", "strategy"),
    ...each("tolerations", "topologySpreadConstraints"),
    image,
    httproute: {
      ...each("additionalRules", "annotations", "apiVersion", "enabled", "filters", "hostnames", "matches"),
      ...each("parentRefs"),
    },
    ingress: each("annotations", "enabled", "hosts", "ingressClassName", "pathType", "tls"),
    service: each("annotations", "extraPorts", "labels", "loadBalancerSourceRanges", "type"),
    serviceAccount: each("annotations", "automountServiceAccountToken"),
  },
  esIndexCleaner: { ...job, ...each("numberOfDays") },
  esLookback: job,
  esRollover: {
    ...job,
    initHook: {
      ...each("activeDeadlineSeconds", "annotations", "extraEnv", "podAnnotations", "podLabels"),
      ...each("ttlSecondsAfterFinished"),
    },
  },
  spark: job,
  storage: {
    ...each("type"),
    cassandra: {
      ...each("env", "existingSecret", "extraEnv", "host", "keyspace", "port", "user"),
      tls: each("enabled", "secretName"),
    },
    elasticsearch: {
      ...each("password", "url", "user"),
      tls: each("enabled", "insecure", "mountPath", "secretName", "subPath"),
    },
  },
};

/** Keys that people write for the pod of other charts, with what does it here. */
export const elsewhere: Readonly<Record<string, string>> = {
  "jaeger.imagePullSecrets": "write jaeger.image.pullSecrets, a list of names",
  "jaeger.podAnnotations": "write commonAnnotations; no key annotates the pod alone",
  "jaeger.priorityClassName":
    "remove it: the chart gives its pods no priority, and a cluster's default one applies",
  "jaeger.replicaCount": "set jaeger.replicas of the stack file, beside values",
  "jaeger.serviceAccount.name": "remove it: the ServiceAccount is named after the release",
  imagePullSecrets: "write global.imagePullSecrets, a list of names",
  imageRegistry: "write global.imageRegistry",
};
