import { describe, expect, it } from "vitest";
import { instrumented } from "../../../docs/generate/sample/instrumented";
import { type Manifest, Mesh, namespaces, options } from "../../../docs/generate/sample/mesh";
import { checkAll } from "../../../policy/checkAll";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const egress = "NetworkPolicy auth/allow-jaeger-egress";
const baseline = "NetworkPolicy auth/allow-mesh-egress";
const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const collector = "Service istio-system/jaeger-collector-clusterip";
const policy = (namespace: string, name: string, spec: Record<string, unknown>): Manifest => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace },
  spec,
});
const namesTheCollector = `# add to spec.egress[0].to of NetworkPolicy auth/allow-jaeger-egress
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: istio-system
  podSelector:
    matchLabels:
      app.kubernetes.io/name: jaeger
      app.kubernetes.io/instance: jaeger
      app.kubernetes.io/component: all-in-one`;

const environment = "ConfigMap auth/otel-environment";
const otlpEndpoint = "data OTEL_EXPORTER_OTLP_ENDPOINT";
/** An application that sends its spans to somebody outside, with a rule for addresses in its policy. */
function beyond(mesh: Mesh, cidr?: string, ...except: string[]): Mesh {
  mesh.set(environment, otlpEndpoint, "http://otlp.example.com:4317");
  const rules = (mesh.get("NetworkPolicy auth/allow-jaeger-egress")["spec"] as { egress: object[] }).egress;
  if (cidr !== undefined)
    rules.push({
      to: [{ ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) } }],
      ports: [{ protocol: "TCP", port: 4317 }],
    });
  return mesh;
}

