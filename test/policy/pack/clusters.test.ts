import { describe, expect, it } from "vitest";
import { byCluster } from "../../../policy/pack/clusters";
import { type Resource } from "../../../policy/pack/resources";
import { provider, resource, unknown } from "./stack";

function of(name: string, given?: Resource["provider"]): Resource {
  return resource("kubernetes:core/v1:Service", name, {}, { provider: given });
}

function names(...resources: Resource[]): string[][] {
  return byCluster(resources).map((cluster) => cluster.map(({ name }) => name));
}

describe("byCluster", () => {
  it("takes providers of one kubeconfig for one cluster, whatever else they say", () => {
    const one = provider("default_4_34_2", { kubeconfig: "a", version: "4.34.2" });
    const other = provider("older", { kubeconfig: "a", namespace: "shop" });
    expect(names(of("x", one), of("y", other))).toEqual([["x", "y"]]);
  });

  it.each(["kubeconfig", "context", "cluster"])("tells clusters apart by %s", (key) => {
    const one = provider("one", { [key]: "a" });
    const other = provider("other", { [key]: "b" });
    expect(names(of("x", one), of("y", other), of("z", one))).toEqual([["x", "z"], ["y"]]);
  });

  it("takes two clusters that are not made yet for two", () => {
    const one = provider("one", { kubeconfig: unknown });
    const other = provider("other", { kubeconfig: unknown });
    expect(names(of("x", one), of("y", other), of("z", one))).toEqual([["x", "z"], ["y"]]);
  });

  it("leaves out what is in no cluster", () => {
    const types = [
      "kubernetes:helm.sh/v4:Chart",
      "kubernetes:yaml/v2:ConfigGroup",
      "mesh-tracing:jaeger:Jaeger",
      "aws:s3:Bucket",
    ];
    expect(names(...types.map((type) => resource(type, "none", {})), of("x"))).toEqual([["x"]]);
  });

  it("keeps a Helm release, which has a provider of its own", () => {
    expect(names(resource("kubernetes:helm.sh/v3:Release", "jaeger", {}))).toEqual([["jaeger"]]);
  });
});
