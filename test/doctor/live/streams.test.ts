/** Asking pods through the API server: answers, and every way in which a stream fails. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { chosenConfig } from "../../../input/cluster/kubeconfig";
import { Streams, type StreamOptions } from "../../../doctor/live/streams";
import { frame, type StreamRules, streamServer } from "../../fixtures/streamServer";

const pod = { namespace: "auth", name: "auth-1" };
const command = ["pilot-agent", "request", "GET", "clusters"];

async function streamsOf(rules: StreamRules, options: StreamOptions = {}) {
  const server = await streamServer(rules);
  const config = await chosenConfig({ kubeconfig: server.kubeconfig });
  return { ...server, streams: new Streams(config, options) };
}

afterEach(() => {
  vi.useRealTimers();
});

/** What becomes of a question that nobody answers once its 20 seconds are over. */
async function late(
  rules: Partial<StreamRules>,
  ask: (streams: Streams) => Promise<unknown>,
): Promise<unknown> {
  // Sockets go on as they do; only what waits is told that the time is over.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { streams, calls } = await streamsOf({ behave: () => undefined, ...rules });
  const ending = outcome(ask(streams));
  while (calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(19_999);
  const early = await Promise.race([ending, new Promise((resolve) => setImmediate(resolve, "waits"))]);
  vi.advanceTimersByTime(1);
  return [early, await ending];
}

/** What a question ends with: an answer, or `obstacle: message`. */
async function outcome(question: Promise<unknown>): Promise<unknown> {
  return question.catch(
    (error: { obstacle?: string; message: string }) => `${error.obstacle}: ${error.message}`,
  );
}

describe("exec", () => {
  it("gives what a command prints, whatever its frames are", async () => {
    const { streams, calls } = await streamsOf({
      behave: (_, stream) => {
        stream.send(1, "outbound|9411||");
        stream.send(1, Buffer.alloc(70_000, "a"));
        stream.send(1, "\n");
        stream.succeed();
      },
    });
    expect(await streams.run(pod, "istio-proxy", command)).toBe(`outbound|9411||${"a".repeat(70_000)}\n`);
    expect(calls).toEqual([{ kind: "exec", pod: "auth/auth-1", container: "istio-proxy", command, port: 0 }]);
  });

  it.each<[string, Partial<StreamRules>, string]>([
    [
      "403",
      { refuse: () => 403 },
      "forbidden: it may not be asked: get and create of pods/exec or pods/portforward is refused",
    ],
    ["401", { refuse: () => 401 }, "forbidden: the credentials are not accepted"],
    ["404", { refuse: () => 404 }, "gone: the pod is gone"],
    ["400", { refuse: () => 400 }, "gone: the pod or its container does not run"],
    [
      "500",
      { refuse: () => 500 },
      "broken: the API server does not open the stream: Unexpected server response: 500",
    ],
    [
      "a close without a status",
      { behave: (_, stream) => stream.close() },
      "broken: the stream ended before the command did",
    ],
    [
      "a connection that breaks",
      { behave: (_, stream) => stream.destroy() },
      "broken: the stream ended before the command did",
    ],
    [
      "a command that fails",
      {
        behave: (_, stream) =>
          stream.fail("command terminated with exit code 1", "Error: connection refused\nmore"),
      },
      "failed: command terminated with exit code 1: Error: connection refused",
    ],
    [
      "a command that is not there",
      { behave: (_, stream) => stream.fail('exec: "pilot-agent": executable file not found in $PATH') },
      'failed: exec: "pilot-agent": executable file not found in $PATH',
    ],
    [
      "a status that is no JSON",
      { behave: (_, stream) => stream.send(3, "<html>") },
      "broken: the status of the command is not JSON",
    ],
    [
      "a status that is no object",
      { behave: (_, stream) => stream.send(3, "null") },
      "failed: the command failed",
    ],
    [
      "bytes that are no frame",
      { behave: (_, stream) => stream.raw(Buffer.from("HTTP/1.1 500")) },
      "broken: the stream ended before the command did",
    ],
  ])("survives %s", async (_, rules, said) => {
    const { streams } = await streamsOf({ behave: () => undefined, ...rules });
    expect(await outcome(streams.run(pod, "istio-proxy", command))).toBe(said);
  });

  it.each<[string, Partial<StreamRules>]>([
    ["silence at the handshake", { refuse: () => "silence" }],
    ["silence after the handshake", {}],
    ["output without an end", { behave: (_, stream) => stream.send(1, "half") }],
    ["frames of unknown channels", { behave: (_, stream) => stream.send(77, "x") }],
    ["an empty frame", { behave: (_, stream) => stream.raw(frame(Buffer.alloc(0))) }],
    ["a channel that the server closes", { behave: (_, stream) => stream.send(255, Buffer.of(1)) }],
  ])("waits 20 s, and no longer, for %s", async (_, rules) => {
    expect(await late(rules, (streams) => streams.run(pod, "istio-proxy", command))).toEqual([
      "waits",
      "late: no answer within 20 s",
    ]);
  });

  it("survives output without measure", async () => {
    const { streams } = await streamsOf({
      behave: (_, stream) => {
        const piece = Buffer.alloc(8 * 1024 * 1024, "x");
        for (let sent = 0; sent < 9; sent++) stream.send(1, piece);
        stream.succeed();
      },
    });
    expect(await outcome(streams.run(pod, "istio-proxy", command))).toBe(
      "broken: the answer is longer than 64 MiB",
    );
  });

  it("says so where nobody listens", async () => {
    const { kubeconfig } = await streamServer({ behave: () => undefined });
    const config = await chosenConfig({ kubeconfig: kubeconfig.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:1") });
    const said = await outcome(new Streams(config).run(pod, "istio-proxy", command));
    expect(said).toMatch(/^broken: the API server does not open the stream: .*ECONNREFUSED/);
  });

  it("asks no more pods at once than it may, and all of them", async () => {
    const { streams, calls, mostOpen } = await streamsOf(
      { behave: (call, stream) => void setTimeout(() => stream.answer(call.pod), 5) },
      { parallel: 4 },
    );
    const names = Array.from({ length: 40 }, (_, index) => `auth-${index}`);
    const answers = await Promise.all(
      names.map((name) => streams.run({ namespace: "auth", name }, "istio-proxy", command)),
    );
    expect(answers).toEqual(names.map((name) => `auth/${name}`));
    expect(calls).toHaveLength(40);
    expect(mostOpen()).toBe(4);
  });

  it("asks nothing any more once the time for everything is over", async () => {
    const over = new AbortController();
    const { streams, calls } = await streamsOf(
      { behave: () => over.abort() },
      { parallel: 1, signal: over.signal },
    );
    const both = await Promise.all([1, 2].map(() => outcome(streams.run(pod, "istio-proxy", command))));
    expect(both).toEqual(["late: no answer within 20 s", "late: the time for all questions was over"]);
    expect(calls).toHaveLength(1);
  });
});

describe("port-forward", () => {
  const web: StreamRules["web"] = (_, port, path) =>
    port === 8888 ? { status: 200, body: `${path} ${"b".repeat(100_000)}` } : undefined;

  it("gives an HTTP answer", async () => {
    const { streams } = await streamsOf({ behave: () => undefined, web });
    expect(await streams.get(pod, 8888, "/metrics?a=1")).toEqual({
      status: 200,
      body: `/metrics?a=1 ${"b".repeat(100_000)}`,
    });
  });

  it("tells that nothing listens", async () => {
    const { streams } = await streamsOf({ behave: () => undefined, web });
    expect(await outcome(streams.get(pod, 9999, "/"))).toBe(
      "refused: failed to connect to localhost:9999: connection refused",
    );
  });

  it.each<[string, Partial<StreamRules>, string]>([
    [
      "403",
      { refuse: () => 403 },
      "forbidden: it may not be asked: get and create of pods/exec or pods/portforward is refused",
    ],
    [
      "a close at once",
      { behave: (_, stream) => stream.close() },
      "broken: the connection broke: socket hang up",
    ],
    [
      "a connection that breaks",
      { behave: (_, stream) => stream.destroy() },
      "broken: the connection broke: socket hang up",
    ],
    [
      "an answer that is none",
      { behave: (_, stream) => (stream.send(0, Buffer.of(0, 0)), stream.send(0, "SSH-2.0-OpenSSH\r\n\r\n")) },
      "broken: the connection broke: Parse Error: Expected HTTP/, RTSP/ or ICE/",
    ],
    [
      "half an answer",
      {
        behave: (_, stream) => {
          stream.send(0, Buffer.of(0, 0));
          stream.send(0, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
          stream.close();
        },
      },
      "broken: the connection broke: the answer broke off",
    ],
  ])("survives %s", async (_, rules, said) => {
    const { streams } = await streamsOf({ behave: () => undefined, ...rules });
    expect(await outcome(streams.get(pod, 8888, "/metrics"))).toBe(said);
  });

  it("waits 20 s, and no longer, for silence", async () => {
    for (const rules of [{}, { refuse: () => "silence" as const }]) {
      expect(await late(rules, (streams) => streams.get(pod, 8888, "/metrics"))).toEqual([
        "waits",
        "late: no answer within 20 s",
      ]);
      vi.useRealTimers();
    }
  });

  it("survives an answer without measure", async () => {
    const { streams } = await streamsOf({
      behave: (_, stream) => {
        stream.send(0, Buffer.of(0, 0));
        stream.send(0, "HTTP/1.1 200 OK\r\n\r\n");
        const piece = Buffer.alloc(8 * 1024 * 1024, "x");
        for (let sent = 0; sent < 9; sent++) stream.send(0, piece);
        stream.close();
      },
    });
    expect(await outcome(streams.get(pod, 8888, "/metrics"))).toBe(
      "broken: the connection broke: the answer is longer than 64 MiB",
    );
  });
});
