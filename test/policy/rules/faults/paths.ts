/** Faults of the paths: policies of either side, and the baseline. */
import { namespaces } from "../fixture";
import { type Fault } from "./fault";

const egress = "NetworkPolicy auth/allow-jaeger-egress";
const baseline = "NetworkPolicy auth/allow-mesh-egress";
const ingress = "NetworkPolicy istio-system/allow-tracing-ingress";

export const paths: readonly Fault[] = [
  {
    name: "egress does not list the Zipkin port",
    breaks: (mesh) => mesh.unset(egress, "spec egress 0 ports 2"),
    rule: "trace-path-open",
    object: egress,
  },
  {
    name: "egress does not list the OTLP port",
    breaks: (mesh) => mesh.unset(egress, "spec egress 0 ports 0"),
    rule: "trace-path-open",
    object: egress,
  },
  {
    name: "egress names the wrong namespace",
    breaks: (mesh) =>
      mesh.set(
        egress,
        "spec egress 0 to 0 namespaceSelector matchLabels kubernetes.io/metadata.name",
        "observability",
      ),
    rule: "trace-path-open",
    object: egress,
  },
  {
    name: "egress names the wrong pods",
    breaks: (mesh) => mesh.set(egress, "spec egress 0 to 0 podSelector matchLabels", { app: "jaeger" }),
    rule: "trace-path-open",
    object: egress,
  },
  {
    name: "egress opens the ports for UDP",
    breaks: (mesh) => mesh.set(egress, "spec egress 0 ports 2 protocol", "UDP"),
    rule: "trace-path-open",
    object: egress,
  },
  {
    name: "the policy for the collector is gone",
    breaks: (mesh) => mesh.remove(egress),
    rule: "trace-path-open",
    object: baseline,
  },
  {
    name: "ingress of the collector does not list the Zipkin port",
    breaks: (mesh) => mesh.unset(ingress, "spec ingress 0"),
    rule: "trace-path-open",
    object: ingress,
  },
  {
    name: "ingress of the collector forgets a namespace",
    breaks: (mesh) => {
      const all = ["istio-system", ...namespaces];
      const values = "namespaceSelector matchExpressions 0 values";
      mesh.set(
        ingress,
        `spec ingress 0 from 0 ${values}`,
        all.filter((name) => name !== "my"),
      );
      mesh.set(
        ingress,
        `spec ingress 1 from 0 ${values}`,
        namespaces.filter((name) => name !== "my"),
      );
    },
    rule: "trace-path-open",
    object: ingress,
  },
  {
    name: "ingress of the collector forgets the gateway's namespace",
    breaks: (mesh) =>
      mesh.set(ingress, "spec ingress 0 from 0 namespaceSelector matchExpressions 0 values", namespaces),
    rule: "trace-path-open",
    object: ingress,
  },
  {
    name: "the gateway's own egress is closed",
    breaks: (mesh) =>
      mesh.add({
        ...mesh.get(baseline),
        metadata: { name: "gateway-egress", namespace: "istio-system" },
        spec: {
          podSelector: { matchLabels: { istio: "ingressgateway" } },
          policyTypes: ["Egress"],
          egress: [
            { ports: [{ port: 53, protocol: "UDP" }, { port: 53, protocol: "TCP" }, { port: 15012 }] },
          ],
        },
      }),
    rule: "trace-path-open",
    object: "NetworkPolicy istio-system/gateway-egress",
  },
  {
    name: "a policy of another kind may close the path",
    breaks: (mesh) =>
      mesh.add({
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata: { name: "deny", namespace: "auth" },
        spec: { endpointSelector: {}, egressDeny: [{}] },
      }),
    rule: "trace-path-open",
    object: "CiliumNetworkPolicy auth/deny",
    level: "warning",
  },
  {
    name: "the baseline is gone: DNS and istiod are cut off",
    breaks: (mesh) => mesh.remove(baseline),
    rule: "mesh-baseline-egress",
    object: egress,
  },
  {
    name: "the baseline forgets DNS",
    breaks: (mesh) => mesh.unset(baseline, "spec egress 0"),
    rule: "mesh-baseline-egress",
    object: baseline,
  },
  {
    name: "the baseline forgets istiod",
    breaks: (mesh) => mesh.unset(baseline, "spec egress 1"),
    rule: "mesh-baseline-egress",
    object: baseline,
  },
  {
    name: "istiod is opened on the wrong port",
    breaks: (mesh) => mesh.set(baseline, "spec egress 1 ports 0 port", 15010),
    rule: "mesh-baseline-egress",
    object: baseline,
  },
  {
    name: "DNS over TCP is closed",
    breaks: (mesh) => mesh.unset(baseline, "spec egress 0 ports 1"),
    rule: "mesh-baseline-egress",
    object: baseline,
    level: "warning",
  },
  {
    name: "a policy is malformed",
    breaks: (mesh) => mesh.set(baseline, "spec egress 1 ports 0 endPort", 80),
    rule: "well-formed-objects",
    object: baseline,
  },
  {
    name: "a policy is there twice and says different things",
    breaks: (mesh) =>
      mesh
        .copy(baseline, "allow-mesh-egress")
        .set(baseline, "spec podSelector", { matchLabels: { app: "auth-api" } }),
    rule: "well-formed-objects",
    object: baseline,
    level: "warning",
  },
];
