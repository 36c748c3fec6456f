/** Where Jaeger's image comes from, and on which nodes its pods run: keys of the section `jaeger`. */
import { z } from "zod";
import { says, section } from "./mistakes";
import { labels, objectName } from "./words";

const toleration = section({
  key: z
    .string()
    .optional()
    .meta({
      description: "Key of the taint",
      whenAbsent: "every key, with operator Exists",
      examples: ["observability"],
    }),
  operator: z
    .enum(["Exists", "Equal"])
    .optional()
    .meta({ description: "How the taint's value is compared", whenAbsent: "Equal" }),
  value: z
    .string()
    .optional()
    .meta({ description: "Value of the taint, with operator Equal", examples: ["jaeger"] }),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    .optional()
    .meta({ description: "Effect of the taint", whenAbsent: "every effect" }),
  tolerationSeconds: z
    .int()
    .optional()
    .meta({
      description: "How long a pod stays with effect NoExecute, in seconds",
      whenAbsent: "for ever",
      examples: [300],
    }),
}).describe("A toleration, as Kubernetes spells it");

export const jaegerPlacement = {
  image: section({
    registry: z
      .string()
      .min(1, says("a registry", "write it like registry.example.com"))
      .optional()
      .meta({ description: "Its registry", whenAbsent: "the chart's", examples: ["registry.example.com"] }),
    repository: z
      .string()
      .min(1, says("a repository", "write it like mirror/jaeger"))
      .optional()
      .meta({ description: "Its repository", whenAbsent: "the chart's", examples: ["mirror/jaeger"] }),
    tag: z
      .string()
      .regex(/^(?!latest$)\w[\w.-]*$/, says("a tag that is not latest", "write it like 2.19.0"))
      .optional()
      .meta({ description: "Its tag", whenAbsent: "the chart's version of Jaeger", examples: ["2.19.0"] }),
    digest: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, says("a digest", "write it like sha256:… with 64 digits"))
      .optional()
      .meta({ description: "Its digest, instead of a tag", examples: [`sha256:${"0".repeat(64)}`] }),
  })
    .optional()
    .meta({ description: "Jaeger's image, such as one of a mirror", whenAbsent: "the chart's" }),
  imagePullSecrets: z
    .array(objectName)
    .optional()
    .meta({ description: "Secrets with which the image is pulled, by name", examples: [["registry"]] }),
  nodeSelector: labels
    .optional()
    .meta({ description: "Labels of the nodes it runs on", examples: [{ pool: "observability" }] }),
  tolerations: z
    .array(toleration)
    .optional()
    .meta({
      description: "Taints of nodes that it tolerates",
      examples: [[{ key: "observability", operator: "Exists" }]],
    }),
  affinity: z
    .partialRecord(
      z.enum(["nodeAffinity", "podAffinity", "podAntiAffinity"]),
      z.record(z.string(), z.unknown()),
    )
    .optional()
    .meta({
      description: "Affinity of its pods, as Kubernetes spells it",
      examples: [{ nodeAffinity: {} }],
    }),
};
