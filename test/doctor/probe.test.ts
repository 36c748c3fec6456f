/** One request followed through a whole run: its headers, its trace, its line in the gateway's log. */
import * as http from "node:http";
import { type AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { diagnosed, evidenceOf, results } from "../fixtures/diagnosed";

describe("a probe", () => {
  /** A gateway on loopback that remembers what it was sent. */
  async function gateway(): Promise<{ url: string; seen: http.IncomingHttpHeaders[] }> {
    const seen: http.IncomingHttpHeaders[] = [];
    const server = http.createServer((request, response) => {
      seen.push(request.headers);
      response.end("hello");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hello`, seen };
  }

  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const batch = (
    service: string,
    traceId: string,
    spanId: string,
    parentSpanId: string,
    isOfProxy = true,
  ) => ({
    resource: {
      attributes: [
        attribute("service.name", service),
        ...(isOfProxy ? [] : [attribute("telemetry.sdk.language", "python")]),
      ],
    },
    scopeSpans: [
      {
        spans: [
          {
            ...{
              traceId,
              spanId,
              parentSpanId,
              kind: 2,
              startTimeUnixNano: `17000000000${spanId.slice(-1)}000000`,
            },
            attributes: isOfProxy ? [attribute("component", "proxy")] : [],
          },
        ],
      },
    ],
  });

  it("is one request whose trace and log line are found by its id", async () => {
    const { url, seen } = await gateway();
    const sent = () => /^00-(\w{32})-(\w{16})-01$/.exec(String(seen[0]?.["traceparent"])) ?? [];
    const diagnosis = await diagnosed(
      {
        web: (pod, port, path) => {
          const [, id = "?", client = ""] = sent();
          if (pod !== "istio-system/jaeger-1" || port !== 16686 || path !== `/api/v3/traces/${id}`)
            return undefined;
          const resourceSpans = [
            batch("istio-ingressgateway.istio-system", id, "0000000000000001", client),
            // The sidecar's span is lost.
            batch("auth-api", id, "0000000000000003", "0000000000000002", false),
          ];
          return { status: 200, body: JSON.stringify({ result: { resourceSpans } }) };
        },
        logs: (pod) =>
          pod === "istio-system/istio-ingressgateway-1"
            ? `${JSON.stringify({ "trace.id": sent()[1], "url.path": "/hello" })}\n`
            : undefined,
      },
      { probe: url },
    );
    const [, id, client] = sent();
    expect(seen).toHaveLength(1);
    expect([seen[0]?.["x-b3-traceid"], seen[0]?.["x-b3-spanid"], seen[0]?.["x-b3-sampled"]]).toEqual([
      id,
      client,
      "1",
    ]);
    expect(evidenceOf(diagnosis, "probe")).toEqual([
      `${url}: answer 200, trace ${id}`,
      "2 spans of auth-api and istio-ingressgateway.istio-system",
      "1 of them have a parent that did not arrive",
      "missing: the proxy of Deployment auth/auth-api",
      "the gateway's log has the same trace.id",
    ]);
    expect(results(diagnosis)).toContain("probe error");
  });

  it("that nobody answers is an error of its own, and the rest of the run goes on", async () => {
    const diagnosis = await diagnosed({}, { probe: "http://127.0.0.1:1/" });
    expect(results(diagnosis).filter((line) => line.endsWith("error"))).toEqual(["probe error"]);
    expect(evidenceOf(diagnosis, "probe")[0]).toMatch(
      /^http:\/\/127\.0\.0\.1:1\/: no answer \(connect ECONNREFUSED 127\.0\.0\.1:1\), trace \w{32}$/,
    );
  });
});
