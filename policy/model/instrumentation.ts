/**
 * What the OpenTelemetry Operator adds to pods that ask for instrumentation by an annotation.
 * @see https://github.com/open-telemetry/opentelemetry-operator#opentelemetry-auto-instrumentation-injection
 */
import { groups, type KubeObject, namespaceOf, type ObjectIndex } from "./objects";
import { at, record, records, text, texts } from "./reading";
import { type Workload } from "./workloads";

/** Variables added to some containers of a pod. */
export interface Injected {
  /** The Instrumentation. */
  source: KubeObject;
  /** Names of the containers; empty for the first one. */
  containers: string[];
  variables: Record<string, string>;
}

const annotationPrefix = "instrumentation.opentelemetry.io/";
/** The languages of the inject annotations, and the section of the Instrumentation that has more variables. */
const languages: Readonly<Record<string, string>> = {
  java: "java",
  nodejs: "nodejs",
  python: "python",
  dotnet: "dotnet",
  go: "go",
  "apache-httpd": "apacheHttpd",
  nginx: "nginx",
  sdk: "sdk",
};

/** What is added to a workload's pods; nothing where the Instrumentation is not in the input. */
export function instrumentationOf(
  workload: Workload,
  index: ObjectIndex,
  namespaceAnnotations: Readonly<Record<string, string>>,
): Injected[] {
  if (index.of(groups.openTelemetry, "Instrumentation").length === 0) return [];
  return Object.keys(languages).flatMap((language) => {
    const key = `${annotationPrefix}inject-${language}`;
    const wish = workload.annotations[key] ?? namespaceAnnotations[key];
    const source = wish === undefined ? undefined : findInstrumentation(wish, workload.namespace, index);
    if (source === undefined) return [];
    const containers =
      workload.annotations[`${annotationPrefix}${language}-container-names`] ??
      workload.annotations[`${annotationPrefix}container-names`] ??
      "";
    return [{ source, containers: split(containers), variables: variablesOf(source, language) }];
  });
}

/** `true` means the only one of the namespace; else a name, of another namespace with that in front. */
function findInstrumentation(wish: string, namespace: string, index: ObjectIndex): KubeObject | undefined {
  if (wish === "false" || wish === "") return undefined;
  const all = index.of(groups.openTelemetry, "Instrumentation");
  if (wish === "true") {
    const own = all.filter((object) => namespaceOf(object) === namespace);
    return own.length === 1 ? own[0] : undefined;
  }
  const [first = "", second] = wish.split("/");
  const [place, name] = second === undefined ? [namespace, first] : [first, second];
  return index.get(groups.openTelemetry, "Instrumentation", place, name);
}

function variablesOf({ spec }: KubeObject, language: string): Record<string, string> {
  const endpoint = text(at(spec, "exporter", "endpoint"));
  const propagators = texts(at(spec, "propagators"));
  const sampler = record(at(spec, "sampler"));
  const type = text(sampler["type"]);
  const argument = text(sampler["argument"]);
  const env = [...records(at(spec, "env")), ...records(at(spec, languages[language] ?? "", "env"))];
  return {
    ...(endpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
    ...(propagators.length === 0 ? {} : { OTEL_PROPAGATORS: propagators.join(",") }),
    ...(type === undefined ? {} : { OTEL_TRACES_SAMPLER: type }),
    ...(argument === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: argument }),
    ...Object.fromEntries(
      env.flatMap((entry) => {
        const name = text(entry["name"]);
        const value = text(entry["value"]);
        return name === undefined || value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}

function split(names: string): string[] {
  return names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
