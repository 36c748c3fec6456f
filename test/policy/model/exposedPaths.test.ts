/** Where a path of a way from outside leads, and whose policies guard it. */
import { expect, it } from "vitest";
import { placeOf } from "../../../policy/model/collector";
import { exposuresOf } from "../../../policy/model/exposure";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const object = (apiVersion: string, kind: string, spec: Json, namespace = "apps") => ({
  apiVersion,
  kind,
  metadata: { name: "ui", namespace },
  spec,
});
const ways = (...objects: unknown[]) =>
  exposuresOf(
    TracingModel.from(objects),
    (namespace, name, port) => namespace === "apps" && name === "jaeger" && port === 16686,
    placeOf,
  );
const leads = (path: string, route: unknown) => ways(route).map((way) => way.leads(path));

it("is told by the paths of a VirtualService, with the port of the Service", () => {
  const to = (number: number) => ({ route: [{ destination: { host: "jaeger", port: { number } } }] });
  const http = [{ match: [{ uri: { prefix: "/other" } }], ...to(1) }, to(16686)];
  const route = object("networking.istio.io/v1", "VirtualService", { hosts: ["a"], gateways: ["g"], http });
  expect(leads("/search", route)).toEqual([true]);
  expect(leads("/other", route)).toEqual([false]);
});

it("is told by the paths of a route of the Gateway API and of an Ingress", () => {
  const rules = [
    { matches: [{ path: { value: "/ui" } }], backendRefs: [{ name: "jaeger", port: 16686 }] },
    { backendRefs: [{ name: "other", port: 1 }] },
  ];
  const route = object("gateway.networking.k8s.io/v1", "HTTPRoute", { parentRefs: [{ name: "g" }], rules });
  expect([...leads("/ui/search", route), ...leads("/search", route)]).toEqual([true, false]);
  const backend = { service: { name: "jaeger", port: { number: 16686 } } };
  const ingress = object("networking.k8s.io/v1", "Ingress", {
    rules: [{ http: { paths: [{ path: "/ui", backend }] } }],
  });
  expect([...leads("/ui/search", ingress), ...leads("/search", ingress)]).toEqual([true, false]);
  expect(ways(ingress).map(({ hosts, guard }) => ({ hosts, guard }))).toEqual([{ hosts: [], guard: "open" }]);
});

it("is guarded by policies for the Gateway that a route names, in its namespace", () => {
  const route = object("gateway.networking.k8s.io/v1", "HTTPRoute", {
    parentRefs: [{ name: "public", namespace: "edge" }],
    rules: [{ backendRefs: [{ name: "jaeger", port: 16686 }] }],
  });
  const policy = (name: string, namespace: string) =>
    object(
      "security.istio.io/v1",
      "AuthorizationPolicy",
      { targetRefs: [{ kind: "Gateway", name }] },
      namespace,
    );
  const guards = (...objects: unknown[]) => ways(route, ...objects).map(({ guard }) => guard);
  expect(guards(policy("public", "edge"))).toEqual(["guarded"]);
  expect(guards(policy("other", "edge"))).toEqual(["open"]);
  expect(guards(policy("public", "apps"))).toEqual(["open"]);
});
