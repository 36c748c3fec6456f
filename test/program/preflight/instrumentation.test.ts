import { describe, expect, test } from "vitest";
import { questions } from "../../../program/preflight/facts";
import { check, deployment, live, planned } from "../../fixtures/cluster";
import { instrumentedStack } from "../../fixtures/instrumented";
import { stackOf } from "../../fixtures/stack";

const nothing = { blockers: [], foreign: [], adopted: [], letGo: [] };
const blockers = (...lines: string[]) => ({ ...nothing, blockers: lines });
const operator = instrumentedStack({ otelOperator: { install: {} } });
const instrumentations = "Instrumentation.opentelemetry.io/v1alpha1";
const certificates = "Certificate.cert-manager.io/v1";

test("a cluster with the operator, or with cert-manager for one of the stack's own, is ready", () => {
  expect(check(instrumentedStack())).toEqual(nothing);
  expect(check(operator)).toEqual(nothing);
});

describe("kinds that the cluster does not serve", () => {
  test("the operator's, unless the stack brings it", () => {
    const unserved = () => ({ unserved: [instrumentations] });
    expect(check(instrumentedStack(), unserved)).toEqual(
      blockers(
        "the cluster does not serve Instrumentation.opentelemetry.io/v1alpha1: install the OpenTelemetry Operator, " +
          "or set otelOperator.install",
      ),
    );
    expect(check(operator, unserved)).toEqual(nothing);
  });

  test("cert-manager's, which the operator's webhook needs", () => {
    expect(check(operator, () => ({ unserved: [certificates, instrumentations] }))).toEqual(
      blockers(
        "the cluster does not serve Certificate.cert-manager.io/v1: install cert-manager, or set certManager.install",
      ),
    );
  });

  test("are asked for only where they are needed", () => {
    const kinds = (raw: typeof operator) => questions(planned(raw).plan).map(({ kind }) => kind);
    expect(kinds(stackOf())).not.toContain("Instrumentation");
    expect(kinds(instrumentedStack())).toContain("Instrumentation");
    expect(kinds(instrumentedStack())).not.toContain("Certificate");
    expect(kinds(operator)).toContain("Certificate");
  });
});

test("the operator's namespace must be there, or be created", () => {
  const without = (raw: typeof operator) =>
    check(raw, ({ namespaces }) => ({
      namespaces: new Set([...(namespaces ?? [])].filter((name) => !name.startsWith("opentelemetry"))),
    }));
  expect(without(operator)).toEqual(
    blockers(
      "namespace opentelemetry-operator-system is not in the cluster: create it, or set " +
        "otelOperator.install.createNamespace true",
    ),
  );
  expect(without(instrumentedStack({ otelOperator: { install: { createNamespace: true } } }))).toEqual(
    nothing,
  );
});

test("a second operator is refused: both would be asked about every pod", () => {
  const other = live(
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      name: "opentelemetry-operator-mutation",
    },
    { annotations: { "meta.helm.sh/release-name": "otel" } },
  );
  expect(check(operator, ({ objects }) => ({ objects: [...objects, other] }))).toEqual(
    blockers(
      "MutatingWebhookConfiguration opentelemetry-operator-mutation of another OpenTelemetry Operator (the Helm release " +
        "otel) exists: remove otelOperator, it is used as it is",
    ),
  );
  const own = live(
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      name: other.metadata.name,
    },
    { labels: { "mesh-tracing/stack": "test" } },
  );
  expect(check(operator, ({ objects }) => ({ objects: [...objects, own] }))).toEqual(nothing);
});

test("an Instrumentation of others under this stack's name must be taken over", () => {
  const id = {
    apiVersion: "opentelemetry.io/v1alpha1",
    kind: "Instrumentation",
    namespace: "shop",
    name: "mesh-tracing",
  };
  expect(check(instrumentedStack(), ({ objects }) => ({ objects: [...objects, live(id)] })).foreign).toEqual([
    "Instrumentation shop/mesh-tracing: an unknown owner",
  ]);
});

describe("a Deployment to instrument", () => {
  const withPay = (...containers: { name: string }[]) =>
    check(instrumentedStack(), ({ objects }) => ({
      objects: [
        ...objects.filter(({ metadata }) => metadata.name !== "pay"),
        deployment("shop", "pay", containers),
      ],
    }));

  test("must have the container that its annotation names", () => {
    expect(withPay({ name: "pay" }, { name: "cache" })).toEqual(
      blockers(
        "Deployment shop/pay has no container app (it has pay, cache): set namespaces.shop.deployments.pay.container",
      ),
    );
    expect(withPay({ name: "cache" }, { name: "app" })).toEqual(nothing);
  });
});
