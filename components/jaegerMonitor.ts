import * as pulumi from "@pulumi/pulumi";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { type StackConfig } from "../config/stack";
import { jaegerPodLabels } from "../mesh/jaegerChart";
import { ports } from "../mesh/ports";
import { objectMeta } from "./metadata";

export interface JaegerMonitorArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Namespace of Jaeger's pods. A change replaces the PodMonitor. */
  namespace: string;
  /** Helm release of Jaeger. */
  release: string;
  /** Labels by which a Prometheus of the Prometheus Operator selects its PodMonitors. */
  labels: Readonly<Record<string, string>>;
}

/** Nothing where no Prometheus Operator is told of Jaeger. */
export function argsFrom({ stack, jaeger, prometheus }: StackConfig): JaegerMonitorArgs | undefined {
  return prometheus?.podMonitor === undefined ? undefined : { ...jaeger, ...prometheus.podMonitor, stack };
}

/**
 * The PodMonitor. The chart gives the container's ports no names, so the port is a number: Prometheus Operator 0.79.
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMetricsEndpoint
 */
export function manifests({ stack, namespace, release, labels }: JaegerMonitorArgs) {
  const meta = objectMeta(stack, namespace, release);
  return {
    "pod-monitor": {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PodMonitor",
      metadata: { ...meta, labels: { ...labels, ...meta.labels } },
      spec: {
        selector: { matchLabels: jaegerPodLabels(release) },
        podMetricsEndpoints: [{ portNumber: ports.metrics }],
      },
    },
  };
}

/**
 * Tells a Prometheus of the Prometheus Operator to scrape Jaeger: spans accepted and refused by each receiver, and
 * spans that did not reach the store.
 *
 * @example
 * new JaegerMonitor("jaeger-monitor", { stack: "prod", namespace: "observability", release: "jaeger",
 *   labels: { release: "kube-prometheus-stack" } });
 */
export class JaegerMonitor extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:jaeger:JaegerMonitor";

  constructor(name: string, args: JaegerMonitorArgs, opts?: pulumi.ComponentResourceOptions) {
    super(JaegerMonitor.type, name, {}, opts);
    for (const [end, manifest] of Object.entries(manifests(args))) {
      new CustomResource(`${name}-${end}`, manifest, { parent: this });
    }
    this.registerOutputs({});
  }
}
