/** Instrumentation without code changes: `otel.instrumentation`, `otelOperator` and what a Deployment asks for. */
import { z } from "zod";
import { injectedLanguages } from "../mesh/instrumentation";
import { evenIfWrong, nearest, says, section } from "./mistakes";
import { dnsLabel, objectName, source } from "./words";

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

const spec = z.record(z.string(), z.unknown()).superRefine((value, context) => {
  for (const key of Object.keys(value).filter((one) => !specKeys.includes(one))) {
    const guess = nearest(key, specKeys);
    context.addIssue({
      code: "custom",
      path: [key],
      message: says(
        "the spec of an Instrumentation has no such field",
        guess === undefined ? `remove ${key}` : `write ${guess} instead of ${key}`,
      ),
    });
  }
});

export const instrumentation = section({
  name: objectName.default("mesh-tracing"),
  images: section(
    Object.fromEntries(injectedLanguages.map((language) => [language, image.optional()])) as Record<
      (typeof injectedLanguages)[number],
      z.ZodOptional<typeof image>
    >,
  ).prefault({}),
  allowPrivileged: z.boolean().default(false),
  spec: spec.default({}),
});

export const otelOperator = section({
  install: section({
    chart: source.default(defaultChart),
    namespace: dnsLabel.default("opentelemetry-operator-system"),
    createNamespace: z.boolean().default(false),
    values: z.record(z.string(), z.unknown()).default({}),
  }),
});

/** One of `namespaces.<name>.deployments`. */
export const deployment = section({
  container: dnsLabel.optional(),
  serviceName: z.string().min(1, says("a service name", "write the name traces show")).optional(),
  instrument: z.enum(injectedLanguages).optional(),
  libc: z.enum(["glibc", "musl"]).optional(),
  goTargetExe: z
    .string()
    .regex(/^\/\S+$/, says("an absolute path in the container", "write it like /app/server"))
    .optional(),
}).superRefine(({ instrument, libc, goTargetExe }, context) => {
  const add = (key: string, rule: string, fix: string): void =>
    context.addIssue({ code: "custom", path: [key], message: says(rule, fix) });
  if (instrument === "go" && goTargetExe === undefined) {
    add(
      "goTargetExe",
      "Go instrumentation attaches to one executable and must know its path in the container",
      "write it like /app/server",
    );
  }
  if (goTargetExe !== undefined && instrument !== "go") {
    add("goTargetExe", "only Go instrumentation attaches to an executable", "remove it");
  }
  if (libc !== undefined && instrument !== "python" && instrument !== "dotnet") {
    add("libc", "only the SDKs for Python and .NET differ by C library", "remove it");
  }
}, evenIfWrong);
