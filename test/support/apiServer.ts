/** An API server of a few answers, for what reads a cluster. */
import * as http from "node:http";
import { type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

type Answer = { code: number; body: object };

const resources = (groupVersion: string, kinds: Record<string, string>): Answer => ({
  code: 200,
  body: {
    kind: "APIResourceList",
    groupVersion,
    resources: Object.entries(kinds).map(([kind, name]) => ({
      kind,
      name,
      namespaced: kind !== "Namespace",
    })),
  },
});
export const list = (...items: object[]): Answer => ({
  code: 200,
  body: { kind: "List", apiVersion: "v1", items },
});
export const named = (name: string, namespace?: string) => ({ metadata: { name, namespace } });
export const refused = (code: number): Answer => ({ code, body: { kind: "Status", code } });
export const discovery = {
  "/api/v1": resources("v1", {
    ConfigMap: "configmaps",
    Namespace: "namespaces",
    Service: "services",
    ServiceAccount: "serviceaccounts",
  }),
  "/apis/apps/v1": resources("apps/v1", { Deployment: "deployments" }),
  "/apis/networking.k8s.io/v1": resources("networking.k8s.io/v1", { NetworkPolicy: "networkpolicies" }),
  "/apis/telemetry.istio.io/v1": resources("telemetry.istio.io/v1", { Telemetry: "telemetries" }),
};
/** An API server with the given answers, 404 for the rest; returns its kubeconfig and the paths asked for. */
export async function apiServer(
  answers: Record<string, Answer>,
): Promise<{ kubeconfig: string; asked: string[] }> {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://server");
    asked.push(`${url.pathname}${url.search}`);
    const { code, body } = answers[url.pathname] ?? refused(404);
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  return { kubeconfig: kubeconfigFor(`http://127.0.0.1:${port}`), asked };
}

export function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "test", user: {} }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });
}
