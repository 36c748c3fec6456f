import { meshProviders } from "../../mesh/names";
import { findProvider } from "../model/telemetry";
import { at, type Json, record, records, text, textMap, texts } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { type MeshProvider } from "../model/meshConfig";
import { type KubeObject } from "../model/objects";
import { defineRule, nameOf } from "../rule";
import { snippet } from "../../findings/snippet";

/** Commands that print the trace's id, or a header that carries it. */
const traceIdCommand =
  /%TRACE_ID%|%REQ\((X-B3-TRACEID|TRACEPARENT|B3|X-CLOUD-TRACE-CONTEXT)[?)]|%DYNAMIC_METADATA\([^)]*trace/i;

/** The log formats of a type, and whether the type carries the id by itself. */
const carriesByItself: ReadonlySet<string> = new Set([
  "envoyOtelAls",
  "envoyHttpAls",
  "envoyTcpAls",
  "stackdriver",
]);

/** Without the trace ID, a log line does not lead to its trace. */
export const accessLogTraceId = defineRule({
  name: "access-log-trace-id",
  description: "Access log lines carry the trace ID.",
  level: "warning",
  severity: "medium",
  tags: ["istio", "access-log"],
  url: "https://istio.io/latest/docs/tasks/observability/logs/access-log/",
  remediationSteps: "Add a label with %TRACE_ID% to the log format of the access log provider.",
  page: {
    why: `The trace ID is the only link from a log line to its trace. Envoy's default format does not print it; the
      request ID it does print is a different number.`,
    symptom: `You have the log line of a failed request, but have to hunt for its trace by time and path.`,
    exceptions: `A mesh that writes no access log is not reported. A format that prints a trace header (\`X-B3-TraceId\`,
      \`traceparent\`) is as good as \`%TRACE_ID%\`. If you never go from logs to traces, switch the rule off; if
      you depend on it, make it an error.`,
    sources: ["https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage"],
  },
  *find(model) {
    if (!model.isTracing || model.telemetry.meshWide.length > 1) return;
    for (const { object, what, format } of formatsOf(model)) {
      if (format !== undefined && traceIdCommand.test(format)) continue;
      yield {
        object,
        says: `writes the access log ${what} without the trace ID (${format === undefined ? "in Envoy's default format" : "in its own format"}); add %TRACE_ID% to the format`,
        fix: snippet(whereToSet(object), {
          name: meshProviders.accessLog,
          envoyFileAccessLog: {
            path: "/dev/stdout",
            logFormat: {
              labels: { "trace.id": "%TRACE_ID%", "url.path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%" },
            },
          },
        }),
      };
    }
  },
});

function whereToSet(object: KubeObject): string {
  return object.kind === "Telemetry"
    ? `under extensionProviders in the mesh config; then name it in spec.accessLogging of ${nameOf(object)}`
    : `under extensionProviders in the mesh config of ${nameOf(object)}`;
}

interface Log {
  object: KubeObject;
  what: string;
  /** Undefined for Envoy's own format. */
  format: string | undefined;
}

/** Every access log that is in use, mesh-wide. */
function formatsOf({ mesh, telemetry }: TracingModel): Log[] {
  const [inUse] = telemetry.meshWide;
  const ofMesh = text(mesh.values["accessLogFormat"]) || undefined;
  const entries = records(at(inUse?.["spec"], "accessLogging")).filter((entry) => entry["disabled"] !== true);
  const own = entries.flatMap((entry) =>
    records(entry["providers"]).map((provider) => text(provider["name"])),
  );
  const defaults = texts(at(mesh.values, "defaultProviders", "accessLogging"));
  const names = own.filter((name) => name !== undefined);
  const used = names.length > 0 ? names : defaults;
  if (used.length > 0) {
    return used.flatMap((name) => {
      const provider = findProvider(mesh, name);
      if (provider === undefined) return [];
      // Istio's own provider takes the format of the mesh config where it has none.
      const inherited = provider.name === "envoy" ? ofMesh : undefined;
      return logOf(provider, inUse ?? mesh.sources.at(-1), inherited);
    });
  }
  const source = mesh.sources.at(-1);
  if (entries.length > 0 || source === undefined) return [];
  const file = text(mesh.values["accessLogFile"]) ?? "";
  return file === "" ? [] : [{ object: source, what: file, format: ofMesh }];
}

function logOf(provider: MeshProvider, user: KubeObject | undefined, inherited: string | undefined): Log[] {
  const object = provider.source ?? user;
  const settings = Object.entries(provider.entry).find(([key]) => key !== "name");
  if (object === undefined || settings === undefined || carriesByItself.has(settings[0])) return [];
  const format = formatOf(record(settings[1])) ?? inherited;
  return [{ object, what: `of provider ${provider.name}`, format }];
}

function formatOf(settings: Json): string | undefined {
  const format = record(settings["logFormat"]);
  const line = text(format["text"]);
  if (line !== undefined) return line;
  const labels = textMap(format["labels"]);
  return Object.keys(labels).length === 0 ? undefined : Object.values(labels).join(" ");
}
