/**
 * The variables a container starts with: `env` over what the OpenTelemetry Operator adds for an Instrumentation,
 * that over `envFrom`, with what ConfigMaps hold.
 */
import { istioContainers } from "../../mesh/names";
import { ports } from "../../mesh/ports";
import { kinds } from "../../mesh/kinds";
import { sdkVariableNames, sdkVariables } from "../../mesh/sdkSettings";
import { type Agent, agentOf, type Flag, flagsOf, speaksGrpc } from "./agents";
import { type KubeObject, type ObjectIndex } from "./objects";
import { at, type Json, record, records, text } from "./reading";
import { goContainer, protocolByDefault, type Injected, injectedEntries } from "./instrumentation";
import { meantVariable } from "./slips";
import { containersOf, type Workload } from "./workloads";

export interface Variable {
  /** Undefined if it is not known. */
  value?: string;
  /** Why the value is not known, such as a ConfigMap that is not in the input. */
  unknown?: string;
  /** The object to change to change the value. */
  source: KubeObject;
  /** The flag that sets it instead of a variable, and where that is written. */
  flag?: Pick<Flag, "flag" | "from">;
  /** Whether nobody wrote it: what the SDK does by itself. */
  isDefault?: true;
  /** A variable that the value refers to, and that the kubelet does not put in its place. */
  dangling?: Dangling;
}

/** `late` if it is set after the value, `literal` if the value is written where nothing is put in places. */
export interface Dangling {
  name: string;
  why: "absent" | "late" | "literal";
}

/** The variables of one container by name. */
export interface Environment {
  /** The container's name. */
  container: string;
  variables: ReadonlyMap<string, Variable>;
  /** A source of variables that cannot be read: any variable that is not listed may come from it. */
  incomplete?: string;
  /** The SDK that the operator adds, and the Instrumentation it takes it from. */
  injected?: { language: string; source: KubeObject };
  /** The SDK that the container's own command or variables load. */
  agent?: Agent;
  /** Whether variables of the program's own, such as a framework's, may say where spans go. */
  hasOthers: boolean;
  /** The one of those that names a port of OTLP, by its name. */
  told?: { name: string; variable: Variable };
}

/** The prefix of the variables that OpenTelemetry SDKs read; others are only looked up to expand these. */
const prefix = "OTEL_";

/** Names of variables by which programs and frameworks let themselves be told where spans go. */
const others = /(OTLP|OTEL|OPENTELEMETRY|TRAC(E|ING)|JAEGER|COLLECTOR).*(ENDPOINT|UR[IL]|HOST|ADDR)/;

/** Those of them that are about traces, or about all that is sent, and say it whole. */
const ofTraces =
  /^(?!.*(^|_)(METRICS?|LOGS?|LOGGING|PROFILES?|RECEIVER|LISTEN|BIND)_).*(OTLP|OTEL|OPENTELEMETRY).*(ENDPOINT|UR[IL]|ADDR(ESS)?)$/;

/** An address with a port of OTLP; `:4317` alone is one to listen on. */
const otlpAddress = new RegExp(`^([a-z]+://)?[^/:]+:(${ports.otlpGrpc}|${ports.otlpHttp})(/|$)`);

/** Fields of a pod that are an address: what is behind it is not known, the rest of an endpoint is. */
const addresses: ReadonlySet<unknown> = new Set([
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
]);

/**
 * The environments of a workload's containers that have an OpenTelemetry SDK, by what their variables say.
 * @param injected the SDKs that the operator adds
 */
export function environmentsOf(
  workload: Workload,
  index: ObjectIndex,
  injected: readonly Injected[],
): Environment[] {
  const containers = containersOf(workload).filter(({ name }) => name !== istioContainers.proxy);
  const own = containers.map((container) => {
    const name = text(container["name"]) ?? "";
    const added = injected.find(({ language, containers }) => language !== "go" && containers.includes(name));
    return environmentOf(container, name, workload, index, added);
  });
  const beside = injected.flatMap((one) => {
    // Go's SDK runs beside the application and sees nothing of its variables.
    if (one.language === "go") return [environmentOf({}, goContainer, workload, index, one)];
    // A patch may name containers in annotations alone; what else they have is not known.
    const known = containers.map(({ name }) => name);
    return workload.hypothetical === "partial"
      ? one.containers
          .filter((name) => !known.includes(name))
          .map((name) => environmentOf({}, name, workload, index, one))
      : [];
  });
  return [...own, ...beside].filter(
    ({ variables, agent, told }) => variables.size > 0 || agent !== undefined || told !== undefined,
  );
}

