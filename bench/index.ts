/**
 * `npm run bench`: what waiting for this project costs. One part alone: `npm run bench -- loop`, or
 * `npm run bench -- audit 100 1000` with the sizes of the meshes; sizes alone mean the audit.
 */
import { benchAudit } from "./audit";
import { benchDoctor } from "./doctor";
import { benchLoop } from "./loop";
import { print } from "./report";

/** Parts that have sizes: of the audit in namespaces, of the doctor in workloads. */
const defaultSizes = { audit: [100, 1000, 5000], doctor: [10, 100, 1000] } as const;

const parts = ["audit", "doctor", "loop"] as const;
type Part = (typeof parts)[number];

const usage = `npm run bench -- [audit|doctor|loop] [sizes ...]

  audit [namespaces ...]  the audit of meshes of these sizes
                          (default: ${defaultSizes.audit.join(", ")})
  doctor [workloads ...]  the doctor in clusters of these sizes
                          (default: ${defaultSizes.doctor.join(", ")})
  loop                    what a change of a stack waits for
`;

const parameters = process.argv.slice(2);
const named = /^\d/.test(parameters[0] ?? "") ? "audit" : parameters.shift();
const part = parts.find((one) => one === named);
const sizes = parameters.map(Number);
if (named === "--help" || named === "-h") process.stdout.write(usage);
else if (named !== undefined && part === undefined) fail(`there is no part ${named}: ${parts.join(", ")}`);
else if (part === "loop" && sizes.length > 0) fail("the loop has no sizes");
else if (sizes.some((size) => !Number.isInteger(size) || size < 1))
  fail("sizes must be numbers of namespaces or workloads");
else void run(part === undefined ? parts : [part]);

async function run(chosen: readonly Part[]): Promise<void> {
  for (const [index, one] of chosen.entries()) {
    if (index > 0) print("");
    if (one === "loop") await benchLoop();
    else if (one === "audit") benchAudit(sizes.length > 0 ? sizes : defaultSizes.audit);
    else await benchDoctor(sizes.length > 0 ? sizes : defaultSizes.doctor);
  }
}

function fail(text: string): void {
  process.stderr.write(`error: ${text}\n`);
  process.exitCode = 2;
}
