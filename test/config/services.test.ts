import { describe, expect, test } from "vitest";
import { mistakesIn, stackOf } from "../fixtures/stack";
import { dnsLabel, objectName, oneOf, portRange, positive, required, typed } from "../fixtures/words";

const bare = (host: string) => ({
  rule: "a host name without scheme, port and path",
  fix: `write ${host}`,
});
const qualified = {
  rule: "a fully qualified host name in lower case, or one with a leading *.",
  fix: "write it like api.example.com",
};

describe("a mistake in an external service is told once, with its fix", () => {
  test.each([
    [{ hosts: undefined }, "hosts", "(not set)", required("array")],
    [
      { hosts: [] },
      "hosts",
      "[]",
      { rule: "at least one host", fix: "add the hosts that the service answers on" },
    ],
    [
      { hosts: ["https://api.example.com/v1"] },
      "hosts[0]",
      '"https://api.example.com/v1"',
      bare("api.example.com"),
    ],
    [
      { hosts: ["a.example.com", "api.example.com:443"] },
      "hosts[1]",
      '"api.example.com:443"',
      bare("api.example.com"),
    ],
    [
      { hosts: ["http://https://api.example.com/x"] },
      "hosts[0]",
      '"http://https://api.example.com/x"',
      bare("api.example.com"),
    ],
    [
      { hosts: ["*"] },
      "hosts[0]",
      '"*"',
      {
        rule: "a wildcard needs a domain, else it catches all traffic",
        fix: "write it like *.example.com",
      },
    ],
    [{ hosts: ["Api.example.com"] }, "hosts[0]", '"Api.example.com"', qualified],
    [{ hosts: ["api"] }, "hosts[0]", '"api"', qualified],
    [{ hosts: ["api.*.com"] }, "hosts[0]", '"api.*.com"', qualified],
    [
      { resolution: "dns" },
      "resolution",
      '"dns"',
      oneOf("NONE, DNS, DNS_ROUND_ROBIN, DYNAMIC_DNS", "write DNS"),
    ],
    [{ ports: [] }, "ports", "[]", { rule: "at least one port", fix: "remove ports to get 443 HTTPS" }],
    [{ ports: [{ number: 0, name: "tcp", protocol: "TCP" }] }, "ports[0].number", "0", portRange],
    [{ ports: [{ number: 1, name: "TCP", protocol: "TCP" }] }, "ports[0].name", '"TCP"', dnsLabel],
    [
      { ports: [{ number: 1, name: "tcp", protocol: "tcp" }] },
      "ports[0].protocol",
      '"tcp"',
      oneOf("HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP, TLS", "write TCP"),
    ],
  ])("%j", (changes, at, value, words) => {
    const externalServices = { api: { hosts: ["api.example.com"], ...changes } };
    expect(mistakesIn(stackOf({ externalServices }))).toEqual([
      { path: `mesh-tracing:externalServices.api.${at}`, value, ...words },
    ]);
  });

  test.each([
    ["A_b", objectName],
    ["a".repeat(254), { rule: "at most 253 characters", fix: "shorten it" }],
  ])("the name %s", (name, words) => {
    expect(mistakesIn(stackOf({ externalServices: { [name]: { hosts: ["a.example.com"] } } }))).toEqual([
      { path: `mesh-tracing:externalServices.${name}`, value: '{"hosts":["a.example.com"]}', ...words },
    ]);
  });
});

