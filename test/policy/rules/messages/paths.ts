/** What faults of the paths are told, word for word. */
import { type Messages } from "./message";

export const paths: Messages = {
  "egress does not list the Zipkin port": {
    message:
      "NetworkPolicy auth/allow-jaeger-egress isolates the egress of Deployment auth/auth-api and does not let it " +
      "reach Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so that these " +
      "spans are lost; spec.egress[0] must list TCP 9411",
    fix: `# add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress
- protocol: TCP
  port: 9411`,
  },
  "egress does not list the OTLP port": {
    message:
      "NetworkPolicy auth/allow-jaeger-egress isolates the egress of Deployment auth/auth-api and does not let it " +
      "reach Service istio-system/jaeger-collector-clusterip on TCP 4317 (spans of applications, OTLP), so that " +
      "these spans are lost; spec.egress[0] must list TCP 4317",
    fix: `# add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress
- protocol: TCP
  port: 4317`,
  },
  "egress names the wrong pods": {
    message:
      "NetworkPolicy auth/allow-jaeger-egress isolates the egress of Deployment auth/auth-api and does not let it " +
      "reach Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin) and TCP 4317 " +
      "(spans of applications, OTLP), so that these spans are lost; spec.egress[0] must name the other end",
    fix: `# add to spec.egress[0].to of NetworkPolicy auth/allow-jaeger-egress
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: istio-system
  podSelector:
    matchLabels:
      app.kubernetes.io/name: jaeger
      app.kubernetes.io/instance: jaeger
      app.kubernetes.io/component: all-in-one`,
  },
  "egress opens the ports for UDP": {
    message:
      "NetworkPolicy auth/allow-jaeger-egress isolates the egress of Deployment auth/auth-api and does not let it " +
      "reach Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so that these " +
      "spans are lost; spec.egress[0] must list TCP 9411",
    fix: `# add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress
- protocol: TCP
  port: 9411`,
  },
  "ingress of the collector does not list the Zipkin port": {
    message:
      "NetworkPolicy istio-system/allow-tracing-ingress isolates the ingress of Service " +
      "istio-system/jaeger-collector-clusterip and does not let Deployment auth/auth-api, Deployment " +
      "character/character-api and 6 more reach it on TCP 9411 (spans of proxies, Zipkin), so that these spans are " +
      "lost; spec.ingress[0] must list TCP 9411 and spec.ingress[1] must list TCP 9411",
    fix: `# add to spec.ingress[0].ports of NetworkPolicy istio-system/allow-tracing-ingress
- protocol: TCP
  port: 9411
# add to spec.ingress[1].ports of NetworkPolicy istio-system/allow-tracing-ingress
- protocol: TCP
  port: 9411`,
  },
  "ingress of the collector forgets the gateway's namespace": {
    message:
      "NetworkPolicy istio-system/allow-tracing-ingress isolates the ingress of Service " +
      "istio-system/jaeger-collector-clusterip and does not let Deployment istio-system/istio-ingressgateway reach " +
      "it on TCP 9411 (spans of proxies, Zipkin), so that these spans are lost; spec.ingress[2] must list TCP 9411",
    fix: `# add to spec.ingress[2].ports of NetworkPolicy istio-system/allow-tracing-ingress
- protocol: TCP
  port: 9411`,
  },
  "the gateway's own egress is closed": {
    message:
      "NetworkPolicy istio-system/gateway-egress isolates the egress of Deployment " +
      "istio-system/istio-ingressgateway and does not let it reach Service istio-system/jaeger-collector-clusterip " +
      "on TCP 9411 (spans of proxies, Zipkin), so that these spans are lost; a rule for TCP 9411 is required",
    fix: `# add to spec.egress of NetworkPolicy istio-system/gateway-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: istio-system
      podSelector:
        matchLabels:
          app.kubernetes.io/name: jaeger
          app.kubernetes.io/instance: jaeger
          app.kubernetes.io/component: all-in-one
  ports:
    - protocol: TCP
      port: 9411`,
  },
  "a policy of another kind may close the path": {
    message:
      "CiliumNetworkPolicy auth/deny leaves open whether Deployment auth/auth-api can reach Service " +
      "istio-system/jaeger-collector-clusterip (spans of proxies, Zipkin): CiliumNetworkPolicy auth/deny " +
      "(cilium.io/v2) is of a kind that is not modelled; a path that is known to be open is required",
    fix: "",
  },
  "the baseline forgets DNS": {
    message:
      "NetworkPolicy auth/allow-mesh-egress isolates the egress of Deployment auth/auth-api and does not let it " +
      "reach DNS on UDP 53 and TCP 53, which a pod of the mesh cannot do without; a rule for UDP 53 and TCP 53 is " +
      "required",
    fix: `# add to spec.egress of NetworkPolicy auth/allow-mesh-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53`,
  },
  "the baseline forgets istiod": {
    message:
      "NetworkPolicy auth/allow-mesh-egress isolates the egress of Deployment auth/auth-api and does not let it " +
      "reach istiod on TCP 15012 (configuration and certificates), which a pod of the mesh cannot do without; a " +
      "rule for TCP 15012 is required",
    fix: `# add to spec.egress of NetworkPolicy auth/allow-mesh-egress
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: istio-system
      podSelector:
        matchLabels:
          app: istiod
  ports:
    - protocol: TCP
      port: 15012`,
  },
  "istiod is opened on the wrong port": {
    message:
      "NetworkPolicy auth/allow-mesh-egress isolates the egress of Deployment auth/auth-api and does not let it " +
      "reach istiod on TCP 15012 (configuration and certificates), which a pod of the mesh cannot do without; " +
      "spec.egress[1] must list TCP 15012",
    fix: `# add to spec.egress[1].ports of NetworkPolicy auth/allow-mesh-egress
- protocol: TCP
  port: 15012`,
  },
  "DNS over TCP is closed": {
    message:
      "NetworkPolicy auth/allow-mesh-egress isolates the egress of Deployment auth/auth-api and does not let it " +
      "reach DNS on TCP 53, which a pod of the mesh cannot do without; spec.egress[0] must list TCP 53",
    fix: `# add to spec.egress[0].ports of NetworkPolicy auth/allow-mesh-egress
- protocol: TCP
  port: 53`,
  },
  "a policy is malformed": {
    message:
      "NetworkPolicy auth/allow-mesh-egress is malformed at spec.egress[1].ports[0].endPort: must not be less than " +
      "port, 15012; what the API server accepts is required",
    fix: "",
  },
  "a policy is there twice and says different things": {
    message:
      "NetworkPolicy auth/allow-mesh-egress is in the input several times, with different specs, so that nothing " +
      "can be said about it; one is required",
    fix: "",
  },
};
