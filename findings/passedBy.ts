/** What was read and not checked, so that nobody believes it was. */
import { groupBy } from "../mesh/maps";
import { count } from "./words";
import { visibleLine } from "./visible";

/** A file, or a document of one, that was not checked. */
export interface Skipped {
  file: string;
  /** Where in the file, counted from 1, if it is about one place. */
  line?: number;
  why: string;
  /** Whether it may be a manifest that is not well-formed, or that was not looked at. */
  isBroken?: true;
}

export interface PassedBy {
  skipped: readonly Skipped[];
  /** What could not be read, though it may matter. */
  warnings: readonly string[];
}

/** How many files of one kind, and how many warnings, are named. */
const most = 3;

/** A short block: warnings, then files by why they were not checked, what is broken first. */
export function passedByLines({ skipped, warnings }: PassedBy, isVerbose = false): string[] {
  const limit = isVerbose ? Number.POSITIVE_INFINITY : most;
  const shown = warnings.slice(0, limit).map((text) => `warning: ${visibleLine(text)}`);
  const more = warnings.length - shown.length;
  const files = new Set(skipped.map(({ file }) => file)).size;
  return [
    ...shown,
    ...(more > 0 ? [`warning: ${count(more, "more object")} like these; --verbose names all`] : []),
    ...(skipped.length === 0 ? [] : [`not checked: ${count(files, "file")} in part or entirely`]),
    ...groups(skipped).flatMap(({ why, entries, isBroken }) => {
      // What is no manifest is rarely of interest, and must not push the findings off the screen.
      const shownOf = entries.length <= limit ? entries.length : isBroken ? most : 1;
      const names = entries.slice(0, shownOf).map(visibleLine);
      const left = entries.length - names.length;
      const rest = left > 0 ? [`    and ${left} more; --verbose names all`] : [];
      return [`  ${why}:`, ...names.map((name) => `    ${name}`), ...rest];
    }),
  ];
}

function groups(skipped: readonly Skipped[]): { why: string; entries: string[]; isBroken: boolean }[] {
  const broken = skipped.filter(({ isBroken }) => isBroken);
  const byReason = groupBy(
    skipped.filter(({ isBroken }) => !isBroken),
    ({ why }) => why,
  );
  return [
    ...(broken.length === 0
      ? []
      : [
          {
            why: "cannot be read",
            isBroken: true,
            entries: broken.map(({ file, line, why }) =>
              line === undefined ? `${file} ${why}` : `${file}:${line}: ${why}`,
            ),
          },
        ]),
    ...Array.from(byReason, ([why, group]) => ({
      why,
      entries: group.map(({ file }) => file),
      isBroken: false,
    })),
  ];
}
