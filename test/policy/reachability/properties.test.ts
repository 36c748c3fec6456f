/** What must hold in every cluster, tried on random ones. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cluster, type Protocol, type QuestionEnd } from "../../../policy/reachability";
import {
  addresses,
  cluster,
  clusterWithBlocks,
  crowdedCluster,
  hideSome,
  isUnknown,
  objectsOf,
  policySpec,
  portQuestion,
  type RandomCluster,
} from "./arbitraries";
import { namespace, type NetworkPolicyObject, policy } from "./manifests";
import { isAllowed, type ReferenceEnd } from "./reference";
import { runs } from "./runs";

interface PortQuestion {
  readonly port: number;
  readonly protocol: Protocol;
}

/** Every pair of workloads, a workload with itself included. */
function pairs({ workloads }: RandomCluster) {
  return workloads.flatMap((from) => workloads.map((to) => ({ from, to })));
}

function expectLikeReference(
  input: RandomCluster,
  question: PortQuestion,
  ends: readonly { from: QuestionEnd; to: QuestionEnd; refFrom: ReferenceEnd; refTo: ReferenceEnd }[],
) {
  const model = Cluster.from(objectsOf(input));
  expect(model.malformed).toEqual([]);
  for (const { from, to, refFrom, refTo } of ends) {
    const expected = isAllowed({ ...question, ...input, from: refFrom, to: refTo });
    const { verdict, because } = model.canReach({ from, to, ...question });
    expect(verdict).toBe(expected ? "allowed" : "denied");
    expect(because.some(({ kind }) => kind === "no-rule")).toBe(!expected);
  }
}

describe("between pods", () => {
  it.each([
    ["few policies", cluster, 2000],
    ["many policies", crowdedCluster, 300],
  ] as const)("agrees with the reference: %s", (_, arbitrary, numRuns) => {
    fc.assert(
      fc.property(arbitrary, portQuestion, (input, question) => {
        const ends = pairs(input).map(({ from, to }) => ({
          from: from.ref,
          to: to.ref,
          refFrom: from.pod,
          refTo: to.pod,
        }));
        expectLikeReference(input, question, ends);
      }),
      runs(numRuns),
    );
  });
});

describe("with addresses outside", () => {
  it("agrees with the reference", () => {
    fc.assert(
      fc.property(clusterWithBlocks, portQuestion, fc.constantFrom(...addresses), (input, question, ip) => {
        const ends = input.workloads.flatMap(({ ref, pod }) => [
          { from: ref, to: { ip }, refFrom: pod, refTo: { ip } },
          { from: { ip }, to: ref, refFrom: { ip }, refTo: pod },
        ]);
        expectLikeReference(input, question, ends);
      }),
      runs(1000),
    );
  });
});

/** All answers between workloads, in a fixed order. */
function verdicts(objects: readonly unknown[], input: RandomCluster, question: PortQuestion): string[] {
  const model = Cluster.from(objects);
  return pairs(input).map(
    ({ from, to }) => model.canReach({ from: from.ref, to: to.ref, ...question }).verdict,
  );
}

describe("without all knowledge", () => {
  it("never takes back a definite answer when more namespaces become known", () => {
    fc.assert(
      fc.property(
        clusterWithBlocks,
        portQuestion,
        fc.subarray(["blue", "green", "red"]),
        (input, question, hidden) => {
          const known = new Map([...input.namespaces].filter(([name]) => !hidden.includes(name)));
          const before = verdicts(objectsOf({ ...input, namespaces: known }), input, question);
          const after = verdicts(objectsOf(input), input, question);
          before.forEach((verdict, index) => {
            if (verdict !== "unknown") expect(after[index]).toBe(verdict);
          });
        },
      ),
      runs(1000),
    );
  });

  it("never takes back a definite answer when values become known", () => {
    fc.assert(
      fc.property(cluster, portQuestion, fc.infiniteStream(fc.nat(15)), (input, question, dice) => {
        const whole = objectsOf(input);
        const roll = () => dice.next().value === 0;
        const part = Cluster.from(
          whole.map((object) => hideSome(object, roll)),
          { isUnknown },
        );
        const after = verdicts(whole, input, question);
        pairs(input).forEach(({ from, to }, index) => {
          const { verdict, because } = part.canReach({ from: from.ref, to: to.ref, ...question });
          if (verdict !== "unknown") expect(after[index]).toBe(verdict);
          else expect(because.some(({ kind }) => kind === "unknown")).toBe(true);
        });
      }),
      runs(2000),
    );
  });
});

