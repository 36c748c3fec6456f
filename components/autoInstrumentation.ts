import * as pulumi from "@pulumi/pulumi";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { type StackConfig } from "../config/stack";
import {
  environmentHashAnnotation,
  type InjectedLanguage,
  instrumentationPrefix,
  resourcePrefix,
} from "../mesh/instrumentation";
import { byKey } from "../mesh/stableOrder";
import { mergeValues } from "./chart";
import { argsFrom as servicesArgsFrom, jaegerEndpoints } from "./jaegerServices";
import { configHash, objectMeta, patchMeta } from "./metadata";
import { encodedAttributes, type OtelSettings, otelVariables } from "./otelVariables";

/** A Deployment that takes the environment over; without a language to instrument it brings its own SDK. */
export type TracedDeployment = StackConfig["namespaces"][string]["deployments"][string];

/** One whose pods get an SDK from the operator. */
export type InjectedDeployment = TracedDeployment & { instrument: InjectedLanguage };

export interface AutoInstrumentationArgs extends OtelSettings {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Name of the Instrumentation in each namespace. A change replaces it and rolls the listed Deployments. */
  name: string;
  /**
   * Address of the collector for OTLP over HTTP, `http://host:4318`. Injected SDKs use it whatever the stack's
   * other SDKs use: all of them have it, and the one for Python has nothing else.
   */
  endpoint: string;
  /** Images with the SDKs by language. @default those of the operator's version, which it keeps up to date */
  images: Readonly<Partial<Record<InjectedLanguage, string>>>;
  /** Fields merged over the spec that is made here; the value given here wins. */
  spec: Readonly<Record<string, unknown>>;
  /** Namespaces that get an Instrumentation. */
  namespaces: readonly string[];
}

/** Nothing where no SDK is injected. */
export function argsFrom(config: StackConfig): AutoInstrumentationArgs | undefined {
  const { stack, otel, tracing, propagators, namespaces } = config;
  const { otlpHttp } = jaegerEndpoints(servicesArgsFrom(config));
  return (
    otel.instrumentation && {
      ...otel,
      ...otel.instrumentation,
      stack,
      sampling: tracing.sampling,
      propagators,
      endpoint: otlpHttp,
      namespaces: Object.keys(namespaces),
    }
  );
}

/** Variables that an Instrumentation has fields for, and the one that only Python reads. */
const withFields: ReadonlySet<string> = new Set([
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_PROPAGATORS",
  "OTEL_PYTHON_EXCLUDED_URLS",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
]);

/**
 * Variables that are left out unless a stack sets them itself: resource attributes have a field to which the
 * operator adds more, and the others are read by applications that bring an SDK of their own.
 */
const ifSet: ReadonlySet<string> = new Set([
  "OTEL_ENABLED",
  "OTEL_RESOURCE_ATTRIBUTES",
  "OTEL_SAMPLING_RATE",
]);

/**
 * What the operator adds to the containers it injects: everything they need. The operator leaves alone what a
 * container sets, so half of it from elsewhere, such as the endpoint of another protocol, would lose every span.
 * @see https://github.com/open-telemetry/opentelemetry-operator/blob/main/docs/api/instrumentations.md
 */
export function instrumentationSpec(args: AutoInstrumentationArgs): Record<string, unknown> {
  const variables = otelVariables({ ...args, protocol: "http/protobuf" });
  const env = Object.entries(variables)
    .filter(([name]) => !withFields.has(name) && (!ifSet.has(name) || name in args.extra))
    .map(([name, value]) => ({ name, value }));
  const attributes = encodedAttributes(args.resourceAttributes);
  const excludedUrls = variables["OTEL_PYTHON_EXCLUDED_URLS"];
  const python =
    excludedUrls === undefined
      ? {}
      : { python: { env: [{ name: "OTEL_PYTHON_EXCLUDED_URLS", value: excludedUrls }] } };
  const images = Object.fromEntries(
    Object.entries(args.images).map(([language, image]) => [language, { image }]),
  );
  const base = {
    env,
    exporter: { endpoint: variables["OTEL_EXPORTER_OTLP_ENDPOINT"] },
    propagators: variables["OTEL_PROPAGATORS"]?.split(","),
    ...(Object.keys(attributes).length === 0 ? {} : { resource: { resourceAttributes: attributes } }),
    sampler: { argument: variables["OTEL_TRACES_SAMPLER_ARG"], type: variables["OTEL_TRACES_SAMPLER"] },
    ...python,
  };
  return mergeValues(mergeValues(base, images), args.spec);
}

