/** The sections `externalServices` and `otel` of a stack file. */
import { z } from "zod";
import { ports } from "../mesh/ports";
import { secretInAddress, secretName } from "../mesh/secretNames";
import { instrumentation } from "./instrumentation";
import { adding, described, evenIfWrong, optional, says, section, text } from "./mistakes";
import { dnsLabel, objectName, port, upTo } from "./words";

const host = z.string().superRefine((value, context) => {
  const add = (rule: string, fix: string): void => adding(context)([], rule, fix);
  const bare = value.replace(/^([a-z]+:\/*)+/i, "").replace(/[/:].*$/, "");
  if (bare !== value && bare !== "") add("a host name without scheme, port and path", `write ${bare}`);
  else if (value === "*")
    add("a wildcard needs a domain, else it catches all traffic", "write it like *.example.com");
  else if (!/^(\*\.)?([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value)) {
    add(
      "a fully qualified host name in lower case, or one with a leading *.",
      "write it like api.example.com",
    );
  }
});

/** Whether a variable's value is a secret itself: no file with one, no reference to one, no harmless header. */
function isSecret(name: string, value: string): boolean {
  if (value === "" || /^(\/|\$[({])/.test(value)) return false;
  if (secretInAddress.test(value) || /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value)) return true;
  if (!/headers$/i.test(name)) return secretName.test(name);
  // `authorization=Bearer%20…,x-tenant=shop`
  return value.split(",").some((header) => {
    const [key = "", content = ""] = header.split("=", 2);
    return secretName.test(key.trim()) || /^\s*(bearer|basic)(\s|%20)/i.test(content);
  });
}

export const externalService = section({
  hosts: described(
    z.array(host).min(1, says("at least one host", "add the hosts that the service answers on")),
    "Hosts outside the mesh",
    { examples: [["api.example.com", "*.storage.example.com"]] },
  ),
  resolution: z.enum(["NONE", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"]).optional().meta({
    description: "How proxies find the hosts; `DYNAMIC_DNS` needs Istio 1.30",
    whenAbsent: "`NONE` with a wildcard host, else `DNS`",
  }),
  ports: z
    .array(
      section({
        number: described(port, "The port", { examples: [5432] }),
        name: described(dnsLabel, "Its name", { examples: ["tcp-postgres"] }),
        protocol: z
          .enum(["HTTP", "HTTPS", "GRPC", "HTTP2", "MONGO", "TCP", "TLS"])
          .describe("What Istio takes its traffic for"),
      }).describe("A port"),
    )
    .min(1, says("at least one port", `remove ports to get ${ports.https} HTTPS`))
    .default([{ number: ports.https, name: "https", protocol: "HTTPS" }])
    .describe("Ports of the hosts"),
}).meta({ description: "A ServiceEntry", examples: [{ hosts: ["api.example.com"] }] });

export const otel = section({
  protocol: z
    .enum(["grpc", "http/protobuf"])
    .default("grpc")
    .describe("How SDKs send spans: `grpc` (4317) or `http/protobuf` (4318)"),
  configMap: objectName.default("otel-environment").meta({
    description: "Name of the ConfigMap in each traced namespace",
    examples: ["tracing-environment"],
  }),
  propagators: optional(
    z.array(z.enum(["tracecontext", "baggage", "b3", "b3multi", "jaeger", "xray", "ottrace"])),
    "OTEL_PROPAGATORS; a choice that splits traces is rejected",
    { whenAbsent: "by Istio version", examples: [["b3", "tracecontext", "baggage"]] },
  ),
  excludedUrls: described(
    z.array(z.string()).default(["health", "ready", "metrics"]),
    "Paths that are not traced",
    { examples: [["healthz", "metrics"]] },
  ),
  batch: section({
    maxQueueSize: described(upTo(1_000_000).default(2048), "Spans in the queue", { examples: [4096] }),
    maxExportBatchSize: described(upTo(1_000_000).default(512), "Spans in one export", { examples: [256] }),
    scheduleDelayMillis: described(upTo(3_600_000).default(1000), "Milliseconds between exports", {
      examples: [5000],
    }),
  })
    .prefault({})
    .describe("The batch span processor of the SDKs"),
  resourceAttributes: described(
    z
      .record(
        // As it stands in OTEL_RESOURCE_ATTRIBUTES: `key=value,key=value`. Values are encoded there, and keys are not.
        text(
          /^[^\s=,;"%\\]+$/,
          'a name without blanks and =,;"%\\, which separate attributes',
          "write it like deployment.environment.name",
        ),
        z.string(),
      )
      .default({}),
    "Attributes of every span",
    { examples: [{ "deployment.environment.name": "production" }] },
  ),
  extra: described(
    z
      .record(
        text(/^[A-Za-z_][A-Za-z0-9_]*$/, "a name of an environment variable", "write it like OTEL_LOG_LEVEL"),
        z.string(),
      )
      .superRefine((values, context) => {
        for (const [name, value] of Object.entries(values)) {
          if (typeof value !== "string" || !isSecret(name, value)) continue;
          adding(context)(
            [name],
            "a secret, which would be in a ConfigMap in plain text for everybody who may read that namespace",
            "remove it; put it into a Secret and name that in the Deployment, by env[].valueFrom.secretKeyRef",
          );
        }
      }, evenIfWrong)
      .default({}),
    "More variables; yours win. They end up in a ConfigMap, so secrets are rejected",
    { examples: [{ OTEL_LOG_LEVEL: "debug" }] },
  ),
  instrumentation: instrumentation.optional(),
})
  .superRefine((value, context) => {
    const batch = value.batch as Partial<typeof value.batch> | undefined;
    const queue = Number(batch?.maxQueueSize);
    if (queue > 0 && Number(batch?.maxExportBatchSize) > queue) {
      adding(context)(
        ["batch", "maxExportBatchSize"],
        `at most batch.maxQueueSize, ${queue}`,
        `write ${queue} or less`,
      );
    }
  }, evenIfWrong)
  .describe("Settings of the applications' OpenTelemetry SDKs");