describe("changes of policies", () => {
  it("allows everything without policies", () => {
    fc.assert(
      fc.property(cluster, portQuestion, (input, question) => {
        const answers = verdicts(
          objectsOf({ ...input, policies: [], namespaces: new Map() }),
          input,
          question,
        );
        expect(new Set(answers)).toEqual(new Set(["allowed"]));
      }),
      runs(200),
    );
  });

  it("never denies what was allowed when a policy gets another rule", () => {
    fc.assert(
      fc.property(
        cluster,
        portQuestion,
        policySpec(fc.record({ podSelector: fc.constant({}) })),
        (input, question, more) => {
          const extend = (object: NetworkPolicyObject): NetworkPolicyObject => {
            const { spec } = object;
            const ingress = [...(spec.ingress ?? []), ...(more.ingress ?? [])];
            const egress = [...(spec.egress ?? []), ...(more.egress ?? [])];
            // Without types, a first egress rule would begin to isolate.
            const policyTypes = spec.policyTypes?.length
              ? spec.policyTypes
              : (spec.egress ?? []).length > 0
                ? ["Ingress", "Egress"]
                : ["Ingress"];
            return { ...object, spec: { ...spec, ingress, egress, policyTypes } };
          };
          const before = verdicts(objectsOf(input), input, question);
          const after = verdicts(
            objectsOf({ ...input, policies: input.policies.map(extend) }),
            input,
            question,
          );
          before.forEach((verdict, index) => {
            if (verdict === "allowed") expect(after[index]).toBe("allowed");
          });
        },
      ),
      runs(500),
    );
  });

  it("answers the same when the ports of each policy are split among two policies", () => {
    fc.assert(
      fc.property(cluster, portQuestion, (input, question) => {
        const split = input.policies.flatMap((object) => {
          const { spec, metadata } = object;
          const types = spec.policyTypes?.length
            ? spec.policyTypes
            : (spec.egress ?? []).length > 0
              ? ["Ingress", "Egress"]
              : ["Ingress"];
          const half = (first: boolean): NetworkPolicyObject => {
            const pick = (rules: NonNullable<typeof spec.ingress> = []) =>
              rules.flatMap((rule) => {
                const { ports } = rule;
                if (ports === undefined || ports.length === 0) return first ? [rule] : [];
                const part = first ? ports.slice(0, 1) : ports.slice(1);
                return part.length === 0 ? [] : [{ ...rule, ports: part }];
              });
            const name = `${metadata.namespace}/${metadata.name}-${first ? 1 : 2}`;
            return policy(name, {
              ...spec,
              policyTypes: types,
              ingress: pick(spec.ingress),
              egress: pick(spec.egress),
            });
          };
          return [half(true), half(false)];
        });
        expect(verdicts(objectsOf({ ...input, policies: split }), input, question)).toEqual(
          verdicts(objectsOf(input), input, question),
        );
      }),
      runs(500),
    );
  });

  it("does not depend on the order of the objects, or on lists around them", () => {
    fc.assert(
      fc.property(cluster, portQuestion, (input, question) => {
        const objects = objectsOf(input);
        const listed = [{ apiVersion: "v1", kind: "List", items: [...objects].reverse() }, null];
        expect(verdicts(listed, input, question)).toEqual(verdicts(objects, input, question));
      }),
      runs(200),
    );
  });
});

describe("any input", () => {
  it("is read without a crash, and answers", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            apiVersion: fc.constantFrom(
              "v1",
              "apps/v1",
              "networking.k8s.io/v1",
              "cilium.io/v2",
              "projectcalico.org/v3",
              "policy.networking.k8s.io/v1alpha1",
            ),
            kind: fc.constantFrom(
              "Namespace",
              "Service",
              "Deployment",
              "Pod",
              "NetworkPolicy",
              "CiliumNetworkPolicy",
              "AdminNetworkPolicy",
              "GlobalNetworkPolicy",
            ),
            metadata: fc.oneof(fc.constant({ name: "web", namespace: "a" }), fc.jsonValue()),
            spec: fc.oneof(
              fc.jsonValue(),
              fc.record({
                podSelector: fc.jsonValue(),
                selector: fc.jsonValue(),
                ports: fc.jsonValue(),
                template: fc.jsonValue(),
                containers: fc.jsonValue(),
                policyTypes: fc.jsonValue(),
                egress: fc.jsonValue(),
                ingress: fc.jsonValue(),
              }),
            ),
          }),
          { maxLength: 5 },
        ),
        fc.jsonValue(),
        (objects, stray) => {
          const model = Cluster.from([...objects, stray, namespace("a")]);
          for (const from of model.workloads) {
            for (const to of model.workloads) {
              const answer = model.canReach({ from, to, port: 80 });
              expect(["allowed", "denied", "unknown"]).toContain(answer.verdict);
              expect(answer.because.every(({ text }) => text !== "")).toBe(true);
            }
            const answer = model.canReachService({ from, service: "a/web", port: 80 });
            expect(answer.because.every(({ text }) => text !== "")).toBe(true);
          }
        },
      ),
      runs(500),
    );
  });
});
