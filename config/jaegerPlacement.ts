/** Where Jaeger's image comes from, and on which nodes its pods run: keys of the section `jaeger`. */
import { z } from "zod";
import { filled, optional, section, text } from "./mistakes";
import { labels, objectName } from "./words";

const toleration = section({
  key: optional(z.string(), "Key of the taint", {
    whenAbsent: "every key, with operator Exists",
    examples: ["observability"],
  }),
  operator: optional(z.enum(["Exists", "Equal"]), "How the taint's value is compared", {
    whenAbsent: "Equal",
  }),
  value: optional(z.string(), "Value of the taint, with operator Equal", { examples: ["jaeger"] }),
  effect: optional(z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]), "Effect of the taint", {
    whenAbsent: "every effect",
  }),
  tolerationSeconds: optional(z.int(), "How long a pod stays with effect NoExecute, in seconds", {
    whenAbsent: "for ever",
    examples: [300],
  }),
}).describe("A toleration, as Kubernetes spells it");

export const jaegerPlacement = {
  image: section({
    registry: filled("a registry", "write it like registry.example.com")
      .optional()
      .meta({ description: "Its registry", whenAbsent: "the chart's", examples: ["registry.example.com"] }),
    repository: filled("a repository", "write it like mirror/jaeger")
      .optional()
      .meta({ description: "Its repository", whenAbsent: "the chart's", examples: ["mirror/jaeger"] }),
    tag: text(/^(?!latest$)\w[\w.-]*$/, "a tag that is not latest", "write it like 2.19.0")
      .optional()
      .meta({ description: "Its tag", whenAbsent: "the chart's version of Jaeger", examples: ["2.19.0"] }),
    digest: text(/^sha256:[0-9a-f]{64}$/, "a digest", "write it like sha256:… with 64 digits")
      .optional()
      .meta({ description: "Its digest, instead of a tag", examples: [`sha256:${"0".repeat(64)}`] }),
  })
    .optional()
    .meta({ description: "Jaeger's image, such as one of a mirror", whenAbsent: "the chart's" }),
  imagePullSecrets: optional(z.array(objectName), "Secrets with which the image is pulled, by name", {
    examples: [["registry"]],
  }),
  nodeSelector: optional(labels, "Labels of the nodes it runs on", { examples: [{ pool: "observability" }] }),
  tolerations: optional(z.array(toleration), "Taints of nodes that it tolerates", {
    examples: [[{ key: "observability", operator: "Exists" }]],
  }),
  affinity: optional(
    z.partialRecord(
      z.enum(["nodeAffinity", "podAffinity", "podAntiAffinity"]),
      z.record(z.string(), z.unknown()),
    ),
    "Affinity of its pods, as Kubernetes spells it",
    { examples: [{ nodeAffinity: {} }] },
  ),
};
