import { describe, expect, test } from "vitest";
import { mistakesIn, stackOf } from "../fixtures/stack";
import { positive, typed } from "../fixtures/words";

const url = "https://opensearch.logging.svc:9200";
const search = (changes: object = {}) => ({ type: "opensearch", urls: [url], ...changes });
const cassandra = (changes: object = {}) => ({
  type: "cassandra",
  contactPoints: ["cassandra.db.svc"],
  ...changes,
});
const engines = "memory, badger, elasticsearch, opensearch, cassandra";
const needs = (type: string) => `${type} needs the address of an existing cluster`;
const place =
  "write peer: { namespace: logging, podLabels: { app: opensearch } } or peer: { cidrs: [203.0.113.0/24] }";
const unknownPlace = (host: string) => ({
  rule: `Jaeger's egress is limited to its store, and ${host} does not say where that is`,
  fix: place,
});
const inClear = {
  rule: "https, because over http traces and the password can be read on the way",
  fix: "write https://…, or set tls.enabled false if the way is safe",
};
const withPassword = {
  rule: "an address without user and password, which everybody who reads the stack would see",
  fix: "put them into a Secret and name it in credentialsSecret",
};
const hostName = {
  rule: "a full host name or an IPv4 address, without port",
  fix: "write it like cassandra.cassandra.svc, and the port in port",
};
const secretKey = { rule: "a key of a Secret or ConfigMap", fix: "write it like ca.crt" };
const ofTables = (key: string) => ({
  rule: "goes into the tables and the keyspace when they are created, and createSchema is not true",
  fix: `remove ${key}; existing tables keep what they were created with`,
});
const settingOf = (owners: string, type: string, key: string) => ({
  rule: `a setting of ${owners}, and the store is ${type}`,
  fix: `remove ${key}`,
});
const tlsOff = (key: string) => ({
  rule: "a setting of TLS, which tls.enabled turns off",
  fix: `remove ${key}, or enabled`,
});

