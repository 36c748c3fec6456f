/** NetworkPolicies of senders and of Jaeger: ports, peers, what is misspelt and what is not in the input. */
import { type Manifest, type Mesh, type Tree } from "../../../docs/generate/sample/mesh";
import {
  containerOf,
  dns,
  guarded,
  inNamespaces,
  namespace,
  object,
  open,
  pods,
  sdk,
  tcp,
  testPlatform,
  variables,
} from "./platform";

const egress = "NetworkPolicy shop/traces-out";
const ingress = "NetworkPolicy observability/traces-in";
const out = (mesh: Mesh, key: "ports" | "to", value: unknown) =>
  mesh.set(egress, `spec egress 2 ${key}`, value);
const into = (mesh: Mesh, key: "ports" | "from", value: unknown) =>
  mesh.set(ingress, `spec ingress 0 ${key}`, value);
const zipkin = "Deployment shop/web to Service observability/jaeger on TCP 9411 (spans of proxies, Zipkin)";
const both = `${zipkin} and TCP 4317 (spans of applications, OTLP)`;

testPlatform("a sender's policy", guarded, [
  ["lets out what is needed", () => undefined],
  [
    "forgets the proxies' port",
    (mesh) => out(mesh, "ports", tcp(4317, 4318)),
    `error trace-path-open ${egress}: from ${zipkin}, so these spans are lost; add TCP 9411 to spec.egress[2]`,
  ],
  [
    "forgets the proxies' port, which another one opens",
    (mesh) =>
      out(mesh, "ports", tcp(4317, 4318)).add(
        object("NetworkPolicy shop/zipkin-out", {
          podSelector: { matchLabels: { app: "web" } },
          policyTypes: ["Egress"],
          egress: [{ to: inNamespaces("observability"), ports: tcp(9411) }],
        }),
      ),
  ],
  [
    "forgets the proxies' port, which another one opens for other pods",
    (mesh) =>
      out(mesh, "ports", tcp(4317, 4318)).add(
        object("NetworkPolicy shop/zipkin-out", {
          podSelector: { matchLabels: { app: "cart" } },
          policyTypes: ["Egress"],
          egress: [{ to: inNamespaces("observability"), ports: tcp(9411) }],
        }),
      ),
    `error trace-path-open ${egress}: from ${zipkin}`,
  ],
  [
    "has the Service's port in place of the pods'",
    (mesh) => {
      mesh.zipkin("port", 80).set("Service observability/jaeger", "spec ports 0 port", 80);
      out(mesh, "ports", tcp(80, 4317, 4318));
    },
    `error trace-path-open ${egress}: from ${zipkin}`,
  ],
  [
    "has the pods' port, while the Service has another",
    (mesh) => mesh.zipkin("port", 80).set("Service observability/jaeger", "spec ports 0 port", 80),
  ],
  [
    "has a range that ends before the proxies' port",
    (mesh) => out(mesh, "ports", [{ port: 4317, endPort: 9410 }]),
    `error trace-path-open ${egress}: from ${zipkin}`,
  ],
  [
    "has a range that ends with the proxies' port",
    (mesh) => out(mesh, "ports", [{ port: 4317, endPort: 9411 }]),
  ],
  [
    "has a protocol in small letters",
    (mesh) => out(mesh, "ports", [{ port: 9411, protocol: "tcp" }]),
    `error well-formed-objects ${egress}: must be TCP, UDP or SCTP, not "tcp"`,
  ],
  [
    "names Jaeger's namespace by a label that it does not have",
    (mesh) => out(mesh, "to", [{ namespaceSelector: { matchLabels: { name: "observability" } } }]),
    `error trace-path-open ${egress}: from ${both}, so these spans are lost; allow the destination in spec.egress[2]`,
  ],
  [
    "names Jaeger's pods by a label that they do not have",
    (mesh) =>
      out(mesh, "to", [
        { ...inNamespaces("observability")[0], podSelector: { matchLabels: { app: "collector" } } },
      ]),
    `error trace-path-open ${egress}: from ${both}`,
  ],
  [
    "names Jaeger's pods, and not their namespace",
    (mesh) => out(mesh, "to", [{ podSelector: { matchLabels: { app: "jaeger" } } }]),
    `error trace-path-open ${egress}: from ${both}`,
  ],
  [
    "names addresses, of which nobody knows whether they are the pods'",
    (mesh) => out(mesh, "to", [{ ipBlock: { cidr: "10.0.0.0/8" } }]),
    `warning trace-path-open ${egress}: whether an ipBlock contains a pod depends on`,
  ],
  ["names all addresses", (mesh) => out(mesh, "to", [{ ipBlock: { cidr: "0.0.0.0/0" } }])],
  ["lets out everything", (mesh) => mesh.set(egress, "spec egress", [{}])],
  ["does not say of which type it is, but has egress", (mesh) => mesh.unset(egress, "spec policyTypes")],
  [
    "lets nothing out",
    (mesh) => mesh.set(egress, "spec egress", []),
    `error mesh-baseline-egress ${egress}: to DNS on UDP 53 and TCP 53 and istiod on TCP 15012`,
    `error trace-path-open ${egress}: from ${both}`,
  ],
  [
    "lets nothing out, because its rules are misspelt",
    (mesh) => {
      mesh
        .set(egress, "spec egres", (mesh.get(egress)["spec"] as Tree)["egress"])
        .unset(egress, "spec egress");
    },
    `warning known-fields ${egress}: has spec.egres (egress is meant)`,
    `error mesh-baseline-egress ${egress}: to DNS on UDP 53 and TCP 53 and istiod on TCP 15012`,
    `error trace-path-open ${egress}: from ${both}`,
  ],
  [
    "has more ports in a field that is misspelt",
    (mesh) => mesh.set(egress, "spec egress 2 port", [{ port: 9411 }]),
    `warning known-fields ${egress}: has spec.egress[2].port`,
  ],
  [
    "lets out no DNS",
    (mesh) => mesh.unset(egress, "spec egress 0"),
    `error mesh-baseline-egress ${egress}: to DNS on UDP 53 and TCP 53`,
  ],
  [
    "lets nothing out to istiod",
    (mesh) => mesh.unset(egress, "spec egress 1"),
    `error mesh-baseline-egress ${egress}: to istiod on TCP 15012`,
  ],
]);

