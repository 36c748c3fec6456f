/** Where the lab keeps what it builds and what it runs: outside of this repository. */
import * as os from "node:os";
import * as path from "node:path";

/** The lab's directory: LAB_HOME, or one in the user's cache. */
export function labHome(environment: NodeJS.ProcessEnv = process.env): string {
  const { LAB_HOME, XDG_CACHE_HOME } = environment;
  if (LAB_HOME !== undefined && LAB_HOME !== "") return path.resolve(LAB_HOME);
  const cache = XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache");
  return path.join(cache, "mesh-tracing-lab");
}

/** Paths below the lab's directory. */
export const home = {
  root: labHome(),
  /** Programs that were built. Stays after `down`. */
  bin: path.join(labHome(), "bin"),
  /** Modules that programs are built in. Stays. */
  build: path.join(labHome(), "build"),
  /** The SDK that applications load. Stays. */
  sdk: path.join(labHome(), "sdk"),
  /** What one run of the lab makes: certificates, data, logs. `down` removes it. */
  run: path.join(labHome(), "run"),
};

/** A path of the current run. */
export function inRun(...names: string[]): string {
  return path.join(home.run, ...names);
}
