/** The pack is compiled once and kept; what is kept must never be older than the sources. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PolicyHost, root } from "./host";

let copy: string;

beforeAll(() => {
  copy = fs.mkdtempSync(path.join(os.tmpdir(), "mesh-tracing-pack-"));
  for (const directory of ["bundle", "findings", "mesh", "policy"]) {
    fs.cpSync(path.join(root, directory), path.join(copy, directory), { recursive: true });
  }
  // Packages are shared, what is kept is the copy's own.
  const modules = path.join(copy, "node_modules");
  fs.mkdirSync(modules);
  for (const name of fs.readdirSync(path.join(root, "node_modules")).filter((name) => name !== ".cache")) {
    fs.symlinkSync(path.join(root, "node_modules", name), path.join(modules, name));
  }
});

afterAll(() => fs.rmSync(copy, { recursive: true, force: true }));

const kept = () => path.join(copy, "node_modules/.cache/mesh-tracing/policy-index.cjs");

async function description(): Promise<string | undefined> {
  const host = await PolicyHost.start({}, copy);
  try {
    return (await host.info()).policiesList.find(({ name }) => name === "trace-path-open")?.description;
  } finally {
    host.stop();
  }
}

it("starts from what it kept, and from the sources once one of them has changed", async () => {
  const before = await description();
  expect(before).toMatch(/^Every traced pod/);
  const { mtimeMs } = fs.statSync(kept());
  expect(await description()).toBe(before);
  expect(fs.statSync(kept()).mtimeMs).toBe(mtimeMs);

  const rule = path.join(copy, "policy/rules/tracePathOpen.ts");
  const { mtime, atime } = fs.statSync(rule);
  fs.writeFileSync(
    rule,
    fs.readFileSync(rule, "utf8").replace("Every traced pod", "Every pod that is traced"),
  );
  // Neither time nor size need tell: a checkout may set both back.
  fs.utimesSync(rule, atime, mtime);
  expect(await description()).toMatch(/^Every pod that is traced/);
});

it("starts where what it kept is broken", async () => {
  fs.writeFileSync(kept(), "//{");
  expect(await description()).toMatch(/^Every pod that is traced/);
});

it("starts where nothing can be kept", async () => {
  fs.rmSync(path.dirname(kept()), { recursive: true });
  fs.writeFileSync(path.dirname(kept()), "in the way");
  expect(await description()).toMatch(/^Every pod that is traced/);
});
