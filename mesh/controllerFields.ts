/** Fields that a chart sets and controllers write afterwards: what is different there is nobody's mistake. */

const caBundle = "webhooks[*].clientConfig.caBundle";

/**
 * By kind, as Pulumi spells paths. istiod and cert-manager hand their certificate to the API server, and istiod makes its
 * validating webhook mandatory once it answers.
 * @see https://github.com/istio/istio/blob/master/pkg/webhooks/validation/controller/controller.go
 */
export const controllerFields: Readonly<Record<string, readonly string[]>> = {
  ValidatingWebhookConfiguration: ["webhooks[*].failurePolicy", caBundle],
  MutatingWebhookConfiguration: [caBundle],
};
