/** Faults of the collector's Service and of who sees it. */
import { collectorHost, type Manifest, namespaces } from "../fixture";
import { type Fault } from "./fault";

const collector = "Service istio-system/jaeger-collector-clusterip";
const meshConfigMap = "ConfigMap istio-system/istio";
const google = "ServiceEntry istio-system/google-external";
const sidecar = (namespace: string, hosts: string[]): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Sidecar",
  metadata: { name: "default", namespace },
  spec: { egress: [{ hosts }] },
});

export const collectors: readonly Fault[] = [
  {
    name: "the collector's Service does not exist",
    breaks: (mesh) => {
      mesh.remove(collector);
      for (const namespace of namespaces)
        mesh.unset(`ConfigMap ${namespace}/otel-environment`, "data OTEL_EXPORTER_OTLP_ENDPOINT");
    },
    rule: "collector-service",
    object: collector,
  },
  {
    name: "the collector's Service is headless",
    breaks: (mesh) => mesh.set(collector, "spec clusterIP", "None"),
    rule: "collector-service",
    object: collector,
    example: true,
  },
  {
    name: "the collector's Service selects nothing",
    breaks: (mesh) => {
      mesh.set(collector, "spec selector", { app: "jaeger" });
      for (const namespace of namespaces)
        mesh.unset(`ConfigMap ${namespace}/otel-environment`, "data OTEL_EXPORTER_OTLP_ENDPOINT");
    },
    rule: "collector-service",
    object: collector,
  },
  {
    name: "the collector's Service has no port for Zipkin",
    breaks: (mesh) => mesh.unset(collector, "spec ports 0"),
    rule: "collector-service",
    object: collector,
  },
  {
    name: "the collector's Service leads to a port nobody listens on",
    breaks: (mesh) => mesh.set(collector, "spec ports 0 targetPort", 9412),
    rule: "collector-service",
    object: collector,
  },
  {
    name: "the Zipkin port says it is gRPC",
    breaks: (mesh) => mesh.set(collector, "spec ports 0 appProtocol", "grpc"),
    rule: "collector-port-protocol",
    object: collector,
  },
  {
    name: "the gRPC port is named http",
    breaks: (mesh) =>
      mesh.unset(collector, "spec ports 1 appProtocol").set(collector, "spec ports 1 name", "http-otlp-grpc"),
    rule: "collector-port-protocol",
    object: collector,
  },
  {
    name: "a ServiceEntry has the collector's host",
    breaks: (mesh) =>
      mesh.copy(google, "shadow").set("ServiceEntry istio-system/shadow", "spec hosts", [collectorHost]),
    rule: "collector-host-unique",
    object: "ServiceEntry istio-system/shadow",
  },
  {
    name: "a Sidecar hides the collector from a namespace",
    breaks: (mesh) => mesh.add(sidecar("auth", ["./*", "kube-system/*"])),
    rule: "collector-visible",
    object: "Sidecar auth/default",
  },
  {
    name: "the mesh's default Sidecar hides the collector",
    breaks: (mesh) => mesh.add(sidecar("istio-system", ["~/*"])),
    rule: "collector-visible",
    object: "Sidecar istio-system/default",
  },
  {
    name: "the collector is exported to its own namespace only",
    breaks: (mesh) => mesh.set(collector, "metadata annotations", { "networking.istio.io/exportTo": "." }),
    rule: "collector-visible",
    object: collector,
  },
  {
    name: "discovery does not select the collector's namespace",
    breaks: (mesh) => mesh.mesh("discoverySelectors", [{ matchLabels: { "istio-injection": "enabled" } }]),
    rule: "collector-visible",
    object: meshConfigMap,
  },
];
