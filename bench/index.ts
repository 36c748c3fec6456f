/**
 * `npm run bench`: what waiting for this project costs. One part alone: `npm run bench -- loop`, or
 * `npm run bench -- audit 100 1000` with the sizes of the meshes in namespaces; sizes alone mean the audit.
 */
import { benchAudit } from "./audit";
import { benchLoop } from "./loop";
import { print } from "./report";

const defaultSizes = [100, 1000, 5000];

const parameters = process.argv.slice(2);
const usage = `npm run bench -- [audit|loop] [namespaces ...]

  audit [namespaces ...]  the audit of meshes of these sizes
                          (default: ${defaultSizes.join(", ")})
  loop                    what a change of a stack waits for
`;
const part = /^\d/.test(parameters[0] ?? "") ? "audit" : parameters.shift();
const sizes = parameters.map(Number);
if (part === "--help" || part === "-h") process.stdout.write(usage);
else if (part !== undefined && part !== "audit" && part !== "loop")
  fail(`there is no part ${part}: audit, loop`);
else if (part !== "audit" && sizes.length > 0) fail("only the audit has sizes");
else if (sizes.some((size) => !Number.isInteger(size) || size < 1))
  fail("sizes must be numbers of namespaces");
else void run();

async function run(): Promise<void> {
  if (part !== "loop") benchAudit(sizes.length > 0 ? sizes : defaultSizes);
  if (part === undefined) print("");
  if (part !== "audit") await benchLoop();
}

function fail(text: string): void {
  process.stderr.write(`error: ${text}\n`);
  process.exitCode = 2;
}
