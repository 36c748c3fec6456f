/** A mesh of any size, healthy, with what real ones have: five policies and a workload in each namespace. */
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";

type Peer = { namespace: string; labels?: Record<string, string> };

/** Objects of a traced namespace beside the Namespace itself. */
export const objectsPerNamespace = 6;

/** Writes a file for the mesh itself and one for each namespace; returns how many objects there are. */
export function writeMesh(directory: string, namespaces: number): number {
  const shared = platform();
  write(directory, "istio-system", shared);
  let objects = shared.length;
  for (let index = 0; index < namespaces; index++) {
    const name = `team-${index}`;
    const own = team(name, index);
    write(directory, name, own);
    objects += own.length;
  }
  return objects;
}

function write(directory: string, name: string, objects: readonly object[]): void {
  const text = objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }));
  fs.writeFileSync(path.join(directory, `${name}.yaml`), text.join("---\n"));
}

/** Mesh config, Telemetry, istiod, a gateway, DNS and the collector. */
function platform(): object[] {
  const labels = { "app.kubernetes.io/name": "jaeger", "app.kubernetes.io/instance": "jaeger" };
  const ports = [
    ["http-zipkin", 9411],
    ["otlp-grpc", 4317],
    ["otlp-http", 4318],
  ] as const;
  const mesh = {
    extensionProviders: [
      {
        name: "jaeger",
        zipkin: {
          service: "istio-system/jaeger.istio-system.svc.cluster.local",
          port: 9411,
          path: "/api/v2/spans",
          traceContextOption: "USE_B3_WITH_W3C_PROPAGATION",
        },
      },
      {
        name: "access-log",
        envoyFileAccessLog: { path: "/dev/stdout", logFormat: { labels: { "trace.id": "%TRACE_ID%" } } },
      },
    ],
  };
  return [
    object("v1", "Namespace", "istio-system", undefined, {}),
    object("v1", "Namespace", "kube-system", undefined, {}),
    object("v1", "ConfigMap", "istio", "istio-system", { data: { mesh: stringify(mesh) } }),
    object("telemetry.istio.io/v1", "Telemetry", "mesh-default", "istio-system", {
      spec: {
        tracing: [{ providers: [{ name: "jaeger" }], randomSamplingPercentage: 100 }],
        accessLogging: [{ providers: [{ name: "access-log" }] }],
      },
    }),
    deployment("istiod", "istio-system", { app: "istiod" }, [
      {
        name: "discovery",
        image: "registry.example.com/istio/pilot:1.31.0",
        ports: [{ containerPort: 15012 }],
      },
    ]),
    deployment("coredns", "kube-system", { "k8s-app": "kube-dns" }, [
      { name: "coredns", image: "registry.example.com/coredns:1.12.0" },
    ]),
    // One: it keeps its traces in memory.
    deployment(
      "jaeger",
      "istio-system",
      { ...labels, "sidecar.istio.io/inject": "false" },
      [
        {
          name: "jaeger",
          image: "registry.example.com/jaegertracing/jaeger:2.19.0",
          args: ["--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=10000"],
          env: [{ name: "GOMEMLIMIT", value: "410MiB" }],
          ports: ports.map(([name, containerPort]) => ({ name, containerPort })),
          resources: { limits: { memory: "512Mi" } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            seccompProfile: { type: "RuntimeDefault" },
          },
        },
      ],
      1,
    ),
    object("v1", "Service", "jaeger", "istio-system", {
      spec: { selector: labels, ports: ports.map(([name, port]) => ({ name, port, targetPort: name })) },
    }),
  ];
}

function team(namespace: string, index: number): object[] {
  const app = `api-${index}`;
  const gateway: Peer = { namespace: "istio-system" };
  return [
    object("v1", "Namespace", namespace, undefined, {}, { "istio-injection": "enabled" }),
    policy("default-deny", namespace, { policyTypes: ["Ingress", "Egress"] }),
    policy("allow-dns", namespace, {
      policyTypes: ["Egress"],
      egress: [{ to: [peer({ namespace: "kube-system" })], ports: [port(53, "UDP"), port(53)] }],
    }),
    policy("allow-istiod", namespace, {
      policyTypes: ["Egress"],
      egress: [
        { to: [peer({ namespace: "istio-system", labels: { app: "istiod" } })], ports: [port(15012)] },
      ],
    }),
    policy("allow-jaeger-egress", namespace, {
      policyTypes: ["Egress"],
      egress: [
        {
          to: [peer({ namespace: "istio-system", labels: { "app.kubernetes.io/name": "jaeger" } })],
          ports: [port(9411), port(4317), port(4318)],
        },
      ],
    }),
    policy("allow-gateway", namespace, {
      podSelector: { matchLabels: { app } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [peer(gateway)], ports: [port(8000 + (index % 100))] }],
    }),
    deployment(app, namespace, { app, version: "v1" }, [
      {
        name: "app",
        image: `registry.example.com/${namespace}/${app}:1.${index}.0`,
        ports: [{ name: "http", containerPort: 8000 + (index % 100) }],
        env: [
          { name: "OTEL_SERVICE_NAME", value: app },
          { name: "OTEL_PROPAGATORS", value: "b3,tracecontext,baggage" },
          { name: "OTEL_TRACES_SAMPLER", value: "parentbased_always_on" },
          { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://jaeger.istio-system.svc.cluster.local:4317" },
          { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
        ],
        resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
      },
    ]),
  ];
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string | undefined,
  body: object,
  labels: Record<string, string> = { "app.kubernetes.io/part-of": "bench" },
): object {
  return { apiVersion, kind, metadata: { name, namespace, labels }, ...body };
}

function policy(name: string, namespace: string, spec: object): object {
  return object("networking.k8s.io/v1", "NetworkPolicy", name, namespace, {
    spec: { podSelector: {}, ...spec },
  });
}

function deployment(
  name: string,
  namespace: string,
  labels: Record<string, string>,
  containers: object[],
  replicas = 2,
): object {
  const spec = {
    replicas,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers } },
  };
  return object("apps/v1", "Deployment", name, namespace, { spec });
}

function peer({ namespace, labels }: Peer): object {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    ...(labels === undefined ? {} : { podSelector: { matchLabels: labels } }),
  };
}

function port(number: number, protocol = "TCP"): object {
  return { protocol, port: number };
}
