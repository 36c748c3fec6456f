import { describe, expect, test } from "vitest";
import { fieldChanges } from "../../report/fields";
import { guard, type Guarded, withoutCredentials } from "../../report/secrets";

/** What of two versions of an object may be seen; `old` and `new` are the secrets in them. */
function seen(object: (secret: string) => object): string {
  const version = (secret: string) =>
    guard({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, ...object(secret) });
  const changes = fieldChanges(version("old-4711"), version("new-4712"));
  return changes
    .flatMap(({ path, lines }) => lines.map(({ sign, text }) => `${sign} ${path}: ${text}`))
    .join("\n");
}

const changed = (path: string): string => `- ${path}: [secret]\n+ ${path}: [secret] (a secret in it changed)`;

describe("secrets are not shown, though that they changed is", () => {
  test.each<[string, (secret: string) => object, string]>([
    ["a Secret's data", (s) => ({ kind: "Secret", data: { any: s } }), changed("data.any")],
    [
      "also under the name of a name",
      (s) => ({ kind: "Secret", stringData: { name: s } }),
      changed("stringData.name"),
    ],
    ["a variable", (s) => ({ env: [{ name: "DB_PASSWORD", value: s }] }), changed("env[DB_PASSWORD].value")],
    [
      "headers of an exporter",
      (s) => ({ env: [{ name: "OTEL_EXPORTER_OTLP_TRACES_HEADERS", value: `authorization=Bearer ${s}` }] }),
      changed("env[OTEL_EXPORTER_OTLP_TRACES_HEADERS].value"),
    ],
    ["a key of a ConfigMap", (s) => ({ data: { "api-key": s } }), changed("data.api-key")],
    ["a number", (s) => ({ spec: { accessToken: s.length + s.charCodeAt(0) } }), changed("spec.accessToken")],
    [
      "what is in a map of secrets",
      (s) => ({ secrets: { database: { user: s } } }),
      changed("secrets.database.user"),
    ],
    ["the item after a flag", (s) => ({ args: ["--token", s] }), "- args[1]: [secret]\n+ args[1]: [secret]"],
    ["a flag with its value", (s) => ({ args: [`--db.password=${s}`] }), ""],
    ["a command line", (s) => ({ command: `run --token ${s} --verbose` }), ""],
    ["an address", (s) => ({ url: `postgres://user:${s}@db:5432/x` }), ""],
    ["a header", (s) => ({ header: `Authorization: Basic ${s}` }), ""],
    ["lines of a text", (s) => ({ data: { conf: `user: a\npassword: "${s}"\nport: 1\n` } }), ""],
    ["JSON in a text", (s) => ({ data: { conf: `{"user": "a", "clientSecret": "${s}"}` } }), ""],
    ["a block of a text", (s) => ({ data: { conf: `token: |\n  ${s}\n  more\nport: 1\n` } }), ""],
    [
      "a private key",
      (s) => ({ data: { any: `-----BEGIN RSA PRIVATE KEY-----\n${s}\n-----END RSA PRIVATE KEY-----\n` } }),
      "",
    ],
  ])("%s", (_, object, expected) => {
    const text = seen(object);
    expect(text).not.toMatch(/471[12]/);
    expect(text).toMatch(/\[secret\]|a secret in it changed/);
    if (expected !== "") expect(text).toBe(expected);
  });

  test("what only names a secret is shown", () => {
    const version = (name: string) => ({
      volumes: [{ secret: { secretName: name } }],
      env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name, key: "token" } } }],
      imagePullSecrets: [{ name }],
    });
    const text = seen(version);
    expect(text).not.toContain("[secret]");
    expect(text).toContain("+ env[TOKEN].valueFrom.secretKeyRef.name: new-4712");
    expect(text).toContain("+ imagePullSecrets[new-4712]: { name: new-4712 }");
    expect(text).toContain("+ volumes[0].secret.secretName: new-4712");
  });

  test("an annotation that repeats the object, and what a cluster writes, is not compared", () => {
    const metadata = (secret: string) => ({
      name: "a",
      resourceVersion: secret,
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": secret, kept: "x" },
    });
    expect(seen((secret) => ({ metadata: metadata(secret), status: { phase: secret } }))).toBe("");
  });

  test("text of any length is searched in no time to speak of", () => {
    const text = "a-token :// --x ".repeat(30_000) + "a-".repeat(200_000) + "\\n ".repeat(50_000);
    const { data } = guard({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { text } });
    expect((data as { text: Guarded }).text.raw).toBe(text);
  });
});

test("messages lose credentials and nothing else", () => {
  expect(withoutCredentials("token: the sampler of http://u:p@host:1/x is https://host/a@b")).toBe(
    "token: the sampler of http://[secret]@host:1/x is https://host/a@b",
  );
});
