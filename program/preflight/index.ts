/**
 * The check before the first change. Pulumi's Kubernetes provider finds out about an object that is already
 * there, or a namespace that is not, when it comes to it: half of the stack is deployed by then. What the change
 * breaks it does not find out at all. This looks at the cluster beforehand and refuses with the way out.
 */
import * as pulumi from "@pulumi/pulumi";
import { type LiveDeployments } from "../../components/appliedPatch";
import { type StackConfig } from "../../config/stack";
import { Cluster } from "../../input/cluster/cluster";
import { ClusterError } from "../../input/cluster/clusterError";
import { type ClusterAccess } from "../../input/cluster/kubeconfig";
import { runError } from "../runError";
import { adoptedNames } from "./adoption";
import { type ClusterFacts, kindName, readFacts } from "./facts";
import { findings } from "./findings";
import { judge } from "./future";
import { type LiveObject } from "./liveObject";
import { type ObjectId, type Plan, planOf } from "./plan";
import { bullets, describe, refusal } from "./refusal";
import { lookAfter, restored, type Restored, takeClaims } from "./restore";
import { providerSettings } from "./settings";
import { notJudged } from "./unlisted";

/** How long the check may take, in milliseconds. */
const patience = 60_000;

/**
 * Refuses to deploy into a cluster that cannot take the stack, before any resource is registered. Does nothing
 * without a cluster: in the embedded engine, when manifests are only rendered, and where none answers.
 * @returns the Deployments that were read, for what is applied to them
 * @throws pulumi.RunError with every reason and its way out
 */
export async function preflight(config: StackConfig): Promise<LiveDeployments> {
  const none: LiveDeployments = () => undefined;
  if (!pulumi.runtime.hasEngine()) return none;
  const { access, rendersOnly, force } = providerSettings(pulumi.runtime.allConfig(), process.env);
  if (rendersOnly) {
    refuseReleases(config);
    return none;
  }
  if (force !== undefined) throw runError(forced(force));
  const plan = planOf(config);
  const facts = await factsOf(config, plan, access);
  if (facts === undefined) return none;
  const found = findings(config, plan, facts, adoptedNames(process.env));
  const { broken, brokenBefore, awaited } = judge(config, facts);
  const tolerated = broken.filter(({ rule }) => config.cluster.tolerate.includes(rule));
  const text = refusal(
    found,
    broken.filter((finding) => !tolerated.includes(finding)),
    config,
  );
  if (text !== undefined) throw runError(text);
  if (found.letGo.length > 0)
    await pulumi.log.warn(`taking over objects of others:\n${bullets(found.letGo)}`);
  if (tolerated.length > 0) await warn("tolerated, although this change breaks it", tolerated, config);
  if (brokenBefore.length > 0) await warn("broken before this change", brokenBefore, config);
  if (awaited.length > 0) {
    await pulumi.log.warn(
      "nothing is traced until whoever owns istiod merges the output meshValues into the values of its chart: the mesh " +
        "config does not define the provider yet",
    );
  }
  await putBack(plan, restored(plan, facts, found.adopted), access);
  return (namespace, name) =>
    facts.objects.find(
      ({ kind, metadata }) =>
        kind === "Deployment" && metadata.namespace === namespace && metadata.name === name,
    );
}

/** Before anything is registered what the stack's manifests tell; the objects of charts as they come. */
async function putBack(plan: Plan, own: Restored, access: ClusterAccess): Promise<void> {
  // As long as the update takes, and not only as long as the check may.
  const cluster = await Cluster.of(access);
  const isPreview = pulumi.runtime.isDryRun();
  const restore = async ({ claimed, lines }: Restored): Promise<void> => {
    if (lines.length > 0) {
      const forced = isPreview
        ? "\n  (pulumi.com/patchForce belongs to this preview; it is not written to the cluster)"
        : "";
      await pulumi.log.warn(
        `changed by others in this stack's objects, and ${isPreview ? "put back by up" : "put back"}:\n` +
          bullets(lines) +
          forced,
      );
    }
    if (!isPreview) await takeClaims(cluster, claimed);
  };
  try {
    await restore(own);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    throw runError(`what others changed could not be put back\n  - ${error.message}\n  run it again`);
  }
  const read = ({ apiVersion, kind, namespace, name }: ObjectId) =>
    cluster.get(apiVersion, kind, namespace, name) as Promise<LiveObject | undefined>;
  lookAfter(plan, own.claimed, { read, restore }, isPreview);
}

