/** Runs the commands of this project as people do, each in a process of its own. */
import { spawn } from "node:child_process";
import * as path from "node:path";

export const root = path.resolve(__dirname, "..", "..");

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The command behind `npm run -s audit`. */
export function audit(parameters: readonly string[], input = ""): Promise<Outcome> {
  return run(process.execPath, [path.join(root, "cli", "bundled.cjs"), "audit", ...parameters], input);
}

export function run(
  command: string,
  parameters: readonly string[],
  input = "",
  cwd = root,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output }));
    child.stdin.end(input);
  });
}
