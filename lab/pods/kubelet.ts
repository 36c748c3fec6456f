/** Makes the pods that the API server has placed on the node real: a network namespace each, and its processes. */
import * as fs from "node:fs";
import * as path from "node:path";
import { labNamespaces, podCommands, redirectionCommand, removalCommands } from "../network";
import { namespaceOf, nodeNamespace, proxyUser } from "../addresses";
import * as api from "../api";
import { kubeconfig, writeResolver } from "../controlPlane";
import { home, inRun } from "../home";
import { attempt, command, environment, eventually, LabError, run, start } from "../shell";
import { addSidecar, doorsOf } from "./doors";
import { prepareProxy, proxyCommand, proxyEnvironment, type ProxyPod } from "./proxy";
import {
  type ContainerSpec,
  environmentOf,
  isInjected,
  type Program,
  programOf,
  variablesOfImage,
} from "./spec";

/** A pod of the API server that the lab makes real. */
export interface LabPod extends ProxyPod {
  readonly netns: string;
  readonly containers: readonly ContainerSpec[];
  readonly injected: boolean;
  readonly uid: string;
}

/** Pods that have an address and a program of the lab's. */
export async function labPods(): Promise<LabPod[]> {
  const namespaces = new Map(
    (await api.list("/api/v1/namespaces")).map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
  );
  const pods = await api.list("/api/v1/pods");
  return pods.flatMap(({ metadata, spec, status }) => {
    const address = status?.["podIP"];
    const containers = (spec?.["containers"] ?? []) as ContainerSpec[];
    const isOurs = containers.some(({ image }) => programOf(image) !== undefined);
    if (typeof address !== "string" || metadata.deletionTimestamp !== undefined || !isOurs) return [];
    const { name, namespace = "default", labels = {}, uid = "" } = metadata;
    const workload = (metadata.ownerReferences?.[0]?.name ?? name).replace(/-[a-z0-9]+$/, "");
    const ports = containers.flatMap((container) => container.ports ?? []).map((port) => port.containerPort);
    const injected = isInjected(labels, namespaces.get(namespace) ?? {});
    const netns = namespaceOf({ name, namespace });
    return [{ name, namespace, address, labels, workload, ports, containers, injected, netns, uid }];
  });
}

/** Makes namespaces and processes what the API server says: new pods start, pods that are gone end. */
export async function syncPods(): Promise<void> {
  await writeZone();
  const pods = await labPods();
  const wanted = new Set(pods.map(({ netns }) => netns));
  const there = new Set(labNamespaces(run(["ip", "netns", "list"])));
  for (const netns of there) if (netns !== nodeNamespace && !wanted.has(netns)) removeNamespace(netns);
  const missing = pods.filter(({ netns }) => !there.has(netns));
  // What others need comes first; for them there is a kubelet that tries again.
  const order: (Program | undefined)[] = ["dns", "istiod", "jaeger", "proxy", "application"];
  const rank = (pod: LabPod): number => order.indexOf(programOf(pod.containers[0]?.image));
  for (const pod of missing.sort((a, b) => rank(a) - rank(b))) {
    await startPod(pod).catch((error: unknown) => {
      // Half a pod would be taken for a whole one the next time.
      removeNamespace(pod.netns);
      throw error;
    });
  }
}

async function startPod(pod: LabPod): Promise<void> {
  writeResolver(pod.netns, pod.namespace);
  for (const own of podCommands(pod.netns, pod.address)) run(own);
  const maps = await api.list(`/api/v1/namespaces/${pod.namespace}/configmaps`);
  const configMaps = new Map(maps.map(({ metadata, data }) => [metadata.name, data ?? {}]));
  if (pod.injected) {
    run(redirectionCommand(pod.netns, command("pilot-agent"), proxyUser));
    await startProxy(pod, "sidecar");
  }
  for (const container of pod.containers) {
    const program = programOf(container.image);
    if (program === undefined) continue;
    if (program === "proxy") {
      await startProxy(pod, "router");
      continue;
    }
    let variables: Record<string, string>;
    try {
      variables = { ...variablesOfImage(program), ...environmentOf(container, pod, configMaps) };
    } catch (error) {
      throw new LabError(`pod ${pod.namespace}/${pod.name} cannot start: ${(error as Error).message}`);
    }
    startInPod(pod, container.name, programCommand(program, container), variables);
  }
  const names = [...pod.containers.map(({ name }) => name), ...(pod.injected ? ["istio-proxy"] : [])];
  for (const name of names) followLog(pod, name);
  const logs = Object.fromEntries(names.map((name) => [name, kubeletLogOf(pod, name)]));
  if (pod.injected) await addSidecar(pod);
  const inside = await eventually("a process in the pod", () => processesIn(pod.netns)[0]);
  const open = doorsOf({ ...pod, containerPorts: pod.ports, logs, process: inside });
  for (const door of open) await api.apply(door);
}