describe("a mistake in jaeger.storage is told once, with its fix", () => {
  test.each<[storage: unknown, at: string, value: string, words: { rule: string; fix: string }]>([
    ["opensaerch", "", '"opensaerch"', { rule: `must be one of ${engines}`, fix: "write opensearch" }],
    [5, "", "5", { rule: `must be one of ${engines}`, fix: `choose one of ${engines}` }],
    [
      "opensearch",
      "",
      '"opensearch"',
      {
        rule: needs("opensearch"),
        fix: "write a map: { type: opensearch, urls: [https://opensearch.logging.svc:9200] }",
      },
    ],
    [
      "cassandra",
      "",
      '"cassandra"',
      {
        rule: needs("cassandra"),
        fix: "write a map: { type: cassandra, contactPoints: [cassandra.cassandra.svc] }",
      },
    ],
    [
      { urls: [url] },
      ".type",
      "(not set)",
      { rule: `required, one of ${engines}`, fix: `choose one of ${engines}` },
    ],
    [
      { type: "elasticsearch" },
      ".urls",
      "(not set)",
      { rule: needs("elasticsearch"), fix: "add urls: [https://elasticsearch.logging.svc:9200]" },
    ],
    [
      { type: "cassandra" },
      ".contactPoints",
      "(not set)",
      { rule: needs("cassandra"), fix: "add contactPoints: [cassandra.cassandra.svc]" },
    ],
    [
      search({ urls: ["http://https://opensearch.logging.svc:9200"] }),
      ".urls[0]",
      '"http://https://opensearch.logging.svc:9200"',
      { rule: "the http(s) address of the store", fix: "write it like https://opensearch.logging.svc:9200" },
    ],
    [
      search({ retentionDays: 3651 }),
      ".retentionDays",
      "3651",
      { rule: "at most 3650", fix: "write 3650 or less" },
    ],
    [
      { type: "badger", size: "1025Ti" },
      ".size",
      '"1025Ti"',
      { rule: "at most 1024Ti, more than any volume has", fix: "write it like 10Gi" },
    ],
    [
      search({ urls: [] }),
      ".urls",
      "[]",
      { rule: "at least one address", fix: "add the address of the store" },
    ],
    [
      search({ urls: ["opensearch:9200"], peer: { namespace: "logging" } }),
      ".urls[0]",
      '"opensearch:9200"',
      { rule: "the http(s) address of the store", fix: "write it like https://opensearch.logging.svc:9200" },
    ],
    [
      search({ urls: ["https://me:hunter2@opensearch.logging.svc:9200"] }),
      ".urls[0]",
      '"https://…@opensearch.logging.svc:9200"',
      withPassword,
    ],
    [
      search({ urls: ["http://opensearch.logging.svc"] }),
      ".urls[0]",
      '"http://opensearch.logging.svc"',
      inClear,
    ],
    [
      search({ tls: { enabled: false } }),
      ".urls[0]",
      `"${url}"`,
      { rule: "http where tls.enabled is false", fix: "remove tls.enabled" },
    ],
    [
      search({ tls: { caSecret: { name: "a" }, caConfigMap: { name: "b" } } }),
      ".tls",
      '{"caSecret":{"name":"a"},"caConfigMap":{"name":"b"}}',
      { rule: "the certificate authority comes from one place", fix: "keep caSecret or caConfigMap" },
    ],
    [
      cassandra({ tls: { enabled: false, serverName: "db.example.com" } }),
      ".tls.serverName",
      '"db.example.com"',
      tlsOff("serverName"),
    ],
    [
      cassandra({ tls: { enabled: false, caSecret: { name: "ca" } } }),
      ".tls.caSecret",
      '{"name":"ca"}',
      tlsOff("caSecret"),
    ],
    [
      search({ tls: { insecureSkipVerify: true } }),
      ".tls.insecureSkipVerify",
      "(not shown)",
      {
        rule: "known keys here are enabled, caSecret, caConfigMap, serverName",
        fix: "remove insecureSkipVerify",
      },
    ],
    [search({ tls: { caSecret: { name: "a", key: "a/b" } } }), ".tls.caSecret.key", '"a/b"', secretKey],
    [
      search({ tls: { serverName: "https://a" } }),
      ".tls.serverName",
      '"https://a"',
      { rule: "the host name in the store's certificate", fix: "write it like opensearch.example.com" },
    ],
    [
      search({ credentialsSecret: { name: "a", passwordKey: "" } }),
      ".credentialsSecret.passwordKey",
      '""',
      secretKey,
    ],
    [
      search({ credentialsSecret: {} }),
      ".credentialsSecret.name",
      "(not set)",
      { rule: "required, text", fix: "set it" },
    ],
    [
      search({ indexPrefix: "Prod-" }),
      ".indexPrefix",
      '"Prod-"',
      {
        rule: "a prefix of index names: lower-case letters, digits, - and _ in between",
        fix: "write it like prod",
      },
    ],
    [search({ indexShards: 0 }), ".indexShards", "0", positive],
    [
      search({ indexReplicas: -1 }),
      ".indexReplicas",
      "-1",
      { rule: "a number of copies, 0 or more", fix: "write 0 or more" },
    ],
    [search({ retentionDays: 0 }), ".retentionDays", "0", positive],
    [search({ size: "1Gi" }), ".size", '"1Gi"', settingOf("badger", "opensearch", "size")],
    [search({ keyspace: "a" }), ".keyspace", '"a"', settingOf("cassandra", "opensearch", "keyspace")],
    [
      cassandra({ indexPrefix: "a" }),
      ".indexPrefix",
      '"a"',
      settingOf("elasticsearch, opensearch", "cassandra", "indexPrefix"),
    ],
    [
      { type: "memory", retentionDays: 7 },
      ".retentionDays",
      "7",
      settingOf("elasticsearch, opensearch, cassandra, badger", "memory", "retentionDays"),
    ],
    [
      { type: "badger", tls: {} },
      ".tls",
      "{}",
      settingOf("elasticsearch, opensearch, cassandra", "badger", "tls"),
    ],
    [
      { type: "badger", size: "10G" },
      ".size",
      '"10G"',
      { rule: "a Kubernetes size with unit Mi, Gi or Ti", fix: "write it like 10Gi" },
    ],
    [
      cassandra({ contactPoints: [] }),
      ".contactPoints",
      "[]",
      { rule: "at least one host", fix: "add a host that Cassandra answers on" },
    ],
    [
      cassandra({ contactPoints: ["cassandra.db.svc:9042"], peer: { namespace: "db" } }),
      ".contactPoints[0]",
      '"cassandra.db.svc:9042"',
      hostName,
    ],
    // Jaeger itself refuses a name without a dot.
    [
      cassandra({ contactPoints: ["cassandra"], peer: { namespace: "db" } }),
      ".contactPoints[0]",
      '"cassandra"',
      hostName,
    ],
    [
      cassandra({ keyspace: "jaeger-v1" }),
      ".keyspace",
      '"jaeger-v1"',
      {
        rule: "a keyspace: a letter, then letters, digits and underscores, at most 48",
        fix: "write it like jaeger_dc1",
      },
    ],
    [
      cassandra({ datacenter: "" }),
      ".datacenter",
      '""',
      { rule: "the name of a data center", fix: "write it like dc1" },
    ],
    [cassandra({ retentionDays: 7 }), ".retentionDays", "7", ofTables("retentionDays")],
    [cassandra({ replicationFactor: 3 }), ".replicationFactor", "3", ofTables("replicationFactor")],
    [cassandra({ createSchema: "yes" }), ".createSchema", '"yes"', typed("boolean")],
    [
      search({ urls: ["https://search.example.com"] }),
      ".peer",
      "(not set)",
      unknownPlace("search.example.com"),
    ],
    [cassandra({ contactPoints: ["10.1.2.3"] }), ".peer", "(not set)", unknownPlace("10.1.2.3")],
    [
      search({ peer: { namespace: "a", cidrs: ["10.0.0.0/8"] } }),
      ".peer",
      '{"namespace":"a","cidrs":["10.0.0.0/8"]}',
      {
        rule: "pods in the cluster or addresses outside, not both",
        fix: "keep namespace and podLabels, or cidrs",
      },
    ],
    [
      search({ peer: { podLabels: { app: "a" } } }),
      ".peer",
      '{"podLabels":{"app":"a"}}',
      { rule: "podLabels select pods of a namespace", fix: "add namespace" },
    ],
    [
      search({ peer: { cidrs: [] } }),
      ".peer.cidrs",
      "[]",
      { rule: "at least one address range", fix: "add it, or name the namespace" },
    ],
    [
      search({ peer: { cidrs: ["10.0.0.1"] } }),
      ".peer.cidrs[0]",
      '"10.0.0.1"',
      {
        rule: "an address range in CIDR notation",
        fix: "write 10.0.0.1/32",
      },
    ],
  ])("%j", (storage, at, value, words) => {
    expect(mistakesIn(stackOf({ jaeger: { storage } }))).toEqual([
      { path: `mesh-tracing:jaeger.storage${at}`, value, ...words },
    ]);
  });

  test("all of them at once", () => {
    const storage = {
      type: "elasticsearch",
      urls: ["http://es.example.com"],
      size: "1Gi",
      retentionDays: "7",
    };
    expect(mistakesIn(stackOf({ jaeger: { storage } })).map(({ path }) => path)).toEqual([
      "mesh-tracing:jaeger.storage.peer",
      "mesh-tracing:jaeger.storage.retentionDays",
      "mesh-tracing:jaeger.storage.size",
      "mesh-tracing:jaeger.storage.urls[0]",
    ]);
  });
});

