/** What a preview says in a pull request, with a stand-in for the Pulumi CLI. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory, writeAll } from "../fixtures/temporary";

const script = path.resolve(__dirname, "..", "..", ".github", "scripts", "preview.sh");

function preview(output: string, code: number): { code: number | null; log: string; comment: string } {
  const directory = temporaryDirectory();
  writeAll(directory, {
    output,
    "bin/pulumi": `#!/usr/bin/env bash\ncat "$(dirname "$0")/../output"\nexit ${code}\n`,
  });
  fs.chmodSync(path.join(directory, "bin", "pulumi"), 0o755);
  const file = path.join(directory, "comments", "preview-dev.md");
  const { status, stdout } = spawnSync(script, ["dev", file], {
    encoding: "utf8",
    env: { PATH: `${path.join(directory, "bin")}:${process.env["PATH"]}` },
  });
  return { code: status, log: stdout, comment: fs.readFileSync(file, "utf8") };
}

test("a preview that may be deployed", () => {
  expect(preview("+ kubernetes:core/v1:Service\n", 0)).toEqual({
    code: 0,
    log: "+ kubernetes:core/v1:Service\n",
    comment: [
      "## `pulumi preview` of stack dev: may be deployed",
      "",
      "<details><summary>Changes, findings of the policy pack</summary>",
      "",
      "```diff",
      "+ kubernetes:core/v1:Service",
      "```",
      "",
      "</details>",
      "",
    ].join("\n"),
  });
});

test("a preview that the pack blocks fails and says so", () => {
  const { code, comment } = preview("error: trace-path-open\n", 255);
  expect(code).toBe(255);
  expect(comment).toContain("## `pulumi preview` of stack dev: failed\n");
});

test("nothing in the output ends the fence", () => {
  const { comment } = preview("````\n</details> @everyone\n", 0);
  expect(comment).toContain("\n`````diff\n````\n</details> @everyone\n`````\n");
});

test("of a long output the end is kept, where findings and summary are", () => {
  const { comment, log } = preview(`${"a line of the diff\n".repeat(5_000)}Policies: 1 mandatory\n`, 1);
  expect(log.length).toBeGreaterThan(90_000);
  expect(comment.length).toBeLessThan(61_000);
  const lines = comment.split("\n");
  expect(lines[5]).toBe("(the beginning is in the log of the run; findings and summary are at the end)");
  expect(lines[6]).toBe("a line of the diff");
  expect(lines.at(-5)).toBe("Policies: 1 mandatory");
});
