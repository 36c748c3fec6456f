/**
 * What people wait for while they change a stack: previews with and without the rules, and the embedded engine. As
 * ratios of runs that take turns, because a machine that is busy is so for all of them.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { isMet, print } from "./report";
import { missing, pulumiCommands, root, workspace } from "./workspace";

/** How often each is run; the fastest is the one least disturbed by other processes. */
const rounds = 5;

interface Run {
  name: string;
  directory: string;
  command: readonly [string, ...string[]];
}

/** What must hold: no more than so many times the other's time. */
const aims = [
  { run: "preview with the pack", than: "preview", atMost: 1.3 },
  { run: "preview with the pack", than: "empty program", atMost: 1.5 },
  { run: "npm start", than: "preview", atMost: 0.35 },
] as const;

/** Prints the times and whether the aims are met; says why where it cannot. */
export async function benchLoop(): Promise<void> {
  const absent = missing(pulumiCommands);
  if (absent.length > 0) {
    print(`the daily loop was not measured: ${absent.join(", ")} not on PATH`);
    return;
  }
  const project = await workspace("dev");
  try {
    const { directory } = project;
    const scratch = path.dirname(directory);
    const output = path.join(scratch, "output");
    // Rendering needs no cluster; what is left of a preview is the loop's own cost.
    await project.stack.setConfig("kubernetes:renderYamlToDirectory", { value: output });
    const env = { ...process.env, ...project.stack.workspace.envVars };
    const preview = ["pulumi", "preview", "--stack", "dev", "--non-interactive"] as const;
    const runs: Run[] = [
      { name: "preview", directory, command: preview },
      { name: "preview with the pack", directory, command: [...preview, "--policy-pack", "policy"] },
      { name: "empty program", directory: emptyProgram(scratch, output, env), command: preview },
      { name: "npm start", directory, command: ["npm", "start"] },
    ];
    report(measured(runs, env));
  } finally {
    project.remove();
  }
}

/** A program that makes nothing but the provider, in TypeScript as Pulumi runs it by default. */
function emptyProgram(scratch: string, output: string, env: NodeJS.ProcessEnv): string {
  const directory = path.join(scratch, "empty");
  fs.mkdirSync(directory);
  fs.symlinkSync(path.join(root, "node_modules"), path.join(directory, "node_modules"));
  const files = {
    "Pulumi.yaml": "name: empty\nruntime: nodejs\n",
    "package.json": JSON.stringify({
      name: "empty",
      main: "index.ts",
      dependencies: { "@pulumi/kubernetes": "*", "@pulumi/pulumi": "*" },
    }),
    // Types are not checked, as little as this project's are at a preview.
    "tsconfig.json": JSON.stringify({ compilerOptions: { module: "nodenext", noCheck: true } }),
    "index.ts": [
      // Not the whole SDK, which alone takes a second.
      'import { Provider } from "@pulumi/kubernetes/provider";',
      `new Provider("kubernetes", { renderYamlToDirectory: ${JSON.stringify(output)} });`,
      "",
    ].join("\n"),
  };
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(directory, name), text);
  execute({ name: "empty program", directory, command: ["pulumi", "stack", "init", "dev"] }, env);
  return directory;
}

/** Seconds of every round, in turns. */
function measured(runs: readonly Run[], env: NodeJS.ProcessEnv): Map<string, number[]> {
  // The first run of each makes what later ones start from.
  for (const run of runs) execute(run, env);
  const seconds = new Map(runs.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const run of runs) {
      const start = performance.now();
      execute(run, env);
      seconds.get(run.name)?.push((performance.now() - start) / 1000);
    }
  }
  return seconds;
}

function execute({ name, directory, command }: Run, env: NodeJS.ProcessEnv): void {
  const [program, ...parameters] = command;
  const { status, stdout, stderr } = spawnSync(program, parameters, {
    cwd: directory,
    encoding: "utf8",
    env,
  });
  if (status !== 0) throw new Error(`${name} ended with ${status}\n${stdout}${stderr}`);
}

function report(seconds: ReadonlyMap<string, readonly number[]>): void {
  const sorted = new Map(Array.from(seconds, ([name, times]) => [name, [...times].sort((a, b) => a - b)]));
  const fastest = (name: string): number => sorted.get(name)?.[0] ?? Number.NaN;
  const median = (name: string): number => sorted.get(name)?.[Math.floor(rounds / 2)] ?? Number.NaN;
  print(`the daily loop on stack dev, rendered, ${rounds} runs each in turns, Node ${process.version}\n`);
  print(`${"".padEnd(22)}fastest   median`);
  for (const name of seconds.keys()) {
    print(
      `${name.padEnd(22)}${fastest(name).toFixed(2).padStart(5)} s  ${median(name).toFixed(2).padStart(5)} s`,
    );
  }
  print("");
  for (const { run, than, atMost } of aims) {
    const ratio = fastest(run) / fastest(than);
    print(
      `${run} within ${atMost}x of ${than}: ${ratio.toFixed(2)}x (medians ${(median(run) / median(than)).toFixed(2)}x), ` +
        isMet(ratio <= atMost),
    );
  }
}
