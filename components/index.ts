/** What a stack is made of: the manifests of every component. */
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
interface Component<Args> {
  /** Its arguments; undefined where the stack has none of it. */
  argsFrom: (config: StackConfig) => Args | undefined;
  /** What its class registers, by the end of each logical name. */
  manifests: (args: Args) => Readonly<Record<string, Manifest>>;
}

function manifestsBy<Args>({ argsFrom, manifests }: Component<Args>) {
  return (config: StackConfig): Manifest[] => {
    const args = argsFrom(config);
    return args === undefined ? [] : Object.values(manifests(args));
  };
}

const components = [
  manifestsBy(namespaces),
  manifestsBy(jaegerVolume),
  manifestsBy(jaeger),
  manifestsBy(jaegerScaling),
  manifestsBy(jaegerMonitor),
  manifestsBy(jaegerServices),
  manifestsBy(tracingNetworkPolicies),
  manifestsBy(kiali),
  manifestsBy(istio),
  manifestsBy(meshTracing),
  manifestsBy(externalServices),
  manifestsBy(certManager),
  manifestsBy(otelOperator),
  manifestsBy(autoInstrumentation),
  manifestsBy(otelEnvironment),
  manifestsBy(uiFromOutside),
];

/** Everything that the program makes of a stack: objects, parts of objects of others, and releases of charts. */
export function manifestsOf(config: StackConfig): Manifest[] {
  return components.flatMap((manifests) => manifests(config));
}
