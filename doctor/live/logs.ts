/** What gateways have logged of late. */
import type { KubeConfig } from "@kubernetes/client-node";
import { istioContainers } from "../../mesh/names";
import { at } from "../../policy/model/reading";
import { type PodRef, Unreached } from "./reach";

/** @throws Unreached if a log cannot be read */
export async function gatewayLogs(config: KubeConfig, pods: readonly PodRef[]): Promise<string[]> {
  const { CoreV1Api } = await import("@kubernetes/client-node");
  const api = config.makeApiClient(CoreV1Api);
  return Promise.all(
    pods.map(({ namespace, name }) =>
      api
        .readNamespacedPodLog({
          namespace,
          name,
          container: istioContainers.proxy,
          sinceSeconds: 120,
          limitBytes: 4_000_000,
        })
        .catch((error: unknown) => {
          throw inWords(error);
        }),
    ),
  );
}

/** The library's own message begins with a code and goes on with headers. */
function inWords(error: unknown): Unreached {
  const { code, body } = error as { code?: number; body?: unknown };
  if (code === undefined) return new Unreached("broken", String((error as Error).message));
  let said: unknown;
  try {
    said =
      typeof body === "string" ? (JSON.parse(body) as { message?: unknown }).message : at(body, "message");
  } catch {
    // No answer of an API server's own.
  }
  return new Unreached(
    code === 403 ? "forbidden" : "broken",
    `the API server answers ${code}${typeof said === "string" ? `: ${said}` : ""}`,
  );
}
