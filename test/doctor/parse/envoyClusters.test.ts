/** Envoy's `/clusters` as old and new versions write it. */
import { describe, expect, it } from "vitest";
import {
  between,
  type Counters,
  countersOf,
  parseClusters,
  requestsTo,
} from "../../../doctor/parse/envoyClusters";

const host = "jaeger-collector-clusterip.istio-system.svc.cluster.local";
const wanted = new Set([9411, 4317]);

const counters = (some: Partial<Counters>): Counters => ({
  endpoints: 1,
  requests: 0,
  succeeded: 0,
  failed: 0,
  connections: 0,
  open: 0,
  connectFailures: 0,
  ...some,
});

/** Lines of one endpoint, with what each version adds around the counters. */
function endpoint(cluster: string, address: string, values: Record<string, number | string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${cluster}::${address}::${name}::${value}\n`)
    .join("");
}

describe("parseClusters", () => {
  const old =
    `outbound|9411||${host}::default_priority::max_connections::4294967295\n` +
    `outbound|9411||${host}::added_via_api::true\n` +
    endpoint(`outbound|9411||${host}`, "10.1.2.3:9411", {
      cx_active: 1,
      cx_connect_fail: 0,
      cx_total: 2,
      rq_active: 0,
      rq_error: 0,
      rq_success: 61,
      rq_timeout: 0,
      rq_total: 61,
      hostname: "",
      health_flags: "healthy",
      weight: 1,
      region: "",
      sub_zone: "",
      canary: "false",
      priority: 0,
    });
  const recent =
    `outbound|9411||${host}::observability_name::outbound|9411||${host};\n` +
    `outbound|9411||${host}::default_priority::max_retries::4294967295\n` +
    `outbound|9411||${host}::high_priority::max_connections::1024\n` +
    `outbound|9411||${host}::edsServiceName::outbound|9411||${host}\n` +
    endpoint(`outbound|9411||${host}`, "10.1.2.3:9411", {
      cx_active: 1,
      cx_connect_fail: 0,
      cx_total: 2,
      rq_active: 0,
      rq_error: 0,
      rq_success: 61,
      rq_timeout: 0,
      rq_total: 61,
      hostname: "",
      health_flags: "healthy",
      weight: 1,
      region: "",
      zone: "",
      canary: "false",
      priority: 0,
      success_rate: "-1",
      local_origin_success_rate: "-1",
    });

  it.each([
    ["of Envoy 1.2x", old],
    ["of Envoy 1.40", recent],
    ["with Windows' line ends", recent.replaceAll("\n", "\r\n").replaceAll("\r\n", "\n")],
  ])("reads the answer %s", (_, answer) => {
    const clusters = parseClusters(answer, wanted);
    expect(clusters && countersOf(clusters, 9411, host)).toEqual(
      counters({ requests: 61, succeeded: 61, connections: 2, open: 1 }),
    );
  });

  it("adds up endpoints, of IPv4 and of IPv6", () => {
    const cluster = `outbound|9411||${host}`;
    const answer =
      endpoint(cluster, "10.1.2.3:9411", { rq_total: 3, rq_success: 3, cx_total: 1, cx_active: 1 }) +
      endpoint(cluster, "[fd00:10:244::7]:9411", { rq_total: 4, rq_success: 2, rq_error: 2, cx_total: 2 }) +
      endpoint(cluster, "[::ffff:10.1.2.9]:9411", { cx_connect_fail: 5 }) +
      endpoint(cluster, "/var/run/tracing.sock", { rq_total: 1, rq_success: 1 });
    const clusters = parseClusters(answer, wanted);
    expect(clusters && countersOf(clusters, 9411, host)).toEqual(
      counters({
        endpoints: 4,
        requests: 8,
        succeeded: 6,
        failed: 2,
        connections: 3,
        open: 1,
        connectFailures: 5,
      }),
    );
    expect(clusters?.get(`9411 ${host}`)?.[0]?.endpoints.map(({ address }) => address)).toEqual([
      "10.1.2.3:9411",
      "[fd00:10:244::7]:9411",
      "[::ffff:10.1.2.9]:9411",
      "/var/run/tracing.sock",
    ]);
  });

  it("knows endpoints by names, of clusters that resolve them themselves", () => {
    const cluster = `outbound|9411||${host}`;
    const answer =
      endpoint(cluster, "traces.example.com:9411", {
        rq_total: 2,
        rq_success: 2,
        hostname: "traces.example.com",
      }) + endpoint(cluster, "192.0.2.7:9411", { rq_total: 3, rq_success: 3, hostname: "a::b.example.com" });
    const clusters = parseClusters(answer, wanted);
    expect(clusters && countersOf(clusters, 9411, host)).toEqual(
      counters({ endpoints: 2, requests: 5, succeeded: 5 }),
    );
  });

  it("tells a cluster without endpoints from none", () => {
    const clusters = parseClusters(`outbound|9411||${host}::default_priority::max_connections::1\n`, wanted);
    expect(clusters && countersOf(clusters, 9411, host)).toEqual(counters({ endpoints: 0 }));
    expect(clusters && countersOf(clusters, 4317, host)).toBeUndefined();
  });

  it("counts the endpoints of a Service once, whatever its parts", () => {
    const answer =
      endpoint(`outbound|9411||${host}`, "10.1.2.3:9411", { rq_total: 1, rq_success: 1 }) +
      endpoint(`outbound|9411|v1|${host}`, "10.1.2.3:9411", { rq_total: 2, rq_success: 2 });
    const clusters = parseClusters(answer, wanted);
    expect(clusters && countersOf(clusters, 9411, host)).toEqual(counters({ requests: 3, succeeded: 3 }));
  });

  it("leaves out other ports, other directions and what is no line of a cluster", () => {
    const answer =
      endpoint(`outbound|80||${host}`, "10.1.2.3:80", { rq_total: 7 }) +
      endpoint("inbound|9411||", "127.0.0.1:9411", { rq_total: 7 }) +
      endpoint("xds-grpc", "127.0.0.1:15010", { rq_total: 7 }) +
      "outbound|9411\n\n";
    expect(parseClusters(answer, wanted)?.size).toBe(0);
  });

  it("takes nothing for a proxy without such clusters, and a page for no answer", () => {
    expect(parseClusters("", wanted)?.size).toBe(0);
    expect(parseClusters("<html>404</html>", wanted)).toBeUndefined();
  });
});

describe("between two samples", () => {
  it("gives what has happened", () => {
    const before = counters({ requests: 61, succeeded: 61, connections: 2, open: 1 });
    const after = counters({ requests: 64, succeeded: 63, failed: 1, connections: 2, open: 1 });
    expect(between(before, after)).toEqual(counters({ requests: 3, succeeded: 2, failed: 1, open: 1 }));
  });

  it("takes all of the second one where the proxy started anew", () => {
    const after = counters({ requests: 2, succeeded: 2, connections: 1 });
    expect(between(counters({ requests: 61, succeeded: 61, connections: 2 }), after)).toEqual(after);
    expect(between(undefined, after)).toEqual(after);
  });
});

it("requestsTo counts what does not go to collectors", () => {
  const answer =
    endpoint("outbound|8080||auth-api.auth.svc.cluster.local", "10.1.1.1:8080", { rq_total: 40 }) +
    endpoint("outbound|8080|v2|scan-api.scan.svc.cluster.local", "[fd00::1]:8080", { rq_total: 2 }) +
    endpoint(`outbound|9411||${host}`, "10.1.2.3:9411", { rq_total: 61 });
  expect(requestsTo(answer, wanted)).toBe(42);
});
