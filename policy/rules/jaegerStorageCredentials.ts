import { type Jaeger, jaegersOf, storeJobsOf } from "../model/jaeger";
import { configsOf } from "../model/jaegerStore";
import { type KubeObject } from "../model/objects";
import { isRecord, type Json, records, text, texts } from "../model/reading";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** Manifests end up in repositories, state files and backups; access to a Secret can at least be restricted. */
export const jaegerStorageCredentials = defineRule({
  name: "jaeger-storage-credentials",
  description: "Passwords of Jaeger's trace store come from Secrets and are not in any manifest.",
  level: "warning",
  severity: "critical",
  tags: ["jaeger", "security"],
  url: "https://www.jaegertracing.io/docs/latest/deployment/configuration/",
  remediationSteps:
    "Move the password to a Secret, pass it to the container as a file or a variable, and reference that in the configuration. Then rotate the password, because it has been readable.",
  page: {
    why: `A manifest ends up in a repository, in deployment state, in backups and in the terminal of anyone who
      prints the object. A password in it is as widely known, and it opens everyone's traces: every URL,
      header and SQL statement that applications record.`,
    symptom: "None, until someone reads it.",
    exceptions: `References are recognized: variables such as $\{env:NAME}, files, and valueFrom.secretKeyRef. A test
      store may have a password that protects nothing: make the rule a warning for that stack.`,
    sources: ["https://kubernetes.io/docs/concepts/security/secrets-good-practices/"],
  },
  *find(model) {
    for (const jaeger of jaegersOf(model)) {
      for (const { config, object } of configsOf(jaeger, model.index)) {
        const places = secretsIn(config, "");
        if (places.length > 0) yield inConfiguration(object, places);
      }
    }
    for (const jaeger of [...jaegersOf(model), ...storeJobsOf(model)]) yield* inContainer(jaeger);
  },
});

const secretKey = /^(password|passwd|secret|token|api_?key|secret_key)$/i;
const secretVariable = /(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY)$/i;
const secretFlag = /^--(?:set[= ])?([^=]*(?:password|token|api_?key))=(.+)$/i;
/** An address with a password in it that is no reference. */
const secretAddress = /:\/\/[^/\s:@]+:[^/\s@$]+@/;

/** A value that says where the secret is, and not what it is. */
function isReference(value: string): boolean {
  return value === "" || /^\$[{(][^})]+[})]$/.test(value);
}

function secretsIn(value: unknown, path: string): string[] {
  if (typeof value === "string") return secretAddress.test(value) ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => secretsIn(item, `${path}[${index}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = path === "" ? key : `${path}.${key}`;
    const written = typeof inner === "number" ? String(inner) : text(inner);
    return secretKey.test(key) && written !== undefined && !isReference(written)
      ? [at]
      : secretsIn(inner, at);
  });
}

function inConfiguration(object: KubeObject, places: readonly string[]): Problem {
  return {
    object,
    says: `has a plaintext password in Jaeger's configuration (${enumerate(places)}); reference a Secret instead`,
    fix: snippet("in the configuration, with the variable set from a Secret; change the password too", {
      password: "${env:JAEGER_STORE_PASSWORD}",
    }),
  };
}

function* inContainer({ workload, container, name }: Jaeger): Iterable<Problem> {
  const { object } = workload;
  for (const entry of records(container["env"])) {
    const variable = text(entry["name"]) ?? "";
    const value = text(entry["value"]);
    if (value === undefined || isReference(value)) continue;
    if (!secretVariable.test(variable) && !secretAddress.test(value)) continue;
    yield {
      object,
      says: `container ${name} has a plaintext password in variable ${variable}; reference a Secret instead`,
      fix: snippet(`in env of container ${name}, instead of it; change the password too`, [
        fromSecret(variable),
      ]),
    };
  }
  for (const arg of texts(container["args"])) {
    const [, flag, value = ""] = secretFlag.exec(arg) ?? [];
    const isSecret = flag !== undefined && !isReference(value);
    if (!isSecret && !secretAddress.test(arg)) continue;
    yield {
      object,
      says: `container ${name} has a plaintext password in its arguments${flag === undefined ? "" : ` (${flag})`}; reference a Secret instead`,
      fix: snippet(
        `in env of container ${name}, and $(JAEGER_STORE_PASSWORD) in the argument; change the password too`,
        [fromSecret("JAEGER_STORE_PASSWORD")],
      ),
    };
  }
}

function fromSecret(variable: string): Json {
  return { name: variable, valueFrom: { secretKeyRef: { name: "jaeger-store", key: "password" } } };
}