describe("a mistake in section otel is told once, with its fix", () => {
  const atMost = (queue: number) => ({
    rule: `at most batch.maxQueueSize, ${queue}`,
    fix: `write ${queue} or less`,
  });
  test.each([
    [{ protocol: "http" }, "protocol", '"http"', oneOf("grpc, http/protobuf")],
    [{ configMap: "Otel" }, "configMap", '"Otel"', objectName],
    [
      { propagators: ["tracecontext", "b4"] },
      "propagators[1]",
      '"b4"',
      oneOf("tracecontext, baggage, b3, b3multi, jaeger, xray, ottrace", "write b3"),
    ],
    [{ excludedUrls: "health" }, "excludedUrls", '"health"', typed("array")],
    [{ batch: { maxQueueSize: 0 } }, "batch.maxQueueSize", "0", positive],
    [{ batch: { maxExportBatchSize: 0 } }, "batch.maxExportBatchSize", "0", positive],
    [{ batch: { scheduleDelayMillis: 0 } }, "batch.scheduleDelayMillis", "0", positive],
    [{ batch: { scheduleDelayMillis: 0.5 } }, "batch.scheduleDelayMillis", "0.5", typed("int")],
    [{ batch: { maxExportBatchSize: 2049 } }, "batch.maxExportBatchSize", "2049", atMost(2048)],
    [{ batch: { maxQueueSize: 511 } }, "batch.maxExportBatchSize", "(not set)", atMost(511)],
    [
      { resourceAttributes: { team: 1 } },
      "resourceAttributes.team",
      "1",
      typed("string", 'put it in quotes: "1"'),
    ],
    [
      { batch: { maxQueueSize: 1_000_001 } },
      "batch.maxQueueSize",
      "1000001",
      { rule: "at most 1000000", fix: "write 1000000 or less" },
    ],
    [
      { extra: { "OTEL-X": "x" } },
      "extra.OTEL-X",
      '"x"',
      { rule: "a name of an environment variable", fix: "write it like OTEL_LOG_LEVEL" },
    ],
    [{ extra: { OTEL_X: true } }, "extra.OTEL_X", "true", typed("string", 'put it in quotes: "true"')],
  ])("%j", (otel, at, value, words) => {
    expect(mistakesIn(stackOf({ otel }))).toEqual([{ path: `mesh-tracing:otel.${at}`, value, ...words }]);
  });

  test.each(["a=b", "a,b", "a b", "a%20b"])("the name of an attribute: %s", (key) => {
    expect(mistakesIn(stackOf({ otel: { resourceAttributes: { [key]: "x" } } }))).toEqual([
      {
        path: `mesh-tracing:otel.resourceAttributes.${key}`,
        value: '"x"',
        rule: 'a name without blanks and =,;"%\\, which separate attributes',
        fix: "write it like deployment.environment.name",
      },
    ]);
  });

  const clear = {
    rule: "a secret, which would be in a ConfigMap in plain text for everybody who may read that namespace",
    fix: "remove it; put it into a Secret and name that in the Deployment, by env[].valueFrom.secretKeyRef",
  };
  test.each([
    ["OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc"],
    ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-tenant=shop, api-key = abc"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "x-auth=Basic abc"],
    ["BACKEND_TOKEN", "abc"],
    ["BACKEND_PASSWORD", "abc"],
    ["BACKEND_URL", "https://user:abc@traces.example.com", '"https://…@traces.example.com"'],
    ["OTEL_RESOURCE", "-----BEGIN EC PRIVATE KEY-----abc"],
  ])("a secret in clear is refused, and not printed: %s", (name, value, shown = "(not shown)") => {
    expect(mistakesIn(stackOf({ otel: { extra: { [name]: value } } }))).toEqual([
      { path: `mesh-tracing:otel.extra.${name}`, value: shown, ...clear },
    ]);
  });

  test.each([
    ["OTEL_EXPORTER_OTLP_HEADERS", "x-scope-orgid=shop"],
    ["OTEL_EXPORTER_OTLP_CLIENT_KEY", "/etc/tls/tls.key"],
    ["BACKEND_TOKEN", "$(TOKEN)"],
    ["BACKEND_TOKEN", ""],
    ["BACKEND_URL", "https://traces.example.com:4318"],
  ])("what is no secret is taken: %s=%s", (name, value) => {
    expect(mistakesIn(stackOf({ otel: { extra: { [name]: value } } }))).toEqual([]);
  });

  test("a batch may be as long as the queue", () => {
    const batch = { maxQueueSize: 512, maxExportBatchSize: 512 };
    expect(mistakesIn(stackOf({ otel: { batch } }))).toEqual([]);
  });
});
