/**
 * What the OpenTelemetry Operator adds to pods that ask for instrumentation by an annotation, and why it adds
 * nothing where it does not. It never refuses a pod: one that cannot be instrumented starts without an SDK.
 * @see https://github.com/open-telemetry/opentelemetry-operator#opentelemetry-auto-instrumentation-injection
 */
import { kinds } from "../../mesh/kinds";
import { instrumentationPrefix } from "../../mesh/instrumentation";
import { type KubeObject, namespaceOf, type ObjectIndex } from "./objects";
import { at, type Json, record, records, text, texts } from "./reading";
import { containersOf, type Workload } from "./workloads";

/** An SDK added to some containers of a pod. */
export interface Injected {
  /** As the annotation spells it: `python`, `nodejs`, … */
  language: string;
  source: KubeObject;
  containers: string[];
}

/** Why the operator injects nothing: what an annotation asks for, and what is wrong with it. */
export interface Refusal {
  annotation: string;
  value: string;
  reason:
    | { kind: "none"; namespace: string }
    | { kind: "several"; namespace: string; names: string[] }
    | { kind: "missing"; namespace: string; name: string }
    | { kind: "characters" }
    | { kind: "twice"; container: string }
    | { kind: "containers"; languages: string[] };
}

/** What becomes of a workload's wishes: all of them or none. */
export interface Instrumented {
  injected: Injected[];
  refusals: Refusal[];
}

/** The container beside the application in which Go's SDK runs. */
export const goContainer = "opentelemetry-auto-instrumentation";

/** The languages of the inject annotations, with the section of the Instrumentation that has more variables. */
const languages: Readonly<Record<string, string>> = {
  java: "java",
  nodejs: "nodejs",
  python: "python",
  dotnet: "dotnet",
  go: "go",
  "apache-httpd": "apacheHttpd",
  nginx: "nginx",
  // Variables and nothing else, for an SDK that the image brings.
  sdk: "",
};

/**
 * What the SDK that the operator puts into a container speaks if nothing is set; Node.js' starts with gRPC
 * (autoinstrumentation/nodejs of the operator).
 */
export const protocolByDefault: ReadonlyMap<string, "grpc" | "http/protobuf"> = new Map([
  ["java", "http/protobuf"],
  ["python", "http/protobuf"],
  ["dotnet", "http/protobuf"],
  ["go", "http/protobuf"],
  ["nodejs", "grpc"],
]);

const nothing: Instrumented = { injected: [], refusals: [] };

/** What is added to a workload's pods. */
export function instrumentationOf(
  workload: Workload,
  index: ObjectIndex,
  namespaceAnnotations: Readonly<Record<string, string>>,
): Instrumented {
  const wishOf = (key: string): string =>
    effective(
      workload.annotations[instrumentationPrefix + key],
      namespaceAnnotations[instrumentationPrefix + key],
    );
  const wishes = Object.keys(languages).flatMap((language) => {
    const value = wishOf(`inject-${language}`);
    return value === "" || isWord(value, "false") ? [] : [{ language, value }];
  });
  if (wishes.length === 0) return nothing;
  const refusals: Refusal[] = [];
  const refuse = (key: string, reason: Refusal["reason"], value = wishOf(key)): number =>
    refusals.push({ annotation: instrumentationPrefix + key, value, reason });
  const containersIn = (key: string): string[] => {
    const value = wishOf(key);
    if (!/^[a-zA-Z0-9,-]*$/.test(value)) refuse(key, { kind: "characters" });
    return value.split(",").filter((name) => name !== "");
  };
  const common = containersIn("container-names");
  const injected = wishes.flatMap(({ language, value }): Injected[] => {
    const found = findInstrumentation(value, workload.namespace, index);
    const key = language === "nginx" ? "inject-nginx-container-names" : `${language}-container-names`;
    const containers = [...common, ...containersIn(key)];
    const twice = containers.find((name, position) => containers.indexOf(name) !== position);
    if (twice !== undefined) refuse(key, { kind: "twice", container: twice }, containers.join(","));
    if ("reason" in found) refuse(`inject-${language}`, found.reason);
    return "reason" in found ? [] : [{ language, source: found.source, containers }];
  });
  // One language without containers is for the first one; with several nobody knows which is for which.
  if (wishes.length > 1 && injected.some(({ containers }) => containers.length === 0)) {
    const [{ language } = { language: "" }] = wishes;
    refuse(`inject-${language}`, { kind: "containers", languages: wishes.map((wish) => wish.language) });
  }
  if (refusals.length > 0) return { injected: [], refusals };
  const [first] = containersOf(workload);
  const firstName = text(first?.["name"]);
  const byDefault = firstName === undefined ? [] : [firstName];
  return {
    injected: injected.map((one) => (one.containers.length > 0 ? one : { ...one, containers: byDefault })),
    refusals,
  };
}

