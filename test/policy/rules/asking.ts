/** One rule alone, asked about a mesh. */
import { allRules } from "../../../policy/check";
import { TracingModel } from "../../../policy/model/tracingModel";
import { type Options } from "../../../policy/options";
import { type Rule } from "../../../policy/rule";
import { type Manifest, Mesh, options } from "./fixture";

export function ruleNamed(name: string): Rule {
  const rule = allRules.find((candidate) => candidate.name === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule;
}

/** Asks one rule: what it finds, as `level: message` with the lines to paste below. */
export function asker(name: string) {
  const rule = ruleNamed(name);
  return (
    mesh: Mesh | readonly unknown[],
    more: Options = {},
    limits: Record<string, unknown> = {},
  ): string[] => {
    const objects = mesh instanceof Mesh ? mesh.objects : mesh;
    return rule
      .check(TracingModel.from(objects, { ...options, ...more }), limits)
      .map(({ level, message, fix }) => `${level}: ${message}${fix === "" ? "" : `\n${fix}`}`);
  };
}

/** An object of Istio's networking API. */
export function istioObject(kind: string, name: string, spec: unknown, namespace = "istio-system"): Manifest {
  return { apiVersion: "networking.istio.io/v1", kind, metadata: { name, namespace }, spec };
}
