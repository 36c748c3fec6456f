import { describe, expect, it } from "vitest";
import { collectorConfig, withCollector } from "../../../docs/generate/sample/collector";
import { type Manifest, Mesh, namespaces, options } from "../../../docs/generate/sample/mesh";
import { checkAll } from "../../../policy/checkAll";
import { type Options } from "../../../policy/model/options";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const egress = "NetworkPolicy auth/allow-jaeger-egress";
const baseline = "NetworkPolicy auth/allow-mesh-egress";
const app = "Deployment auth/auth-api";
const without = (what: string, isWarning = false) =>
  `${isWarning ? "warning" : "error"}: ${baseline} blocks egress from ${app} to ${what}, which every pod in the mesh needs; `;
const ask = asker("mesh-baseline-egress");
/** What one namespace is told, without the lines. */
const heads = (mesh: Mesh, more = {}) =>
  ask(mesh, more)
    .filter((line) => line.includes("auth/"))
    .map((line) => line.split("; ")[0] + "; ");
const istiod = "Deployment istio-system/istiod";
const ports = (...numbers: number[]) =>
  numbers.flatMap((port) => ["UDP", "TCP"].map((protocol) => ({ protocol, port })));
const dnsService = "Service kube-system/kube-dns";
const found = (objects: unknown[], more: Options = {}) =>
  checkAll(objects, { ...options, ...more }).map(
    ({ rule, level, kind, namespace, name }) => `${level} ${rule}: ${kind} ${namespace}/${name}`,
  );

const notBatch = { matchExpressions: [{ key: "app", operator: "NotIn", values: ["batch"] }] };
/** An application beside the others that is not in the mesh, and sends spans. */
const withoutSidecar = (mesh: Mesh): Mesh =>
  mesh
    .copy(app, "batch")
    .set("Deployment auth/batch", "spec selector matchLabels app", "batch")
    .set("Deployment auth/batch", "spec template metadata labels", {
      app: "batch",
      "sidecar.istio.io/inject": "false",
    });

