/**
 * The program's table of contents: a stack's configuration in, the resources of end-to-end tracing out. What
 * each part makes is in its component; the order of the parts is here.
 */
import { AutoInstrumentation } from "../components/autoInstrumentation";
import { CertManager } from "../components/certManager";
import { ExternalServices } from "../components/externalServices";
import { Istio } from "../components/istio";
import { Jaeger } from "../components/jaeger";
import { JaegerScaling } from "../components/jaegerScaling";
import { JaegerServices } from "../components/jaegerServices";
import { JaegerVolume } from "../components/jaegerVolume";
import { Kiali } from "../components/kiali";
import { MeshTracing } from "../components/meshTracing";
import { Namespaces } from "../components/namespaces";
import { OtelEnvironment } from "../components/otelEnvironment";
import { OtelOperator } from "../components/otelOperator";
import { TracingNetworkPolicies } from "../components/tracingNetworkPolicies";
import { UiFromOutside } from "../components/uiFromOutside";
import { preflight } from "./preflight";
import { readStack } from "./readStack";
import { outputsOf, wire } from "./wiring";

/** Registers every resource of the stack that Pulumi is running and returns the stack's outputs. */
export async function deployTracing(): Promise<ReturnType<typeof outputsOf>> {
  const config = readStack();
  const args = wire(config);
  const deployments = await preflight(config);

  const namespaces = new Namespaces("namespaces", args.namespaces);
  const volume =
    args.jaegerVolume && new JaegerVolume("jaeger-volume", args.jaegerVolume, { dependsOn: namespaces });
  const jaeger = new Jaeger("jaeger", args.jaeger, { dependsOn: volume ?? namespaces });
  if (args.jaegerScaling !== undefined) {
    new JaegerScaling("jaeger-scaling", args.jaegerScaling, { dependsOn: jaeger });
  }
  const services = new JaegerServices("jaeger-services", args.jaegerServices, { dependsOn: jaeger });
  const policies = new TracingNetworkPolicies("network-policies", args.networkPolicies, {
    dependsOn: namespaces,
  });

  if (args.kiali !== undefined) new Kiali("kiali", args.kiali, { dependsOn: [namespaces, services] });

  // A provider whose Service is missing makes proxies reject configuration, and a proxy that reports spans
  // before the policies let them through loses them: the mesh is told last, and on destroy first.
  const path = [services, policies];
  const istio = args.istio && new Istio("istio", args.istio, { dependsOn: path });
  const mesh = [...path, ...(istio === undefined ? [] : [istio])];
  new MeshTracing("mesh", { ...args.mesh, deployments }, { dependsOn: mesh });
  new ExternalServices("external-services", args.externalServices, { dependsOn: mesh });

  const certManager =
    args.certManager && new CertManager("cert-manager", args.certManager, { dependsOn: namespaces });

  // A pod that is made before the operator answers and its Instrumentation exists starts without an SDK, and one that
  // is made before istiod answers without a proxy: the patches that roll pods come after all of them.
  const operator =
    args.otelOperator &&
    new OtelOperator("otel-operator", args.otelOperator, {
      // Its webhook takes its certificate from cert-manager.
      dependsOn: certManager === undefined ? namespaces : [namespaces, certManager],
    });
  const injected =
    args.autoInstrumentation &&
    new AutoInstrumentation("auto-instrumentation", args.autoInstrumentation, {
      dependsOn: [...path, ...(operator === undefined ? [] : [operator])],
    });
  new OtelEnvironment(
    "otel-environment",
    { ...args.otelEnvironment, deployments },
    { dependsOn: injected === undefined ? mesh : [...mesh, injected] },
  );

  // The definitions of what the route is made of come from Istio and from cert-manager.
  if (args.ui !== undefined) {
    new UiFromOutside("ui", args.ui, {
      dependsOn: [...mesh, ...(certManager === undefined ? [] : [certManager])],
    });
  }

  return outputsOf(config);
}
