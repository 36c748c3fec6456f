/** Everything a `Pulumi.<stack>.yaml` may say, section by section: the schema that everything else is made from. */
import { z } from "zod";
import { otelOperator } from "./instrumentation";
import { istio, tracing } from "./istio";
import { jaeger } from "./jaeger";
import { kiali, prometheus } from "./kiali";
import { described, says, section } from "./mistakes";
import { cluster, egress, gateway, namespace } from "./namespaces";
import { externalService, otel } from "./services";
import { certManager, ui } from "./ui";
import { dnsLabel, objectName } from "./words";

export const sections = {
  istio,
  tracing,
  jaeger: jaeger.prefault({}),
  gateways: described(
    z.array(gateway),
    "The gateways: they send spans, and serve the UIs that have a host. A cluster without one writes `[]`",
  ),
  namespaces: z
    .record(dnsLabel, namespace)
    .refine(
      (value) => Object.keys(value).length > 0,
      says("at least one traced namespace", "add a namespace"),
    )
    .describe("The traced namespaces, by name"),
  externalServices: z
    .record(objectName, externalService)
    .default({})
    .describe("Services outside the mesh that traces show by name, by the name of their ServiceEntry"),
  otel: otel.prefault({}),
  otelOperator: otelOperator.optional(),
  egress: egress.prefault({}),
  kiali: kiali.optional(),
  prometheus: prometheus.optional(),
  ui: ui.optional(),
  certManager: certManager.optional(),
  cluster: cluster.prefault({}),
};

export const stackSchema = section(sections);

/** The sections as they are written, defaults filled in. */
export type Sections = z.output<typeof stackSchema>;
