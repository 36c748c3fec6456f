/**
 * The program's table of contents: a stack's configuration in, the resources of end-to-end tracing out. What
 * each part makes is in its component; the order of the parts is here.
 */
import type * as pulumi from "@pulumi/pulumi";
import { type Part, parts } from "../components";
import { type StackConfig } from "../config/stack";
import { outputsOf } from "./outputs";
import { preflight } from "./preflight";
import { readStack } from "./readStack";

/** Registers every resource of the stack that Pulumi is running and returns the stack's outputs. */
export async function deployTracing(): Promise<ReturnType<typeof outputsOf>> {
  const config = readStack();
  const live = { deployments: await preflight(config) };
  const make = maker(config);

  const places = make(parts.namespaces);
  const volume = make(parts.jaegerVolume, places);
  const pods = make(parts.jaeger, [...places, ...volume]);
  make(parts.jaegerScaling, pods);
  make(parts.jaegerMonitor, places);
  const services = make(parts.jaegerServices, pods);
  const policies = make(parts.networkPolicies, places);
  make(parts.kiali, [...places, ...services]);

  // A provider whose Service is missing makes proxies reject configuration, and a proxy that reports spans
  // before the policies let them through loses them: the mesh is told last, and on destroy first.
  const path = [...services, ...policies];
  const mesh = [...path, ...make(parts.istio, path)];
  make(parts.mesh, mesh, live);
  make(parts.externalServices, mesh);

  const certificates = make(parts.certManager, places);
  // The operator's webhook takes its certificate from cert-manager.
  const operator = make(parts.otelOperator, [...places, ...certificates]);
  const injected = make(parts.autoInstrumentation, [...path, ...operator]);
  // A pod that is made before the operator answers and its Instrumentation exists starts without an SDK, and one that
  // is made before istiod answers without a proxy: the patches that roll pods come after all of them.
  make(parts.otelEnvironment, [...mesh, ...injected], live);

  // The definitions of what the route is made of come from Istio and from cert-manager.
  make(parts.ui, [...mesh, ...certificates]);

  return outputsOf(config);
}

/** What makes a component from its part of the configuration, where the stack has one. */
function maker(config: StackConfig) {
  return <Args extends object>(
    { name, argsFrom, Component }: Part<Args>,
    dependsOn: pulumi.Resource[] = [],
    live: Partial<Args> = {},
  ): pulumi.Resource[] => {
    const args = argsFrom(config);
    return args === undefined ? [] : [new Component(name, { ...args, ...live }, { dependsOn })];
  };
}
