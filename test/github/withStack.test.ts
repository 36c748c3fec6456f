/** What gives one command the secrets of a deployment, with a stand-in for the Pulumi CLI. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory, writeAll } from "../fixtures/temporary";

const script = path.resolve(__dirname, "..", "..", ".github", "scripts", "with-stack.sh");

function withStack(variables: Record<string, string>, ...command: string[]) {
  const home = temporaryDirectory();
  writeAll(home, {
    "bin/pulumi": '#!/usr/bin/env bash\necho "pulumi $*"\ntouch "$PULUMI_HOME/credentials.json"\n',
  });
  fs.chmodSync(path.join(home, "bin", "pulumi"), 0o755);
  const { status, stdout, stderr } = spawnSync(script, ["dev", ...command], {
    encoding: "utf8",
    env: { PATH: `${path.join(home, "bin")}:${process.env["PATH"]}`, HOME: home, TMPDIR: home, ...variables },
  });
  return { code: status, stdout, stderr, left: fs.readdirSync(home).sort() };
}

test("the command has backend, stack and cluster; nothing of them stays", () => {
  const look = 'cat "$KUBECONFIG"; stat -c %a "$KUBECONFIG"; echo "${KUBECONFIG_CONTENT:-none}"; exit 3';
  expect(withStack({ KUBECONFIG_CONTENT: "kind: Config" }, "bash", "-c", look)).toEqual({
    code: 3,
    stdout: "kind: Config\n600\nnone\n",
    stderr: "pulumi login\npulumi stack select dev\n",
    left: [".pulumi", "bin"],
  });
});

test("without a kubeconfig the command takes what the environment has", () => {
  const { stdout } = withStack({ KUBECONFIG: "/theirs" }, "bash", "-c", 'echo "$KUBECONFIG"');
  expect(stdout).toBe("/theirs\n");
});
