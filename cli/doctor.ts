/**
 * `npm run -s doctor`: why spans do not arrive, in a live cluster. It reads, and changes nothing.
 *
 * Exit codes: 0 nothing is broken; 1 something is; 2 it could not run.
 */
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import { asHtml } from "../doctor/formats/html";
import { type Format, formats, print } from "../doctor/formats";
import { rbac } from "../doctor/live/rights";
import { diagnose, type DoctorOptions } from "../doctor/run";
import { type Diagnosis } from "../doctor/result";
import { defaultRootNamespace } from "../mesh/names";
import { placeOf } from "../policy/model/collector";
import { assertFree, exitCodes, runCommand, writeOutput } from "./command";
import { assertNothingKept } from "./commandLine";
import { type DoctorCall, doctorCommand, isBadInput, meshOf } from "./doctorOptions";
import { type ProgressLine, progressLine } from "./progress";

interface Options extends DoctorCall {
  pre?: true;
  wait?: number;
  probe?: string;
  format: Format;
  html?: string;
  printRbac?: true;
}

const command: Command = doctorCommand(
  "npm run -s doctor --",
  "Say why traces are lost or split in a live cluster: every hop of every span, with evidence and cause.",
)
  .addOption(new Option("--pre", "only what needs no traffic: rights, objects, istiod").conflicts("probe"))
  .option("--wait <time>", "repeat until nothing is broken, for as long as this: 90s, 5m", duration)
  .option("--probe <url>", "send one request to this address of a gateway, and follow it", address)
  .addOption(new Option("--format <name>", "how the diagnosis is printed").choices(formats).default("table"))
  .option("--html <file>", "also write one page to attach to an incident")
  .option("--print-rbac", "print the least rights it needs, and do nothing else")
  .addHelpText(
    "after",
    "\nExit codes: 0 nothing is broken, 1 something is, 2 it could not run.\n\n" +
      "Examples:\n" +
      "  npm run -s doctor\n" +
      "  npm run -s doctor -- --stack dev --probe https://shop.example.com/ --html incident.html\n" +
      "  npm run -s doctor -- --namespace auth scan --format short\n" +
      "  npm run -s doctor -- --print-rbac --namespace auth scan | kubectl apply -f -",
  );

void runCommand(async () => {
  const options = command.parse().opts<Options>();
  assertNothingKept(command);
  const mesh = meshOf(options);
  const { rootNamespace = defaultRootNamespace, collector = "" } = mesh;
  if (options.printRbac === true) {
    const place = /^([^/]+)\//.exec(collector)?.[1] ?? placeOf(collector.replace(/:\d+$/, ""))?.namespace;
    const namespaces = options.namespace ?? mesh.traced ?? [];
    const backends = place === undefined ? [] : [place];
    const readsLogs = options.probe !== undefined;
    process.stdout.write(rbac({ namespaces, rootNamespace, backends, readsLogs }));
    return;
  }
  if (options.html !== undefined) assertFree("--html", options.html, { inputs: readBy(options) });
  const progress = progressLine();
  let diagnosis: Diagnosis;
  try {
    diagnosis = await whileBroken(options, mesh, progress);
  } finally {
    progress.stop();
  }
  process.exitCode = diagnosis.success ? exitCodes.ok : exitCodes.findings;
  process.stdout.write(
    print(diagnosis, options.format, {
      color: pc.isColorSupported,
      width: process.stdout.columns || undefined,
    }),
  );
  // What took so long to find out is told in any case.
  if (options.html !== undefined) writeOutput(options.html, asHtml(diagnosis));
}, isBadInput);

/** Seconds between two looks at a mesh that heals. */
const pause = 5_000;

async function whileBroken(
  options: Options,
  mesh: DoctorOptions["mesh"],
  progress: ProgressLine,
): Promise<Diagnosis> {
  const end = Date.now() + (options.wait ?? 0);
  const look = (round: number): Promise<Diagnosis> =>
    diagnose({
      kubeconfig: options.kubeconfig,
      context: options.context,
      mesh,
      namespaces: options.namespace,
      pre: options.pre,
      probe: options.probe,
      progress: (text) => progress.tell(round === 1 ? text : `still broken, look ${round}: ${text}`),
    });
  let diagnosis = await look(1);
  for (let round = 2; !diagnosis.success && Date.now() + pause <= end; round++) {
    await sleep(pause);
    // An API server that is away for a moment is not the end of the waiting.
    diagnosis = await look(round).catch((error: unknown) => {
      if (Date.now() + pause <= end && isBadInput(error)) return diagnosis;
      throw error;
    });
  }
  return diagnosis;
}

function readBy({ kubeconfig, stack, cwd = "." }: Options): string[] {
  return [kubeconfig, stack === undefined ? undefined : path.join(cwd, `Pulumi.${stack}.yaml`)].filter(
    (file) => file !== undefined,
  );
}

function duration(value: string): number {
  const [, number, unit = "s"] = /^(\d+)(s|m|h)?$/.exec(value) ?? [];
  if (number === undefined) throw new InvalidArgumentError("It must be a time such as 90s or 5m.");
  return Number(number) * { s: 1_000, m: 60_000, h: 3_600_000 }[unit as "s" | "m" | "h"];
}

function address(value: string): string {
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return value;
  throw new InvalidArgumentError("It must be an address such as https://shop.example.com/.");
}
