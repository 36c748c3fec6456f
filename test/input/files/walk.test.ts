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

test("a downloaded release of Istio and data of tests are named, and only read where they are what was given", () => {
  const directory = directoryOf({
    "deploy/web.yaml": "",
    "fixtures/mine.yaml": "",
    "istio-1.20.1/samples/jaeger.yaml": "",
    "istio-config/mesh.yaml": "",
    "pkg/testdata/deny.yaml": "",
    "test/fixtures/deny.yaml": "",
    "test/smoke.yaml": "",
  });
  const inside = (...names: string[]) => names.map((name) => path.join(directory, name));
  expect(filesUnder([directory])).toEqual({
    files: inside("deploy/web.yaml", "fixtures/mine.yaml", "istio-config/mesh.yaml", "test/smoke.yaml"),
    skipped: [
      {
        file: path.join(directory, "istio-1.20.1"),
        why: "a release of Istio as it is downloaded, with its samples",
      },
      { file: path.join(directory, "pkg/testdata"), why: "data of tests" },
      { file: path.join(directory, "test/fixtures"), why: "data of tests" },
    ],
  });
  expect(filesUnder(inside("istio-1.20.1", "test/fixtures"))).toEqual({
    files: inside("istio-1.20.1/samples/jaeger.yaml", "test/fixtures/deny.yaml"),
    skipped: [],
  });
});

test("a link that leads nowhere is named where it stands for a file or a directory of manifests", () => {
  const directory = directoryOf({ "a.yaml": "" });
  const at = (name: string): string => path.join(directory, name);
  fs.symlinkSync("gone.yaml", at("b.yaml"));
  fs.symlinkSync("gone", at("c"));
  fs.symlinkSync("gone.md", at("d.md"));
  const why = "is a link that leads nowhere";
  expect(filesUnder([directory])).toEqual({
    files: [at("a.yaml")],
    skipped: [
      { file: at("b.yaml"), why, isBroken: true },
      { file: at("c"), why, isBroken: true },
    ],
  });
});