describe("a mistake about the number of pods is told once, with its fix", () => {
  const alone = (type: string, remove: string) => ({
    rule: `${type} keeps traces in one pod, and several would each have some of them`,
    fix: `${remove}, or set jaeger.storage to opensearch, elasticsearch or cassandra`,
  });
  const percentage = { rule: "a percentage of cpuRequest between 1 and 100", fix: "write it like 80" };
  const storage = search();
  test.each<[jaeger: object, at: string, value: string, words: { rule: string; fix: string }]>([
    [{ replicas: 2 }, "replicas", "2", alone("memory", "write 1")],
    [{ replicas: 3, storage: "badger" }, "replicas", "3", alone("badger", "write 1")],
    [{ replicas: 0, storage }, "replicas", "0", { rule: "at least one pod", fix: "write 1 or more" }],
    [{ autoscaling: { max: 3 } }, "autoscaling", '{"max":3}', alone("memory", "remove autoscaling")],
    [
      { autoscaling: { max: 3 }, replicas: 2, storage },
      "replicas",
      "2",
      { rule: "autoscaling says how many pods there are", fix: "remove replicas, or autoscaling" },
    ],
    [
      { autoscaling: { min: 4, max: 3 }, storage },
      "autoscaling.max",
      "3",
      { rule: "at least autoscaling.min, 4", fix: "raise max, or lower min" },
    ],
    [
      { autoscaling: { min: 1, max: 3 }, storage },
      "autoscaling.min",
      "1",
      { rule: "at least two pods, so one can go while a node is drained", fix: "write 2 or more" },
    ],
    [{ autoscaling: { max: 3, cpuPercent: 0 }, storage }, "autoscaling.cpuPercent", "0", percentage],
    [{ autoscaling: { max: 3, cpuPercent: 101 }, storage }, "autoscaling.cpuPercent", "101", percentage],
    [
      { maxTraces: 100, storage },
      "maxTraces",
      "100",
      { rule: "bounds the memory store, and the store is opensearch", fix: "remove maxTraces" },
    ],
    [
      { maxTraces: 100, storage: "badger" },
      "maxTraces",
      "100",
      { rule: "bounds the memory store, and the store is badger", fix: "remove maxTraces" },
    ],
  ])("%j", (jaeger, at, value, words) => {
    expect(mistakesIn(stackOf({ jaeger }))).toEqual([{ path: `mesh-tracing:jaeger.${at}`, value, ...words }]);
  });

  test("a store that nobody knows is one mistake, whatever else is set", () => {
    const jaeger = { storage: "elastic", replicas: 3, maxTraces: 99_999_999 };
    expect(mistakesIn(stackOf({ jaeger })).map(({ path }) => path)).toEqual(["mesh-tracing:jaeger.storage"]);
  });
});
