/** May everything be asked that matters? */
import { count, enumerate } from "../../findings/words";
import { type Facts } from "../judge/facts";
import { type Check, checkOf } from "../result";
import { giveRights } from "./advice";

export function accessChecks({ cluster, forbidden, rights, model }: Facts): Check[] {
  return [
    apiAccess(
      cluster,
      forbidden.map(({ what }) => what),
      model.index.all.length,
    ),
    streams(rights),
  ];
}

function apiAccess(cluster: string, forbidden: readonly string[], objects: number): Check {
  const answer = checkOf("api-access");
  const read = `${cluster}: ${count(objects, "object")}`;
  if (forbidden.length === 0) return answer("success", [read]);
  return answer(
    "not checked",
    [read, ...forbidden.map((what) => `${what} may not be read, so what depends on it is not known`)],
    giveRights,
  );
}

function streams({ missing, why }: Facts["rights"]): Check {
  const answer = checkOf("stream-rights");
  if (missing === undefined) {
    return answer("not checked", [`the API server does not say what is allowed: ${why ?? ""}`], giveRights);
  }
  const refused = Object.entries(missing).flatMap(([right, namespaces]) =>
    namespaces.length === 0 ? [] : [`pods/${right} is refused in ${enumerate(namespaces)}`],
  );
  if (refused.length === 0) return answer("success", ["pods/exec and pods/portforward are allowed"]);
  return answer("not checked", refused, giveRights);
}
