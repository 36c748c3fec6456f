import { describe, expect, test } from "vitest";
import { parseStack } from "../../config/stack";
import { outputsOf } from "../../program/outputs";
import { accessLogLabels } from "../fixtures/meshConfig";
import { run, runStackFile, stackOf } from "../fixtures/stack";

test("what the dev stack hands out", async () => {
  const collector = "http://jaeger-collector-clusterip.istio-system.svc.cluster.local";
  expect((await runStackFile("dev")).outputs).toEqual({
    endpoints: {
      zipkin: `${collector}:9411/api/v2/spans`,
      otlpGrpc: `${collector}:4317`,
      otlpHttp: `${collector}:4318`,
      query: "http://jaeger-query-clusterip.istio-system.svc.cluster.local:16686",
    },
    uiAddress:
      "https://jaeger.dev.growbin.app (routed by others; if it is not: kubectl -n istio-system port-forward " +
      "service/jaeger-query-clusterip 16686)",
    tracedNamespaces: ["auth", "character", "chat", "image", "location", "my", "scan"],
    meshValues: {
      meshConfig: {
        extensionProviders: [
          {
            name: "jaeger",
            zipkin: {
              service: "istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local",
              port: 9411,
              traceContextOption: "USE_B3_WITH_W3C_PROPAGATION",
            },
          },
          {
            name: "json-access-log",
            envoyFileAccessLog: { path: "/dev/stdout", logFormat: { labels: accessLogLabels } },
          },
        ],
      },
    },
  });
});

describe("where people open the UI", () => {
  test("without a host, by port-forward", () => {
    const { uiAddress } = outputsOf(parseStack(stackOf({ jaeger: { namespace: "obs" } }), "dev"));
    expect(uiAddress).toBe("kubectl -n obs port-forward service/jaeger-query-clusterip 16686");
  });

  test("at the host, where this stack routes it", () => {
    const ui = { certificate: { secretName: "tls" }, public: true };
    const { uiAddress } = outputsOf(
      parseStack(stackOf({ jaeger: { host: "jaeger.example.com" }, ui }), "dev"),
    );
    expect(uiAddress).toBe("https://jaeger.example.com");
  });
});

test("traced namespaces are handed out in alphabetical order", () => {
  const open = { isolation: "none" };
  const namespaces = { zoo: open, bank: open };
  expect(outputsOf(parseStack(stackOf({ namespaces }), "dev")).tracedNamespaces).toEqual(["bank", "zoo"]);
});

test("without access logging the mesh values hold the tracing provider alone", async () => {
  const { outputs } = await run(stackOf({ tracing: { sampling: 1, accessLog: false } }));
  expect(outputs["meshValues"]).toEqual({
    meshConfig: {
      extensionProviders: [
        {
          name: "jaeger",
          zipkin: {
            service: "istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local",
            port: 9411,
            traceContextOption: "USE_B3_WITH_W3C_PROPAGATION",
          },
        },
      ],
    },
  });
});
