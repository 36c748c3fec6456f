/** Spans as backends give them: OTLP in JSON (Jaeger's API v3, Tempo) and Jaeger's older form. */
import { at, isRecord, type Json, list, number, record, records, text } from "../../policy/model/reading";

export interface Span {
  traceId: string;
  spanId: string;
  parentId?: string;
  service: string;
  /** Whether a proxy made it; else an SDK. */
  isOfProxy: boolean;
  /** Whether its parent is of somebody who need not send spans: a client, or a server before this one. */
  kind: string;
  /** Microseconds since 1970. */
  start: number;
}

/** A way from one service to another, as a backend has counted it. */
export interface SeenEdge {
  from: string;
  to: string;
  calls?: number;
}

/**
 * `{"result": {"resourceSpans": […]}}`, the same without `result`, Tempo's `batches`, and several of them one after the
 * other, as gRPC gateways stream them.
 */
export function parseOtlp(answer: string): Span[] {
  return documents(answer).flatMap((document) => {
    const inner = at(document, "result") ?? document;
    const batches = [
      ...records(at(inner, "resourceSpans")),
      ...records(at(inner, "batches")),
      ...records(at(inner, "trace", "resourceSpans")),
    ];
    return batches.flatMap(spansOfBatch);
  });
}

function spansOfBatch(batch: Json): Span[] {
  const resource = attributesOf(at(batch, "resource", "attributes"));
  const service = shown(resource.get("service.name"));
  const scopes = [...records(batch["scopeSpans"]), ...records(batch["instrumentationLibrarySpans"])];
  return scopes.flatMap((scope) =>
    records(scope["spans"]).flatMap((span): Span[] => {
      const [traceId, spanId] = [id(span["traceId"]), id(span["spanId"])];
      if (traceId === "" || spanId === "") return [];
      const attributes = attributesOf(span["attributes"]);
      const parent = id(span["parentSpanId"]);
      return [
        {
          traceId,
          spanId,
          ...(isNone(parent) ? {} : { parentId: parent }),
          service,
          isOfProxy: isProxy(attributes, resource),
          kind: kindOf(span["kind"]),
          start: Math.floor((number(span["startTimeUnixNano"]) ?? 0) / 1000),
        },
      ];
    }),
  );
}

/** `{"data": [{"traceID", "spans", "processes"}]}`. */
export function parseJaeger(answer: string): Span[] {
  return records(at(documents(answer)[0], "data")).flatMap((trace) =>
    records(trace["spans"]).map((span): Span => {
      const process = record(at(trace, "processes", text(span["processID"]) ?? ""));
      const [tags, resource] = [tagsOf(span["tags"]), tagsOf(process["tags"])];
      const parent = id(
        records(span["references"]).find(({ refType }) => refType === "CHILD_OF")?.["spanID"],
      );
      return {
        traceId: id(span["traceID"]),
        spanId: id(span["spanID"]),
        ...(isNone(parent) ? {} : { parentId: parent }),
        service: text(process["serviceName"]) ?? "",
        isOfProxy: isProxy(tags, resource),
        kind: kindOf(tags.get("span.kind")),
        start: number(span["startTime"]) ?? 0,
      };
    }),
  );
}

/** `{"services": […]}` of Jaeger's API v3, `{"data": […]}` of the older one. */
export function parseServices(answer: string): string[] | undefined {
  const [document] = documents(answer);
  const found = at(document, "services") ?? at(document, "data") ?? at(document, "tagValues");
  if (!Array.isArray(found)) {
    // An empty list is left out by gRPC gateways.
    return isRecord(document) && Object.keys(document).length === 0 ? [] : undefined;
  }
  return found.flatMap((one) => text(one) ?? text(at(one, "value")) ?? []);
}

/** `{"data": [{"parent", "child", "callCount"}]}`. */
export function parseDependencies(answer: string): SeenEdge[] | undefined {
  const [document] = documents(answer);
  if (!isRecord(document)) return undefined;
  return records(document["data"] ?? document["dependencies"]).flatMap((edge) => {
    const [from, to] = [text(edge["parent"]), text(edge["child"])];
    return from === undefined || to === undefined ? [] : [{ from, to, calls: number(edge["callCount"]) }];
  });
}

/** Trace ids of Tempo's `/api/search`. */
export function parseTempoSearch(answer: string): string[] {
  return records(at(documents(answer)[0], "traces")).flatMap(({ traceID }) => text(traceID) ?? []);
}

/** Values of one JSON text, or of one a line. */
function documents(answer: string): unknown[] {
  try {
    return [JSON.parse(answer)];
  } catch {
    return answer.split("\n").flatMap((line) => {
      try {
        return [JSON.parse(line) as unknown];
      } catch {
        return [];
      }
    });
  }
}

function attributesOf(value: unknown): Map<string, unknown> {
  return new Map(
    list(value).map((entry) => {
      const held = record(at(entry, "value"));
      return [text(at(entry, "key")) ?? "", Object.values(held)[0]];
    }),
  );
}

function tagsOf(value: unknown): Map<string, unknown> {
  return new Map(records(value).map((tag) => [text(tag["key"]) ?? "", tag["value"]]));
}

/** Envoy's own tag, or what Istio adds; SDKs say who they are on the resource. */
function isProxy(span: ReadonlyMap<string, unknown>, resource: ReadonlyMap<string, unknown>): boolean {
  if (resource.has("telemetry.sdk.language") && resource.get("telemetry.sdk.name") !== "envoy") return false;
  return (
    span.get("component") === "proxy" || span.has("upstream_cluster") || span.has("istio.canonical_service")
  );
}

function kindOf(value: unknown): string {
  const names = ["", "internal", "server", "client", "producer", "consumer"];
  if (typeof value === "number") return names[value] ?? "";
  return (text(value) ?? "").replace(/^SPAN_KIND_/, "").toLowerCase();
}

/** Identifiers in hexadecimal, also where they were written in base64, as plain protobuf's JSON does. */
function id(value: unknown): string {
  const written = text(value) ?? "";
  if (written === "" || /^([0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{1,15})$/i.test(written))
    return written.toLowerCase();
  return Buffer.from(written, "base64").toString("hex");
}

function isNone(identifier: string): boolean {
  return /^0*$/.test(identifier);
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : "";
}
