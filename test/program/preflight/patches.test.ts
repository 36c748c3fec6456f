import { describe, expect, test } from "vitest";
import { type LiveObject } from "../../../program/preflight/liveObject";
import { check, deployment, managing } from "../../fixtures/cluster";
import { stackOf } from "../../fixtures/stack";

type Field = ReturnType<typeof managing>;

const shop = stackOf({
  namespaces: { shop: { isolation: "none", deployments: { cart: { serviceName: "basket" } } } },
});
/** The findings of a stack in a cluster with one object changed; `undefined` removes it. */
const withDeployment = (raw: typeof shop, name: string, object: LiveObject | undefined) =>
  check(raw, ({ objects }) => ({
    objects: [
      ...objects.filter(({ metadata }) => metadata.name !== name),
      ...(object === undefined ? [] : [object]),
    ],
  }));
const blocked = (...lines: string[]) => ({ blockers: lines, foreign: [], adopted: [], letGo: [] });

describe("istiod, which is to read the shared mesh config", () => {
  const istiod = (env: { name: string; value?: string }[], ...managedFields: Field[]) => {
    const object = deployment("istio-system", "istiod", [{ name: "discovery", env }]);
    return withDeployment(stackOf(), "istiod", {
      ...object,
      metadata: { ...object.metadata, managedFields },
    });
  };
  const variable = "SHARED_MESH_CONFIG";
  const others = managing("helm", "discovery", variable);
  const ours = managing("mesh-tracing-test", "discovery", variable);

  test("must be there", () => {
    expect(withDeployment(stackOf(), "istiod", undefined)).toEqual(
      blocked(
        "Deployment istio-system/istiod is not in the cluster: deploy it first, or change istio.patchIstiod",
      ),
    );
  });

  test("must have its container", () => {
    const object = deployment("istio-system", "istiod", [{ name: "pilot" }, { name: "logs" }]);
    expect(withDeployment(stackOf(), "istiod", object)).toEqual(
      blocked(
        "Deployment istio-system/istiod has no container discovery (it has pilot, logs): set istio.patchIstiod false",
      ),
    );
  });

  test("must not read another one of its owner's", () => {
    expect(istiod([{ name: variable, value: "team-mesh" }], others)).toEqual(
      blocked(
        "Deployment istio-system/istiod already reads the shared mesh config team-mesh: set istio.sharedConfigMap " +
          "team-mesh and take it over, or set istio.delivery values",
      ),
    );
  });

  test.each([
    ["none", []],
    ["ours, because its owner says so too", [{ name: variable, value: "mesh-tracing" }], others],
    ["one that an earlier run of this stack has set", [{ name: variable, value: "old" }], ours],
    ["other variables of others", [{ name: "A", value: "1" }], managing("helm", "discovery", "A")],
  ] as [string, { name: string; value: string }[], ...Field[]][])("may read %s", (_, env, ...fields) => {
    expect(istiod(env, ...fields)).toEqual(blocked());
  });

  test("is not looked at where its owner sets the variable", () => {
    const istio = { version: "1.31", delivery: "shared", patchIstiod: false };
    expect(withDeployment(stackOf({ istio }), "istiod", undefined)).toEqual(blocked());
  });
});

describe("a Deployment that is to take the OTEL environment over", () => {
  const cart = (env: { name: string; value?: string }[], ...managedFields: Field[]) => {
    const object = deployment("shop", "cart", [{ name: "cart", env }]);
    return withDeployment(shop, "cart", { ...object, metadata: { ...object.metadata, managedFields } });
  };

  test("must be there", () => {
    expect(withDeployment(shop, "cart", undefined)).toEqual(
      blocked(
        "Deployment shop/cart is not in the cluster: deploy it first, or change namespaces.shop.deployments.cart",
      ),
    );
  });

  test("must have the container", () => {
    const object = deployment("shop", "cart", [{ name: "app" }]);
    expect(withDeployment(shop, "cart", object)).toEqual(
      blocked(
        "Deployment shop/cart has no container cart (it has app): set namespaces.shop.deployments.cart.container",
      ),
    );
  });

  test.each(["kubectl", "pulumi-kubernetes-12345678", "mesh-tracing-other"])(
    "must not set the same variables itself, by %s",
    (manager) => {
      const env = [
        { name: "OTEL_PROPAGATORS", value: "b3" },
        { name: "OTEL_SERVICE_NAME", value: "cart" },
      ];
      const fields = managing(manager, "cart", "OTEL_PROPAGATORS", "OTEL_SERVICE_NAME", "OTHER");
      expect(cart(env, fields)).toEqual(
        blocked(
          "Deployment shop/cart sets OTEL_PROPAGATORS, OTEL_SERVICE_NAME in its own manifest, and a variable cannot " +
            "have two sources: remove them there, or run kubectl -n shop set env deployment/cart -c cart " +
            "OTEL_PROPAGATORS- OTEL_SERVICE_NAME-",
        ),
      );
    },
  );

  test.each<[string, { name: string; value?: string }[], Field]>([
    [
      "the service name that the stack gives it too",
      [{ name: "OTEL_SERVICE_NAME", value: "basket" }],
      managing("kubectl", "cart", "OTEL_SERVICE_NAME"),
    ],
    [
      "what an earlier run of this stack has set",
      [{ name: "OTEL_PROPAGATORS" }],
      managing("mesh-tracing-test", "cart", "OTEL_PROPAGATORS"),
    ],
    [
      "a variable of the same name in another container",
      [],
      managing("kubectl", "sidecar", "OTEL_PROPAGATORS"),
    ],
  ])("may set %s", (_, env, field) => {
    expect(cart(env, field)).toEqual(blocked());
  });
});
