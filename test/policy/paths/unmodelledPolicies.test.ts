import { describe, expect, it } from "vitest";
import { UnmodelledPolicies } from "../../../policy/paths/unmodelledPolicies";

const policy = (apiVersion: string, name: string, namespace?: string) => ({
  apiVersion,
  kind: "NetworkPolicy",
  name,
  namespace,
});

describe("policies of kinds that are not modelled", () => {
  it("are told once a kind, and kinds of the same name in other groups apart", () => {
    const policies = new UnmodelledPolicies();
    policies.add(policy("crd.antrea.io/v1beta1", "a", "auth"), 1, "Deployment auth/api", "Service x/jaeger");
    policies.add(policy("crd.antrea.io/v1beta1", "a", "chat"), 1, "Deployment auth/api", "Service x/jaeger");
    policies.add(policy("projectcalico.org/v3", "a"), 1, "Deployment auth/api", "Service x/jaeger");
    expect(policies.problems(2).map(({ says }) => says)).toEqual([
      "and 1 more of its kind (chat/a) are not modelled (crd.antrea.io/v1beta1), so it is unknown whether 1 of 2 paths is open, from Deployment auth/api to Service x/jaeger",
      "is of a kind that is not modelled (projectcalico.org/v3), so it is unknown whether 1 of 2 paths is open, from Deployment auth/api to Service x/jaeger",
    ]);
  });

  it("are told in the singular where one path was asked for, and of the whole cluster without a namespace", () => {
    const policies = new UnmodelledPolicies();
    for (const name of ["a", "b"]) policies.add(policy("projectcalico.org/v3", name), 1, "gateway", "jaeger");
    expect(policies.problems(1)).toEqual([
      {
        object: {
          apiVersion: "projectcalico.org/v3",
          kind: "NetworkPolicy",
          metadata: { name: "a", namespace: undefined },
        },
        says: "and 1 more of its kind (b) are not modelled (projectcalico.org/v3), so it is unknown whether 1 of 1 path is open, from gateway to jaeger",
        fix: "",
        level: "warning",
      },
    ]);
  });
});