/** The pod's annotation or its namespace's: `true` on the pod leaves it to the namespace which one. */
function effective(pod = "", namespace = ""): string {
  if (namespace === "" || pod === "") return namespace === "" ? pod : namespace;
  return isWord(pod, "true") && !isWord(namespace, "false") ? namespace : pod;
}

function isWord(value: string, word: "true" | "false"): boolean {
  return value.toLowerCase() === word;
}

/** `true` means the only one of the namespace; else a name, of another namespace with that in front. */
function findInstrumentation(
  wish: string,
  namespace: string,
  index: ObjectIndex,
): { source: KubeObject } | { reason: Refusal["reason"] } {
  if (isWord(wish, "true")) {
    const own = index.of(kinds.instrumentation).filter((object) => namespaceOf(object) === namespace);
    const [only] = own;
    if (only === undefined) return { reason: { kind: "none", namespace } };
    if (own.length === 1) return { source: only };
    return { reason: { kind: "several", namespace, names: own.map(({ metadata }) => metadata.name) } };
  }
  const slash = wish.indexOf("/");
  const place = slash === -1 ? namespace : wish.slice(0, slash);
  const name = wish.slice(slash + 1);
  const source = index.get(kinds.instrumentation, place, name);
  return source === undefined ? { reason: { kind: "missing", namespace: place, name } } : { source };
}

/**
 * The variables that are added to a container, as entries of `env` in the order in which the first one of a name
 * wins: of the language, of all, of the operator for a language, of the fields.
 * @param own names of the variables in the container's `env`, which the operator leaves alone
 */
export function injectedEntries({ language, source }: Injected, own: ReadonlySet<string>): Json[] {
  const { spec } = source;
  const section = languages[language] ?? "";
  const entries: Json[] = [...records(at(spec, section, "env")), ...records(at(spec, "env"))];
  const set = (name: string, value: string | undefined): unknown =>
    value === undefined || value === "" ? undefined : entries.push({ name, value });
  const isSet = (name: string): boolean => own.has(name) || entries.some((entry) => entry["name"] === name);
  if (language === "python") {
    set("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    for (const signal of ["TRACES", "METRICS", "LOGS"]) set(`OTEL_${signal}_EXPORTER`, "otlp");
  }
  if (language === "nodejs") set("OTEL_METRICS_EXPORTER", "otlp");
  const address = (name: string, fieldPath: string): unknown =>
    entries.push({ name, valueFrom: { fieldRef: { fieldPath } } });
  address("OTEL_POD_IP", "status.podIP");
  address("OTEL_NODE_IP", "status.hostIP");
  set("OTEL_EXPORTER_OTLP_ENDPOINT", text(at(spec, "exporter", "endpoint")));
  set("OTEL_PROPAGATORS", texts(at(spec, "propagators")).join(","));
  const sampler = record(at(spec, "sampler"));
  // A sampler is type and argument together: who sets one of them as a variable gets none of the fields.
  if (!isSet("OTEL_TRACES_SAMPLER") && !isSet("OTEL_TRACES_SAMPLER_ARG") && text(sampler["type"])) {
    set("OTEL_TRACES_SAMPLER", text(sampler["type"]));
    set("OTEL_TRACES_SAMPLER_ARG", text(sampler["argument"]));
  }
  const names = new Set(own);
  return entries.filter((entry) => {
    const name = text(entry["name"]);
    if (name === undefined || names.has(name)) return false;
    names.add(name);
    return true;
  });
}
