/** What the rules about SDK environments share: each mistake once, on the object that sets the variable. */
import { groupBy } from "../mesh/maps";
import { snippet } from "../findings/snippet";
import { sdkVariables } from "../mesh/sdkSettings";
import { type Environment, type Variable } from "./model/environment";
import { type KubeObject } from "./model/objects";
import { type Traced } from "./model/traced";
import { type TracingModel } from "./model/tracingModel";
import { describeWorkload } from "./model/workloads";
import { type Problem } from "./rule";

export interface SdkContainer {
  traced: Traced;
  environment: Environment;
}

/** A mistake in what a container is told. */
export interface Mistake extends Omit<Problem, "object"> {
  /** The object that sets the variable. */
  source: KubeObject;
}

/** Every container with an SDK, of pods in the mesh or of all that send spans. */
export function* sdkContainers(
  model: TracingModel,
  senders: readonly Traced[] = model.traced,
): Iterable<SdkContainer> {
  for (const traced of senders) {
    for (const environment of model.environmentsOf(traced.workload)) yield { traced, environment };
  }
}

/**
 * Judges every container, and reports a mistake that many containers take from one object once.
 * @param judge the mistakes of one container
 * @param senders whose containers are judged
 */
export function problemsOf(
  model: TracingModel,
  judge: (container: SdkContainer) => Iterable<Mistake>,
  senders: readonly Traced[] = model.traced,
): Problem[] {
  const found: { mistake: Mistake; container: SdkContainer }[] = [];
  for (const container of sdkContainers(model, senders))
    for (const mistake of judge(container)) found.push({ mistake, container });
  const bySource = groupBy(found, ({ mistake }) => mistake.source);
  return [...bySource].flatMap(([source, own]) =>
    [...groupBy(own, ({ mistake }) => mistake.says).values()].map(([{ mistake, container }, ...others]) => ({
      object: source,
      says: `${whose(source, container, others.length)} ${mistake.says}`,
      fix: mistake.fix,
      ...(mistake.level === undefined ? {} : { level: mistake.level }),
    })),
  );
}

/** `container app` of the object itself, or who takes the variable from it. */
function whose(source: KubeObject, { traced, environment }: SdkContainer, others: number): string {
  if (traced.workload.object === source) return `container ${environment.container}`;
  const more = others > 0 ? ` and ${others} more` : "";
  return `(read by container ${environment.container} of ${describeWorkload(traced.workload)}${more})`;
}

/** The line to write where a variable comes from: a map, a container, a flag or a field of an Instrumentation. */
export function settingFix(
  { kind }: KubeObject,
  name: string,
  value: string,
  flag?: Variable["flag"],
): string {
  if (flag !== undefined) {
    const where = flag.from === undefined ? "in the container's command" : `in ${flag.from}`;
    return `# ${where}\n${flag.flag}=${value}`;
  }
  if (kind === "ConfigMap") return snippet("in data of the ConfigMap", { [name]: value });
  if (kind !== "Instrumentation") return snippet("in env of the container", [{ name, value }]);
  return snippet("in spec of the Instrumentation", fieldsFor(name, value));
}

/** What an Instrumentation has a field for; everything else is a variable there too. */
function fieldsFor(name: string, value: string): object {
  switch (name) {
    case sdkVariables.endpoint:
      return { exporter: { endpoint: value } };
    case sdkVariables.propagators:
      return { propagators: value.split(",") };
    case sdkVariables.sampler:
      return { sampler: { type: value } };
    case sdkVariables.samplerArgument:
      return { sampler: { argument: value } };
    default:
      return { env: [{ name, value }] };
  }
}

/** A setting as it is written: `OTEL_TRACES_SAMPLER=always_on`, or the flag that stands for it. */
export function written(name: string, { value, flag }: Pick<Variable, "value" | "flag">): string {
  return `${flag?.flag ?? name}=${value}`;
}
