/** A directory for one run of a command, gone when the command ends, however it does. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** What a shell reports of a command that a signal ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface Scratch {
  directory: string;
  /** Aborted when somebody ends the command, so that what it started ends too. */
  signal: AbortSignal;
}

/** Runs an action with a directory of its own. */
export async function withScratch<Result>(action: (scratch: Scratch) => Promise<Result>): Promise<Result> {
  let directory = "";
  const controller = new AbortController();
  // The links in it lead to directories of others: removing follows none.
  const remove = (): void => {
    if (directory !== "") fs.rmSync(directory, { recursive: true, force: true });
  };
  const signals = Object.entries(exitCodes).map(([name, code]) => {
    const listener = (): void => {
      controller.abort();
      remove();
      process.exit(code);
    };
    process.once(name, listener);
    return { name, listener };
  });
  process.once("exit", remove);
  // Only now: a signal that comes between would leave it behind.
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "mesh-tracing-report-"));
  try {
    return await action({ directory, signal: controller.signal });
  } finally {
    remove();
    process.removeListener("exit", remove);
    for (const { name, listener } of signals) process.removeListener(name, listener);
  }
}
