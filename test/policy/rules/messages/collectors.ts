/** What faults of the collector's Service are told, word for word. */
import { type Messages } from "./message";

export const collectors: Messages = {
  "the collector's Service does not exist": {
    message:
      "Service istio-system/jaeger-collector-clusterip does not exist, and the mesh sends its spans to " +
      "istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local:9411; a ClusterIP Service is required",
    fix: `# add
apiVersion: v1
kind: Service
metadata:
  name: jaeger-collector-clusterip
  namespace: istio-system
spec:
  type: ClusterIP
  selector:
    app.kubernetes.io/name: jaeger
  ports:
    - name: http-zipkin
      port: 9411
      targetPort: 9411
      protocol: TCP
      appProtocol: http`,
  },
  "the collector's Service selects nothing": {
    message:
      "Service istio-system/jaeger-collector-clusterip selects no pods (app=jaeger); it must select the collector's",
    fix: `# in spec
selector:
  app.kubernetes.io/name: jaeger
  app.kubernetes.io/instance: jaeger`,
  },
  "the collector's Service has no port for Zipkin": {
    message:
      "Service istio-system/jaeger-collector-clusterip has no port 9411, to which the mesh sends its spans; a port " +
      "for spans is required beside 4317 and 4318",
    fix: `# add to spec.ports
- name: http-zipkin
  port: 9411
  targetPort: 9411
  protocol: TCP
  appProtocol: http`,
  },
  "the collector's Service leads to a port nobody listens on": {
    message:
      "Service istio-system/jaeger-collector-clusterip leads from port 9411 to port 9412, which no container of " +
      "its pods has; a port they have is required: 9411, 4317, 4318, 16686, 16685 and 8888",
    fix: "# in spec.ports, port 9411\ntargetPort: 9411",
  },
  "the Zipkin port says it is gRPC": {
    message:
      "Service istio-system/jaeger-collector-clusterip tells Istio by the appProtocol grpc that grpc is spoken on " +
      "port 9411, where it is Zipkin over HTTP; http is allowed",
    fix: "# in spec.ports[0]\nappProtocol: http",
  },
  "the gRPC port is named http": {
    message:
      "Service istio-system/jaeger-collector-clusterip tells Istio by the name http-otlp-grpc that http is spoken " +
      "on port 4317, where it is OTLP over gRPC; grpc is allowed",
    fix: "# in spec.ports[1]\nappProtocol: grpc",
  },
  "a ServiceEntry has the collector's host": {
    message:
      "ServiceEntry istio-system/shadow defines the collector's host " +
      "jaeger-collector-clusterip.istio-system.svc.cluster.local, which is that of Service " +
      "istio-system/jaeger-collector-clusterip; one definition is allowed",
    fix: "# delete ServiceEntry istio-system/shadow",
  },
  "the mesh's default Sidecar hides the collector": {
    message:
      "Sidecar istio-system/default hides the collector jaeger-collector-clusterip.istio-system.svc.cluster.local " +
      "from the proxies it configures: no entry of spec.egress has its host; its host is required",
    fix: `# add to spec.egress of Sidecar istio-system/default
- hosts:
    - istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local`,
  },
  "the collector is exported to its own namespace only": {
    message:
      "Service istio-system/jaeger-collector-clusterip is exported to its own namespace only; the namespaces of " +
      "traced proxies are required",
    fix: '# in metadata.annotations\nnetworking.istio.io/exportTo: "*"',
  },
  "discovery does not select the collector's namespace": {
    message:
      "ConfigMap istio-system/istio hides the collector from every proxy: no entry of discoverySelectors selects " +
      "its namespace istio-system; one is required",
    fix: `# add to discoverySelectors of the mesh config
- matchLabels:
    kubernetes.io/metadata.name: istio-system`,
  },
};
