import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test, vi } from "vitest";
import { filesUnder } from "../../../input/files/walk";
import { directoryOf } from "../../fixtures/files";

vi.mock("node:fs", { spy: true });

test("a tree of many levels is walked with one look at each, not one at each level above it", () => {
  const levels = 200;
  const file = path.join(...Array.from({ length: levels }, () => "d"), "x.yaml");
  const directory = directoryOf({ [file]: "" });
  vi.mocked(fs.statSync).mockClear();
  vi.mocked(fs.lstatSync).mockClear();
  vi.mocked(fs.realpathSync).mockClear();
  expect(filesUnder([directory])).toEqual({ files: [path.join(directory, file)], skipped: [] });
  expect(vi.mocked(fs.statSync).mock.calls.length).toBe(levels + 2);
  expect(vi.mocked(fs.realpathSync).mock.calls.length + vi.mocked(fs.lstatSync).mock.calls.length).toBe(0);
});
