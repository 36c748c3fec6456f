/** What is said of the provider as istiod has it. */
import { expect, it } from "vitest";
import { istiodChecks } from "../../../doctor/checks/istiod";
import { type Facts } from "../../../doctor/judge/facts";

function providerCheck(rule: string): unknown {
  const mesh = { extensionProviders: [{ name: "jaeger", zipkin: { service: "jaeger.a.svc", port: 9411 } }] };
  const istiod = { pod: "istio-system/istiod-0", mesh, metrics: [], later: [], proxies: [], unanswered: [] };
  const model = { tracing: { providerName: "jaeger" }, mesh: { rootNamespace: "istio-system" } };
  const findings = [{ rule, level: "error", message: "m" }];
  return istiodChecks({ istiods: [istiod], model, findings } as unknown as Facts)[0];
}

it("the sampling of a provider that istiod knows is no question of the provider", () => {
  expect(providerCheck("telemetry-sampling")).toMatchObject({
    id: "istiod-provider",
    result: "success",
    evidence: ["istio-system/istiod-0: jaeger is zipkin at jaeger.a.svc:9411"],
  });
});

it("a second mesh-wide Telemetry is: it takes the provider away", () => {
  expect(providerCheck("telemetry-mesh-wide")).toMatchObject({
    result: "error",
    evidence: ["istio-system/istiod-0: jaeger is zipkin at jaeger.a.svc:9411", "[telemetry-mesh-wide] m"],
  });
});
