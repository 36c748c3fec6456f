/** Jaeger and Tempo of old and new versions, each as far as its API goes. */
import { describe, expect, it } from "vitest";
import { JaegerBackend } from "../../../doctor/backend/jaeger";
import { TempoBackend } from "../../../doctor/backend/tempo";
import { type HttpAnswer, type Reach } from "../../../doctor/live/reach";

const pod = { namespace: "tracing", name: "backend-1" };
const window = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 1, 1) };
const page: HttpAnswer = { status: 200, body: "<!doctype html><title>UI</title>" };
const ok = (body: unknown): HttpAnswer => ({ status: 200, body: JSON.stringify(body) });

type Routes = Record<string, HttpAnswer | ((query: URLSearchParams) => HttpAnswer)>;

/** Answers by path; everything else as `rest`. */
function reaching(routes: Routes, rest: HttpAnswer = page): Reach & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    run: () => Promise.reject(new Error("nobody runs anything")),
    get: (_, port, path) => {
      const { pathname, searchParams } = new URL(path, "http://backend");
      asked.push(`${port} ${pathname}`);
      const route = routes[pathname] ?? rest;
      return Promise.resolve(typeof route === "function" ? route(searchParams) : route);
    },
  };
}

const otlp = (traceId: string) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "auth-api" } }] },
      scopeSpans: [{ spans: [{ traceId, spanId: "00000000000000aa", name: "GET", kind: 2 }] }],
    },
  ],
});
const id = "0af7651916cd43dd8448eb211c80319c";
const known = [{ traceId: id, spanId: "00000000000000aa", service: "auth-api" }];
const noTraces = {
  status: 404,
  body: '{"error":{"httpCode":404,"message":"No traces found"}}',
};

describe("Jaeger", () => {
  it("of today is asked by its API v3, with the names of parameters of every version", async () => {
    const queries: URLSearchParams[] = [];
    const reach = reaching({
      "/api/v3/services": ok({ services: ["auth-api"] }),
      "/api/v3/traces": (query) => (queries.push(query), ok({ result: otlp(id) })),
      [`/api/v3/traces/${id}`]: ok({ result: otlp(id) }),
      "/api/v3/traces/none": noTraces,
      "/api/dependencies": ok({ data: [{ parent: "a", child: "b", callCount: 2 }] }),
    });
    const backend = new JaegerBackend(reach, pod);
    expect(await backend.services()).toEqual(["auth-api"]);
    expect(await backend.traces("auth-api", window, 15)).toMatchObject(known);
    expect(await backend.trace(id)).toMatchObject(known);
    expect(await backend.trace("none")).toEqual([]);
    expect(await backend.dependencies(window)).toEqual([{ from: "a", to: "b", calls: 2 }]);
    for (const names of [
      ["query.serviceName", "query.startTimeMin", "query.startTimeMax", "query.searchDepth"],
      ["query.service_name", "query.start_time_min", "query.start_time_max", "query.num_traces"],
    ]) {
      expect(names.map((name) => queries[0]?.get(name))).toEqual([
        "auth-api",
        "2026-01-01T00:00:00.000Z",
        "2026-01-01T01:00:00.000Z",
        "15",
      ]);
    }
    // What it is, is asked once.
    expect(reach.asked.filter((one) => one.endsWith("/services"))).toEqual(["16686 /api/v3/services"]);
  });

  it("1 is asked by its older API, though the UI answers everything else", async () => {
    const backend = new JaegerBackend(
      reaching({
        "/api/services": ok({ data: ["auth-api"], total: 1 }),
        "/api/traces": (query) =>
          query.get("start") === String(window.from * 1000) && query.get("limit") === "15"
            ? ok({
                data: [
                  {
                    spans: [
                      { traceID: id, spanID: "00000000000000aa", operationName: "GET", processID: "p" },
                    ],
                    processes: { p: { serviceName: "auth-api" } },
                  },
                ],
              })
            : { status: 400, body: "" },
        [`/api/traces/${id}`]: { status: 404, body: '{"data":null,"errors":[{"msg":"trace not found"}]}' },
        "/api/dependencies": ok({ data: [] }),
      }),
      pod,
    );
    expect(await backend.services()).toEqual(["auth-api"]);
    expect(await backend.traces("auth-api", window, 15)).toMatchObject(known);
    expect(await backend.trace(id)).toEqual([]);
    expect(await backend.dependencies(window)).toEqual([]);
  });

  it("under a path of its own is found", async () => {
    const reach = reaching(
      { "/jaeger/api/v3/services": ok({}) },
      { status: 404, body: "404 page not found" },
    );
    expect(await new JaegerBackend(reach, pod).services()).toEqual([]);
  });

  it("without the older dependencies gives them by its API v3", async () => {
    const backend = new JaegerBackend(
      reaching(
        {
          "/api/v3/services": ok({ services: ["a"] }),
          "/api/v3/dependencies": (query) =>
            query.get("startTime") === "2026-01-01T00:00:00.000Z" && query.has("endTime")
              ? ok({ dependencies: [{ parent: "a", child: "b", callCount: "500" }] })
              : { status: 400, body: "" },
        },
        { status: 404, body: "404 page not found" },
      ),
      pod,
    );
    expect(await backend.dependencies(window)).toEqual([{ from: "a", to: "b", calls: 500 }]);
  });

  it("that fails says so, and one that is none too", async () => {
    const broken = new JaegerBackend(
      reaching({
        "/api/v3/services": ok({ services: ["a"] }),
        "/api/v3/traces": { status: 500, body: "no store\nat x" },
      }),
      pod,
    );
    await expect(broken.traces("a", window, 1)).rejects.toThrow("Jaeger's API answers 500: no store");
    await expect(new JaegerBackend(reaching({}), pod).services()).rejects.toThrow(
      "Jaeger's API answers 200 and lists no services",
    );
  });
});

describe("Tempo", () => {
  const newer: Routes = {
    "/api/v2/search/tag/resource.service.name/values": (query) =>
      // Without a time it finds nothing.
      query.get("start") === "1767225600" && query.get("end") === "1767229200"
        ? ok({ tagValues: [{ type: "string", value: "auth-api" }] })
        : ok({}),
    "/api/search": (query) =>
      query.get("tags") === 'service.name="auth-api"' && query.get("limit") === "15" && query.has("start")
        ? ok({ traces: [{ traceID: id, rootServiceName: "x" }], metrics: {} })
        : { status: 400, body: "" },
    [`/api/traces/${id}`]: ok({ batches: otlp(id).resourceSpans }),
  };

  it("of today", async () => {
    const backend = new TempoBackend(reaching(newer, { status: 404, body: "" }), pod);
    expect(await backend.services(window)).toEqual(["auth-api"]);
    expect(await backend.traces("auth-api", window, 15)).toMatchObject(known);
    expect(await backend.trace("other")).toEqual([]);
    expect(await backend.dependencies()).toBeUndefined();
  });

  it("without values of the second version of its API", async () => {
    const older: Routes = { "/api/search/tag/service.name/values": ok({ tagValues: ["auth-api"] }) };
    expect(await new TempoBackend(reaching(older, { status: 404, body: "" }), pod).services(window)).toEqual([
      "auth-api",
    ]);
  });

  it("that is none says so", async () => {
    await expect(
      new TempoBackend(reaching({}, { status: 502, body: "" }), pod).services(window),
    ).rejects.toThrow("Tempo's API answers 502 and lists no services");
  });
});
