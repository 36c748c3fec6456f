/**
 * Which files an Application takes of a directory of plain manifests.
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/directory/
 */
import { type Json, text } from "../../policy/model/reading";

/** Whether a file is taken, by its path below the directory. */
export type Choice = (inside: string) => boolean;

/** Longest pattern that is run: it is others', and stars multiply what matching costs. */
const longest = 200;
const mostStars = 3;

/** Undefined where a pattern says more than is read here. */
export function choiceOf({ recurse, include, exclude }: Json): Choice | undefined {
  const [included, excluded] = [include, exclude].map((pattern) => patternOf(text(pattern)));
  if (included === undefined || excluded === undefined) return undefined;
  return (inside) =>
    (recurse === true || !inside.includes("/")) &&
    (included === "none" || included.test(inside)) &&
    (excluded === "none" || !excluded.test(inside));
}

/** `*.yaml` and `{a.yaml,b/*.yaml}`: a star stands for slashes, too. */
function patternOf(pattern: string | undefined): RegExp | "none" | undefined {
  if (pattern === undefined || pattern === "") return "none";
  const stars = pattern.match(/\*+/g)?.length ?? 0;
  if (
    pattern.length > longest ||
    stars > mostStars ||
    !/^[^[\]\\!{}]*(\{[^[\]\\!{}]*\}[^[\]\\!{}]*)*$/.test(pattern)
  )
    return undefined;
  let isInside = false;
  const source = pattern.replace(/\*+|[^*]/g, (part) => {
    if (part.startsWith("*")) return "[^]*";
    if (part === "?") return "[^]";
    if (part === "{" || part === "}") {
      isInside = part === "{";
      return isInside ? "(?:" : ")";
    }
    if (part === ",") return isInside ? "|" : ",";
    return /[\w\s-]/.test(part) ? part : part.replace(/[.+^$()|/]/, "\\$&");
  });
  return new RegExp(`^(?:${source})$`, "u");
}
