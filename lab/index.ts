/** `npm run lab -- up | trace | doctor | break <fault> | heal | down | status`: a mesh on one machine, all of it real. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { nodeNamespace } from "./addresses";
import { buildMissing } from "./build";
import { breakBy, bringUp, heal, readState, restart } from "./cluster";
import { compare, diagnosed, doctorInWords, inWords, newFindings } from "./compare";
import { kubeconfig } from "./controlPlane";
import { type Fault, faultTable } from "./faults";
import { home, inRun } from "./home";
import { buildLacks, isUp, type Lack, machineLacks, memory, presence, rightsLacks } from "./machine";
import { labNamespaces, nodeCommands } from "./network";
import { removeNamespace } from "./pods/kubelet";
import { buildOracles } from "./oracle/ask";
import { type Delivery } from "./platform";
import { audit, doctor, doctorCall, type Finding } from "./project";
import { type Client, dependencies, gatewayUrl, trace } from "./requests";
import { hasPulumi } from "./pulumi";
import { attempt, environment, LabError, run } from "./shell";
import { treeOf } from "./trace";

const usage = `npm run lab -- <command>

  up [--delivery shared|values]        build what is missing, start the mesh,
                                       deploy the stack
  trace [--client plain|traceparent|b3] [--json]
                                       send a request through the gateway and show its trace
  doctor [--json]                      examine the mesh, with a request of its own
  break <fault> [--json]               break the cluster, show what is lost and
                                       what audit and doctor say
  heal                                 put back what was broken
  down                                 end everything; what was built stays
  status                               what is here, what is missing, what runs
  oracles                              build what test/lab asks about NetworkPolicies
  exec <command> ...                   run a command in the node's network, such as
                                       kubectl

Faults:
${faultTable("")
  .map(({ name }) => `  ${name}`)
  .join("\n")}

Exit codes: 0 done, 1 the trace is not whole or rules and wire disagree, 2 it
cannot run. What is built is kept in LAB_HOME (default: mesh-tracing-lab in the
user's cache).`;

interface Call {
  readonly command: string;
  readonly words: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

/** Commands that are run in the node's network. */
const inside: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  up: async ({ options }) => {
    const state = await bringUp({ delivery: deliveryOf(options.get("delivery")) }, say);
    say(`up in ${state.seconds} s; stack dev by ${state.deployed}, Jaeger's objects: ${state.jaeger}`);
    return 0;
  },
  trace: async ({ options }) => {
    const result = await trace(clientOf(options.get("client")));
    const graph = options.has("json") ? await dependencies().catch(() => []) : [];
    if (options.has("json")) print(JSON.stringify({ ...result, dependencies: graph }, undefined, 2));
    else {
      print(`answer ${result.status || "none"}; ${inWords(result)}`);
      for (const line of treeOf(result.tree, result.clientSpan)) print(`  ${line}`);
      print(`trace.id of the gateway's access log: ${result.logTraceId ?? "none"}`);
    }
    return result.joined ? 0 : 1;
  },
  break: async ({ words: [name], options }) => {
    const fault = faultOf(name);
    const before = audit(kubeconfig());
    await breakBy(fault);
    await restart(45_000).catch((error: unknown) => say(`note: ${(error as Error).message}`));
    const after = audit(kubeconfig());
    const wire = await trace("plain");
    const diagnosis = diagnosed(doctor(kubeconfig(), await gatewayUrl()));
    const comparison = compare(fault, newFindings(before, after), wire, diagnosis);
    if (options.has("json")) print(JSON.stringify(comparison, undefined, 2));
    else {
      print(`${fault.name}: ${fault.says}`);
      print(`  on the wire  ${inWords(wire)}`);
      for (const finding of comparison.audit) print(`  audit        ${lineOf(finding)}`);
      if (comparison.audit.length === 0) print("  audit        says nothing");
      for (const line of doctorInWords(diagnosis)) print(`  doctor       ${line}`);
      for (const line of comparison.disagreements) print(`  DISAGREEMENT ${line}`);
    }
    return comparison.disagreements.length === 0 ? 0 : 1;
  },
  doctor: async ({ options }) => {
    const format = options.has("json") ? "json" : "table";
    const [program = "", ...args] = doctorCall(kubeconfig(), await gatewayUrl(), format);
    return spawnSync(program, args, { stdio: "inherit", env: environment() }).status ?? 2;
  },
  heal: async () => {
    const fault = await heal();
    if (fault === undefined) {
      print("nothing is broken");
      return 0;
    }
    await restart();
    print(`${fault} is put back`);
    return 0;
  },
};

function lineOf({ rule, level, message }: Finding): string {
  return `${level} [${rule}] ${message}`;
}

function faultOf(name: string | undefined): Fault {
  const table = faultTable(readState()?.delivery === "values" ? "istio" : "mesh-tracing");
  const fault = table.find((one) => one.name === name);
  if (fault !== undefined) return fault;
  throw new LabError(`no fault is named "${name ?? ""}"; one of ${table.map((one) => one.name).join(", ")}`);
}

function deliveryOf(text = "shared"): Delivery {
  if (text === "shared" || text === "values") return text;
  throw new LabError(`--delivery is "${text}"; rule: shared or values`);
}

