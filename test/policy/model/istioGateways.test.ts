/** Gateways of Istio: which routes they take, and whose pods they configure. */
import { describe, expect, it } from "vitest";
import {
  bindingsOf,
  destinationsOf,
  knownGateways,
  podsOf,
  serversFor,
} from "../../../policy/model/istioGateways";
import { type KubeObject } from "../../../policy/model/objects";
import { TracingModel } from "../../../policy/model/tracingModel";

type Json = Record<string, unknown>;

const networking = (kind: string, spec: Json, namespace = "gateways"): KubeObject => ({
  apiVersion: "networking.istio.io/v1",
  kind,
  metadata: { name: "public", namespace },
  spec,
});
const route = (spec: Json) => networking("VirtualService", spec, "apps");

describe("a route is bound", () => {
  it("to the Gateways it names, in its own namespace where it names none", () => {
    const gateway = networking("Gateway", {});
    const gateways = ["gateways/public", "mesh", "own", "./dotted"];
    expect(bindingsOf(TracingModel.from([gateway]), route({ gateways }))).toEqual([
      { namespace: "gateways", name: "public", gateway },
      { namespace: "apps", name: "own", gateway: undefined },
      { namespace: "apps", name: "dotted", gateway: undefined },
    ]);
  });
});

describe("a server takes a route", () => {
  const takes = (entries: string[], hosts: string[], namespace?: string) =>
    serversFor(networking("Gateway", { servers: [{ hosts: entries }] }, namespace), route({ hosts }))
      .length === 1;

  it.each<[string[], string[], boolean]>([
    [["ui.example.com"], ["ui.example.com"], true],
    [["UI.example.com"], ["ui.Example.com"], true],
    [["other.example.com"], ["ui.example.com"], false],
    [["other.example.com", "ui.example.com"], ["ui.example.com"], true],
    [["ui.example.com"], ["other.example.com", "ui.example.com"], true],
    [["*"], ["ui.example.com"], true],
    [["ui.example.com"], ["*"], true],
    [["*.example.com"], ["ui.example.com"], true],
    [["ui.example.com"], ["*.example.com"], true],
    [["*.example.com"], ["example.com"], false],
    [["*.example.com"], ["ui.example.org"], false],
    [["xexample.com"], ["an.example.com"], false],
    [["apps/ui.example.com"], ["ui.example.com"], true],
    [["other/ui.example.com"], ["ui.example.com"], false],
    [["*/ui.example.com"], ["ui.example.com"], true],
    [["./ui.example.com"], ["ui.example.com"], false],
  ])("%j for %j: %s", (entries, hosts, expected) => {
    expect(takes(entries, hosts)).toBe(expected);
  });

  it("of its own namespace", () => {
    expect(takes(["./ui.example.com"], ["ui.example.com"], "apps")).toBe(true);
  });
});

describe("a gateway's pods", () => {
  const deployment = (name: string, labels: Json, more: Json = {}) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "gateways" },
    spec: {
      ...more,
      template: {
        metadata: { labels },
        ...("selector" in more ? { spec: { containers: [{ name: "proxy", image: "a" }] } } : {}),
      },
    },
  });
  const whole = { selector: {} };
  const model = TracingModel.from(
    [
      deployment("public", { istio: "ingressgateway", zone: "a" }, whole),
      deployment("second", { istio: "ingressgateway", zone: "b" }, whole),
      deployment("app", { app: "shop", "sidecar.istio.io/inject": "true" }, whole),
    ],
    { gateways: ["elsewhere"] },
  );

  it("are those of the input that are gateways", () => {
    expect(model.traced.map(({ workload }) => workload.name)).toEqual([
      "public",
      "second",
      "app",
      "elsewhere",
    ]);
    expect(knownGateways(model).map(({ name }) => name)).toEqual(["public", "second"]);
  });

  it("have every label it selects", () => {
    const names = (selector: Json) =>
      podsOf(model, networking("Gateway", { selector })).map(({ name }) => name);
    expect(names({ istio: "ingressgateway", zone: "b" })).toEqual(["second"]);
    expect(names({ istio: "ingressgateway" })).toEqual(["public", "second"]);
    expect(names({ istio: "egressgateway", zone: "b" })).toEqual([]);
    expect(names({ app: "shop" })).toEqual([]);
  });
});

describe("a route's destinations", () => {
  it("are those of every protocol, with a port where they have one", () => {
    const to = (destination?: Json) => [{ route: [{ destination }] }];
    const spec = {
      http: to({ host: "a", port: { number: 1 } }),
      tcp: to({ host: "b", port: { number: "2" } }),
      tls: [...to({ host: "c" }), ...to()],
    };
    expect(destinationsOf(route(spec))).toEqual([
      { host: "a", port: 1 },
      { host: "b", port: 2 },
      { host: "c", port: undefined },
      { host: "", port: undefined },
    ]);
  });
});
