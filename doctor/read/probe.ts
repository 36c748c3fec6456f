/** Sends one request, and looks for its trace and its line in the gateway's log. */
import { randomBytes } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { type Backend } from "../backend/backend";
import { attempt } from "../live/reach";
import { type SenderNames } from "../judge/names";
import { judgeProbe, probeHeaders, type ProbeResult, traceIdInLog } from "../judge/probe";
import { type Span } from "../parse/spans";

export interface ProbeTools {
  backend: Backend | undefined;
  names: readonly SenderNames[];
  /** What gateways have logged of late. */
  readLogs: () => Promise<string[]>;
  /** Milliseconds that spans may take. @default 15000 */
  patience?: number;
}

/** Milliseconds within which proxies (5 s) and SDKs have sent what they have: no more comes after it. */
const settling = 6_000;

export async function probe(
  url: string,
  { backend, names, readLogs, patience = 15_000 }: ProbeTools,
): Promise<ProbeResult> {
  const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  const began = Date.now();
  const answer = await attempt(() => send(url, probeHeaders(traceId, spanId)));
  // Where nobody answered nothing is waited for.
  const isOver = backend === undefined || "why" in answer;
  const spans = isOver ? [] : await arrived(backend, traceId, began, patience);
  const logs = await attempt(readLogs);
  const line =
    "value" in logs ? traceIdInLog(logs.value.join("\n"), traceId, new URL(url).pathname) : undefined;
  return {
    url,
    traceId,
    status: "value" in answer ? answer.value : 0,
    ...("why" in answer ? { failure: answer.why } : {}),
    ...judgeProbe(spans, names, spanId),
    ...(line === undefined ? {} : { logTraceId: line }),
    ...("why" in logs ? { logFailure: logs.why } : {}),
  };
}

/** Waits until no more spans come. */
async function arrived(backend: Backend, traceId: string, began: number, patience: number): Promise<Span[]> {
  let spans: Span[] = [];
  let last = Date.now();
  for (;;) {
    const found = await attempt(() =>
      backend.trace(traceId, { from: began - 60_000, to: Date.now() + 60_000 }),
    );
    if ("value" in found && found.value.length > spans.length) {
      spans = found.value;
      last = Date.now();
    }
    const time = Date.now();
    if (time > began + patience || (spans.length > 0 && time > Math.max(last, began) + settling))
      return spans;
    await sleep(500);
  }
}

function send(url: string, headers: Record<string, string>): Promise<number> {
  const { request } = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, timeout: 20_000 }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 20 s")));
    sent.on("error", reject);
    sent.end();
  });
}
