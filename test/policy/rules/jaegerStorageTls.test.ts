import { describe, expect, it } from "vitest";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { openSearch, withOpenSearch, withStore } from "../../../docs/generate/sample/store";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const config = "ConfigMap istio-system/user-config";
const other = (change: object) => ({ opensearch: { ...openSearch, ...change } });
const cleanerRef = "CronJob istio-system/jaeger-es-index-cleaner";
const cleanerPod = "spec jobTemplate spec template spec";
type Json = Record<string, unknown>;

testRule("jaeger-storage-tls", {
  faults: [
    {
      ...exampleFault("jaeger-storage-tls"),
      object: config,
      level: "warning",
      message:
        "ConfigMap istio-system/user-config sends traces, and the password if there is one, to opensearch.logging.svc:9200 unencrypted (extensions.jaeger_storage.backends.some_storage.opensearch); use TLS",
      fix: `# in extensions.jaeger_storage.backends.some_storage.opensearch
server_urls:
  - https://opensearch.logging.svc:9200
tls:
  ca_file: /etc/jaeger-store/ca/ca.crt`,
    },
    {
      name: "traces go to Cassandra in clear",
      breaks: (mesh) =>
        withStore(mesh, {
          cassandra: { connection: { servers: ["cassandra.cassandra.svc"], tls: { insecure: true } } },
        }),
      object: config,
      level: "warning",
      message:
        "ConfigMap istio-system/user-config sends traces, and the password if there is one, to cassandra.cassandra.svc:9042 unencrypted (extensions.jaeger_storage.backends.some_storage.cassandra); use TLS",
      fix: `# in extensions.jaeger_storage.backends.some_storage.cassandra.connection
tls:
  insecure: false
  ca_file: /etc/jaeger-store/ca/ca.crt`,
    },
    {
      name: "Jaeger trusts any certificate of its store",
      breaks: (mesh) => withStore(mesh, other({ tls: { insecure_skip_verify: true } })),
      object: config,
      message:
        "ConfigMap istio-system/user-config skips verification of the store's certificate (extensions.jaeger_storage.backends.some_storage.opensearch.tls), so anyone on the network path can pose as the store; verify it",
      fix: `# in extensions.jaeger_storage.backends.some_storage.opensearch
tls:
  ca_file: /etc/jaeger-store/ca/ca.crt`,
    },
    {
      name: "the search client does not check the certificate",
      breaks: (mesh) => withStore(mesh, other({ tls: { insecure: true } })),
      object: config,
      message:
        "ConfigMap istio-system/user-config skips verification of the store's certificate (extensions.jaeger_storage.backends.some_storage.opensearch.tls), so anyone on the network path can pose as the store; verify it",
      fix: `# in extensions.jaeger_storage.backends.some_storage.opensearch
tls:
  ca_file: /etc/jaeger-store/ca/ca.crt`,
    },
    {
      name: "the job that cleans the store up does not check its certificate",
      breaks: (mesh) =>
        withOpenSearch(mesh).set(
          cleanerRef,
          `${cleanerPod} containers 0 args 2`,
          "--es.tls.skip-host-verify=true",
        ),
      object: cleanerRef,
      message:
        "CronJob istio-system/jaeger-es-index-cleaner container cleaner does not verify the store's certificate (--es.tls.skip-host-verify); verify it",
      fix: `# in the arguments of container cleaner, instead of it
- --es.tls.ca=/etc/jaeger-store/ca/ca.crt`,
    },
  ],
  harmless: [
    {
      name: "a proxy to the store in Jaeger's own pod, spoken to in clear",
      varies: (mesh) => withStore(mesh, { opensearch: { server_urls: ["http://localhost:9200"] } }),
    },
  ],
});

describe("the certificate of a store", () => {
  const ask = asker("jaeger-storage-tls");
  const levels = (store: Json) => ask(withStore(new Mesh(), store)).map((finding) => finding.split("\n")[0]);
  const blind = (place: string) =>
    `warning: ConfigMap istio-system/user-config skips verification of the store's certificate (extensions.jaeger_storage.backends.some_storage.${place}.tls), so anyone on the network path can pose as the store; verify it`;
  const server_urls = ["https://a:9200"];

  it.each(["elasticsearch", "opensearch"])("is not checked by %s's client that is insecure", (engine) => {
    expect(levels({ [engine]: { server_urls, tls: { insecure: true } } })).toEqual([blind(engine)]);
    expect(levels({ [engine]: { server_urls, tls: { insecure_skip_verify: true } } })).toEqual([
      blind(engine),
    ]);
    expect(levels({ [engine]: { server_urls, tls: { insecure: false } } })).toEqual([]);
  });

  it("is not checked by Cassandra's client that skips it, and not there if that is insecure", () => {
    const cassandra = (tls: Json) => levels({ cassandra: { connection: { servers: ["a"], tls }, tls: {} } });
    expect(cassandra({ insecure_skip_verify: true })).toEqual([blind("cassandra.connection")]);
    expect(cassandra({ insecure: true })[0]).toMatch(/^warning: .* a:9042 unencrypted/);
    expect(cassandra({})).toEqual([]);
  });

  it("is not there on the way in clear, whatever is said about it", () => {
    const urls = (...all: string[]) =>
      levels({ opensearch: { server_urls: all, tls: { insecure: true } } }).map(
        (line) => line?.split(":")[0],
      );
    expect(urls("http://a:9200")).toEqual(["warning"]);
    expect(urls("http://a:9200", "https://b:9200")).toEqual(["warning"]);
    expect(urls()).toEqual([]);
    expect(urls("http://127.0.0.1:9200", "http://[::1]:9200", "http://localhost:9200")).toEqual([]);
    expect(urls("http://localhost.example.com:9200")).toEqual(["warning"]);
    expect(urls("http://my-localhost:9200")).toEqual(["warning"]);
  });

  it.each([
    ["--es.tls.skip-host-verify", 1],
    ["--es.tls.skip-host-verify=true", 1],
    ["--es.tls.skip-host-verify=false", 0],
    ["--no--es.tls.skip-host-verify", 0],
  ])("is looked at by a job with %s: %i", (arg, expected) => {
    const mesh = withOpenSearch(new Mesh()).set(cleanerRef, `${cleanerPod} containers 0 args 2`, arg);
    expect(ask(mesh)).toHaveLength(expected);
  });
});
