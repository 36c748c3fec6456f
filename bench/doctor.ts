/** What the doctor costs a cluster and who waits for it: calls, streams at once, and time. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { benchCluster, type Counted } from "./cluster";
import { isMet, print } from "./report";

/** What must hold, whatever the size; time is a whole run's, with the pause between two samples. */
const most = { workloads: 1000, seconds: 30, streamsAWorkload: 2.1, open: 24, growth: 11 } as const;

const root = path.dirname(__dirname);

interface Measurement extends Counted {
  workloads: number;
  seconds: number;
  /** Without the pause between two samples. */
  busy: number;
}

/** Seconds between two samples of a proxy. */
const pause = 6;

/** @param sizes numbers of workloads, ascending */
export async function benchDoctor(sizes: readonly number[]): Promise<void> {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "mesh-tracing-bench-"));
  try {
    const measurements: Measurement[] = [];
    // The first run ever builds what later ones start from.
    await measure(scratch, 1);
    for (const size of sizes) measurements.push(await measure(scratch, size));
    print(
      `npm run -s doctor, ${os.cpus().length} cores, Node ${process.version}; pods answer within 20 ms\n`,
    );
    print(row("workloads", "API calls", "streams", "at once", "seconds", "but for the pause"));
    for (const { workloads, requests, streams, open, seconds, busy } of measurements)
      print(row(`${workloads}`, `${requests}`, `${streams}`, `${open}`, seconds.toFixed(1), busy.toFixed(1)));
    print("");
    for (const line of verdicts(measurements)) print(line);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

async function measure(scratch: string, workloads: number): Promise<Measurement> {
  const cluster = await benchCluster(workloads);
  const file = path.join(scratch, "kubeconfig");
  fs.writeFileSync(file, cluster.kubeconfig);
  try {
    const start = performance.now();
    await run(["run", "-s", "doctor", "--", "--kubeconfig", file, "--format", "short"]);
    const seconds = (performance.now() - start) / 1000;
    return { workloads, seconds, busy: seconds - pause, ...cluster.counted() };
  } finally {
    cluster.close();
  }
}

function run(parameters: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", parameters, { cwd: root });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => output.push(chunk));
    child.on("error", reject);
    child.on("close", (status) => {
      // A mesh without mistakes, so that what is measured is the search for them.
      if (status === 0) resolve();
      else reject(new Error(`the doctor ended with ${status}\n${Buffer.concat(output).toString()}`));
    });
  });
}

function row(...cells: string[]): string {
  const widths = [9, 9, 7, 7, 7, 17];
  return cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join("  ");
}

function verdicts(measurements: readonly Measurement[]): string[] {
  const lines: string[] = [];
  const large = measurements.find(({ workloads }) => workloads === most.workloads);
  if (large !== undefined) {
    const text = `${most.workloads} workloads within ${most.seconds} s: ${large.seconds.toFixed(1)} s`;
    lines.push(`${text}, ${isMet(large.seconds <= most.seconds)}`);
  }
  const open = Math.max(...measurements.map((each) => each.open));
  lines.push(`no more than ${most.open} streams at once: ${open}, ${isMet(open <= most.open)}`);
  for (const [index, each] of measurements.entries()) {
    const smaller = measurements[index - 1];
    if (smaller === undefined) continue;
    const more = each.workloads - smaller.workloads;
    const streams = (each.streams - smaller.streams) / more;
    lines.push(
      `no more than ${most.streamsAWorkload} streams a workload from ${smaller.workloads} to ${each.workloads}: ${streams.toFixed(2)}, ${isMet(streams <= most.streamsAWorkload)}`,
    );
    const factor = each.workloads / smaller.workloads;
    const growth = each.busy / smaller.busy;
    const allowed = (factor * most.growth) / 10;
    lines.push(
      `${factor.toFixed(0)}x the workloads in no more than ${allowed.toFixed(0)}x the time: ${growth.toFixed(1)}x, ${isMet(growth <= allowed)}`,
    );
  }
  return lines;
}
