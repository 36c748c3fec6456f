/** What the doctor may do in a cluster, and the least it needs. */
import type { KubeConfig } from "@kubernetes/client-node";
import { groupOf, type Kind, kinds, listedKinds } from "../../mesh/kinds";
import { sortedSet } from "../../mesh/stableOrder";
import { toYaml } from "../../mesh/yaml";

/** Streams are opened by GET, which new API servers count as a creation, too. */
const streamVerbs = ["get", "create"] as const;

export type StreamResource = "exec" | "portforward";

/** Where streams into pods may be opened. */
export interface StreamRights {
  /** Namespaces in which a right is missing, by right; undefined where nobody could be asked. */
  missing: Readonly<Record<StreamResource, readonly string[]>> | undefined;
  /** Why nobody could be asked. */
  why?: string;
}

/** Asks the API server what it would allow: nothing is stored by that. */
export async function streamRights(
  config: KubeConfig,
  wanted: Readonly<Record<StreamResource, readonly string[]>>,
): Promise<StreamRights> {
  try {
    const { AuthorizationV1Api } = await import("@kubernetes/client-node");
    const api = config.makeApiClient(AuthorizationV1Api);
    const mayAll = async (subresource: StreamResource, namespace?: string): Promise<boolean> => {
      const answers = await Promise.all(
        streamVerbs.map((verb) =>
          api.createSelfSubjectAccessReview({
            body: {
              spec: { resourceAttributes: { verb, resource: kinds.pod.plural, subresource, namespace } },
            },
          }),
        ),
      );
      return answers.every(({ status }) => status?.allowed === true);
    };
    const missingOf = async (resource: StreamResource): Promise<string[]> => {
      const namespaces = sortedSet(wanted[resource]);
      if (namespaces.length === 0 || (await mayAll(resource))) return [];
      const answers = await Promise.all(namespaces.map((namespace) => mayAll(resource, namespace)));
      return namespaces.filter((_, index) => answers[index] === false);
    };
    return { missing: { exec: await missingOf("exec"), portforward: await missingOf("portforward") } };
  } catch (error) {
    return { missing: undefined, why: String((error as Error).message).split("\n")[0] };
  }
}

export interface RbacPlaces {
  /** Namespaces of what sends spans; all if there are none. */
  namespaces: readonly string[];
  rootNamespace: string;
  /** Where the collector and the backend run. */
  backends: readonly string[];
  /** Whether a request is followed into the log of its gateway. */
  readsLogs?: boolean;
}

const account = "mesh-tracing-doctor";

/** The least a ServiceAccount needs for the doctor, as manifests. */
export function rbac({ namespaces, rootNamespace, backends, readsLogs = false }: RbacPlaces): string {
  const ofCluster = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" };
  const asks = { apiGroups: [""], resources: ["pods/exec"], verbs: [...streamVerbs] };
  const forwards = { apiGroups: [""], resources: ["pods/portforward"], verbs: [...streamVerbs] };
  const logs = readsLogs ? [{ apiGroups: [""], resources: ["pods/log"], verbs: ["get"] }] : [];
  const environment = { apiGroups: [""], resources: [kinds.configMap.plural], verbs: ["get"] };
  const meshConfig = { ...environment, verbs: ["get", "list"] };
  const inNamespaces = (purpose: string, places: readonly string[], rules: readonly object[]): object[] =>
    places.flatMap((namespace) => [
      role(`${account}-${purpose}`, namespace, rules),
      binding(`${account}-${purpose}`, rootNamespace, namespace),
    ]);
  const everywhere = namespaces.length === 0;
  const documents = [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account, namespace: rootNamespace } },
    {
      ...ofCluster,
      metadata: { name: account },
      rules: [...readRules(), ...(everywhere ? [asks, environment, ...logs] : [])],
    },
    binding(account, rootNamespace),
    ...inNamespaces("proxies", sortedSet(namespaces), [asks, environment, ...logs]),
    ...inNamespaces("mesh", [rootNamespace], [forwards, meshConfig]),
    ...inNamespaces("backend", sortedSet(backends.filter((one) => one !== rootNamespace)), [
      forwards,
      environment,
    ]),
  ];
  return documents.map((document) => toYaml(document)).join("---\n");
}

function readRules(): object[] {
  const read: readonly Kind[] = [kinds.namespace, ...listedKinds];
  const groups = new Map<string, Set<string>>();
  for (const { apiVersions, plural } of read) {
    for (const apiVersion of apiVersions) {
      const group = groupOf(apiVersion);
      groups.set(group, (groups.get(group) ?? new Set()).add(plural));
    }
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, resources]) => ({
      apiGroups: [group],
      resources: sortedSet(resources),
      verbs: ["get", "list"],
    }));
}

function role(name: string, namespace: string, rules: readonly object[]): object {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name, namespace },
    rules,
  };
}

function binding(name: string, accountNamespace: string, namespace?: string): object {
  const scope = namespace === undefined ? "Cluster" : "";
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: `${scope}RoleBinding`,
    metadata: { name, namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: `${scope}Role`, name },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: accountNamespace }],
  };
}
