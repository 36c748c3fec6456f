/** A port of a pod as a stream, carried by the channels of a WebSocket. */
import { Duplex } from "node:stream";
import { type WebSocket } from "ws";
import { type ChannelHandlers } from "./channels";
import { Unreached } from "./reach";

/** Each channel begins with two bytes that name the port. */
const headerBytes = 2;

export class TunnelStream extends Duplex implements ChannelHandlers {
  private socket: WebSocket | undefined;
  private readonly header: [number, number] = [headerBytes, headerBytes];
  private pending: (() => void) | undefined;

  attach(socket: WebSocket): void {
    this.socket = socket;
    this.pending?.();
    this.pending = undefined;
    if (this.destroyed) socket.close();
  }

  onFrame(channel: number, data: Buffer): void {
    if (channel !== 0 && channel !== 1) return;
    const skipped = Math.min(this.header[channel], data.length);
    this.header[channel] -= skipped;
    const rest = data.subarray(skipped);
    if (rest.length === 0) return;
    if (channel === 0) this.push(rest);
    else {
      const said = rest.toString("utf8").trim().split("\n")[0] ?? "";
      const isRefused = /connection refused|connect: |failed to connect|failed to dial/i.test(said);
      this.destroy(new Unreached(isRefused ? "refused" : "broken", said));
    }
  }

  onEnd(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    // Frames come when they come.
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const send = (): void => {
      try {
        this.socket?.send(Buffer.concat([Buffer.of(0), chunk]));
        done();
      } catch (error) {
        done(error as Error);
      }
    };
    if (this.socket === undefined) this.pending = send;
    else send();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket?.close();
    done(error);
  }
}
