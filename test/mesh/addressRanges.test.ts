import { expect, test } from "vitest";
import { isBounded } from "../../mesh/addressRanges";

test.each([
  ["0.0.0.0/0", false],
  ["128.0.0.0/1", false],
  ["10.0.0.0/7", false],
  ["10.0.0.0/8", true],
  ["203.0.113.7/32", true],
  ["203.0.113.7", true],
  ["::/0", false],
  ["2000::/3", false],
  ["2001::/15", false],
  ["2001:db8::/16", true],
  ["2001:db8::1/128", true],
  ["2001:db8::1", true],
  ["", false],
])("a range %j leaves somebody out: %s", (range, expected) => {
  expect(isBounded(range)).toBe(expected);
});
