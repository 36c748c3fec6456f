/** The reference platform is one stack among others: nothing of it may be in another one, or in the sources. */
import * as fs from "node:fs";
import * as path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { helmCharts } from "../../engine/helm";
import { manifestsOf } from "../../engine/manifests";
import { filesOf } from "../../engine/output";
import { type ProgramRun } from "../fixtures/program";
import { resource, root, run, runStackFile } from "../fixtures/stack";

const services = ["auth", "character", "chat", "image", "location", "my", "scan"];
/** Words of the reference platform that are in no sentence and no name of a standard. */
const referenceNames = new RegExp(
  [
    "growbin",
    "kakao",
    "naver",
    "openai",
    "cloudfront",
    "ap-northeast",
    "accounts\\.google",
    "www\\.googleapis",
    "eco²",
    ...services.map((service) => `\\b${service}-api\\b`),
  ].join("|"),
  "i",
);
/** Its namespaces, as they would stand alone in a manifest. */
const referenceNamespaces = new RegExp(
  `^(?!#).*(namespace|name|from|values|-) *:? *"?(${services.join("|")})"?$`,
  "m",
);

const bank = {
  istio: {
    version: "1.24.1",
    rootNamespace: "mesh-root",
    revision: "stable",
    delivery: "shared",
    sharedConfigMap: "bank-mesh",
  },
  tracing: { sampling: 5 },
  jaeger: { namespace: "bank-tracing", createNamespace: true, release: "ledger-traces" },
  gateways: [{ namespace: "bank-edge" }],
  namespaces: { payments: { isolation: "restricted", deployments: { transfers: {} } } },
  cluster: { domain: "k8s.bank.example" },
};

/** Every file of a run, path and content, charts as values. */
async function rendered(program: ProgramRun): Promise<string> {
  const charts = helmCharts("never", "1.34.0", root);
  const files = filesOf(await manifestsOf(program.resources, charts));
  return files.map(({ path: file, content }) => `### ${file}\n${content}`).join("");
}

test("the expressions of this file find the reference platform's own names", async () => {
  const dev = await rendered(await runStackFile("dev"));
  expect(dev).toMatch(referenceNames);
  expect(dev).toMatch(referenceNamespaces);
});

describe("a stack of another team", () => {
  test("has its own names everywhere", async () => {
    const { resources, outputs } = await run(bank, "live");
    const objects = resources
      .filter(({ type }) => type.startsWith("kubernetes:"))
      .map(({ type, inputs }) => {
        const { name, namespace } = (inputs["metadata"] ?? inputs) as { name: string; namespace?: string };
        return `${type.split(":").at(-1)} ${namespace === undefined ? name : `${namespace}/${name}`}`;
      });
    expect(objects.sort()).toEqual([
      "Chart bank-tracing/ledger-traces",
      "ConfigMap mesh-root/bank-mesh",
      "ConfigMap payments/otel-environment",
      "DeploymentPatch mesh-root/istiod-stable",
      "DeploymentPatch payments/transfers",
      "Namespace bank-tracing",
      "NetworkPolicy bank-tracing/allow-tracing-ingress",
      "NetworkPolicy payments/allow-jaeger-egress",
      "NetworkPolicy payments/allow-mesh-egress",
      "Service bank-tracing/jaeger-collector-clusterip",
      "Service bank-tracing/jaeger-query-clusterip",
      "Telemetry mesh-root/mesh-default",
    ]);
    const collector = "http://jaeger-collector-clusterip.bank-tracing.svc.k8s.bank.example";
    expect(outputs["endpoints"]).toEqual({
      zipkin: `${collector}:9411/api/v2/spans`,
      otlpGrpc: `${collector}:4317`,
      otlpHttp: `${collector}:4318`,
      query: "http://jaeger-query-clusterip.bank-tracing.svc.k8s.bank.example:16686",
    });
  });

  test("holds nothing of the reference platform, nor a default that it replaced", async () => {
    const files = await rendered(await run(bank, "live"));
    expect(files).not.toMatch(referenceNames);
    expect(files).not.toMatch(referenceNamespaces);
    expect(files).not.toMatch(/istio-system|cluster\.local|name: mesh-tracing$/m);
    expect(files).toContain("helm template ledger-traces jaeger");
  });
});

describe("a stack of 200 namespaces", () => {
  const names = Array.from({ length: 200 }, (_, index) => `team-${String(index).padStart(3, "0")}`);
  const large = {
    ...bank,
    namespaces: Object.fromEntries(
      names.map((name) => [name, { isolation: "restricted", deployments: { web: {}, worker: {} } }]),
    ),
  };

  let program: ProgramRun;
  beforeAll(async () => {
    program = await run(large);
  }, 60_000);

  test("has its share of objects for each, under names of their own", () => {
    const { resources } = program;
    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    const count = (kind: string) => objects.filter(({ type }) => type.endsWith(`:${kind}`)).length;
    expect({
      total: objects.length,
      policies: count("NetworkPolicy"),
      configMaps: count("ConfigMap"),
      patches: count("DeploymentPatch"),
    }).toEqual({ total: 1008, policies: 401, configMaps: 201, patches: 401 });
    expect(new Set(resources.map(({ urn }) => urn)).size).toBe(resources.length);
  });

  test("renders every object into a file of its own, with nothing of the reference platform", async () => {
    const files = await rendered(program);
    expect(files.match(/^### /gm)).toHaveLength(1008);
    expect(files).not.toMatch(referenceNames);
    expect(files).not.toMatch(referenceNamespaces);
  });

  test("lets all 200 into the collector", () => {
    const { inputs } = resource(program, "network-policies-bank-tracing-allow-tracing-ingress");
    expect(inputs["spec"]).toMatchObject({
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchExpressions: [{ operator: "In", values: ["bank-edge", ...names] }] },
            },
          ],
        },
        { from: [{ namespaceSelector: { matchExpressions: [{ operator: "In", values: names }] } }] },
      ],
    });
  });
});

test("no source file names the reference platform; only its stack file, documents, tests and the lab that deploys it do", () => {
  const skipped = new Set(["node_modules", ".git", "rendered", "coverage", "test", "docs", "lab"]);
  const sources = fs
    .readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => !skipped.has(file.split(path.sep)[0] ?? ""))
    .filter((file) => /\.(ts|mts|mjs|js|json|yaml|yml)$/.test(file) && file !== "package-lock.json")
    .filter((file) => !/^Pulumi\..+\.yaml$/.test(file));
  expect(sources).toEqual(
    expect.arrayContaining([path.join("program", "index.ts"), path.join("components", "jaeger.ts")]),
  );
  const naming = sources.flatMap((file) =>
    fs
      .readFileSync(path.join(root, file), "utf8")
      .split("\n")
      .flatMap((line, index) => (referenceNames.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
  expect(naming).toEqual([]);
});
