/** Tempo's query API. @see https://grafana.com/docs/tempo/latest/api_docs/ */
import { ports } from "../../mesh/ports";
import { type HttpAnswer, type PodRef, type Reach, Unreached } from "../live/reach";
import { parseOtlp, parseServices, parseTempoSearch, type Span } from "../parse/spans";
import { type Backend, type Window } from "./backend";

/** Each trace is a request of its own. */
const mostTraces = 20;

export class TempoBackend implements Backend {
  readonly product = "Tempo";
  readonly pod: string;

  constructor(
    private readonly reach: Reach,
    private readonly place: PodRef,
  ) {
    this.pod = `${place.namespace}/${place.name}`;
  }

  async services(window: Window): Promise<string[]> {
    const seconds = secondsOf(window);
    const newer = await this.get(`/api/v2/search/tag/resource.service.name/values?${seconds}`);
    const found = newer.status === 200 ? parseServices(newer.body) : undefined;
    if (found !== undefined) return found;
    const older = await this.get(`/api/search/tag/service.name/values?${seconds}`);
    const services = older.status === 200 ? parseServices(older.body) : undefined;
    if (services === undefined)
      throw new Unreached("broken", `Tempo's API answers ${older.status} and lists no services`);
    return services;
  }

  async traces(service: string, window: Window, most: number): Promise<Span[]> {
    const limit = Math.min(most, mostTraces);
    const tags = encodeURIComponent(`service.name=${JSON.stringify(service)}`);
    const found = await this.get(`/api/search?tags=${tags}&limit=${limit}&${secondsOf(window)}`);
    if (found.status !== 200) return [];
    const traces = await Promise.all(parseTempoSearch(found.body).map((id) => this.trace(id)));
    return traces.flat();
  }

  async trace(id: string): Promise<Span[]> {
    const answer = await this.get(`/api/traces/${id}`);
    return answer.status === 200 ? parseOtlp(answer.body) : [];
  }

  /** Tempo keeps none: its metrics generator writes them to Prometheus. */
  dependencies(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  private get(path: string): Promise<HttpAnswer> {
    return this.reach.get(this.place, ports.tempo, path);
  }
}

function secondsOf({ from, to }: Window): string {
  return `start=${Math.floor(from / 1000)}&end=${Math.ceil(to / 1000)}`;
}
