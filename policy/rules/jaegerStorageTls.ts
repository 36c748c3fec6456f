import { jaegersOf, storeJobsOf } from "../model/jaeger";
import { at, texts } from "../model/reading";
import { addressesOf, type Backend, backendsOf } from "../model/storeBackends";
import { defineRule, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** Traces hold what applications put into them, and the password of the store travels with each request. */
export const jaegerStorageTls = defineRule({
  name: "jaeger-storage-tls",
  description: "Jaeger speaks to its store over TLS and checks whom it speaks to.",
  level: "warning",
  severity: "high",
  tags: ["jaeger", "security"],
  url: "https://www.jaegertracing.io/docs/latest/security/",
  remediationSteps:
    "Speak https to the store and mount the certificate authority that signed its certificate, instead of not checking it.",
  page: {
    why: `Jaeger sends its password with every request to the store, and after it every span. Without TLS everybody
      on the way can read both, and without a check of the certificate everybody on the way can be the store.`,
    symptom: "None, until somebody listens.",
    exceptions: `Within one encrypted network plain HTTP to the store may do: it is a warning. Skipping the check of a
      certificate is an error, because it looks safe and is not; give Jaeger the authority's certificate.`,
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
        says: `container ${name} does not check the store's certificate (--es.tls.skip-host-verify); a check is required`,
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
      says: `lets Jaeger trust any certificate of its store (${place}.tls); a check is required`,
      fix: snippet(`in ${place}`, { tls: { ca_file: "/etc/jaeger-store/ca/ca.crt" } }),
    };
  }
  if (inClear.length === 0) return undefined;
  const names = enumerate(inClear.map(({ host, port }) => `${host}:${port}`));
  return {
    object,
    says: `lets Jaeger send traces, and the password if there is one, to ${names} in clear (${path}); TLS is required`,
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
