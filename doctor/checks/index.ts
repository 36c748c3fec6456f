/** All checks, in the order of a span's way. */
import { type Facts } from "../judge/facts";
import { type Category } from "../result";
import { accessChecks } from "./access";
import { collectorChecks } from "./collector";
import { connectionChecks } from "./connections";
import { istiodChecks, proxyConfigChecks } from "./istiod";
import { policyEngineCheck } from "./policyEngine";
import { probeCheck } from "./probe";
import { rulesCheck } from "./rules";
import { traceChecks } from "./traces";

/** @param isPre whether only what needs no traffic is checked */
export function allChecks(facts: Facts, isPre: boolean): Category[] {
  const before: Category[] = [
    { name: "access", checks: accessChecks(facts) },
    { name: "objects", checks: [rulesCheck(facts), policyEngineCheck(facts)] },
    { name: "istiod", checks: istiodChecks(facts) },
  ];
  if (isPre) return before;
  return [
    ...before,
    { name: "proxies", checks: [...proxyConfigChecks(facts), ...connectionChecks(facts)] },
    { name: "collector", checks: collectorChecks(facts) },
    { name: "traces", checks: [...traceChecks(facts), ...probeCheck(facts)] },
  ];
}
