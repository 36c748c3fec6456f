import * as fs from "node:fs";
import * as path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { assertFree, runCommand } from "../../cli/command";
import { InputError } from "../../input/inputError";
import { directoryOf } from "../fixtures/files";

test("output goes nowhere that is read, and not inside another output or around it", () => {
  const directory = directoryOf({ "in/a.yaml": "", "in/notes.md": "", "rules.yaml": "" });
  const at = (...names: string[]): string => path.join(directory, ...names);
  fs.symlinkSync(at("in", "a.yaml"), at("link"));
  const reserved = { inputs: [at("in"), at("rules.yaml")], outputs: { "--out": at("next") } };
  const refusal = (file: string): string | undefined => {
    try {
      assertFree("--sarif", file, reserved);
      return undefined;
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
  };
  for (const file of [at("in", "a.yaml"), at("link"), at("rules.yaml"), at("in", "..", "in", "a.yaml")]) {
    expect(refusal(file)).toBe(
      `--sarif ${file} is one of the files that are read\n  fix: choose another file`,
    );
  }
  for (const file of [at("next"), at("next", "new", "x.sarif")]) {
    expect(refusal(file)).toBe(
      `--sarif ${file} and --out ${at("next")} are in each other's way\n  fix: choose another file`,
    );
  }
  expect(refusal(at("in", "new.yaml"))).toBe(
    `--sarif ${at("in", "new.yaml")} would be read with ${at("in")} the next time\n` +
      "  fix: choose a file elsewhere, or one with another ending",
  );
  expect(refusal("")).toBe("--sarif must be a file, and it is empty");
  expect(refusal(at("in"))).toBe(`--sarif ${at("in")} is a directory\n  fix: name a file in it`);
  for (const file of [at("in", "notes.md"), at("in", "new.sarif"), at("outside.sarif"), "/dev/stdout"]) {
    expect(refusal(file)).toBeUndefined();
  }
});

test("a bug ends with 2 and its stack, not with 1, which says that there are findings", async () => {
  const [before, written] = [process.exitCode, vi.spyOn(process.stderr, "write").mockReturnValue(true)];
  onTestFinished(() => {
    process.exitCode = before;
    written.mockRestore();
  });
  await runCommand(() => Promise.reject(new TypeError("a bug")));
  expect(process.exitCode).toBe(2);
  expect(written.mock.calls.join("")).toMatch(/^TypeError: a bug\n {4}at /);
});
