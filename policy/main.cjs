/**
 * What Pulumi's policy host runs. The host would compile `index.ts` with ts-node, types and all, at every
 * preview; esbuild bundles the same sources in a tenth of a second, in a process of its own while the policy
 * SDK loads in this one. Nothing compiled is kept, so the pack never runs older rules than the ones it shows.
 */
"use strict";
const Module = require("node:module");
const path = require("node:path");
const esbuild = require("esbuild");

const entry = path.join(__dirname, "index.ts");

module.exports = async function start() {
  const bundling = esbuild.build({
    entryPoints: [entry],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    target: "node20",
    write: false,
    logLevel: "silent",
  });
  require("@pulumi/policy");
  const { outputFiles } = await bundling;
  await esbuild.stop();
  const pack = new Module(entry, module);
  pack.filename = entry;
  pack.paths = module.paths;
  pack._compile(outputFiles[0].text, entry);
};
