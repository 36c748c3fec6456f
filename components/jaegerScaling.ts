import * as pulumi from "@pulumi/pulumi";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2/horizontalPodAutoscaler";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget";
import { jaegerPodLabels } from "../mesh/jaegerChart";
import { type StackConfig } from "../config/stack";
import { objectMeta } from "./metadata";

export interface JaegerScalingArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Namespace of Jaeger's pods. A change replaces both objects. */
  namespace: string;
  /** Helm release of Jaeger, and the name of its Deployment. */
  release: string;
  /** Between how many pods to scale, and at which percentage of the CPU request. @default a fixed number of pods */
  autoscaling?: { min: number; max: number; cpuPercent: number };
}

/** Nothing where Jaeger has one pod. */
export function argsFrom({ stack, jaeger }: StackConfig): JaegerScalingArgs | undefined {
  return jaeger.replicas > 1 ? { ...jaeger, stack } : undefined;
}

/** The budget and, where the number of pods is not fixed, the autoscaler. */
export function manifests(args: JaegerScalingArgs) {
  return {
    budget: disruptionBudget(args),
    ...(args.autoscaling === undefined ? {} : { autoscaler: podAutoscaler(args, args.autoscaling) }),
  };
}

/** Whoever drains nodes takes one pod at a time. */
function disruptionBudget({ stack, namespace, release }: JaegerScalingArgs) {
  return {
    apiVersion: "policy/v1" as const,
    kind: "PodDisruptionBudget" as const,
    metadata: objectMeta(stack, namespace, release),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: jaegerPodLabels(release) },
      // A pod that does not answer anyway must not keep a node from being drained.
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}

function podAutoscaler(
  { stack, namespace, release }: JaegerScalingArgs,
  { min, max, cpuPercent }: NonNullable<JaegerScalingArgs["autoscaling"]>,
) {
  return {
    apiVersion: "autoscaling/v2" as const,
    kind: "HorizontalPodAutoscaler" as const,
    metadata: objectMeta(stack, namespace, release),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: release },
      minReplicas: min,
      maxReplicas: max,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpuPercent } },
        },
      ],
    },
  };
}

/**
 * What several pods of Jaeger need beside their Deployment: a PodDisruptionBudget and, where the stack says so, a
 * HorizontalPodAutoscaler.
 *
 * @example
 * new JaegerScaling("jaeger-scaling", { stack: "prod", namespace: "observability", release: "jaeger",
 *   autoscaling: { min: 2, max: 6, cpuPercent: 80 } });
 */
export class JaegerScaling extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:jaeger:JaegerScaling";

  constructor(name: string, args: JaegerScalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super(JaegerScaling.type, name, {}, opts);
    const { budget, autoscaler } = manifests(args);
    new PodDisruptionBudget(`${name}-budget`, budget, { parent: this });
    if (autoscaler !== undefined) {
      new HorizontalPodAutoscaler(`${name}-autoscaler`, autoscaler, { parent: this });
    }
    this.registerOutputs({});
  }
}
