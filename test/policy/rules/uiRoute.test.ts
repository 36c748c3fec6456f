import { type Mesh } from "../../../docs/generate/sample/mesh";
import { host, refs, toHost, withUi } from "../../../docs/generate/sample/ui";
import { exampleFault, testRule, type Variation } from "../../fixtures/rule";

/** A fault of the way to the UI. */
const broken = (name: string, object: string, breaks: (mesh: Mesh) => unknown, level?: "warning") => ({
  name,
  breaks: (mesh: Mesh) => breaks(withUi(mesh)),
  object,
  ...(level === undefined ? {} : { level }),
});
const destination = "spec http 1 route 0 destination";
const way = (name: string, varies: (mesh: Mesh) => unknown): Variation => ({
  name: `the UI: ${name}`,
  varies: (mesh) => varies(withUi(mesh)),
});

testRule("ui-route", {
  faults: [
    {
      ...exampleFault("ui-route"),
      object: refs.route,
      message:
        "VirtualService istio-system/jaeger-ui is bound to Gateway istio-system/jaeger, which does not exist; bind it to a Gateway that serves its host",
      fix: `# in spec
gateways:
  - istio-system/jaeger-ui`,
    },
    {
      ...broken("the UI's Gateway has another host", refs.route, (mesh) =>
        mesh.set(refs.https, "spec servers 0 hosts", ["tracing.example.com"]),
      ),
      message:
        "VirtualService istio-system/jaeger-ui is bound to Gateway istio-system/jaeger-ui, which has no server for the host jaeger.example.com; add the host to a server",
      fix: `# in a server of spec.servers of Gateway istio-system/jaeger-ui
hosts:
  - jaeger.example.com`,
    },
    {
      ...broken("the UI's Gateway is for routes of another namespace", refs.route, (mesh) =>
        mesh.set(refs.https, "spec servers 0 hosts", [`monitoring/${host}`]),
      ),
      message:
        "VirtualService istio-system/jaeger-ui is bound to Gateway istio-system/jaeger-ui, which has no server for the host jaeger.example.com; add the host to a server",
      fix: `# in a server of spec.servers of Gateway istio-system/jaeger-ui
hosts:
  - jaeger.example.com`,
    },
    {
      ...broken("the UI's Gateway selects no pods", refs.http, (mesh) =>
        mesh.set(refs.http, "spec selector istio", "ingress"),
      ),
      message:
        "Gateway istio-system/jaeger-ui-http selects no gateway pods (istio=ingress), so nothing serves it; select the pods of a gateway, such as Deployment istio-system/istio-ingressgateway",
      fix: `# in spec
selector:
  istio: ingressgateway`,
    },
    {
      ...broken(
        "the UI is served in plain HTTP",
        refs.http,
        (mesh) => mesh.unset(refs.http, "spec servers 0 tls"),
        "warning",
      ),
      message:
        "Gateway istio-system/jaeger-ui-http serves a tracing UI in plain HTTP on port 80, so tokens and traces can be read on the network; redirect to HTTPS",
      fix: `# in the server of port 80
tls:
  httpsRedirect: true`,
    },
    {
      ...broken(
        "the UI's policy asks for tokens that nobody checks",
        refs.route,
        (mesh) =>
          mesh.set(refs.policy, "spec rules", [
            { from: [{ source: { notRequestPrincipals: ["*"] } }], to: toHost },
          ]),
        "warning",
      ),
      message:
        "VirtualService istio-system/jaeger-ui is behind an AuthorizationPolicy that requires tokens, but no RequestAuthentication validates them, so every request is denied; add one for the gateway's pods",
      fix: `# add
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata:
  name: tokens
  namespace: istio-system
spec:
  selector:
    matchLabels:
      istio: ingressgateway
  jwtRules:
    - issuer: https://login.example.com
      jwksUri: https://login.example.com/keys.json`,
    },
    {
      ...broken(
        "the UI's certificate is not where the gateway's pods are",
        refs.certificate.replace("istio-system", "monitoring"),
        (mesh) => mesh.set(refs.certificate, "metadata namespace", "monitoring"),
      ),
      message:
        "Certificate monitoring/jaeger-ui creates Secret jaeger-ui-tls in namespace monitoring, but Gateway " +
        "istio-system/jaeger-ui reads it from the namespace of its pods; create it in istio-system",
      fix: `# in metadata
namespace: istio-system`,
    },
    {
      ...broken("the UI's certificate has a wildcard for another label", refs.certificate, (mesh) =>
        mesh.set(refs.certificate, "spec dnsNames", ["*.com"]),
      ),
      message:
        "Certificate istio-system/jaeger-ui does not cover jaeger.example.com, which Gateway istio-system/jaeger-ui serves with it; add it to spec.dnsNames",
      fix: `# in spec.dnsNames
- jaeger.example.com`,
    },
    {
      ...broken(
        "two routes of one Gateway are served in plain HTTP",
        refs.http,
        (mesh) => mesh.unset(refs.http, "spec servers 0 tls").copy(refs.route, "jaeger-ui-again"),
        "warning",
      ),
      message:
        "Gateway istio-system/jaeger-ui-http serves a tracing UI in plain HTTP on port 80, so tokens and traces can be read on the network; redirect to HTTPS",
      fix: `# in the server of port 80
tls:
  httpsRedirect: true`,
    },
    {
      ...broken("the UI's certificate is for another host", refs.certificate, (mesh) =>
        mesh.set(refs.certificate, "spec dnsNames", ["*.internal.example.com", "tracing.example.com"]),
      ),
      message:
        "Certificate istio-system/jaeger-ui does not cover jaeger.example.com, which Gateway istio-system/jaeger-ui serves with it; add it to spec.dnsNames",
      fix: `# in spec.dnsNames
- jaeger.example.com`,
    },
    {
      ...broken("the UI's route leads to a Service that does not exist", refs.route, (mesh) =>
        mesh.set(refs.route, `${destination} host`, "jaeger-query.istio-system.svc.cluster.local"),
      ),
      message:
        "VirtualService istio-system/jaeger-ui routes to Service istio-system/jaeger-query, which does not exist; route to a ClusterIP Service of the UI's pods",
      fix: `# in the route's destination
host: jaeger-query-clusterip.istio-system.svc.cluster.local`,
    },
    {
      ...broken("the UI's route leads to a port that the Service does not have", refs.route, (mesh) =>
        mesh.set(refs.route, `${destination} port number`, 80),
      ),
      message:
        "VirtualService istio-system/jaeger-ui routes to port 80 of Service istio-system/jaeger-query-clusterip; use one of its ports:16686 and 16685",
      fix: `# in the route's destination
port:
  number: 16686`,
    },
    {
      ...broken("the UI's route leaves open which port it leads to", refs.route, (mesh) =>
        mesh.unset(refs.route, `${destination} port`),
      ),
      message:
        "VirtualService istio-system/jaeger-ui routes to no port of Service istio-system/jaeger-query-clusterip; use one of its ports:16686 and 16685",
      fix: `# in the route's destination
port:
  number: 16686`,
    },
    {
      ...broken("the UI's route leads to a headless Service", refs.route, (mesh) =>
        mesh.set("Service istio-system/jaeger-query-clusterip", "spec clusterIP", "None"),
      ),
      message:
        "VirtualService istio-system/jaeger-ui routes to Service istio-system/jaeger-query-clusterip, which is headless (clusterIP: None), so the gateway returns 503; use a ClusterIP Service",
      fix: `# delete and recreate Service istio-system/jaeger-query-clusterip without clusterIP: None (clusterIP is immutable)
spec:
  type: ClusterIP`,
    },
  ],
  harmless: [
    way("a certificate with a wildcard", (mesh) =>
      mesh.set(refs.certificate, "spec dnsNames", ["*.example.com"]),
    ),
    way("a certificate of others", (mesh) => mesh.remove(refs.certificate)),
    way("a Gateway with a wildcard, in the application's namespace", (mesh) =>
      mesh
        .set(refs.https, "spec servers 0 hosts", ["istio-system/*.example.com"])
        .set(refs.https, "metadata namespace", "auth")
        .set(refs.route, "spec gateways 0", "auth/jaeger-ui"),
    ),
    way("a Gateway that is not in the input", (mesh) =>
      mesh.set(refs.route, "spec gateways", ["edge/public"]),
    ),
    way("a Kiali that is not in the input", (mesh) =>
      mesh.copy(refs.route, "kiali").set("VirtualService istio-system/kiali", "spec http", [
        {
          route: [{ destination: { host: "kiali.istio-system.svc.cluster.local", port: { number: 20001 } } }],
        },
      ]),
    ),
    {
      name: "an application behind a Gateway of plain HTTP, as in Istio's samples",
      varies: (mesh) =>
        mesh.add(
          {
            apiVersion: "networking.istio.io/v1",
            kind: "Gateway",
            metadata: { name: "bookinfo-gateway", namespace: "auth" },
            spec: {
              selector: { istio: "ingressgateway" },
              servers: [{ port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
            },
          },
          {
            apiVersion: "networking.istio.io/v1",
            kind: "VirtualService",
            metadata: { name: "bookinfo", namespace: "auth" },
            spec: {
              hosts: ["*"],
              gateways: ["bookinfo-gateway"],
              http: [
                {
                  match: [{ uri: { exact: "/productpage" } }],
                  route: [{ destination: { host: "auth-api" } }],
                },
              ],
            },
          },
        ),
    },
  ],
});
