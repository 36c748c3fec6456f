/** The sections `istio` and `tracing` of a stack file. */
import { z } from "zod";
import { hasFeature, istioSince, parseVersion, versionText } from "../mesh/istioVersions";
import { evenIfWrong, says, section } from "./mistakes";
import { dnsLabel, objectName, source } from "./words";

export const istio = section({
  version: z
    // As a number YAML reads 1.30 as 1.3.
    .string(says("the Istio version that runs in the cluster, as text", 'put it in quotes: "1.31"'))
    .regex(
      /^1\.\d+(\.\d+)?$/,
      says("the Istio version that runs in the cluster, as major.minor in quotes", 'write it like "1.31"'),
    )
    .refine(
      (version) => !/^1\.\d+/.test(version) || hasFeature(version, "traceIdInAccessLogs"),
      says(
        `Istio ${versionText(istioSince.traceIdInAccessLogs)} or newer: older ones have neither telemetry.istio.io/v1 nor %TRACE_ID%`,
        "upgrade Istio",
      ),
    ),
  rootNamespace: dnsLabel.default("istio-system"),
  createNamespace: z.boolean().default(false),
  revision: dnsLabel.optional(),
  delivery: z.enum(["shared", "managed", "values"]),
  sharedConfigMap: objectName.default("mesh-tracing"),
  patchIstiod: z.boolean().default(true),
  install: section({
    chart: source,
    gateway: section({
      name: dnsLabel.default("istio-ingressgateway"),
      namespace: dnsLabel,
      createNamespace: z.boolean().default(false),
    }).optional(),
    values: section({
      base: z.record(z.string(), z.unknown()).default({}),
      istiod: z.record(z.string(), z.unknown()).default({}),
      gateway: z.record(z.string(), z.unknown()).default({}),
    }).prefault({}),
  }).optional(),
}).superRefine((value, context) => {
  const add = (path: string[], rule: string, fix: string): void =>
    context.addIssue({ code: "custom", path, message: says(rule, fix) });
  if (value.delivery === "managed" && value.install === undefined) {
    add(["install"], "delivery managed installs Istio and must know from where", "add istio.install.chart");
  }
  if ((value.delivery === "shared" || value.delivery === "values") && value.install !== undefined) {
    add(
      ["install"],
      `delivery ${value.delivery} installs nothing`,
      "remove istio.install, or set delivery managed",
    );
  }
  const chart = value.install?.chart;
  // Any value may be here: a version that YAML read as a number is told of by its own rule.
  const version: unknown = value.version;
  if (typeof chart === "object" && "version" in chart && typeof version === "string") {
    const [ofChart, wanted] = [parseVersion(chart.version), parseVersion(version)];
    if (ofChart !== undefined && wanted !== undefined && versionText(ofChart) !== versionText(wanted)) {
      add(["install", "chart", "version"], `must be a patch of istio.version ${version}`, "make them agree");
    }
  }
  if (value.sharedConfigMap === "istio" || value.sharedConfigMap === `istio-${value.revision ?? ""}`) {
    add(
      ["sharedConfigMap"],
      "that ConfigMap belongs to istiod and would be overwritten",
      "choose another name",
    );
  }
}, evenIfWrong);

export const tracing = section({
  sampling: z
    .number()
    .min(0, says("a percentage between 0 and 100", "write 100 for every request, 1 for one in a hundred"))
    .max(100, says("a percentage between 0 and 100", "write 100 for every request, 1 for one in a hundred")),
  accessLog: z.boolean().default(true),
});
