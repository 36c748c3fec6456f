/** The ClusterRoles of `docs/backends.md` allow what a stack does; a real API server has confirmed the rest. */
import { loadAll } from "js-yaml";
import { expect, it } from "vitest";
import { renderStack } from "../../engine/render";
import { listedKinds } from "../../mesh/kinds";
import { fences, root } from "./markdown";

interface Role {
  metadata: { name: string };
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

/** `group/resource` of everything that a role lets be done with all the verbs. */
function allowed({ rules }: Role, verbs: readonly string[]): string[] {
  return rules
    .filter((rule) => verbs.every((verb) => rule.verbs.includes(verb)))
    .flatMap(({ apiGroups, resources }) =>
      apiGroups.flatMap((group) => resources.map((name) => `${group}/${name}`)),
    );
}

/** `group/resource` of an object. */
function resourceOf({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  const group = apiVersion.includes("/") ? apiVersion.replace(/\/.*/, "") : "";
  return `${group}/${kind.toLowerCase().replace(/y$/, "ie")}s`;
}

it("one reads and one writes every kind that the stack dev makes", async () => {
  const { rendered } = await renderStack({ directory: root, stack: "dev", helm: "never" });
  const made = new Set(
    rendered.flatMap((item) => (item.type === "manifest" ? resourceOf(item.manifest) : [])),
  );
  // The chart of Jaeger.
  for (const kind of ["/services", "/serviceaccounts", "apps/deployments"]) made.add(kind);
  expect(made).toContain("networking.k8s.io/networkpolicies");
  expect(made).toContain("telemetry.istio.io/telemetries");

  const roles = fences("docs/backends.md", "yaml").flatMap((text) => loadAll(text) as Role[]);
  expect(roles.map(({ metadata }) => metadata.name)).toEqual([
    "mesh-tracing-read",
    "mesh-tracing-judge",
    "mesh-tracing-write",
  ]);
  const [read, judge, write] = roles as [Role, Role, Role];
  expect([...made].filter((name) => !allowed(read, ["get", "list", "watch"]).includes(name))).toEqual([]);
  expect([...made].sort()).toEqual(allowed(write, ["create", "patch", "delete"]).sort());
  const listed = listedKinds.map(
    ({ plural, apiVersions: [best] }) => `${best.replace(/\/?v\d\w*$/, "")}/${plural}`,
  );
  expect(listed.filter((name) => !allowed(judge, ["get", "list"]).includes(name))).toEqual([]);
  // A preview needs no right to change anything.
  expect([...read.rules, ...judge.rules].flatMap(({ verbs }) => verbs)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(create|update|patch|delete|\*)/)]),
  );
});
