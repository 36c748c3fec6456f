import { isLabelledJaeger } from "../model/jaeger";
import { appLabels, jaegerAppLabel } from "../../mesh/labels";
import { ports } from "../../mesh/ports";
import { type Collector, spanPort } from "../model/collector";
import { collectorFlaw, type CollectorFlaw, collectorWorkloads } from "../model/collectorService";
import { at, number, records, shown } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { containersOf } from "../model/workloads";
import { defineRule, type ObjectRef, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** A Service that leads nowhere takes every span and keeps none. */
export const collectorService = defineRule({
  name: "collector-service",
  description: "The collector's Service exists, is not headless, selects pods and leads to a port they have.",
  level: "error",
  severity: "critical",
  tags: ["kubernetes", "service"],
  url: "https://kubernetes.io/docs/concepts/services-networking/service/",
  remediationSteps: "Make the collector's Service a ClusterIP Service that selects the collector's pods.",
  page: {
    why: `The mesh sends its spans to a Service. One that does not exist, selects no pods or leads to a port
      nobody listens on takes every span and keeps none. A headless one is no better: Istio sends to the
      original destination of a connection, and a proxy's own spans have none, so that it finds no host for
      them; a VirtualService that routes to a headless Service answers 503.`,
    symptom: `No span of any proxy arrives. In a sidecar, \`pilot-agent request GET clusters\` shows no
      endpoint for the collector.`,
    exceptions: `A collector outside the cluster (the host of a ServiceEntry, a Service of type
      ExternalName) is not judged, and a Service without selector is right if its Endpoints are there too.
      Where Service or pods are not among the objects the finding is a warning: give them to the check, or
      check the cluster with \`--live\`.`,
    sources: [
      "https://kubernetes.io/docs/concepts/services-networking/service/#headless-services",
      "https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/",
    ],
  },
  *find(model) {
    const { collector } = model;
    const flaw = collectorFlaw(model);
    if (collector?.place === undefined || flaw === undefined) return;
    const problem = describe(model, collector, flaw);
    if (problem !== undefined) yield problem;
  },
});

function describe(model: TracingModel, collector: Collector, flaw: CollectorFlaw): Problem | undefined {
  const { place, port, service } = collector;
  const object: ObjectRef = service ?? {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: place?.name, namespace: place?.namespace },
  };
  const portLines = {
    name: "http-zipkin",
    port: port ?? ports.zipkin,
    targetPort: ports.zipkin,
    protocol: "TCP",
    appProtocol: "http",
  };
  const whole = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: place?.name, namespace: place?.namespace },
    spec: { type: "ClusterIP", selector: jaegerAppLabel, ports: [portLines] },
  };
  switch (flaw) {
    case "missing":
      return {
        object,
        says: `does not exist, and the mesh sends its spans to ${collector.written}; a ClusterIP Service is required`,
        fix: snippet("add", whole),
      };
    case "absent":
      return {
        object,
        says: "is where the mesh sends its spans and is not in the input: whether its pods can be reached is not known",
        fix: "",
        level: "warning",
      };
    case "headless":
      return {
        object,
        says: "is headless (clusterIP: None), so that proxies find no host for their spans; a ClusterIP Service is required",
        fix: snippet("delete and recreate it without clusterIP: None (clusterIP is immutable)", {
          spec: { type: "ClusterIP" },
        }),
      };
    case "no-port": {
      const servicePorts = records(at(service?.["spec"], "ports"));
      // Where there is a port for spans, it is the provider that names the wrong one.
      if (port === undefined || spanPort(servicePorts, collector.protocol) !== undefined) return undefined;
      return {
        object,
        says: `has no port ${port}, to which the mesh sends its spans; a port for spans is required beside ${enumerate(
          servicePorts.map((entry) => String(number(entry["port"]))),
          9,
        )}`,
        fix: snippet("add to spec.ports", [portLines]),
      };
    }
    case "no-selector":
      return {
        object,
        says: "selects no pods itself, and its Endpoints are not in the input: where spans go is not known",
        fix: snippet("in spec", { selector: jaegerAppLabel }),
        level: "warning",
      };
    case "no-pods":
    case "no-pods-in-input":
      return noPods(model, object, flaw === "no-pods");
    case "no-target": {
      const [pod] = collectorWorkloads(model);
      const podPorts =
        pod === undefined ? [] : containersOf(pod).flatMap((container) => records(container["ports"]));
      const entry = records(at(service?.["spec"], "ports")).find((one) => number(one["port"]) === port);
      return {
        object,
        says:
          `leads from port ${port} to port ${shown(entry?.["targetPort"] ?? port)}, which no container of its pods has; ` +
          `a port they have is required: ${enumerate(
            podPorts.map((one) => String(number(one["containerPort"]))),
            12,
          )}`,
        fix: snippet(`in spec.ports, port ${port}`, { targetPort: ports.zipkin }),
      };
    }
  }
}

function noPods(model: TracingModel, object: ObjectRef, certain: boolean): Problem {
  const selector = at((object as Readonly<Record<string, unknown>>)["spec"], "selector");
  const shown = Object.entries(selector as Record<string, string>).map(([key, value]) => `${key}=${value}`);
  const jaeger = model.workloads.find(
    ({ namespace, labels }) =>
      namespace === model.collector?.place?.namespace && isLabelledJaeger({ labels }),
  );
  const instance = jaeger?.labels[appLabels.instance];
  const wanted = { ...jaegerAppLabel, ...(instance === undefined ? {} : { [appLabels.instance]: instance }) };
  return {
    object,
    says: certain
      ? `selects no pods (${shown.join(", ")}); it must select the collector's`
      : `selects ${shown.join(", ")}, and no such pods are in the input: whether they can be reached is not known`,
    fix: certain ? snippet("in spec", { selector: wanted }) : "",
    ...(certain ? {} : { level: "warning" as const }),
  };
}
