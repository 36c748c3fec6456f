/** The sections `externalServices` and `otel` of a stack file. */
import { z } from "zod";
import { instrumentation } from "./instrumentation";
import { evenIfWrong, says, section } from "./mistakes";
import { dnsLabel, objectName, port } from "./words";

const host = z.string().superRefine((value, context) => {
  const add = (rule: string, fix: string): void =>
    context.addIssue({ code: "custom", message: says(rule, fix) });
  const bare = value.replace(/^[a-z]+:\/\//i, "").replace(/[/:].*$/, "");
  if (bare !== value) add("a host name without scheme, port and path", `write ${bare}`);
  else if (value === "*")
    add("a wildcard needs a domain, else it catches all traffic", "write it like *.example.com");
  else if (!/^(\*\.)?([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value)) {
    add(
      "a fully qualified host name in lower case, or one with a leading *.",
      "write it like api.example.com",
    );
  }
});

export const externalService = section({
  hosts: z.array(host).min(1, says("at least one host", "add the hosts that the service answers on")),
  resolution: z.enum(["NONE", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"]).optional(),
  ports: z
    .array(
      section({
        number: port,
        name: dnsLabel,
        protocol: z.enum(["HTTP", "HTTPS", "GRPC", "HTTP2", "MONGO", "TCP", "TLS"]),
      }),
    )
    .min(1, says("at least one port", "remove ports to get 443 HTTPS"))
    .default([{ number: 443, name: "https", protocol: "HTTPS" }]),
});

const positive = z.int().min(1, says("a positive whole number", "write 1 or more"));

export const otel = section({
  protocol: z.enum(["grpc", "http/protobuf"]).default("grpc"),
  configMap: objectName.default("otel-environment"),
  propagators: z
    .array(z.enum(["tracecontext", "baggage", "b3", "b3multi", "jaeger", "xray", "ottrace"]))
    .optional(),
  excludedUrls: z.array(z.string()).default(["health", "ready", "metrics"]),
  batch: section({
    maxQueueSize: positive.default(2048),
    maxExportBatchSize: positive.default(512),
    scheduleDelayMillis: positive.default(1000),
  }).prefault({}),
  resourceAttributes: z.record(z.string(), z.string()).default({}),
  extra: z
    .record(
      z
        .string()
        .regex(
          /^[A-Za-z_][A-Za-z0-9_]*$/,
          says("a name of an environment variable", "write it like OTEL_LOG_LEVEL"),
        ),
      z.string(),
    )
    .default({}),
  instrumentation: instrumentation.optional(),
}).superRefine((value, context) => {
  const batch = value.batch as Partial<typeof value.batch> | undefined;
  const queue = Number(batch?.maxQueueSize);
  if (queue > 0 && Number(batch?.maxExportBatchSize) > queue) {
    context.addIssue({
      code: "custom",
      path: ["batch", "maxExportBatchSize"],
      message: says(`at most batch.maxQueueSize, ${queue}`, `write ${queue} or less`),
    });
  }
}, evenIfWrong);