testRule("mesh-baseline-egress", {
  faults: [
    {
      ...exampleFault("mesh-baseline-egress"),
      object: egress,
      message:
        "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to DNS on UDP 53 and TCP 53 and istiod on TCP 15012 (configuration and certificates), which every pod in the mesh needs; add a rule for UDP 53 and TCP 53 and add a rule for TCP 15012",
      fix: `# add to spec.egress of NetworkPolicy auth/allow-jaeger-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
# add to spec.egress of NetworkPolicy auth/allow-jaeger-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: istio-system
      podSelector:
        matchLabels:
          app: istiod
  ports:
    - protocol: TCP
      port: 15012`,
    },
    {
      name: "the baseline forgets DNS",
      breaks: (mesh) => mesh.unset(baseline, "spec egress 0"),
      object: baseline,
      message:
        "NetworkPolicy auth/allow-mesh-egress blocks egress from Deployment auth/auth-api to DNS on UDP 53 and TCP 53, which every pod in the mesh needs; add a rule for UDP 53 and TCP " +
        "53",
      fix: `# add to spec.egress of NetworkPolicy auth/allow-mesh-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53`,
    },
    {
      name: "the baseline forgets istiod",
      breaks: (mesh) => mesh.unset(baseline, "spec egress 1"),
      object: baseline,
      message:
        "NetworkPolicy auth/allow-mesh-egress blocks egress from Deployment auth/auth-api to istiod on TCP 15012 (configuration and certificates), which every pod in the mesh needs; add a rule for TCP 15012",
      fix: `# add to spec.egress of NetworkPolicy auth/allow-mesh-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: istio-system
      podSelector:
        matchLabels:
          app: istiod
  ports:
    - protocol: TCP
      port: 15012`,
    },
    {
      name: "istiod is opened on the wrong port",
      breaks: (mesh) => mesh.set(baseline, "spec egress 1 ports 0 port", 15010),
      object: baseline,
      message:
        "NetworkPolicy auth/allow-mesh-egress blocks egress from Deployment auth/auth-api to istiod on TCP 15012 (configuration and certificates), which every pod in the mesh needs; add TCP 15012 to spec.egress[1]",
      fix: `# add to spec.egress[1].ports of NetworkPolicy auth/allow-mesh-egress
- protocol: TCP
  port: 15012`,
    },
    {
      name: "DNS over TCP is closed",
      breaks: (mesh) => mesh.unset(baseline, "spec egress 0 ports 1"),
      object: baseline,
      level: "warning",
      message:
        "NetworkPolicy auth/allow-mesh-egress blocks egress from Deployment auth/auth-api to DNS on TCP 53, which every pod in the mesh needs; add TCP 53 to spec.egress[0]",
      fix: `# add to spec.egress[0].ports of NetworkPolicy auth/allow-mesh-egress
- protocol: TCP
  port: 53`,
    },
    {
      name: "an application without a sidecar has the collector's ports and no DNS",
      breaks: (mesh) => withoutSidecar(mesh).set(baseline, "spec podSelector", notBatch),
      object: egress,
      message:
        "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/batch to DNS on UDP 53 and TCP 53, which they ask for the host that they send spans to; add a rule for UDP 53 and TCP 53",
      fix: `# add to spec.egress of NetworkPolicy auth/allow-jaeger-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53`,
    },
  ],
  harmless: [
    {
      name: "an application without a sidecar that has DNS and the collector's ports",
      varies: withoutSidecar,
    },
    {
      name: "an application without a sidecar nor DNS that sends to an address",
      varies: (mesh) =>
        withoutSidecar(mesh)
          .set(baseline, "spec podSelector", notBatch)
          .set("Deployment auth/batch", "spec template spec containers 0 env", [
            { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://10.96.0.77:4317" },
          ])
          .set(egress, "spec egress 1", { to: [{ ipBlock: { cidr: "10.96.0.77/32" } }] }),
    },
    {
      name: "DNS to anywhere on port 53",
      varies: (mesh) => mesh.unset(baseline, "spec egress 0 to"),
    },
    {
      name: "a pod that has no sidecar and may reach nothing",
      varies: (mesh) =>
        mesh
          .copy(app, "batch")
          .set("Deployment auth/batch", "spec template metadata labels", {
            app: "batch",
            "sidecar.istio.io/inject": "false",
          })
          .unset("Deployment auth/batch", "spec template spec containers 0 envFrom")
          .set(egress, "spec podSelector", {
            matchExpressions: [{ key: "app", operator: "NotIn", values: ["batch"] }],
          }),
    },
  ],
});

describe("istiod", () => {
  const cut = [without("istiod on TCP 15012 (configuration and certificates)")];
  const closed = () => new Mesh().unset(baseline, "spec egress 1");

  it("is asked for where it is in the mesh, and not where it is outside", () => {
    expect(heads(closed())).toEqual(cut);
    expect(
      heads(closed().mesh("defaultConfig discoveryAddress", "istiod-canary.istio-system.svc:15012")),
    ).toEqual(cut);
    expect(heads(closed().mesh("defaultConfig", undefined))).toEqual(cut);
    expect(heads(closed().mesh("defaultConfig discoveryAddress", "remote.example.com:15012"))).toEqual([]);
  });

  it("is where a cloud runs it: outside the cluster, or in a namespace of its own", () => {
    const of = (revision: string) => {
      const mesh = new Mesh().set("Namespace auth", "metadata labels", { "istio.io/rev": revision });
      return heads(mesh.set(baseline, "spec egress", [{ ports: ports(53) }]));
    };
    const blocked = [`${without("istiod on TCP 15012 (configuration and certificates)")}`];
    expect(of("asm-managed")).toEqual([]);
    expect(of("asm-managed-rapid")).toEqual([]);
    expect(of("asm-1204-3")).toEqual(blocked);
    expect(of("asm-1-24")).toEqual(blocked);
    const opened = (namespace: string, revision: string) =>
      heads(
        new Mesh()
          .set("Namespace auth", "metadata labels", { "istio.io/rev": revision })
          .set(baseline, "spec egress", [
            { ports: ports(53) },
            {
              to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }],
              ports: [{ port: 15012 }],
            },
          ]),
      );
    expect(opened("aks-istio-system", "asm-1-24")).toEqual([]);
    expect(opened("aks-istio-system", "asm-1204-3")).toEqual(blocked);
    expect(opened("istio-system", "asm-1-24")).toEqual(blocked);
    expect(opened("istio-system", "asm-1204-3")).toEqual([]);
  });

  it("is where the mesh config says, by its label, in the input or not", () => {
    expect(heads(new Mesh().remove(istiod))).toEqual([]);
    expect(heads(closed().remove(istiod))).toEqual(cut);
    const to = (labels: object) =>
      new Mesh().set(baseline, "spec egress 1 to 0 podSelector matchLabels", labels);
    expect(heads(to({ istio: "pilot" }))).toEqual([]);
    expect(heads(to({ istio: "pilot" }).remove(istiod))).toEqual([]);
    expect(heads(to({ "app.kubernetes.io/name": "istiod" }).remove(istiod))).toEqual([]);
    expect(heads(to({ other: "label" }))).toEqual(cut);
    const root = new Mesh().mesh("rootNamespace", "mesh");
    expect(heads(root)).toEqual([]);
    expect(heads(root.mesh("defaultConfig discoveryAddress", undefined))).toEqual([]);
    expect(heads(root.remove(istiod))).toEqual(cut);
    const elsewhere = new Mesh()
      .mesh("defaultConfig discoveryAddress", "istiod-canary.mesh.svc:15012")
      .remove(istiod);
    expect(heads(elsewhere)).toEqual(cut);
    elsewhere.set(baseline, "spec egress 1 to 0 namespaceSelector matchLabels", {
      "kubernetes.io/metadata.name": "mesh",
    });
    expect(heads(elsewhere)).toEqual([]);
    expect(ask(closed())[0]).toContain(
      "# add to spec.egress of NetworkPolicy auth/allow-mesh-egress\n- to:\n    - namespaceSelector:\n        matchLabels:\n" +
        "          kubernetes.io/metadata.name: istio-system\n      podSelector:\n        matchLabels:\n          app: istiod\n" +
        "  ports:\n    - protocol: TCP\n      port: 15012",
    );
  });
});

