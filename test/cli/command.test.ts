import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { assertFree } from "../../cli/command";
import { InputError } from "../../input/inputError";
import { directoryOf } from "../fixtures/files";

test("output goes nowhere that is read, and not inside another output or around it", () => {
  const directory = directoryOf({ "in/a.yaml": "", "in/notes.md": "", "out/x": "", "rules.yaml": "" });
  const at = (...names: string[]): string => path.join(directory, ...names);
  fs.symlinkSync(at("in", "a.yaml"), at("link"));
  const reserved = { inputs: [at("in"), at("rules.yaml")], outputs: { "--out": at("out") } };
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
  for (const file of [at("out"), at("out", "new", "x.sarif"), directory]) {
    expect(refusal(file)).toBe(
      `--sarif ${file} and --out ${at("out")} are in each other's way\n  fix: choose another file`,
    );
  }
  for (const file of [at("in", "notes.md"), at("in", "new.yaml"), at("outside.sarif"), "/dev/stdout"]) {
    expect(refusal(file)).toBeUndefined();
  }
});
