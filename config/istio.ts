/** The sections `istio` and `tracing` of a stack file. */
import { z } from "zod";
import { defaultRootNamespace } from "../mesh/names";
import { hasFeature, istioSince, parseVersion, versionText } from "../mesh/istioVersions";
import { adding, described, evenIfWrong, optional, says, section } from "./mistakes";
import { chartValues, create, dnsLabel, objectName, source } from "./words";

export const istio = section({
  version: described(
    z
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
    `Istio in the cluster, in quotes; ${versionText(istioSince.traceIdInAccessLogs)} or newer. Decides which fields exist`,
    { examples: ["1.31"] },
  ),
  rootNamespace: dnsLabel
    .default(defaultRootNamespace)
    .meta({ description: "Where istiod and mesh-wide configuration live", examples: ["istio-config"] }),
  createNamespace: create.describe("Create the root namespace"),
  revision: optional(dnsLabel, "Revision of istiod, if it is not the default one", { examples: ["stable"] }),
  delivery: described(
    z.enum(["shared", "managed", "values"]),
    "How the providers get into the mesh config: `shared` (a ConfigMap beside istiod's own), `managed` (this stack " +
      "installs Istio) or `values` (`mesh-values.yaml`, for whoever owns istiod's chart; nothing is traced before)",
  ),
  sharedConfigMap: objectName.default("mesh-tracing").meta({
    description: "Delivery `shared`: name of this stack's ConfigMap of mesh configuration",
    examples: ["tracing-mesh-config"],
  }),
  patchIstiod: z
    .boolean()
    .default(true)
    .describe("Delivery `shared`: set SHARED_MESH_CONFIG on istiod's Deployment"),
  install: section({
    chart: source.meta({
      description:
        "Where the charts base, istiod and gateway come from; `oci` is the part before the chart's name, `path` a " +
        "directory that holds them",
      examples: [{ repository: "https://istio-release.storage.googleapis.com/charts", version: "1.31.0" }],
    }),
    gateway: section({
      name: described(dnsLabel.default("istio-ingressgateway"), "Name of its Helm release", {
        examples: ["front-door"],
      }),
      namespace: described(dnsLabel, "Its namespace; list it in `gateways` too", {
        examples: ["istio-ingress"],
      }),
      createNamespace: create.describe("Create that namespace"),
    })
      .optional()
      .describe("An ingress gateway to install"),
    values: section({
      base: chartValues.default({}).meta({
        description: "Values of chart base, merged over this project's; yours win",
        examples: [{ defaultRevision: "stable" }],
      }),
      istiod: described(chartValues.default({}), "Values of chart istiod", {
        examples: [{ autoscaleMin: 2 }],
      }),
      gateway: described(chartValues.default({}), "Values of chart gateway", {
        examples: [{ service: { type: "ClusterIP" } }],
      }),
    })
      .prefault({})
      .describe("Values of Istio's charts"),
  })
    .optional()
    .meta({ description: "What delivery `managed` installs", whenAbsent: "required with `managed`" }),
})
  .superRefine((value, context) => {
    const add = adding(context);
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
        add(
          ["install", "chart", "version"],
          `must be a patch of istio.version ${version}`,
          "make them agree",
        );
      }
    }
    if (value.sharedConfigMap === "istio" || value.sharedConfigMap === `istio-${value.revision ?? ""}`) {
      add(
        ["sharedConfigMap"],
        "that ConfigMap belongs to istiod and would be overwritten",
        "choose another name",
      );
    }
  }, evenIfWrong)
  .describe("The mesh, and how this stack's settings get into it");

const percentage = says(
  "a percentage between 0 and 100",
  "write 100 for every request, 1 for one in a hundred",
);

export const tracing = section({
  sampling: described(
    z.number().min(0, percentage).max(100, percentage),
    "Percentage of requests to trace, in the mesh and for traces that start in an application",
    { examples: [100, 0.1] },
  ),
  accessLog: z.boolean().default(true).describe("JSON access log of every proxy, with `trace.id`"),
}).describe("How much is traced");
