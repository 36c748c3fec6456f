/** What is not known is said, once, and never passed over; what can be known is not doubted. */
import { describe, expect, it } from "vitest";
import { collectorConfig } from "../../../docs/generate/sample/collector";
import { type Manifest, Mesh, namespaces, options } from "../../../docs/generate/sample/mesh";
import { checkAll } from "../../../policy/checkAll";
import { type Options } from "../../../policy/model/options";
import { TracingModel } from "../../../policy/model/tracingModel";
import { judgementOf } from "../../../policy/paths/judgement";

const egress = "NetworkPolicy auth/allow-jaeger-egress";
const found = (objects: unknown[], more: Options = {}) =>
  checkAll(objects, { ...options, ...more }).map(
    ({ rule, level, kind, namespace, name }) => `${level} ${rule}: ${kind} ${namespace}/${name}`,
  );
const policy = (namespace: string, name: string, spec: Record<string, unknown>): Manifest => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace },
  spec,
});

describe("a namespace of which only policies are in the input", () => {
  const inputs = (...policies: Manifest[]) => {
    const mesh = new Mesh().removeWhere(
      ({ metadata }) => metadata.namespace === "auth" || metadata.name === "auth",
    );
    return mesh.add(...policies).objects;
  };
  const copyOf = (ref: string) => structuredClone(new Mesh().get(ref));

  it("is judged by them, if it is named as traced", () => {
    const policies = [copyOf(egress), copyOf("NetworkPolicy auth/allow-mesh-egress")];
    expect(found(inputs(...policies), { traced: ["auth"] })).toEqual([]);
    (policies[0]?.["spec"] as { egress: { ports: unknown[] }[] }).egress[0]?.ports.pop();
    expect(found(inputs(...policies), { traced: ["auth"] })).toEqual([
      "error trace-path-open: NetworkPolicy auth/allow-jaeger-egress",
    ]);
    expect(found(inputs(...policies))).toEqual([]);
  });

  it("may have policies that are not in the input", () => {
    const deny = policy("auth", "default-deny", { podSelector: {}, policyTypes: ["Egress"] });
    expect(found(inputs(deny), { traced: ["auth"] })).toEqual([
      "warning mesh-baseline-egress: NetworkPolicy auth/default-deny",
      "warning trace-path-open: NetworkPolicy auth/default-deny",
    ]);
    expect(found(inputs(copyOf(egress)), { traced: ["auth"], otherPolicies: ["auth"] })).toEqual([]);
  });

  it("has pods whose labels nobody knows", () => {
    const some = copyOf(egress);
    some["spec"] = { ...(some["spec"] as object), podSelector: { matchLabels: { app: "auth-api" } } };
    const deny = policy("auth", "default-deny", { podSelector: {}, policyTypes: ["Egress"] });
    const findings = checkAll(inputs(some, deny), { ...options, traced: ["auth"], otherPolicies: ["auth"] });
    expect(findings.map(({ rule, level }) => [rule, level])).toEqual([["trace-path-open", "warning"]]);
    expect(findings[0]?.message).toContain("does not show whether the pods of namespace auth can reach");
    expect(findings[0]?.message).toContain("has the label app is not known");
  });
});

describe("a policy that allows nothing", () => {
  it("is left so, and gets one beside it", () => {
    const mesh = new Mesh().remove(egress).remove("NetworkPolicy auth/allow-mesh-egress");
    mesh.add(policy("auth", "default-deny", { podSelector: {}, policyTypes: ["Egress"] }));
    const findings = checkAll(mesh.objects, options);
    expect(findings.map(({ rule, name }) => [rule, name])).toEqual([
      ["mesh-baseline-egress", "default-deny"],
      ["trace-path-open", "default-deny"],
    ]);
    expect(findings[1]?.fix).toBe(`# add beside NetworkPolicy auth/default-deny
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-jaeger-egress
  namespace: auth
spec:
  podSelector: {}
  policyTypes:
    - Egress
  egress:
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
          port: 4317`);
  });
});

describe("a rule for something else", () => {
  it("is not extended: DNS to anywhere gets no port of the collector", () => {
    const mesh = new Mesh().remove(egress);
    mesh.set("NetworkPolicy auth/allow-mesh-egress", "spec egress 0 to", [{ namespaceSelector: {} }]);
    const [finding] = checkAll(mesh.objects, options);
    expect(finding?.message).toMatch(/add a rule for TCP 9411 and TCP 4317$/);
  });

  it("with a wide range of ports gets no new peer", () => {
    const mesh = new Mesh().remove(egress);
    mesh.set("NetworkPolicy auth/allow-mesh-egress", "spec egress 2", {
      to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "databases" } } }],
      ports: [{ port: 1024, endPort: 65535 }],
    });
    expect(checkAll(mesh.objects, options)[0]?.message).toMatch(/add a rule for TCP 9411 and TCP 4317$/);
  });
});

