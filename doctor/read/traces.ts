/** Asks the backend what it has seen of late. */
import { type Backend, distinct, type Window } from "../backend/backend";
import { attempt, type Attempt } from "../live/reach";
import { type SeenEdge, type Span } from "../parse/spans";

export interface TraceReading {
  product: string;
  pod: string;
  services: Attempt<string[]>;
  spans: Span[];
  /** Services whose traces were looked at. */
  looked: string[];
  /** Why some traces could not be had. */
  unanswered: string[];
  dependencies: Attempt<SeenEdge[] | undefined>;
  window: Window;
}

/**
 * Services whose traces are looked at, and traces of each: enough to tell how traces look. Those of gateways are
 * counted.
 */
export const most = { services: 40, traces: 15, counted: 300 } as const;

/** @param first services to look at before all others, whose traces are counted */
export async function readTraces(
  backend: Backend,
  window: Window,
  first: readonly string[],
): Promise<TraceReading> {
  const [services, dependencies] = await Promise.all([
    attempt(() => backend.services(window)),
    attempt(() => backend.dependencies(window)),
  ]);
  const known = "value" in services ? services.value : [];
  const looked = [
    ...first.filter((one) => known.includes(one)),
    ...known.filter((one) => !first.includes(one)),
  ].slice(0, most.services);
  const found = await Promise.all(
    looked.map((service) => {
      const number = first.includes(service) ? most.counted : most.traces;
      return attempt(() => backend.traces(service, window, number));
    }),
  );
  return {
    product: backend.product,
    pod: backend.pod,
    services,
    spans: distinct(found.flatMap((answer) => ("value" in answer ? answer.value : []))),
    looked,
    unanswered: [...new Set(found.flatMap((answer) => ("value" in answer ? [] : [answer.why])))],
    dependencies,
    window,
  };
}
