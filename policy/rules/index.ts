/** The list of the rules. */
import { type Rule } from "../rule";
import { accessLogTraceId } from "./accessLogTraceId";
import { applicationPortProtocol } from "./applicationPortProtocol";
import { collectorAdmits } from "./collectorAdmits";
import { collectorExports } from "./collectorExports";
import { collectorHostUnique } from "./collectorHostUnique";
import { collectorPortProtocol } from "./collectorPortProtocol";
import { collectorReceives } from "./collectorReceives";
import { collectorService } from "./collectorService";
import { collectorVisible } from "./collectorVisible";
import { destinationRuleTls } from "./destinationRuleTls";
import { instrumentationResolves } from "./instrumentationResolves";
import { jaegerHardened } from "./jaegerHardened";
import { jaegerMemoryBound } from "./jaegerMemoryBound";
import { jaegerNoSidecar } from "./jaegerNoSidecar";
import { jaegerStorageCredentials } from "./jaegerStorageCredentials";
import { jaegerStoragePath } from "./jaegerStoragePath";
import { jaegerStorageShared } from "./jaegerStorageShared";
import { jaegerStorageTls } from "./jaegerStorageTls";
import { jaegerUiNotPublic } from "./jaegerUiNotPublic";
import { kialiAuthenticated } from "./kialiAuthenticated";
import { kialiReachesTracing } from "./kialiReachesTracing";
import { kialiTracing } from "./kialiTracing";
import { knownFields } from "./knownFields";
import { knownInputs } from "./knownInputs";
import { meshBaselineEgress } from "./meshBaselineEgress";
import { meshConfigSources } from "./meshConfigSources";
import { meshProvider } from "./meshProvider";
import { otlpEndpoint } from "./otlpEndpoint";
import { samplerParentBased } from "./samplerParentBased";
import { sdkSettings } from "./sdkSettings";
import { serviceEntryHosts } from "./serviceEntryHosts";
import { serviceEntryPorts } from "./serviceEntryPorts";
import { serviceEntryResolution } from "./serviceEntryResolution";
import { tailSamplingSticky } from "./tailSamplingSticky";
import { telemetryMeshWide } from "./telemetryMeshWide";
import { telemetryOverrides } from "./telemetryOverrides";
import { telemetryProvider } from "./telemetryProvider";
import { telemetrySampling } from "./telemetrySampling";
import { traceContextJoins } from "./traceContextJoins";
import { tracePathOpen } from "./tracePathOpen";
import { uiRoute } from "./uiRoute";
import { virtualServiceOtlp } from "./virtualServiceOtlp";
import { wellFormedObjects } from "./wellFormedObjects";

/** Every rule, along the way of a span: path, collector, mesh, application, Jaeger. */
export const allRules: readonly Rule[] = [
  tracePathOpen,
  meshBaselineEgress,
  wellFormedObjects,
  collectorService,
  collectorPortProtocol,
  collectorHostUnique,
  collectorVisible,
  destinationRuleTls,
  virtualServiceOtlp,
  collectorAdmits,
  collectorReceives,
  collectorExports,
  tailSamplingSticky,
  telemetryMeshWide,
  telemetryProvider,
  telemetrySampling,
  telemetryOverrides,
  meshProvider,
  meshConfigSources,
  applicationPortProtocol,
  traceContextJoins,
  samplerParentBased,
  sdkSettings,
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
  knownFields,
  knownInputs,
];
