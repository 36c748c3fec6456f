import { collectorConfig, withCollector } from "../../../docs/generate/sample/collector";
import { describe, expect, it } from "vitest";
import { app, container, instrumented, source } from "../../../docs/generate/sample/instrumented";
import { collectorHost, type Manifest, Mesh, namespaces } from "../../../docs/generate/sample/mesh";
import { environment } from "../../fixtures/application";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const egress = "NetworkPolicy auth/allow-jaeger-egress";
const collector = "Service istio-system/jaeger-collector-clusterip";

/** An application that sends to a collector of another namespace. */
const toCollector = (mesh: Mesh) =>
  withCollector(mesh).set(
    "ConfigMap auth/otel-environment",
    "data OTEL_EXPORTER_OTLP_ENDPOINT",
    "http://otel-collector.observability.svc:4317",
  );

const collectorPod = "Deployment observability/otel-collector";
const forwardingTo = (endpoint: string) => ({
  ...collectorConfig,
  exporters: { otlp: { endpoint, tls: { insecure: true } } },
});

testRule("known-inputs", {
  faults: [
    {
      ...exampleFault("known-inputs"),
      object: egress,
      message:
        "NetworkPolicy auth/allow-jaeger-egress has values that are not known yet (spec.egress[0].ports[2].port), so they cannot be checked; use literal values",
      fix: "",
    },
    {
      name: "the environment is not in the input",
      breaks: (mesh) =>
        mesh
          .set(app, `${container} env`, [{ name: "OTEL_SERVICE_NAME", value: "auth-api" }])
          .remove(environment),
      object: app,
      level: "warning",
      message:
        "Deployment auth/auth-api container app takes OTEL_EXPORTER_OTLP_ENDPOINT from a source that cannot be read (ConfigMap auth/otel-environment is not in the input), so it is not checked; add the source to the input",
      fix: "",
    },
    {
      name: "the endpoint of an injected SDK is in a Secret",
      breaks: (mesh) =>
        instrumented(mesh)
          .unset(source, "spec exporter")
          .set(app, `${container} env`, [
            {
              name: "OTEL_EXPORTER_OTLP_ENDPOINT",
              valueFrom: { secretKeyRef: { name: "collector", key: "endpoint" } },
            },
          ]),
      object: app,
      level: "warning",
      message:
        "Deployment auth/auth-api container app takes OTEL_EXPORTER_OTLP_ENDPOINT from a source that cannot be read (it is in Secret auth/collector), so it is not checked; Secrets are not read: where it is no secret, a ConfigMap is the place",
      fix: "",
    },
    {
      name: "an Instrumentation is not known at preview",
      breaks: (mesh) => instrumented(mesh).set(source, "spec sampler argument", "unknown!"),
      options: { isUnknown: (value) => value === "unknown!" },
      object: source,
      message:
        "Instrumentation auth/sdk has values that are not known yet (spec.sampler.argument), so they cannot be checked; use literal values",
      fix: "",
    },
    {
      name: "the configuration of a collector that spans come to",
      besides: ["trace-path-open"],
      breaks: (mesh) => toCollector(mesh).remove("ConfigMap observability/otel-collector"),
      object: "Deployment observability/otel-collector",
      level: "info",
      message:
        "Deployment observability/otel-collector reads its configuration from ConfigMap observability/otel-collector, which " +
        "is not in the input, so what it takes and where it sends that is not checked; add the object to the input",
      fix: "",
    },
    {
      name: "a program that takes spans and has a configuration in a language of its own",
      besides: ["trace-path-open"],
      breaks: (mesh) =>
        toCollector(mesh).set(
          collectorPod,
          "spec template spec containers 0 image",
          "docker.io/grafana/alloy:v1.9.0",
        ),
      object: collectorPod,
      level: "info",
      message:
        `${collectorPod} takes spans and runs grafana/alloy, whose configuration is not read here, ` +
        "so what it takes and where it sends that is not checked",
      fix: "",
    },
    {
      name: "a collector's exporter whose endpoint is in a Secret",
      breaks: (mesh) =>
        withCollector(mesh, forwardingTo("${env:STORE}:4317")).set(
          collectorPod,
          "spec template spec containers 0 env",
          [{ name: "STORE", valueFrom: { secretKeyRef: { name: "store", key: "host" } } }],
        ),
      object: "ConfigMap observability/otel-collector",
      level: "info",
      message:
        "ConfigMap observability/otel-collector forwards spans by exporters.otlp to ${env:STORE}:4317, a variable whose value " +
        "is not in the input, so that way is not checked; set it in env of the container, or in a ConfigMap",
      fix: "",
    },
  ],
  harmless: [
    {
      name: "the fix: a collector's exporter whose endpoint a ConfigMap has",
      varies: (mesh) =>
        withCollector(mesh, forwardingTo("${env:STORE}:4317"))
          .set(collectorPod, "spec template spec containers 0 envFrom", [{ configMapRef: { name: "store" } }])
          .add({
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "store", namespace: "observability" },
            data: { STORE: "jaeger-collector-clusterip.istio-system" },
          }),
    },
    {
      name: "a program for metrics and logs that nobody sends spans to",
      varies: (mesh) =>
        withCollector(mesh).set(
          collectorPod,
          "spec template spec containers 0 image",
          "grafana/alloy:v1.9.0",
        ),
    },
    {
      name: "an exporter that no pipeline of traces has",
      varies: (mesh) =>
        withCollector(mesh, {
          ...collectorConfig,
          exporters: { ...collectorConfig.exporters, "otlp/metrics": { endpoint: "${env:METRICS}" } },
        }),
    },
    {
      name: "the fix: the configuration of a collector that spans come to",
      besides: ["trace-path-open"],
      varies: (mesh) => toCollector(mesh),
    },
    {
      name: "a collector that nobody sends to, and of which nothing is known",
      varies: (mesh) => withCollector(mesh).remove("ConfigMap observability/otel-collector"),
    },
    {
      name: "variables one by one, one made of another",
      varies: (mesh) =>
        mesh.unset(app, `${container} envFrom`).set(app, `${container} env`, [
          { name: "COLLECTOR", value: collectorHost },
          { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: "http://$(COLLECTOR):4317" },
          { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
          {
            name: "OTEL_PROPAGATORS",
            valueFrom: { configMapKeyRef: { name: "otel-environment", key: "OTEL_PROPAGATORS" } },
          },
        ]),
    },
    {
      name: "the environment from an Instrumentation",
      varies: (mesh) =>
        mesh
          .unset(app, `${container} envFrom`)
          .set(app, "spec template metadata annotations", {
            "instrumentation.opentelemetry.io/inject-python": "true",
          })
          .add({
            apiVersion: "opentelemetry.io/v1alpha1",
            kind: "Instrumentation",
            metadata: { name: "default", namespace: "auth" },
            spec: {
              exporter: { endpoint: `http://${collectorHost}:4318` },
              propagators: ["b3", "tracecontext", "baggage"],
              sampler: { type: "parentbased_traceidratio", argument: "1" },
            },
          }),
    },
    {
      name: "the environment as a patch of the Deployment",
      varies: (mesh) =>
        mesh.unset(app, `${container} envFrom`).add({
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "auth-api", namespace: "auth" },
          spec: {
            template: {
              spec: {
                containers: [
                  {
                    name: "app",
                    env: [
                      { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "grpc" },
                      {
                        name: "OTEL_EXPORTER_OTLP_ENDPOINT",
                        valueFrom: {
                          configMapKeyRef: { name: "otel-environment", key: "OTEL_EXPORTER_OTLP_ENDPOINT" },
                        },
                      },
                    ],
                  },
                ],
              },
            },
          },
        }),
    },
  ],
});

