/** Rules on a stack's resources: the model is built once a run, whichever policy asks first. */
import { type Finding } from "../../findings/finding";
import { TracingModel } from "../model/tracingModel";
import { type Options } from "../model/options";
import { type Limits, type Rule } from "../rule";
import { chartsOf, handedOutMeshConfig, releasesOf, unrenderedCharts } from "./charts";
import { byCluster } from "./clusters";
import { foldPatches, identityOf } from "./parts";
import { objectOf, type Resource, type ResourceObject } from "./resources";
import { isUnknown } from "./unknowns";

/** A finding and the resource to show it on; without one it is the stack's. */
export interface Violation {
  finding: Finding;
  urn?: string;
}

interface ClusterModel {
  model: TracingModel;
  urns: ReadonlyMap<string, string>;
}

/**
 * Pulumi hands the stack to every policy anew, so that the same stack is known by its content only. One stack is
 * kept, the last one.
 */
export class StackEvaluation {
  private last: { content: string; clusters: ClusterModel[]; charts: Violation[] } | undefined;

  constructor(private readonly options: () => Options) {}

  /** What a rule finds in a stack. */
  violations(rule: Rule, resources: readonly Resource[], limits: Limits): Violation[] {
    const { clusters, charts } = this.modelOf(resources);
    return [
      ...clusters.flatMap(({ model, urns }) =>
        rule.check(model, limits).map((finding) => ({ finding, urn: urns.get(identityOfFinding(finding)) })),
      ),
      ...charts.filter(({ finding }) => finding.rule === rule.name),
    ];
  }

  private modelOf(resources: readonly Resource[]): { clusters: ClusterModel[]; charts: Violation[] } {
    const clusters = objectsByCluster(resources);
    const charts = unrenderedCharts(resources);
    const content = JSON.stringify([clusters, charts]);
    if (this.last?.content !== content) {
      const options = this.options();
      this.last = { content, clusters: clusters.map((objects) => modelOf(objects, options)), charts };
    }
    return this.last;
  }
}

/** What a rule finds in one resource that is about to be made; parts of objects are not judged alone. */
export function violationsOf(
  rule: Rule,
  resource: Pick<Resource, "type" | "urn" | "name" | "props">,
  limits: Limits,
  options: Options,
): Violation[] {
  const found = objectOf(resource);
  if (found === undefined || found.patch) return [];
  const { model } = modelOf([found], options);
  return rule.check(model, limits).map((finding) => ({ finding, urn: resource.urn }));
}

function objectsByCluster(resources: readonly Resource[]): ResourceObject[][] {
  const clusters = byCluster(resources).map((own) => [
    ...foldPatches(own.flatMap((resource) => objectOf(resource) ?? [])),
    ...releasesOf(own),
  ]);
  // A component belongs to no cluster: what it says can only be placed where there is but one.
  const [only] = clusters;
  if (clusters.length === 1 && only !== undefined) {
    only.push(...chartsOf(resources), ...handedOutMeshConfig(resources, only));
  }
  return clusters;
}

function modelOf(objects: readonly ResourceObject[], options: Options): ClusterModel {
  return {
    model: TracingModel.from(
      objects.map(({ object }) => object),
      { ...options, isUnknown },
    ),
    urns: new Map(objects.map(({ object, urn }) => [identityOf(object), urn])),
  };
}

function identityOfFinding({ apiVersion = "", kind, namespace, name }: Finding): string {
  return identityOf({ apiVersion, kind, metadata: { namespace, name } });
}
