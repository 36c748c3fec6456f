import { snippet } from "../../findings/snippet";
import { kinds } from "../../mesh/kinds";
import { namespaceOf } from "../model/objects";
import { declaredProtocol } from "../model/portProtocol";
import { at, type Json, number, record, records, text, textMap } from "../model/reading";
import { containersOf, describeWorkload, type Workload } from "../model/workloads";
import { defineRule } from "../rule";
import { matchesSelector } from "../model/labelSelector";

/** Protocols whose traffic a proxy passes on without looking for requests in it. */
const opaque: ReadonlySet<string | undefined> = new Set(["tcp", "tls", "https", "mongo", "mysql", "redis"]);

/** What a probe of the kubelet shows, or the container's own name for the port: what is spoken there without TLS. */
interface Served {
  shownBy: string;
  what: "HTTP" | "gRPC";
  use: "http" | "grpc";
}

/** A proxy makes spans of requests, and it looks for requests only where a port's declared protocol has them. */
export const applicationPortProtocol = defineRule({
  name: "application-port-protocol",
  description: "A Service does not declare an application's HTTP or gRPC port as TCP.",
  level: "warning",
  severity: "medium",
  tags: ["istio", "kubernetes", "service"],
  url: "https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/",
  remediationSteps: "Set appProtocol on the Service's port to what the application speaks: http or grpc.",
  page: {
    why: `A proxy makes spans of requests, and it finds requests only in traffic that it parses. Where the name
      or appProtocol of a Service's port says tcp, tls or https, neither the caller's proxy nor the
      application's own parses it: the traffic works and leaves no spans and no HTTP metrics, and trace headers
      pass unread. Kubernetes itself tells where HTTP is spoken: a probe with httpGet or grpc on the port; or
      the pod does, by its container's name for the port.`,
    symptom: `The application's own spans are in Jaeger, those of its proxy are not, and calls to it lead
      nowhere in Kiali's graph. In the proxy's access log its requests have no method and no path.`,
    exceptions: `A port that also carries another protocol on purpose, or that must not be parsed, may stay: the
      finding is a warning. Ports whose protocol Istio detects by itself are not reported, nor are ports of which
      neither a probe nor a name shows what is spoken.`,
    sources: ["https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe"],
  },
  *find({ isTracing, index, traced }) {
    if (!isTracing) return;
    const workloads = traced.flatMap(({ workload, membership }) =>
      membership === "sidecar" ? [workload] : [],
    );
    for (const service of index.of(kinds.service)) {
      const matchLabels = textMap(at(service["spec"], "selector"));
      if (Object.keys(matchLabels).length === 0) continue;
      const behind = workloads.filter(
        ({ namespace, labels }) =>
          namespace === namespaceOf(service) && matchesSelector({ matchLabels }, labels),
      );
      for (const [position, port] of records(at(service["spec"], "ports")).entries()) {
        const { protocol, from } = declaredProtocol(port);
        if (!opaque.has(protocol)) continue;
        const found = firstServed(behind, port["targetPort"] ?? port["port"]);
        if (found === undefined) continue;
        const { workload, served } = found;
        yield {
          object: service,
          says:
            `declares ${protocol} on port ${number(port["port"])} (by its ${from}), but ${describeWorkload(workload)} ` +
            `answers ${served.what} there, as its ${served.shownBy} shows: proxies parse no requests on this port and ` +
            `make no spans of them; use ${served.use}`,
          fix: snippet(`in spec.ports[${position}]`, { appProtocol: served.use }),
        };
      }
    }
  },
});

function firstServed(workloads: readonly Workload[], target: unknown) {
  for (const workload of workloads) {
    const served = servedOn(containersOf(workload), target);
    if (served !== undefined) return { workload, served };
  }
  return undefined;
}

/** What probes say of a port of a pod, given by number or by the name that one of its containers has for it. */
function servedOn(containers: readonly Json[], target: unknown): Served | undefined {
  for (const container of containers) {
    const ports = records(container["ports"]);
    const numberOf = (port: unknown): number | undefined =>
      typeof port === "string" && number(port) === undefined
        ? number(ports.find(({ name }) => name === port)?.["containerPort"])
        : number(port);
    const wanted = numberOf(target);
    if (wanted === undefined) continue;
    for (const probe of ["readinessProbe", "livenessProbe", "startupProbe"]) {
      const { httpGet, grpc } = record(container[probe]);
      const isPlain = text(at(httpGet, "scheme")) !== "HTTPS";
      if (isPlain && numberOf(at(httpGet, "port")) === wanted)
        return { shownBy: probe, what: "HTTP", use: "http" };
      if (numberOf(at(grpc, "port")) === wanted) return { shownBy: probe, what: "gRPC", use: "grpc" };
    }
    const shownBy = `port name ${text(ports.find((port) => number(port["containerPort"]) === wanted)?.["name"])}`;
    if (/ http(-|$)/.test(shownBy)) return { shownBy, what: "HTTP", use: "http" };
    if (/ grpc(-|$)/.test(shownBy)) return { shownBy, what: "gRPC", use: "grpc" };
  }
  return undefined;
}
