/** What is replaced because it is another object: the new identity is what was asked for. */
import { expect, test } from "vitest";
import { changesOf, ingress, patches, sections, sharedConfig } from "./stack";

const services = ["Service jaeger-services-collector", "Service jaeger-services-query"];

test.each<[what: string, sections: object, replaced: Record<string, string[]>]>([
  [
    "Jaeger in another namespace",
    { jaeger: { ...sections.jaeger, namespace: "observability" } },
    {
      "Chart jaeger-chart": ["namespace"],
      ...Object.fromEntries(services.map((service) => [service, ["metadata.namespace"]])),
    },
  ],
  [
    "Jaeger under another release name: its Services stay",
    { jaeger: { ...sections.jaeger, release: "tracing" } },
    { "Chart jaeger-chart": ["name"] },
  ],
  [
    "another shared ConfigMap",
    { istio: { ...sections.istio, sharedConfigMap: "other" } },
    { [sharedConfig]: ["metadata.name"] },
  ],
  [
    "another revision of istiod",
    { istio: { ...sections.istio, revision: "canary" } },
    { "DeploymentPatch mesh-istiod": ["metadata.name"] },
  ],
  [
    "another ConfigMap of the applications: their Deployments stay",
    { otel: { configMap: "other" } },
    {
      "ConfigMap otel-environment-bank": ["metadata.name"],
      "ConfigMap otel-environment-shop": ["metadata.name"],
    },
  ],
])("%s", async (_, changed, replaced) => {
  expect((await changesOf(changed)).replaced).toEqual(replaced);
});

test("Jaeger in another namespace: the policy around its pods moves with it, those of the applications stay", async () => {
  const { added, removed, changed } = await changesOf({
    jaeger: { ...sections.jaeger, namespace: "observability" },
  });
  expect({ added, removed }).toEqual({
    added: [ingress.replace("istio-system", "observability")],
    removed: [ingress],
  });
  expect(Object.keys(changed)).toEqual(expect.arrayContaining(patches));
});
