/**
 * The check before the first change. Pulumi's Kubernetes provider finds out about an object that is already
 * there, or a namespace that is not, when it comes to it: half of the stack is deployed by then. This looks at
 * the cluster beforehand and refuses with the way out.
 */
import * as pulumi from "@pulumi/pulumi";
import { type LiveDeployments } from "../../components/appliedPatch";
import { type StackConfig } from "../../config/stack";
import { runError } from "../runError";
import { readCluster, Unreachable } from "./cluster";
import { type Findings, findings, questions } from "./findings";
import { planOf } from "./plan";

/** The provider's setting that allows taking over what others manage; the adoption step turns it on. */
const adoptKey = "kubernetes:enablePatchForce";

/**
 * Refuses to deploy into a cluster that cannot take the stack, before any resource is registered. Does nothing
 * without a cluster: in the embedded engine, when manifests are only rendered, and where none answers.
 * @returns the Deployments that were read, for what is applied to them
 * @throws pulumi.RunError with every reason and its way out
 */
export async function preflight(config: StackConfig): Promise<LiveDeployments> {
  const none: LiveDeployments = () => undefined;
  const provider = new pulumi.Config("kubernetes");
  if (!pulumi.runtime.hasEngine()) return none;
  const rendersOnly =
    provider.get("renderYamlToDirectory") !== undefined ||
    process.env["PULUMI_K8S_RENDER_YAML_TO_DIRECTORY"] !== undefined;
  if (rendersOnly) {
    refuseReleases(config);
    return none;
  }
  const plan = planOf(config);
  try {
    const facts = await readCluster(
      { kubeconfig: provider.get("kubeconfig"), context: provider.get("context") },
      questions(plan),
      config.istio.rootNamespace,
    );
    if (facts.unreadable.length > 0) {
      await pulumi.log.warn(
        `not allowed to list ${facts.unreadable.join(", ")}: not checked for objects of others`,
      );
    }
    const adopting = provider.getBoolean("enablePatchForce") ?? false;
    await report(findings(config, plan, facts, adopting), adopting);
    return (namespace, name) =>
      facts.objects.find(
        ({ kind, metadata }) =>
          kind === "Deployment" && metadata.namespace === namespace && metadata.name === name,
      );
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    await pulumi.log.debug(`the cluster was not checked: ${error.message}`);
    return none;
  }
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

async function report({ blockers, foreign, letGo }: Findings, adopting: boolean): Promise<void> {
  const text = refusal({ blockers, foreign, letGo }, adopting);
  if (text !== undefined) throw runError(text);
  if (letGo.length > 0) {
    await pulumi.log.warn(`taking over objects of others, because ${adoptKey} is on:\n${bullets(letGo)}`);
  }
}

/** Why the stack cannot be deployed, with the way out; undefined if it can. */
export function refusal({ blockers, foreign }: Findings, adopting: boolean): string | undefined {
  const parts: string[] = [];
  if (blockers.length > 0) {
    parts.push(`the cluster cannot take this stack; nothing was changed\n${bullets(blockers)}`);
  }
  if (foreign.length > 0 && !adopting) {
    parts.push(
      `the cluster has objects that others manage under this stack's names; nothing was changed\n${bullets(foreign)}\n` +
        "  to take them over:\n" +
        `    pulumi config set ${adoptKey} true && pulumi up && pulumi config rm ${adoptKey}\n` +
        "  the preview of that step replaces nothing and names what the other tool must let go of; to keep them,\n" +
        "  give this stack other names or namespaces",
    );
  }
  return parts.length === 0 ? undefined : parts.join("\n");
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `  - ${line}`).join("\n");
}