describe("DNS", () => {
  const cut = [without("DNS on UDP 53 and TCP 53")];
  const withoutDns = () =>
    new Mesh().removeWhere(
      ({ metadata }) => metadata.namespace === "kube-system" || metadata.name === "kube-system",
    );
  const to = (namespace: string, labels: object, port: number, mesh = withoutDns()) =>
    mesh.set(baseline, "spec egress 0", {
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
          podSelector: { matchLabels: labels },
        },
      ],
      ports: ports(port),
    });

  it("over TCP is what most names resolve without", () => {
    const only = (protocol: string) =>
      new Mesh().set(baseline, "spec egress 0 ports", [{ protocol, port: 53 }]);
    expect(heads(only("UDP"))).toEqual([without("DNS on TCP 53", true)]);
    expect(heads(only("TCP"))).toEqual([without("DNS on UDP 53")]);
  });

  it.each(["kube-dns", "coredns", "rke2-coredns-rke2-coredns", "dns-default"])(
    "is behind a Service %s, on the port of its pods",
    (name) => {
      const moved = (port: unknown) => {
        const mesh = new Mesh().set(dnsService, "metadata name", name);
        const ref = `Service kube-system/${name}`;
        return mesh.set(ref, "spec ports 0 targetPort", port).set(ref, "spec ports 1 targetPort", port);
      };
      expect(heads(moved(53))).toEqual([]);
      expect(heads(moved(1053))).toEqual([without("DNS on UDP 1053 and TCP 1053")]);
    },
  );

  it("is where it usually is, if no Service with pods behind it says more", () => {
    const port = (mesh: Mesh) =>
      mesh.set(dnsService, "spec ports 0 targetPort", 1053).set(dnsService, "spec ports 1 targetPort", 1053);
    expect(heads(port(new Mesh()).set(dnsService, "metadata name", "other"))).toEqual([]);
    expect(heads(port(new Mesh()).set(dnsService, "metadata namespace", "dns"))).toEqual([]);
    expect(heads(port(new Mesh()).remove("Deployment kube-system/coredns"))).toEqual([]);
    const otherPort = port(new Mesh())
      .set(dnsService, "spec ports 0 port", 5300)
      .set(dnsService, "spec ports 1 port", 5300);
    expect(heads(otherPort)).toEqual([]);
  });

  it("may be anywhere that clusters are known to have it", () => {
    expect(heads(to("kube-system", { "k8s-app": "kube-dns" }, 53))).toEqual([]);
    expect(heads(to("kube-system", { "app.kubernetes.io/name": "coredns" }, 53))).toEqual([]);
    expect(
      heads(to("openshift-dns", { "dns.operator.openshift.io/daemonset-dns": "default" }, 5353)),
    ).toEqual([]);
    expect(heads(to("kube-system", { "k8s-app": "other" }, 53))).toEqual(cut);
    expect(heads(to("openshift-dns", { "dns.operator.openshift.io/daemonset-dns": "default" }, 53))).toEqual(
      cut,
    );
    const nodeLocal = (cidr: string) =>
      withoutDns().set(baseline, "spec egress 0 to", [{ ipBlock: { cidr } }]);
    expect(heads(nodeLocal("169.254.20.10/32"))).toEqual([]);
    expect(heads(nodeLocal("169.254.20.11/32"))).toEqual(cut);
    const beside = new Mesh().set(baseline, "spec egress 0 to", [{ ipBlock: { cidr: "169.254.20.10/32" } }]);
    expect(heads(beside)).toEqual([]);
  });

  it("is only where the caller says, on any of its ports", () => {
    const dns = { namespace: "dns", labels: { app: "unbound" }, ports: [5300, 5301] };
    expect(heads(to("dns", { app: "unbound" }, 5300), { dns })).toEqual([]);
    expect(heads(to("dns", { app: "unbound" }, 5301), { dns })).toEqual([]);
    expect(heads(to("dns", { app: "unbound" }, 53), { dns })).toEqual([
      without("DNS on UDP 5300 and TCP 5300"),
    ]);
    expect(heads(to("kube-system", { "app.kubernetes.io/name": "coredns" }, 53), { dns })).toEqual([
      without("DNS on UDP 5300 and TCP 5300"),
    ]);
    expect(heads(to("dns", { "k8s-app": "kube-dns" }, 53), { dns: { namespace: "dns" } })).toEqual([]);
    expect(
      heads(to("dns", { "k8s-app": "kube-dns" }, 5353), { dns: { namespace: "dns", ports: [] } }),
    ).toEqual([without("DNS on UDP 53 and TCP 53")]);
  });

  it("is named as its Service's pods are", () => {
    expect(ask(new Mesh().unset(baseline, "spec egress 0"))).toEqual([
      `${without("DNS on UDP 53 and TCP 53")}add a rule for UDP 53 and TCP 53\n# add to spec.egress of ${baseline}\n` +
        "- to:\n    - namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: kube-system\n" +
        "      podSelector:\n        matchLabels:\n          k8s-app: kube-dns\n  ports:\n    - protocol: UDP\n      port: 53\n" +
        "    - protocol: TCP\n      port: 53",
    ]);
  });
});

