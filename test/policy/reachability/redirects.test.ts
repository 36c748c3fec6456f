/** Policies that send elsewhere what is for a Service make unknown where that one leads. */
import { describe, expect, it } from "vitest";
import { Cluster } from "../../../policy/reachability";
import { service, workload } from "./manifests";

const base = [workload("shop/web"), workload("mesh/jaeger")];

describe("a policy that redirects a Service", () => {
  const spec = { clusterIP: "10.0.0.7", selector: { app: "jaeger" }, ports: [{ port: 9411 }] };
  const jaeger = service("mesh/jaeger", spec);
  const redirect = (redirectFrontend: unknown, place = "mesh") => ({
    apiVersion: "cilium.io/v2",
    kind: "CiliumLocalRedirectPolicy",
    metadata: { name: "other", namespace: place },
    spec: { redirectFrontend },
  });
  const askService = (...objects: unknown[]) =>
    Cluster.from([...base, jaeger, ...objects]).canReachService({
      from: "shop/web",
      service: "mesh/jaeger",
      port: 9411,
    });

  it.each<[string, unknown]>([
    ["by name", redirect({ serviceMatcher: { serviceName: "jaeger", namespace: "mesh" } })],
    ["by address", redirect({ addressMatcher: { ip: "10.0.0.7" } }, "shop")],
  ])("makes unknown where it leads, %s", (_, object) => {
    const { verdict, because } = askService(object);
    expect(because[0]).toMatchObject({ kind: "unknown", cause: { kind: "other-policy" } });
    const place = (object as { metadata: { namespace: string } }).metadata.namespace;
    expect(verdict).toBe("unknown");
    expect(because[0]?.text).toBe(
      `CiliumLocalRedirectPolicy ${place}/other (cilium.io/v2) may redirect the Service's traffic`,
    );
  });

  it("says so beside what else is wrong with the Service", () => {
    const strange = { ...jaeger, spec: { ...spec, type: 7 } };
    const object = redirect({ serviceMatcher: { serviceName: "jaeger", namespace: "mesh" } });
    const { because } = Cluster.from([...base, strange, object]).canReachService({
      from: "shop/web",
      service: "mesh/jaeger",
      port: 9411,
    });
    expect(because[0]).toMatchObject({ kind: "unknown", cause: { kind: "malformed", path: "spec.type" } });
    expect(because.map((reason) => reason.text).slice(0, 2)).toEqual([
      "spec.type of Service mesh/jaeger is malformed: must be a string, not 7",
      "CiliumLocalRedirectPolicy mesh/other (cilium.io/v2) may redirect the Service's traffic",
    ]);
  });

  it.each<[string, unknown]>([
    ["another Service", redirect({ serviceMatcher: { serviceName: "dns", namespace: "mesh" } })],
    ["another namespace", redirect({ serviceMatcher: { serviceName: "jaeger", namespace: "mesh" } }, "shop")],
    ["another address", redirect({ addressMatcher: { ip: "169.254.169.254" } })],
    ["nothing", redirect(undefined)],
  ])("for %s does not matter", (_, object) => {
    expect(askService(object).verdict).toBe("allowed");
  });
});
