import { describe, expect, test } from "vitest";
import { type Mistake } from "../../config/mistakes";
import { instrumentedNamespaces, instrumentedStack } from "../fixtures/instrumented";
import { mistakesIn, stackOf } from "../fixtures/stack";
import { dnsLabel, exactVersion, objectName, oneOf } from "../fixtures/words";

const deployments = (cart: object) => ({
  namespaces: { shop: { isolation: "none", deployments: { cart } } },
});
const at = (key: string) => `mesh-tracing:namespaces.shop.deployments.cart.${key}`;
const pinned = {
  rule: "an image with a tag that is not latest, or with a digest",
  fix: "write it like registry.example.com/autoinstrumentation-python:0.65b0",
};
const images = (python: string) => ({ otel: { instrumentation: { images: { python } } } });

const rows: [what: string, sections: Record<string, unknown>, mistake: Mistake][] = [
  [
    "a Deployment asks for an SDK and nothing describes one",
    { ...deployments({ instrument: "python" }), otel: {} },
    {
      path: at("instrument"),
      value: '"python"',
      rule: "nothing says what is injected: there is no otel.instrumentation",
      fix: "add otel.instrumentation: {}, or remove instrument where the application brings an SDK",
    },
  ],
  [
    "a language that the operator does not have",
    deployments({ instrument: "ruby" }),
    { path: at("instrument"), value: '"ruby"', ...oneOf("python, nodejs, java, go, dotnet") },
  ],
  [
    "a language that is spelled otherwise",
    deployments({ instrument: "node" }),
    { path: at("instrument"), value: '"node"', ...oneOf("python, nodejs, java, go, dotnet", "write nodejs") },
  ],
  [
    "Go without the executable",
    deployments({ instrument: "go" }),
    {
      path: at("goTargetExe"),
      value: "(not set)",
      rule: "Go instrumentation attaches to one executable and must know its path in the container",
      fix: "write it like /app/server",
    },
  ],
  [
    "an executable that is no path",
    deployments({ instrument: "go", goTargetExe: "server" }),
    {
      path: at("goTargetExe"),
      value: '"server"',
      rule: "an absolute path in the container",
      fix: "write it like /app/server",
    },
  ],
  [
    "an executable for another language",
    deployments({ instrument: "java", goTargetExe: "/app" }),
    {
      path: at("goTargetExe"),
      value: '"/app"',
      rule: "only Go instrumentation attaches to an executable",
      fix: "remove it",
    },
  ],
  [
    "a C library for a language that does not care",
    deployments({ instrument: "nodejs", libc: "musl" }),
    {
      path: at("libc"),
      value: '"musl"',
      rule: "only the SDKs for Python and .NET differ by C library",
      fix: "remove it",
    },
  ],
  [
    "a C library that nobody knows",
    deployments({ instrument: "python", libc: "alpine" }),
    { path: at("libc"), value: '"alpine"', ...oneOf("glibc, musl") },
  ],
  [
    "Go where privileged containers are not allowed",
    { ...deployments({ instrument: "go", goTargetExe: "/app" }), otel: { instrumentation: {} } },
    {
      path: at("instrument"),
      value: '"go"',
      rule: "Go is instrumented by a privileged container that runs as root beside the application and sees its processes",
      fix: "set otel.instrumentation.allowPrivileged true, or use an SDK in the application's code",
    },
  ],
  [
    "Go in a mesh that knows only B3",
    {
      ...deployments({ instrument: "go", goTargetExe: "/app" }),
      istio: { version: "1.27", delivery: "shared" },
    },
    {
      path: at("instrument"),
      value: '"go"',
      rule: "Go instrumentation knows only traceparent, and proxies of Istio 1.27 write only B3 headers: traces would be split",
      fix: "upgrade to Istio 1.28, or use an SDK in the application's code",
    },
  ],
  [
    "an operator that nothing uses",
    { namespaces: { shop: { isolation: "none" } }, otel: {}, otelOperator: { install: {} } },
    {
      path: "mesh-tracing:otelOperator",
      value: '{"install":{}}',
      rule: "nothing uses the operator: there is no otel.instrumentation",
      fix: "add otel.instrumentation: {}, or remove otelOperator",
    },
  ],
  [
    "an operator in a traced namespace",
    { otelOperator: { install: { namespace: "shop" } } },
    {
      path: "mesh-tracing:otelOperator.install.namespace",
      value: '"shop"',
      rule: "the operator's namespace cannot be a traced one: an egress policy would cut it off from the API server",
      fix: "choose a namespace of its own",
    },
  ],
  [
    "an operator of which nothing is said",
    { otelOperator: {} },
    {
      path: "mesh-tracing:otelOperator.install",
      value: "(not set)",
      rule: "required, a map of keys to values",
      fix: "set it",
    },
  ],
  [
    "an operator's namespace that is no name",
    { otelOperator: { install: { namespace: "Otel" } } },
    { path: "mesh-tracing:otelOperator.install.namespace", value: '"Otel"', ...dnsLabel },
  ],
  [
    "an operator of any version",
    { otelOperator: { install: { chart: { repository: "https://example.com", version: "0.x" } } } },
    { path: "mesh-tracing:otelOperator.install.chart.version", value: '"0.x"', ...exactVersion },
  ],
  [
    "a name that Kubernetes does not take",
    { otel: { instrumentation: { allowPrivileged: true, name: "SDK" } } },
    { path: "mesh-tracing:otel.instrumentation.name", value: '"SDK"', ...objectName },
  ],
  ...["python", "example.com:5000/python", "example.com/python:latest", "a b:1"].map(
    (image): (typeof rows)[number] => [
      `the image ${image}`,
      { ...images(image), namespaces: { shop: { isolation: "none" } } },
      { path: "mesh-tracing:otel.instrumentation.images.python", value: JSON.stringify(image), ...pinned },
    ],
  ),
  [
    "a field that an Instrumentation does not have",
    { otel: { instrumentation: { allowPrivileged: true, spec: { smapler: {} } } } },
    {
      path: "mesh-tracing:otel.instrumentation.spec.smapler",
      value: "{}",
      rule: "the spec of an Instrumentation has no such field",
      fix: "write sampler instead of smapler",
    },
  ],
  [
    "a field that is like none",
    { otel: { instrumentation: { allowPrivileged: true, spec: { ruby: {} } } } },
    {
      path: "mesh-tracing:otel.instrumentation.spec.ruby",
      value: "{}",
      rule: "the spec of an Instrumentation has no such field",
      fix: "remove ruby",
    },
  ],
];