/**
 * What the cluster has; undefined in a preview where none answers. An update is refused then: the provider may reach the
 * cluster all the same, and would change what nobody has looked at.
 */
async function factsOf(
  config: StackConfig,
  plan: Plan,
  access: ClusterAccess,
): Promise<ClusterFacts | undefined> {
  const { unlisted } = config.cluster;
  let cluster: Cluster | undefined;
  try {
    cluster = await Cluster.of(access, { signal: AbortSignal.timeout(patience) });
    const { facts, forbidden } = await readFacts(cluster, plan, config.istio.rootNamespace, unlisted);
    if (forbidden.length > 0) throw runError(notAllowed(forbidden, config));
    if (unlisted.length > 0) {
      await pulumi.log.warn(
        `not judged, because cluster.unlisted names the kinds:\n${bullets(notJudged(unlisted, plan))}`,
      );
    }
    return facts;
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    const isNamed = Object.keys(access).length > 0;
    const isUnanswered = error.problem === "unreachable" && cluster?.hasAnswered === false;
    if (isUnanswered || (error.problem === "unconfigured" && !isNamed)) {
      if (!pulumi.runtime.isDryRun()) throw runError(unreached(error.message));
      await pulumi.log.warn(
        `the cluster was not checked: ${error.message}; pulumi up checks it before it changes anything`,
      );
      return undefined;
    }
    throw runError(unanswered(error, config));
  }
}

function unreached(message: string): string {
  return (
    `the cluster could not be checked; nothing was changed\n  - ${message}\n` +
    "  run it where the cluster can be reached: the check uses the kubeconfig, context and proxy of the provider"
  );
}

function unanswered({ message, about }: ClusterError, config: StackConfig): string {
  return [
    `the cluster could not be checked; nothing was changed\n  - ${message}`,
    "  run it again when the API server answers",
    ...(about === undefined ? [] : doWithout([kindName(about.apiVersion, about.kind)], config)),
  ].join("\n");
}

function notAllowed(kinds: readonly string[], config: StackConfig): string {
  return [
    "the cluster could not be checked, because whoever runs this may not list what the check reads; nothing was changed",
    bullets(kinds),
    "  to allow it, give the account the ClusterRoles mesh-tracing-read and mesh-tracing-judge of docs/backends.md",
    ...doWithout(kinds, config),
  ].join("\n");
}

/** The setting that leaves kinds out. */
function doWithout(kinds: readonly string[], { stack, cluster }: StackConfig): string[] {
  const unlisted = [...new Set([...cluster.unlisted, ...kinds])].join(", ");
  return [
    `  or do without, in Pulumi.${stack}.yaml, under mesh-tracing:cluster; what depends on it is then not checked:`,
    `    unlisted: [${unlisted}]`,
  ];
}

function forced(setting: string): string {
  const unset =
    setting === "kubernetes:enablePatchForce" ? `pulumi config rm ${setting}` : `unset ${setting}`;
  return (
    `${setting} is on, and every update would overwrite fields that others set; nothing was changed\n` +
    `  - ${unset}; MESH_TRACING_ADOPT takes over objects by their names, once`
  );
}

/** A Helm release is real in every mode of the provider, whatever the rest of the stack is only written to. */
function refuseReleases({ certManager }: StackConfig): void {
  if (certManager === undefined) return;
  throw runError(
    "certManager.install is a Helm release, which the Kubernetes provider installs into a cluster even where it " +
      "only renders (renderYamlToDirectory); nothing was changed\n" +
      "  - install cert-manager by other means and remove certManager, or look at npm run render",
  );
}

function warn(title: string, found: Parameters<typeof describe>[0], config: StackConfig): Promise<void> {
  return pulumi.log.warn(`${title}:\n${describe(found, config)}`);
}
