import { describe, expect, it } from "vitest";
import { checkAll } from "../../../policy/check";
import { Mesh, namespaces, options } from "./fixture";

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
          "NetworkPolicy auth/allow-jaeger-egress isolates the egress of Deployment auth/auth-api and does not let it " +
          "reach Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so that " +
          "these spans are lost; spec.egress[0] must list TCP 9411",
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
    expect(findings[0]?.message).toContain("of Deployment auth/auth-api and Deployment auth/auth-worker and");
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
          "NetworkPolicy istio-system/allow-tracing-ingress isolates the ingress of Service " +
          "istio-system/jaeger-collector-clusterip and does not let Deployment auth/auth-api, Deployment " +
          "character/character-api and 6 more reach it on TCP 9411 (spans of proxies, Zipkin), so that these spans " +
          "are lost; spec.ingress[0] must list TCP 9411 and spec.ingress[1] must list TCP 9411",
        fix:
          "# add to spec.ingress[0].ports of NetworkPolicy istio-system/allow-tracing-ingress\n" +
          "- protocol: TCP\n  port: 9411\n" +
          "# add to spec.ingress[1].ports of NetworkPolicy istio-system/allow-tracing-ingress\n" +
          "- protocol: TCP\n  port: 9411",
      },
    ]);
  });
});
