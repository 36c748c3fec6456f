/**
 * Streams into pods, through the WebSocket of the client library. Its own `Exec` and `PortForward` wait for ever for a
 * stream that breaks, throw out of event handlers where a frame makes no sense, and end this process's output when a
 * server closes a stream; so only its connection is used: address, credentials and protocol.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#http-upgrades-for-stream-protocols
 */
import { PassThrough } from "node:stream";
import type * as https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { type Obstacle, Unreached } from "./reach";

/** A WebSocket that is open, as far as it is used here. */
export interface Socket {
  send(data: Buffer): void;
  close(): void;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
  protocol: string;
}

export interface ChannelHandlers {
  /** A frame of a channel. */
  onFrame(channel: number, data: Buffer): void;
  /** The connection has ended, by whatever side. */
  onEnd(): void;
}

/** A container sends more than this only if it is not what is asked for. */
const mostBytes = 256 * 1024 * 1024;

/** @throws Unreached if the API server does not open the stream */
export async function openChannels(
  config: KubeConfig,
  path: string,
  { onFrame, onEnd }: ChannelHandlers,
  signal: AbortSignal,
): Promise<Socket> {
  // Not among what the library exports by name.
  const { WebSocketHandler } = await import("@kubernetes/client-node/dist/web-socket-handler.js");
  const timed = Object.create(config) as KubeConfig;
  timed.applyToHTTPSOptions = async (options: https.RequestOptions) => {
    await config.applyToHTTPSOptions(options);
    Object.assign(options, { signal, maxPayload: mostBytes });
  };
  // The library would end the streams that it is given; none of ours is its business.
  const idle = (): PassThrough => new PassThrough();
  const handler = new WebSocketHandler(timed, undefined, { stdin: idle(), stdout: idle(), stderr: idle() });
  const take = (data: unknown): void => {
    if (!Buffer.isBuffer(data) || data.length === 0) return;
    onFrame(data.readUInt8(0), data.subarray(1));
  };
  let socket: Socket;
  try {
    socket = (await handler.connect(path, null, (channel, data) => {
      onFrame(channel, data);
      return true;
    })) as unknown as Socket;
  } catch (error) {
    throw refusal(error, signal);
  }
  socket.onmessage = ({ data }: { data: unknown }) => take(data);
  socket.onclose = onEnd;
  socket.onerror = onEnd;
  return socket;
}

/** Why a stream was not opened, by what the WebSocket says. */
function refusal(error: unknown, signal: AbortSignal): Unreached {
  if (signal.aborted) return new Unreached("late", "no answer in time");
  const message = (error as { message?: unknown } | undefined)?.message;
  const text = typeof message === "string" && message !== "" ? message : "the connection broke";
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
