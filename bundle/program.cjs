/** What Pulumi starts, by `main` of `package.json`: `index.ts`. */
"use strict";
const loadInHost = require("./host.cjs");

module.exports = async () => {
  const program = await loadInHost("index.ts");
  return program();
};
