/** A thousand workloads cost two questions each, a few at a time. */
import { expect, it } from "vitest";
import { application } from "../../docs/generate/sample/mesh";
import { diagnose } from "../../doctor/run";
import { liveMesh } from "../fixtures/liveMesh";

it.each([10, 100, 1000])(
  "%i workloads more are asked twice, and no more than 24 at once",
  async (number) => {
    const { kubeconfig, calls, mostOpen } = await liveMesh({
      change: (mesh) => {
        for (let index = 0; index < number; index++) {
          const namespace = `team-${index}`;
          mesh.add(
            {
              apiVersion: "v1",
              kind: "Namespace",
              metadata: { name: namespace, labels: { "istio-injection": "enabled" } },
            },
            ...application(namespace),
          );
        }
      },
    });
    const diagnosis = await diagnose({ kubeconfig, interval: 0 });
    const execs = calls.filter(({ kind }) => kind === "exec");
    expect(execs).toHaveLength(2 * (number + 8));
    expect(mostOpen()).toBeLessThanOrEqual(24);
    expect(diagnosis.hops.filter(({ verdict }) => verdict === "not checked")).toEqual([]);
    console.log(`${number} workloads: ${diagnosis.cost.seconds} s, ${diagnosis.cost.streams} questions`);
  },
  120_000,
);
