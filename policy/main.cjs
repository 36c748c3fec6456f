/** What Pulumi's policy host starts, by `main` of this directory's `package.json`: `index.ts`. */
"use strict";
const loadInHost = require("../bundle/host.cjs");

module.exports = () => loadInHost("policy/index.ts");
