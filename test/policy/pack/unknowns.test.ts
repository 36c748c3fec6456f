import { UnknownValueError } from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy";
import { describe, expect, it } from "vitest";
import { isUnknown, plainProps } from "../../../policy/pack/unknowns";
import { resource, unknown } from "./stack";

describe("isUnknown", () => {
  it("knows every value that the policy SDK takes for unknown", () => {
    const exported = proxy as unknown as Record<string, unknown>;
    const sentinels = Object.keys(exported).filter((key) => /^unknown\w+Value$/.test(key));
    expect(sentinels).toHaveLength(7);
    for (const name of sentinels) expect(isUnknown(exported[name]), name).toBe(true);
  });

  it.each(["", "jaeger", 0, false, null, undefined, {}])("takes %j for known", (value) => {
    expect(isUnknown(value)).toBe(false);
  });
});

describe("plainProps", () => {
  const { props } = resource("kubernetes:core/v1:Service", "jaeger", {
    metadata: { name: "jaeger" },
    spec: { ports: [{ port: unknown }], selector: unknown },
  });

  it("has something to get around: reading the same values throws", () => {
    expect(() => (props["spec"] as { selector: string }).selector).toThrow(UnknownValueError);
  });

  it("gives every value, unknown ones too, at any depth", () => {
    expect(plainProps(props)).toEqual({
      metadata: { name: "jaeger" },
      spec: { ports: [{ port: unknown }], selector: unknown },
    });
    expect(JSON.stringify(plainProps(props))).toContain(unknown);
  });

  it("takes properties without a proxy as they are", () => {
    expect(plainProps({ a: { b: 1 } })).toEqual({ a: { b: 1 } });
  });
});
