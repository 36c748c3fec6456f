/** Says how long work is going, to people who wait for it. */
import ora from "ora";

/** Milliseconds of waiting that need no word. */
const patience = 2000;

/** Milliseconds between two words. */
const pace = 100;

/** Whether somebody watches a terminal of a known width: ora clears lines for ever where the width is 0. */
function isWatched({ isTTY, columns }: NodeJS.WriteStream): boolean {
  return isTTY && columns > 0;
}

export interface ProgressLine {
  /** Tells what is done now; shown once it has taken a while. */
  tell(text: string): void;
  stop(): void;
}

/** A line on a terminal's standard error; nothing where standard error is none, or is one without width. */
export function progressLine(
  stream: NodeJS.WriteStream = process.stderr,
  now = performance.now.bind(performance),
): ProgressLine {
  // Its own handling of Ctrl-C would leave directories of a run behind.
  const spinner = ora({ stream, isSilent: !isWatched(stream), discardStdin: false });
  const start = now();
  let last = start;
  // Waiting for a cluster leaves time for a timer; reading files does not, and tells step by step.
  const timer = setTimeout(() => spinner.start(), patience);
  timer.unref();
  return {
    tell(text) {
      spinner.text = text;
      const time = now();
      if (time - start < patience || time - last < pace) return;
      last = time;
      if (!spinner.isSpinning) spinner.start();
      spinner.render();
    },
    stop() {
      clearTimeout(timer);
      spinner.stop();
    },
  };
}
