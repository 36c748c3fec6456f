/** People's way to Jaeger's UI in the healthy mesh, for tests that break it. */
import { type Mesh } from "./mesh";
import { type Manifest, type Tree } from "./objects";

const place = { namespace: "istio-system" };
const networking = "networking.istio.io/v1";
export const host = "jaeger.example.com";

export const refs = {
  policy: "AuthorizationPolicy istio-system/jaeger-ui",
  https: "Gateway istio-system/jaeger-ui",
  http: "Gateway istio-system/jaeger-ui-http",
  route: "VirtualService istio-system/jaeger-ui",
  certificate: "Certificate istio-system/jaeger-ui",
};

/** An AuthorizationPolicy at the gateway's pods. */
export function policy(name: string, spec: Tree): Manifest {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name, ...place },
    spec: { selector: { matchLabels: { istio: "ingressgateway" } }, ...spec },
  };
}

/** What a rule of a policy is about: the UI's host, with and without a port. */
export const toHost = [{ operation: { hosts: [host, `${host}:*`] } }];

function gateway(name: string, server: Tree): Manifest {
  return {
    apiVersion: networking,
    kind: "Gateway",
    metadata: { name, ...place },
    spec: { selector: { istio: "ingressgateway" }, servers: [{ hosts: [host], ...server }] },
  };
}

/** Adds a UI at a host, over HTTPS, for some networks. */
export function withUi(mesh: Mesh): Mesh {
  return mesh.add(
    policy("jaeger-ui", {
      action: "DENY",
      rules: [{ from: [{ source: { notRemoteIpBlocks: ["203.0.113.0/24"] } }], to: toHost }],
    }),
    gateway("jaeger-ui", {
      port: { name: "https", number: 443, protocol: "HTTPS" },
      tls: { mode: "SIMPLE", credentialName: "jaeger-ui-tls" },
    }),
    gateway("jaeger-ui-http", {
      port: { name: "http", number: 80, protocol: "HTTP" },
      tls: { httpsRedirect: true },
    }),
    {
      apiVersion: networking,
      kind: "VirtualService",
      metadata: { name: "jaeger-ui", ...place },
      spec: {
        hosts: [host],
        gateways: ["istio-system/jaeger-ui", "jaeger-ui-http"],
        http: [
          { match: [{ uri: { prefix: "/api/ai" } }], directResponse: { status: 404 } },
          {
            route: [
              {
                destination: {
                  host: "jaeger-query-clusterip.istio-system.svc.cluster.local",
                  port: { number: 16686 },
                },
              },
            ],
          },
        ],
      },
    },
    {
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: "jaeger-ui", ...place },
      spec: { dnsNames: [host], secretName: "jaeger-ui-tls", issuerRef: { name: "ca" } },
    },
  );
}

/** Whose tokens are valid at the gateway. */
export const tokens: Manifest = {
  apiVersion: "security.istio.io/v1",
  kind: "RequestAuthentication",
  metadata: { name: "jaeger-ui", ...place },
  spec: {
    selector: { matchLabels: { istio: "ingressgateway" } },
    jwtRules: [{ issuer: "https://login.example.com", jwksUri: "https://login.example.com/keys" }],
  },
};

/** An Ingress to Jaeger's UI that asks nobody. */
export const ingressRoute: Manifest = {
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: { name: "jaeger", namespace: "istio-system" },
  spec: {
    rules: [
      {
        host: "jaeger.example.com",
        http: {
          paths: [
            {
              path: "/",
              backend: { service: { name: "jaeger-query-clusterip", port: { name: "http-query" } } },
            },
          ],
        },
      },
    ],
  },
};
/** An HTTPRoute to the same. */
export const httpRoute: Manifest = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "jaeger", namespace: "istio-system" },
  spec: {
    parentRefs: [{ name: "public" }],
    hostnames: ["jaeger.example.com"],
    rules: [{ backendRefs: [{ name: "jaeger-query-clusterip", port: 16686 }] }],
  },
};