describe("who is asked about", () => {
  const cilium: Manifest = {
    apiVersion: "cilium.io/v2",
    kind: "CiliumNetworkPolicy",
    metadata: { name: "deny", namespace: "auth" },
    spec: { endpointSelector: {}, egressDeny: [{}] },
  };

  it("is not a namespace with policies that are not in the input", () => {
    const mesh = () => new Mesh().unset(baseline, "spec egress 1");
    expect(heads(mesh(), { otherPolicies: ["auth"] })).toEqual([]);
    expect(heads(mesh(), { otherPolicies: ["chat"] })).toHaveLength(1);
  });

  it("is a gateway too, and of pods without a proxy only DNS", () => {
    const gateway = {
      ...new Mesh().get(baseline),
      metadata: { name: "closed", namespace: "istio-system" },
      spec: { podSelector: { matchLabels: { istio: "ingressgateway" } }, policyTypes: ["Egress"] },
    };
    expect(ask(new Mesh().add(gateway)).map((line) => line.split(", which")[0])).toEqual([
      "error: NetworkPolicy istio-system/closed blocks egress from Deployment istio-system/istio-ingressgateway to DNS on UDP 53 and TCP 53 and istiod on TCP 15012 (configuration and certificates)",
    ]);
    const ambient = new Mesh().set("Namespace auth", "metadata labels", {
      "istio.io/dataplane-mode": "ambient",
    });
    expect(heads(ambient.unset(baseline, "spec egress 1"))).toEqual([]);
    expect(heads(ambient.unset(baseline, "spec egress 0"))).toEqual([
      without("DNS on UDP 53 and TCP 53").replace("allow-mesh-egress", "allow-jaeger-egress"),
    ]);
  });

  describe("without a proxy", () => {
    const batch = "Deployment auth/batch";
    const sending = (endpoint: string, more: object[] = []) =>
      withoutSidecar(new Mesh())
        .set(baseline, "spec podSelector", notBatch)
        .set(batch, "spec template spec containers 0 env", [
          ...more,
          { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: endpoint },
        ]);
    const asked = (mesh: Mesh, more: Options = {}) =>
      ask(mesh, more).filter((text) => text.includes(`from ${batch} to DNS`)).length;

    it.each([
      ["http://jaeger-collector-clusterip.istio-system:4317", 1],
      ["https://OTLP.EXAMPLE.COM:4317", 1],
      ["http://10.96.0.77:4317", 0],
      ["http://[fd00::7]:4317", 0],
      ["http://localhost:4317", 0],
    ])("is who sends to a name: %s", (endpoint, expected) => {
      expect(asked(sending(endpoint))).toBe(expected);
    });

    it("is not who sends to the address of its node", () => {
      const node = { name: "NODE_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } };
      expect(asked(sending("http://$(NODE_IP):4317", [node]))).toBe(0);
    });

    it("is a pod of which one container sends", () => {
      const mesh = sending("http://jaeger-collector-clusterip.istio-system:4317");
      expect(asked(mesh.set(batch, "spec template spec containers 1", { name: "log", image: "log:1" }))).toBe(
        1,
      );
    });

    it("is nobody in a namespace with policies that are not in the input", () => {
      const mesh = sending("http://jaeger-collector-clusterip.istio-system:4317");
      expect(asked(mesh, { otherPolicies: ["auth"] })).toBe(0);
      expect(asked(mesh, { otherPolicies: ["chat"] })).toBe(1);
    });

    it("is a collector that passes spans on to a name, among others", () => {
      const collecting = (...endpoints: string[]) => {
        const exporters = Object.fromEntries(
          endpoints.map((endpoint, index) => [`otlp/${index}`, { endpoint }]),
        );
        const traces = { ...collectorConfig.service.pipelines.traces, exporters: Object.keys(exporters) };
        const mesh = withCollector(new Mesh(), {
          ...collectorConfig,
          exporters,
          service: { pipelines: { traces } },
        });
        const closed = { podSelector: {}, policyTypes: ["Egress"] };
        const policy = {
          ...new Mesh().get(baseline),
          metadata: { name: "deny", namespace: "observability" },
        };
        return ask(mesh.add({ ...policy, spec: closed })).map((text) => /from (.*?) to DNS/.exec(text)?.[1]);
      };
      const name = "http://jaeger-collector-clusterip.istio-system:4317";
      expect(collecting("http://10.96.0.77:4317", name)).toEqual(["Deployment observability/otel-collector"]);
      expect(collecting("http://10.96.0.77:4317")).toEqual([]);
    });
  });

  it("is not asked by a policy that cannot be read: another rule says what is wrong with it", () => {
    expect(heads(new Mesh().set(baseline, "spec egress 0 ports 0 port", "5 3"))).toEqual([]);
  });

  it("gets a policy of this project's name where DNS lets nobody in", () => {
    const deny = { ...new Mesh().get(baseline), metadata: { name: "deny", namespace: "kube-system" } };
    const closed = new Mesh().add({ ...deny, spec: { podSelector: {}, policyTypes: ["Ingress"] } });
    expect(ask(closed)[0]).toContain("\n  name: allow-mesh-ingress\n  namespace: kube-system\n");
  });

  it("is told once of policies of other kinds: here only where nothing is traced", () => {
    expect(ask(new Mesh().add(cilium))).toEqual([]);
    const untraced = new Mesh().remove("Telemetry istio-system/mesh-default").add(cilium);
    expect(ask(untraced)).toEqual([
      `warning: CiliumNetworkPolicy auth/deny is of a kind that is not modelled (cilium.io/v2), so it is unknown whether 3 of 24 paths are open, from ${app} to DNS and istiod (configuration and certificates)`,
    ]);
  });

  it("gets a policy of its own beside one that allows nothing", () => {
    const deny = new Mesh().remove(baseline).set("NetworkPolicy auth/allow-jaeger-egress", "spec", {
      podSelector: { matchLabels: { app: "auth-api" } },
      policyTypes: ["Egress"],
    });
    const [finding = ""] = ask(deny);
    expect(finding).toContain(
      "; add a rule for UDP 53 and TCP 53 and add a rule for TCP 15012\n" +
        "# add beside NetworkPolicy auth/allow-jaeger-egress\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n" +
        "  name: allow-mesh-egress\n  namespace: auth\nspec:\n  podSelector:\n    matchLabels:\n      app: auth-api\n" +
        "  policyTypes:\n    - Egress\n  egress:\n    - to:",
    );
  });
});

describe("DNS, as all rules together see it", () => {
  const toDns = "spec egress 0 to 0";
  const baseline = "NetworkPolicy auth/allow-mesh-egress";
  const withoutDns = () =>
    new Mesh().removeWhere(
      ({ metadata }) => metadata.namespace === "kube-system" || metadata.name === "kube-system",
    );

  it("is where most clusters have it, unless its pods are in the input", () => {
    expect(found(withoutDns().objects)).toEqual([]);
  });

  it.each([
    ["OpenShift's", "openshift-dns", { "dns.operator.openshift.io/daemonset-dns": "default" }, 5353],
    ["CoreDNS by its own label", "kube-system", { "app.kubernetes.io/name": "coredns" }, 53],
  ])("may be %s", (_, namespace, labels, port) => {
    const mesh = withoutDns()
      .set(baseline, `${toDns} namespaceSelector matchLabels`, { "kubernetes.io/metadata.name": namespace })
      .set(baseline, `${toDns} podSelector matchLabels`, labels)
      .set(baseline, "spec egress 0 ports", [
        { protocol: "UDP", port },
        { protocol: "TCP", port },
      ]);
    expect(found(mesh.objects)).toEqual([]);
  });

  it("may be the cache of the node", () => {
    const mesh = new Mesh().set(baseline, "spec egress 0 to", [{ ipBlock: { cidr: "169.254.20.10/32" } }]);
    expect(found(mesh.objects)).toEqual([]);
  });

  it("is where the caller says, and only there", () => {
    const dns = { namespace: "dns", labels: { app: "unbound" }, ports: [5300] };
    expect(found(withoutDns().objects, { dns })).toEqual(
      namespaces.map(
        (namespace) => `error mesh-baseline-egress: NetworkPolicy ${namespace}/allow-mesh-egress`,
      ),
    );
  });

  it("is judged by the port its pods listen on", () => {
    const service = "Service kube-system/kube-dns";
    const mesh = new Mesh()
      .set(service, "spec ports 0 targetPort", 1053)
      .set(service, "spec ports 1 targetPort", 1053);
    const findings = checkAll(mesh.objects, options);
    expect(findings).toHaveLength(namespaces.length);
    expect(findings[0]?.message).toContain("DNS on UDP 1053 and TCP 1053");
  });
});
