/** Who may open the UIs: Istio's policies for the hosts, on the pods of the gateway that leads to them. */
import { objectNames } from "../mesh/names";
import { acmeChallengePath } from "../mesh/urls";
import { type StackConfig } from "../config/stack";
import { objectMeta } from "./metadata";

type Access = NonNullable<NonNullable<StackConfig["ui"]>["access"]>;

export interface UiAccessArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  gateway: { namespace: string; podLabels: Readonly<Record<string, string>> };
  /** Hosts of the UIs, without ports. */
  hosts: readonly string[];
  /** How people are told apart. */
  access: Access;
  /** Whether an ACME authority, which shows no credentials, must reach the path of its challenges. */
  isChallenged: boolean;
}

/**
 * The AuthorizationPolicy. Never of action ALLOW: the first one on a gateway's pods would deny every host that
 * it does not name, those of other teams too. DENY and CUSTOM leave other hosts alone.
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/
 */
export function accessPolicy({ stack, gateway, hosts, access, isChallenged }: UiAccessArgs) {
  const to = [
    {
      operation: {
        // A request may name the port with the host; the gateway routes both, and policies compare the text.
        hosts: hosts.flatMap((host) => [host, `${host}:*`]),
        ...(isChallenged ? { notPaths: [`${acmeChallengePath}*`] } : {}),
      },
    },
  ];
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: objectMeta(stack, gateway.namespace, objectNames.ui),
    spec: { selector: { matchLabels: { ...gateway.podLabels } }, ...decision(access, to) },
  };
}

function decision({ sourceRanges, jwt, extAuthz }: Access, to: object[]) {
  if (extAuthz !== undefined) {
    return { action: "CUSTOM", provider: { name: extAuthz.provider }, rules: [{ to }] };
  }
  if (jwt !== undefined) {
    return {
      action: "DENY",
      rules: [
        // Tokens of other issuers may be valid at the same gateway, and are for other applications.
        { from: [{ source: { notRequestPrincipals: [`${jwt.issuer}/*`] } }], to },
        { to, when: [{ key: "request.auth.audiences", notValues: jwt.audiences }] },
      ],
    };
  }
  // The remote address is the peer's, and behind proxies that the mesh is told to trust (numTrustedProxies) the
  // one they name: nobody gets in by a header of their own.
  return { action: "DENY", rules: [{ from: [{ source: { notRemoteIpBlocks: sourceRanges ?? [] } }], to }] };
}

/**
 * The RequestAuthentication that says whose tokens are valid; undefined where access is not by token.
 *
 * It holds for every host of the gateway's pods: Envoy refuses a token in the same place of an issuer that no
 * RequestAuthentication names. A cookie is a place that no other application uses.
 * @see https://istio.io/latest/docs/reference/config/security/jwt/
 */
export function accessTokens({ stack, gateway, access: { jwt } }: UiAccessArgs) {
  if (jwt === undefined) return undefined;
  const { issuer, jwksUri, audiences, cookie } = jwt;
  return {
    apiVersion: "security.istio.io/v1",
    kind: "RequestAuthentication",
    metadata: objectMeta(stack, gateway.namespace, objectNames.ui),
    spec: {
      selector: { matchLabels: { ...gateway.podLabels } },
      jwtRules: [
        {
          issuer,
          jwksUri,
          audiences,
          // Not in the address, where Istio looks too by default: addresses end up in logs and traces.
          ...(cookie === undefined
            ? { fromHeaders: [{ name: "Authorization", prefix: "Bearer " }] }
            : { fromCookies: [cookie] }),
        },
      ],
    },
  };
}
