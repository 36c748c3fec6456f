import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { documents } from "../fixtures/files";
import { Mesh } from "../../docs/generate/sample/mesh";
import { outage } from "../report/compared";
import { temporaryDirectory, writeAll } from "../fixtures/temporary";
import { type Outcome, root, run } from "./run";

function report(parameters: readonly string[], cwd = root): Promise<Outcome> {
  return run(process.execPath, [path.join(cwd, "cli", "bundled.cjs"), "report", ...parameters], "", cwd);
}

/** A directory with the fixture's mesh. */
function manifests(change: (mesh: Mesh) => unknown = () => {}): string {
  const mesh = new Mesh();
  change(mesh);
  const directory = temporaryDirectory();
  writeAll(directory, { "all.yaml": documents(mesh.objects) });
  return directory;
}

const sources = [
  ...["Pulumi.yaml", "Pulumi.dev.yaml", "package.json", "package-lock.json", "tsconfig.json", "index.ts"],
  ...["bundle", "cli", "components", "config", "engine", "findings", "input", "mesh", "policy", "program"],
  "report",
];

/** A repository with this project in its one commit, and a work tree that a test may change. */
function repository(): string {
  const directory = temporaryDirectory();
  for (const name of sources)
    fs.cpSync(path.join(root, name), path.join(directory, name), { recursive: true });
  fs.symlinkSync(path.join(root, "node_modules"), path.join(directory, "node_modules"), "junction");
  writeAll(directory, { ".gitignore": "node_modules\n" });
  git(directory, "init", "-q", "-b", "main");
  commit(directory);
  return directory;
}

