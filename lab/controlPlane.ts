/** etcd, the API server and what acts on its objects, in the node's network namespace. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { dnsAddress, node, nodeNamespace, podRange, policyQueue, serviceRange } from "./addresses";
import * as api from "./api";
import { downloadModule } from "./build";
import { home, inRun } from "./home";
import { policyCommands } from "./network";
import { defineDoors, doorKinds, kubeletPort, writeDoorCommands } from "./pods/doors";
import { kwok } from "./parts";
import { command, environment, eventually, run, start } from "./shell";

const server = `https://${node.address}:${node.apiPort}`;
const controllers = [
  "deployment",
  "replicaset",
  "endpointslice",
  // What Pulumi waits for when it has made a Service.
  "endpoints",
  "garbage-collector",
  "namespace",
  "serviceaccount",
  "root-ca-certificate-publisher",
];

/** What nodes and pods go through, in kwok's module. */
const kwokStages = [
  "kustomize/stage/node/fast/node-initialize.yaml",
  "kustomize/stage/pod/fast/pod-ready.yaml",
  "kustomize/stage/pod/fast/pod-delete.yaml",
];

/** Programs of the node, in its own network and with a /run of their own. */
function onNode(name: string, ...args: string[]): void {
  startOnNode(name, args, environment());
}

function startOnNode(name: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const script = `mount -t tmpfs lab /run && exec "$@"`;
  const inside = ["ip", "netns", "exec", nodeNamespace, "sh", "-c", script, "sh"];
  start([...inside, command(name), ...args], inRun("log", `${name}.log`), { env });
}

/** Starts everything up to a node that takes pods. */
export async function startControlPlane(): Promise<void> {
  const token = randomBytes(24).toString("hex");
  write("token", token);
  write("tokens.csv", `${token},admin,admin,system:masters\n`);
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  write("signing.key", privateKey);
  write("signing.pub", publicKey);
  onNode("etcd", `--data-dir=${inRun("etcd")}`, "--unsafe-no-fsync", "--log-level=error");
  onNode(
    "kube-apiserver",
    "--etcd-servers=http://127.0.0.1:2379",
    `--secure-port=${node.apiPort}`,
    `--advertise-address=${node.address}`,
    `--cert-dir=${inRun("certificates")}`,
    `--token-auth-file=${inRun("tokens.csv")}`,
    "--authorization-mode=RBAC",
    "--kubelet-preferred-address-types=InternalIP",
    // Streaming lists ask more of etcd than operating systems' packages of it are able to.
    "--feature-gates=WatchList=false",
    // A node that kwok makes ready has nobody who would take the taint of new nodes away.
    "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
    `--service-cluster-ip-range=${serviceRange}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${inRun("signing.pub")}`,
    `--service-account-signing-key-file=${inRun("signing.key")}`,
  );
  const certificate = inRun("certificates", "apiserver.crt");
  await eventually("the API server's certificate", () => fs.existsSync(certificate) || undefined);
  await eventually("a ready API server", () => api.get<unknown>("/api/v1/namespaces/default"), {
    timeout: 120_000,
  });
  writeKubeconfig(token, fs.readFileSync(certificate, "base64"));
  const kwokModule = downloadModule(kwok).Dir;
  await defineDoors(kwokModule);
  startControllers(token, certificate, kwokModule);
  await addNode();
}

/** Where kubectl, the audit and istiod find the API server. */
export function kubeconfig(): string {
  return inRun("kubeconfig");
}

function write(name: string, text: string): void {
  fs.mkdirSync(home.run, { recursive: true });
  fs.writeFileSync(inRun(name), text, { mode: 0o600 });
}

function writeKubeconfig(token: string, ca: string): void {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "lab", cluster: { server, "certificate-authority-data": ca } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "lab", context: { cluster: "lab", user: "admin" } }],
    "current-context": "lab",
  };
  write("kubeconfig", stringify(config));
}

