import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { type ProgramRun, runProgram } from "../fixtures/program";
import { deployTracing } from "../../program";
import { managedIstio, run, stackOf } from "../fixtures/stack";

const owned = (labels: object = {}) => ({
  "app.kubernetes.io/part-of": "mesh-tracing",
  "mesh-tracing/stack": "test",
  ...labels,
});
const namespacesOf = ({ resources }: ProgramRun): Record<string, unknown> =>
  Object.fromEntries(
    resources
      .filter(({ type }) => type === "kubernetes:core/v1:Namespace")
      .map(({ name, inputs }) => [name, inputs]),
  );
const namespace = (name: string, labels: object) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels: owned(labels) },
});
const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };

describe("the namespaces that a stack creates, with the labels each needs", () => {
  const shop = { isolation: "none", create: true };
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["none unless it says so", {}, {}],
    [
      "a traced one gets sidecars",
      { namespaces: { shop, bank: { isolation: "none" } } },
      { "namespaces-shop": namespace("shop", { "istio-injection": "enabled" }) },
    ],
    [
      "a traced one gets sidecars of the revision",
      {
        istio: { version: "1.31", delivery: "shared", revision: "canary" },
        namespaces: { shop },
      },
      { "namespaces-shop": namespace("shop", { "istio.io/rev": "canary" }) },
    ],
    [
      "Jaeger's own holds every pod to the restricted standard",
      { jaeger: { namespace: "obs", createNamespace: true } },
      { "namespaces-obs": namespace("obs", restricted) },
    ],
    [
      "the root namespace and the gateway's",
      { istio: managedIstio },
      {
        "namespaces-istio-system": namespace("istio-system", {}),
        "namespaces-edge": namespace("edge", { "istio-injection": "enabled" }),
      },
    ],
    [
      "the root namespace stays unrestricted with Jaeger in it",
      { istio: managedIstio, jaeger: { createNamespace: true } },
      {
        "namespaces-istio-system": namespace("istio-system", {}),
        "namespaces-edge": namespace("edge", { "istio-injection": "enabled" }),
      },
    ],
  ])("%s", async (_, sections, expected) => {
    expect(namespacesOf(await run(stackOf(sections)))).toEqual(expected);
  });
});

test("a destroy leaves the namespaces with everything in them, and takes the rest", async () => {
  type Register = (
    request: { getName(): string; getRetainondelete(): boolean },
    ...rest: unknown[]
  ) => unknown;
  const retained: string[] = [];
  const raw = stackOf({ namespaces: { shop: { isolation: "existing", create: true } } });
  const config = Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [`mesh-tracing:${key}`, JSON.stringify(value)]),
  );
  const { resources } = await runProgram("mesh-tracing", "test", config, () => {
    const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource: Register };
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, ...rest) => {
      if (request.getRetainondelete()) retained.push(request.getName());
      return register(request, ...rest);
    };
    return deployTracing();
  });
  expect(resources.length).toBeGreaterThan(1);
  expect(retained).toEqual(["namespaces-shop"]);
});
