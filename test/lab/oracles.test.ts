/**
 * The model of NetworkPolicies against two implementations that enforce them: kube-network-policies and Cilium's
 * policy engine. Skips unless `npm run lab -- oracles` has built them.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { askOracles, oracles } from "../../lab/oracle/ask";
import {
  hasAmbiguousPorts,
  type OracleAnswers,
  type OracleCluster,
  portsOf,
  withDefaults,
} from "../../lab/oracle/translate";
import { Cluster } from "../../lab/project";
import { asAdminPolicies, asClusterPolicies, clusterPolicies } from "./clusterPolicies";
import {
  addresses,
  cluster,
  clusterWithBlocks,
  crowdedCluster,
  objectsOf,
  portNumbers,
  type RandomCluster,
} from "../policy/reachability/arbitraries";

if (oracles() === undefined) {
  console.warn('skipped: the oracles are not built; "npm run lab -- oracles" builds them');
}

const seed = Number(process.env["LAB_SEED"] ?? 20261127);
const protocols = ["TCP", "UDP", "SCTP"] as const;

/** What is asked of one cluster, for the oracles and for the model. */
interface Asked {
  readonly cluster: OracleCluster;
  /** The model's answers, in the order of the questions. */
  readonly model: readonly string[];
}

type Oracle = keyof OracleAnswers;

/** Asks all pairs of pods, and pods and addresses outside where rules name blocks, for some ports. */
function ask(
  input: RandomCluster,
  index: number,
  outside: readonly string[],
  clusterPolicies: readonly object[] = [],
): Asked {
  const pods = input.workloads.map(({ pod }, number) => ({
    namespace: pod.namespace,
    name: `w${number}`,
    // In no block of the random rules but that of everything.
    ip: `172.16.0.${number + 1}`,
    labels: pod.labels,
    ports: portsOf(pod.containers, pod.initContainers),
  }));
  const model = Cluster.from([...objectsOf(input), ...clusterPolicies]);
  const ends = [
    ...pods.map(({ ip }, number) => ({ ip, end: input.workloads[number]!.ref })),
    ...outside.map((ip) => ({ ip, end: { ip } })),
  ];
  const questions: OracleCluster["questions"][number][] = [];
  const answers: string[] = [];
  for (const from of ends) {
    for (const to of ends) {
      const isOutside = typeof from.end !== "string" && typeof to.end !== "string";
      // What a pod sends itself is not judged, nor what is not a pod's.
      if (from === to || isOutside) continue;
      const port = portNumbers[(index + questions.length) % portNumbers.length]!;
      const protocol = protocols[Math.floor((index * 7 + questions.length) / 5) % 3]!;
      questions.push({ from: from.ip, to: to.ip, port, protocol });
      answers.push(model.canReach({ from: from.end, to: to.end, port, protocol }).verdict);
    }
  }
  const namespaces = Object.fromEntries(
    [...input.namespaces].map(([name, labels]) => [name, { ...labels, "kubernetes.io/metadata.name": name }]),
  );
  return {
    cluster: { namespaces, pods, policies: input.policies.map(withDefaults), clusterPolicies, questions },
    model: answers,
  };
}

interface Tally {
  questions: number;
  unknown: number;
  /** Questions that Cilium was not asked, because it reads the cluster otherwise on purpose. */
  notForCilium: number;
  disagreements: string[];
}

/** Cilium's blocks never mean pods, and it knows one number for a port's name. */
function ciliumDiffers({ pods, policies }: OracleCluster): boolean {
  return pods.some(hasAmbiguousPorts) || JSON.stringify(policies).includes('"0.0.0.0/0"');
}

const both: readonly Oracle[] = ["kubeNetworkPolicies", "cilium"];

function compareAll(
  asked: readonly Asked[],
  answers: readonly OracleAnswers[],
  judges: readonly Oracle[] = both,
): Tally {
  const tally: Tally = { questions: 0, unknown: 0, notForCilium: 0, disagreements: [] };
  for (const [index, { cluster: own, model }] of asked.entries()) {
    const { kubeNetworkPolicies, cilium } = answers[index]!;
    const skipsCilium = !judges.includes("cilium") || ciliumDiffers(own);
    const skipsKube = !judges.includes("kubeNetworkPolicies");
    for (const [number, verdict] of model.entries()) {
      tally.questions++;
      if (verdict === "unknown") {
        tally.unknown++;
        continue;
      }
      if (skipsCilium) tally.notForCilium++;
      const expected = verdict === "allowed";
      const against = [
        ...(skipsKube || kubeNetworkPolicies[number] === expected ? [] : ["kube-network-policies"]),
        ...(skipsCilium || cilium[number] === expected ? [] : ["Cilium"]),
      ];
      if (against.length === 0) continue;
      const question = JSON.stringify(own.questions[number]);
      tally.disagreements.push(
        `${against.join(" and ")} against ${verdict}: ${question} in ${JSON.stringify(own)}`,
      );
    }
  }
  return tally;
}

describe.skipIf(oracles() === undefined)("the model and two oracles", () => {
  test.each([
    ["few policies", cluster, 1_400, []],
    ["many policies", crowdedCluster, 300, []],
    ["addresses outside", clusterWithBlocks, 400, addresses],
  ] as const)(
    "agree: %s",
    (name, arbitrary, numRuns, outside) => {
      const clusters = fc.sample(arbitrary, { numRuns, seed });
      const asked = clusters.map((input, index) => ask(input, index, outside));

      const tally = compareAll(asked, askOracles(asked.map(({ cluster: own }) => own)));

      const { questions, unknown, notForCilium, disagreements } = tally;
      console.log(
        `${name}: ${questions} questions, ${unknown} unknown, ${notForCilium} not asked of Cilium, ${disagreements.length} disagreements`,
      );
      expect(disagreements.slice(0, 3)).toEqual([]);
      // A model that never answers would agree, too.
      expect(unknown / questions).toBeLessThan(0.01);
    },
    600_000,
  );

  test.each([
    ["AdminNetworkPolicy, of kube-network-policies", asAdminPolicies, ["kubeNetworkPolicies"]],
    ["ClusterNetworkPolicy, of Cilium", asClusterPolicies, ["cilium"]],
  ] as const)(
    "agree where the model decides in spite of policies of the whole cluster: %s",
    (name, form, judges) => {
      const clusters = fc.sample(fc.tuple(cluster, clusterPolicies), { numRuns: 1_000, seed });
      const asked = clusters.map(([input, list], index) => ask(input, index, [], form(list)));

      const tally = compareAll(asked, askOracles(asked.map(({ cluster: own }) => own)), judges);

      const { questions, unknown, disagreements } = tally;
      console.log(
        `${name}: ${questions} questions, ${unknown} unknown, ${disagreements.length} disagreements`,
      );
      expect(disagreements.slice(0, 3)).toEqual([]);
      // It knows for whom they are, not what they say.
      expect(unknown).toBeGreaterThan(questions / 10);
      expect(unknown).toBeLessThan(questions * 0.9);
    },
    600_000,
  );
});
