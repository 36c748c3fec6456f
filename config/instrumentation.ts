/** Instrumentation without code changes: `otel.instrumentation`, `otelOperator` and what a Deployment asks for. */
import { z } from "zod";
import { injectedLanguages } from "../mesh/instrumentation";
import {
  adding,
  described,
  evenIfWrong,
  filled,
  optional,
  says,
  section,
  text,
  unknownKeyFix,
} from "./mistakes";
import { chartValues, create, dnsLabel, objectName, source } from "./words";

/** The chart a stack gets if it names none. Pinned: a stack is the same tomorrow. */
const defaultChart = {
  repository: "https://open-telemetry.github.io/opentelemetry-helm-charts",
  version: "0.122.0",
} as const;

/** Fields of an Instrumentation's spec in opentelemetry.io/v1alpha1. */
const specKeys = [
  "apacheHttpd",
  "defaults",
  "dotnet",
  "env",
  "exporter",
  "go",
  "imagePullPolicy",
  "initContainerSecurityContext",
  "java",
  "nginx",
  "nodejs",
  "propagators",
  "python",
  "resource",
  "sampler",
];

const image = z.string().superRefine((value, context) => {
  const pinned = /@sha256:[0-9a-f]{64}$/.test(value) || /:(?!latest$)[\w][\w.-]*$/.test(value);
  if (!/^[\w.:/@-]+$/.test(value) || !pinned) {
    context.addIssue({
      code: "custom",
      message: says(
        "an image with a tag that is not latest, or with a digest",
        "write it like registry.example.com/autoinstrumentation-python:0.65b0",
      ),
    });
  }
});

const spec = chartValues.superRefine((value, context) => {
  for (const key of Object.keys(value).filter((one) => !specKeys.includes(one))) {
    adding(context)([key], "the spec of an Instrumentation has no such field", unknownKeyFix(key, specKeys));
  }
});

/** The operator's images, by language. */
const imageExamples: Readonly<Record<(typeof injectedLanguages)[number], string>> = {
  python: "registry.example.com/autoinstrumentation-python:0.65b0",
  nodejs: "registry.example.com/autoinstrumentation-nodejs:0.80.0",
  java: "registry.example.com/autoinstrumentation-java:2.30.0",
  go: "registry.example.com/autoinstrumentation-go:v0.25.0",
  dotnet: "registry.example.com/autoinstrumentation-dotnet:1.15.0",
};

export const instrumentation = section({
  name: objectName
    .default("mesh-tracing")
    .meta({ description: "Name of the Instrumentation in each traced namespace", examples: ["tracing"] }),
  images: section(
    Object.fromEntries(
      injectedLanguages.map((language) => [
        language,
        optional(image, `Image with the SDK for ${language}, pinned`, {
          whenAbsent: "the operator's",
          examples: [imageExamples[language]],
        }),
      ]),
    ) as Record<(typeof injectedLanguages)[number], z.ZodOptional<typeof image>>,
  )
    .prefault({})
    .describe("Images with the SDKs, where the operator's own do not fit"),
  allowPrivileged: described(
    z.boolean().default(false),
    "Allow Go, whose SDK is a privileged container that runs as root and sees the application's processes",
  ),
  spec: described(spec.default({}), "Fields merged over the Instrumentation's spec; yours win", {
    examples: [{ env: [{ name: "OTEL_LOG_LEVEL", value: "debug" }] }],
  }),
}).meta({
  description: "What the OpenTelemetry Operator injects; `{}` takes all defaults",
  whenAbsent: "nothing is injected",
});

export const otelOperator = section({
  install: section({
    chart: described(
      source.default(defaultChart),
      "Where its chart comes from: `{ repository, version }`, `{ oci, version }` or `{ path }`; cert-manager must be " +
        "in the cluster",
      { examples: [{ path: "./charts/opentelemetry-operator-0.122.0.tgz" }] },
    ),
    namespace: dnsLabel
      .default("opentelemetry-operator-system")
      .meta({ description: "Its namespace, which must not be a traced one", examples: ["otel-operator"] }),
    createNamespace: create.describe("Create it, enforcing the restricted Pod Security Standard"),
    values: described(chartValues.default({}), "Chart values merged over this project's; yours win", {
      examples: [{ replicaCount: 2 }],
    }),
  }).describe("What is installed; `{}` takes all defaults"),
}).describe("The OpenTelemetry Operator, where this stack installs it");

/** One of `namespaces.<name>.deployments`. */
export const deployment = described(
  section({
    container: optional(dnsLabel, "Container of the application", {
      whenAbsent: "the Deployment's name",
      examples: ["app"],
    }),
    serviceName: optional(
      filled("a service name", "write the name traces show"),
      "`service.name` of its spans",
      { whenAbsent: "the Deployment's name", examples: ["checkout"] },
    ),
    instrument: optional(
      z.enum(injectedLanguages),
      "Language of an SDK that the OpenTelemetry Operator adds; needs `otel.instrumentation`",
    ),
    libc: optional(z.enum(["glibc", "musl"]), "`musl` for Python and .NET on images of Alpine", {
      whenAbsent: "`glibc`",
    }),
    goTargetExe: optional(
      text(/^\/\S+$/, "an absolute path in the container", "write it like /app/server"),
      "Go: path of the executable in the container; required there",
      { examples: ["/app/server"] },
    ),
  }).superRefine(({ instrument, libc, goTargetExe }, context) => {
    const add = adding(context);
    if (instrument === "go" && goTargetExe === undefined) {
      add(
        ["goTargetExe"],
        "Go instrumentation attaches to one executable and must know its path in the container",
        "write it like /app/server",
      );
    }
    if (goTargetExe !== undefined && instrument !== "go") {
      add(["goTargetExe"], "only Go instrumentation attaches to an executable", "remove it");
    }
    if (libc !== undefined && instrument !== "python" && instrument !== "dotnet") {
      add(["libc"], "only the SDKs for Python and .NET differ by C library", "remove it");
    }
  }, evenIfWrong),
  "A Deployment to give the OTEL_* variables: `{}`, or with these keys",
  { examples: [{}] },
);
