import { describe, expect, it } from "vitest";
import { Mesh, options } from "../../../docs/generate/sample/mesh";
import { openSearch, withOpenSearch, withStore } from "../../../docs/generate/sample/store";
import { checkAll } from "../../../policy/checkAll";
import { asker, exampleFault, type Fault, testRule } from "../../fixtures/rule";

const config = "ConfigMap istio-system/user-config";
const other = (change: object) => ({ opensearch: { ...openSearch, ...change } });
const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const cleanerRef = "CronJob istio-system/jaeger-es-index-cleaner";
const cleanerPod = "spec jobTemplate spec template spec";
type Json = Record<string, unknown>;

const faults: readonly [Fault, ...Fault[]] = [
  {
    ...exampleFault("jaeger-storage-credentials"),
    object: config,
    message:
      "ConfigMap istio-system/user-config has a plaintext password in Jaeger's configuration " +
      "(extensions.jaeger_storage.backends.some_storage.opensearch.auth.basic.password); reference a Secret instead",
    fix: `# in the configuration, with the variable set from a Secret; change the password too
password: \${env:JAEGER_STORE_PASSWORD}`,
  },
  {
    name: "the store's password in its address",
    breaks: (mesh) =>
      withStore(mesh, other({ server_urls: ["https://jaeger:hunter2@opensearch.logging.svc:9200"] })),
    object: config,
    message:
      "ConfigMap istio-system/user-config has a plaintext password in Jaeger's configuration " +
      "(extensions.jaeger_storage.backends.some_storage.opensearch.server_urls[0]); reference a Secret instead",
    fix: `# in the configuration, with the variable set from a Secret; change the password too
password: \${env:JAEGER_STORE_PASSWORD}`,
  },
  {
    name: "the store's password in a variable",
    breaks: (mesh) =>
      withStore(mesh, { opensearch: openSearch }).set(jaeger, `${container} env`, [
        { name: "JAEGER_STORE_PASSWORD", value: "hunter2" },
      ]),
    object: jaeger,
    message:
      "Deployment istio-system/jaeger container jaeger has a plaintext password in variable " +
      "JAEGER_STORE_PASSWORD; reference a Secret instead",
    fix: `# in env of container jaeger, instead of it; change the password too
- name: JAEGER_STORE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: jaeger-store
      key: password`,
  },
  {
    name: "the store's password in an argument",
    breaks: (mesh) =>
      withStore(mesh, { opensearch: openSearch }).set(
        jaeger,
        `${container} args 2`,
        "--set=extensions.jaeger_storage.backends.some_storage.opensearch.auth.basic.password=hunter2",
      ),
    object: jaeger,
    message:
      "Deployment istio-system/jaeger container jaeger has a plaintext password in its arguments " +
      "(extensions.jaeger_storage.backends.some_storage.opensearch.auth.basic.password); reference a Secret instead",
    fix: `# in env of container jaeger, and $(JAEGER_STORE_PASSWORD) in the argument; change the password too
- name: JAEGER_STORE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: jaeger-store
      key: password`,
  },
  {
    name: "the store's password in the variables of the job that cleans it up",
    breaks: (mesh) =>
      withOpenSearch(mesh).set(cleanerRef, `${cleanerPod} containers 0 env 0`, {
        name: "ES_PASSWORD",
        value: "hunter2",
      }),
    object: cleanerRef,
    message:
      "CronJob istio-system/jaeger-es-index-cleaner container cleaner has a plaintext password in variable " +
      "ES_PASSWORD; reference a Secret instead",
    fix: `# in env of container cleaner, instead of it; change the password too
- name: ES_PASSWORD
  valueFrom:
    secretKeyRef:
      name: jaeger-store
      key: password`,
  },
];

testRule("jaeger-storage-credentials", {
  faults,
  harmless: [
    {
      name: "Cassandra with a password from a variable that a Secret sets",
      varies: (mesh) =>
        withStore(mesh, {
          cassandra: {
            connection: {
              servers: ["cassandra.cassandra.svc"],
              auth: { basic: { username: "jaeger", password: "${env:JAEGER_STORE_PASSWORD}" } },
            },
          },
        })
          .set(jaeger, `${container} env`, [
            {
              name: "JAEGER_STORE_PASSWORD",
              valueFrom: { secretKeyRef: { name: "jaeger-store", key: "password" } },
            },
          ])
          .set(jaeger, "spec replicas", 2),
    },
    {
      name: "files and options that only sound like secrets",
      varies: (mesh) =>
        withStore(mesh, {
          opensearch: { ...openSearch, auth: { bearer_token: { file_path: "/token" } } },
        }).set(jaeger, `${container} env`, [
          { name: "ES_PASSWORD_FILE", value: "/etc/jaeger-store/password" },
          { name: "ES_PASSWORD", value: "$(JAEGER_STORE_PASSWORD)" },
        ]),
    },
  ],
});

describe("the password of a store", () => {
  const ask = asker("jaeger-storage-credentials");
  const places = (settings: Json) =>
    ask(withStore(new Mesh(), { opensearch: settings })).map(
      (finding) => /some_storage\.opensearch\.?([^),]*)/.exec(finding)?.[1],
    );

  it.each<[string, Json, string[]]>([
    ["a password", { password: "hunter2" }, ["password"]],
    ["a number", { password: 12345 }, ["password"]],
    ["the name of a password", { the_password: "elastic", apikey: "hunter2" }, ["apikey"]],
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
    ["--es.apikey=hunter2", [" (es.apikey)"]],
    ["--es.header=x --es.password=hunter2", []],
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

it("never repeats a password", () => {
  for (const { breaks } of faults) {
    const mesh = new Mesh();
    breaks(mesh);
    const findings = checkAll(mesh.objects, options);
    expect(findings).toHaveLength(1);
    expect(JSON.stringify(findings)).not.toContain("hunter2");
  }
});
