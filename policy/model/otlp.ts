/**
 * Where an SDK exports its traces to.
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
import { ports } from "../../mesh/ports";
import { kinds } from "../../mesh/kinds";
import { sdkConfigFiles, sdkVariables } from "../../mesh/sdkSettings";
import { isLoopback } from "./collectors/program";
import { placeOf, type ServicePlace, servicePort } from "./collector";
import { type Dangling, type Environment, type Setting, settingOf, type Variable } from "./environment";
import { type KubeObject, type ObjectIndex } from "./objects";
import { number } from "./reading";

export interface OtlpExport {
  /** The variable that sets the endpoint: one of an SDK's two, or one of the program's own. */
  variable: string;
  /** Whether the program reads it itself: what it makes of scheme and path is its own business. */
  isOfProgram?: true;
  endpoint: string;
  source: KubeObject;
  /** Set where a flag says it instead of the variable. */
  flag?: Variable["flag"];
  /** What the endpoint refers to in vain. */
  dangling?: Dangling;
  scheme: string | undefined;
  host: string;
  port: number | undefined;
  path: string;
  /** `grpc`, `http/protobuf` or `http/json` as written; undefined leaves it to the SDK. */
  protocol: Setting;
  /** The variable that sets it, or would. */
  protocolVariable: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL" | "OTEL_EXPORTER_OTLP_PROTOCOL";
  /** The Service the host means, as seen from the pod. */
  place?: ServicePlace;
  service?: KubeObject;
}

/** Whether a container's SDK is on and sends its traces by OTLP, as it does where nothing is said. */
export function exportsOtlp(environment: Environment): boolean {
  if (settingOf(environment, "OTEL_SDK_DISABLED").value?.toLowerCase() === "true") return false;
  // A file with all settings is read instead of the variables.
  if (sdkConfigFiles.some((name) => environment.variables.has(name))) return false;
  const exporters = settingOf(environment, "OTEL_TRACES_EXPORTER").value;
  return (
    exporters === undefined ||
    exporters === "" ||
    exporters.split(",").some((one) => one.trim().startsWith("otlp"))
  );
}

/** The trace export of a container; undefined where it exports no traces by OTLP, or nobody can say where. */
export function otlpExportOf(
  environment: Environment,
  namespace: string,
  index: ObjectIndex,
): OtlpExport | undefined {
  if (!exportsOtlp(environment)) return undefined;
  const { variables, told } = environment;
  const bySdk = [sdkVariables.tracesEndpoint, sdkVariables.endpoint].find((name) => variables.has(name));
  const variable = bySdk ?? told?.name ?? sdkVariables.endpoint;
  const {
    value: endpoint,
    source,
    flag,
    dangling,
  } = (bySdk === undefined ? told?.variable : variables.get(bySdk)) ?? {};
  if (endpoint === undefined || endpoint === "" || source === undefined) return undefined;
  // What the running pod knows stands in parentheses: `http://$(HOST_IP):4317`.
  const match = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:[^/@]*@)?([^/:]+|\[[^\]]*\])(?::(\d+))?(\/.*)?$/i.exec(
    endpoint,
  );
  const host = match?.[2] ?? "";
  const scheme = match?.[1]?.toLowerCase();
  const place = placeOf(host, namespace);
  const ownProtocol = settingOf(environment, sdkVariables.tracesProtocol);
  const protocolVariable =
    ownProtocol.value === undefined ? sdkVariables.protocol : sdkVariables.tracesProtocol;
  if (bySdk === undefined && isLoopback(host)) return undefined;
  return {
    variable,
    ...(bySdk === undefined ? { isOfProgram: true } : {}),
    endpoint,
    source,
    flag,
    ...(dangling === undefined ? {} : { dangling }),
    scheme,
    host,
    port: match?.[3] === undefined ? undefined : Number(match[3]),
    path: match?.[4] ?? "",
    protocol: ownProtocol.value === undefined ? settingOf(environment, sdkVariables.protocol) : ownProtocol,
    protocolVariable,
    place,
    service: place && index.get(kinds.service, place.namespace, place.name),
  };
}

/** The port of the pods behind an endpoint, where it is a number and the Service is known. */
export function targetPortOf({ service, port }: OtlpExport): number | undefined {
  if (port === undefined || service === undefined) return port;
  const entry = servicePort(service, port);
  if (entry === undefined) return undefined;
  const target = number(entry["targetPort"] ?? port);
  if (target !== undefined) return target;
  // A named port: its name usually says what it takes.
  const name = String(entry["targetPort"]);
  return /grpc/.test(name) ? ports.otlpGrpc : /http/.test(name) ? ports.otlpHttp : port;
}
