/**
 * Policies that may send what is for a Service to pods of the client's own node instead.
 * @see https://docs.cilium.io/en/stable/network/kubernetes/local-redirect-policy/
 */
import { type Field } from "./fields";
import { type Service } from "./services";
import { Doubt } from "./truth";

/** What such a policy is for: a Service by its name, or by its address; nothing where that cannot be read. */
export interface Redirect {
  readonly service?: string;
  readonly address?: string;
  readonly doubt: Doubt;
}

export function readRedirect(root: Field): Redirect {
  const { object } = root.source;
  const name = `${object.namespace}/${object.name}`;
  const doubt = Doubt.of({
    kind: "other-policy",
    object,
    text: `${object.kind} ${name} (${object.apiVersion}) may redirect the Service's traffic`,
  });
  const frontend = root.at("spec").at("redirectFrontend");
  const service = frontend.at("serviceMatcher").at("serviceName").value;
  const address = frontend.at("addressMatcher").at("ip").value;
  return {
    // Cilium refuses one for a Service of another namespace.
    ...(typeof service === "string" && { service: `${object.namespace}/${service}` }),
    ...(typeof address === "string" && { address }),
    doubt,
  };
}

/** The Services, those in doubt that a redirect is for. */
export function withRedirects(services: readonly Service[], redirects: readonly Redirect[]): Service[] {
  return services.map((service) => {
    const doubts = redirects
      .filter(
        (redirect) =>
          redirect.service === `${service.namespace}/${service.name}` ||
          (redirect.address !== undefined && redirect.address === service.clusterIP),
      )
      .map(({ doubt }) => doubt);
    if (doubts.length === 0) return service;
    const flaw = [...(service.flaw === undefined ? [] : [service.flaw]), ...doubts].reduce((a, b) =>
      Doubt.both(a, b),
    );
    return { ...service, flaw };
  });
}
