/** What Istio's TLS and admission do to spans on their way. */
import { type Mesh, type Tree } from "../../../docs/generate/sample/mesh";
import {
  annotate,
  api,
  jaegerHost,
  meshed,
  namespace,
  object,
  open,
  pods,
  sdk,
  testPlatform,
  tiered,
  variables,
  web,
} from "./platform";

const jaeger = "Deployment observability/jaeger";

/** A DestinationRule with this TLS for all ports, or with more. */
const tls = (ref: string, host: string, mode: string, more: Tree = {}) =>
  object(`DestinationRule ${ref}`, { host, trafficPolicy: { tls: { mode } }, ...more });
const tlsOfPort = (ref: string, number: number, mode: string) =>
  object(`DestinationRule ${ref}`, {
    host: jaegerHost,
    trafficPolicy: { portLevelSettings: [{ port: { number }, tls: { mode } }] },
  });

testPlatform("TLS that proxies are told to speak to a Jaeger without a sidecar", open, [
  ["nothing", () => undefined],
  [
    "for the mesh, by its full name",
    (mesh) => mesh.add(tls("istio-system/mesh-mtls", jaegerHost, "ISTIO_MUTUAL")),
    "error destination-rule-tls DestinationRule istio-system/mesh-mtls: 4317 (spans of applications) and 9411 (spans of proxies)",
  ],
  [
    "for the mesh, by * for all hosts",
    (mesh) => mesh.add(tls("istio-system/all-mtls", "*", "ISTIO_MUTUAL")),
    "error destination-rule-tls DestinationRule istio-system/all-mtls",
  ],
  [
    "for the mesh, by *.local, with a more exact exception",
    (mesh) =>
      mesh.add(
        tls("istio-system/all-mtls", "*.local", "ISTIO_MUTUAL"),
        tls("observability/jaeger-plain", jaegerHost, "DISABLE"),
      ),
  ],
  [
    "for the mesh, by *.local, with an exception for the proxies' port only",
    (mesh) =>
      mesh.add(
        tls("istio-system/all-mtls", "*.local", "ISTIO_MUTUAL"),
        tlsOfPort("observability/jaeger-plain", 9411, "DISABLE"),
      ),
  ],
  [
    "for one client's namespace, by a wildcard",
    (mesh) => mesh.add(tls("shop/wild", "*.observability.svc.cluster.local", "ISTIO_MUTUAL")),
    "error destination-rule-tls DestinationRule shop/wild: those of Deployment shop/web;",
  ],
  [
    "in Jaeger's namespace, by its short name",
    (mesh) => mesh.add(tls("observability/short", "jaeger", "SIMPLE")),
    "error destination-rule-tls DestinationRule observability/short: use TLS (spec.trafficPolicy.tls.mode: SIMPLE)",
  ],
  [
    "on the proxies' port",
    (mesh) => mesh.add(tlsOfPort("observability/port", 9411, "SIMPLE")),
    "error destination-rule-tls DestinationRule observability/port: on 9411 (spans of proxies), those of",
  ],
  [
    "with certificates, in one client's namespace and for it alone",
    (mesh) =>
      mesh.add(
        object("DestinationRule pay/pinned", {
          host: jaegerHost,
          exportTo: ["."],
          trafficPolicy: {
            tls: { mode: "MUTUAL", clientCertificate: "/a", privateKey: "/b", caCertificates: "/c" },
          },
        }),
      ),
    "error destination-rule-tls DestinationRule pay/pinned: those of Deployment pay/api;",
  ],
  ["on the port of the UI", (mesh) => mesh.add(tlsOfPort("observability/ui", 16686, "SIMPLE"))],
  [
    "for a subset, to which nothing is routed",
    (mesh) =>
      mesh.add(
        object("DestinationRule observability/subsets", {
          host: jaegerHost,
          subsets: [
            { name: "v1", labels: { version: "v1" }, trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } },
          ],
        }),
      ),
  ],
  [
    "by a name that is neither short nor full, which Istio takes for another host",
    (mesh) => mesh.add(tls("shop/odd", "jaeger.observability", "ISTIO_MUTUAL")),
  ],
  [
    "in a namespace that is neither the client's nor the Service's",
    (mesh) => mesh.add(tls("ops/private", jaegerHost, "ISTIO_MUTUAL")),
  ],
  [
    "for other workloads of the client's namespace",
    (mesh) =>
      mesh.add(
        tls("shop/others", jaegerHost, "ISTIO_MUTUAL", {
          workloadSelector: { matchLabels: { app: "other" } },
        }),
      ),
  ],
  [
    "on the applications' port, which they keep away from their sidecars",
    (mesh) => {
      for (const app of [web, api]) {
        annotate(mesh, app, { "traffic.sidecar.istio.io/excludeOutboundPorts": "4317" });
      }
      mesh.add(tlsOfPort("istio-system/port", 4317, "ISTIO_MUTUAL"));
    },
  ],
  [
    "in a field that nobody reads, because it is misspelt",
    (mesh) =>
      mesh.add(
        object("DestinationRule shop/plain", {
          host: jaegerHost,
          trafficpolicy: { tls: { mode: "SIMPLE" } },
        }),
      ),
    "warning known-fields DestinationRule shop/plain: has spec.trafficpolicy (trafficPolicy is meant)",
  ],
  [
    "a mesh of which all must speak mutual TLS, and policies that admit nobody: nobody reads them at Jaeger",
    (mesh) => mesh.add(strict("istio-system"), strict("observability"), nobody("observability")),
  ],
]);

