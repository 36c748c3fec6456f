import { expect, test } from "vitest";
import { questions } from "../../../program/preflight/facts";
import { type ObjectId } from "../../../program/preflight/plan";
import { planned } from "../../fixtures/cluster";
import { stackOf } from "../../fixtures/stack";

const text = ({ apiVersion, kind, namespace, name }: ObjectId): string =>
  `${apiVersion} ${kind} ${namespace ?? "-"}/${name}`;

test("the plan of a patch says container, variables and the key that asks for it", () => {
  const raw = stackOf({
    namespaces: {
      shop: { isolation: "none", deployments: { cart: { container: "app", serviceName: "basket" } } },
    },
  });
  const [istiod, cart] = planned(raw).plan.patches;
  expect(istiod).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "istio-system",
    name: "istiod",
    container: "discovery",
    variables: [{ name: "SHARED_MESH_CONFIG", value: "mesh-tracing" }],
    configKey: "istio.patchIstiod",
  });
  const { variables, ...target } = cart ?? { variables: [] };
  expect(target).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "shop",
    name: "cart",
    container: "app",
    configKey: "namespaces.shop.deployments.cart",
  });
  expect(variables).toHaveLength(15);
  expect(variables.filter(({ value }) => value !== undefined)).toEqual([
    { name: "OTEL_SERVICE_NAME", value: "basket" },
  ]);
});

test("the cluster is asked once for each kind and name, over all namespaces", () => {
  const open = { isolation: "existing" };
  const { plan } = planned(stackOf({ namespaces: { a: open, b: open, c: open } }));
  expect(questions(plan).map(({ apiVersion, kind, name }) => `${apiVersion} ${kind} ${name}`)).toEqual([
    "apps/v1 Deployment istiod",
    "apps/v1 Deployment jaeger",
    "networking.k8s.io/v1 NetworkPolicy allow-jaeger-egress",
    "networking.k8s.io/v1 NetworkPolicy allow-tracing-ingress",
    "telemetry.istio.io/v1 Telemetry mesh-default",
    "v1 ConfigMap mesh-tracing",
    "v1 ConfigMap otel-environment",
    "v1 ServiceAccount jaeger",
    "v1 Service jaeger",
    "v1 Service jaeger-collector-clusterip",
    "v1 Service jaeger-query-clusterip",
  ]);
});

test("of a Secret only the one is asked for: the right to list Secrets is the right to read them", () => {
  const kiali = { namespace: "mesh-ui", install: {} };
  const prometheus = { namespace: "monitoring", url: "http://prometheus.monitoring:9090" };
  expect(
    questions(planned(stackOf({ kiali, prometheus })).plan).filter(({ kind }) => kind === "Secret"),
  ).toEqual([{ apiVersion: "v1", kind: "Secret", namespace: "mesh-ui", name: "kiali-signing-key" }]);
});

test("configuration given to Jaeger's chart becomes a ConfigMap that is planned too", () => {
  const plan = (values: Record<string, unknown>) =>
    planned(stackOf({ jaeger: { namespace: "obs", values } })).plan.creates.map(text);
  const without = plan({});
  expect(plan({ uiconfig: { menu: [] } }).filter((id) => !without.includes(id))).toEqual([
    "v1 ConfigMap obs/ui-config",
  ]);
  expect(plan({ userconfig: { service: {} } }).filter((id) => !without.includes(id))).toEqual([
    "v1 ConfigMap obs/user-config",
  ]);
});
