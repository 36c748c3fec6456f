import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goMemoryLimit, maxTracesFor, parseMemory } from "../../mesh/jaegerMemory";

const mebibyte = 1024 * 1024;

describe("a limit, GOMEMLIMIT and the number of traces that follow from it", () => {
  test.each([
    ["256Mi", 268_435_456, "205MiB", 3_000],
    ["512Mi", 536_870_912, "410MiB", 10_000],
    ["768Mi", 805_306_368, "614MiB", 17_000],
    ["1Gi", 1_073_741_824, "819MiB", 23_500],
    ["2Gi", 2_147_483_648, "1638MiB", 51_500],
    ["16Gi", 17_179_869_184, "13107MiB", 439_500],
  ])("%s", (quantity, bytes, goLimit, traces) => {
    expect(parseMemory(quantity)).toBe(bytes);
    expect(goMemoryLimit(bytes)).toBe(goLimit);
    expect(maxTracesFor(bytes)).toBe(traces);
  });

  test.each([
    [536_870_912, 536_870_912],
    ["536870912", 536_870_912],
    ["512M", 512_000_000],
    ["1.5Gi", 1_610_612_736],
    [".5Gi", 536_870_912],
    ["1.Ki", 1024],
    ["2k", 2000],
    ["1G", 1e9],
    ["1T", 1e12],
    ["1P", 1e15],
    ["1E", 1e18],
    ["1Ti", 1_099_511_627_776],
    ["1Pi", 1_125_899_906_842_624],
    ["1Ei", 1_152_921_504_606_846_976],
    ["5e8", 500_000_000],
    ["5E+8", 500_000_000],
    ["500e-3", 0.5],
    ["512000m", 512],
    ["0Mi", 0],
  ])("%j is %d bytes", (quantity, bytes) => {
    expect(parseMemory(quantity)).toBe(bytes);
  });

  test.each(["512MB", "512mi", "5e8Mi", "1.2.3", " 1Gi", "1Gi ", "", ".", "-1Gi", "Gi", null, {}])(
    "%j is no quantity",
    (quantity) => {
      expect(parseMemory(quantity)).toBeUndefined();
    },
  );

  test("too little memory holds no trace", () => {
    expect(maxTracesFor(64 * mebibyte)).toBe(0);
  });
});

/** Limits from nothing to a tebibyte. */
const limits = fc.integer({ min: 1, max: 1024 * 1024 }).map((number) => number * mebibyte);

test("more memory never holds fewer traces", () => {
  fc.assert(
    fc.property(limits, limits, (one, other) => {
      const [less, more] = one < other ? [one, other] : [other, one];
      return maxTracesFor(less) <= maxTracesFor(more);
    }),
  );
});

test("the traces, as measured 115 MB and 29 kB each, stay within GOMEMLIMIT, and GOMEMLIMIT within the limit", () => {
  fc.assert(
    fc.property(limits, (limit) => {
      const traces = maxTracesFor(limit);
      const goLimit = Number(goMemoryLimit(limit).replace("MiB", "")) * mebibyte;
      expect(traces % 500).toBe(0);
      expect(goLimit).toBeLessThanOrEqual(limit);
      if (traces > 0) expect(115e6 + traces * 29e3).toBeLessThanOrEqual(goLimit);
    }),
  );
});

test("memory is not left unused: 500 traces more would not fit any more", () => {
  fc.assert(
    fc.property(limits, (limit) => {
      expect(115e6 + (maxTracesFor(limit) + 500) * 31e3).toBeGreaterThan(0.8 * limit);
    }),
  );
});
