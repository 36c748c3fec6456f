/** Builds the oracles, on demand and outside of the repository, and asks them. */
import * as fs from "node:fs";
import * as path from "node:path";
import { goBuild } from "../build";
import { home } from "../home";
import { findCommand, run } from "../shell";
import { type OracleAnswers, type OracleCluster } from "./translate";

const program = "policy-oracles";

/** The program's path, if it is built. */
export function oracles(): string | undefined {
  return findCommand(program);
}

/** Builds the program from the sources beside this file. */
export function buildOracles(): void {
  const directory = path.join(home.build, program);
  fs.mkdirSync(directory, { recursive: true });
  for (const name of fs.readdirSync(__dirname).filter((file) => /\.(go|mod)$/.test(file))) {
    fs.copyFileSync(path.join(__dirname, name), path.join(directory, name));
  }
  fs.mkdirSync(home.bin, { recursive: true });
  // Sums of the modules are looked up, not committed.
  run(["go", "mod", "tidy"], { cwd: directory });
  goBuild(directory, path.join(home.bin, program), ["."]);
}

/** Answers for clusters, in order. */
export function askOracles(clusters: readonly OracleCluster[]): OracleAnswers[] {
  const input = clusters.map((cluster) => `${JSON.stringify(cluster)}\n`).join("");
  const output = run([oracles() ?? program], { input });
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as OracleAnswers);
}
