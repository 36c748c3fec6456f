/** An application of the fixture whose SDK the operator adds, as faults and variations change it. */
import { collectorHost, type Manifest, type Mesh } from "./mesh";

export const app = "Deployment auth/auth-api";
export const source = "Instrumentation auth/sdk";
export const container = "spec template spec containers 0";
export const prefix = "instrumentation.opentelemetry.io/";

/** What an SDK of any language needs. */
export function instrumentation(name = "sdk", namespace = "auth"): Manifest {
  return {
    apiVersion: "opentelemetry.io/v1alpha1",
    kind: "Instrumentation",
    metadata: { name, namespace },
    spec: {
      exporter: { endpoint: `http://${collectorHost}:4318` },
      propagators: ["b3", "tracecontext", "baggage"],
      sampler: { type: "parentbased_traceidratio", argument: "1" },
    },
  };
}

/** The application without variables of its own, asking for an SDK by annotations. */
export function instrumented(
  mesh: Mesh,
  annotations: Record<string, string> = { "inject-python": "sdk", "container-names": "app" },
): Mesh {
  return mesh
    .unset(app, `${container} envFrom`)
    .set(
      app,
      "spec template metadata annotations",
      Object.fromEntries(Object.entries(annotations).map(([key, value]) => [prefix + key, value])),
    )
    .add(instrumentation());
}