testRule("trace-path-open", {
  faults: [
    {
      ...exampleFault("trace-path-open"),
      object: egress,
      message:
        "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; add TCP 9411 to spec.egress[0]",
      fix: `# add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress
- protocol: TCP
  port: 9411`,
    },
    {
      name: "egress does not list the OTLP port",
      breaks: (mesh) => mesh.unset(egress, "spec egress 0 ports 0"),
      object: egress,
      message:
        "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 4317 (spans of applications, OTLP), so these spans are lost; add TCP 4317 to spec.egress[0]",
      fix: `# add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress
- protocol: TCP
  port: 4317`,
    },
    {
      name: "egress names the wrong namespace",
      breaks: (mesh) =>
        mesh.set(
          egress,
          "spec egress 0 to 0 namespaceSelector matchLabels kubernetes.io/metadata.name",
          "observability",
        ),
      object: egress,
      message:
        "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin) and TCP " +
        "4317 (spans of applications, OTLP), so these spans are lost; allow the destination in spec.egress[0]",
      fix: namesTheCollector,
    },
    {
      name: "egress names the wrong pods",
      breaks: (mesh) => mesh.set(egress, "spec egress 0 to 0 podSelector matchLabels", { app: "jaeger" }),
      object: egress,
      message:
        "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin) and TCP " +
        "4317 (spans of applications, OTLP), so these spans are lost; allow the destination in spec.egress[0]",
      fix: namesTheCollector,
    },
    {
      name: "egress opens the ports for UDP",
      breaks: (mesh) => mesh.set(egress, "spec egress 0 ports 2 protocol", "UDP"),
      object: egress,
      message:
        "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; add TCP 9411 to spec.egress[0]",
      fix: `# add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress
- protocol: TCP
  port: 9411`,
    },
    {
      name: "the policy for the collector is gone",
      breaks: (mesh) => mesh.remove(egress),
      object: baseline,
      message:
        "NetworkPolicy auth/allow-mesh-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin) and TCP " +
        "4317 (spans of applications, OTLP), so these spans are lost; add a rule for TCP 9411 and TCP 4317",
      fix: `# add to spec.egress of NetworkPolicy auth/allow-mesh-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: istio-system
      podSelector:
        matchLabels:
          app.kubernetes.io/name: jaeger
          app.kubernetes.io/instance: jaeger
          app.kubernetes.io/component: all-in-one
  ports:
    - protocol: TCP
      port: 9411
    - protocol: TCP
      port: 4317`,
    },
    {
      name: "ingress of the collector does not list the Zipkin port",
      breaks: (mesh) => mesh.unset(ingress, "spec ingress 0"),
      object: ingress,
      message:
        "NetworkPolicy istio-system/allow-tracing-ingress blocks ingress to Service " +
        "istio-system/jaeger-collector-clusterip from 8 workloads of namespaces auth, character, chat, image, istio-system, location, my and scan on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; add TCP 9411 to spec.ingress[0] and add TCP 9411 to spec.ingress[1]",
      fix: `# add to spec.ingress[0].ports of NetworkPolicy istio-system/allow-tracing-ingress
- protocol: TCP
  port: 9411
# add to spec.ingress[1].ports of NetworkPolicy istio-system/allow-tracing-ingress
- protocol: TCP
  port: 9411`,
    },
    {
      name: "ingress of the collector forgets a namespace",
      breaks: (mesh) => {
        const all = ["istio-system", ...namespaces];
        const values = "namespaceSelector matchExpressions 0 values";
        mesh.set(
          ingress,
          `spec ingress 0 from 0 ${values}`,
          all.filter((name) => name !== "my"),
        );
        mesh.set(
          ingress,
          `spec ingress 1 from 0 ${values}`,
          namespaces.filter((name) => name !== "my"),
        );
      },
      object: ingress,
      message:
        "NetworkPolicy istio-system/allow-tracing-ingress blocks ingress to Service " +
        "istio-system/jaeger-collector-clusterip from Deployment my/my-api on TCP 9411 " +
        "(spans of proxies, Zipkin) and TCP 4317 (spans of applications, OTLP), so these spans are lost; " +
        "allow the sender in spec.ingress[0] and allow the sender in spec.ingress[1]",
      fix: `# add to spec.ingress[0].from of NetworkPolicy istio-system/allow-tracing-ingress
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: my
# add to spec.ingress[1].from of NetworkPolicy istio-system/allow-tracing-ingress
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: my`,
    },
    {
      name: "ingress of the collector forgets the gateway's namespace",
      breaks: (mesh) =>
        mesh.set(ingress, "spec ingress 0 from 0 namespaceSelector matchExpressions 0 values", namespaces),
      object: ingress,
      message:
        "NetworkPolicy istio-system/allow-tracing-ingress blocks ingress to Service " +
        "istio-system/jaeger-collector-clusterip from Deployment istio-system/istio-ingressgateway on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; add TCP 9411 to spec.ingress[2]",
      fix: `# add to spec.ingress[2].ports of NetworkPolicy istio-system/allow-tracing-ingress
- protocol: TCP
  port: 9411`,
    },
    {
      name: "the gateway's own egress is closed",
      breaks: (mesh) =>
        mesh.add({
          ...mesh.get(baseline),
          metadata: { name: "gateway-egress", namespace: "istio-system" },
          spec: {
            podSelector: { matchLabels: { istio: "ingressgateway" } },
            policyTypes: ["Egress"],
            egress: [
              { ports: [{ port: 53, protocol: "UDP" }, { port: 53, protocol: "TCP" }, { port: 15012 }] },
            ],
          },
        }),
      object: "NetworkPolicy istio-system/gateway-egress",
      message:
        "NetworkPolicy istio-system/gateway-egress blocks egress from Deployment " +
        "istio-system/istio-ingressgateway to Service " +
        "istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; add a rule for TCP 9411",
      fix: `# add to spec.egress of NetworkPolicy istio-system/gateway-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: istio-system
      podSelector:
        matchLabels:
          app.kubernetes.io/name: jaeger
          app.kubernetes.io/instance: jaeger
          app.kubernetes.io/component: all-in-one
  ports:
    - protocol: TCP
      port: 9411`,
    },
    {
      name: "a policy of another kind may close the path",
      breaks: (mesh) =>
        mesh.add({
          apiVersion: "cilium.io/v2",
          kind: "CiliumNetworkPolicy",
          metadata: { name: "deny", namespace: "auth" },
          spec: { endpointSelector: {}, egressDeny: [{}] },
        }),
      object: "CiliumNetworkPolicy auth/deny",
      level: "warning",
      message:
        "CiliumNetworkPolicy auth/deny is of a kind that is not modelled (cilium.io/v2), so it is unknown whether 2 of 15 paths are open, from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip (spans of " +
        "applications, OTLP) and Service istio-system/jaeger-collector-clusterip (spans of proxies, Zipkin)",
      fix: "",
    },
    {
      name: "an egress policy forgets the port of injected SDKs",
      breaks: (mesh) =>
        instrumented(mesh).unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 1"),
      object: "NetworkPolicy auth/allow-jaeger-egress",
      message:
        "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 4318 (spans of applications, OTLP), so these spans are lost; add TCP 4318 to spec.egress[0]",
      fix: `# add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress
- protocol: TCP
  port: 4318`,
    },
    {
      name: "an endpoint outside the cluster, and egress to pods alone",
      breaks: (mesh) => beyond(mesh),
      object: "NetworkPolicy auth/allow-jaeger-egress",
      message:
        "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to otlp.example.com on TCP 4317 " +
        "(spans of applications, OTLP), so these spans are lost; add a rule for TCP 4317",
      fix: `# add to spec.egress of NetworkPolicy auth/allow-jaeger-egress
- to:
    - ipBlock:
        cidr: <address of otlp.example.com>/32
  ports:
    - protocol: TCP
      port: 4317`,
    },
    {
      name: "an endpoint outside the cluster, and egress to addresses that may be its",
      breaks: (mesh) => beyond(mesh, "203.0.113.0/24"),
      object: "NetworkPolicy auth/allow-jaeger-egress",
      level: "warning",
      message:
        "NetworkPolicy auth/allow-jaeger-egress does not show whether Deployment auth/auth-api can reach otlp.example.com " +
        "(spans of applications, OTLP): which addresses otlp.example.com has, and whether an ipBlock contains them, is not known",
      fix: "",
    },
    {
      name: "an endpoint outside the cluster, and egress to addresses of which the first are excepted",
      breaks: (mesh) => beyond(mesh, "203.0.113.0/24", "203.0.113.0/25"),
      object: "NetworkPolicy auth/allow-jaeger-egress",
      level: "warning",
      message:
        "NetworkPolicy auth/allow-jaeger-egress does not show whether Deployment auth/auth-api can reach otlp.example.com " +
        "(spans of applications, OTLP): which addresses otlp.example.com has, and whether an ipBlock contains them, is not known",
      fix: "",
    },
    {
      name: "an endpoint that is a private address, which may be a Service's",
      breaks: (mesh) => beyond(mesh).set(environment, otlpEndpoint, "http://10.96.0.77:4317"),
      object: "NetworkPolicy auth/allow-jaeger-egress",
      level: "warning",
      message:
        "NetworkPolicy auth/allow-jaeger-egress does not show whether Deployment auth/auth-api can reach 10.96.0.77 " +
        "(spans of applications, OTLP): whether 10.96.0.77 is the clusterIP of a Service, whose pods policies judge, is not known",
      fix: "",
    },
    {
      name: "an endpoint that is a public address, and egress to pods alone",
      breaks: (mesh) => beyond(mesh).set(environment, otlpEndpoint, "http://203.0.113.7:4317"),
      object: "NetworkPolicy auth/allow-jaeger-egress",
      message:
        "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to 203.0.113.7 on TCP 4317 " +
        "(spans of applications, OTLP), so these spans are lost; add a rule for TCP 4317",
      fix: `# add to spec.egress of NetworkPolicy auth/allow-jaeger-egress
- to:
    - ipBlock:
        cidr: 203.0.113.7/32
  ports:
    - protocol: TCP
      port: 4317`,
    },
  ],
  harmless: [
    {
      name: "an endpoint outside the cluster, and egress to all addresses",
      varies: (mesh) => beyond(mesh, "0.0.0.0/0"),
    },
    {
      name: "an endpoint outside the cluster, and egress to all addresses but private ones",
      varies: (mesh) => beyond(mesh, "0.0.0.0/0", "0.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16"),
    },
    {
      name: "an endpoint outside the cluster that is an address, and egress to it",
      varies: (mesh) =>
        beyond(mesh, "203.0.113.7/32").set(
          environment,
          "data OTEL_EXPORTER_OTLP_ENDPOINT",
          "http://203.0.113.7:4317",
        ),
    },
    {
      name: "an endpoint outside the cluster, without a policy",
      varies: (mesh) =>
        beyond(mesh).removeWhere(
          ({ kind, metadata }) => kind === "NetworkPolicy" && metadata.namespace === "auth",
        ),
    },
    {
      name: "an endpoint outside the cluster, which the application reaches by a proxy of the platform's",
      varies: (mesh) =>
        beyond(mesh)
          .set("Deployment auth/auth-api", "spec template spec containers 0 env", [
            { name: "HTTPS_PROXY", value: "http://squid.proxy:3128" },
          ])
          .set("Deployment auth/auth-api", "spec template spec containers 1", { name: "logs" }),
    },
    {
      name: "an endpoint outside the cluster, to which an egress gateway leads",
      varies: (mesh) =>
        beyond(mesh).add(
          istioObject("VirtualService", "vendor", {
            hosts: ["otlp.example.com"],
            http: [{ route: [{ destination: { host: "egress.istio-system.svc.cluster.local" } }] }],
          }),
        ),
    },
    {
      name: "an endpoint outside the cluster that is a machine of the mesh's",
      varies: (mesh) =>
        beyond(mesh).add(
          istioObject("ServiceEntry", "vendor", {
            hosts: ["otlp.example.com"],
            ports: [{ number: 4317, name: "grpc", protocol: "GRPC" }],
            resolution: "STATIC",
            location: "MESH_INTERNAL",
            endpoints: [{ address: "10.1.2.3" }],
          }),
        ),
    },
    {
      name: "an endpoint outside the cluster that is pods of the mesh's",
      varies: (mesh) =>
        beyond(mesh).add(
          istioObject("ServiceEntry", "vendor", {
            hosts: ["otlp.example.com"],
            ports: [{ number: 4317, name: "grpc", protocol: "GRPC" }],
            resolution: "STATIC",
            location: "MESH_INTERNAL",
            workloadSelector: { labels: { app: "vendor" } },
          }),
        ),
    },
    {
      name: "no policies at all",
      varies: (mesh) => mesh.removeWhere(({ kind }) => kind === "NetworkPolicy"),
    },
    {
      name: "policies of other names",
      varies: (mesh) => mesh.set(egress, "metadata name", "to-the-collector"),
    },
    {
      name: "a range of ports",
      varies: (mesh) =>
        mesh.set(egress, "spec egress 0 ports", [
          { port: 4317, endPort: 4318 },
          { port: 9000, endPort: 9999 },
        ]),
    },
    {
      name: "named ports of the pod",
      varies: (mesh) => {
        mesh.set(jaeger, `${container} ports`, [
          { name: "zipkin", containerPort: 9411 },
          { name: "otlp-grpc", containerPort: 4317 },
          { name: "otlp-http", containerPort: 4318 },
          { name: "query", containerPort: 16686 },
        ]);
        mesh.set(collector, "spec ports 0 targetPort", "zipkin");
        mesh.set(
          egress,
          "spec egress 0 ports",
          ["zipkin", "otlp-grpc", "otlp-http"].map((port) => ({ port })),
        );
      },
    },
    {
      name: "one policy split into two",
      varies: (mesh) =>
        mesh
          .copy(egress, "allow-zipkin-egress")
          .unset(egress, "spec egress 0 ports 2")
          .set("NetworkPolicy auth/allow-zipkin-egress", "spec egress 0 ports", [{ port: 9411 }]),
    },
    {
      name: "all policies of a namespace in one",
      varies: (mesh) => {
        const rules = (mesh.get(baseline)["spec"] as { egress: unknown[] }).egress;
        mesh.set(egress, "spec egress 1", rules[0]).set(egress, "spec egress 2", rules[1]).remove(baseline);
      },
    },
    { name: "all ports to the collector", varies: (mesh) => mesh.unset(egress, "spec egress 0 ports") },
    {
      name: "all pods of the collector's namespace",
      varies: (mesh) => mesh.unset(egress, "spec egress 0 to 0 podSelector"),
    },
    {
      name: "policies that select pods by their labels",
      varies: (mesh) => {
        for (const ref of [egress, baseline])
          mesh.set(ref, "spec podSelector", { matchLabels: { app: "auth-api" } });
      },
    },
    {
      name: "a policy of an untraced namespace that closes everything",
      varies: (mesh) =>
        mesh.add(policy("monitoring", "deny-all", { podSelector: {}, policyTypes: ["Ingress", "Egress"] })),
    },
    {
      name: "a policy for other pods of a traced namespace",
      varies: (mesh) =>
        mesh.add(
          policy("auth", "deny-migrations", {
            podSelector: { matchLabels: { job: "migrate" } },
            policyTypes: ["Egress"],
          }),
        ),
    },
    {
      name: "default deny beside what is allowed",
      varies: (mesh) =>
        mesh.add(policy("auth", "default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] })),
    },
    {
      name: "the collector is open to everybody",
      varies: (mesh) => mesh.remove(ingress),
    },
    {
      name: "a namespace that asks for a revision",
      varies: (mesh) => mesh.set("Namespace auth", "metadata labels", { "istio.io/rev": "1-31-0" }),
    },
    {
      name: "a namespace that is not in the mesh with everything wrong",
      varies: (mesh) => {
        for (const object of new Mesh().objects.filter(({ metadata }) => metadata.namespace === "auth")) {
          object.metadata.namespace = "legacy";
          mesh.add(object);
        }
        mesh.set("ConfigMap legacy/otel-environment", "data OTEL_PROPAGATORS", "jaeger");
        mesh.unset("NetworkPolicy legacy/allow-jaeger-egress", "spec egress 0 ports 2");
        mesh.add({ apiVersion: "v1", kind: "Namespace", metadata: { name: "legacy" } });
        // It sends no spans.
        mesh.unset("Deployment legacy/auth-api", "spec template spec containers 0 envFrom");
      },
    },
  ],
});

describe("an endpoint outside the cluster", () => {
  const ask = asker("trace-path-open");
  const levels = (mesh: Mesh) => ask(mesh).map((finding) => finding.slice(0, finding.indexOf(":")));
  const sendsTo = (mesh: Mesh, host: string) => mesh.set(environment, otlpEndpoint, `http://${host}:4317`);

  it.each([..."10.96.0.77 172.16.0.1 172.20.0.1 172.31.255.1 192.168.1.1 100.64.0.1 100.127.0.1".split(" ")])(
    "%s may be a Service's",
    (host) => {
      expect(levels(sendsTo(beyond(new Mesh()), host))).toEqual(["warning"]);
    },
  );

  it.each(
    "203.0.113.7 9.10.0.1 11.0.0.1 172.15.0.1 172.32.0.1 192.169.0.1 100.63.0.1 100.128.0.1".split(" "),
  )("%s is nobody's in the cluster", (host) => {
    expect(levels(sendsTo(beyond(new Mesh()), host))).toEqual(["error"]);
  });

  it("is open where its block is, whatever else has such an address", () => {
    expect(levels(sendsTo(beyond(new Mesh(), "10.0.0.0/8"), "10.96.0.77"))).toEqual([]);
    const otherPort = beyond(new Mesh(), "203.0.113.0/24").set(egress, "spec egress 1 ports 0 port", 443);
    expect(levels(otherPort)).toEqual(["error"]);
  });

  it("is judged by the blocks of the sender's namespace alone", () => {
    const elsewhere = policy("chat", "to-vendor", {
      podSelector: { matchLabels: { app: "none" } },
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr: "203.0.113.0/24" } }] }],
    });
    expect(levels(beyond(new Mesh()).add(elsewhere))).toEqual(["error"]);
  });

  it.each(["$(TENANT).example.com", "otlp.example.$(TENANT)", "[2001:db8::7]"])(
    "is none that is written %s",
    (host) => {
      expect(levels(sendsTo(beyond(new Mesh()), host)).filter((level) => level === "error")).toEqual([]);
    },
  );

  it("is closed to proxies, too, whose port is known", () => {
    const provider = (port: number | undefined) =>
      levels(new Mesh().zipkin("service", "zipkin.example.com").zipkin("port", port)).length;
    expect(provider(9411)).toBe(namespaces.length);
    expect(provider(undefined)).toBe(0);
    expect(ask(new Mesh().zipkin("service", "zipkin.example.com"))[0]).toContain(
      "to zipkin.example.com on TCP 9411 (spans of proxies, zipkin), so these",
    );
  });

  it("is outside, though Istio knows its name", () => {
    const entry = { hosts: ["otlp.example.com"], resolution: "DNS", location: "MESH_EXTERNAL" };
    const known = istioObject("ServiceEntry", "vendor", {
      ...entry,
      ports: [{ number: 4317, protocol: "GRPC" }],
    });
    const route = { hosts: ["other.example.com"], http: [{ route: [{ destination: { host: "egress" } }] }] };
    const machine = { ...entry, hosts: ["other.example.com"], endpoints: [{ address: "10.1.2.3" }] };
    expect(levels(beyond(new Mesh()).add(known))).toEqual(["error"]);
    expect(levels(beyond(new Mesh()).add(istioObject("VirtualService", "other", route)))).toEqual(["error"]);
    expect(levels(beyond(new Mesh()).add(istioObject("ServiceEntry", "other", machine)))).toEqual(["error"]);
  });

  it("is none that the application reaches by a proxy of its own settings", () => {
    const withVariable = (name: string) =>
      levels(
        beyond(new Mesh()).set("Deployment auth/auth-api", "spec template spec containers 0 env", [
          { name: "LOG_LEVEL", value: "info" },
          { name, value: "http://squid.proxy:3128" },
        ]),
      );
    for (const name of ["http_proxy", "HTTPS_PROXY", "ALL_PROXY", "grpc_proxy"])
      expect(withVariable(name)).toEqual([]);
    for (const name of ["NO_PROXY", "HTTP_PROXY_USER", "MY_HTTP_PROXY"])
      expect(withVariable(name)).toEqual(["error"]);
  });
});

