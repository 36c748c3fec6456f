/** What the objects may not say by themselves, given by whoever calls. */
import { type DnsPlace } from "../../mesh/dns";
import { type KubeObject } from "./objects";

export interface Options {
  /** The collector spans are sent to: `namespace/service:port`, or a host and port. @default the mesh config's */
  collector?: string;
  /** Namespaces that are traced whatever their labels say. @default [] */
  traced?: string[];
  /** Namespaces with an ingress gateway whose pods are not among the objects. @default [] */
  gateways?: string[];
  /** Istio's version, `1.31`. @default read from images and labels */
  istioVersion?: string;
  /** Least percentage of requests that must be traced. @default any but 0 */
  minSampling?: number;
  /** Highest percentage of requests that may be traced. @default 100 */
  maxSampling?: number;
  /** Namespaces, or `namespace/name`, whose own Telemetry may switch spans off. @default [] */
  allowTelemetryOverrides?: string[];
  /**
   * Namespaces whose egress is also governed by policies that are not among the objects, so that what the
   * given ones leave closed may be open all the same. @default those that a stack of this project says it of
   */
  otherPolicies?: string[];
  /**
   * Whether the objects are all there are, as those of a live cluster are, so that what is not among them does not
   * exist. @default false
   */
  isComplete?: boolean;
  /** Istio's root namespace. @default the mesh config's, or istio-system */
  rootNamespace?: string;
  /** @default kube-system, k8s-app=kube-dns, port 53 */
  dns?: Partial<DnsPlace>;
  /** Tells a value that is not known yet, in a preview. @default none is */
  isUnknown?: (value: unknown) => boolean;
  /** File an object was read from. */
  fileOf?: (object: KubeObject) => string | undefined;
}
