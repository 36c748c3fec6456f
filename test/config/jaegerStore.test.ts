import { describe, expect, test } from "vitest";
import { parseStack } from "../../config/stack";
import { stackOf } from "../fixtures/stack";

const url = "https://opensearch.logging.svc:9200";
const search = (changes: object = {}) => ({ type: "opensearch", urls: [url], ...changes });
const cassandra = (changes: object = {}) => ({
  type: "cassandra",
  contactPoints: ["cassandra.db.svc"],
  ...changes,
});

describe("what a store is without being told", () => {
  const parsed = (jaeger: object) => parseStack(stackOf({ jaeger }), "test").jaeger;

  test.each<[unknown, object]>([
    ["memory", { type: "memory" }],
    [{ type: "memory" }, { type: "memory" }],
    ["badger", { type: "badger", size: "10Gi", retentionDays: 7 }],
    [
      search(),
      {
        type: "opensearch",
        urls: [url],
        retentionDays: 7,
        tls: {},
        place: { peers: [{ namespace: "logging" }], ports: [9200] },
      },
    ],
    [
      cassandra({ createSchema: true }),
      {
        type: "cassandra",
        contactPoints: ["cassandra.db.svc"],
        port: 9042,
        keyspace: "jaeger_dc1",
        datacenter: "dc1",
        schema: { retentionDays: 7, replicationFactor: 1 },
        tls: {},
        place: { peers: [{ namespace: "db" }], ports: [9042] },
      },
    ],
  ])("%j", (storage, expected) => {
    expect(parsed({ storage }).storage).toEqual(expected);
  });

  test.each<[string[], object | undefined, object]>([
    [
      ["https://os.logging.svc.cluster.local"],
      undefined,
      { peers: [{ namespace: "logging" }], ports: [443] },
    ],
    [["https://os-0.os.logging.svc:9200"], undefined, { peers: [{ namespace: "logging" }], ports: [9200] }],
    [
      ["https://os.logs.svc:9201", "https://os.archive.svc:9200"],
      undefined,
      { peers: [{ namespace: "archive" }, { namespace: "logs" }], ports: [9200, 9201] },
    ],
    [
      ["https://os.logging.svc"],
      { namespace: "elsewhere", podLabels: { app: "os" }, port: 9200 },
      { peers: [{ namespace: "elsewhere", podLabels: { app: "os" } }], ports: [9200] },
    ],
    [
      ["https://search.example.com"],
      { cidrs: ["203.0.113.0/24", "2001:db8::/32"] },
      { peers: [{ cidr: "203.0.113.0/24" }, { cidr: "2001:db8::/32" }], ports: [443] },
    ],
    [["https://os.logging.svc"], { port: 9200 }, { peers: [{ namespace: "logging" }], ports: [9200] }],
  ])("%j with peer %j is behind a NetworkPolicy's peers and ports", (urls, peer, place) => {
    const storage = { type: "elasticsearch", urls, ...(peer === undefined ? {} : { peer }) };
    expect(parsed({ storage }).storage).toMatchObject({ place });
  });

  test.each<[object, number]>([
    [{}, 1],
    [{ storage: "badger" }, 1],
    [{ storage: search() }, 2],
    [{ storage: search(), replicas: 1 }, 1],
    [{ storage: search(), autoscaling: { min: 3, max: 5 } }, 3],
  ])("%j is %i pods", (jaeger, replicas) => {
    expect(parsed(jaeger).replicas).toBe(replicas);
  });
});
