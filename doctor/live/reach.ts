/** What the doctor asks of pods, whoever asks it of what: the API server, or a test. */

/** One container's pod. */
export interface PodRef {
  namespace: string;
  name: string;
}

export interface HttpAnswer {
  status: number;
  body: string;
}

/** Ways into pods that change nothing in them. */
export interface Reach {
  /** What a command prints. @throws Unreached */
  run(pod: PodRef, container: string, command: readonly string[]): Promise<string>;
  /** An HTTP answer of a port of a pod, on whatever address it listens. @throws Unreached */
  get(pod: PodRef, port: number, path: string): Promise<HttpAnswer>;
}

/** Why a pod could not be asked. */
export type Obstacle =
  /** Whoever asks may not. */
  | "forbidden"
  /** No such pod or container, or it does not run. */
  | "gone"
  /** Nothing listens there. */
  | "refused"
  /** No answer in time. */
  | "late"
  /** The stream broke, or its answer makes no sense. */
  | "broken"
  /** The command ended with an error. */
  | "failed";

/** A pod that could not be asked: one "not checked" more, never the end of the run. */
export class Unreached extends Error {
  constructor(
    readonly obstacle: Obstacle,
    message: string,
  ) {
    super(message);
  }
}

/** An answer, or in words why there is none. */
export type Attempt<T> = { value: T } | { why: string; obstacle?: Obstacle };

/** Never throws: whatever goes wrong with one pod is said in one line. */
export async function attempt<T>(ask: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await ask() };
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
    return error instanceof Unreached ? { why, obstacle: error.obstacle } : { why };
  }
}
