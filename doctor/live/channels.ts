/**
 * Streams into pods over a WebSocket. The client library gives address, credentials and certificates; its own `Exec`
 * and `PortForward` wait for ever for a stream that breaks, throw out of event handlers where a frame makes no sense,
 * and end this process's output when a server closes a channel.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#http-upgrades-for-stream-protocols
 */
import type * as https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { type WebSocket } from "ws";
import { type Obstacle, Unreached } from "./reach";

/** Versions of the protocol that old and new API servers speak. */
const protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

export interface ChannelHandlers {
  onFrame(channel: number, data: Buffer): void;
  /** The connection has ended, by whatever side. */
  onEnd(): void;
}

/** A container sends more than this only if it is not what is asked for. */
export const mostBytes = 64 * 1024 * 1024;

export const tooLong = `the answer is longer than ${mostBytes / 1024 / 1024} MiB`;

/** @throws Unreached if the API server does not open the stream */
export async function openChannels(
  config: KubeConfig,
  path: string,
  handlers: ChannelHandlers,
  signal: AbortSignal,
): Promise<WebSocket> {
  const { WebSocket: Socket } = await import("ws");
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const server = (config.getCurrentCluster()?.server ?? "").replace(/\/+$/, "").replace(/^http/, "ws");
  if (signal.aborted) throw new Unreached("late", "no answer in time");
  return new Promise((resolve, reject) => {
    let isOpen = false;
    const socket = new Socket(`${server}${path}`, protocols, { ...options, maxPayload: mostBytes });
    const stop = (): void => socket.terminate();
    signal.addEventListener("abort", stop);
    socket.on("open", () => {
      isOpen = true;
      resolve(socket);
    });
    socket.on("message", (data) => {
      if (Buffer.isBuffer(data) && data.length > 0) handlers.onFrame(data.readUInt8(0), data.subarray(1));
    });
    socket.on("error", (error) => {
      reject(refusal(error, signal));
      // A peer that breaks the protocol is not waited for.
      if (isOpen) socket.terminate();
    });
    socket.on("close", () => {
      signal.removeEventListener("abort", stop);
      if (isOpen) handlers.onEnd();
    });
  });
}

/** Why a stream was not opened, by what the WebSocket says. */
function refusal({ message, code }: NodeJS.ErrnoException, signal: AbortSignal): Unreached {
  if (signal.aborted) return new Unreached("late", "no answer in time");
  const text = message !== "" ? message : (code ?? "the connection broke");
  const status = Number(/server response: (\d+)/.exec(text)?.[1]);
  const known: Partial<Record<number, [Obstacle, string]>> = {
    400: ["gone", "the pod or its container does not run"],
    401: ["forbidden", "the credentials are not accepted"],
    403: ["forbidden", "it may not be asked: get and create of pods/exec or pods/portforward is refused"],
    404: ["gone", "the pod is gone"],
  };
  const [obstacle, why] = known[status] ?? ["broken", `the API server does not open the stream: ${text}`];
  return new Unreached(obstacle, why);
}
