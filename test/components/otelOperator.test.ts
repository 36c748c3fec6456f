import { describe, expect, test } from "vitest";
import { otelOperatorValues } from "../../components/otelOperator";
import { instrumentedStack } from "../fixtures/instrumented";
import { resource, run } from "../fixtures/stack";

const operator = (install: object) => instrumentedStack({ otelOperator: { install } });

test("the operator: pinned, in a namespace of its own, with a certificate of cert-manager's", async () => {
  const stack = await run(operator({ createNamespace: true }));
  expect(resource(stack, "otel-operator-chart").inputs).toEqual({
    chart: "opentelemetry-operator",
    repositoryOpts: { repo: "https://open-telemetry.github.io/opentelemetry-helm-charts" },
    version: "0.122.0",
    name: "opentelemetry-operator",
    namespace: "opentelemetry-operator-system",
    values: {
      additionalLabels: { "mesh-tracing/stack": "test" },
      admissionWebhooks: {
        autoGenerateCert: { enabled: false },
        certManager: { enabled: true },
        namespaceSelector: {
          matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["shop"] }],
        },
      },
      clusterDomain: "cluster.local",
      crds: { annotations: { "helm.sh/resource-policy": "keep" } },
      manager: {
        autoInstrumentation: { go: { enabled: true } },
        podLabels: { "sidecar.istio.io/inject": "false" },
        resources: {
          limits: { cpu: "500m", memory: "256Mi" },
          requests: { cpu: "50m", memory: "128Mi" },
        },
      },
      pdb: { create: true },
      replicaCount: 2,
    },
  });
  expect(resource(stack, "namespaces-opentelemetry-operator-system").inputs["metadata"]).toMatchObject({
    labels: { "pod-security.kubernetes.io/enforce": "restricted" },
  });
});

test("no operator is installed unless the stack says so", async () => {
  const { resources } = await run(instrumentedStack());
  expect(resources.filter(({ name }) => name.startsWith("otel-operator"))).toEqual([]);
});

test("its chart comes from where the stack says", async () => {
  const stack = await run(operator({ chart: { path: "./charts/operator" }, namespace: "otel" }));
  expect(resource(stack, "otel-operator-chart").inputs).toMatchObject({
    chart: "./charts/operator",
    namespace: "otel",
  });
});

describe("values of the chart", () => {
  const args = {
    stack: "dev",
    chart: { path: "." },
    namespace: "otel",
    injectedNamespaces: ["shop", "bank"],
    go: false,
    clusterDomain: "cluster.local",
    values: {},
  };

  test("keep Go's privileged containers off unless they are allowed, and name namespaces in order", () => {
    expect(otelOperatorValues(args)).toMatchObject({
      manager: { autoInstrumentation: { go: { enabled: false } } },
      admissionWebhooks: { namespaceSelector: { matchExpressions: [{ values: ["bank", "shop"] }] } },
    });
  });

  test("of the stack win over ours", () => {
    const values = { replicaCount: 1, manager: { resources: { limits: { memory: "1Gi" } } } };
    expect(otelOperatorValues({ ...args, values })).toMatchObject({
      replicaCount: 1,
      manager: {
        podLabels: { "sidecar.istio.io/inject": "false" },
        resources: { limits: { cpu: "500m", memory: "1Gi" } },
      },
    });
  });
});