describe("labels of namespaces that are not in the input", () => {
  it("are a doubt about the namespace, said once for all pods", () => {
    const mesh = new Mesh().removeWhere(
      ({ kind, metadata }) => kind === "Namespace" && metadata.name === "istio-system",
    );
    for (const namespace of namespaces) {
      mesh.set(
        `NetworkPolicy ${namespace}/allow-jaeger-egress`,
        "spec egress 0 to 0 namespaceSelector matchLabels",
        {
          team: "mesh",
        },
      );
    }
    const findings = checkAll(mesh.objects, options);
    expect(findings.map(({ rule, level }) => [rule, level])).toContainEqual(["trace-path-open", "warning"]);
    expect(findings.filter(({ rule }) => rule === "trace-path-open").length).toBeLessThanOrEqual(
      namespaces.length,
    );
    expect(findings[0]?.message).toContain("label team is not known");
  });
});

describe("pods in ambient mode", () => {
  it("have no proxy whose spans or istiod could be cut off", () => {
    const mesh = new Mesh().set("Namespace auth", "metadata labels", {
      "istio.io/dataplane-mode": "ambient",
    });
    mesh
      .unset(egress, "spec egress 0 ports 2")
      .unset("NetworkPolicy auth/allow-mesh-egress", "spec egress 1");
    expect(found(mesh.objects)).toEqual([]);
    mesh.unset(egress, "spec egress 0 ports 0");
    expect(found(mesh.objects)).toEqual(["error trace-path-open: NetworkPolicy auth/allow-jaeger-egress"]);
  });
});

describe("a mesh collector whose Service is not in the input", () => {
  const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";
  const collector = "Service istio-system/jaeger-collector-clusterip";
  const absent = () => new Mesh().remove(collector);
  const errors = (mesh: Mesh) => found(mesh.objects).filter((line) => line.startsWith("error"));

  it("is taken to lead to the only collector of its namespace, whose ingress is judged", () => {
    expect(errors(absent())).toEqual([]);
    const closed = absent().unset(ingress, "spec ingress 0");
    expect(errors(closed)).toEqual([`error trace-path-open: ${ingress}`]);
    expect(judgementOf(TracingModel.from(closed.objects, options)).assumptions).toContain(
      `${collector}, which is not in the input, leads to Deployment istio-system/jaeger`,
    );
    // Its pods are known, and all of their labels.
    const other = { podSelector: { matchLabels: { team: "other" } }, policyTypes: ["Ingress"] };
    const unrelated = absent()
      .remove(ingress)
      .add(policy("istio-system", "other", other));
    expect(judgementOf(TracingModel.from(unrelated.objects, options)).unknown).toBe(0);
    // Of two nobody knows which is meant.
    const two = closed.copy("Deployment istio-system/jaeger", "jaeger-next");
    expect(errors(two)).toEqual([]);
  });

  it("is the operator's where it has the name of one", () => {
    const service = "istio-system/tier-collector.istio-system.svc.cluster.local";
    const mesh = new Mesh()
      .mesh("extensionProviders", [{ name: "jaeger", zipkin: { service, port: 9411 } }])
      .add({
        apiVersion: "opentelemetry.io/v1beta1",
        kind: "OpenTelemetryCollector",
        metadata: { name: "tier", namespace: "istio-system" },
        spec: { config: collectorConfig },
      });
    expect(judgementOf(TracingModel.from(mesh.objects, options)).assumptions).toEqual([
      "Service istio-system/tier-collector, which is not in the input, leads to OpenTelemetryCollector istio-system/tier",
    ]);
  });
});

describe("applications of which nobody says whether they are in the mesh", () => {
  const withoutNamespace = () => new Mesh().remove("Namespace auth");
  const told = (mesh: Mesh) =>
    checkAll(mesh.objects, options).map(({ rule, level, message }) => `${level} ${rule}: ${message}`);

  it("are judged as traced, as a warning where only that decides", () => {
    expect(told(withoutNamespace())).toEqual([]);
    const [closed, second] = told(withoutNamespace().unset(egress, "spec egress 0 ports 2"));
    expect(second).toBeUndefined();
    expect(closed).toMatch(
      /^warning trace-path-open: .* on TCP 9411 \(spans of proxies, Zipkin\), .*, if these pods have proxies, which depends on their namespaces' labels$/,
    );
    const [ofApplications] = told(withoutNamespace().unset(egress, "spec egress 0 ports 0"));
    expect(ofApplications).toMatch(/^error trace-path-open: .* on TCP 4317 \(spans of applications, OTLP\)/);
  });
});

