import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { progressLine } from "../../cli/progress";

/** A standard error, what is written to it, and a clock that only moves by hand. */
function watched(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const stream = new PassThrough().on("data", (chunk: Buffer) => written.push(chunk.toString()));
  const cursor = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
  Object.assign(stream, { isTTY, columns, ...cursor });
  const clock = { now: 0 };
  const line = progressLine(stream as unknown as NodeJS.WriteStream, () => clock.now);
  return { line, clock, text: () => written.join("") };
}

test("long work says how it is going, short work says nothing", () => {
  const { line, clock, text } = watched(true);
  clock.now = 1999;
  line.tell("reading file 1 of 9");
  expect(text()).toBe("");
  clock.now = 2001;
  line.tell("reading file 2 of 9");
  line.stop();
  expect(text()).toContain("reading file 2 of 9");
});

test.each([
  ["where nobody watches", false, 80],
  ["on a terminal without width, whose lines could never be cleared", true, 0],
])("nothing is said %s", (_, isTTY, columns) => {
  const { line, clock, text } = watched(isTTY, columns);
  clock.now = 60_000;
  line.tell("reading file 2 of 9");
  line.stop();
  expect(text()).toBe("");
});
