/** Spans that go to localhost, which is the sender's own pod. */
import { serviceHost } from "../mesh/dns";
import { ports } from "../mesh/ports";
import { sdkVariables } from "../mesh/sdkSettings";
import { type Environment, settingOf } from "./model/environment";
import { protocolByDefault } from "./model/instrumentation";
import { portLeadingTo } from "./model/collector";
import { namespaceOf } from "./model/objects";
import { exportsOtlp, type OtlpExport } from "./model/otlp";
import { isMisspelt } from "./model/slips";
import { type TracingModel } from "./model/tracingModel";
import { type Workload } from "./model/workloads";
import { listensBeside } from "./paths/ownPod";
import { type Mistake, settingFix, written } from "./sdkProblems";

const { otlpGrpc, otlpHttp } = ports;

/** An endpoint on localhost, where nothing else is. */
export function* inOwnPod(
  model: TracingModel,
  workload: Workload,
  { variable, endpoint, source, flag, host, protocol }: OtlpExport,
): Iterable<Mistake> {
  const others = listensBeside(model, workload);
  if (others === "somebody") return;
  const wanted = collectorAddress(model, protocol.value);
  yield {
    source,
    says: `has ${written(variable, { value: endpoint, flag })}, and ${host} is its own pod, which has no container that takes spans: they are lost`,
    fix: wanted === undefined ? "" : settingFix(source, variable, wanted, flag),
    ...(others === "maybe" ? { level: "warning" as const } : {}),
  };
}

/** An SDK without an endpoint sends to its own pod, where only a collector beside the application would listen. */
export function* withoutEndpoint(
  model: TracingModel,
  workload: Workload,
  environment: Environment,
): Iterable<Mistake> {
  const { injected, agent, hasOthers } = environment;
  const names = [sdkVariables.tracesEndpoint, sdkVariables.endpoint];
  const isSaid = names.some(
    (name) => Object.keys(settingOf(environment, name)).length > 0 || isMisspelt(environment, name),
  );
  if (isSaid || hasOthers || !exportsOtlp(environment)) return;
  if (injected !== undefined) {
    const spoken = protocolByDefault.get(injected.language);
    if (spoken === undefined) return;
    const wanted = collectorAddress(model, spoken) ?? `http://collector:${portOf(spoken)}`;
    yield {
      source: injected.source,
      says: "has no exporter.endpoint, so spans go to localhost; set the collector's address",
      fix: settingFix(injected.source, sdkVariables.endpoint, wanted),
      // A collector that the operator puts beside the application listens there.
      level: "warning",
    };
    return;
  }
  // Only SDKs that read variables read this one; where it is absent, the program may say everything itself.
  const { source, flag, value } = settingOf(environment, sdkVariables.exporter);
  const others = listensBeside(model, workload);
  if (source === undefined || value === undefined || value === "" || others === "somebody") return;
  const { value: protocol = agent?.protocol } = settingOf(environment, sdkVariables.protocol);
  const wanted = collectorAddress(model, protocol);
  yield {
    source,
    says:
      `has ${written(sdkVariables.exporter, { value, flag })} and no ${sdkVariables.endpoint}, so its spans go to ` +
      "localhost, its own pod, which has no container that takes them",
    fix: wanted === undefined ? "" : settingFix(workload.object, sdkVariables.endpoint, wanted),
    ...(others === "maybe" ? { level: "warning" as const } : {}),
  };
}

/** Where the mesh's collector takes OTLP, if it does. */
function collectorAddress({ collector }: TracingModel, protocol: string | undefined): string | undefined {
  const service = collector?.service;
  if (service === undefined) return undefined;
  const found = portLeadingTo(service, portOf(protocol));
  return found === undefined
    ? undefined
    : `http://${serviceHost(service.metadata.name, namespaceOf(service))}:${found}`;
}

function portOf(protocol: string | undefined): number {
  return protocol?.startsWith("http") === true ? otlpHttp : otlpGrpc;
}