describe("a mistake in what is injected is told once, with its fix", () => {
  test.each(rows)("%s", (_, sections, mistake) => {
    expect(mistakesIn(instrumentedStack(sections))).toEqual([mistake]);
  });
});

describe("what only looks like a mistake passes", () => {
  test.each<[string, Record<string, unknown>]>([
    ["every language", { namespaces: instrumentedNamespaces }],
    ["Go from Istio 1.28", { istio: { version: "1.28", delivery: "shared" } }],
    [
      "the other languages in an older mesh",
      {
        ...deployments({ instrument: "python" }),
        istio: { version: "1.27", delivery: "shared" },
      },
    ],
    ["an image by digest", images(`example.com/python@sha256:${"a".repeat(64)}`)],
    ["an image of a registry with a port", images("example.com:5000/python:0.65b0")],
    ["a tag that begins with latest", images("example.com/python:latest-1")],
  ])("%s", (_, sections) => {
    const needed = {
      namespaces: { shop: { isolation: "none" } },
      otel: { instrumentation: { allowPrivileged: true } },
    };
    expect(mistakesIn(stackOf({ ...needed, ...sections }))).toEqual([]);
  });

  test("mistakes of other sections do not make these", () => {
    expect(mistakesIn(instrumentedStack({ otel: { protocol: "http" } })).map(({ path }) => path)).toEqual([
      "mesh-tracing:otel.protocol",
    ]);
  });
});
