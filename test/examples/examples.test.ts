/** Every example is one that Pulumi and this project's commands take, makes what it promises and has no finding. */
import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { findingsOf } from "../../cli/stackFindings";
import { readStackFile } from "../../engine/stackFile";
import { examples } from "../docs/markdown";
import { root } from "../fixtures/stack";
import { renderExample, yamlOf } from "./example";

test("there are three", () => {
  expect(examples.map((directory) => path.basename(directory))).toEqual([
    "bookinfo",
    "existing-istio",
    "production",
  ]);
});

describe.each(examples)("%s", (directory) => {
  const name = path.basename(directory);

  test("is a project, a stack of its name, and a page", () => {
    expect(fs.readdirSync(path.join(root, directory)).sort()).toEqual([
      `Pulumi.${name}.yaml`,
      "Pulumi.yaml",
      "README.md",
    ]);
  });

  test("runs this repository's program as the repository itself does", () => {
    const { main, ...settings } = yamlOf(directory, "Pulumi.yaml");
    expect(path.resolve(root, directory, main as string)).toBe(root);
    expect(settings).toEqual(yamlOf("Pulumi.yaml"));
    expect(readStackFile(path.join(root, directory), name).program).toBe(root);
  });

  test("renders, and the rules find nothing, not even a warning", async () => {
    const rendered = await renderExample(directory);
    expect(rendered.rendered.length).toBeGreaterThan(10);
    expect(findingsOf(rendered)).toEqual([]);
  });
});

/** Components by name, and charts with where they are from. */
async function parts(name: string): Promise<{ components: string[]; charts: string[] }> {
  const { resources, rendered } = await renderExample(path.join("examples", name));
  return {
    components: resources
      .filter(({ type }) => type.startsWith("mesh-tracing:"))
      .map(({ name }) => name)
      .sort(),
    charts: rendered
      .flatMap((item) => (item.type === "chart" ? [`${item.chart.namespace}/${item.chart.release}`] : []))
      .sort(),
  };
}

const always = [
  "external-services",
  "jaeger",
  "jaeger-services",
  "mesh",
  "namespaces",
  "network-policies",
  "otel-environment",
];

describe("what is made", () => {
  test("bookinfo: everything a cluster that has nothing needs", async () => {
    expect(await parts("bookinfo")).toEqual({
      components: [
        ...always,
        "auto-instrumentation",
        "cert-manager",
        "istio",
        "kiali",
        "otel-operator",
        "ui",
      ].sort(),
      charts: [
        "cert-manager/cert-manager",
        "istio-ingress/istio-ingressgateway",
        "istio-system/istio-base",
        "istio-system/istiod",
        "observability/jaeger",
        "observability/kiali",
        "opentelemetry-operator-system/opentelemetry-operator",
      ],
    });
  });

  test("existing-istio: Jaeger, and nothing else is installed", async () => {
    expect(await parts("existing-istio")).toEqual({ components: always, charts: ["tracing/jaeger"] });
  });

  test("production: several Jaegers and the UIs", async () => {
    expect(await parts("production")).toEqual({
      components: [...always, "jaeger-scaling", "kiali", "ui"].sort(),
      charts: ["observability/jaeger", "observability/kiali"],
    });
  });
});

test("bookinfo: every application gets the SDK of its language, and Ruby none", async () => {
  const { resources } = await renderExample("examples/bookinfo");
  const injected = resources.flatMap(({ type, inputs }) => {
    if (!type.endsWith(":DeploymentPatch")) return [];
    const { metadata, spec } = inputs as {
      metadata: { name: string };
      spec: { template: { metadata: { annotations: Record<string, string> } } };
    };
    const { annotations } = spec.template.metadata;
    const language = Object.keys(annotations).flatMap((key) => /inject-(\w+)$/.exec(key)?.[1] ?? []);
    return [
      `${metadata.name} ${language.join()} ${annotations["instrumentation.opentelemetry.io/container-names"]}`,
    ];
  });
  expect(injected.sort()).toEqual([
    "productpage-v1 python productpage",
    "ratings-v1 nodejs ratings",
    "reviews-v1 java reviews",
    "reviews-v2 java reviews",
    "reviews-v3 java reviews",
  ]);
});

test("existing-istio: no object of others is touched but istiod and the one Deployment that is listed", async () => {
  const { rendered } = await renderExample("examples/existing-istio");
  const patched = rendered.flatMap((item) =>
    item.type === "manifest" && item.patch
      ? [`${item.manifest.metadata.namespace}/${item.manifest.metadata.name}`]
      : [],
  );
  expect(patched).toEqual(["istio-system/istiod", "orders/orders-api"]);
});
