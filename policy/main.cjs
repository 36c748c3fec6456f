/**
 * What Pulumi's policy host runs. The host would compile `index.ts` with ts-node, types and all, at every
 * preview; here one file of plain JavaScript is made of the sources with esbuild, and kept in
 * `node_modules/.cache` until any of them has another content: the pack never runs older rules than it shows.
 */
"use strict";
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const root = path.dirname(__dirname);
const cache = path.join(root, "node_modules", ".cache", "mesh-tracing", "policy-pack.json");

module.exports = async function start() {
  const code = kept() ?? (await bundled());
  // A name of its own: the lines of a stack trace are the bundle's.
  const file = path.join(__dirname, "index.bundle.js");
  const pack = new Module(file, module);
  pack.filename = file;
  pack.paths = module.paths;
  pack._compile(code, file);
};

/** The bundle of an earlier start, if it was made of what the files hold now. */
function kept() {
  try {
    const { files, digest, code } = JSON.parse(fs.readFileSync(cache, "utf8"));
    return digestOf(files) === digest ? code : undefined;
  } catch {
    return undefined;
  }
}

async function bundled() {
  const esbuild = require("esbuild");
  const bundling = esbuild.build({
    entryPoints: [path.join(__dirname, "index.ts")],
    absWorkingDir: root,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    target: "node20",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  // esbuild works in a process of its own; meanwhile this one loads what the bundle needs.
  require("@pulumi/policy");
  const { metafile, outputFiles } = await bundling;
  await esbuild.stop();
  const [{ text: code }] = outputFiles;
  const files = [...Object.keys(metafile.inputs), path.relative(root, __filename)];
  keep(JSON.stringify({ files, digest: digestOf(files), code }));
  return code;
}

/** Where nothing can be kept, the next start makes it again. */
function keep(content) {
  const draft = `${cache}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(cache), { recursive: true });
    fs.writeFileSync(draft, content);
    // In one step, so that a pack that starts at the same time never reads half a file.
    fs.renameSync(draft, cache);
  } catch {
    // Read-only packages are no reason not to check.
  }
}

function digestOf(files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(fs.readFileSync(path.join(root, file)))
      .update("\0");
  return hash.digest("hex");
}