const strict = (place: string, more: Tree = {}) =>
  object(`PeerAuthentication ${place}/strict`, { mtls: { mode: "STRICT" }, ...more });
const forJaeger = { selector: { matchLabels: { app: "jaeger" } } };
const nobody = (place: string) => object(`AuthorizationPolicy ${place}/nobody`, {});
const admits = (spec: Tree) => object("AuthorizationPolicy observability/admits", spec);
/** An application of a namespace without sidecars. */
const worker = () => [
  namespace("batch"),
  object("Deployment batch/worker", pods("worker", { env: variables(sdk("worker")) })),
];
const exclude = (mesh: Mesh, ref: string, ports: string) =>
  annotate(mesh, ref, {
    [`traffic.sidecar.istio.io/exclude${ref === web ? "Outbound" : "Inbound"}Ports`]: ports,
  });

testPlatform(
  "a Jaeger with a sidecar",
  meshed,
  [
    ["takes all, encrypted or not", (mesh) => mesh.add(...worker())],
    ["and mutual TLS of the whole mesh", (mesh) => mesh.add(strict("istio-system"))],
    [
      "that takes only mutual TLS, and a DestinationRule that says the same",
      (mesh) => mesh.add(strict("observability"), tls("istio-system/mesh-mtls", jaegerHost, "ISTIO_MUTUAL")),
    ],
    [
      "that takes only mutual TLS, and proxies that are told to speak plaintext",
      (mesh) => mesh.add(strict("observability"), tls("istio-system/plain", jaegerHost, "DISABLE")),
      "error collector-admits DestinationRule istio-system/plain: speak plaintext (spec.trafficPolicy.tls.mode: DISABLE) to 4317 (spans of applications) and 9411 (spans of proxies)",
    ],
    [
      "and proxies that speak a TLS of their own",
      (mesh) => mesh.add(tls("istio-system/tls", jaegerHost, "SIMPLE")),
      "error destination-rule-tls DestinationRule istio-system/tls: use TLS (spec.trafficPolicy.tls.mode: SIMPLE)",
    ],
    [
      "that takes only mutual TLS, and an application without a sidecar",
      (mesh) => mesh.add(strict("observability"), ...worker()),
      "error collector-admits PeerAuthentication observability/strict: and Deployment batch/worker sends without it to 4317 (spans of applications)",
    ],
    [
      "mutual TLS of the whole mesh, and a pod that asks for no sidecar",
      (mesh) => annotate(mesh, web, { "sidecar.istio.io/inject": "false" }).add(strict("istio-system")),
      "error collector-admits PeerAuthentication istio-system/strict: and Deployment shop/web sends without it to 4317 (spans of applications)",
    ],
    [
      "that takes only mutual TLS on one port, and an application without a sidecar",
      (mesh) =>
        mesh.add(
          object("PeerAuthentication observability/ports", {
            ...forJaeger,
            mtls: { mode: "PERMISSIVE" },
            portLevelMtls: { 4317: { mode: "STRICT" } },
          }),
          ...worker(),
        ),
      "error collector-admits PeerAuthentication observability/ports: spec.portLevelMtls[4317].mode: STRICT",
    ],
    [
      "beside pods that take only mutual TLS, and an application without a sidecar",
      (mesh) =>
        mesh.add(strict("observability", { selector: { matchLabels: { app: "grafana" } } }), ...worker()),
    ],
    [
      "that takes only mutual TLS, and a mesh whose proxies use it only where they are told",
      (mesh) => mesh.mesh("enableAutoMtls", false).add(strict("observability")),
      "error collector-admits PeerAuthentication observability/strict: Deployment edge/ingress, Deployment pay/api and Deployment shop/web send without it",
    ],
    [
      "that takes plaintext only, and proxies that are told to speak mutual TLS",
      (mesh) =>
        mesh.add(
          object("PeerAuthentication observability/off", { mtls: { mode: "DISABLE" } }),
          tls("istio-system/force", jaegerHost, "ISTIO_MUTUAL"),
        ),
      "error collector-admits DestinationRule istio-system/force: 4317 (spans of applications) and 9411 (spans of proxies)",
    ],
    [
      "that takes plaintext only on the proxies' port, and proxies that are told to speak mutual TLS",
      (mesh) =>
        mesh.add(
          object("PeerAuthentication observability/ports", {
            ...forJaeger,
            mtls: { mode: "STRICT" },
            portLevelMtls: { 9411: { mode: "DISABLE" } },
          }),
          tls("istio-system/force", jaegerHost, "ISTIO_MUTUAL"),
        ),
      "error collector-admits DestinationRule istio-system/force: to 9411 (spans of proxies) of",
    ],
    [
      "whose ports are kept away from it, while proxies speak mutual TLS by themselves",
      (mesh) => exclude(mesh, jaeger, "9411,4317,4318"),
      `error collector-admits ${jaeger}: keeps 4317 (spans of applications) and 9411 (spans of proxies) away from its sidecar`,
    ],
    [
      "of which one port is kept away, while a DestinationRule wants mutual TLS for all",
      (mesh) => exclude(mesh, jaeger, "9411").add(tls("istio-system/force", jaegerHost, "ISTIO_MUTUAL")),
      `error collector-admits ${jaeger}: keeps 9411 (spans of proxies) away from its sidecar`,
    ],
    [
      "whose ports are kept away from it, while proxies are told to speak plaintext",
      (mesh) =>
        exclude(mesh, jaeger, "9411,4317,4318").add(
          strict("observability"),
          tls("istio-system/plain", jaegerHost, "DISABLE"),
        ),
    ],
    ["and an application that goes around its own", (mesh) => exclude(mesh, web, "4317")],
    [
      "that takes only mutual TLS, and an application that goes around its own",
      (mesh) => exclude(mesh, web, "4317").add(strict("observability")),
      "error collector-admits PeerAuthentication observability/strict: and Deployment shop/web sends without it to 4317 (spans of applications)",
    ],
    [
      "that takes only mutual TLS, and an application that goes around its own by addresses",
      (mesh) =>
        annotate(mesh, web, {
          "traffic.sidecar.istio.io/includeOutboundIPRanges": "",
          "traffic.sidecar.istio.io/excludeOutboundIPRanges": "0.0.0.0/0",
        }).add(strict("observability")),
      "error collector-admits PeerAuthentication observability/strict: and Deployment shop/web sends without it to 4317 (spans of applications)",
    ],
    [
      "that takes what the API server does not know, and refuses",
      (mesh) => mesh.add(object("PeerAuthentication observability/strict", { mtls: { mode: "PERMISIVE" } })),
      "warning known-fields PeerAuthentication observability/strict: PERMISIVE",
    ],
    [
      "that admits another namespace",
      (mesh) =>
        mesh.add(admits({ action: "ALLOW", rules: [{ from: [{ source: { namespaces: ["ops"] } }] }] })),
      "error collector-admits AuthorizationPolicy observability/admits: what no policy allows is refused",
    ],
    [
      "that admits the senders to the ports of spans",
      (mesh) =>
        mesh.add(
          admits({
            rules: [
              {
                from: [{ source: { namespaces: ["shop", "pay", "edge"] } }],
                to: [{ operation: { ports: ["9411", "4317", "4318"] } }],
              },
            ],
          }),
        ),
    ],
    [
      "that admits all, to the port of its UI",
      (mesh) => mesh.add(admits({ ...forJaeger, rules: [{ to: [{ operation: { ports: ["16686"] } }] }] })),
      "error collector-admits AuthorizationPolicy observability/admits: 4317 (spans of applications) and 9411 (spans of proxies)",
    ],
    [
      "that denies the proxies' port",
      (mesh) => mesh.add(admits({ action: "DENY", rules: [{ to: [{ operation: { ports: ["9411"] } }] }] })),
      "error collector-admits AuthorizationPolicy observability/admits: refuses (action DENY, spec.rules[0])",
    ],
    [
      "that denies all namespaces but some, one sender not among them",
      (mesh) =>
        mesh.add(
          admits({
            action: "DENY",
            rules: [{ from: [{ source: { notNamespaces: ["observability", "pay", "edge"] } }] }],
          }),
        ),
      "error collector-admits AuthorizationPolicy observability/admits: what Deployment shop/web sends to 4317",
    ],
    [
      "that admits nobody",
      (mesh) => mesh.add(nobody("observability")),
      "error collector-admits AuthorizationPolicy observability/nobody: does not allow what Deployment edge/ingress, Deployment pay/api and Deployment shop/web send",
    ],
    [
      "and a mesh that admits nobody",
      (mesh) => mesh.add(nobody("istio-system")),
      "error collector-admits AuthorizationPolicy istio-system/nobody",
    ],
    [
      "and a mesh that admits nobody but at Jaeger",
      (mesh) => mesh.add(nobody("istio-system"), admits({ ...forJaeger, rules: [{}] })),
    ],
  ],
  ["jaeger-no-sidecar"],
);