testPlatform("Jaeger's policy", guarded, [
  [
    "forgets the gateway's namespace, but for the UI",
    (mesh) => into(mesh, "from", inNamespaces("shop", "pay")),
    `error trace-path-open ${ingress}: from Deployment edge/ingress on TCP 9411 (spans of proxies, Zipkin)`,
  ],
  [
    "excepts a sender's namespace",
    (mesh) => {
      const key = "kubernetes.io/metadata.name";
      const matchExpressions = [{ key, operator: "NotIn", values: ["shop"] }];
      into(mesh, "from", [{ namespaceSelector: { matchExpressions } }]);
    },
    `error trace-path-open ${ingress}: from ${both.replace(" to Service observability/jaeger", "")}`,
  ],
  [
    "names the pods of one sender, wherever they are",
    (mesh) => into(mesh, "from", [{ namespaceSelector: {}, podSelector: { matchLabels: { app: "web" } } }]),
    `error trace-path-open ${ingress}: from Deployment edge/ingress and Deployment pay/api on TCP 9411 (spans of proxies, Zipkin) and from Deployment pay/api on TCP 4317`,
  ],
  [
    "does not know a sender of a namespace without injection, whose pods ask for a sidecar themselves",
    (mesh) =>
      mesh.add(
        namespace("batch"),
        object(
          "Deployment batch/worker",
          pods(
            "worker",
            { env: variables(sdk("worker")) },
            { labels: { "sidecar.istio.io/inject": "true" } },
          ),
        ),
      ),
    `error trace-path-open ${ingress}: from Deployment batch/worker on TCP 9411 (spans of proxies, Zipkin) and TCP 4317 (spans of applications, OTLP)`,
  ],
  [
    "names a port that no container names",
    (mesh) => into(mesh, "ports", tcp("zipkin", 4317, 4318)),
    `error trace-path-open ${ingress}: from Deployment edge/ingress, Deployment pay/api and Deployment shop/web on TCP 9411`,
  ],
  [
    "names a port that a container names",
    (mesh) => {
      containerOf(mesh, "Deployment observability/jaeger")["ports"] = [
        { containerPort: 9411, name: "zipkin" },
      ];
      into(mesh, "ports", tcp("zipkin", 4317, 4318));
    },
  ],
  ["does not say of which type it is", (mesh) => mesh.unset(ingress, "spec policyTypes")],
  [
    "is for all pods, because its selector is misspelt, and lets in what is needed all the same",
    (mesh) => {
      mesh
        .set(ingress, "spec podSelektor", { matchLabels: { app: "jaeger" } })
        .unset(ingress, "spec podSelector");
    },
    `warning known-fields ${ingress}: has spec.podSelektor (podSelector is meant)`,
  ],
  [
    "is about pods of the host's network, which each plugin treats its own way",
    (mesh) => mesh.set("Deployment observability/jaeger", "spec template spec hostNetwork", true),
    "warning jaeger-hardened Deployment observability/jaeger: uses the host's namespaces (hostNetwork)",
    "warning trace-path-open NetworkPolicy pay/traces-out: pods on the host's network have the node's address",
    `warning trace-path-open ${egress}: pods on the host's network have the node's address`,
  ],
]);