describe("the outage", () => {
  it("is not in a healthy mesh", () => {
    expect(checkAll(new Mesh().objects, options)).toEqual([]);
  });

  it("is one finding on the policy of the sidecars' namespace, with the lines to add", () => {
    const mesh = new Mesh();
    mesh.unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 2");
    expect(checkAll(mesh.objects, options)).toEqual([
      {
        rule: "trace-path-open",
        level: "error",
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        namespace: "auth",
        name: "allow-jaeger-egress",
        message:
          "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; add TCP 9411 to spec.egress[0]",
        fix:
          "# add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress\n" +
          "- protocol: TCP\n  port: 9411",
      },
    ]);
  });

  it("is one finding for each namespace that has it, however many workloads are in it", () => {
    const mesh = new Mesh();
    for (const namespace of namespaces) {
      mesh.unset(`NetworkPolicy ${namespace}/allow-jaeger-egress`, "spec egress 0 ports 2");
      mesh.copy(`Deployment ${namespace}/${namespace}-api`, `${namespace}-worker`);
    }
    const findings = checkAll(mesh.objects, options);
    expect(findings.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(
      namespaces.map((namespace) => `${namespace}/allow-jaeger-egress`),
    );
    expect(findings[0]?.message).toContain(
      "from Deployment auth/auth-api and Deployment auth/auth-worker to",
    );
  });

  it("has a twin at the collector: one finding, whoever sends", () => {
    const mesh = new Mesh();
    mesh.unset("NetworkPolicy istio-system/allow-tracing-ingress", "spec ingress 0");
    expect(checkAll(mesh.objects, options)).toEqual([
      {
        rule: "trace-path-open",
        level: "error",
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        namespace: "istio-system",
        name: "allow-tracing-ingress",
        message:
          "NetworkPolicy istio-system/allow-tracing-ingress blocks ingress to Service " +
          "istio-system/jaeger-collector-clusterip from 8 workloads of namespaces auth, character, chat, image, istio-system, location, my and scan on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; add TCP 9411 to spec.ingress[0] and add TCP 9411 to spec.ingress[1]",
        fix:
          "# add to spec.ingress[0].ports of NetworkPolicy istio-system/allow-tracing-ingress\n" +
          "- protocol: TCP\n  port: 9411\n" +
          "# add to spec.ingress[1].ports of NetworkPolicy istio-system/allow-tracing-ingress\n" +
          "- protocol: TCP\n  port: 9411",
      },
    ]);
  });
});
