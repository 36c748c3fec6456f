/** What the rules about Jaeger's store tell apart. */
import { describe, expect, it } from "vitest";
import { asker } from "./asking";
import { Mesh } from "./fixture";
import {
  autoscaler,
  cleaner,
  openSearch,
  storeEgress,
  storeInCluster,
  withOpenSearch,
  withStore,
} from "./storeFixture";

type Json = Record<string, unknown>;

const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const cleanerRef = "CronJob istio-system/jaeger-es-index-cleaner";
const cleanerPod = "spec jobTemplate spec template spec";
const egress = "NetworkPolicy istio-system/allow-jaeger-storage";

describe("the password of a store", () => {
  const ask = asker("jaeger-storage-credentials");
  const places = (settings: Json) =>
    ask(withStore(new Mesh(), { opensearch: settings })).map(
      (finding) => /some_storage\.opensearch\.?([^),]*)/.exec(finding)?.[1],
    );

  it.each<[string, Json, string[]]>([
    ["a password", { password: "hunter2" }, ["password"]],
    ["a number", { password: 12345 }, ["password"]],
    ["an empty one", { password: "" }, []],
    ["a switch of such a name", { token: true }, []],
    ["sections of such a name", { token: { value: 1, password: "hunter2" } }, ["token.password"]],
    ["a variable", { password: "${env:NAME}" }, []],
    ["a variable of Kubernetes", { password: "$(NAME)" }, []],
    ["a variable with more behind it", { password: "${env:NAME}2" }, ["password"]],
    ["a variable with more before it", { password: "x${env:NAME}" }, ["password"]],
    ["in a list", { remote: [{ url: "a" }, { api_key: "hunter2" }] }, ["remote[1].api_key"]],
    ["in an address", { server_urls: ["https://a:hunter2@b"] }, ["server_urls[0]"]],
    ["of an address from a variable", { server_urls: ["https://a:${env:NAME}@b"] }, []],
  ])("is written: %s", (_, settings, expected) => {
    expect(places(settings)).toEqual(expected);
  });

  const argument = (arg: string) =>
    ask(withStore(new Mesh(), { opensearch: openSearch }).set(jaeger, `${container} args 2`, arg)).map(
      (finding) => /in its arguments([^;]*);/.exec(finding)?.[1],
    );
  it.each<[string, string[]]>([
    ["--es.password=hunter2", [" (es.password)"]],
    ["--set=a.token=hunter2", [" (a.token)"]],
    ["--set a.api_key=hunter2", [" (a.api_key)"]],
    ["--es.password=$(NAME)", []],
    ["--es.password-file=/etc/password", []],
    ["--es.password_file=/etc/password", []],
    ["--es.password_filename=/etc/password", []],
    ["--es.server-urls=https://a:hunter2@b", [""]],
    ["--verbose=true", []],
  ])("is in argument %s: %j", (arg, expected) => {
    expect(argument(arg)).toEqual(expected);
  });

  it("is in no variable without a name", () => {
    const env = [
      { value: "hunter2" },
      { name: "PLAIN", value: "hunter2" },
      { name: "ES_URL", value: "http://a:b@c" },
    ];
    const mesh = withStore(new Mesh(), { opensearch: openSearch }).set(jaeger, `${container} env`, env);
    expect(ask(mesh).map((finding) => /variable (\S*);/.exec(finding)?.[1])).toEqual(["ES_URL"]);
  });
});

