/** What the rules say of a change: what is new, what is repaired, what stays. */
import { groupBy } from "../mesh/maps";
import { byObjectThenRule, type Finding } from "../findings/finding";
import { levels } from "../findings/summary";

export interface FindingChanges {
  /** Errors first. */
  new: readonly Finding[];
  /** The same rule on the same object, said of something else. */
  changed: readonly { before: Finding; after: Finding }[];
  fixed: readonly Finding[];
  same: readonly Finding[];
}

/** @param before undefined if nobody knows: then every finding counts as new */
export function compareFindings(
  before: readonly Finding[] | undefined,
  after: readonly Finding[],
): FindingChanges {
  // Not by the fix: its lines follow the order of keys in manifests.
  const old = new Pool(
    before ?? [],
    (finding) => `${subject(finding)}
${finding.message}`,
  );
  const [same, unmatched] = split(after, (finding) => old.take(finding) !== undefined);
  const rest = new Pool(old.left(), subject);
  const changed: { before: Finding; after: Finding }[] = [];
  const fresh = unmatched.filter((finding) => {
    const earlier = rest.take(finding);
    if (earlier !== undefined) changed.push({ before: earlier, after: finding });
    return earlier === undefined;
  });
  return {
    new: sorted(fresh),
    changed: changed.sort((a, b) => byLevel(a.after, b.after)),
    fixed: sorted(rest.left()),
    same: sorted(same),
  };
}

/** Findings to be taken out one by one, each once. */
class Pool {
  private readonly groups: ReadonlyMap<string, Finding[]>;

  constructor(
    findings: readonly Finding[],
    private readonly keyOf: (finding: Finding) => string,
  ) {
    this.groups = groupBy([...findings].sort(byObjectThenRule), keyOf);
  }

  take(like: Finding): Finding | undefined {
    return this.groups.get(this.keyOf(like))?.shift();
  }

  left(): Finding[] {
    return [...this.groups.values()].flat();
  }
}

function subject({ rule, level, apiVersion = "", kind, namespace, name }: Finding): string {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  return [rule, level, group, kind, namespace, name].join("\n");
}

function split(findings: readonly Finding[], test: (finding: Finding) => boolean): [Finding[], Finding[]] {
  const [yes, no]: [Finding[], Finding[]] = [[], []];
  for (const finding of [...findings].sort(byObjectThenRule)) (test(finding) ? yes : no).push(finding);
  return [yes, no];
}

function sorted(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(byLevel);
}

function byLevel(a: Finding, b: Finding): number {
  return levels.indexOf(a.level) - levels.indexOf(b.level) || byObjectThenRule(a, b);
}