function clientOf(text = "plain"): Client {
  if (text === "plain" || text === "traceparent" || text === "b3") return text;
  throw new LabError(`--client is "${text}"; rule: plain, traceparent or b3`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The rest of the command, in the node's network: the API server and pods are there and nowhere else. */
function enter(args: readonly string[]): number {
  const again = ["node", "--import", require.resolve("tsx"), __filename, ...args];
  return runInNode([process.execPath, ...again.slice(1)]);
}

function runInNode(command: readonly string[]): number {
  const enter = ["nsenter", `--net=/run/netns/${nodeNamespace}`, ...command];
  const env = { ...environment(), LAB_INSIDE: "yes", KUBECONFIG: kubeconfig() };
  return spawnSync(enter[0] ?? "", enter.slice(1), { stdio: "inherit", env }).status ?? 1;
}

function up(args: readonly string[]): number {
  refuse([...machineLacks(), ...buildLacks().lacks]);
  if (isUp()) throw new LabError('the lab is up; "npm run lab -- down" ends it');
  if (presence() === "ended") down();
  buildMissing(say);
  fs.rmSync(home.run, { recursive: true, force: true });
  fs.mkdirSync(home.run, { recursive: true });
  for (const command of nodeCommands()) run(command);
  return enter(args);
}

function refuse(lacks: readonly Lack[]): void {
  if (lacks.length === 0) return;
  throw new LabError(
    `the lab cannot run here:\n${lacks.map(({ what, fix }) => `  ${what}: ${fix}`).join("\n")}`,
  );
}

function down(): number {
  if (presence() !== "none") refuse(rightsLacks());
  for (const name of labNamespaces(attempt(["ip", "netns", "list"]).stdout)) removeNamespace(name);
  fs.rmSync(home.run, { recursive: true, force: true });
  if (fs.existsSync("/etc/netns") && fs.readdirSync("/etc/netns").length === 0) fs.rmdirSync("/etc/netns");
  return 0;
}

function status(): number {
  const lacks = machineLacks();
  const { parts, lacks: tools } = buildLacks();
  print(`mesh lab, kept in ${home.root}`);
  const state = readState();
  if (isUp() && state === undefined) print("  a lab is up that is kept elsewhere, or is not up yet");
  else if (isUp()) {
    const broken = state?.fault === undefined ? "" : `, broken by ${state.fault}`;
    print(
      `  up: ${labNamespaces(run(["ip", "netns", "list"])).length - 1} pods${broken}; delivery ${state?.delivery ?? "?"}, by ${state?.deployed ?? "?"}`,
    );
    print(`  memory: ${memory()} MiB; it was up in ${state?.seconds ?? "?"} s`);
    print(`  kubectl: npm run lab -- exec kubectl get pods -A; logs: ${inRun()}`);
  } else if (presence() === "ended")
    print('  was up; its processes have ended: "npm run lab -- up" starts anew');
  else print("  not up");
  for (const { name, use, ...part } of parts) {
    const from =
      part.from === "go" ? `${part.module} ${part.version}` : part.from === "wheel" ? part.package : "";
    print(`  to build: ${name} (${use}), of ${from}`);
  }
  for (const { what, fix } of [...lacks, ...tools]) print(`  missing: ${what}: ${fix}`);
  print(
    `  the stack is deployed by ${hasPulumi() ? "pulumi up" : "server-side apply: pulumi and its plugins are not on PATH"}`,
  );
  if (lacks.length + tools.length > 0) print("the lab cannot run here");
  else print(parts.length > 0 ? 'ready: "npm run lab -- up" builds what is missing first' : "ready");
  return lacks.length + tools.length > 0 ? 2 : 0;
}

function read(args: readonly string[]): Call {
  const [command = "", ...rest] = args;
  const words: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? "";
    if (!word.startsWith("--")) words.push(word);
    else if (word === "--json") options.set("json", "");
    else options.set(word.slice(2), rest[++index] ?? "");
  }
  const known = new Set(["json", "delivery", "client"]);
  for (const name of options.keys())
    if (!known.has(name)) throw new LabError(`unknown option --${name}\n\n${usage}`);
  return { command, words, options };
}

async function main(args: readonly string[]): Promise<number> {
  const [command = ""] = args;
  if (["", "help", "--help", "-h"].includes(command)) {
    print(usage);
    return command === "" ? 2 : 0;
  }
  if (command === "exec") return needsUp(() => runInNode(args.slice(1)));
  const call = read(args);
  if (command === "status") return status();
  if (command === "oracles") {
    buildOracles();
    return 0;
  }
  if (command === "down") return down();
  const own = Object.hasOwn(inside, command) ? inside[command] : undefined;
  if (own === undefined) throw new LabError(`no command is named "${command}"\n\n${usage}`);
  // Mistakes in the call are told before anything is done.
  if (command === "break") faultOf(call.words[0]);
  if (process.env["LAB_INSIDE"] === "yes") return own(call);
  deliveryOf(call.options.get("delivery"));
  return command === "up" ? up(args) : needsUp(() => enter(args));
}

function needsUp(then: () => number): number {
  if (!isUp()) throw new LabError('the lab is not up; run "npm run lab -- up"');
  refuse(rightsLacks());
  return then();
}

// Whoever reads the output may have had enough of it.
process.stdout.on("error", () => undefined);
main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(
      `${error instanceof LabError ? error.message : `the lab failed: ${String(error)}`}\n`,
    );
    process.exitCode = 2;
  },
);