/** The collector in front of Jaeger has a sidecar, Jaeger has none. */
function meshedCollector(): Mesh {
  return tiered()
    .set("Namespace observability", "metadata labels", { "istio-injection": "enabled" })
    .set("Deployment observability/jaeger", "spec template metadata labels", {
      app: "jaeger",
      "sidecar.istio.io/inject": "false",
    });
}
const swapped = () =>
  meshedCollector()
    .set("Deployment observability/jaeger", "spec template metadata labels", { app: "jaeger" })
    .set("Deployment observability/otel-collector", "spec template metadata labels", {
      app: "otel-collector",
      "sidecar.istio.io/inject": "false",
    });

testPlatform(
  "a collector with a sidecar in front of a Jaeger without",
  meshedCollector,
  [
    ["in a mesh of mutual TLS", (mesh) => mesh.add(strict("istio-system"))],
    [
      "in a mesh whose proxies are told to speak mutual TLS to all: the collector's is one of them",
      (mesh) => mesh.add(tls("istio-system/all", "*.local", "ISTIO_MUTUAL")),
      "error destination-rule-tls DestinationRule istio-system/all: on 4317 (spans that collectors pass on), those of Deployment observability/otel-collector;",
    ],
  ],
  ["jaeger-no-sidecar"],
);

testPlatform(
  "a collector without a sidecar in front of a Jaeger with one",
  swapped,
  [
    ["where nobody asks for mutual TLS", () => undefined],
    [
      "in a mesh of mutual TLS",
      (mesh) => mesh.add(strict("istio-system")),
      "error collector-admits PeerAuthentication istio-system/strict: and Deployment observability/otel-collector sends without it to 4317 (spans that collectors pass on)",
    ],
  ],
  ["jaeger-no-sidecar"],
);
