/** What must hold between the sections that instrument without code changes. */
import { hasFeature, istioSince, versionText } from "../mesh/istioVersions";
import { type AddMistake } from "./mistakes";
import { type Sections } from "./sections";

/** Adds the mistakes between `otel.instrumentation`, `otelOperator`, `istio` and the Deployments. */
export function checkInstrumentation(
  { istio, otel, otelOperator, namespaces = {} }: Partial<Sections>,
  add: AddMistake,
): void {
  for (const [namespace, { deployments }] of Object.entries(namespaces)) {
    for (const [name, { instrument }] of Object.entries(deployments)) {
      if (instrument === undefined) continue;
      const path = ["namespaces", namespace, "deployments", name, "instrument"];
      if (otel !== undefined && otel.instrumentation === undefined) {
        add(
          path,
          "nothing says what is injected: there is no otel.instrumentation",
          "add otel.instrumentation: {}, or remove instrument where the application brings an SDK",
        );
      }
      if (instrument !== "go") continue;
      if (otel?.instrumentation?.allowPrivileged === false) {
        add(
          path,
          "Go is instrumented by a privileged container that runs as root beside the application and sees its processes",
          "set otel.instrumentation.allowPrivileged true, or use an SDK in the application's code",
        );
      }
      if (istio !== undefined && !hasFeature(istio.version, "w3cPropagation")) {
        add(
          path,
          `Go instrumentation knows only traceparent, and proxies of Istio ${istio.version} write only B3 headers: traces would be split`,
          `upgrade to Istio ${versionText(istioSince.w3cPropagation)}, or use an SDK in the application's code`,
        );
      }
    }
  }
  if (otelOperator === undefined) return;
  if (otel !== undefined && otel.instrumentation === undefined) {
    add(
      ["otelOperator"],
      "nothing uses the operator: there is no otel.instrumentation",
      "add otel.instrumentation: {}, or remove otelOperator",
    );
  }
  const { namespace } = otelOperator.install;
  if (namespace in namespaces) {
    add(
      ["otelOperator", "install", "namespace"],
      "the operator's namespace cannot be a traced one: an egress policy would cut it off from the API server",
      "choose a namespace of its own",
    );
  }
}
