/** The pack as a directory of its own works where this project's files are not. */
import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { outage, stackOf } from "../policy/pack/stack";
import { PolicyHost } from "../policy/pack/host";
import { temporaryDirectory } from "../fixtures/temporary";
import { type Outcome, root, run } from "./run";

const pack = (...parameters: string[]): Promise<Outcome> =>
  run(process.execPath, [require.resolve("tsx/cli"), path.join(root, "cli", "policyPack.ts"), ...parameters]);

function readJson(...file: string[]): Record<string, unknown> {
  return JSON.parse(fs.readFileSync(path.join(...file), "utf8")) as Record<string, unknown>;
}

test("it is a pack by itself that says what the project's says", async () => {
  const elsewhere = temporaryDirectory();
  // The host starts what is in `policy`; of packages it has only what the pack asks for.
  const directory = path.join(elsewhere, "policy");
  const { code, stdout } = await pack("--out", directory);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `index.js, package.json, PulumiPolicy.yaml in ${directory}\n`,
  });
  expect(fs.readdirSync(directory).sort()).toEqual(["PulumiPolicy.yaml", "index.js", "package.json"]);
  const { dependencies, engines } = readJson(root, "package.json");
  const own = dependencies as Record<string, string>;
  expect(readJson(directory, "package.json")).toEqual({
    ...readJson(root, "policy", "package.json"),
    main: "index.js",
    engines,
    dependencies: { "@pulumi/policy": own["@pulumi/policy"], "@pulumi/pulumi": own["@pulumi/pulumi"] },
  });
  fs.mkdirSync(path.join(elsewhere, "node_modules"));
  fs.symlinkSync(path.join(root, "node_modules", "@pulumi"), path.join(elsewhere, "node_modules", "@pulumi"));

  const hosts = await Promise.all([PolicyHost.start(), PolicyHost.start({}, elsewhere)]);
  try {
    const [ofProject, ofDirectory] = await Promise.all(hosts.map((host) => host.info()));
    expect(ofDirectory).toEqual(ofProject);
    const stack = stackOf(outage());
    const [expected, found] = await Promise.all(hosts.map((host) => host.analyzeStack(stack)));
    expect(found?.map(({ policy, level }) => [policy, level])).toEqual([["trace-path-open", "mandatory"]]);
    expect(found).toEqual(expected);
  } finally {
    for (const host of hosts) host.stop();
  }
});

test("mistakes are one message and exit code 2", async () => {
  const without = await pack();
  expect(without.code).toBe(2);
  expect(without.stderr).toContain("required option '--out <dir>' not specified");

  const file = path.join(temporaryDirectory(), "file");
  fs.writeFileSync(file, "");
  const onFile = await pack("--out", file);
  expect(onFile.code).toBe(2);
  expect(onFile.stderr).toMatch(new RegExp(`^error: ${file} cannot be written: EEXIST: .+\\n$`));
});

test("--help says what to do with it", async () => {
  const { code, stdout } = await pack("--help");
  expect(code).toBe(0);
  expect(stdout).toContain("pulumi policy publish");
});
