/** What the audit of a mesh costs, measured from outside, start-up and parsing included. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { objectsPerNamespace, writeMesh } from "./mesh";
import { isMet, print } from "./report";

/** What must hold: a mesh of a thousand namespaces in a second, and ten times the mesh in eleven times the time. */
const most = { namespaces: 1000, seconds: 1, growth: 11 };

/** Each size is measured so often; the fastest run is the one least disturbed by other processes. */
const runs = 5;

interface Measurement {
  namespaces: number;
  objects: number;
  seconds: number;
  megabytes: number;
}

const root = path.dirname(__dirname);

/** @param sizes numbers of namespaces, ascending */
export function benchAudit(sizes: readonly number[]): void {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "mesh-tracing-bench-"));
  try {
    // The first run ever builds what later ones start from.
    measure(write(scratch, 1), 1);
    const measurements = sizes.map((namespaces) => measure(write(scratch, namespaces), runs));
    const { length } = os.cpus();
    print(
      `npm run -s audit -- DIRECTORY, fastest of ${runs} runs on ${length} cores, Node ${process.version}`,
    );
    print(`each namespace has ${objectsPerNamespace} objects beside itself: five policies and a workload\n`);
    print(row("namespaces", "objects", "seconds", "peak MB", "µs an object", "growth"));
    for (const [index, each] of measurements.entries()) print(rowOf(each, measurements[index - 1]));
    print("");
    for (const line of verdicts(measurements)) print(line);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

function write(
  scratch: string,
  namespaces: number,
): { directory: string; namespaces: number; objects: number } {
  const directory = path.join(scratch, String(namespaces));
  fs.mkdirSync(directory);
  return { directory, namespaces, objects: writeMesh(directory, namespaces) };
}

function measure({ directory, namespaces, objects }: ReturnType<typeof write>, times: number): Measurement {
  let seconds = Number.POSITIVE_INFINITY;
  let megabytes = 0;
  for (let run = 0; run < times; run++) {
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync("npm", ["run", "-s", "audit", "--", directory], {
      cwd: root,
      encoding: "utf8",
      env: {
        ...process.env,
        NODE_OPTIONS: `--require ${path.join(__dirname, "peakMemory.cjs")}`,
        PEAK_MEMORY: directory,
      },
    });
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
    // A mesh without mistakes, so that what is measured is the search for them and not their text.
    if (status !== 0) throw new Error(`the audit ended with ${status}\n${stdout}${stderr}`);
    megabytes = Math.max(megabytes, Number(fs.readFileSync(`${directory}.peak`, "utf8")));
  }
  return { namespaces, objects, seconds, megabytes };
}

function rowOf({ namespaces, objects, seconds, megabytes }: Measurement, smaller?: Measurement): string {
  const each = (seconds * 1e6) / objects;
  const growth =
    smaller === undefined
      ? ""
      : `${(seconds / smaller.seconds).toFixed(1)}x time, ${(objects / smaller.objects).toFixed(1)}x objects`;
  return row(
    `${namespaces}`,
    `${objects}`,
    seconds.toFixed(2),
    megabytes.toFixed(0),
    each.toFixed(0),
    growth,
  );
}

function row(...cells: string[]): string {
  const widths = [10, 8, 8, 8, 12];
  return cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join("  ");
}

function verdicts(measurements: readonly Measurement[]): string[] {
  const lines: string[] = [];
  const large = measurements.find(({ namespaces }) => namespaces === most.namespaces);
  if (large !== undefined) {
    const text = `${most.namespaces} namespaces within ${most.seconds} s: ${large.seconds.toFixed(2)} s`;
    lines.push(`${text}, ${isMet(large.seconds <= most.seconds)}`);
  }
  for (const [index, { namespaces, seconds }] of measurements.entries()) {
    const smaller = measurements[index - 1];
    if (smaller === undefined) continue;
    const factor = namespaces / smaller.namespaces;
    const allowed = (factor * most.growth) / 10;
    const growth = seconds / smaller.seconds;
    lines.push(
      `${smaller.namespaces} to ${namespaces} namespaces within ${allowed.toFixed(1)}x the time: ` +
        `${growth.toFixed(1)}x, ${isMet(growth <= allowed)}`,
    );
  }
  return lines;
}
