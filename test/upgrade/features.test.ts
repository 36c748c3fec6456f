/** What is switched on or off on a running stack: it comes or goes, and nothing else is made anew. */
import { describe, expect, test } from "vitest";
import { type Changes, none } from "./changes";
import { changesOf, environmentHash, ingress, sections, sharedConfig } from "./stack";

const { bank, shop } = sections.namespaces;

/** Switching off undoes it: what was added is removed, and the same properties change. */
function undone({ added, removed, changed }: Changes): Changes {
  return { ...none, added: removed, removed: added, changed };
}

const features: Record<string, { sections: object; expected: Changes }> = {
  Kiali: {
    sections: {
      kiali: { namespace: "istio-system", install: {} },
      prometheus: { namespace: "monitoring", url: "http://prometheus.monitoring:9090" },
    },
    expected: {
      ...none,
      added: [
        "Chart kiali-chart",
        "Kiali kiali",
        "NetworkPolicy kiali-allow-kiali-egress",
        "NetworkPolicy kiali-allow-kiali-ingress",
        "RandomPassword kiali-signing-key",
        "Secret kiali-signing-key",
      ],
      // The API is Kiali's pods' alone, and Prometheus has a rule of its own.
      changed: {
        [ingress]: [
          'spec.ingress[2].from[0].namespaceSelector.matchLabels["kubernetes.io/metadata.name"]',
          'spec.ingress[2].from[0].podSelector.matchLabels["app.kubernetes.io/instance"]',
          'spec.ingress[2].from[0].podSelector.matchLabels["app.kubernetes.io/name"]',
          "spec.ingress[2].from[0].podSelector.matchLabels.istio",
          "spec.ingress[2].ports[0].port",
          "spec.ingress[3]",
          "spec.ingress[4]",
        ],
      },
    },
  },
  "the UI from outside": {
    sections: { ui: { certificate: { selfSigned: true }, access: { sourceRanges: ["203.0.113.0/24"] } } },
    expected: {
      ...none,
      added: [
        "AuthorizationPolicy ui-authorization-policy",
        "Certificate ui-certificate",
        "Gateway ui-gateway",
        "Gateway ui-gateway-http",
        "Issuer ui-issuer",
        "UiFromOutside ui",
        "VirtualService ui-route-jaeger",
      ],
    },
  },
  "SDKs of the operator": {
    sections: {
      otel: { instrumentation: {} },
      namespaces: { bank, shop: { ...shop, deployments: { cart: { instrument: "python" } } } },
    },
    expected: {
      ...none,
      added: [
        "AutoInstrumentation auto-instrumentation",
        "Instrumentation auto-instrumentation-bank",
        "Instrumentation auto-instrumentation-shop",
      ],
      changed: {
        "DeploymentPatch otel-environment-shop/cart": [
          'spec.template.metadata.annotations["instrumentation.opentelemetry.io/container-names"]',
          'spec.template.metadata.annotations["instrumentation.opentelemetry.io/inject-python"]',
          environmentHash,
          'spec.template.metadata.annotations["resource.opentelemetry.io/service.name"]',
          // The variables: the operator adds them.
          "spec.template.spec",
        ],
      },
    },
  },
};

describe.each(Object.entries(features))("%s", (_, feature) => {
  test("is switched on", async () => {
    expect(await changesOf(feature.sections)).toEqual(feature.expected);
  });

  test("is switched off", async () => {
    const without = Object.fromEntries(Object.keys(feature.sections).map((key) => [key, undefined]));
    expect(await changesOf({ ...without, ...sections }, feature.sections)).toEqual(undone(feature.expected));
  });
});

test("delivery by the owner of istiod instead of a ConfigMap of this stack", async () => {
  const expected = { ...none, removed: [sharedConfig, "DeploymentPatch mesh-istiod"] };
  const values = { istio: { ...sections.istio, delivery: "values" } };
  expect(await changesOf(values)).toEqual(expected);
  expect(await changesOf({ istio: sections.istio }, values)).toEqual(undone(expected));
});

test("istiod's variable left to its owner", async () => {
  const theirs = { istio: { ...sections.istio, patchIstiod: false } };
  expect(await changesOf(theirs)).toEqual({ ...none, removed: ["DeploymentPatch mesh-istiod"] });
});