async function startProxy(pod: LabPod, kind: "sidecar" | "router"): Promise<void> {
  const directory = podDirectory(pod);
  await prepareProxy(directory, pod);
  const variables = proxyEnvironment(pod, kind, command("envoy"));
  startInPod(pod, "istio-proxy", proxyCommand(pod, kind), variables);
}

function programCommand(program: Exclude<Program, "proxy">, { args = [] }: ContainerSpec): string[] {
  const node = [process.execPath, "--import", import_tsx()];
  if (program === "istiod") return [command("pilot-discovery"), ...args, `--kubeconfig=${kubeconfig()}`];
  if (program === "jaeger") return [command("jaeger"), ...args];
  if (program === "dns") return [...node, path.join(__dirname, "dns.ts"), inRun("zone.json")];
  return [...node, path.join(__dirname, "application.ts")];
}

/** Where tsx is, for processes whose working directory is another. */
function import_tsx(): string {
  return require.resolve("tsx");
}

function podDirectory({ netns }: LabPod): string {
  return inRun("pods", netns);
}

/** Where a container's output goes. */
export function logOf(pod: LabPod, container: string): string {
  return path.join(podDirectory(pod), `${container}.log`);
}

/** The same as a kubelet keeps it: each line with its time and stream. */
function kubeletLogOf(pod: LabPod, container: string): string {
  return path.join(podDirectory(pod), `${container}.cri`);
}

/** Writes what a container prints in the form in which kwok reads logs; ends with the pod. */
function followLog(pod: LabPod, container: string): void {
  const lines = 's/^/strftime("%Y-%m-%dT%H:%M:%S.000000000Z stdout F ", gmtime)/e';
  const script = `tail -n +1 -F "$0" | perl -MPOSIX=strftime -pe 'BEGIN { $| = 1 } ${lines}'`;
  const words = ["sh", "-c", script, logOf(pod, container)];
  start(["ip", "netns", "exec", pod.netns, ...words], kubeletLogOf(pod, container), {
    cwd: podDirectory(pod),
    env: environment(),
  });
}

function startInPod(
  pod: LabPod,
  container: string,
  words: string[],
  variables: Record<string, string>,
): void {
  const directory = podDirectory(pod);
  fs.mkdirSync(directory, { recursive: true });
  const log = logOf(pod, container);
  // Envoy opens /dev/stdout anew for its access log, as its own user.
  fs.writeFileSync(log, "");
  fs.chownSync(log, proxyUser, proxyUser);
  const common = { PATH: environment()["PATH"], LAB_SDK: home.sdk, HOME: directory, HOSTNAME: pod.name };
  start(["ip", "netns", "exec", pod.netns, ...words], log, {
    cwd: directory,
    env: { ...common, ...variables },
  });
}

/** Ends a namespace with every process in it. */
export function removeNamespace(netns: string): void {
  for (const pid of processesIn(netns)) {
    if (pid === process.pid) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  // What is half made may have no cable.
  for (const own of removalCommands(netns)) attempt(own);
  fs.rmSync(path.join("/etc/netns", netns), { recursive: true, force: true });
}

function processesIn(netns: string): number[] {
  return attempt(["ip", "netns", "pids", netns]).stdout.split("\n").map(Number).filter(Boolean);
}

/** Names of Services for the cluster's DNS. */
async function writeZone(): Promise<void> {
  const zone: Record<string, string[]> = {};
  const slices = await api.list("/apis/discovery.k8s.io/v1/endpointslices");
  for (const { metadata, spec } of await api.list("/api/v1/services")) {
    const address = spec?.["clusterIP"];
    const name = `${metadata.name}.${metadata.namespace}.svc.cluster.local`;
    if (typeof address === "string" && address !== "None" && address !== "") zone[name] = [address];
    else {
      const own = slices.filter(
        (slice) =>
          slice.metadata.namespace === metadata.namespace &&
          slice.metadata.labels?.["kubernetes.io/service-name"] === metadata.name,
      );
      zone[name] = own.flatMap((slice) => addressesOf(slice));
    }
  }
  fs.writeFileSync(inRun("zone.json"), JSON.stringify(zone));
}

function addressesOf(slice: object): string[] {
  const { endpoints } = slice as { endpoints?: { addresses: string[] }[] };
  return (endpoints ?? []).flatMap(({ addresses }) => addresses);
}
