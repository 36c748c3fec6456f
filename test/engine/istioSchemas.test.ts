import { describe, expect, test } from "vitest";
import { validateIstio } from "../../engine/istioSchemas";
import { InputError } from "../../input/inputError";
import { thrownBy } from "../fixtures/temporary";

const telemetry = (spec: object, kind = "Telemetry", apiVersion = "telemetry.istio.io/v1") => ({
  apiVersion,
  kind,
  metadata: { name: "mesh-default", namespace: "istio-system" },
  spec,
});
const sampling = (randomSamplingPercentage: unknown) =>
  telemetry({ tracing: [{ providers: [{ name: "jaeger" }], randomSamplingPercentage }] });
const serviceEntry = (spec: object) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "ServiceEntry",
  metadata: { name: "api", namespace: "istio-system" },
  spec,
});
const ports = [{ number: 443, name: "https", protocol: "HTTPS" }];

async function refusal(...manifests: Parameters<typeof validateIstio>[0][number][]): Promise<string[]> {
  const error = await thrownBy(() => validateIstio(manifests));
  expect(error).toBeInstanceOf(InputError);
  return (error as Error).message.split("\n");
}

const heading = "Istio's schemas reject what the stack describes; nothing was written";

test("valid objects pass, and objects of others are not looked at", async () => {
  const manifests = [
    sampling(100),
    serviceEntry({ hosts: ["api.example.com"], location: "MESH_EXTERNAL", ports, resolution: "DNS" }),
    { apiVersion: "v1", kind: "Anything", metadata: { name: "a" }, spec: { wrong: true } },
    { apiVersion: "example.com/v1", kind: "Telemetry", metadata: { name: "a" }, spec: 7 },
  ];
  await expect(validateIstio(manifests)).resolves.toBeUndefined();
});

describe("what Istio refuses is named with its field", () => {
  const named = "  Telemetry istio-system/mesh-default: data/spec/tracing/0/randomSamplingPercentage";
  test.each([
    [101, "must be <= 100"],
    ["100", "must be number"],
  ])("a sampling of %j", async (value, rule) => {
    expect(await refusal(sampling(value))).toEqual([heading, `${named} ${rule}`]);
  });

  test("every field of an object, and every object", async () => {
    expect(
      await refusal(sampling(-1), serviceEntry({ hosts: [], ports: [{ number: "x", name: "a" }] })),
    ).toEqual([
      heading,
      `${named} must be >= 0`,
      "  ServiceEntry istio-system/api: data/spec/hosts must NOT have less than 1 item, " +
        "data/spec/ports/0/number must be integer",
    ]);
  });
});

describe("a kind that Istio does not have is named", () => {
  test.each([
    ["Telemetri", "telemetry.istio.io/v1", "Telemetri", "telemetry.istio.io/v1"],
    ["Telemetry", "telemetry.istio.io/v9", "Telemetry", "telemetry.istio.io/v9"],
  ])("%s of %s", async (kind, apiVersion) => {
    expect(await refusal(telemetry({}, kind, apiVersion))).toEqual([
      heading,
      `  ${kind} istio-system/mesh-default: Istio has no ${kind} in ${apiVersion}`,
    ]);
  });
});
