import { describe, expect, it } from "vitest";
import { withCollector } from "../../../docs/generate/sample/collector";
import { collectorHost, type Manifest, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const jaeger = "Service istio-system/jaeger-collector-clusterip";
const other = "otel-collector.observability.svc.cluster.local";
const route = (http: object[], more: object = {}, namespace = "auth"): Manifest =>
  istioObject(
    "VirtualService",
    "otlp",
    { hosts: [collectorHost], exportTo: ["."], http, ...more },
    namespace,
  );
const to = (host: string, port?: number, weight?: number): object => ({
  destination: { host, ...(port === undefined ? {} : { port: { number: port } }) },
  ...(weight === undefined ? {} : { weight }),
});
const aborting = (value: number): object => ({ abort: { httpStatus: 503, percentage: { value } } });
const leads = (where: string, why: string): string =>
  `VirtualService auth/otlp routes what applications send to ${jaeger} to ${where}, ${why}: spans of Deployment auth/auth-api are lost`;
const fix = `# in the route of VirtualService auth/otlp
destination:
  host: jaeger-collector-clusterip.istio-system.svc.cluster.local
  port:
    number: 4317`;

testRule("virtual-service-otlp", {
  faults: [
    {
      ...exampleFault("virtual-service-otlp"),
      object: "VirtualService auth/otlp",
      message: leads("Service istio-system/otel-old, port 4317", "which selects no pods"),
      fix,
    },
    {
      name: "a route to a Service that does not exist",
      breaks: (mesh) => mesh.add(route([{ route: [to("gone.istio-system.svc.cluster.local")] }])),
      options: { isComplete: true },
      object: "VirtualService auth/otlp",
      message: leads("Service istio-system/gone, port 4317", "which does not exist"),
      fix,
    },
    {
      name: "a route to a port that the collector does not have",
      breaks: (mesh) => mesh.add(route([{ route: [to(collectorHost, 55680)] }])),
      object: "VirtualService auth/otlp",
      message: leads("Service istio-system/jaeger-collector-clusterip, port 55680", "which has no such port"),
      fix,
    },
    {
      name: "a route to a port where no pod listens",
      breaks: (mesh) =>
        mesh
          .set(jaeger, "spec ports 3", { name: "grpc-old", port: 55680, targetPort: 55680 })
          .add(route([{ route: [to(collectorHost, 55680)] }])),
      object: "VirtualService auth/otlp",
      message: leads(
        "Service istio-system/jaeger-collector-clusterip, port 55680",
        "whose pods do not listen there",
      ),
      fix,
    },
    {
      name: "a fault that is injected into all requests",
      breaks: (mesh) => mesh.add(route([{ fault: aborting(100), route: [to(collectorHost, 4317)] }])),
      object: "VirtualService auth/otlp",
      message:
        `VirtualService auth/otlp makes sidecars refuse what applications send to ${jaeger}, port 4317, themselves ` +
        "(spec.http[0].fault.abort): spans of Deployment auth/auth-api are lost",
      fix: "# in spec.http[0].fault.abort of VirtualService auth/otlp, or take the fault out\npercentage:\n  value: 0",
    },
    {
      name: "a fault that is injected into some requests, on the way to another collector",
      breaks: (mesh) =>
        withCollector(mesh)
          .set("NetworkPolicy auth/allow-jaeger-egress", "spec egress 1", { ports: [{ port: 4317 }] })
          .add(route([{ fault: aborting(2.5), route: [to(other)] }])),
      object: "VirtualService auth/otlp",
      level: "warning",
      message:
        `VirtualService auth/otlp makes sidecars refuse 2.5 % of what applications send to ${jaeger}, port 4317, ` +
        "themselves (spec.http[0].fault.abort): spans of Deployment auth/auth-api may be lost",
      fix: "# in spec.http[0].fault.abort of VirtualService auth/otlp, or take the fault out\npercentage:\n  value: 0",
    },
    {
      name: "an answer in place of the collector's",
      breaks: (mesh) =>
        mesh.add(route([{ match: [{ port: 1 }] }, { directResponse: { status: 503 }, name: "closed" }])),
      object: "VirtualService auth/otlp",
      message:
        `VirtualService auth/otlp makes sidecars answer what applications send to ${jaeger}, port 4317, themselves ` +
        "(spec.http[1].directResponse): spans of Deployment auth/auth-api are lost",
      fix: `# in place of spec.http[1].directResponse of VirtualService auth/otlp
route:
  - destination:
      host: jaeger-collector-clusterip.istio-system.svc.cluster.local
      port:
        number: 4317`,
    },
    {
      name: "entries of which none matches what SDKs send",
      breaks: (mesh) =>
        mesh.add(route([{ match: [{ uri: { prefix: "/api" } }], route: [to(collectorHost)] }])),
      object: "VirtualService auth/otlp",
      message:
        `VirtualService auth/otlp has no entry for what applications send to ${jaeger}, port 4317 (spec.http matches no ` +
        "request for /opentelemetry.proto.collector.trace.v1.TraceService/Export), so that sidecars answer 404: spans of " +
        "Deployment auth/auth-api are lost",
      fix: `# add at the end of spec.http of VirtualService auth/otlp
- route:
    - destination:
        host: jaeger-collector-clusterip.istio-system.svc.cluster.local
        port:
          number: 4317`,
    },
  ],
  harmless: [
    {
      name: "the fix: an entry for all else behind one for the UI",
      varies: (mesh) =>
        mesh.add(
          route([
            { match: [{ uri: { prefix: "/api" } }], route: [to(collectorHost)] },
            { route: [to(collectorHost, 4317)] },
          ]),
        ),
    },
    {
      name: "entries for other ports and gateways alone, which leave sidecars the route that they have",
      varies: (mesh) =>
        mesh.add(
          route([
            { match: [{ port: 16686, uri: { prefix: "/api" } }], route: [to(collectorHost)] },
            { match: [{ gateways: ["auth/edge"], uri: { prefix: "/ui" } }], route: [to(collectorHost)] },
          ]),
        ),
    },
    {
      name: "the fix: a fault of no request, one without a share, and a delay",
      varies: (mesh) =>
        mesh.add(
          ...[aborting(0), { abort: { httpStatus: 503 } }, { delay: { fixedDelay: "1s" } }].map(
            (fault, index) => ({
              ...route([{ fault, route: [to(collectorHost, 4317)] }]),
              metadata: { name: `otlp-${index}`, namespace: ["auth", "chat", "scan"][index] ?? "" },
            }),
          ),
        ),
    },
    {
      name: "a fault of the proxies' port, which their own spans do not meet",
      varies: (mesh) =>
        mesh.add(route([{ match: [{ port: 9411 }], fault: aborting(100), route: [to(collectorHost)] }])),
    },
    {
      name: "a fault for the clients of an application",
      varies: (mesh) =>
        mesh.add(route([{ fault: aborting(100), route: [to("auth-api")] }], { hosts: ["auth-api"] })),
    },
    {
      name: "a route to the Service that is meant",
      varies: (mesh) => mesh.add(route([{ route: [to(collectorHost, 4317)] }])),
    },
    {
      name: "a route to another collector that takes spans, where policies let it",
      varies: (mesh) =>
        withCollector(mesh)
          .set("NetworkPolicy auth/allow-jaeger-egress", "spec egress 1", { ports: [{ port: 4317 }] })
          .add(route([{ route: [to(other)] }])),
    },
    {
      name: "a route of the proxies' port, which their own spans do not take",
      varies: (mesh) =>
        mesh.add(route([{ match: [{ port: 9411 }], route: [to("gone.istio-system.svc.cluster.local")] }])),
    },
  ],
});

describe("virtual-service-otlp", () => {
  const ask = asker("virtual-service-otlp");
  const paths = asker("trace-path-open");
  const lost = { route: [to(collectorHost, 55680)] };
  const isLost = (one: Manifest, change: (mesh: Mesh) => unknown = () => undefined) => {
    const mesh = new Mesh();
    change(mesh);
    return ask(mesh.add(one)).length > 0;
  };
  const http = "/v1/traces";

  it("is for the sidecars that are told of it", () => {
    expect(isLost(route([lost]))).toBe(true);
    expect(isLost(route([lost], { gateways: ["public"] }))).toBe(false);
    expect(isLost(route([lost], { gateways: ["public", "mesh"] }))).toBe(true);
    expect(isLost(route([lost], { exportTo: ["."] }))).toBe(true);
    expect(isLost(route([lost], { exportTo: ["."] }, "observability"))).toBe(false);
    expect(isLost(route([lost], { exportTo: ["auth"] }, "observability"))).toBe(true);
    const byDefault = (mesh: Mesh) => mesh.mesh("defaultVirtualServiceExportTo", ["."]);
    expect(isLost(route([lost], { exportTo: [] }, "observability"), byDefault)).toBe(false);
    expect(isLost(route([lost], { exportTo: [] }, "observability"))).toBe(true);
  });

  it("has the host: whole, short in its own namespace, or by a wildcard, the most exact first", () => {
    expect(
      isLost(route([lost], { hosts: ["jaeger-collector-clusterip"], exportTo: ["*"] }, "istio-system")),
    ).toBe(true);
    expect(isLost(route([lost], { hosts: ["jaeger-collector-clusterip"] }))).toBe(false);
    expect(isLost(route([lost], { hosts: ["*.istio-system.svc.cluster.local"] }))).toBe(true);
    expect(isLost(route([lost], { hosts: ["*.auth.svc.cluster.local"] }))).toBe(false);
    const exact = istioObject(
      "VirtualService",
      "exact",
      { hosts: [collectorHost], http: [{ route: [to(collectorHost)] }] },
      "auth",
    );
    expect(isLost(route([lost], { hosts: ["*.local"] }), (mesh) => mesh.add(exact))).toBe(false);
  });

  it("is decided by the first entry that matches what SDKs send", () => {
    const right = { route: [to(collectorHost)] };
    const first = (match: object) => isLost(route([{ match: [match], ...lost }, right]));
    expect(first({ uri: { prefix: "/opentelemetry.proto.collector.trace.v1.TraceService/" } })).toBe(true);
    expect(first({ uri: { exact: http } })).toBe(false);
    expect(first({ port: 4317 })).toBe(true);
    expect(first({ port: 4318 })).toBe(false);
    expect(first({ sourceLabels: { app: "auth-api" } })).toBe(true);
    expect(first({ sourceLabels: { app: "other" } })).toBe(false);
    expect(first({ sourceNamespace: "auth" })).toBe(true);
    expect(first({ sourceNamespace: "chat" })).toBe(false);
    expect(first({ headers: { canary: { exact: "true" } } })).toBe(false);
    expect(first({ gateways: ["mesh"] })).toBe(true);
    expect(first({ gateways: ["auth/edge"] })).toBe(false);
    // What is not known to match may.
    const alone = (...match: object[]) => isLost(route([{ match, ...right }]));
    expect(alone({ uri: { prefix: "/api" } }, { uri: { exact: "/" } })).toBe(true);
    expect(alone({ uri: { prefix: "/api" } }, { uri: { regex: "/.*" } })).toBe(false);
    expect(alone({ uri: { prefix: "/api" } }, { headers: { canary: { exact: "true" } } })).toBe(false);
    expect(alone({ uri: { prefix: "/api" }, sourceLabels: { app: "other" } })).toBe(false);
    expect(isLost(route([right, lost]))).toBe(false);
    expect(isLost(route([{ match: [{ port: 1 }, { port: 4317 }], ...lost }]))).toBe(true);
  });

  it("divides spans by weight", () => {
    expect(isLost(route([{ route: [to(collectorHost, 4317, 90), to(collectorHost, 55680, 10)] }]))).toBe(
      true,
    );
    expect(isLost(route([{ route: [to(collectorHost, 4317, 100), to(collectorHost, 55680, 0)] }]))).toBe(
      false,
    );
    // Where a part goes that leaves the cluster, nobody can say.
    expect(isLost(route([{ route: [to(collectorHost, 55680), to("otlp.example.com.")] }]))).toBe(false);
  });

  it("goes by the protocol of the port", () => {
    const asTcp = (mesh: Mesh) => mesh.set(jaeger, "spec ports 1 appProtocol", "tcp");
    expect(isLost(route([lost]), asTcp)).toBe(false);
    expect(isLost(route([], { tcp: [{ match: [{ port: 4317 }], ...lost }] }), asTcp)).toBe(true);
    expect(isLost(route([], { tcp: [lost] }))).toBe(false);
  });

  it("does not touch what goes past the sidecar, or is encrypted, or of pods without one", () => {
    const labelled = (labels: object) => (mesh: Mesh) =>
      mesh.set("Namespace auth", "metadata labels", labels);
    expect(isLost(route([lost]), labelled({}))).toBe(false);
    expect(isLost(route([lost]), labelled({ "istio.io/dataplane-mode": "ambient" }))).toBe(false);
    const around = (mesh: Mesh) =>
      mesh.set("Deployment auth/auth-api", "spec template metadata annotations", {
        "traffic.sidecar.istio.io/excludeOutboundPorts": "4317",
      });
    expect(isLost(route([lost]), around)).toBe(false);
    const encrypted = (mesh: Mesh) =>
      mesh.set(
        "ConfigMap auth/otel-environment",
        "data OTEL_EXPORTER_OTLP_ENDPOINT",
        `https://${collectorHost}:4317`,
      );
    expect(isLost(route([lost]), encrypted)).toBe(false);
  });

  it("ends the path before any policy is asked where the sidecar answers everything", () => {
    const closed = (percent: number) =>
      paths(
        new Mesh()
          .unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 0")
          .add(route([{ fault: aborting(percent), route: [to(collectorHost, 4317)] }])),
      );
    expect(closed(99)).toHaveLength(1);
    expect(closed(100)).toEqual([]);
  });

  it("moves the path that policies are asked about", () => {
    const moved = withCollector(new Mesh()).add(route([{ route: [to(other)] }]));
    expect(paths(moved).map((finding) => finding.split(";")[0])).toEqual([
      "error: NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to " +
        "Service observability/otel-collector on TCP 4317 (spans of applications, OTLP), so these spans are lost",
    ]);
  });
});
