/**
 * Runs a command of this directory: `node cli/bundled.cjs audit …` is `cli/audit.ts …`, from one file of plain
 * JavaScript (`bundle/load.cjs`).
 *
 * The npm script of the audit gives Node a young generation of 32 MiB a half (`--max-semi-space-size`): an audit makes
 * many small objects that live as long as it does, and copying them about in the default space costs a fifth of its time.
 */
"use strict";
const path = require("node:path");
const load = require("../bundle/load.cjs");

const [name, ...parameters] = process.argv.slice(2);
// The command sees its arguments where they always are.
process.argv.splice(1, process.argv.length - 1, path.join(__dirname, `${name}.ts`), ...parameters);
load(`cli/${name}.ts`);
