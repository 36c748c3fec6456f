import { expect, test } from "vitest";
import { jaegerEndpoints } from "../../components/jaegerServices";
import { resource, run, runStackFile, stackOf } from "../fixtures/stack";

const tcp = (name: string, port: number, appProtocol: string) => ({
  name,
  port,
  targetPort: port,
  protocol: "TCP",
  appProtocol,
});
const collectorPorts = [
  tcp("http-zipkin", 9411, "http"),
  tcp("grpc-otlp", 4317, "grpc"),
  tcp("http-otlp", 4318, "http"),
];
const queryPorts = [tcp("http-query", 16686, "http"), tcp("grpc-query", 16685, "grpc")];

const service = (name: string, namespace: string, stack: string, release: string, ports: object[]) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: {
    name,
    namespace,
    labels: { "app.kubernetes.io/part-of": "mesh-tracing", "mesh-tracing/stack": stack },
  },
  spec: {
    type: "ClusterIP",
    selector: {
      "app.kubernetes.io/component": "all-in-one",
      "app.kubernetes.io/instance": release,
      "app.kubernetes.io/name": "jaeger",
    },
    ports,
  },
});

test("the two Services of dev are ClusterIPs, never headless, with ports that Istio understands", async () => {
  const dev = await runStackFile("dev");
  expect(resource(dev, "jaeger-services-collector").inputs).toEqual(
    service("jaeger-collector-clusterip", "istio-system", "dev", "jaeger", collectorPorts),
  );
  expect(resource(dev, "jaeger-services-query").inputs).toEqual(
    service("jaeger-query-clusterip", "istio-system", "dev", "jaeger", queryPorts),
  );
});

test("they follow Jaeger to another namespace and release", async () => {
  const jaeger = { namespace: "obs", release: "traces" };
  const other = await run(stackOf({ jaeger }), "blue");
  expect(resource(other, "jaeger-services-collector").inputs).toEqual(
    service("jaeger-collector-clusterip", "obs", "blue", "traces", collectorPorts),
  );
  expect(resource(other, "jaeger-services-query").inputs).toEqual(
    service("jaeger-query-clusterip", "obs", "blue", "traces", queryPorts),
  );
});

test("addresses follow from namespace and cluster domain", () => {
  expect(jaegerEndpoints({ namespace: "obs", clusterDomain: "k8s.example.com" })).toEqual({
    collectorHost: "jaeger-collector-clusterip.obs.svc.k8s.example.com",
    zipkin: "http://jaeger-collector-clusterip.obs.svc.k8s.example.com:9411/api/v2/spans",
    otlpGrpc: "http://jaeger-collector-clusterip.obs.svc.k8s.example.com:4317",
    otlpHttp: "http://jaeger-collector-clusterip.obs.svc.k8s.example.com:4318",
    query: "http://jaeger-query-clusterip.obs.svc.k8s.example.com:16686",
    queryGrpc: "http://jaeger-query-clusterip.obs.svc.k8s.example.com:16685",
  });
});
