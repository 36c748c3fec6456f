/** HTTP over any stream. */
import * as http from "node:http";
import { type Duplex } from "node:stream";
import { mostBytes, tooLong } from "./channels";
import { type HttpAnswer, Unreached } from "./reach";

/** @throws Unreached */
export function httpGet(stream: Duplex, path: string, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(
        error instanceof Unreached
          ? error
          : new Unreached("broken", `the connection broke: ${error.message.split("\n")[0]}`),
      );
    const headers = { host: "localhost", connection: "close", accept: "application/json, text/plain;q=0.9" };
    const request = http.request({ path, headers, signal, createConnection: () => stream }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length <= mostBytes) return;
        chunks.length = 0;
        fail(new Error(tooLong));
        response.destroy();
      });
      response.on("error", fail);
      response.on("aborted", () => fail(new Error("the answer broke off")));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    request.on("error", fail);
    stream.on("error", fail);
    request.end();
  });
}
