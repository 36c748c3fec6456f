/** An example of a rule's finding: the sample mesh is broken and asked, so that a page shows what the rule says today. */
import { asText } from "../../findings/formats/text";
import { checkAll } from "../../policy/checkAll";
import { type Options } from "../../policy/model/options";
import { examples } from "./examples";
import { Mesh, options as meshOptions } from "./sample/mesh";
import { diffOf } from "./yamlDiff";

export interface Example {
  /** What is wrong, in a few words. */
  name: string;
  /** From the healthy objects to the broken ones. */
  diff: string;
  /** The finding as `audit` prints it. */
  finding: string;
  /** What the check was told besides the objects, where the finding depends on it. */
  options: Options;
}

/** @throws Error if the rule has no example, or the rule is not the only one that finds what is broken */
export function exampleOf(rule: string): Example {
  const fault = examples[rule];
  if (fault === undefined) throw new Error(`examples.ts has no example of ${rule}`);
  const [healthy, mesh] = [new Mesh(), new Mesh()];
  fault.before?.(healthy);
  fault.breaks(mesh);
  const options = { ...meshOptions, ...fault.options };
  // What the mesh has before it is broken may have a finding of its own.
  const earlier = new Set(fault.before && checkAll(healthy.objects, options).map(({ message }) => message));
  const findings = checkAll(mesh.objects, options).filter(({ message }) => !earlier.has(message));
  if (findings.length !== 1 || findings[0]?.rule !== rule) {
    throw new Error(`"${fault.name}" is not found by ${rule} alone`);
  }
  const text = asText({ findings, read: "" }, false);
  const isFoundWith = (given: Options): boolean =>
    checkAll(mesh.objects, given).some((finding) => finding.message === findings[0]?.message);
  return {
    name: fault.name,
    diff: diffOf(healthy.objects, mesh.objects),
    // Without the line of the summary.
    finding: text.slice(0, text.lastIndexOf("\n\n")),
    options: [{}, fault.options ?? {}].find(isFoundWith) ?? options,
  };
}
