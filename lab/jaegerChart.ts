/**
 * Where Jaeger's chart cannot be had: the objects that it would make of the stack's values, as far as traces
 * depend on them.
 */
import { type ApiObject } from "./api";

export interface JaegerValues {
  readonly fullnameOverride: string;
  readonly commonLabels?: Readonly<Record<string, string>>;
  readonly jaeger: {
    readonly args?: readonly string[];
    readonly extraEnv?: readonly object[];
    readonly podLabels?: Readonly<Record<string, string>>;
    readonly resources?: object;
    readonly podSecurityContext?: object;
    readonly securityContext?: object;
    readonly serviceAccount?: { readonly automountServiceAccountToken?: boolean };
  };
}

/** @param release the release's name, which is in its pods' labels */
export function jaegerObjects(values: JaegerValues, namespace: string, release: string): ApiObject[] {
  const { fullnameOverride: name, commonLabels = {}, jaeger } = values;
  const labels = {
    "app.kubernetes.io/component": "all-in-one",
    "app.kubernetes.io/instance": release,
    "app.kubernetes.io/name": "jaeger",
  };
  const ports = [
    { name: "http-zipkin", port: 9411 },
    { name: "otlp-grpc", port: 4317 },
    { name: "otlp-http", port: 4318 },
    { name: "http-query", port: 16686 },
    { name: "grpc-query", port: 16685 },
  ];
  const container = {
    name: "jaeger",
    image: "docker.io/jaegertracing/jaeger:2.19.0",
    args: jaeger.args,
    env: jaeger.extraEnv ?? [],
    resources: jaeger.resources,
    securityContext: jaeger.securityContext,
    ports: ports.map((port) => ({ name: port.name, containerPort: port.port })),
  };
  const metadata = { name, namespace, labels: { ...commonLabels } };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels: { ...labels, ...jaeger.podLabels } },
          spec: {
            terminationGracePeriodSeconds: 0,
            automountServiceAccountToken: jaeger.serviceAccount?.automountServiceAccountToken,
            securityContext: jaeger.podSecurityContext,
            containers: [container],
          },
        },
      },
    },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports } },
  ];
}
