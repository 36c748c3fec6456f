/**
 * What Pulumi's SDK loads for turning functions into code that runs in a cloud: the TypeScript compiler and npm's
 * resolver of dependencies, together more than half of the time it takes to load the SDK. Nothing here does that. They
 * are loaded when something is asked of them, so that the SDK stays whole.
 */
"use strict";
const Module = require("node:module");

const unneeded = ["typescript", "@npmcli/arborist"];

/** Stands for a package until something is asked of it. */
function postponed(name) {
  const load = () => {
    const require = requireOfSdk();
    const file = require.resolve(name);
    if (require.cache[file]?.exports === standIn) delete require.cache[file];
    return require(file);
  };
  // An ECMAScript module as far as `import * as` asks, which would copy anything else.
  const standIn = new Proxy({}, { get: (_, key) => (key === "__esModule" ? true : load()[key]) });
  return standIn;
}

/** Postpones them for the SDK that Pulumi's hosts use; to be called before the whole of it is loaded. */
function postponeInHost() {
  const require = requireOfSdk();
  for (const name of unneeded) {
    try {
      const file = require.resolve(name);
      require.cache[file] ??= Object.assign(new Module(file), { loaded: true, exports: postponed(name) });
    } catch {
      // Not installed, so that the SDK cannot load it either.
    }
  }
}

/** Resolves as the SDK does. */
function requireOfSdk() {
  return Module.createRequire(require.resolve("@pulumi/pulumi"));
}

module.exports = { postponed, postponeInHost, unneeded };