function environmentOf(
  container: Json,
  name: string,
  workload: Workload,
  index: ObjectIndex,
  added: Injected | undefined,
): Environment {
  const { variables: all, incomplete } = variablesOf(container, workload, index, added);
  const values = new Map<string, string>();
  for (const [key, { value }] of all) if (value !== undefined) values.set(key, value);
  for (const { flag, name: key, value, from } of flagsOf(container, values)) {
    const variable = { value, source: all.get(from ?? "")?.source ?? workload.object, flag: { flag, from } };
    all.set(
      key,
      expanded(variable, (name) => all.get(name)),
    );
  }
  const agent = added === undefined ? agentOf(container, values) : undefined;
  const variables = new Map([...all].filter(([key]) => key.startsWith(prefix)));
  const isTold = [sdkVariables.protocol, sdkVariables.tracesProtocol].some((key) => variables.has(key));
  if (agent?.protocol !== undefined && !isTold && incomplete === undefined)
    variables.set(sdkVariables.protocol, { value: agent.protocol, source: workload.object, isDefault: true });
  const ofProgram = [...all].filter(
    ([key]) => !sdkVariableNames.has(key) && meantVariable(key) === undefined,
  );
  const told = ofProgram.find(([key, { value = "" }]) => ofTraces.test(key) && otlpAddress.test(value));
  return {
    container: name,
    variables,
    hasOthers: ofProgram.some(([key]) => others.test(key)),
    told: told && { name: told[0], variable: told[1] },
    agent,
    incomplete,
    injected: added && { language: added.language, source: added.source },
  };
}

/** What a container's variables hold, whatever they are for. */
export function variablesOf(
  container: Json,
  workload: Workload,
  index: ObjectIndex,
  added?: Injected,
): { variables: Map<string, Variable>; incomplete: string | undefined } {
  const all = new Map<string, Variable>();
  let incomplete: string | undefined;
  // What the SDK does where nothing is said.
  const spoken = added && protocolByDefault.get(added.language);
  if (added !== undefined && spoken !== undefined) {
    const { language, source } = added;
    const isOldJava = language === "java" && speaksGrpc(at(source.spec, "java", "image"));
    all.set(sdkVariables.protocol, { value: isOldJava ? "grpc" : spoken, source });
  }
  for (const source of records(container["envFrom"])) {
    const missing = addAll(all, source, workload, index);
    incomplete ??= missing;
  }
  const fromElsewhere = new Set(all.keys());
  const own = new Set(records(container["env"]).flatMap((entry) => text(entry["name"]) ?? []));
  // The operator looks at `env` alone: what it adds there wins over all of `envFrom`.
  if (added !== undefined)
    for (const entry of injectedEntries(added, own)) addOne(all, entry, workload, index, added.source);
  for (const entry of records(container["env"])) addOne(all, entry, workload, index);
  const mayHaveMore = incomplete !== undefined || added !== undefined || workload.hypothetical !== undefined;
  expandAll(container, all, fromElsewhere, mayHaveMore);
  return { variables: all, incomplete };
}

/** Adds the keys of a whole ConfigMap; returns why it could not. */
function addAll(
  all: Map<string, Variable>,
  source: Json,
  workload: Workload,
  index: ObjectIndex,
): string | undefined {
  const keyPrefix = text(source["prefix"]) ?? "";
  for (const [field, kind] of [
    ["configMapRef", kinds.configMap],
    ["secretRef", kinds.secret],
  ] as const) {
    const reference = record(source[field]);
    const name = text(reference["name"]);
    if (name === undefined) continue;
    const object = index.get(kind, workload.namespace, name);
    if (object === undefined) {
      return reference["optional"] === true
        ? undefined
        : `${kind.name} ${workload.namespace}/${name} is not in the input`;
    }
    const data = record(object["data"]);
    for (const key of Object.keys(data)) {
      // A Secret's values are nobody's business here: that a variable is set is all there is to know.
      const value = kind === kinds.configMap ? text(data[key]) : undefined;
      all.set(
        keyPrefix + key,
        value === undefined
          ? { unknown: `it is in ${kind.name} ${workload.namespace}/${name}`, source: object }
          : { value, source: object },
      );
    }
  }
  return undefined;
}

