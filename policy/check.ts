/** Runs every rule on some objects: what all callers do. */
import { byObjectThenRule, type Finding, type Level } from "../findings/finding";
import { type Options } from "./options";
import { TracingModel } from "./model/tracingModel";
import { type Rule } from "./rule";
import { accessLogTraceId } from "./rules/accessLogTraceId";
import { collectorExports } from "./rules/collectorExports";
import { collectorHostUnique } from "./rules/collectorHostUnique";
import { collectorPortProtocol } from "./rules/collectorPortProtocol";
import { collectorReceives } from "./rules/collectorReceives";
import { collectorService } from "./rules/collectorService";
import { collectorVisible } from "./rules/collectorVisible";
import { instrumentationResolves } from "./rules/instrumentationResolves";
import { jaegerHardened } from "./rules/jaegerHardened";
import { jaegerMemoryBound } from "./rules/jaegerMemoryBound";
import { jaegerNoSidecar } from "./rules/jaegerNoSidecar";
import { jaegerStorageCredentials } from "./rules/jaegerStorageCredentials";
import { jaegerStoragePath } from "./rules/jaegerStoragePath";
import { jaegerStorageShared } from "./rules/jaegerStorageShared";
import { jaegerStorageTls } from "./rules/jaegerStorageTls";
import { jaegerUiNotPublic } from "./rules/jaegerUiNotPublic";
import { kialiAuthenticated } from "./rules/kialiAuthenticated";
import { kialiReachesTracing } from "./rules/kialiReachesTracing";
import { kialiTracing } from "./rules/kialiTracing";
import { knownInputs } from "./rules/knownInputs";
import { meshBaselineEgress } from "./rules/meshBaselineEgress";
import { meshConfigSources } from "./rules/meshConfigSources";
import { meshProvider } from "./rules/meshProvider";
import { otlpEndpoint } from "./rules/otlpEndpoint";
import { samplerParentBased } from "./rules/samplerParentBased";
import { serviceEntryHosts } from "./rules/serviceEntryHosts";
import { serviceEntryPorts } from "./rules/serviceEntryPorts";
import { serviceEntryResolution } from "./rules/serviceEntryResolution";
import { tailSamplingSticky } from "./rules/tailSamplingSticky";
import { telemetryMeshWide } from "./rules/telemetryMeshWide";
import { telemetryOverrides } from "./rules/telemetryOverrides";
import { telemetryProvider } from "./rules/telemetryProvider";
import { telemetrySampling } from "./rules/telemetrySampling";
import { traceContextJoins } from "./rules/traceContextJoins";
import { tracePathOpen } from "./rules/tracePathOpen";
import { uiRoute } from "./rules/uiRoute";
import { wellFormedObjects } from "./rules/wellFormedObjects";

/** Every rule, along the way of a span: path, collector, mesh, application, Jaeger. */
export const allRules: readonly Rule[] = [
  tracePathOpen,
  meshBaselineEgress,
  wellFormedObjects,
  collectorService,
  collectorPortProtocol,
  collectorHostUnique,
  collectorVisible,
  collectorReceives,
  collectorExports,
  tailSamplingSticky,
  telemetryMeshWide,
  telemetryProvider,
  telemetrySampling,
  telemetryOverrides,
  meshProvider,
  meshConfigSources,
  traceContextJoins,
  samplerParentBased,
  otlpEndpoint,
  instrumentationResolves,
  serviceEntryResolution,
  serviceEntryHosts,
  serviceEntryPorts,
  accessLogTraceId,
  jaegerMemoryBound,
  jaegerStorageShared,
  jaegerStoragePath,
  jaegerStorageCredentials,
  jaegerStorageTls,
  jaegerNoSidecar,
  jaegerHardened,
  jaegerUiNotPublic,
  kialiTracing,
  kialiReachesTracing,
  kialiAuthenticated,
  uiRoute,
  knownInputs,
];

/** Settings of rules by their names: a level, `off`, or a level and limits. */
export type RuleConfig = Readonly<
  Record<string, Level | "off" | ({ level?: Level | "off" } & Record<string, unknown>)>
>;

/**
 * Findings of all rules, those of one object together.
 * @param objects plain Kubernetes objects of any kinds, lists of them too; nothing in them makes this fail
 */
export function checkAll(
  objects: Iterable<unknown>,
  options: Options = {},
  config: RuleConfig = {},
): Finding[] {
  return checkModel(TracingModel.from(objects, options), config);
}

/** The same for a model that was built already. */
export function checkModel(model: TracingModel, config: RuleConfig = {}): Finding[] {
  return allRules
    .flatMap((rule) => {
      const setting = config[rule.name] ?? {};
      const { level, ...limits } = typeof setting === "string" ? { level: setting } : setting;
      if (level === "off") return [];
      const findings = rule.check(model, limits);
      // A level given lowers or raises what the rule calls wrong; what it only doubts stays as it is.
      return level === undefined
        ? findings
        : findings.map((finding) => (finding.level === rule.level ? { ...finding, level } : finding));
    })
    .sort(byObjectThenRule);
}
