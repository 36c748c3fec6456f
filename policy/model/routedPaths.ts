/** Which path of a route leads where. */
import { type KubeObject } from "./objects";
import { at, type Json, record, records, text } from "./reading";

/** Whether a destination of a route, as its kind spells it, is the one asked about. */
type IsMeant = (destination: Json) => boolean;

/** Whether a path of a VirtualService leads to a destination: the first entry that matches decides. */
export function virtualServiceLeads(route: KubeObject, path: string, isMeant: IsMeant): boolean {
  const spec = record(route["spec"]);
  for (const entry of records(spec["http"])) {
    const matches = records(entry["match"]);
    const found = matches.filter((match) =>
      matchesUri(record(match["uri"]), path, match["ignoreUriCase"] === true),
    );
    if (matches.length > 0 && found.length === 0) continue;
    if (records(entry["route"]).some((item) => isMeant(record(item["destination"])))) return true;
    // A condition on something else than the path leaves the rest to the entries behind.
    const isCertain =
      matches.length === 0 ||
      found.some((match) =>
        Object.keys(match).every((key) => ["uri", "name", "ignoreUriCase"].includes(key)),
      );
    if (isCertain) return false;
  }
  return ["tcp", "tls"].some((protocol) =>
    records(spec[protocol]).some((entry) =>
      records(entry["route"]).some((item) => isMeant(record(item["destination"]))),
    ),
  );
}

/** The same for routes of the Gateway API, where the most specific path decides. */
export function gatewayRouteLeads(route: KubeObject, path: string, isMeant: IsMeant): boolean {
  const rules = records(at(route["spec"], "rules")).flatMap((rule) => {
    const leads = records(rule["backendRefs"]).some(isMeant);
    const paths = records(rule["matches"]).map((match) => record(match["path"]));
    return (paths.length === 0 ? [{}] : paths).map((match: Json) => ({
      leads,
      rank: rankOf(text(match["type"]) ?? "PathPrefix", text(match["value"]) ?? "/", path),
    }));
  });
  return decides(rules);
}

/** The same for Ingresses. */
export function ingressLeads(route: KubeObject, path: string, isMeant: IsMeant): boolean {
  const spec = record(route["spec"]);
  const rules = records(spec["rules"])
    .flatMap((rule) => records(at(rule, "http", "paths")))
    .map((entry) => ({
      leads: isMeant(record(at(entry, "backend", "service"))),
      rank: rankOf(text(entry["pathType"]) ?? "Prefix", text(entry["path"]) ?? "/", path),
    }));
  const fallback = { leads: isMeant(record(at(spec, "defaultBackend", "service"))), rank: 0 };
  return decides([...rules, fallback]);
}

function decides(rules: readonly { leads: boolean; rank: number }[]): boolean {
  const best = Math.max(...rules.map(({ rank }) => rank));
  return best >= 0 && rules.some(({ rank, leads }) => rank === best && leads);
}

/** How specifically a path is matched; -1 if it is not. */
function rankOf(type: string, value: string, path: string): number {
  if (type === "Exact") return value === path ? Infinity : -1;
  if (type === "RegularExpression") return isWhole(value, path) ? value.length : -1;
  return path.startsWith(value) ? value.length : -1;
}

function matchesUri(uri: Json, path: string, ignoreCase: boolean): boolean {
  const fold = (value: string): string => (ignoreCase ? value.toLowerCase() : value);
  const [exact, prefix, regex] = [text(uri["exact"]), text(uri["prefix"]), text(uri["regex"])];
  if (exact !== undefined) return fold(exact) === fold(path);
  if (prefix !== undefined) return fold(path).startsWith(fold(prefix));
  return regex === undefined || isWhole(regex, path);
}

/** Whether a regular expression in RE2's words is a whole path; one that cannot be read is none. */
function isWhole(source: string, path: string): boolean {
  const flags = source.startsWith("(?i)") ? "i" : "";
  try {
    return new RegExp(`^(?:${source.slice(flags === "" ? 0 : 4)})$`, flags).test(path);
  } catch {
    return false;
  }
}
