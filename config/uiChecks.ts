/** What must hold between the section `ui` of a stack file and the others. */
import { type AddMistake } from "./mistakes";
import { type Sections } from "./sections";
import { ingressGatewayLabel, uiGatewayOf } from "./uiGateway";

export function checkUi(stack: Partial<Sections>, add: AddMistake): void {
  const { ui, jaeger, kiali, certManager, otelOperator } = stack;
  if (ui === undefined) return;
  checkHosts(jaeger?.host, kiali?.host, add);
  checkGateway(stack, add);
  const isNeeded = ui.certificate.secretName === undefined || otelOperator !== undefined;
  if (certManager !== undefined && !isNeeded) {
    add(
      ["certManager", "install"],
      "ui.certificate.secretName names an existing Secret, so nothing needs cert-manager",
      "remove certManager, or choose another source of the certificate",
    );
  }
}

function checkHosts(jaegerHost: string | undefined, kialiHost: string | undefined, add: AddMistake): void {
  if (jaegerHost === undefined && kialiHost === undefined) {
    add(["jaeger", "host"], "ui serves a UI by its host, and no host is set", "set jaeger.host");
  }
  if (kialiHost !== undefined && kialiHost.toLowerCase() === jaegerHost?.toLowerCase()) {
    add(["kiali", "host"], "Jaeger has this host too", "give Kiali a host of its own");
  }
}

function checkGateway(stack: Partial<Sections>, add: AddMistake): void {
  const { ui, gateways } = stack;
  if (ui === undefined || gateways === undefined) return;
  const names = gateways.map(({ namespace }) => namespace);
  const gateway = uiGatewayOf(stack);
  if (gateway === undefined) {
    add(
      ["ui", "gateway", "namespace"],
      `required with ${names.length} gateways: one of them serves the UI`,
      names.length === 0 ? "list the gateway in gateways" : `choose one of ${names.join(", ")}`,
    );
    return;
  }
  if (!names.includes(gateway.namespace)) {
    add(
      ["ui", "gateway", "namespace"],
      "must be listed in gateways, or Jaeger would not let the gateway in",
      names.length === 0
        ? `add { namespace: ${gateway.namespace} } to gateways`
        : `choose one of ${names.join(", ")}`,
    );
  }
  // istiod puts the route of a challenge, which is an Ingress, on the pods of this label and no others.
  if (ui.certificate.acme?.http01 !== undefined && gateway.podLabels["istio"] !== ingressGatewayLabel.istio) {
    add(
      ["ui", "certificate", "acme", "http01"],
      "istiod serves an Ingress, such as that of a challenge, at pods labelled istio: ingressgateway, and " +
        "ui.gateway's are not",
      "use acme.dns01, or a gateway with that label",
    );
  }
}
