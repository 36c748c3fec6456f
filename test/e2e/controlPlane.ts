/**
 * A Kubernetes control plane on loopback that a test starts and stops: etcd, the API server and the controllers
 * that roll Deployments out. No pod ever runs: a stand-in for the kubelet says that it does.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { type Api, type ApiObject, apiOf, eventually } from "./kubernetes";

/** What a control plane is made of, as commands on PATH. */
export const controlPlaneCommands = ["etcd", "kube-apiserver", "kube-controller-manager"];

export interface ControlPlane {
  /** Path of a kubeconfig that may do everything. */
  kubeconfig: string;
  /** Path of one that may do what its user `reader` is given. */
  readerKubeconfig: string;
  api: Api;
  /** Which pods the stand-in for the kubelet lets become ready. */
  letReady(pods: (pod: ApiObject) => boolean): void;
  stop(): Promise<void>;
}

const host = "127.0.0.1";
const controllers = [
  "deployment",
  "replicaset",
  "endpoints",
  "endpointslice",
  "garbage-collector",
  "namespace",
  "serviceaccount",
];

/** Starts a control plane with ports, certificate and token of its own. */
export async function startControlPlane(): Promise<ControlPlane> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "mesh-tracing-cluster-"));
  const file = (name: string, text = ""): string => {
    const at = path.join(directory, name);
    if (text !== "") fs.writeFileSync(at, text, { mode: 0o600 });
    return at;
  };
  const running: ChildProcess[] = [];
  const start = (command: string, ...args: string[]): void => {
    const log = fs.openSync(file(`${command}.log`), "a");
    running.push(spawn(command, args, { stdio: ["ignore", log, log] }));
    fs.closeSync(log);
  };
  const killAll = (): void => running.forEach((child) => child.kill("SIGKILL"));
  process.once("exit", killAll);

  const [etcdPort, peerPort, apiPort] = await freePorts(3);
  const etcd = `http://${host}:${etcdPort}`;
  const server = `https://${host}:${apiPort}`;
  const token = randomBytes(24).toString("hex");
  const readerToken = randomBytes(24).toString("hex");
  const tokens = `${token},admin,admin,system:masters\n${readerToken},reader,reader\n`;
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const signingKey = file("signing.key", privateKey);

  start(
    "etcd",
    `--data-dir=${path.join(directory, "etcd")}`,
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=http://${host}:${peerPort}`,
    `--initial-advertise-peer-urls=http://${host}:${peerPort}`,
    `--initial-cluster=default=http://${host}:${peerPort}`,
    // What is lost with the machine is lost with the test.
    "--unsafe-no-fsync",
  );
  start(
    "kube-apiserver",
    `--etcd-servers=${etcd}`,
    `--bind-address=${host}`,
    `--secure-port=${apiPort}`,
    // Must not be a loopback address; nothing is told of this one, which is reserved for documentation.
    "--advertise-address=192.0.2.1",
    "--endpoint-reconciler-type=none",
    // Makes a certificate for itself.
    `--cert-dir=${path.join(directory, "certificates")}`,
    `--token-auth-file=${file("tokens.csv", tokens)}`,
    "--authorization-mode=RBAC",
    "--disable-admission-plugins=ServiceAccount",
    "--service-cluster-ip-range=10.0.0.0/24",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${file("signing.pub", publicKey)}`,
    `--service-account-signing-key-file=${signingKey}`,
  );
  const certificate = path.join(directory, "certificates", "apiserver.crt");
  try {
    const ca = await eventually("the API server's certificate", () =>
      Promise.resolve(fs.existsSync(certificate) ? fs.readFileSync(certificate, "utf8") : ""),
    );
    const api = apiOf(server, ca, token);
    await eventually("a ready API server", () => api.get("/readyz"));
    await eventually("namespace default", () => api.get("/api/v1/namespaces/default"));
    const kubeconfig = file("kubeconfig", kubeconfigOf(server, ca, token));
    start(
      "kube-controller-manager",
      `--kubeconfig=${kubeconfig}`,
      `--bind-address=${host}`,
      "--secure-port=0",
      "--leader-elect=false",
      `--controllers=${controllers.map((name) => `${name}-controller`).join(",")}`,
      `--service-account-private-key-file=${signingKey}`,
    );
    const kubelet = await standInForKubelet(api);
    return {
      kubeconfig,
      readerKubeconfig: file("reader-kubeconfig", kubeconfigOf(server, ca, readerToken)),
      api,
      letReady: kubelet.letReady,
      stop: async () => {
        await kubelet.stop();
        killAll();
        process.removeListener("exit", killAll);
        await Promise.all(running.map(ended));
        fs.rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    killAll();
    throw new Error(`the control plane did not start; its logs are in ${directory}`, { cause: error });
  }
}

function kubeconfigOf(server: string, ca: string, token: string): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "test",
        cluster: { server, "certificate-authority-data": Buffer.from(ca).toString("base64") },
      },
    ],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<net.Server>((resolve) => {
          const server = net.createServer().listen(0, host, () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

/** Puts pods on a node, calls them ready, and lets go of those that are deleted. */
async function standInForKubelet(
  api: Api,
): Promise<{ letReady: ControlPlane["letReady"]; stop(): Promise<void> }> {
  const node = "node";
  await api.create("/api/v1/nodes", { metadata: { name: node } });
  let allowed: (pod: ApiObject) => boolean = () => true;
  let going = true;
  let addresses = 0;
  const tend = async (pod: ApiObject): Promise<void> => {
    const { name, namespace, deletionTimestamp } = pod.metadata;
    const at = `/api/v1/namespaces/${namespace}/pods/${name}`;
    if (deletionTimestamp !== undefined) return api.remove(at);
    if (pod.spec?.["nodeName"] === undefined) {
      const target = { apiVersion: "v1", kind: "Node", name: node };
      await api.create(`${at}/binding`, { apiVersion: "v1", kind: "Binding", metadata: { name }, target });
    }
    if (pod.status?.["phase"] === "Running" || !allowed(pod)) return;
    const ip = `10.1.${Math.floor(++addresses / 250)}.${(addresses % 250) + 1}`;
    const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const conditions = ["Initialized", "PodScheduled", "ContainersReady", "Ready"].map((type) => ({
      type,
      status: "True",
      lastTransitionTime,
    }));
    const status = { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions };
    await api.patch(`${at}/status`, { status });
  };
  const loop = (async () => {
    while (going) {
      const pods = await api.list("/api/v1/pods").catch(() => []);
      // A pod may be gone, or changed, since it was listed: the next round sees.
      await Promise.all(pods.map((pod) => tend(pod).catch(() => undefined)));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })();
  return {
    letReady: (pods) => (allowed = pods),
    stop: () => {
      going = false;
      return loop;
    },
  };
}
