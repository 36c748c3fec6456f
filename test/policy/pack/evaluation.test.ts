import { afterEach, describe, expect, it, vi } from "vitest";
import { allRules } from "../../../policy/rules";
import { TracingModel } from "../../../policy/model/tracingModel";
import { StackEvaluation, violationsOf } from "../../../policy/pack/evaluation";
import { type Resource } from "../../../policy/pack/resources";
import { type Rule } from "../../../policy/rule";
import { Mesh, meshConfig } from "../../../docs/generate/sample/mesh";
import { outage, provider, resource, resourceOf, stackOf, unknown } from "./stack";

function rule(name: string): Rule {
  const found = allRules.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no rule ${name}`);
  return found;
}

function evaluate(resources: readonly Resource[], evaluation = new StackEvaluation(() => ({}))) {
  return allRules.flatMap((candidate) => evaluation.violations(candidate, resources, {}));
}

/** Rule and resource of every violation. */
function brief(resources: readonly Resource[]): (readonly [string, string | undefined])[] {
  return evaluate(resources).map(({ finding, urn }) => [finding.rule, urn] as const);
}

function urnOf(mesh: Mesh, ref: string): string {
  return resourceOf(mesh.get(ref)).urn;
}

describe("a stack", () => {
  afterEach(() => vi.restoreAllMocks());

  it("that is healthy has no violation", () => {
    expect(evaluate(stackOf())).toEqual([]);
  });

  it("with the outage has one, on the policy, with the line to add", () => {
    const mesh = outage();
    expect(evaluate(stackOf(mesh))).toEqual([
      {
        urn: urnOf(mesh, "NetworkPolicy auth/allow-jaeger-egress"),
        finding: expect.objectContaining({
          rule: "trace-path-open",
          level: "error",
          fix: "# add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress\n- protocol: TCP\n  port: 9411",
        }) as unknown,
      },
    ]);
  });

  it("is read once for all rules, and again when any value in it has changed", () => {
    const read = vi.spyOn(TracingModel, "from");
    const evaluation = new StackEvaluation(() => ({}));
    expect(evaluate(stackOf(), evaluation)).toHaveLength(0);
    expect(evaluate(stackOf(), evaluation)).toHaveLength(0);
    expect(read).toHaveBeenCalledTimes(1);
    expect(evaluate(stackOf(outage()), evaluation)).toHaveLength(1);
    expect(evaluate(stackOf(), evaluation)).toHaveLength(0);
    expect(read).toHaveBeenCalledTimes(3);
  });

  it("has what its configuration says, and its rules' limits", () => {
    const one = new StackEvaluation(() => ({ minSampling: 100 }));
    const mesh = new Mesh().set(
      "Telemetry istio-system/mesh-default",
      "spec tracing 0 randomSamplingPercentage",
      10,
    );
    const sampling = rule("telemetry-sampling");
    expect(one.violations(sampling, stackOf(mesh), {})).toHaveLength(1);
    const other = new StackEvaluation(() => ({}));
    expect(other.violations(sampling, stackOf(mesh), {})).toHaveLength(0);
    expect(other.violations(sampling, stackOf(mesh), { minSampling: 50 })).toHaveLength(1);
  });

  it("of two clusters is two meshes", () => {
    const east = provider("east", { context: "east" });
    const west = provider("west", { context: "west" });
    const both = [east, west].flatMap((cluster) =>
      new Mesh().objects.map((object) => ({
        ...resourceOf(object, { provider: cluster }),
        urn: `${cluster.name} ${object.kind} ${object.metadata.name}`,
      })),
    );
    expect(evaluate(both)).toEqual([]);
    expect(evaluate(both.map((item) => ({ ...item, provider: east })))).not.toEqual([]);
  });

  it("finds the resource of a part that is broken", () => {
    const mesh = new Mesh();
    const part = resource("kubernetes:core/v1:ServicePatch", "patch", {
      metadata: { name: "jaeger-collector-clusterip", namespace: "istio-system" },
      spec: { selector: { "app.kubernetes.io/name": "jeager" } },
    });
    const urns = new Set(brief([...stackOf(mesh), part]).map(([, urn]) => urn));
    expect([...urns]).toContain(urnOf(mesh, "Service istio-system/jaeger-collector-clusterip"));
  });

  it("has no resource for an object that is missing", () => {
    const mesh = new Mesh().remove("Service istio-system/jaeger-collector-clusterip");
    expect(brief(stackOf(mesh))).toContainEqual(["collector-service", undefined]);
  });

  it("says what is not known instead of failing on it", () => {
    const mesh = new Mesh().set(
      "NetworkPolicy auth/allow-jaeger-egress",
      "spec egress 0 ports 2 port",
      unknown,
    );
    const known = evaluate(stackOf(mesh)).filter(({ finding }) => finding.rule === "known-inputs");
    expect(known).toEqual([
      {
        urn: urnOf(mesh, "NetworkPolicy auth/allow-jaeger-egress"),
        finding: expect.objectContaining({
          level: "error",
          message:
            "NetworkPolicy auth/allow-jaeger-egress has values that are not known yet (spec.egress[0].ports[2].port), so they cannot be checked; use literal values",
        }) as unknown,
      },
    ]);
  });

  it("says that a chart of tracing has nothing to judge", () => {
    const stack = [...stackOf(), resource("kubernetes:helm.sh/v4:Chart", "jaeger", {})];
    expect(brief(stack)).toEqual([["known-inputs", stack.at(-1)?.urn]]);
  });
});

describe("what a component says", () => {
  const withoutConfig = () => new Mesh().remove("ConfigMap istio-system/istio");
  const handedOut = resource("mesh-tracing:mesh:MeshTracing", "mesh", { meshConfig: meshConfig() });
  const provided = rule("telemetry-provider");
  const levels = (...resources: Resource[]) =>
    new StackEvaluation(() => ({})).violations(provided, resources, {}).map(({ finding }) => finding.level);

  it("is placed where there is one cluster, and nowhere where there are two", () => {
    const east = provider("east", { context: "east" });
    const west = provider("west", { context: "west" });
    const all = withoutConfig().objects.map((object) => resourceOf(object, { provider: east }));
    const other = resource(
      "kubernetes:core/v1:Namespace",
      "x",
      { metadata: { name: "x" } },
      { provider: west },
    );
    expect(levels(...all)).toEqual(["warning"]);
    expect(levels(...all, handedOut)).toEqual([]);
    expect(levels(...all, other, handedOut)).toEqual(["warning"]);
    expect(levels(handedOut)).toEqual([]);
  });

  it("is a chart's inputs, too", () => {
    const spec = { chart: "istiod", version: "1.31.0", values: { meshConfig: meshConfig() } };
    const chart = resource("kubernetes:helm.sh/v4:Chart", "istiod", spec);
    expect(levels(...stackOf(withoutConfig()), chart)).toEqual([]);
  });
});

describe("one resource", () => {
  const entry = new Mesh().get("ServiceEntry istio-system/aws-s3-external");
  const check = (candidate: Resource) => violationsOf(rule("service-entry-resolution"), candidate, {}, {});

  it("has the violations it has in the stack", () => {
    expect(check(resourceOf(entry))).toEqual([]);
    const broken = resourceOf({ ...entry, spec: { ...(entry["spec"] as object), resolution: "DNS" } });
    const [violation, ...others] = check(broken);
    expect(others).toEqual([]);
    expect(violation?.urn).toBe(broken.urn);
    expect(violation?.finding.fix).toContain("resolution: NONE");
  });

  it("is not judged by a part of it, nor if it is no object", () => {
    const spec = { hosts: ["*.example.com"], resolution: "DNS" };
    const props = { metadata: { name: "x", namespace: "y" }, kind: "ServiceEntry", spec };
    const type = "kubernetes:networking.istio.io/v1:ServiceEntry";
    expect(check(resource(type, "x", props))).toHaveLength(1);
    expect(check(resource(`${type}Patch`, "x", props))).toEqual([]);
    expect(check(resource("aws:s3:Bucket", "x", props))).toEqual([]);
  });
});