describe("policies that forget the proxies' port", () => {
  it("are errors whether or not the collector's Service is in the input", () => {
    const collector = "Service istio-system/jaeger-collector-clusterip";
    for (const mesh of [new Mesh(), new Mesh().remove(collector)]) {
      const whole = found(mesh.objects);
      expect(whole.filter((line) => line.startsWith("error"))).toEqual([]);
      mesh.unset(egress, "spec egress 0 ports 2");
      expect(found(mesh.objects)).toEqual(
        expect.arrayContaining([...whole, `error trace-path-open: ${egress}`]),
      );
      expect(found(mesh.objects)).toHaveLength(whole.length + 1);
    }
  });
});

describe("a cluster without a mesh", () => {
  const deployment = (namespace: string, name: string, container: object): Manifest => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, ...container }] } },
    },
  });
  const namespace = (name: string): Manifest => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  const env = [
    { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://collector.otel:4317" },
    { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
  ];
  const objects = (port: number) => [
    namespace("shop"),
    namespace("otel"),
    deployment("shop", "web", { image: "registry.example/web:1", env }),
    deployment("otel", "collector", { image: "otel/opentelemetry-collector:0.140.0" }),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "collector", namespace: "otel" },
      spec: { selector: { app: "collector" }, ports: [{ name: "otlp", port: 4317 }] },
    },
    policy("otel", "in", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ ports: [{ port }] }] }),
  ];

  it("has senders that are judged, and nothing is said of Istio", () => {
    const findings = checkAll(objects(4318));
    expect(findings.map(({ rule, level, name }) => `${level} ${rule}: ${name}`)).toEqual([
      "error trace-path-open: in",
    ]);
    for (const { message, fix } of findings)
      expect(message + fix).not.toMatch(/Telemetry|istio|sidecar|prox/i);
    expect(checkAll(objects(4317))).toEqual([]);
  });
});

describe("collectors of which nobody says whether they are in the mesh", () => {
  it("are taken to be outside, other pods to be in it", () => {
    const assumed = (image: string) =>
      TracingModel.from(
        new Mesh()
          .remove("Namespace istio-system")
          .unset("Deployment istio-system/jaeger", "spec template metadata labels sidecar.istio.io/inject")
          .set("Deployment istio-system/jaeger", "spec template spec containers 0 image", image).objects,
        options,
      ).senders.flatMap(({ workload, isAssumed }) => (isAssumed === true ? [workload.name] : []));
    expect(assumed("jaegertracing/jaeger:2.19.0")).not.toContain("jaeger");
    expect(assumed("registry.example/shop:1")).toContain("jaeger");
  });
});

describe("spans that stay in the pod", () => {
  const local = (mesh: Mesh) =>
    mesh
      .set("ConfigMap auth/otel-environment", "data OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")
      .set(egress, "spec egress 0 ports", [{ protocol: "TCP", port: 9411 }]);
  const agent = { name: "agent", image: "registry.example/agent:1" };
  const judged = (mesh: Mesh) => {
    const { open, closed, unknown } = judgementOf(TracingModel.from(mesh.objects, options));
    return { open, closed, unknown };
  };

  it("meet no policy", () => {
    const beside = () =>
      local(new Mesh()).set("Deployment auth/auth-api", "spec template spec containers 1", agent);
    expect(found(beside().objects)).toEqual([]);
    expect(judged(beside())).toEqual(judged(new Mesh()));
    const { open } = judged(new Mesh());
    expect(judged(local(new Mesh()))).toEqual({ open: open - 1, closed: 1, unknown: 0 });
    expect(judged(local(new Mesh()).remove("Namespace auth"))).toMatchObject({ closed: 0, unknown: 1 });
  });
});

describe("an endpoint whose Service is not in the input", () => {
  it("is one warning on that Service, and the egress side is judged all the same", () => {
    const mesh = new Mesh();
    for (const namespace of ["auth", "chat"]) {
      mesh.set(
        `ConfigMap ${namespace}/otel-environment`,
        "data OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://agent.otel:4317",
      );
      mesh.set(`NetworkPolicy ${namespace}/allow-jaeger-egress`, "spec egress 1", {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "otel" } },
            podSelector: { matchLabels: { app: "agent" } },
          },
        ],
        ports: [{ port: 4317 }],
      });
    }
    expect(found(mesh.objects)).toEqual(["warning trace-path-open: Service otel/agent"]);
    mesh.set("NetworkPolicy auth/allow-jaeger-egress", "spec egress 1 ports 0 port", 4318);
    expect(found(mesh.objects)).toEqual([
      "error trace-path-open: NetworkPolicy auth/allow-jaeger-egress",
      "warning trace-path-open: Service otel/agent",
    ]);
  });
});
