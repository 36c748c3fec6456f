/**
 * Requests to an API server, a few at a time, repeated where that helps. The client library finds and
 * authenticates the cluster; its own lists are not used, because those of custom resources lose the token of the
 * next page.
 */
import { setMaxListeners } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { projectName } from "../../mesh/names";
import { ClusterError, type ClusterProblem, firstLine } from "./clusterError";
import { type ClusterAccess, type Endpoint, findEndpoint } from "./kubeconfig";

/** How long requests are tried, and when they end early. */
export interface Patience {
  /** Ends everything that is under way. */
  signal?: AbortSignal;
  /** Waits some milliseconds before a request is repeated. @default as long as it says, until the signal */
  pause?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Milliseconds that one answer may take. @default 15000 */
  timeout?: number;
}

/** How often a request is sent before its failure counts. */
const attempts = 4;

/** Milliseconds before the first repetition; doubled each time. */
const firstPause = 250;

/** Most milliseconds between two attempts, whatever the server asks for. */
const longestPause = 10_000;

/** How many requests are under way at once. */
const parallel = 8;

interface Answer {
  status: number;
  body: string;
  retryAfter: string | undefined;
}

export class ApiServer {
  private readonly waiting: (() => void)[] = [];
  private active = 0;
  private answered = false;

  private constructor(
    private readonly endpoint: Endpoint,
    private readonly patience: Patience,
  ) {}

  /** @throws ClusterError `unconfigured` */
  static async of(access: ClusterAccess, patience: Patience = {}): Promise<ApiServer> {
    // One for each request under way, of which Node would warn.
    if (patience.signal !== undefined) setMaxListeners(0, patience.signal);
    return new ApiServer(await findEndpoint(access), patience);
  }

  /** Whether the server has answered anything yet: if not, there may be no cluster at all. */
  get hasAnswered(): boolean {
    return this.answered;
  }

  /**
   * What the server has at a path.
   * @param what it is, as messages call it
   * @throws ClusterError
   */
  async get(what: string, path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const url = new URL(this.endpoint.server + path);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    return this.inTurn(what, url, undefined);
  }

  /**
   * Changes what the server has at a path.
   * @param operations a JSON patch, which must do nothing the second time: it may be sent again
   * @throws ClusterError
   */
  async patch(what: string, path: string, operations: readonly object[]): Promise<void> {
    const url = new URL(this.endpoint.server + path);
    url.searchParams.set("fieldManager", projectName);
    await this.inTurn(what, url, JSON.stringify(operations));
  }

  private async inTurn(what: string, url: URL, patch: string | undefined): Promise<unknown> {
    await this.turn();
    try {
      return await this.persist(what, url, patch);
    } finally {
      this.active -= 1;
      this.waiting.shift()?.();
    }
  }

  private async turn(): Promise<void> {
    while (this.active >= parallel) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.active += 1;
  }

  private async persist(what: string, url: URL, patch: string | undefined): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt === attempts;
      let milliseconds = firstPause * 2 ** (attempt - 1);
      try {
        const answer = await this.request(url, patch);
        this.answered = true;
        if (answer.status === 200) return parsed(what, answer.body);
        if (isLast || !isTransient(answer.status))
          throw refusal(what, answer, patch === undefined ? "read" : "changed");
        milliseconds = Math.max(milliseconds, Number(answer.retryAfter ?? 0) * 1000 || 0);
      } catch (error) {
        if (error instanceof ClusterError) throw error;
        if (isLast || !this.mayPass(error)) throw this.unreachable(what, error);
      }
      try {
        await (this.patience.pause ?? wait)(Math.min(milliseconds, longestPause), this.patience.signal);
      } catch (error) {
        throw this.unreachable(what, error);
      }
    }
  }

  /** Whether a failure to get an answer may pass by itself; that nobody listens does not, before anybody did. */
  private mayPass(error: unknown): boolean {
    const { code } = error as NodeJS.ErrnoException;
    if (this.patience.signal?.aborted === true) return false;
    if (code === "ECONNREFUSED") return this.answered;
    return ["ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN"].includes(code ?? "");
  }

  private unreachable(what: string, error: unknown): ClusterError {
    const reason: unknown = this.patience.signal?.aborted === true ? this.patience.signal.reason : error;
    const isLate = reason instanceof Error && reason.name === "TimeoutError";
    const why = isLate ? "no answer in time" : firstLine(reason);
    return new ClusterError(
      "unreachable",
      // Before the first answer it is the cluster, afterwards what it was asked for.
      `the cluster at ${this.endpoint.server} cannot be reached${this.answered ? ` (${what})` : ""}: ${why}`,
    );
  }

  private request(url: URL, patch: string | undefined): Promise<Answer> {
    const { request } = url.protocol === "http:" ? http : https;
    const { timeout = 15_000, signal } = this.patience;
    const { options } = this.endpoint;
    return new Promise((resolve, reject) => {
      const method = patch === undefined ? "GET" : "PATCH";
      const headers = {
        ...options.headers,
        accept: "application/json",
        ...(patch === undefined
          ? {}
          : { "content-type": "application/json-patch+json", "content-length": Buffer.byteLength(patch) }),
      };
      const sent = request(url, { ...options, headers, method, timeout, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks).toString("utf8"),
            retryAfter: response.headers["retry-after"],
          }),
        );
        response.on("error", reject);
      });
      sent.on("timeout", () => {
        const late = new Error(`no answer within ${timeout / 1000} s`);
        sent.destroy(Object.assign(late, { code: "ETIMEDOUT" }));
      });
      sent.on("error", reject);
      sent.end(patch);
    });
  }
}

function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return sleep(milliseconds, undefined, { signal });
}

function isTransient(status: number): boolean {
  return status === 429 || status >= 500;
}

function parsed(what: string, body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new ClusterError(
      "failing",
      `the cluster cannot be read (${what}): the answer is not JSON, so it may not come from an API server`,
      200,
    );
  }
}

function refusal(what: string, { status, body }: Answer, done: "read" | "changed"): ClusterError {
  const known: Partial<Record<number, [ClusterProblem, string]>> = {
    401: ["unauthenticated", "the cluster does not accept the credentials of the kubeconfig"],
    403: ["forbidden", `${what} may not be ${done}: ${messageOf(body)}`],
    404: ["absent", `${what} is not in the cluster`],
    410: ["gone", `the cluster changed too much while ${what} was read\n  fix: try again`],
  };
  const [problem, message] = known[status] ?? [
    "failing",
    `the cluster cannot be ${done} (${what}): ${messageOf(body)} (status ${status})`,
  ];
  return new ClusterError(problem, message, status);
}

/** What a refusal says: a Status object, or whatever a proxy writes. */
function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // No JSON.
  }
  return body.trim().split("\n")[0]?.slice(0, 200) ?? "";
}
