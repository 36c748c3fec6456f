import { describe, expect, it } from "vitest";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const service = "Service auth/auth-api";
const deployment = "Deployment auth/auth-api";
const container = "spec template spec containers 0";
const http = { httpGet: { path: "/ready", port: 8080 } };
const says = (declared: string, what: string, probe: string, use: string) =>
  `${service} declares ${declared}, but ${deployment} answers ${what} there, as its ${probe} shows: ` +
  `proxies parse no requests on this port and make no spans of them; use ${use}`;

/** The application with a probe, and one port of its Service. */
const probed = (mesh: Mesh, probe: object, port: object, kind = "readinessProbe") =>
  mesh
    .set(deployment, `${container} ${kind}`, probe)
    .set(service, "spec ports", [{ port: 80, targetPort: 8080, ...port }]);

testRule("application-port-protocol", {
  faults: [
    {
      ...exampleFault("application-port-protocol"),
      object: service,
      message: says("tcp on port 80 (by its name tcp-api)", "HTTP", "readinessProbe", "http"),
      fix: "# in spec.ports[0]\nappProtocol: http",
    },
    {
      name: "a gRPC probe on a port that is declared as TLS",
      breaks: (mesh) =>
        probed(mesh, { grpc: { port: 8080 } }, { name: "http", appProtocol: "tls" }, "livenessProbe"),
      object: service,
      message: says("tls on port 80 (by its appProtocol tls)", "gRPC", "livenessProbe", "grpc"),
      fix: "# in spec.ports[0]\nappProtocol: grpc",
    },
    {
      name: "a port that the container calls http, declared as TCP",
      breaks: (mesh) =>
        mesh
          .set(deployment, `${container} ports`, [{ name: "http", containerPort: 8080 }])
          .set(service, "spec ports 0 name", "tcp-api"),
      object: service,
      message: says("tcp on port 80 (by its name tcp-api)", "HTTP", "port name http", "http"),
      fix: "# in spec.ports[0]\nappProtocol: http",
    },
  ],
  harmless: [
    {
      name: "a port that the container calls something else, declared as TCP",
      varies: (mesh) =>
        mesh
          .set(deployment, `${container} ports`, [{ name: "https", containerPort: 8080 }])
          .set(service, "spec ports 0 name", "tcp-api"),
    },
    {
      name: "the same port declared as HTTP: the repaired twin",
      varies: (mesh) => probed(mesh, http, { name: "http-api" }),
    },
    {
      name: "a port whose protocol Istio detects",
      varies: (mesh) => probed(mesh, http, { name: "api" }),
    },
    {
      name: "TCP without a probe that tells what is spoken",
      varies: (mesh) => probed(mesh, { tcpSocket: { port: 8080 } }, { name: "tcp-api" }),
    },
    {
      name: "an application that speaks TLS itself",
      varies: (mesh) => probed(mesh, { httpGet: { port: 8080, scheme: "HTTPS" } }, { name: "https-api" }),
    },
    {
      name: "the probe asks another port",
      varies: (mesh) => probed(mesh, { httpGet: { port: 9000 } }, { name: "tcp-api" }),
    },
  ],
});

describe("application-port-protocol", () => {
  const ask = asker("application-port-protocol");
  const found = (mesh: Mesh): number => ask(mesh).length;

  it.each([
    ["by number", 8080, 8080, 1],
    ["by the container's name for it", "web", 8080, 1],
    ["the probe by name too", "web", "web", 1],
    ["by a name that the container does not have", "other", 8080, 0],
    ["the Service's own number where there is no target", undefined, 80, 1],
  ])("knows the port %s", (_, targetPort, port, expected) => {
    const mesh = probed(new Mesh(), { httpGet: { port } }, { name: "tcp", targetPort });
    expect(found(mesh.set(deployment, `${container} ports`, [{ name: "web", containerPort: 8080 }]))).toBe(
      expected,
    );
  });

  it.each(["readinessProbe", "livenessProbe", "startupProbe"])("asks the %s", (kind) => {
    expect(ask(probed(new Mesh(), http, { name: "tcp" }, kind))[0]).toContain(`as its ${kind} shows`);
  });

  it.each<[string, string[]]>([
    ["http", ["HTTP", "http"]],
    ["http-api", ["HTTP", "http"]],
    ["grpc", ["gRPC", "grpc"]],
    ["grpc-api", ["gRPC", "grpc"]],
    ["httpx", []],
    ["not-http", []],
  ])("knows what a container calls %s", (name, expected) => {
    const mesh = probed(new Mesh(), {}, { name: "tcp" }).set(deployment, `${container} ports`, [
      { name: "http-admin", containerPort: 9000 },
      { name, containerPort: 8080 },
    ]);
    expect(ask(mesh).flatMap((text) => /answers (\S+) .*use (\S+)/.exec(text)?.slice(1) ?? [])).toEqual(
      expected,
    );
  });

  it.each<[string, object]>([
    ["nothing", {}],
    ["whether the port is open", { tcpSocket: { port: 8080 } }],
  ])("does not take a port without a name for what a probe asks that asks %s", (_, probe) => {
    const mesh = probed(new Mesh(), probe, { name: "tcp" });
    expect(found(mesh.set(deployment, `${container} ports`, [{ containerPort: 8080 }]))).toBe(0);
  });

  it.each(["tcp", "tls", "https", "mongo", "mysql", "redis"])("%s is not parsed", (name) => {
    expect(found(probed(new Mesh(), http, { name }))).toBe(1);
  });

  it.each(["http", "http2", "grpc", "grpc-web", "udp"])("%s is another matter", (name) => {
    expect(found(probed(new Mesh(), http, { name }))).toBe(0);
  });

  it("asks only where a sidecar parses, and a mesh that traces", () => {
    const broken = () => probed(new Mesh(), http, { name: "tcp" });
    expect(found(broken())).toBe(1);
    expect(
      found(
        broken().set(deployment, "spec template metadata labels", {
          app: "auth-api",
          "sidecar.istio.io/inject": "false",
        }),
      ),
    ).toBe(0);
    expect(found(broken().set(service, "spec selector", { app: "other" }))).toBe(0);
    expect(found(broken().unset(service, "spec selector"))).toBe(0);
    const labels = { "istio.io/dataplane-mode": "ambient" };
    expect(found(broken().set("Namespace auth", "metadata labels", labels))).toBe(0);
    // Pods of other namespaces are not behind it, whatever their labels.
    expect(found(broken().set(service, "metadata namespace", "chat"))).toBe(0);
    expect(found(broken().remove("Telemetry istio-system/mesh-default"))).toBe(0);
  });
});
