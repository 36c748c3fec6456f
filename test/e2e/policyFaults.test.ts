/**
 * Faults that a Pulumi program can have, one rule each: the preview is red, and says what is wrong. Where what
 * others have in the cluster could make the fault good, it is advice.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Edits, previewWithPack, rendering, violated } from "./packPreview";
import { missing, pulumiCommands, type Workspace } from "./realEngine";

const absent = missing(pulumiCommands);
if (absent.length > 0) console.warn(`skipped: the policy pack's preview needs ${absent.join(", ")} on PATH`);

const minutes = 60_000;
const collector = "jaeger-collector-clusterip.istio-system.svc.cluster.local";

interface Fault {
  /** Level and name of the one policy that is violated. */
  violates: string;
  /** A part of its message. */
  says: string;
  /** Source to change: file, what is there, what is written instead. */
  source?: readonly [file: string, from: string, to: string];
  /** Keys of the stack file without the project's name, merged over what is there. */
  stack?: Readonly<Record<string, object>>;
  /** One more object that the program makes. */
  makes?: object;
  /** Levels and limits of the pack. */
  pack?: object;
}

const faults: Readonly<Record<string, Fault>> = {
  "a headless collector": {
    violates: "mandatory collector-service",
    says: "headless",
    source: ["components/jaegerServices.ts", 'type: "ClusterIP",', 'type: "ClusterIP", clusterIP: "None",'],
  },
  "a collector's port that Istio takes for gRPC": {
    violates: "mandatory collector-port-protocol",
    says: "9411",
    source: [
      "components/jaegerServices.ts",
      'tcp("http-zipkin", ports.zipkin, "http")',
      '{ ...tcp("grpc-zipkin", ports.zipkin, "http"), appProtocol: "grpc" as "http" }',
    ],
  },
  "a ServiceEntry with the collector's host": {
    violates: "mandatory collector-host-unique",
    says: collector,
    makes: {
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: { name: "second", namespace: "istio-system" },
      spec: {
        hosts: [collector],
        ports: [{ number: 9411, name: "http", protocol: "HTTP" }],
        resolution: "DNS",
      },
    },
  },
  "a Sidecar that hides the collector": {
    violates: "mandatory collector-visible",
    says: "Sidecar auth/narrow",
    makes: {
      apiVersion: "networking.istio.io/v1",
      kind: "Sidecar",
      metadata: { name: "narrow", namespace: "auth" },
      spec: { egress: [{ hosts: ["./*"] }] },
    },
  },
  "a mesh that no Telemetry tells to trace": {
    violates: "advisory telemetry-mesh-wide",
    says: "tracing",
    source: [
      "components/meshConfig.ts",
      "tracing: [{ providers: [{ name: meshProviders.tracing }], randomSamplingPercentage: sampling }],",
      "",
    ],
  },
  "a Telemetry with a provider that nobody defines": {
    violates: "advisory telemetry-provider",
    says: "names the tracing provider lightstep, and it is unknown whether the mesh config defines it",
    source: [
      "components/meshConfig.ts",
      "[{ providers: [{ name: meshProviders.tracing }]",
      '[{ providers: [{ name: "lightstep" }]',
    ],
  },
  "less sampling than is demanded": {
    violates: "mandatory telemetry-sampling",
    says: "traces 10 % of requests, below the minimum; sample at least 100 %",
    stack: { tracing: { sampling: 10 } },
    pack: { "telemetry-sampling": { minSampling: 100 } },
  },
  "a namespace that switches its spans off": {
    violates: "mandatory telemetry-overrides",
    says: "Telemetry auth/silent",
    makes: {
      apiVersion: "telemetry.istio.io/v1",
      kind: "Telemetry",
      metadata: { name: "silent", namespace: "auth" },
      spec: { tracing: [{ disableSpanReporting: true }] },
    },
  },
  "a provider with a path that Jaeger does not listen on": {
    violates: "mandatory mesh-provider",
    says: "/api/v1/spans",
    source: ["components/meshConfig.ts", "port: ports.zipkin,", 'port: ports.zipkin, path: "/api/v1/spans",'],
  },
  "applications that read other headers than the mesh writes": {
    violates: "mandatory trace-context-joins",
    says: "jaeger",
    stack: { otel: { extra: { OTEL_PROPAGATORS: "jaeger" } } },
  },
  "an endpoint of the other OTLP protocol": {
    violates: "mandatory otlp-endpoint",
    says: "4318",
    stack: { otel: { extra: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collector}:4318` } } },
  },
  "a wildcard that is to be resolved by DNS": {
    violates: "advisory service-entry-resolution",
    says: "*.cloudfront.net",
    source: ["components/externalServices.ts", '? "NONE" : "DNS"', '? "DNS" : "DNS"'],
  },
  "an isolated namespace that does not reach istiod": {
    violates: "advisory mesh-baseline-egress",
    says: "to istiod on TCP 15012",
    source: [
      "components/networkPolicySpecs.ts",
      "[dnsRule(args.dns), istiod, mesh,",
      "[dnsRule(args.dns), mesh,",
    ],
    stack: { namespaces: { auth: { isolation: "restricted", deployments: { "auth-api": {} } } } },
  },
  "a policy that Kubernetes does not accept": {
    violates: "mandatory well-formed-objects",
    says: "NetworkPolicy auth/odd",
    makes: {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "odd", namespace: "auth" },
      spec: { podSelector: {}, policyTypes: ["egress"] },
    },
  },
  "a privileged Jaeger": {
    violates: "advisory jaeger-hardened",
    says: "privileged",
    stack: { jaeger: { values: { jaeger: { securityContext: { privileged: true } } } } },
  },
  "an access log without the trace's id": {
    violates: "advisory access-log-trace-id",
    says: "trace.id",
    source: ["components/meshConfig.ts", '"trace.id": "%TRACE_ID%",', ""],
  },
};

describe.skipIf(absent.length > 0)("the pack on a stack with", () => {
  let project: Workspace;
  let edits: Edits;

  beforeAll(async () => {
    project = await rendering("dev");
    edits = new Edits(project.directory);
    edits.keep("Pulumi.dev.yaml");
  }, minutes);

  afterEach(() => edits.undo());

  afterAll(() => project.remove());

  test.each(Object.entries(faults))(
    "%s",
    async (_, { violates, says, source, stack = {}, makes, pack }) => {
      if (source !== undefined) edits.replace(...source);
      if (makes !== undefined) {
        const { apiVersion, kind } = makes as { apiVersion: string; kind: string };
        edits.replace(
          "program/index.ts",
          "import {",
          'import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";\n' +
            'import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";\n' +
            `new ${apiVersion.startsWith("networking.k8s.io") ? kind : "CustomResource"}("fault", ${JSON.stringify(makes)} as never);\n` +
            "import {",
        );
      }
      project.editStack((config) => {
        for (const [key, values] of Object.entries(stack)) {
          config[`mesh-tracing:${key}`] = { ...config[`mesh-tracing:${key}`], ...values };
        }
      });

      const { succeeded, output } = await previewWithPack(project, pack);

      expect(violated(output)).toEqual([violates]);
      expect(output.split("Policies:")[1]).toContain(says);
      expect(succeeded).toBe(violates.startsWith("advisory"));
    },
    2 * minutes,
  );
});