export function manifests(args: AutoInstrumentationArgs) {
  const spec = instrumentationSpec(args);
  return Object.fromEntries(
    [...args.namespaces].sort().map((namespace) => [
      namespace,
      {
        apiVersion: "opentelemetry.io/v1alpha1",
        kind: "Instrumentation",
        metadata: objectMeta(args.stack, namespace, args.name),
        spec,
      },
    ]),
  );
}

/**
 * What is applied to a Deployment whose pods the operator injects: annotations and nothing else. The
 * Instrumentation is named, because `true` means the only one of the namespace; so is the container, because
 * the first one of a pod may be the proxy.
 */
export function injectionPatch(
  args: AutoInstrumentationArgs,
  namespace: string,
  name: string,
  { instrument, container = name, serviceName = name, libc, goTargetExe }: InjectedDeployment,
) {
  const annotations: Record<string, string> = {
    [`${instrumentationPrefix}container-names`]: container,
    [`${instrumentationPrefix}inject-${instrument}`]: args.name,
    // A changed Instrumentation reaches pods only when they are made anew.
    [environmentHashAnnotation]: configHash(instrumentationSpec(args)),
    // Not as a variable: Go's SDK runs in a container of its own, which does not see the application's.
    [`${resourcePrefix}service.name`]: serviceName,
  };
  if (libc === "musl" && instrument === "python") {
    annotations[`${instrumentationPrefix}otel-python-platform`] = "musl";
  }
  if (libc === "musl" && instrument === "dotnet") {
    annotations[`${instrumentationPrefix}otel-dotnet-auto-runtime`] = "linux-musl-x64";
  }
  if (goTargetExe !== undefined) {
    annotations[`${instrumentationPrefix}otel-go-auto-target-exe`] = goTargetExe;
  }
  return {
    apiVersion: "apps/v1" as const,
    kind: "Deployment" as const,
    metadata: patchMeta(args.stack, namespace, name),
    spec: { template: { metadata: { annotations: byKey(annotations) } } },
  };
}

/**
 * SDKs without code changes: an Instrumentation in every traced namespace, from which the OpenTelemetry
 * Operator takes what it adds to pods that ask for it. {@link OtelEnvironment} makes the listed Deployments ask.
 *
 * Give it `dependsOn` of the operator where this stack installs it: its webhook must answer.
 *
 * @example
 * new AutoInstrumentation("auto-instrumentation", { …, name: "mesh-tracing", namespaces: ["shop"],
 *   endpoint: "http://jaeger-collector-clusterip.istio-system.svc.cluster.local:4318", images: {}, spec: {} });
 *
 * @example <caption>With the image of one language pinned</caption>
 * new AutoInstrumentation("auto-instrumentation", { …,
 *   images: { python: "registry.example.com/autoinstrumentation-python:0.65b0" } });
 */
export class AutoInstrumentation extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:otel:AutoInstrumentation";

  constructor(name: string, args: AutoInstrumentationArgs, opts?: pulumi.ComponentResourceOptions) {
    super(AutoInstrumentation.type, name, {}, opts);
    for (const [namespace, manifest] of Object.entries(manifests(args))) {
      new CustomResource(`${name}-${namespace}`, manifest, { parent: this });
    }
    this.registerOutputs({});
  }
}
