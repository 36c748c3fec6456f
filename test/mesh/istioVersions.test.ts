import { describe, expect, it } from "vitest";
import { hasFeature, istioSince, parseVersion, versionText } from "../../mesh/istioVersions";

describe("a version", () => {
  it.each([
    ["1.28", [1, 28]],
    ["v1.28.3", [1, 28]],
    ["12.34.5", [12, 34]],
    ["1.28-alpha.0", [1, 28]],
    ["docker.io/istio/proxyv2:1.28.3-distroless", [1, 28]],
    ["release 1.28.", [1, 28]],
    ["", undefined],
    ["latest", undefined],
    ["1", undefined],
    ["v1", undefined],
    ["1.28x", undefined],
    ["1.x", undefined],
    [undefined, undefined],
  ])("is in %j", (written, version) => {
    expect(parseVersion(written)).toEqual(version);
  });
});

describe("what came with a version", () => {
  it.each<[string | readonly [number, number], boolean]>([
    ["1.27", false],
    ["1.28", true],
    ["1.28.0", true],
    ["1.100", true],
    ["latest", false],
    [[1, 27], false],
    [[1, 28], true],
    [[1, 29], true],
    [[0, 99], false],
    [[2, 0], true],
  ])("Istio %j can propagate W3C trace context: %s", (version, expected) => {
    expect(hasFeature(version, "w3cPropagation")).toBe(expected);
  });

  it("is written as people write versions", () => {
    expect(parseVersion(versionText(istioSince.dynamicDns))).toEqual(istioSince.dynamicDns);
  });
});
