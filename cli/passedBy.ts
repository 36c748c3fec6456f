/** Tells on standard error what was read and not checked, so that nobody believes it was. */
import { type Input } from "../input/files/read";

/** How many files of one kind are named. */
const most = 20;

export function tellPassedBy({ skipped, warnings }: Pick<Input, "skipped" | "warnings">): void {
  const byReason = new Map<string, string[]>();
  for (const { file, why } of skipped) byReason.set(why, [...(byReason.get(why) ?? []), file]);
  const lines = [...byReason].flatMap(([why, files]) => [
    `not checked, ${why}:`,
    ...files.slice(0, most).map((file) => `  ${file}`),
    ...(files.length > most ? [`  and ${files.length - most} more`] : []),
  ]);
  const more = warnings.length > most ? [`and ${warnings.length - most} more like these`] : [];
  const shown = [...warnings.slice(0, most), ...more].map((text) => `warning: ${text}`);
  process.stderr.write([...shown, ...lines].map((line) => `${line}\n`).join(""));
}
