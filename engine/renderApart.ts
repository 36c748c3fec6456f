/** Renders a stack of any checkout of this project, with the checkout's own program, in a process of its own. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { type HelmMode } from "./helm";
import { InputError } from "../input/inputError";

/** How long a checkout's program may take, in milliseconds. */
const patience = 5 * 60_000;

/** How much it may print, in characters. */
const printLimit = 256 * 1024 * 1024;

export interface RenderApartOptions {
  /** The checkout, with `node_modules`. */
  directory: string;
  /** Directory of `Pulumi.yaml` and the stack file in the checkout. */
  cwd: string;
  stack: string;
  helm: HelmMode;
  /** Where the manifests are written. */
  out: string;
  /** Ends the process early. */
  signal?: AbortSignal;
  /** Default: 5 minutes and 268 million characters. */
  limits?: { milliseconds: number; characters: number };
}

/** What `npm run render -- --json` says of a rendering. */
export interface RenderedApart {
  resources: { file: string; urn: string; chart?: unknown }[];
  outputs: Record<string, unknown>;
}

/**
 * Runs `cli/render.ts` of a checkout: its manifests are in `out` afterwards.
 * @throws InputError with what the command said, if it did not render, or which limit it exceeded
 */
export async function renderApart(options: RenderApartOptions): Promise<RenderedApart> {
  const { directory, cwd, stack, helm, out, signal } = options;
  const { milliseconds, characters } = options.limits ?? { milliseconds: patience, characters: printLimit };
  const command = path.join("cli", "render.ts");
  if (!fs.existsSync(path.join(directory, command))) {
    throw new InputError(
      `${command} is missing: this is not a checkout of this project that can be rendered`,
    );
  }
  const parameters = ["--stack", stack, "--out", out, "--json", "--helm", helm];
  // Versions of this project that do not know the option have no stacks elsewhere.
  if (cwd !== ".") parameters.push("--cwd", cwd);
  const child = spawn(process.execPath, ["--import", loaderOf(directory), command, ...parameters], {
    cwd: directory,
    env: { ...minimalEnvironment(process.env), NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    // A program that never waits answers no other signal.
    killSignal: "SIGKILL",
  });
  let excess: string | undefined;
  const end = (reason: string): void => {
    excess = reason;
    child.kill("SIGKILL");
  };
  const timer = setTimeout(() => end(`finish within ${milliseconds / 1000} s`), milliseconds);
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
      if (output[stream].length > characters) end(`stop after printing ${characters} characters`);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  }).finally(() => clearTimeout(timer));
  if (excess !== undefined) {
    throw new InputError(`its program was ended because it did not ${excess}`);
  }
  const report = code === 0 || code === 1 ? parsed(output.stdout) : undefined;
  if (report === undefined) throw new InputError(reasonIn(output.stderr, code));
  return report;
}

/** What a checkout's program and Helm need of the environment, and none of the secrets that are in it. */
function minimalEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const needed =
    /^(PATH|PATHEXT|HOME|USERPROFILE|SYSTEMROOT|TMPDIR|TEMP|TMP|LANG|LC_\w+|TZ|APPDATA|LOCALAPPDATA|XDG_\w+_HOME|HELM_(CACHE|CONFIG|DATA|PLUGINS|REPOSITORY)\w*|(HTTPS?|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS)$/i;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => needed.test(name)));
}

/** TypeScript's loader as the checkout has it. */
function loaderOf(directory: string): string {
  try {
    return pathToFileURL(createRequire(path.join(directory, "package.json")).resolve("tsx")).href;
  } catch {
    throw new InputError(`its npm packages are missing\n  fix: run npm ci in ${directory}`);
  }
}

function parsed(text: string): RenderedApart | undefined {
  try {
    const value = JSON.parse(text) as Partial<RenderedApart> | null;
    return Array.isArray(value?.resources)
      ? { resources: value.resources, outputs: value.outputs ?? {} }
      : undefined;
  } catch {
    return undefined;
  }
}

/** What the command said to people; of a crash the error without its stack. */
function reasonIn(stderr: string, code: number | null): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !/^\s+at /.test(line));
  const told = lines.findIndex((line) => line.startsWith("error: "));
  const crash = lines.find((line) => /^\w*(Error|Exception)\b.*: /.test(line));
  if (told !== -1) return lines.slice(told).join("\n").slice("error: ".length);
  return (
    crash ?? lines.at(-1) ?? `the program ended with ${code === null ? "a signal" : `exit code ${code}`}`
  );
}
