/** The certificate of the UIs' hosts: a Secret in the namespace of the gateway's pods, which read it there. */
import { objectNames } from "../mesh/names";
import { type StackConfig } from "../config/stack";
import { objectMeta } from "./metadata";

type Source = NonNullable<StackConfig["ui"]>["certificate"];

export interface UiCertificateArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Namespace of the gateway's pods. */
  namespace: string;
  /** Hosts of the UIs. */
  hosts: readonly string[];
  /** Where the certificate comes from. */
  certificate: Source;
}

const apiVersion = "cert-manager.io/v1";

/** Name of the Secret with the certificate, an existing one or the one that cert-manager makes. */
export function certificateSecret({ secretName }: Source): string {
  return secretName ?? `${objectNames.ui}-tls`;
}

/**
 * The Issuer of this stack's own; undefined where the certificate comes from another one.
 * @see https://cert-manager.io/docs/configuration/
 */
export function issuer({ stack, namespace, certificate: { selfSigned, acme } }: UiCertificateArgs) {
  if (acme === undefined && selfSigned === undefined) return undefined;
  return {
    apiVersion,
    kind: "Issuer",
    metadata: objectMeta(stack, namespace, objectNames.ui),
    spec:
      acme === undefined
        ? { selfSigned: {} }
        : {
            acme: {
              email: acme.email,
              server: acme.server,
              privateKeySecretRef: { name: `${objectNames.ui}-acme-account` },
              solvers: [
                acme.http01 === undefined
                  ? { dns01: acme.dns01 }
                  : // By annotation, which istiod honours without an IngressClass.
                    { http01: { ingress: { class: acme.http01.ingressClass } } },
              ],
            },
          },
  };
}

/**
 * The Certificate; undefined where the Secret is there already.
 * @see https://cert-manager.io/docs/usage/certificate/
 */
export function certificate({ stack, namespace, hosts, certificate: source }: UiCertificateArgs) {
  if (source.secretName !== undefined) return undefined;
  return {
    apiVersion,
    kind: "Certificate",
    metadata: objectMeta(stack, namespace, objectNames.ui),
    spec: {
      dnsNames: [...hosts],
      issuerRef: {
        group: "cert-manager.io",
        kind: source.issuer?.kind ?? "Issuer",
        name: source.issuer?.name ?? objectNames.ui,
      },
      privateKey: { algorithm: "ECDSA", rotationPolicy: "Always", size: 256 },
      secretName: certificateSecret(source),
      usages: ["digital signature", "server auth"],
    },
  };
}