describe("known-inputs", () => {
  const ask = asker("known-inputs");
  const isUnknown = (value: unknown) => value === "later";
  const unknowns = (ref: string, ...paths: string[]) => {
    const mesh = new Mesh();
    for (const path of paths) mesh.set(ref, path, "later");
    return ask(mesh, { isUnknown });
  };
  const says = (ref: string, paths: string) => [
    `error: ${ref} has values that are not known yet (${paths}), so they cannot be checked; use literal values`,
  ];
  const policy = "NetworkPolicy auth/allow-jaeger-egress";

  it("are values that decide about traces", () => {
    expect(unknowns(policy, "spec podSelector", "spec egress 0 ports 1")).toEqual(
      says(policy, "spec.podSelector and spec.egress[0].ports[1]"),
    );
    expect(unknowns(policy, "spec")).toEqual(says(policy, "spec"));
    expect(unknowns(collector, "spec clusterIP")).toEqual(says(collector, "spec.clusterIP"));
    expect(unknowns("Namespace auth", "metadata labels")).toEqual(says("Namespace auth", "metadata.labels"));
    const entry = "ServiceEntry istio-system/google-external";
    expect(unknowns(entry, "spec hosts")).toEqual(says(entry, "spec.hosts"));
    const telemetry = "Telemetry istio-system/mesh-default";
    expect(unknowns(telemetry, "spec tracing")).toEqual(says(telemetry, "spec.tracing"));
    expect(unknowns(environment, "data OTEL_PROPAGATORS")).toHaveLength(2);
    expect(unknowns(environment, "data OTEL_PROPAGATORS")[0]).toEqual(
      says(environment, "data.OTEL_PROPAGATORS")[0],
    );
    expect(unknowns("ConfigMap istio-system/istio", "data mesh")).toEqual(
      says("ConfigMap istio-system/istio", "data.mesh"),
    );
    expect(unknowns("ConfigMap istio-system/istio", "data")).toEqual(
      says("ConfigMap istio-system/istio", "data"),
    );
  });

  it("are no others", () => {
    expect(unknowns(policy, "status")).toEqual([]);
    expect(unknowns(policy, "metadata annotations")).toEqual([]);
    expect(unknowns(policy, "metadata uid", "metadata resourceVersion")).toEqual([]);
    expect(unknowns(policy, "other")).toEqual([]);
    expect(unknowns(app, "spec replicas")).toEqual([]);
    expect(unknowns("ConfigMap istio-system/istio", "data meshNetworks", "binaryData", "data other")).toEqual(
      [],
    );
    expect(ask(["later"], { isUnknown })).toEqual([]);
  });

  it("are variables that cannot be read: one finding for one thing that is missing", () => {
    const mesh = () =>
      new Mesh()
        .remove(environment)
        .set(app, `${container} env`, [{ name: "OTEL_SERVICE_NAME", value: "a" }]);
    const gone =
      `warning: ${app} container app takes OTEL_EXPORTER_OTLP_ENDPOINT from a source that cannot be read (ConfigMap ` +
      `auth/otel-environment is not in the input), so it is not checked; add the source to the input`;
    expect(ask(mesh())).toEqual([gone]);
    expect(ask(mesh().copy(app, "second"))).toEqual([gone]);
    const both = mesh().remove("ConfigMap chat/otel-environment");
    both.set("Deployment chat/chat-api", `${container} env`, [{ name: "OTEL_SERVICE_NAME", value: "a" }]);
    expect(ask(both)).toHaveLength(2);
    // Where spans go is asked of applications outside the mesh, too; what only a mesh has a part in is not.
    const untraced = mesh().objects.filter(({ metadata }: Manifest) => metadata.namespace === "auth");
    expect(ask(untraced)).toEqual([gone]);
    const propagators = [
      { name: "OTEL_PROPAGATORS", valueFrom: { secretKeyRef: { name: "a", key: "b" } } },
      { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: `http://${collectorHost}:4317` },
    ];
    const alone = new Mesh().unset(app, `${container} envFrom`).set(app, `${container} env`, propagators);
    expect(ask(alone)).toHaveLength(1);
    expect(ask(alone.objects.filter(({ metadata }) => metadata.namespace === "auth"))).toEqual([]);
  });

  it.each([
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_PROPAGATORS",
    "OTEL_TRACES_SAMPLER",
  ])("are values of %s", (name) => {
    const env = (key: string) => [{ name: key, valueFrom: { secretKeyRef: { name: "a", key: "b" } } }];
    expect(ask(new Mesh().set(app, `${container} env`, env(name)))).toEqual([
      `warning: ${app} container app takes ${name} from a source that cannot be read (it is in Secret auth/a), so it is not checked; Secrets are not read: where it is no secret, a ConfigMap is the place`,
    ]);
    expect(ask(new Mesh().set(app, `${container} env`, env("OTEL_SERVICE_NAME")))).toEqual([]);
  });

  it("are what a mesh has a part in, of pods in it alone", () => {
    const secret = { name: "OTEL_PROPAGATORS", valueFrom: { secretKeyRef: { name: "a", key: "b" } } };
    const mesh = () => new Mesh().set(app, `${container} env`, [secret]);
    expect(ask(mesh())).toHaveLength(1);
    const outside = { app: "auth-api", "sidecar.istio.io/inject": "false" };
    expect(ask(mesh().set(app, "spec template metadata labels", outside))).toEqual([]);
  });

  it("are no endpoint for traces alone that may be somewhere, beside one for all", () => {
    const endpoint = { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: `http://${collectorHost}:4317` };
    const from = {
      name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
      valueFrom: { secretKeyRef: { name: "a", key: "b" } },
    };
    const told = (...env: object[]) => {
      const mesh = new Mesh().set(app, `${container} env`, env);
      // Only here: what else the source may have is not asked for outside the mesh.
      mesh.set(app, "spec template metadata labels", { app: "auth-api", "sidecar.istio.io/inject": "false" });
      mesh.set(app, `${container} envFrom`, [{ configMapRef: { name: "gone" } }]);
      return ask(mesh).map((text) => /takes (\S+) from/.exec(text)?.[1]);
    };
    expect(told(endpoint)).toEqual([]);
    expect(told(endpoint, from)).toEqual(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]);
  });

  it("are ConfigMaps of the collector's own container", () => {
    const pod = "spec template spec";
    const mesh = toCollector(new Mesh())
      .set(collectorPod, `${pod} containers 1`, {
        name: "reload",
        image: "example.com/reload:1",
        volumeMounts: [{ name: "other", mountPath: "/other" }],
      })
      .set(collectorPod, `${pod} volumes 1`, { name: "other", configMap: { name: "other" } });
    expect(ask(mesh)).toEqual([]);
    expect(ask(mesh.remove("ConfigMap observability/otel-collector"))).toEqual([
      expect.stringContaining(
        "reads its configuration from ConfigMap observability/otel-collector, which is not",
      ),
    ]);
  });

  it("are none in a healthy mesh", () => {
    expect(namespaces.length).toBeGreaterThan(0);
    expect(ask(new Mesh())).toEqual([]);
  });
});
