import * as fs from "node:fs";
import * as path from "node:path";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { isColored } from "../../cli/colors";
import { assertNothingKept } from "../../cli/commandLine";
import { directoryOf } from "../fixtures/files";
import { root, run } from "./run";

const bundled = path.join(root, "cli", "bundled.cjs");
const node = (...parameters: string[]) => run(process.execPath, [bundled, ...parameters]);

test.each([["render"], ["audit"], ["audit", "explain"], ["report"]])(
  "the help of %s %s fits 80 columns",
  async (...command) => {
    const { code, stdout } = await node(...command, "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: npm run /);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  },
);

test.each(["--help", "render --help", "audit explain --help", "doctor --help"])(
  "a full disk does not end %s as if it had been read",
  async (command) => {
    const outcome = await run("sh", ["-c", `"${process.execPath}" "${bundled}" ${command} >/dev/full`]);
    expect(outcome).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: standard output cannot be written: ENOSPC: no space left on device, write\n",
    });
  },
);

describe("cli/bundled.cjs", () => {
  const help = [
    "Usage: node cli/bundled.cjs <command> [options]",
    "",
    "Commands, and what each can do:",
    "  npm run -s render -- --help",
    "  npm run -s audit -- --help",
  ].join("\n");

  test("without a command prints what there is", async () => {
    const { code, stdout, stderr } = await node();
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    expect(stdout.slice(0, help.length)).toBe(help);
  });

  test.each(["nope", "command", "../cli/audit", "__proto__"])(
    "with the wrong command %s, too",
    async (name) => {
      const { code, stdout, stderr } = await node(name);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      const error = `error: there is no command ${JSON.stringify(name)}\n\n${help}`;
      expect(stderr.slice(0, error.length)).toBe(error);
    },
  );

  test("without npm's packages says so in one line", async () => {
    const directory = directoryOf({});
    for (const part of ["cli", "bundle", "package.json"]) {
      fs.cpSync(path.join(root, part), path.join(directory, part), { recursive: true });
    }
    const outcome = await run(process.execPath, [path.join(directory, "cli", "bundled.cjs"), "render"]);
    expect(outcome).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: the npm packages are not installed; run npm ci in ${directory}\n`,
    });
  });
});

describe("options that stand before -- are npm's", () => {
  const command = new Command("x").option("--live").option("--fail-on <level>").option("--head <place>");
  const kept = (environment: NodeJS.ProcessEnv): string | undefined => {
    try {
      assertNothingKept(command, { npm_command: "run", npm_lifecycle_event: "audit", ...environment });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each([
    [{ npm_config_live: "true" }, "--live", "--live"],
    [{ npm_config_fail_on: "warning" }, "--fail-on", "--fail-on"],
    [{ npm_config_heading: "../after" }, "--head", "--head"],
    [{ npm_config_live: "true", npm_config_fail_on: "true" }, "--live and --fail-on", "--live"],
  ])("%o", (environment, names, first) => {
    expect(kept(environment)).toBe(
      `npm kept ${names} for itself\n  fix: put -- before the options: npm run audit -- ${first} …`,
    );
  });

  test("npm's own settings, and commands that npm does not run, are none of it", () => {
    expect(kept({ npm_config_audit: "", npm_config_cache: "/c" })).toBeUndefined();
    expect(kept({ npm_config_live: "true", npm_lifecycle_event: undefined })).toBeUndefined();
  });
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ CI: "true" }, false, false],
  [{ TERM: "dumb" }, true, false],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ FORCE_COLOR: "false" }, true, false],
  [{ FORCE_COLOR: "" }, false, false],
  [{ FORCE_COLOR: "1" }, false, true],
])("with %o on a terminal %s colors are %s", (environment, isTTY, expected) => {
  expect(isColored({ isTTY }, environment)).toBe(expected);
});

describe("options that contradict each other", () => {
  test.each([
    [
      ["audit", "--min-sampling", "50", "--max-sampling", "10", "x"],
      "--min-sampling 50 is above --max-sampling 10\n  fix: lower the one, or raise the other\n",
    ],
    [
      ["audit", "explain", "a/b", "c/d:80", "x", "--fail-on", "warning"],
      "--fail-on is not for explain\n  fix: leave it out\n",
    ],
    [["audit", "explian", "a/b", "c/d:80", "x"], "explian does not exist\n  fix: write explain\n"],
    [
      ["audit", "json", "x"],
      "json does not exist\n  fix: put -- before the options: npm run -s audit -- … --format json\n",
    ],
    [["audit", "--kubeconfig", "k", "x"], "--kubeconfig and --context are for --live\n  fix: add --live\n"],
    [
      ["render", "--stack", "dev", "--stdout", "--out", "x"],
      "option '--stdout' cannot be used with option '--out <directory>'\n(--help lists what there is)\n",
    ],
    [
      ["report", "--base", "HEAD", "--format", "json", "--max-length", "6000"],
      "--max-length is for Markdown\n  fix: leave it out, or leave --format json out\n",
    ],
  ])("%o", async (parameters, message) => {
    expect(await node(...parameters)).toEqual({ code: 2, stdout: "", stderr: `error: ${message}` });
  });
});
