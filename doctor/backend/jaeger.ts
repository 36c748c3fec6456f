/**
 * Jaeger's query API, the newer one (`/api/v3`) and the older one, of which new versions have only a part.
 * @see https://www.jaegertracing.io/docs/latest/architecture/apis/
 */
import { ports } from "../../mesh/ports";
import { type HttpAnswer, type PodRef, type Reach, Unreached } from "../live/reach";
import {
  parseDependencies,
  parseJaeger,
  parseOtlp,
  parseServices,
  type SeenEdge,
  type Span,
} from "../parse/spans";
import { type Backend, type Window } from "./backend";

/** Paths that the UI may be served under. */
const basePaths = ["", "/jaeger", "/tracing"] as const;

export class JaegerBackend implements Backend {
  readonly product = "Jaeger";
  readonly pod: string;
  private base: Promise<{ path: string; services: string[]; isNew: boolean }> | undefined;

  constructor(
    private readonly reach: Reach,
    private readonly place: PodRef,
  ) {
    this.pod = `${place.namespace}/${place.name}`;
  }

  async services(): Promise<string[]> {
    return (await this.known()).services;
  }

  async traces(service: string, window: Window, most: number): Promise<Span[]> {
    const { path, isNew } = await this.known();
    if (isNew) {
      const [from, to] = [new Date(window.from).toISOString(), new Date(window.to).toISOString()];
      const query = new URLSearchParams({
        "query.serviceName": service,
        "query.startTimeMin": from,
        "query.startTimeMax": to,
        "query.searchDepth": String(most),
        // As versions before 2.17 call them, which ignore the others.
        "query.service_name": service,
        "query.start_time_min": from,
        "query.start_time_max": to,
        "query.num_traces": String(most),
      });
      const spans = spansOf(await this.get(`${path}/api/v3/traces?${query}`), parseOtlp);
      if (spans !== undefined) return spans;
    }
    const query = new URLSearchParams({
      service,
      start: String(window.from * 1000),
      end: String(window.to * 1000),
      limit: String(most),
    });
    return spansOf(await this.get(`${path}/api/traces?${query}`), parseJaeger) ?? [];
  }

  async trace(id: string): Promise<Span[]> {
    const { path, isNew } = await this.known();
    if (isNew) {
      const spans = spansOf(await this.get(`${path}/api/v3/traces/${id}`), parseOtlp);
      if (spans !== undefined) return spans;
    }
    return spansOf(await this.get(`${path}/api/traces/${id}`), parseJaeger) ?? [];
  }

  async dependencies({ from, to }: Window): Promise<SeenEdge[] | undefined> {
    const { path } = await this.known();
    const older = await this.get(`${path}/api/dependencies?endTs=${to}&lookback=${to - from}`);
    const found = older.status === 200 ? parseDependencies(older.body) : undefined;
    if (found !== undefined) return found;
    const query = new URLSearchParams({
      startTime: new Date(from).toISOString(),
      endTime: new Date(to).toISOString(),
    });
    const newer = await this.get(`${path}/api/v3/dependencies?${query}`);
    return newer.status === 200 ? parseDependencies(newer.body) : undefined;
  }

  /** Asks once what is there. */
  private known(): Promise<{ path: string; services: string[]; isNew: boolean }> {
    this.base ??= this.find();
    return this.base;
  }

  private async find(): Promise<{ path: string; services: string[]; isNew: boolean }> {
    let last: HttpAnswer | undefined;
    for (const path of basePaths) {
      for (const [api, isNew] of [
        ["/api/v3/services", true],
        ["/api/services", false],
      ] as const) {
        // The UI answers every path that it does not know with its page.
        last = await this.get(`${path}${api}`);
        const services = last.status === 200 ? parseServices(last.body) : undefined;
        if (services !== undefined) return { path, services, isNew };
      }
    }
    throw new Unreached("broken", `Jaeger's API answers ${last?.status ?? "nothing"} and lists no services`);
  }

  private get(path: string): Promise<HttpAnswer> {
    return this.reach.get(this.place, ports.queryHttp, path);
  }
}

/** Undefined if the API is not there; no spans if it has none. */
function spansOf({ status, body }: HttpAnswer, parse: (body: string) => Span[]): Span[] | undefined {
  if (status === 200) return body.trimStart().startsWith("<") ? undefined : parse(body);
  // Nothing found is a 404 of the API's own, in JSON.
  if (status === 404 && body.trimStart().startsWith("{")) return [];
  if (status === 404) return undefined;
  throw new Unreached(
    "broken",
    `Jaeger's API answers ${status}: ${body.trim().split("\n")[0]?.slice(0, 120)}`,
  );
}
