/** How pilot-agent and Envoy are started in a pod: what Istio's injection template says, on a plain Envoy. */
import * as fs from "node:fs";
import * as path from "node:path";
import { proxyUser } from "../addresses";
import * as api from "../api";
import { downloadModule } from "../build";
import { istio } from "../parts";
import { command, eventually } from "../shell";
import { type PodFields } from "./spec";

export interface ProxyPod extends PodFields {
  /** The Deployment. */
  readonly workload: string;
  /** Container ports of the application. */
  readonly ports: readonly number[];
}

/** Variables of a proxy, as the injector would set them. */
export function proxyEnvironment(
  pod: ProxyPod,
  kind: "sidecar" | "router",
  envoy: string,
): Record<string, string> {
  const owner = `kubernetes://apis/apps/v1/namespaces/${pod.namespace}/deployments/${pod.workload}`;
  return {
    PILOT_CERT_PROVIDER: "istiod",
    CA_ADDR: "istiod.istio-system.svc:15012",
    POD_NAME: pod.name,
    POD_NAMESPACE: pod.namespace,
    INSTANCE_IP: pod.address,
    SERVICE_ACCOUNT: "default",
    ISTIO_META_CLUSTER_ID: "Kubernetes",
    ISTIO_META_INTERCEPTION_MODE: "REDIRECT",
    ISTIO_META_MESH_ID: "cluster.local",
    ISTIO_META_WORKLOAD_NAME: pod.workload,
    ISTIO_META_OWNER: owner,
    ISTIO_META_NODE_NAME: "lab-node",
    ISTIO_META_POD_PORTS: JSON.stringify(
      pod.ports.map((containerPort) => ({ containerPort, protocol: "TCP" })),
    ),
    ISTIO_META_APP_CONTAINERS: kind === "sidecar" ? pod.workload : "",
    ISTIO_METAJSON_LABELS: JSON.stringify(pod.labels),
    // One worker: a second is of no use to a handful of requests.
    ISTIO_CPU_LIMIT: "1",
    GOMAXPROCS: "1",
    PROXY_CONFIG: JSON.stringify({
      binaryPath: envoy,
      concurrency: 1,
      serviceCluster: `${pod.workload}.${pod.namespace}`,
    }),
    TRUST_DOMAIN: "cluster.local",
  };
}

/** The command of a proxy, in a pod's namespace; pilot-agent finds its files below its working directory. */
export function proxyCommand(pod: PodFields, kind: "sidecar" | "router"): string[] {
  const user = ["--reuid", String(proxyUser), "--regid", String(proxyUser), "--clear-groups"];
  // The lab's directory may be one that only its owner can read.
  const rights = ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"];
  const agent = [command("pilot-agent"), "proxy", kind, "--domain", `${pod.namespace}.svc.cluster.local`];
  return [command("setpriv"), ...user, ...rights, ...agent, "--proxyLogLevel=warning"];
}

/** Makes the directory that pilot-agent works in: the mesh's root certificate, a token, and Envoy's bootstrap. */
export async function prepareProxy(directory: string, pod: PodFields): Promise<void> {
  const write = (name: string, text: string): void => {
    const file = path.join(directory, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  };
  const root = await eventually(
    "the mesh's root certificate, which istiod writes to every namespace",
    async () => {
      const map = await api.get(`/api/v1/namespaces/${pod.namespace}/configmaps/istio-ca-root-cert`);
      return map.data?.["root-cert.pem"];
    },
  );
  write("var/run/secrets/istio/root-cert.pem", root);
  const at = `/api/v1/namespaces/${pod.namespace}/serviceaccounts/default/token`;
  const spec = { audiences: ["istio-ca"], expirationSeconds: 43_200 };
  const { status } = await eventually("a token for the proxy", () =>
    api.create(at, { spec, kind: "TokenRequest" }),
  );
  write("var/run/secrets/tokens/istio-token", String(status?.["token"]));
  const labels = Object.entries(pod.labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  write("etc/istio/pod/labels", `${labels.join("\n")}\n`);
  const { Dir } = downloadModule(istio);
  const template = "tools/packaging/common/envoy_bootstrap.json";
  write("var/lib/istio/envoy/envoy_bootstrap_tmpl.json", fs.readFileSync(path.join(Dir, template), "utf8"));
  for (const own of ["etc/istio/proxy", "var/run/secrets/workload-spiffe-uds", "var/lib/istio/data"]) {
    fs.mkdirSync(path.join(directory, own), { recursive: true });
  }
  chown(directory);
}

function chown(file: string): void {
  fs.lchownSync(file, proxyUser, proxyUser);
  if (!fs.lstatSync(file).isDirectory()) return;
  for (const name of fs.readdirSync(file)) chown(path.join(file, name));
}