function startControllers(token: string, certificate: string, kwokModule: string): void {
  onNode(
    "kube-controller-manager",
    `--kubeconfig=${kubeconfig()}`,
    "--secure-port=0",
    "--leader-elect=false",
    `--controllers=${controllers.map((name) => `${name}-controller`).join(",")}`,
    `--service-account-private-key-file=${inRun("signing.key")}`,
    `--root-ca-file=${certificate}`,
  );
  onNode("kube-scheduler", `--kubeconfig=${kubeconfig()}`, "--secure-port=0", "--leader-elect=false");
  startKwok(kwokModule);
  onNode(
    "kube-proxy",
    `--kubeconfig=${kubeconfig()}`,
    "--proxy-mode=iptables",
    `--hostname-override=${node.name}`,
    `--cluster-cidr=${podRange}`,
    "--conntrack-max-per-core=0",
    "--conntrack-tcp-timeout-established=0s",
    "--conntrack-tcp-timeout-close-wait=0s",
    "--healthz-bind-address=127.0.0.1:10256",
  );
  startPolicies(token, certificate);
}

/** Says that nodes and pods are ready, and answers for the kubelet. */
function startKwok(module: string): void {
  const stages = kwokStages.map((name) => `--config=${path.join(module, name)}`);
  const addresses = [`--cidr=${podRange}`, `--node-ip=${node.address}`];
  const certificate = [
    `--tls-cert-file=${inRun("certificates", "apiserver.crt")}`,
    `--tls-private-key-file=${inRun("certificates", "apiserver.key")}`,
  ];
  const kubelet = [
    `--node-port=${kubeletPort}`,
    `--server-address=${node.address}:${kubeletPort}`,
    `--enable-crds=${Object.values(doorKinds).join(",")}`,
    ...certificate,
  ];
  const env = environment();
  const PATH = [writeDoorCommands(), env["PATH"]].join(path.delimiter);
  startOnNode(
    "kwok",
    [`--kubeconfig=${kubeconfig()}`, "--manage-all-nodes", ...addresses, ...kubelet, ...stages],
    { ...env, PATH },
  );
}

/** kube-network-policies takes its cluster from where pods find it. */
function startPolicies(token: string, certificate: string): void {
  for (const own of policyCommands()) run(own);
  const account = "/run/secrets/kubernetes.io/serviceaccount";
  write("policies.token", token);
  const script = [
    "mount -t tmpfs lab /run",
    `mkdir -p ${account}`,
    `cp "$TOKEN" ${account}/token`,
    `cp "$CA" ${account}/ca.crt`,
    'exec "$@"',
  ].join(" && ");
  const program = [command("kube-network-policies"), `--nfqueue-id=${policyQueue}`, "-v=2"];
  const flags = [`--hostname-override=${node.name}`, "--metrics-bind-address=127.0.0.1:9080"];
  start(
    ["ip", "netns", "exec", nodeNamespace, "sh", "-c", script, "sh", ...program, ...flags],
    inRun("log", "kube-network-policies.log"),
    {
      env: {
        PATH: process.env["PATH"],
        TOKEN: inRun("policies.token"),
        CA: certificate,
        KUBERNETES_SERVICE_HOST: node.address,
        KUBERNETES_SERVICE_PORT: String(node.apiPort),
      },
    },
  );
}

async function addNode(): Promise<void> {
  const capacity = { cpu: "64", memory: "256Gi", pods: "250" };
  await api.create("/api/v1/nodes", {
    metadata: { name: node.name, labels: { "kubernetes.io/hostname": node.name } },
    spec: { podCIDR: podRange, podCIDRs: [podRange] },
    status: { allocatable: capacity, capacity },
  });
  const at = `/api/v1/nodes/${node.name}`;
  await eventually("a ready node", async () => {
    const { status } = await api.get(at);
    return JSON.stringify(status).includes('"type":"Ready"') || undefined;
  });
}

/** Files that the node gives pods in place of the machine's own. */
export function writeResolver(namespace: string, podNamespace: string): void {
  const directory = path.join("/etc/netns", namespace);
  fs.mkdirSync(directory, { recursive: true });
  const searches = [`${podNamespace}.svc.cluster.local`, "svc.cluster.local", "cluster.local"];
  const lines = [`nameserver ${dnsAddress}`, `search ${searches.join(" ")}`, "options ndots:5"];
  fs.writeFileSync(path.join(directory, "resolv.conf"), `${lines.join("\n")}\n`);
  fs.writeFileSync(path.join(directory, "hosts"), "127.0.0.1 localhost\n");
}
