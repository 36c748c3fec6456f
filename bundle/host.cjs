/** Runs a source in one of Pulumi's own hosts, whose SDK is loaded in part by then. */
"use strict";
const load = require("./load.cjs");
const { postponeInHost } = require("./unneeded.cjs");

/** What hosts and bundles must have in common: the SDK knows its engine by what is in its modules. */
const shared = ["@pulumi/pulumi", "@pulumi/policy"];

/**
 * What a source exports.
 * @param {string} entry its path from the project's root
 */
module.exports = async function loadInHost(entry) {
  postponeInHost();
  await stopDebugger();
  return load(entry, shared);
};

/**
 * The hosts start V8's debugger, which must hear of every script that is compiled, for the same turning of functions
 * into code.
 */
async function stopDebugger() {
  try {
    const session = await require("@pulumi/pulumi/runtime/closure/v8Hooks").getSessionAsync();
    session.post("Debugger.disable");
  } catch {
    // Another version of the SDK: it works either way.
  }
}
