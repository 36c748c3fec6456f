/** Sources run from one file that is kept; what is kept must never be older than the sources. */
import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { directoryOf } from "../fixtures/files";
import { root, run } from "../cli/run";

const source = (word: string): string =>
  [
    'import { word } from "../word";',
    "export function hello(): void {",
    `  process.stdout.write([word, "${word}", ...process.argv.slice(2)].join(" "));`,
    '  if (process.argv[2] === "fail") throw new TypeError("told to");',
    "}",
    "hello();",
    "process.exitCode = 3;",
    "",
  ].join("\n");

/** A project with one command. */
function project(): string {
  const directory = directoryOf({
    "cli/hello.ts": source("one"),
    "word.ts": 'export const word: string = "hello";\n',
    "package.json": JSON.stringify({ scripts: { hello: "node cli/bundled.cjs hello" } }),
  });
  for (const file of ["cli/bundled.cjs", "bundle/load.cjs", "bundle/unneeded.cjs"]) {
    fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    fs.copyFileSync(path.join(root, file), path.join(directory, file));
  }
  fs.mkdirSync(path.join(directory, "node_modules"));
  fs.symlinkSync(path.join(root, "node_modules", "esbuild"), path.join(directory, "node_modules/esbuild"));
  return directory;
}

const hello = (directory: string, ...parameters: string[]) =>
  run(process.execPath, [path.join(directory, "cli/bundled.cjs"), "hello", ...parameters], "", directory);
const kept = (directory: string) => path.join(directory, "node_modules/.cache/mesh-tracing/cli-hello.cjs");

/** Files that were saved just now are bundled anew; waits until that is over. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

describe("a bundled source", () => {
  test("gets its arguments, and its exit code is the process's", async () => {
    expect(await hello(project(), "a b", "--c")).toEqual({
      code: 3,
      stdout: "hello one a b --c",
      stderr: "",
    });
  });

  test("is bundled once", async () => {
    const directory = project();
    await settle();
    await hello(directory);
    const { ino } = fs.statSync(kept(directory));
    expect(await hello(directory)).toMatchObject({ code: 3, stdout: "hello one" });
    expect(fs.statSync(kept(directory)).ino).toBe(ino);
  });

  test("is bundled again when a file appears that is meant instead of a directory", async () => {
    const directory = project();
    fs.unlinkSync(path.join(directory, "word.ts"));
    fs.mkdirSync(path.join(directory, "word"));
    fs.writeFileSync(path.join(directory, "word/index.ts"), 'export const word: string = "hello";\n');
    await settle();
    expect(await hello(directory)).toMatchObject({ stdout: "hello one" });
    fs.writeFileSync(path.join(directory, "word.ts"), 'export const word: string = "bonjour";\n');
    expect(await hello(directory)).toMatchObject({ stdout: "bonjour one" });
  });

  test("is bundled again when a file in it changes, whatever its times and size say", async () => {
    const directory = project();
    await settle();
    await hello(directory);
    const word = path.join(directory, "word.ts");
    const { atime, mtime } = fs.statSync(word);
    fs.writeFileSync(word, 'export const word: string = "HELLO";\n');
    fs.utimesSync(word, atime, mtime);
    expect(await hello(directory)).toMatchObject({ stdout: "HELLO one" });
    expect(await hello(directory)).toMatchObject({ stdout: "HELLO one" });
  });

  test("is bundled again when packages change", async () => {
    const directory = project();
    await settle();
    await hello(directory);
    const { ino } = fs.statSync(kept(directory));
    fs.writeFileSync(path.join(directory, "package-lock.json"), "{}");
    expect(await hello(directory)).toMatchObject({ stdout: "hello one" });
    expect(fs.statSync(kept(directory)).ino).not.toBe(ino);
  });

  test.each(["", "//{", "//{}\n//{}\n", "not ours"])("runs where what is kept is %j", async (content) => {
    const directory = project();
    await settle();
    await hello(directory);
    fs.writeFileSync(kept(directory), content);
    expect(await hello(directory)).toEqual({ code: 3, stdout: "hello one", stderr: "" });
  });

  test("runs where what V8 compiled is of another bundle, or broken", async () => {
    const directory = project();
    await settle();
    await hello(directory);
    const compiled = `${kept(directory)}.v8`;
    const own = fs.readFileSync(compiled);
    for (const content of [own.subarray(0, 100), Buffer.concat([Buffer.alloc(36), own.subarray(36)])]) {
      fs.writeFileSync(compiled, content);
      expect(await hello(directory)).toEqual({ code: 3, stdout: "hello one", stderr: "" });
      expect(fs.readFileSync(compiled).length).toBeGreaterThan(100);
    }
  });

  test("runs where nothing can be kept", async () => {
    const directory = project();
    fs.mkdirSync(path.join(directory, "node_modules/.cache"));
    fs.writeFileSync(path.dirname(kept(directory)), "in the way");
    expect(await hello(directory)).toEqual({ code: 3, stdout: "hello one", stderr: "" });
    expect(await hello(directory)).toMatchObject({ stdout: "hello one" });
  });

  test("fails with the lines of its sources", async () => {
    const directory = project();
    const { code, stderr } = await hello(directory, "fail");
    expect(code).toBe(1);
    expect(stderr).toContain(
      [
        "TypeError: told to",
        `    at hello (${path.join(directory, "cli/hello.ts")}:4:1)`,
        `    at Object.<anonymous> (${path.join(directory, "cli/hello.ts")}:6:1)`,
      ].join("\n"),
    );
  });

  test("says where it cannot be compiled", async () => {
    const directory = project();
    fs.writeFileSync(path.join(directory, "word.ts"), "export const word = ;\n");
    const { code, stderr } = await hello(directory);
    expect(code).toBe(1);
    expect(stderr).toContain('word.ts:1:20: ERROR: Unexpected ";"');
  });
});

/** Runs a script as a file of this directory would run. */
async function evaluated(script: string): Promise<string> {
  const { code, stdout } = await run(process.execPath, ["-e", script]);
  expect(code).toBe(0);
  return stdout;
}

describe("what Pulumi's SDK does not need", () => {
  const postpone = 'require("./bundle/unneeded.cjs").postponeInHost();';
  const loaded = "Object.values(require.cache).some(({ filename }) => /@npmcli.arborist.lib/.test(filename))";

  test("is not loaded with it", async () => {
    const script = `${postpone} require("@pulumi/pulumi"); console.log(${loaded})`;
    expect(await evaluated(script)).toBe("false\n");
    // Otherwise there would be nothing to postpone.
    expect(await evaluated(`require("@pulumi/pulumi"); console.log(${loaded})`)).toBe("true\n");
  });

  test("is there when it is used: functions are turned into code as ever", async () => {
    const serialise =
      'require("@pulumi/pulumi").runtime.serializeFunction(() => 40 + 2).then(({ text }) => console.log(text))';
    const text = await evaluated(`${postpone} ${serialise}`);
    expect(text).toContain("40 + 2");
    expect(text).toBe(await evaluated(serialise));
  });
});
