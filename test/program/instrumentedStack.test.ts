/** What the operator makes of this project's own Instrumentation and annotations, as the rules see it. */
import { describe, expect, it } from "vitest";
import { helmCharts } from "../../engine/helm";
import { manifestsOf } from "../../engine/manifests";
import { checkAll } from "../../policy/checkAll";
import { TracingModel } from "../../policy/model/tracingModel";
import { instrumentedStack } from "../fixtures/instrumented";
import { objectOf } from "../fixtures/rendered";
import { root, run } from "../fixtures/stack";

const sections = {
  istio: { version: "1.31", delivery: "shared" },
  otelOperator: { install: { createNamespace: true } },
};
const collector = "http://jaeger-collector-clusterip.istio-system.svc.cluster.local";
const options = {
  istioVersion: "1.31",
  gateways: ["edge"],
};

async function objectsOf(more: Record<string, unknown> = {}): Promise<unknown[]> {
  const { resources } = await run(instrumentedStack({ ...sections, ...more }));
  const rendered = await manifestsOf(resources, helmCharts("never", "1.34.0", root));
  return rendered.map(objectOf);
}

/** What each SDK is told, by the Deployment it is in. */
function toldIn(objects: readonly unknown[]): Record<string, Record<string, string | undefined>> {
  const model = TracingModel.from(objects, options);
  return Object.fromEntries(
    model.traced
      .filter(({ workload }) => workload.object.kind === "Deployment" && workload.namespace === "shop")
      .flatMap(({ workload }) =>
        model.environmentsOf(workload).map(({ container, injected, variables }) => [
          workload.name,
          {
            container,
            language: injected?.language,
            endpoint: variables.get("OTEL_EXPORTER_OTLP_ENDPOINT")?.value,
            protocol: variables.get("OTEL_EXPORTER_OTLP_PROTOCOL")?.value,
            propagators: variables.get("OTEL_PROPAGATORS")?.value,
            sampler: variables.get("OTEL_TRACES_SAMPLER")?.value,
            metrics: variables.get("OTEL_METRICS_EXPORTER")?.value,
          },
        ]),
      ),
  );
}

describe("a stack whose SDKs come from the operator", () => {
  const same = {
    propagators: "b3,tracecontext,baggage",
    sampler: "parentbased_traceidratio",
    metrics: "none",
  };
  const http = { ...same, endpoint: `${collector}:4318`, protocol: "http/protobuf" };

  it.each(["grpc", "http/protobuf"])(
    "tells every language of one protocol and its port: otel.protocol %s",
    async (protocol) => {
      const otel = { protocol, instrumentation: { allowPrivileged: true } };
      expect(toldIn(await objectsOf({ otel }))).toEqual({
        cart: { container: "cart", language: "python", ...http },
        pay: { container: "app", language: "java", ...http },
        rate: { container: "rate", language: "dotnet", ...http },
        ship: { container: "opentelemetry-auto-instrumentation", language: "go", ...http },
        web: { container: "web", language: "nodejs", ...http },
        own: {
          container: "own",
          language: undefined,
          ...(protocol === "grpc" ? { ...same, endpoint: `${collector}:4317`, protocol } : http),
        },
      });
    },
  );

  it("has no finding", async () => {
    expect(checkAll(await objectsOf(), options)).toEqual([]);
  });

  it("has findings once its Instrumentation is gone, one for each Deployment that asks", async () => {
    const objects = (await objectsOf()).filter(
      (object) => (object as { kind: string }).kind !== "Instrumentation",
    );
    expect(checkAll(objects, options).map(({ rule, level, name }) => [rule, level, name])).toEqual(
      ["cart", "pay", "rate", "ship", "web"].map((name) => ["instrumentation-resolves", "warning", name]),
    );
  });
});
