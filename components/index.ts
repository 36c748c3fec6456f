/** What a stack is made of: its components by name, and the manifests of each. */
import type * as pulumi from "@pulumi/pulumi";
import { type StackConfig } from "../config/stack";
import * as autoInstrumentation from "./autoInstrumentation";
import * as certManager from "./certManager";
import * as externalServices from "./externalServices";
import * as istio from "./istio";
import * as jaeger from "./jaeger";
import * as jaegerMonitor from "./jaegerMonitor";
import * as jaegerScaling from "./jaegerScaling";
import * as jaegerServices from "./jaegerServices";
import * as jaegerVolume from "./jaegerVolume";
import * as kiali from "./kiali";
import { type Manifest } from "./manifest";
import * as meshTracing from "./meshTracing";
import * as namespaces from "./namespaces";
import * as otelEnvironment from "./otelEnvironment";
import * as otelOperator from "./otelOperator";
import * as tracingNetworkPolicies from "./tracingNetworkPolicies";
import * as uiFromOutside from "./uiFromOutside";

/** What a component's file exports beside its class. */
interface Module<Args> {
  /** Its arguments; undefined where the stack has none of it. */
  argsFrom: (config: StackConfig) => Args | undefined;
  /** What its class registers, by the end of each logical name. */
  manifests: (args: Args) => Readonly<Record<string, Manifest>>;
}

interface ComponentClass<Args> {
  /** Pulumi's type token, `mesh-tracing:jaeger:Jaeger`. */
  readonly type: string;
  new (name: string, args: Args, opts: pulumi.ComponentResourceOptions): pulumi.Resource;
}

/** A component of a stack. */
export interface Part<Args> {
  /** Its logical name, with which the names of what it makes begin. */
  readonly name: string;
  readonly Component: ComponentClass<Args>;
  readonly argsFrom: (config: StackConfig) => Args | undefined;
  /** What it makes of a stack, by the end of each logical name; undefined where the stack has none of it. */
  readonly made: (config: StackConfig) => Readonly<Record<string, Manifest>> | undefined;
}

function part<Args>(
  name: string,
  { argsFrom, manifests }: Module<Args>,
  Component: ComponentClass<Args>,
): Part<Args> {
  const made = (config: StackConfig): Readonly<Record<string, Manifest>> | undefined => {
    const args = argsFrom(config);
    return args === undefined ? undefined : manifests(args);
  };
  return { name, Component, argsFrom, made };
}

/** The components, in the order in which people read of them. */
export const parts = {
  namespaces: part("namespaces", namespaces, namespaces.Namespaces),
  jaegerVolume: part("jaeger-volume", jaegerVolume, jaegerVolume.JaegerVolume),
  jaeger: part("jaeger", jaeger, jaeger.Jaeger),
  jaegerScaling: part("jaeger-scaling", jaegerScaling, jaegerScaling.JaegerScaling),
  jaegerMonitor: part("jaeger-monitor", jaegerMonitor, jaegerMonitor.JaegerMonitor),
  jaegerServices: part("jaeger-services", jaegerServices, jaegerServices.JaegerServices),
  networkPolicies: part(
    "network-policies",
    tracingNetworkPolicies,
    tracingNetworkPolicies.TracingNetworkPolicies,
  ),
  kiali: part("kiali", kiali, kiali.Kiali),
  istio: part("istio", istio, istio.Istio),
  mesh: part("mesh", meshTracing, meshTracing.MeshTracing),
  externalServices: part("external-services", externalServices, externalServices.ExternalServices),
  certManager: part("cert-manager", certManager, certManager.CertManager),
  otelOperator: part("otel-operator", otelOperator, otelOperator.OtelOperator),
  autoInstrumentation: part(
    "auto-instrumentation",
    autoInstrumentation,
    autoInstrumentation.AutoInstrumentation,
  ),
  otelEnvironment: part("otel-environment", otelEnvironment, otelEnvironment.OtelEnvironment),
  ui: part("ui", uiFromOutside, uiFromOutside.UiFromOutside),
};

/** Everything that the program makes of a stack: objects, parts of objects of others, and releases of charts. */
export function manifestsOf(config: StackConfig): Manifest[] {
  return Object.values(parts).flatMap(({ made }) => Object.values(made(config) ?? {}));
}
