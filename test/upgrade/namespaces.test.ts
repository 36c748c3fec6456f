/** A traced namespace comes or goes: its own objects, and the lists of other objects that name it. */
import { expect, test } from "vitest";
import { resource, run, stackOf } from "../fixtures/stack";
import { none } from "./changes";
import { changesOf, ingress, listed, sections } from "./stack";

const { bank, shop } = sections.namespaces;
const shopEgress = "NetworkPolicy network-policies-shop-allow-mesh-egress";

test("one more, first in the alphabet", async () => {
  const arts = { isolation: "restricted", deployments: { web: {} } };
  expect(await changesOf({ namespaces: { ...sections.namespaces, arts } })).toEqual({
    ...none,
    added: [
      "ConfigMap otel-environment-arts",
      "DeploymentPatch otel-environment-arts/web",
      "NetworkPolicy network-policies-arts-allow-jaeger-egress",
      "NetworkPolicy network-policies-arts-allow-mesh-egress",
    ],
    changed: {
      // With the gateway's namespace, for the proxies' spans; without, for those of applications.
      [ingress]: [...listed("ingress[0].from[0]", 0, 1, 2, 3), ...listed("ingress[1].from[0]", 0, 1, 2)],
      [shopEgress]: listed("egress[2].to[0]", 0, 1, 2),
    },
  });
});

test("one more, created and with an SDK of the operator", async () => {
  const injected = { otel: { instrumentation: {} }, otelOperator: { install: {} } };
  const web = { isolation: "none", create: true, deployments: { web: { instrument: "nodejs" } } };
  expect(await changesOf({ namespaces: { ...sections.namespaces, web } }, injected)).toEqual({
    ...none,
    added: [
      "ConfigMap otel-environment-web",
      "DeploymentPatch otel-environment-web/web",
      "Instrumentation auto-instrumentation-web",
      "Namespace namespaces-web",
    ],
    changed: {
      "Chart otel-operator-chart": [
        "values.admissionWebhooks.namespaceSelector.matchExpressions[0].values[2]",
      ],
      [ingress]: [...listed("ingress[0].from[0]", 3), ...listed("ingress[1].from[0]", 2)],
      [shopEgress]: listed("egress[2].to[0]", 2),
    },
  });
});

test("one less: its objects and no others", async () => {
  expect(await changesOf({ namespaces: { bank } })).toEqual({
    ...none,
    removed: [
      "ConfigMap otel-environment-shop",
      "DeploymentPatch otel-environment-shop/cart",
      "NetworkPolicy network-policies-shop-allow-jaeger-egress",
      "NetworkPolicy network-policies-shop-allow-mesh-egress",
    ],
    changed: { [ingress]: [...listed("ingress[0].from[0]", 2), ...listed("ingress[1].from[0]", 1)] },
  });
});

test("one less that this stack had created and instrumented", async () => {
  const before = {
    otel: { instrumentation: {} },
    namespaces: { bank: { ...bank, create: true, deployments: { ledger: { instrument: "java" } } }, shop },
  };
  expect(await changesOf({ namespaces: { shop } }, before)).toEqual({
    ...none,
    removed: [
      "ConfigMap otel-environment-bank",
      "DeploymentPatch otel-environment-bank/ledger",
      "Instrumentation auto-instrumentation-bank",
      // Out of the state only: the cluster keeps the namespace with what is in it.
      "Namespace namespaces-bank",
      "NetworkPolicy network-policies-bank-allow-jaeger-egress",
    ],
    changed: {
      [ingress]: [...listed("ingress[0].from[0]", 0, 1, 2), ...listed("ingress[1].from[0]", 0, 1)],
      [shopEgress]: listed("egress[2].to[0]", 0, 1),
    },
  });
});

test("what is removed with a namespace is in that namespace", async () => {
  const before = await run(stackOf(sections));
  const { removed } = await changesOf({ namespaces: { bank } });
  const places = removed.map((name) => {
    const { inputs } = resource(before, name.split(" ")[1]!);
    return (inputs["metadata"] as { namespace: string }).namespace;
  });
  expect(places).toEqual(["shop", "shop", "shop", "shop"]);
});

test("a Deployment more in the list: its patch", async () => {
  const more = { ...shop, deployments: { ...shop.deployments, api: {} } };
  expect(await changesOf({ namespaces: { bank, shop: more } })).toEqual({
    ...none,
    added: ["DeploymentPatch otel-environment-shop/api"],
  });
});

test("a namespace that this stack no longer isolates: its policies", async () => {
  expect(await changesOf({ namespaces: { bank, shop: { ...shop, isolation: "none" } } })).toEqual({
    ...none,
    removed: [
      "NetworkPolicy network-policies-shop-allow-jaeger-egress",
      "NetworkPolicy network-policies-shop-allow-mesh-egress",
    ],
  });
});
