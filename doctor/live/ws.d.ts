/** As much of the package `ws`, which has no types of its own, as is used here. @see https://github.com/websockets/ws */
declare module "ws" {
  import type * as http from "node:http";
  import type * as https from "node:https";

  export class WebSocket {
    constructor(
      address: string,
      protocols: readonly string[],
      options: https.RequestOptions & { maxPayload?: number },
    );
    on(event: "open" | "close", listener: () => void): this;
    on(event: "message", listener: (data: unknown) => void): this;
    on(event: "error", listener: (error: NodeJS.ErrnoException) => void): this;
    send(data: Buffer): void;
    close(): void;
    terminate(): void;
  }

  export class WebSocketServer {
    constructor(options: {
      server: http.Server;
      handleProtocols: (protocols: ReadonlySet<string>) => string | false;
    });
    on(event: "connection", listener: (socket: WebSocket, request: http.IncomingMessage) => void): this;
    close(): void;
  }
}
