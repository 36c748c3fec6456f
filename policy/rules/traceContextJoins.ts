import { istioSince, versionText } from "../../mesh/istioVersions";
import { propagators as knownPropagators, sdkVariables } from "../../mesh/sdkSettings";
import { settingOf } from "../model/environment";
import { type KubeObject } from "../model/objects";
import { type MeshSide, meshSideOf } from "../model/propagation";
import { isMisspelt, meantValue } from "../model/slips";
import { defineRule } from "../rule";
import { type Mistake, problemsOf, settingFix } from "../sdkProblems";

/** What SDKs use when nothing is set. */
const sdkDefault = "tracecontext,baggage";

/** Neither the mesh's option nor the SDK's propagators are right or wrong alone. */
export const traceContextJoins = defineRule({
  name: "trace-context-joins",
  description:
    "Spans of proxies and of applications end up in one trace: the mesh's option and the propagators match.",
  level: "error",
  severity: "critical",
  tags: ["istio", "opentelemetry", "propagation"],
  url: "https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/",
  remediationSteps: `Use traceContextOption USE_B3_WITH_W3C_PROPAGATION (Istio ${versionText(istioSince.w3cPropagation)} and later), or let a B3 propagator be the last of OTEL_PROPAGATORS.`,
  page: {
    why: `Proxy and application continue one trace only if each reads the headers that the other writes.
      Envoy with \`USE_B3\` writes only \`x-b3-*\`; an SDK reads the listed formats in turn and the last one
      it finds wins. With the default of SDKs, \`tracecontext,baggage\`, it reads a header that no proxy has
      updated. So the rule checks the pair: the mesh's option and each application's propagators.`,
    symptom: `One request is two or more traces in Jaeger: the proxies' spans in one, each application's in
      another.`,
    exceptions: `Providers with formats of their own (Datadog, SkyWalking) are not judged. Where traces are
      joined only in part, as for clients that send nothing but \`traceparent\`, the finding is a warning; so
      it is where nothing sets an application's propagators, because its code may.`,
    sources: [
      "https://opentelemetry.io/docs/specs/otel/context/api-propagators/",
      "https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/",
      "https://github.com/envoyproxy/envoy/issues/47515",
    ],
  },
  find(model) {
    return problemsOf(model, function* ({ traced, environment }): Iterable<Mistake> {
      const mesh = meshSideOf(model, traced);
      if (mesh === undefined) return;
      const { injected } = environment;
      if (injected?.language === "go") {
        yield* goMistakes(mesh, injected.source);
        return;
      }
      const setting = settingOf(environment, sdkVariables.propagators);
      if (setting.unknown !== undefined) return;
      // What no SDK knows, and a name that none reads, is said of the setting.
      if (isMisspelt(environment, sdkVariables.propagators)) return;
      const [anyVariable] = environment.variables.values();
      const source = setting.source ?? injected?.source ?? anyVariable?.source;
      if (source === undefined) return;
      const written = setting.value === undefined || setting.value === "" ? sdkDefault : setting.value;
      const propagators = written.split(",").map((one) => one.trim());
      if (propagators.some((one) => meantValue(one, knownPropagators) !== undefined)) return;
      const { outcome, reason } = mesh.judge(propagators);
      if (outcome === "joined") return;
      // An application may set its propagators itself, where nobody sees it; an SDK that is injected does not.
      const isBelieved = setting.value !== undefined || injected !== undefined;
      const what =
        setting.value !== undefined
          ? `has ${setting.flag?.flag ?? sdkVariables.propagators}=${written}`
          : `sets no OTEL_PROPAGATORS (SDKs use ${sdkDefault}${isBelieved ? "" : " unless the application's code says otherwise"})`;
      yield {
        source,
        says:
          `${what}, while the mesh uses ${mesh.name}: ${consequences[outcome]}, ` +
          `because ${reason}; use ${mesh.wanted.join(",")}`,
        fix: settingFix(source, sdkVariables.propagators, mesh.wanted.join(","), setting.flag),
        ...(outcome === "split" && isBelieved ? {} : { level: "warning" as const }),
      };
    });
  },
});

/** What becomes of one request. */
const consequences = {
  split: "one request becomes several traces",
  disordered:
    "spans hang under the wrong parents, and a request that comes with traceparent becomes several traces",
  degraded: "traces are joined only in part",
} as const;

/** The SDK that the operator injects for Go reads and writes `traceparent`, whatever OTEL_PROPAGATORS says. */
function* goMistakes(mesh: MeshSide, source: KubeObject): Iterable<Mistake> {
  const { outcome, reason } = mesh.judge(["tracecontext"]);
  if (outcome === "joined") return;
  yield {
    source,
    says:
      `instruments Go, which knows no header but traceparent, while the mesh uses ${mesh.name}: one request becomes ` +
      `several traces, because ${reason}; set USE_B3_WITH_W3C_PROPAGATION (Istio ${versionText(istioSince.w3cPropagation)}) or use an SDK in the application's code`,
    fix: "",
  };
}