describe("the certificate of a store", () => {
  const ask = asker("jaeger-storage-tls");
  const levels = (store: Json) => ask(withStore(new Mesh(), store)).map((finding) => finding.split("\n")[0]);
  const blind = (place: string) =>
    `error: ConfigMap istio-system/user-config lets Jaeger trust any certificate of its store (extensions.jaeger_storage.backends.some_storage.${place}.tls); a check is required`;
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
    expect(cassandra({ insecure: true })[0]).toMatch(/^warning: .* a:9042 in clear/);
    expect(cassandra({})).toEqual([]);
  });

  it("is not there on the way in clear, whatever is said about it", () => {
    const urls = (...all: string[]) =>
      levels({ opensearch: { server_urls: all, tls: { insecure: true } } }).map(
        (line) => line?.split(":")[0],
      );
    expect(urls("http://a:9200")).toEqual(["warning"]);
    expect(urls("http://a:9200", "https://b:9200")).toEqual(["error"]);
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

describe("a store that is a pod's own", () => {
  const ask = asker("jaeger-storage-shared");
  const target = (changes: Json, namespace = "istio-system") => {
    const { spec, ...rest } = autoscaler(3);
    const scaleTargetRef = { kind: "Deployment", name: "jaeger", ...changes };
    return { ...rest, metadata: { name: "it", namespace }, spec: { ...(spec as Json), scaleTargetRef } };
  };

  it("is scaled by an autoscaler of its own workload, with a number of pods", () => {
    expect(ask(new Mesh().add(target({})))).toHaveLength(1);
    expect(ask(new Mesh().add(target({ kind: "StatefulSet" })))).toEqual([]);
    expect(ask(new Mesh().add(target({ name: "other" })))).toEqual([]);
    expect(ask(new Mesh().add(target({}, "apps")))).toEqual([]);
    expect(
      ask(
        new Mesh().add({
          ...autoscaler(3),
          spec: { scaleTargetRef: { kind: "Deployment", name: "jaeger" } },
        }),
      ),
    ).toEqual([]);
  });

  it("is a disk's, which one pod opens after the other", () => {
    const disk = () => withStore(new Mesh(), { badger: { ephemeral: false } });
    const [replicas, strategy] = ask(disk().set(jaeger, "spec replicas", 2));
    expect(replicas).toContain("has 2 pods and keeps traces on a disk that one pod alone can open, so that");
    expect(strategy).toContain("strategy Recreate is required");
    // A StatefulSet stops a pod before it starts the next.
    expect(ask(disk().set(jaeger, "kind", "StatefulSet"))).toEqual([]);
  });
});

describe("the way to a store", () => {
  const ask = asker("jaeger-storage-path");
  const paths = (mesh: Mesh) => ask(mesh).map((finding) => finding.split("\n")[0] ?? "");
  const at = (...server_urls: string[]) =>
    withStore(new Mesh(), { opensearch: { ...openSearch, server_urls } });
  /** Egress to nothing but DNS. */
  const closed = (mesh: Mesh) => mesh.add(storeEgress()).unset(egress, "spec egress 1");

  it.each<[string, string | undefined]>([
    ["https://opensearch.logging:9200", "Service logging/opensearch on TCP 9200"],
    ["https://opensearch:9200", "Service istio-system/opensearch on TCP 9200"],
    ["https://10.21.32.43:9200", "10.21.32.43 on TCP 9200"],
    ["https://search.example.com.:9200", undefined],
    ["https://10.1.2.3.nip.io.:9200", undefined],
    ["https://x.10.1.2.3.example.:9200", undefined],
  ])("%s is judged: %s", (url, expected) => {
    const found = paths(closed(at(url)));
    expect(found).toHaveLength(expected === undefined ? 0 : 1);
    if (expected !== undefined) expect(found[0]).toContain(`reach ${expected} (Jaeger's store)`);
  });

  it("leads to a Service's port that is there, and to no other name of another host", () => {
    const inCluster = () => closed(at("https://opensearch.logging:9200")).add(...storeInCluster());
    const service = "Service logging/opensearch";
    expect(paths(inCluster())).toHaveLength(1);
    expect(paths(inCluster().set(service, "spec ports 0 port", 9300))).toEqual([]);
    expect(paths(inCluster().set(service, "spec type", "ExternalName"))).toEqual([]);
  });

  it("is named after the policies of this project where there are none to add to", () => {
    const mesh = at("https://opensearch.logging:9200").add({
      ...storeEgress(),
      metadata: { name: "default-deny", namespace: "istio-system" },
      spec: {
        podSelector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } },
        policyTypes: ["Egress"],
        egress: [],
      },
    });
    expect(ask(mesh).join("\n")).toContain("allow-jaeger-storage");
    const ingress = withOpenSearch(new Mesh()).add(...storeInCluster());
    ingress.set("NetworkPolicy logging/allow-clients", "spec ingress", []);
    expect(ask(ingress).join("\n")).toContain("allow-jaeger-ingress");
  });

  it("is asked of jobs where there is a store, of the Jaeger in their namespace", () => {
    const isolated = () => ({
      ...storeEgress(),
      metadata: { name: "jobs", namespace: "jobs" },
      spec: {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
          {
            ports: [
              { protocol: "UDP", port: 53 },
              { protocol: "TCP", port: 53 },
            ],
          },
        ],
      },
    });
    const elsewhere = () => ({ ...cleaner(), metadata: { name: "cleaner", namespace: "jobs" } });
    expect(paths(at("https://opensearch.logging:9200").add(elsewhere(), isolated()))).toEqual([]);
    const shut = { ...isolated(), spec: { podSelector: {}, policyTypes: ["Egress"] } };
    // DNS is for whoever has a store to look after.
    expect(paths(new Mesh().add(elsewhere(), shut))).toEqual([]);
    expect(paths(at("https://opensearch.logging:9200").add(elsewhere(), shut))).toHaveLength(1);
  });
});
