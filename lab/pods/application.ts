/**
 * A service as teams write them: it answers, and asks the next one if it has one. The SDK is set up by the
 * OTEL_* variables of its pod and by nothing else; what of them is wrong shows in its traces.
 */
import { createRequire } from "node:module";
import type * as http from "node:http";
import * as path from "node:path";

interface Sdk {
  NodeSDK: new (options: object) => { start(): void };
}
interface Instrumentation {
  HttpInstrumentation: new (options: object) => object;
}

const load = createRequire(path.join(process.env["LAB_SDK"] ?? ".", "package.json"));
if (process.env["OTEL_ENABLED"] !== "false") {
  const { NodeSDK } = load("@opentelemetry/sdk-node") as Sdk;
  const { HttpInstrumentation } = load("@opentelemetry/instrumentation-http") as Instrumentation;
  new NodeSDK({ instrumentations: [new HttpInstrumentation({})] }).start();
}
// Only now, so that the SDK sees it being loaded.
const { createServer, get } = createRequire(__filename)("node:http") as typeof http;

const next = process.env["NEXT"];
const name = process.env["OTEL_SERVICE_NAME"] ?? "application";

const server = createServer((request, response) => {
  const answer = (status: number, text: string): void => {
    response.writeHead(status, { "content-type": "text/plain" }).end(`${text}\n`);
  };
  if (next === undefined) return answer(200, name);
  get(`${next}${request.url ?? "/"}`, { timeout: 5_000, agent: false }, (inner) => {
    inner.resume().on("end", () => answer(inner.statusCode ?? 502, `${name} > ${inner.statusCode}`));
  })
    .on("timeout", function (this: http.ClientRequest) {
      this.destroy(new Error("no answer within 5 s"));
    })
    .on("error", (error) => answer(502, `${name} > ${error.message}`));
});
server.listen(8080, "0.0.0.0");
