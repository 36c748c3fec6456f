import { describe, expect, test } from "vitest";
import { resolutionFor } from "../../components/externalServices";
import { resource, run, runStackFile, stackOf } from "../fixtures/stack";

const entry = (stack: string, namespace: string, name: string, spec: object) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "ServiceEntry",
  metadata: {
    name,
    namespace,
    labels: { "app.kubernetes.io/part-of": "mesh-tracing", "mesh-tracing/stack": stack },
  },
  spec,
});
const https = [{ number: 443, name: "https", protocol: "HTTPS" }];

describe("the services outside the reference platform's mesh", () => {
  test.each([
    ["google-external", ["accounts.google.com", "www.googleapis.com"], "DNS"],
    ["kakao-external", ["kauth.kakao.com", "kapi.kakao.com"], "DNS"],
    ["naver-external", ["nid.naver.com", "openapi.naver.com"], "DNS"],
    ["openai-external", ["api.openai.com"], "DNS"],
    ["aws-s3-external", ["*.s3.amazonaws.com", "*.s3.ap-northeast-2.amazonaws.com"], "NONE"],
    ["aws-cloudfront", ["*.cloudfront.net", "images.dev.growbin.app"], "NONE"],
  ])("%s", async (name, hosts, resolution) => {
    const dev = await runStackFile("dev");
    expect(resource(dev, `external-services-${name}`).inputs).toEqual(
      entry("dev", "istio-system", name, { hosts, location: "MESH_EXTERNAL", ports: https, resolution }),
    );
  });
});

test("ports and resolution of the stack are taken as they are, in the root namespace of its mesh", async () => {
  const ports = [
    { number: 5432, name: "postgres", protocol: "TCP" },
    { number: 80, name: "http", protocol: "HTTP" },
  ];
  const other = await run(
    stackOf({
      istio: { version: "1.31", delivery: "shared", rootNamespace: "mesh" },
      externalServices: { database: { hosts: ["*.db.example.com"], ports, resolution: "DYNAMIC_DNS" } },
    }),
  );
  expect(resource(other, "external-services-database").inputs).toEqual(
    entry("test", "mesh", "database", {
      hosts: ["*.db.example.com"],
      location: "MESH_EXTERNAL",
      ports,
      resolution: "DYNAMIC_DNS",
    }),
  );
});

test.each([
  [["a.example.com", "b.example.com"], "DNS"],
  [["*.example.com"], "NONE"],
  [["a.example.com", "*.example.com"], "NONE"],
  [["star*.example.com"], "DNS"],
])("resolution chosen for %j: %s", (hosts, resolution) => {
  expect(resolutionFor(hosts)).toBe(resolution);
});
