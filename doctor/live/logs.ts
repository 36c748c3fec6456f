/** What gateways have logged of late. */
import type { KubeConfig } from "@kubernetes/client-node";
import { istioContainers } from "../../mesh/names";
import { type PodRef } from "./reach";

/** @throws whatever the client library throws, if no log can be read */
export async function gatewayLogs(config: KubeConfig, pods: readonly PodRef[]): Promise<string[]> {
  const { CoreV1Api } = await import("@kubernetes/client-node");
  const api = config.makeApiClient(CoreV1Api);
  return Promise.all(
    pods.map(({ namespace, name }) =>
      api.readNamespacedPodLog({
        namespace,
        name,
        container: istioContainers.proxy,
        sinceSeconds: 120,
        limitBytes: 4_000_000,
      }),
    ),
  );
}
