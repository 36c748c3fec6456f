import { describe, expect, test } from "vitest";
import { chartArgs, mergeValues } from "../../components/chart";

describe("where a chart comes from", () => {
  const repository = { repository: "https://charts.example.com", version: "1.2.3" };
  const oci = { oci: "oci://registry/charts", version: "1.2.3" };
  const path = { path: "./charts" };
  const inRepository = {
    chart: "istiod",
    repositoryOpts: { repo: "https://charts.example.com" },
    version: "1.2.3",
  };
  test.each([
    [repository, "itself" as const, inRepository],
    [repository, "within" as const, inRepository],
    [oci, "itself" as const, { chart: "oci://registry/charts", version: "1.2.3" }],
    [oci, "within" as const, { chart: "oci://registry/charts/istiod", version: "1.2.3" }],
    [path, "itself" as const, { chart: "./charts" }],
    [path, "within" as const, { chart: "./charts/istiod" }],
  ])("%j, %s", (source, place, expected) => {
    expect(chartArgs(source, "istiod", place)).toEqual({ ...expected, chartName: "istiod" });
  });
});

describe("values merged over values", () => {
  test.each<[what: string, base: unknown, over: unknown, merged: unknown]>([
    ["objects deeply", { a: { b: 1, c: 2 } }, { a: { c: 3, d: 4 } }, { a: { b: 1, c: 3, d: 4 } }],
    ["lists whole", { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ["null as a value, which in Helm removes the chart's default", { a: { b: 1 } }, { a: null }, { a: null }],
    ["false and zero as values", { a: true, b: 1 }, { a: false, b: 0 }, { a: false, b: 0 }],
    ["an object over a word", { a: 1 }, { a: { b: 2 } }, { a: { b: 2 } }],
    ["a word over an object", { a: { b: 2 } }, { a: 1 }, { a: 1 }],
    ["nothing over something", { a: 1 }, undefined, { a: 1 }],
    ["something over nothing", undefined, { a: 1 }, { a: 1 }],
  ])("%s", (_, base, over, merged) => {
    expect(mergeValues(base, over)).toEqual(merged);
  });

  test("leave what they are made of as it was", () => {
    const base = { a: { b: 1 } };
    const over = { a: { c: 2 } };
    mergeValues(base, over);
    expect({ base, over }).toEqual({ base: { a: { b: 1 } }, over: { a: { c: 2 } } });
  });
});
