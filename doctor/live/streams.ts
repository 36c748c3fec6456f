/** Asks pods through the API server: commands by exec, HTTP by port-forward. Nothing on this machine is needed for it. */
import type { KubeConfig } from "@kubernetes/client-node";
import { Turns } from "./bounded";
import { type WebSocket } from "ws";
import { mostBytes, openChannels, tooLong } from "./channels";
import { httpGet } from "./http";
import { type HttpAnswer, type PodRef, type Reach, Unreached } from "./reach";
import { TunnelStream } from "./tunnel";

export interface StreamOptions {
  /** Milliseconds that one question may take. @default 20000 */
  timeout?: number;
  /** How many streams are open at once. @default 24 */
  parallel?: number;
  /** Ends everything. */
  signal?: AbortSignal;
}

/** Channels of exec. */
const channels = { stdout: 1, stderr: 2, status: 3 } as const;

export class Streams implements Reach {
  /** How many streams were opened. */
  opened = 0;
  private readonly turns: Turns;
  private readonly timeout: number;

  constructor(
    private readonly config: KubeConfig,
    private readonly options: StreamOptions = {},
  ) {
    this.turns = new Turns(options.parallel ?? 24);
    this.timeout = options.timeout ?? 20_000;
  }

  run(pod: PodRef, container: string, command: readonly string[]): Promise<string> {
    const query = new URLSearchParams({ stdout: "true", stderr: "true", container });
    for (const word of command) query.append("command", word);
    return this.inTime((signal) => this.output(`${podPath(pod)}/exec?${query}`, signal));
  }

  get(pod: PodRef, port: number, path: string): Promise<HttpAnswer> {
    return this.inTime(async (signal) => {
      const tunnel = new TunnelStream();
      const stream = `${podPath(pod)}/portforward?ports=${port}`;
      try {
        tunnel.attach(await openChannels(this.config, stream, tunnel, signal));
        return await httpGet(tunnel, path, signal);
      } finally {
        tunnel.destroy();
      }
    });
  }

  private output(path: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const complaints: Buffer[] = [];
      let length = 0;
      let socket: WebSocket | undefined;
      const end = (finish: () => void): void => {
        finish();
        socket?.close();
      };
      const onFrame = (channel: number, data: Buffer): void => {
        length += data.length;
        if (length > mostBytes) {
          chunks.length = 0;
          complaints.length = 0;
          reject(new Unreached("broken", tooLong));
          socket?.terminate();
        } else if (channel === channels.stdout) chunks.push(data);
        else if (channel === channels.stderr) complaints.push(data);
        else if (channel === channels.status) {
          const failure = failureOf(data, complaints);
          end(() =>
            failure === undefined ? resolve(Buffer.concat(chunks).toString("utf8")) : reject(failure),
          );
        }
      };
      const onEnd = (): void => reject(new Unreached("broken", "the stream ended before the command did"));
      signal.addEventListener("abort", () =>
        end(() => reject(new Unreached("late", `no answer within ${this.timeout / 1000} s`))),
      );
      openChannels(this.config, path, { onFrame, onEnd }, signal).then((opened) => {
        socket = opened;
        if (signal.aborted) opened.close();
      }, reject);
    });
  }

  private inTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.turns.take(async () => {
      const all = this.options.signal;
      if (all?.aborted === true) throw new Unreached("late", "the time for all questions was over");
      this.opened += 1;
      const controller = new AbortController();
      const stop = (): void => controller.abort();
      const timer = setTimeout(stop, this.timeout);
      all?.addEventListener("abort", stop);
      try {
        return await ask(controller.signal);
      } catch (error) {
        if (!controller.signal.aborted) throw error;
        throw new Unreached("late", `no answer within ${this.timeout / 1000} s`);
      } finally {
        clearTimeout(timer);
        all?.removeEventListener("abort", stop);
        // Handshakes and requests that are still under way end with it.
        controller.abort();
      }
    });
  }
}

function podPath({ namespace, name }: PodRef): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
}

/** What the status of a command says, if it is no success. */
function failureOf(data: Buffer, complaints: readonly Buffer[]): Unreached | undefined {
  let status: { status?: unknown; message?: unknown };
  try {
    status = JSON.parse(data.toString("utf8")) as typeof status;
  } catch {
    return new Unreached("broken", "the status of the command is not JSON");
  }
  if (status?.status === "Success") return undefined;
  const said = Buffer.concat(complaints).toString("utf8").trim().split("\n")[0] ?? "";
  const message = typeof status?.message === "string" ? status.message : "the command failed";
  return new Unreached("failed", said === "" ? message : `${message}: ${said}`);
}
