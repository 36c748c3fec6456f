/**
 * Runs a command of this directory: `node cli/bundled.cjs audit …` is `cli/audit.ts …`, from one file of plain
 * JavaScript (`bundle/load.cjs`).
 *
 * The npm script of the audit gives Node a young generation of 32 MiB a half (`--max-semi-space-size`): an audit makes
 * many small objects that live as long as it does, and copying them about in the default space costs a fifth of its time.
 */
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const root = path.dirname(__dirname);
const [name, ...parameters] = process.argv.slice(2);

if (commands().includes(name)) run();
else if (name === undefined || name === "--help" || name === "-h") {
  process.stdout.on("error", ({ code, message }) => {
    if (code === "EPIPE") return;
    process.stderr.write(`error: standard output cannot be written: ${message}\n`);
    process.exitCode = 2;
  });
  process.stdout.write(help());
  process.exitCode = name === undefined ? 2 : 0;
} else {
  process.stderr.write(`error: there is no command ${JSON.stringify(name)}\n\n${help()}`);
  process.exitCode = 2;
}

/** The commands that npm scripts run from here. */
function commands() {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  const names = Object.values(scripts).map((script) => /cli\/bundled\.cjs (\S+)/.exec(script)?.[1]);
  return [...new Set(names)].filter((one) => one !== undefined);
}

function help() {
  const lines = commands().map((one) => `  npm run -s ${one} -- --help\n`);
  return `Usage: node cli/bundled.cjs <command> [options]\n\nCommands, and what each can do:\n${lines.join("")}`;
}

function run() {
  // npm writes this file when it has installed everything.
  const isInstalled = fs.existsSync(path.join(root, "node_modules", ".package-lock.json"));
  // The command sees its arguments where they always are.
  process.argv.splice(1, process.argv.length - 1, path.join(__dirname, `${name}.ts`), ...parameters);
  try {
    require("../bundle/load.cjs")(`cli/${name}.ts`);
  } catch (error) {
    if (isInstalled || error.code !== "MODULE_NOT_FOUND") throw error;
    process.stderr.write(`error: the npm packages are not installed; run npm ci in ${root}\n`);
    process.exitCode = 2;
  }
}
