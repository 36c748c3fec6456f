/**
 * The program's table of contents: a stack's configuration in, the resources of end-to-end tracing out. What
 * each part makes is in its component; the order of the parts is here.
 */
import type * as pulumi from "@pulumi/pulumi";
import * as autoInstrumentation from "../components/autoInstrumentation";
import * as certManager from "../components/certManager";
import * as externalServices from "../components/externalServices";
import * as istio from "../components/istio";
import * as jaeger from "../components/jaeger";
import * as jaegerMonitor from "../components/jaegerMonitor";
import * as jaegerScaling from "../components/jaegerScaling";
import * as jaegerServices from "../components/jaegerServices";
import * as jaegerVolume from "../components/jaegerVolume";
import * as kiali from "../components/kiali";
import * as meshTracing from "../components/meshTracing";
import * as namespaces from "../components/namespaces";
import * as otelEnvironment from "../components/otelEnvironment";
import * as otelOperator from "../components/otelOperator";
import * as tracingNetworkPolicies from "../components/tracingNetworkPolicies";
import * as uiFromOutside from "../components/uiFromOutside";
import { type StackConfig } from "../config/stack";
import { outputsOf } from "./outputs";
import { preflight } from "./preflight";
import { readStack } from "./readStack";

/** Registers every resource of the stack that Pulumi is running and returns the stack's outputs. */
export async function deployTracing(): Promise<ReturnType<typeof outputsOf>> {
  const config = readStack();
  const live = { deployments: await preflight(config) };
  const make = maker(config);

  const places = make("namespaces", namespaces, namespaces.Namespaces);
  const volume = make("jaeger-volume", jaegerVolume, jaegerVolume.JaegerVolume, places);
  const pods = make("jaeger", jaeger, jaeger.Jaeger, [...places, ...volume]);
  make("jaeger-scaling", jaegerScaling, jaegerScaling.JaegerScaling, pods);
  make("jaeger-monitor", jaegerMonitor, jaegerMonitor.JaegerMonitor, places);
  const services = make("jaeger-services", jaegerServices, jaegerServices.JaegerServices, pods);
  const policies = make(
    "network-policies",
    tracingNetworkPolicies,
    tracingNetworkPolicies.TracingNetworkPolicies,
    places,
  );
  make("kiali", kiali, kiali.Kiali, [...places, ...services]);

  // A provider whose Service is missing makes proxies reject configuration, and a proxy that reports spans
  // before the policies let them through loses them: the mesh is told last, and on destroy first.
  const path = [...services, ...policies];
  const mesh = [...path, ...make("istio", istio, istio.Istio, path)];
  make("mesh", meshTracing, meshTracing.MeshTracing, mesh, live);
  make("external-services", externalServices, externalServices.ExternalServices, mesh);

  const certificates = make("cert-manager", certManager, certManager.CertManager, places);
  // The operator's webhook takes its certificate from cert-manager.
  const operator = make("otel-operator", otelOperator, otelOperator.OtelOperator, [
    ...places,
    ...certificates,
  ]);
  const injected = make(
    "auto-instrumentation",
    autoInstrumentation,
    autoInstrumentation.AutoInstrumentation,
    [...path, ...operator],
  );
  // A pod that is made before the operator answers and its Instrumentation exists starts without an SDK, and one that
  // is made before istiod answers without a proxy: the patches that roll pods come after all of them.
  make("otel-environment", otelEnvironment, otelEnvironment.OtelEnvironment, [...mesh, ...injected], live);

  // The definitions of what the route is made of come from Istio and from cert-manager.
  make("ui", uiFromOutside, uiFromOutside.UiFromOutside, [...mesh, ...certificates]);

  return outputsOf(config);
}

/** What makes a component from its part of the configuration, where the stack has one. */
function maker(config: StackConfig) {
  return <Args extends object>(
    name: string,
    { argsFrom }: { argsFrom: (config: StackConfig) => Args | undefined },
    Component: new (name: string, args: Args, opts: pulumi.ComponentResourceOptions) => pulumi.Resource,
    dependsOn: pulumi.Resource[] = [],
    live: Partial<Args> = {},
  ): pulumi.Resource[] => {
    const args = argsFrom(config);
    return args === undefined ? [] : [new Component(name, { ...args, ...live }, { dependsOn })];
  };
}
