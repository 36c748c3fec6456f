/** The gateway that leads people to the UIs, from what a stack says of its gateways. */
import { type Sections } from "./sections";

/** The label by which Istio's own configuration and istiod's Ingress support know the ingress gateway's pods. */
export const ingressGatewayLabel = { istio: "ingressgateway" } as const;

/** The gateway that leads people to the UIs. */
export interface UiGateway {
  /** Namespace of its pods: certificates and policies for it must be there. */
  namespace: string;
  /** Labels that its pods have and others have not. */
  podLabels: Record<string, string>;
}

/**
 * The gateway of a stack's UIs: what `ui.gateway` says, else the one that the stack installs, else the only one
 * listed; undefined if there are several and none is named. Istio's gateway chart labels its pods
 * `istio: <release without "istio-">`.
 */
export function uiGatewayOf({
  ui: section,
  istio,
  gateways = [],
}: Pick<Partial<Sections>, "ui" | "istio" | "gateways">): UiGateway | undefined {
  const installed = istio?.install?.gateway;
  const namespace =
    section?.gateway.namespace ??
    installed?.namespace ??
    (gateways.length === 1 ? gateways[0]?.namespace : undefined);
  if (namespace === undefined) return undefined;
  const own =
    installed?.namespace === namespace ? { istio: installed.name.replace(/^istio-/, "") } : undefined;
  return { namespace, podLabels: section?.gateway.podLabels ?? own ?? { ...ingressGatewayLabel } };
}