function git(directory: string, ...parameters: string[]): string {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  const { status, stdout, stderr } = spawnSync("git", ["-C", directory, ...identity, ...parameters], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function commit(directory: string): void {
  git(directory, "add", "-A");
  git(directory, "commit", "-q", "-m", "a commit");
}

function edit(directory: string, file: string, from: string, to: string): void {
  const name = path.join(directory, file);
  const text = fs.readFileSync(name, "utf8");
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  fs.writeFileSync(name, text.replace(from, to));
}

describe("two directories of manifests", () => {
  test("the outage: exit 1, the file and the way that closes", async () => {
    const [base, head] = [manifests(), manifests(outage("auth"))];
    const { code, stdout, stderr } = await report(["--base", base, "--head", head]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toContain("| `auth` | **✓ → ✗** | ✓ | – |");
    expect(stdout).toMatch(/\*\*error\*\* `trace-path-open` `all\.yaml:\d+`: NetworkPolicy auth/);
    const json = await report(["--base", base, "--head", head, "--format", "json", "--exit-zero"]);
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({ worse: true, base });
  });

  test("nothing: one line, exit 0; also into a file", async () => {
    const [base, head] = [manifests(), manifests()];
    const output = path.join(temporaryDirectory(), "report.md");
    const { code, stdout, stderr } = await report(["--base", base, "--head", head, "--output", output]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
    const objects = new Mesh().objects.length;
    expect(fs.readFileSync(output, "utf8")).toBe(
      `Nothing of tracing changes in manifests of ${head} compared with \`${base}\`: ${objects} objects, 15 trace paths, no findings.\n`.replace(
        `of ${head}`,
        `of ${head.replaceAll("_", "\\_")}`,
      ),
    );
  });

  test.each([["a file as a directory"], ["a name that is too long"], ["a link to itself"]])(
    "a place that cannot be: %s",
    async (what) => {
      const [directory, head] = [temporaryDirectory(), manifests()];
      writeAll(directory, { file: "" });
      fs.symlinkSync(path.join(directory, "loop"), path.join(directory, "loop"));
      const names: Record<string, string> = {
        "a file as a directory": path.join(directory, "file", "x"),
        "a link to itself": path.join(directory, "loop"),
      };
      const place = names[what] ?? path.join(directory, "n".repeat(300));
      for (const sides of [
        ["--base", place, "--head", head],
        ["--base", head, "--head", place],
      ]) {
        const { code, stdout, stderr } = await report(sides);
        expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
        expect(stderr).toMatch(/^error: [^\n]+\n( {2}fix: [^\n]+\n)?$/);
      }
    },
  );

  test("a commit of the repository that the manifests are in", async () => {
    const top = temporaryDirectory();
    const file = (mesh: Mesh) => ({ "deploy/all.yaml": documents(mesh.objects) });
    const mesh = new Mesh();
    writeAll(top, file(mesh));
    git(top, "init", "-q", "-b", "main");
    commit(top);
    outage("auth")(mesh);
    writeAll(top, file(mesh));
    const { code, stdout } = await report(["--base", "main", "--head", path.join(top, "deploy")]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/: 1 trace path closes, 1 new error\n\nCompared with `main`\.\n/);
  });
});

describe("what cannot be compared: exit 2 and one message", () => {
  test.each<[string, string[], string]>([
    [
      "no stack",
      ["--base", "."],
      "error: which stack is to be compared?\n  fix: add --stack with one of dev, prod\n",
    ],
    [
      "an unknown commit",
      ["--base", "no-such-branch", "--stack", "dev"],
      "error: no-such-branch is neither a path nor a commit of this repository\n" +
        "  fix: name a directory, or fetch the commit first (with actions/checkout: fetch-depth: 0)\n",
    ],
    [
      "an unknown stack",
      ["--base", ".", "--stack", "nope"],
      'error: there is no stack "nope": Pulumi.nope.yaml is missing\n  fix: choose one of dev, prod, or create the file\n',
    ],
    [
      "no head",
      ["--base", ".", "--head", "./nope"],
      "error: ./nope does not exist\n  fix: name a directory with --head\n",
    ],
    [
      "a stack of manifests",
      ["--base", "./bench", "--head", "./bench", "--stack", "dev"],
      "error: --stack is for checkouts of this project, and both sides are manifests\n  fix: leave it out\n",
    ],
    [
      "a directory without stacks",
      ["--base", ".", "--cwd", "bench"],
      `error: there is no stack file in ${path.join(root, "bench")}\n  fix: name the directory that has one with --cwd\n`,
    ],
    [
      "a directory that is not there",
      ["--base", ".", "--stack", "dev", "-C", "nope"],
      `error: Pulumi.yaml is missing in ${path.join(root, "nope")}\n`,
    ],
    ...["..", "../else", "/etc", "a/../.."].map((directory): [string, string[], string] => [
      `the directory ${directory}`,
      ["--base", ".", "--stack", "dev", "-C", directory],
      "It must be a path below the top of a checkout.",
    ]),
    [
      "a limit out of range",
      ["--base", ".", "--max-length", "70000"],
      "It must be a number from 5000 to 65535.",
    ],
  ])("%s", async (_, parameters, expected) => {
    const { code, stdout, stderr } = await report(parameters);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain("    at ");
  });

  test("a branch that has no commit yet", async () => {
    const directory = manifests();
    git(directory, "init", "-q");
    const { code, stderr } = await report(["--base", "HEAD", "--head", directory]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "error: HEAD has no commit yet: nothing was committed to this branch\n  fix: name a directory, or commit first\n",
    });
  });

  test("a name that is a path and a commit", async () => {
    const directory = repository();
    git(directory, "branch", "policy");
    const { code, stderr } = await report(["--base", "policy", "--stack", "dev"], directory);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "error: policy is a path and a commit\n  fix: write ./policy for the path, or refs/heads/policy for the branch\n",
    });
  });
});

describe("a commit of this project", () => {
  test("is rendered by its own program, and nothing of it is left behind", async () => {
    const directory = repository();
    edit(
      directory,
      "components/networkPolicySpecs.ts",
      "ports: tcpPorts(collectorPorts)",
      "ports: tcpPorts([4317, 4318])",
    );
    const status = git(directory, "status", "--short");
    const before = leftovers();
    const { code, stdout, stderr } = await report(
      ["--base", "HEAD", "--stack", "dev", "--helm", "never"],
      directory,
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(
      /^### ✗ Tracing in stack dev: 7 trace paths close, 7 new errors\n\nCompared with `HEAD`\.\n/,
    );
    expect(stdout.match(/^\| `[a-z]+` \| \*\*✓ → ✗\*\* \| ✓ \| – \|$/gm)).toHaveLength(7);
    expect(stdout).toContain("- protocol: TCP\n  port: 9411\n");
    expect(stdout.match(/linkStyle ([\d,]+) stroke:#d1242f/)?.[1]?.split(",")).toHaveLength(7);
    expect(leftovers()).toEqual(before);
    expect(git(directory, "status", "--short")).toBe(status);
  });

  test("whose stack is broken: the head alone, and why; other packages are told", async () => {
    const directory = repository();
    edit(directory, "Pulumi.dev.yaml", "sampling: 100", "sampling: 120");
    edit(directory, "package-lock.json", '"lockfileVersion": 3', '"lockfileVersion":  3');
    commit(directory);
    edit(directory, "Pulumi.dev.yaml", "sampling: 120", "sampling: 100");
    edit(directory, "package-lock.json", '"lockfileVersion":  3', '"lockfileVersion": 3');
    const { code, stdout } = await report(["--base", "main", "--stack", "dev", "--helm", "never"], directory);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^### ✓ Tracing in stack dev: the base is not known\n/);
    expect(stdout).toContain(
      "package-lock.json differs: main was rendered with the npm packages of this checkout.",
    );
    expect(stdout).toContain("mesh-tracing:tracing.sampling = 120  (Pulumi.dev.yaml:11)\n");
  });

  test("without the stack: all of it is new", async () => {
    const directory = repository();
    fs.copyFileSync(path.join(directory, "Pulumi.dev.yaml"), path.join(directory, "Pulumi.next.yaml"));
    const { code, stdout } = await report(
      ["--base", "main", "--stack", "next", "--helm", "never"],
      directory,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^### ✓ Tracing in stack next: 15 new trace paths, 8 Deployments restart\n/);
    expect(stdout).toContain("Stack next is new: main has no Pulumi.next.yaml.");
    expect(stdout).toContain("<summary>Resources: 34 added</summary>");
  });

  test("with its stack in a directory of its own", async () => {
    const directory = repository();
    const read = (name: string) => fs.readFileSync(path.join(directory, name), "utf8");
    writeAll(directory, {
      "teams/shop/Pulumi.yaml": `${read("Pulumi.yaml")}main: ../..\n`,
      "teams/shop/Pulumi.shop.yaml": read("Pulumi.dev.yaml"),
    });
    const compare = (base: string) =>
      report(
        ["--base", base, "--stack", "shop", "-C", "teams/shop", "--helm", "never", "--exit-zero"],
        directory,
      );
    const added = await compare("HEAD");
    expect(added).toMatchObject({ code: 0, stderr: "" });
    expect(added.stdout).toContain("Stack shop is new: HEAD has no teams/shop/Pulumi.shop.yaml.");

    commit(directory);
    edit(directory, "teams/shop/Pulumi.shop.yaml", "sampling: 100", "sampling: 50");
    const changed = await compare("HEAD");
    expect(changed).toMatchObject({ code: 0, stderr: "" });
    expect(changed.stdout).toContain("Telemetry istio-system/mesh-default");
    expect(changed.stdout).not.toContain("is new");
  });

  test("and Ctrl-C leaves nothing behind", async () => {
    const directory = repository();
    const before = leftovers();
    const command = [
      path.join(directory, "cli", "bundled.cjs"),
      "report",
      "--base",
      "HEAD",
      "--stack",
      "dev",
    ];
    const child = spawn(process.execPath, command, { cwd: directory, stdio: "ignore" });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    while (leftovers().length === before.length && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(leftovers()).toEqual(before);
  });
});

/** Directories of this command. */
function leftovers(): string[] {
  const parent = path.dirname(temporaryDirectory());
  return fs.readdirSync(parent).filter((name) => name.startsWith("mesh-tracing-report-"));
}