const closed = (ref: string, types: string[]) =>
  object(`NetworkPolicy ${ref}`, { podSelector: {}, policyTypes: types, ingress: [] });

testPlatform("a policy that closes all", open, [
  [
    "of Jaeger's namespace",
    (mesh) => mesh.add(closed("observability/deny", ["Ingress"])),
    "error trace-path-open NetworkPolicy observability/deny: on TCP 9411 (spans of proxies, Zipkin) and from Deployment pay/api and Deployment shop/web on TCP 4317",
  ],
  [
    "of a sender's namespace",
    (mesh) => mesh.add(closed("shop/deny", ["Ingress", "Egress"])),
    "error mesh-baseline-egress NetworkPolicy shop/deny: to DNS on UDP 53 and TCP 53 and istiod on TCP 15012",
    `error trace-path-open NetworkPolicy shop/deny: from ${both}`,
  ],
  ["of a sender's namespace, on the way in", (mesh) => mesh.add(closed("shop/deny", ["Ingress"]))],
]);

/** Jaeger's manifests are somewhere else; its namespace and policy are here. */
const withoutJaeger = () =>
  guarded().removeWhere(
    ({ kind, metadata }) =>
      metadata.namespace === "observability" && ["ConfigMap", "Deployment", "Service"].includes(kind),
  );
const forgotten = (mesh: Mesh) =>
  mesh.set(egress, "spec egress", [
    dns,
    { to: inNamespaces("istio-system"), ports: tcp(15012) },
    { to: inNamespaces("observability"), ports: tcp(4317, 4318) },
  ]);
const unseen =
  "warning collector-service Service observability/jaeger: is not in the input, so it is unknown whether its pods are reachable";

testPlatform("a platform of which Jaeger is not in the input", withoutJaeger, [
  ["and policies that let through what is needed", () => undefined, unseen],
  [
    "and a sender's policy that forgets the proxies' port",
    forgotten,
    unseen,
    `error trace-path-open ${egress}: from ${zipkin}`,
  ],
  [
    "nor its namespace, and a sender's policy that forgets the proxies' port",
    (mesh) => forgotten(mesh).remove("Namespace observability"),
    unseen,
    `error trace-path-open ${egress}: from ${zipkin}`,
  ],
]);

const kept = (test: (manifest: Manifest) => boolean) => (mesh: Mesh) =>
  mesh.removeWhere((manifest) => !test(manifest));

testPlatform("a platform of which is in the input", guarded, [
  ["all but Namespaces", kept(({ kind }) => kind !== "Namespace")],
  [
    "all but Namespaces, and a policy that forgets the port of proxies, if there are any",
    (mesh) => forgotten(kept(({ kind }) => kind !== "Namespace")(mesh)),
    `warning trace-path-open ${egress}: if these pods have proxies, which depends on their namespaces' labels`,
  ],
  [
    "all but the collector's pods",
    (mesh) => mesh.remove("Deployment observability/jaeger"),
    "warning collector-service Service observability/jaeger: but the input has no such pods",
  ],
  ["nothing but policies", kept(({ kind }) => kind === "NetworkPolicy")],
  [
    "nothing but applications",
    kept(({ kind, metadata }) => kind === "Deployment" && ["shop", "pay"].includes(metadata.namespace ?? "")),
  ],
]);
