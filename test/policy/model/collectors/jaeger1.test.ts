/** Jaeger 1 by its flags and variables. */
import { describe, expect, it } from "vitest";
import { isJaeger1, jaeger1Fix, jaeger1Receivers } from "../../../../policy/model/collectors/jaeger1";

type Json = Record<string, unknown>;

const env = (variables: Record<string, string>) =>
  Object.entries(variables).map(([name, value]) => ({ name, value }));
/** Where the container takes spans; undefined if nobody can tell. */
const receivers = (container: Json, version = "1.62.0") =>
  jaeger1Receivers({ image: `jaegertracing/all-in-one:${version}`, ...container })?.map(
    ({ transport, host, port, isEncrypted }) =>
      `${transport} ${host}:${port}${isEncrypted === true ? " TLS" : ""}`,
  );
const otlp = ["otlp-grpc :4317", "otlp-http :4318"];

describe("Jaeger 1", () => {
  it.each([
    ["jaegertracing/all-in-one:1.62.0", true],
    ["all-in-one:v1.62.0", true],
    ["jaegertracing/all-in-one", true],
    ["jaegertracing/all-in-one@sha256:0123", true],
    ["quay.io/jaeger/jaeger-all-in-one:latest", true],
    ["jaegertracing/jaeger-collector:1.62.0", true],
    ["jaegertracing/jaeger-query:1.62.0", false],
    ["jaegertracing/jaeger:1.62.0", false],
    ["jaegertracing/all-in-one:2.0.0", false],
    ["jaegertracing/not-all-in-one:1.62.0", false],
    ["jaegertracing/all-in-one-more:1.62.0", false],
  ])("takes spans by its image %s: %s", (image, expected) => {
    expect(isJaeger1(image)).toBe(expected);
  });

  it.each([
    ["1.34.0", []],
    ["1.45.0", []],
    ["v1.46.0", otlp],
    ["1.62.0", otlp],
    ["latest", otlp],
  ])("%s takes OTLP if nobody says anything: %j", (version, expected) => {
    expect(receivers({}, version)).toEqual(expected);
  });

  it("takes OTLP where it is told to and can, and not where it is told not to", () => {
    const enabled = { env: env({ COLLECTOR_OTLP_ENABLED: "true" }) };
    expect(receivers(enabled, "1.35.0")).toEqual(otlp);
    expect(receivers(enabled, "1.34.0")).toEqual([]);
    expect(receivers({ env: env({ COLLECTOR_OTLP_ENABLED: "false" }) })).toEqual([]);
    expect(receivers({ args: ["--collector.otlp.enabled=false"] })).toEqual([]);
    expect(receivers({ args: ["--collector.otlp.enabled"] }, "1.35.0")).toEqual(otlp);
  });

  it.each<[string, Json, string]>([
    ["a variable", { env: env({ COLLECTOR_ZIPKIN_HOST_PORT: ":9411" }) }, "zipkin :9411"],
    ["a variable of before", { env: env({ COLLECTOR_ZIPKIN_HTTP_HOST_PORT: "a:1" }) }, "zipkin a:1"],
    ["an older variable", { env: env({ COLLECTOR_ZIPKIN_HTTP_PORT: "9411" }) }, "zipkin :9411"],
    ["a flag", { args: ["--x", "--collector.zipkin.host-port=:9"] }, "zipkin :9"],
    ["a flag of before", { args: ["--collector.zipkin.http-host-port=:9"] }, "zipkin :9"],
    ["an older flag", { args: ["--collector.zipkin.http-port=9"] }, "zipkin :9"],
    ["a flag of the command", { command: ["all-in-one", "--collector.zipkin.host-port=:9"] }, "zipkin :9"],
    ["a flag and its value", { args: ["--collector.zipkin.host-port", "127.0.0.1:9"] }, "zipkin 127.0.0.1:9"],
    [
      "a flag over a variable",
      { args: ["--collector.zipkin.host-port=:9"], env: env({ COLLECTOR_ZIPKIN_HOST_PORT: ":8" }) },
      "zipkin :9",
    ],
    [
      "an address with TLS",
      { env: env({ COLLECTOR_ZIPKIN_HOST_PORT: ":9411", COLLECTOR_ZIPKIN_TLS_ENABLED: "true" }) },
      "zipkin :9411 TLS",
    ],
    [
      "an address with TLS by a flag",
      { args: ["--collector.zipkin.host-port=:9411", "--collector.zipkin.tls.enabled=true"] },
      "zipkin :9411 TLS",
    ],
  ])("takes Zipkin at %s", (_, container, expected) => {
    expect(receivers(container)).toEqual([expected, ...otlp]);
  });

  it("takes no Zipkin by a port that is none, or a flag of another name", () => {
    for (const value of ["", "0"]) {
      expect(receivers({ env: env({ COLLECTOR_ZIPKIN_HOST_PORT: value }) })).toEqual(otlp);
    }
    expect(
      receivers({ args: ["--collector.zipkin.host-port2=:9", "--x--collector.zipkin.host-port"] }),
    ).toEqual(otlp);
  });

  it("takes OTLP at other addresses, and with TLS", () => {
    const variables = env({
      COLLECTOR_OTLP_GRPC_HOST_PORT: "127.0.0.1:1",
      COLLECTOR_OTLP_HTTP_HOST_PORT: "0.0.0.0:2",
      COLLECTOR_OTLP_GRPC_TLS_ENABLED: "true",
    });
    expect(receivers({ env: variables })).toEqual(["otlp-grpc 127.0.0.1:1 TLS", "otlp-http :2"]);
    const args = [
      "--collector.otlp.grpc.host-port=:1",
      "--collector.otlp.http.host-port=:2",
      "--collector.otlp.http.tls.enabled",
    ];
    expect(receivers({ args })).toEqual(["otlp-grpc :1", "otlp-http :2 TLS"]);
  });

  it("is not known where a variable that decides comes from elsewhere", () => {
    const from = (name: string) => ({
      env: [{ name, valueFrom: { secretKeyRef: { name: "a", key: "b" } } }],
    });
    expect(receivers(from("COLLECTOR_ZIPKIN_HOST_PORT"))).toBeUndefined();
    expect(receivers(from("COLLECTOR_OTLP_ENABLED"))).toBeUndefined();
    expect(receivers(from("ES_PASSWORD"))).toEqual(otlp);
    expect(receivers(from("MY_COLLECTOR_OTLP"))).toEqual(otlp);
    expect(receivers({ envFrom: [{ configMapRef: { name: "a" } }] })).toBeUndefined();
    expect(receivers({ envFrom: [] })).toEqual(otlp);
  });

  it("says where to set what, and that it listens on all addresses where only a port is written", () => {
    const [first] = jaeger1Receivers({ image: "jaegertracing/all-in-one:1.62.0" }) ?? [];
    expect(first).toEqual({
      name: "OTLP",
      transport: "otlp-grpc",
      host: "",
      port: 4317,
      isEncrypted: false,
      isDefaultHost: false,
      isUsed: true,
      path: "its flags and variables",
    });
    const zipkin = { image: "jaegertracing/all-in-one:1.62.0", args: ["--collector.zipkin.host-port=:9411"] };
    expect(jaeger1Receivers(zipkin)?.map(({ name }) => name)).toEqual(["zipkin", "OTLP", "OTLP"]);
    const where = "in env of Jaeger's container";
    expect(jaeger1Fix("zipkin", 9411)).toEqual({
      where,
      lines: [{ name: "COLLECTOR_ZIPKIN_HOST_PORT", value: ":9411" }],
    });
    const lines = [{ name: "COLLECTOR_OTLP_ENABLED", value: "true" }];
    expect(jaeger1Fix("otlp-http", 4318)).toEqual({ where, lines });
  });
});
