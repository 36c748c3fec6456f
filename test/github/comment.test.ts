/** What posts to a pull request, with a stand-in for GitHub's command line. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory, writeAll } from "../fixtures/temporary";

const root = path.resolve(__dirname, "..", "..");

/** Answers questions from files and notes what it is told to write. */
const gh = `#!/usr/bin/env bash
case "$*" in
  *"--method GET"*/pulls*) cat "$ANSWERS/pulls" ;;
  *--paginate*) if [[ -f "$ANSWERS/comment-$MARKER" ]]; then cat "$ANSWERS/comment-$MARKER"; fi ;;
  *) for word in "$@"; do case $word in
       PATCH | POST) printf '%s ' "$word" ;;
       repos/*) printf '%s\\n' "$word" ;;
       body=@*) cat "\${word#body=@}" ;;
     esac; done >>"$ANSWERS/written" ;;
esac
`;

function post(
  comments: Record<string, string>,
  answers: Record<string, string>,
  fork = false,
): { code: number | null; stdout: string; written: string } {
  const directory = temporaryDirectory();
  writeAll(directory, { "bin/gh": gh, "answers/written": "" });
  writeAll(path.join(directory, "comments"), comments);
  writeAll(path.join(directory, "answers"), answers);
  fs.chmodSync(path.join(directory, "bin", "gh"), 0o755);
  const script = path.join(root, ".github", "scripts", "comment.sh");
  const { status, stdout, stderr } = spawnSync(script, [path.join(directory, "comments")], {
    encoding: "utf8",
    env: {
      PATH: `${path.join(directory, "bin")}:${process.env["PATH"]}`,
      ANSWERS: path.join(directory, "answers"),
      GITHUB_REPOSITORY: "example/mesh-tracing",
      HEAD_REPOSITORY: fork ? "stranger/mesh-tracing" : "example/mesh-tracing",
      HEAD_OWNER: "stranger",
      HEAD_BRANCH: "change",
      HEAD_SHA: "0123",
      GH_TOKEN: "none",
    },
  });
  expect(stderr).toBe("");
  return {
    code: status,
    stdout,
    written: fs.readFileSync(path.join(directory, "answers", "written"), "utf8"),
  };
}

test("the first run posts", () => {
  expect(post({ "tracing.md": "Nothing of tracing changes.\n" }, { pulls: "7\n" })).toEqual({
    code: 0,
    stdout: "posted tracing in #7\n",
    written:
      "POST repos/example/mesh-tracing/issues/7/comments\n<!-- mesh-tracing:tracing -->\nNothing of tracing changes.\n",
  });
});

test("the next one updates what it finds by its marker, topic by topic", () => {
  const { stdout, written } = post(
    { "tracing.md": "a\n", "preview-dev.md": "b\n" },
    { pulls: "7\n", "comment-<!-- mesh-tracing:tracing -->": "41\n42\n" },
  );
  expect(stdout).toBe("updated tracing in #7\nposted preview-dev in #7\n");
  expect(written).toMatch(/^PATCH repos\/example\/mesh-tracing\/issues\/comments\/41$/m);
});

test("a topic that is none of this project's is not posted", () => {
  const { stdout, written } = post({ "spam.md": "x\n", "preview-other.md": "x\n" }, { pulls: "7\n" });
  expect([stdout, written]).toEqual(["", ""]);
});

test("a fork has no preview to post, and of its report it is said who wrote it; nobody is mentioned", () => {
  const files = { "tracing.md": "Ask @everyone.\n", "preview-dev.md": "may be deployed\n" };
  expect(post(files, { pulls: "7\n" }, true)).toEqual({
    code: 0,
    stdout: "posted tracing in #7\n",
    written:
      "POST repos/example/mesh-tracing/issues/7/comments\n<!-- mesh-tracing:tracing -->\n" +
      "> **Written by the code of a fork's pull request.** It may say anything: read the change and the log of the " +
      "run.\n\nAsk @\u200beveryone.\n",
  });
});

test("a text that is too long for a comment is cut, at a whole character", () => {
  const { written } = post({ "tracing.md": `x${"→".repeat(30_000)}` }, { pulls: "7\n" });
  const text = written.split("\n").at(-1)!;
  expect(text).toMatch(/^x→+$/);
  expect(Buffer.byteLength(text)).toBe(64_999);
});

test("a pull request that has moved on is left alone", () => {
  expect(post({ "tracing.md": "a\n" }, { pulls: "" })).toEqual({
    code: 0,
    stdout: "no open pull request has 0123 any more\n",
    written: "",
  });
});
