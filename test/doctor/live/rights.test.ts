/** The rights that are printed are enough, and no more than what is asked for. */
import type * as http from "node:http";
import { parseAllDocuments } from "yaml";
import { describe, expect, it } from "vitest";
import { rbac } from "../../../doctor/live/rights";
import { diagnose } from "../../../doctor/run";
import { liveMesh } from "../../fixtures/liveMesh";

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}
interface Role {
  kind: string;
  metadata: { name: string; namespace?: string };
  rules?: Rule[];
}

const rolesOf = (text: string): Role[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Role)
    .filter(({ rules }) => rules !== undefined);

/** What a request asks for, as an authorizer sees it. */
function attributesOf(address: string) {
  const { pathname } = new URL(address, "http://server");
  const [, group = "", namespace, resource, name, subresource] =
    /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
      pathname,
    ) ?? [];
  if (resource === undefined) return undefined;
  return {
    group,
    namespace,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    verb: name === undefined ? "list" : "get",
  };
}

const rights = rbac({ namespaces: [], rootNamespace: "istio-system", backends: [], readsLogs: true });
const narrow = rbac({ namespaces: ["auth", "scan"], rootNamespace: "istio-system", backends: ["tracing"] });

/** A mesh whose API server allows what roles say, to a request by GET. */
async function guarded(text: string) {
  const roles = rolesOf(text);
  const refused: string[] = [];
  const used = new Set<string>();
  const isForbidden = (address: string): boolean => {
    const asked = attributesOf(address);
    // Which kinds there are may be asked by everybody.
    if (asked === undefined) return false;
    const allows = roles.some(
      ({ metadata, rules }) =>
        (metadata.namespace === undefined || metadata.namespace === asked.namespace) &&
        rules?.some(
          ({ apiGroups, resources, verbs }) =>
            apiGroups.includes(asked.group) &&
            resources.includes(asked.resource) &&
            verbs.includes(asked.verb),
        ),
    );
    const shown = `${asked.verb} ${asked.resource} in ${asked.namespace ?? "all"}`;
    if (allows) used.add(asked.resource);
    else refused.push(shown);
    return !allows;
  };
  const mesh = await liveMesh({
    forbids: (request: http.IncomingMessage) => isForbidden(request.url ?? ""),
    refuse: ({ kind, pod }) => {
      const [namespace, name] = pod.split("/");
      return isForbidden(`/api/v1/namespaces/${namespace}/pods/${name}/${kind}`) ? 403 : undefined;
    },
  });
  return { ...mesh, refused, used };
}

describe("the rights that are printed", () => {
  it("are enough for a whole run", async () => {
    const { kubeconfig, refused, used } = await guarded(rights);
    const { categories } = await diagnose({ kubeconfig, interval: 0 });
    expect(refused).toEqual([]);
    const unchecked = categories.flatMap(({ checks }) =>
      checks.filter(({ result }) => result === "not checked").map(({ id }) => id),
    );
    expect(unchecked).toEqual(["policy-engine", "sampled-share"]);
    for (const wanted of [
      "pods",
      "pods/exec",
      "pods/portforward",
      "configmaps",
      "networkpolicies",
      "telemetries",
    ])
      expect(used).toContain(wanted);
  });

  it("are enough for some namespaces, and open no stream anywhere else", async () => {
    const { kubeconfig, refused } = await guarded(narrow);
    const { hops } = await diagnose({ kubeconfig, interval: 0, namespaces: ["auth", "scan"] });
    expect(refused).toEqual([]);
    expect(hops.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 4 }, () => "delivering"));
    const streams = rolesOf(narrow).flatMap(({ metadata: { namespace = "all" }, rules = [] }) =>
      rules
        .flatMap(({ resources }) => resources)
        .filter((one) => one.startsWith("pods/"))
        .map((one) => `${namespace} ${one}`),
    );
    expect(streams).toEqual([
      "auth pods/exec",
      "scan pods/exec",
      "istio-system pods/portforward",
      "tracing pods/portforward",
    ]);
  });

  it("read, and write nothing", () => {
    const verbs = (wanted: (resource: string) => boolean): Set<string> =>
      new Set(
        [rights, narrow].flatMap((text) =>
          rolesOf(text).flatMap(({ rules = [] }) =>
            rules.filter(({ resources }) => resources.every(wanted)).flatMap(({ verbs: own }) => own),
          ),
        ),
      );
    expect(verbs((resource) => !resource.includes("/"))).toEqual(new Set(["get", "list"]));
    // A stream is opened by GET, which API servers count as a creation, too.
    expect(verbs((resource) => resource === "pods/exec")).toEqual(new Set(["get", "create"]));
    expect(rights).not.toMatch(/\*|secrets/);
  });
});
