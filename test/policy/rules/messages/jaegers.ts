/** What faults of Jaeger are told, word for word. */
import { type Messages } from "./message";

export const jaegers: Messages = {
  "Jaeger's store is not bounded": {
    message:
      "Deployment istio-system/jaeger container jaeger keeps up to 100000 traces (Jaeger's default) in memory, and " +
      "its memory limit 512Mi holds 10000; at most 10000 are allowed",
    fix: `# in container jaeger, or as jaeger.args in the values of chart 4.x
args:
  - --set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=10000`,
  },
  "Jaeger has no memory limit": {
    message:
      "Deployment istio-system/jaeger container jaeger has no memory limit, and its store keeps traces in memory; " +
      "a limit is required",
    fix: `# in container jaeger, or as jaeger.resources in the values of chart 4.x
resources:
  limits:
    memory: 512Mi`,
  },
  "Jaeger gets a sidecar": {
    message:
      "Deployment istio-system/jaeger gets a sidecar, which traces the spans on their way to it; no sidecar is " +
      "allowed",
    fix: `# in spec.template.metadata, or as jaeger.podLabels in the values of chart 4.x
labels:
  sidecar.istio.io/inject: "false"`,
  },
  "Jaeger may run as root": {
    message:
      "Deployment istio-system/jaeger container jaeger may run as root (runAsNonRoot is not true) and has no " +
      "seccomp profile; none of it is allowed by the restricted Pod Security Standard",
    fix: `# in spec.template.spec (jaeger.podSecurityContext of chart 4.x)
securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault`,
  },
  "Jaeger keeps its capabilities": {
    message:
      "Deployment istio-system/jaeger container jaeger drops not all capabilities; none of it is allowed by the " +
      "restricted Pod Security Standard",
    fix: `# in container jaeger (jaeger.securityContext of chart 4.x)
securityContext:
  capabilities:
    drop:
      - ALL`,
  },
  "Jaeger's UI has a load balancer": {
    message:
      "Service istio-system/jaeger-query-clusterip of type LoadBalancer shows Jaeger's UI and API to anybody " +
      "outside the cluster; type ClusterIP is allowed",
    fix: "# in spec\ntype: ClusterIP",
  },
  "Jaeger's UI is routed by the mesh's gateway": {
    message:
      "VirtualService istio-system/jaeger routes jaeger.example.com from outside to Jaeger's UI and API without " +
      "authentication; an AuthorizationPolicy on the gateway, or the ingress controller's own, is required",
    fix: `# add, with a RequestAuthentication that says who is trusted
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: jaeger-ui-authenticated
  namespace: istio-system
spec:
  action: DENY
  rules:
    - from:
        - source:
            notRequestPrincipals:
              - "*"
      to:
        - operation:
            hosts:
              - jaeger.example.com
              - jaeger.example.com:*`,
  },
  "Jaeger's UI has an Ingress": {
    message:
      "Ingress istio-system/jaeger routes jaeger.example.com from outside to Jaeger's UI and API without " +
      "authentication; an AuthorizationPolicy on the gateway, or the ingress controller's own, is required",
    fix: "# in metadata.annotations, for ingress-nginx with a proxy that authenticates\nnginx.ingress.kubernetes.io/auth-url: https://auth.example.com/oauth2/auth",
  },
  "Jaeger's UI has an HTTPRoute": {
    message:
      "HTTPRoute istio-system/jaeger routes jaeger.example.com from outside to Jaeger's UI and API without " +
      "authentication; an AuthorizationPolicy on the gateway, or the ingress controller's own, is required",
    fix: `# add, with a RequestAuthentication that says who is trusted
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: jaeger-ui-authenticated
  namespace: istio-system
spec:
  action: DENY
  rules:
    - from:
        - source:
            notRequestPrincipals:
              - "*"
      to:
        - operation:
            hosts:
              - jaeger.example.com
              - jaeger.example.com:*`,
  },
};