function addOne(
  all: Map<string, Variable>,
  entry: Json,
  workload: Workload,
  index: ObjectIndex,
  source: KubeObject = workload.object,
): void {
  const key = text(entry["name"]);
  if (key === undefined) return;
  const from = record(entry["valueFrom"]);
  const reference = record(from["configMapKeyRef"]);
  const name = text(reference["name"]);
  if (name !== undefined) {
    const configMap = index.get(kinds.configMap, workload.namespace, name);
    const value = text(at(configMap?.["data"], text(reference["key"]) ?? ""));
    if (configMap !== undefined && value !== undefined) all.set(key, { value, source: configMap });
    else if (reference["optional"] !== true) {
      const unknown =
        configMap === undefined
          ? `ConfigMap ${workload.namespace}/${name} is not in the input`
          : `ConfigMap ${workload.namespace}/${name} has no key ${text(reference["key"]) ?? ""}`;
      all.set(key, { unknown, source: configMap ?? source });
    }
    return;
  }
  const value = text(entry["value"]);
  const field = at(from, "fieldRef", "fieldPath");
  if (addresses.has(field)) all.set(key, { value: `$(${key})`, source });
  else if (field === "metadata.namespace") all.set(key, { value: workload.namespace, source });
  else if (Object.keys(from).length > 0) all.set(key, { unknown: unknownWhy(from, workload), source });
  else all.set(key, { value: value ?? "", source });
}

function unknownWhy(from: Json, { namespace }: Workload): string {
  const secret = text(at(from, "secretKeyRef", "name"));
  return secret === undefined
    ? "it is only known in the running pod"
    : `it is in Secret ${namespace}/${secret}`;
}

const reference = /\$\$|\$\(([-._A-Za-z0-9]+)\)/g;

/** Variables that pods get for the Services of their namespace. */
const ofServices = /_(SERVICE_HOST|SERVICE_PORT|PORT)(_|$)/;

/**
 * References as the kubelet replaces them, which goes through `env` from top to bottom, after all of `envFrom`, and
 * reads them in `value` alone. What it leaves as it is is dangling.
 * @param fromElsewhere names that `envFrom` gives
 * @param mayHaveMore whether variables may be set that are not in the input
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables)
 */
function expandAll(
  container: Json,
  all: Map<string, Variable>,
  fromElsewhere: ReadonlySet<string>,
  mayHaveMore: boolean,
): void {
  const entries = records(container["env"]);
  const positions = new Map(entries.map((entry, position) => [text(entry["name"]), position]));
  for (const [key, variable] of [...all]) {
    const own = positions.get(key);
    const isLiteral = own === undefined ? fromElsewhere.has(key) : entries[own]?.["value"] === undefined;
    const isLate = (name: string): boolean => {
      const other = positions.get(name);
      if (mayHaveMore || own === undefined || other === undefined) return false;
      return other > own && !fromElsewhere.has(name);
    };
    const whyDangling = (name: string): Dangling["why"] | undefined => {
      if (isLiteral) return "literal";
      if (isLate(name)) return "late";
      const mayBeSet = mayHaveMore || own === undefined || all.has(name) || ofServices.test(name);
      return mayBeSet ? undefined : "absent";
    };
    const value = isLiteral
      ? variable
      : expanded(variable, (name) => (isLate(name) ? undefined : all.get(name)));
    const [dangling] = [...(variable.value?.matchAll(reference) ?? [])].flatMap(([, name]): Dangling[] => {
      // An address is its own placeholder.
      const why = name === undefined || name === key ? undefined : whyDangling(name);
      return name === undefined || why === undefined ? [] : [{ name, why }];
    });
    all.set(key, dangling === undefined ? value : { ...value, dangling });
  }
}

/** `$(NAME)` replaced by that variable's value, as the kubelet does; `$$` is a dollar sign. */
function expanded(variable: Variable, find: (name: string) => Variable | undefined): Variable {
  let unknown: string | undefined;
  const value = variable.value?.replaceAll(reference, (whole, name: string | undefined) => {
    if (name === undefined) return "$";
    const other = find(name);
    if (other === undefined) return whole;
    if (other.value === undefined)
      unknown = `it refers to ${name}, and ${other.unknown ?? "that is not known"}`;
    return other.value ?? "";
  });
  return unknown === undefined ? { ...variable, value } : { source: variable.source, unknown };
}

/** A variable that may be unknown, or absent. */
export type Setting =
  | Variable
  | { value?: undefined; unknown?: undefined; source?: undefined; flag?: undefined; isDefault?: undefined };

/** One variable of an environment; unknown where a source that cannot be read may set it. */
export function settingOf({ variables, incomplete }: Environment, name: string): Setting {
  const [any] = variables.values();
  const byIncomplete =
    incomplete === undefined || any === undefined ? {} : { unknown: incomplete, source: any.source };
  return variables.get(name) ?? byIncomplete;
}
