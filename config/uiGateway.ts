/** The gateways' pods, and the one gateway that leads people to the UIs, from what a stack says. */
import { type Sections } from "./sections";

/** The label by which Istio's own configuration and istiod's Ingress support know the ingress gateway's pods. */
export const ingressGatewayLabel = { istio: "ingressgateway" } as const;

export interface GatewayPods {
  /** Namespace of its pods: certificates and policies for it must be there. */
  namespace: string;
  /** Labels that its pods have and others have not. */
  podLabels: Record<string, string>;
}

type Gateways = Pick<Partial<Sections>, "istio" | "gateways">;

function gatewayPodsOf({ istio, gateways = [] }: Gateways): GatewayPods[] {
  return gateways.map(({ namespace, podLabels }) => ({
    namespace,
    podLabels: podLabels ?? labelsOf(namespace, istio),
  }));
}

/**
 * The gateway of a stack's UIs: what `ui.gateway` says, else the one that the stack installs, else the only one
 * listed; undefined if there are several and none is named.
 */
export function uiGatewayOf(stack: Gateways & Pick<Partial<Sections>, "ui">): GatewayPods | undefined {
  const { ui: section, istio, gateways = [] } = stack;
  const namespace =
    section?.gateway.namespace ??
    istio?.install?.gateway?.namespace ??
    (gateways.length === 1 ? gateways[0]?.namespace : undefined);
  if (namespace === undefined) return undefined;
  const listed = gatewayPodsOf(stack).find((gateway) => gateway.namespace === namespace);
  const podLabels = section?.gateway.podLabels ?? listed?.podLabels ?? labelsOf(namespace, istio);
  return { namespace, podLabels };
}

/** The gateways that lead people to UIs: the one that this stack routes at, or any, where others route. */
export function uiGatewaysOf(stack: Parameters<typeof uiGatewayOf>[0]): GatewayPods[] {
  const gateway = stack.ui && uiGatewayOf(stack);
  return gateway === undefined ? gatewayPodsOf(stack) : [gateway];
}

/** Istio's gateway chart labels its pods `istio: <release without "istio-">`. */
function labelsOf(namespace: string, istio: Gateways["istio"]): Record<string, string> {
  const installed = istio?.install?.gateway;
  return installed?.namespace === namespace
    ? { istio: installed.name.replace(/^istio-/, "") }
    : { ...ingressGatewayLabel };
}
