import { jaegersOf, storeJobsOf } from "../model/jaeger";
import { at, texts } from "../model/reading";
import { addressesOf, type Backend, backendsOf } from "../model/storeBackends";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** Traces contain whatever applications put into them, and every request to the store carries its password. */
export const jaegerStorageTls = defineRule({
  name: "jaeger-storage-tls",
  description: "Jaeger connects to its trace store over TLS and verifies the store's certificate.",
  level: "warning",
  severity: "high",
  tags: ["jaeger", "security"],
  url: "https://www.jaegertracing.io/docs/latest/security/",
  remediationSteps:
    "Use https for the store, and mount the CA that signed its certificate instead of skipping verification.",
  page: {
    why: `Jaeger sends the store's password with every request, and all spans. Without TLS, anyone on the
      network path can read both. Without certificate verification, anyone on the network path can pose as
      the store.`,
    symptom: "None, until someone listens in.",
    exceptions: `Inside an encrypted network, plain HTTP to the store may be fine, so it is a warning. Skipped
      certificate verification is an error, because it looks safe and is not; give Jaeger the CA
      certificate.`,
    sources: [],
  },
  *find(model) {
    for (const jaeger of jaegersOf(model)) {
      for (const backend of backendsOf(jaeger, model.index)) {
        const problem = judge(backend);
        if (problem !== undefined) yield problem;
      }
    }
    for (const { workload, container, name } of storeJobsOf(model)) {
      if (!texts(container["args"]).some((arg) => /^--es\.tls\.skip-host-verify(=true)?$/.test(arg)))
        continue;
      yield {
        object: workload.object,
        says: `container ${name} does not verify the store's certificate (--es.tls.skip-host-verify); verify it`,
        fix: snippet(`in the arguments of container ${name}, instead of it`, [
          "--es.tls.ca=/etc/jaeger-store/ca/ca.crt",
        ]),
      };
    }
  },
});

function judge(backend: Backend): Problem | undefined {
  const { engine, settings, path, object } = backend;
  const addresses = addressesOf(backend).filter(({ host }) => !/^(localhost$|127\.|\[::1\]$)/.test(host));
  const inClear = addresses.filter(({ isEncrypted }) => !isEncrypted);
  const place = engine === "cassandra" ? `${path}.connection` : path;
  const tls = engine === "cassandra" ? at(settings, "connection", "tls") : at(settings, "tls");
  const isBlind =
    at(tls, "insecure_skip_verify") === true ||
    // Of these two `insecure` means that the certificate is not checked.
    ((engine === "elasticsearch" || engine === "opensearch") && at(tls, "insecure") === true);
  if (isBlind && inClear.length < addresses.length) {
    return {
      object,
      says: `skips verification of the store's certificate (${place}.tls), so anyone on the network path can pose as the store; verify it`,
      fix: snippet(`in ${place}`, { tls: { ca_file: "/etc/jaeger-store/ca/ca.crt" } }),
    };
  }
  if (inClear.length === 0) return undefined;
  const names = enumerate(inClear.map(({ host, port }) => `${host}:${port}`));
  return {
    object,
    says: `sends traces, and the password if there is one, to ${names} unencrypted (${path}); use TLS`,
    fix:
      engine === "cassandra"
        ? snippet(`in ${place}`, {
            tls: { insecure: false, ca_file: "/etc/jaeger-store/ca/ca.crt" },
          })
        : snippet(`in ${place}`, {
            server_urls: inClear.map(({ host, port }) => `https://${host}:${port}`),
            tls: { ca_file: "/etc/jaeger-store/ca/ca.crt" },
          }),
    // Somebody may have said so on purpose: on a way that nobody else can read.
    level: "warning",
  };
}
