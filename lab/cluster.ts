/** Changes to the lab's cluster that are waited for: the stack, pods that start anew, faults and their end. */
import * as fs from "node:fs";
import * as api from "./api";
import { downloadModule } from "./build";
import { startControlPlane } from "./controlPlane";
import { type Edit, type Fault } from "./faults";
import { inRun } from "./home";
import { istio } from "./parts";
import { deployByPulumi, hasPulumi, jaegerChart } from "./pulumi";
import { type Delivery, gateway, platform, services } from "./platform";
import { labPods, type LabPod, syncPods } from "./pods/kubelet";
import { documentsOf, renderStack, type StackOptions, namespacesOf, writeStack } from "./stack";
import { stackFile } from "./project";
import { attempt, eventually, LabError } from "./shell";

/** What `up` has made, for later commands. */
export interface LabState {
  readonly delivery: Delivery;
  /** How the stack was deployed. */
  readonly deployed: "pulumi up" | "server-side apply";
  readonly jaeger: "chart" | "stand-in";
  readonly seconds: number;
  readonly fault?: string;
}

export function readState(): LabState | undefined {
  const file = inRun("state.json");
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as LabState) : undefined;
}

function writeState(state: LabState): void {
  fs.writeFileSync(inRun("state.json"), `${JSON.stringify(state, undefined, 2)}\n`);
}

/** Starts all of it, in a network namespace that is there already. */
export async function bringUp(options: StackOptions, say: (line: string) => void): Promise<LabState> {
  const began = Date.now();
  say("starting etcd, the API server and its controllers");
  await startControlPlane();
  say("defining Istio's kinds");
  await applyAll(istioDefinitions());
  const directory = writeStack(options, jaegerChart());
  const stack = renderStack(directory);
  say("making what the stack finds: namespaces, DNS, istiod, a gateway, two services");
  const { meshValues } = stack;
  await applyAll(
    platform({ ...options, namespaces: namespacesOf(stackFile("dev")), meshValues }),
    "platform",
  );
  const deployed = hasPulumi() ? "pulumi up" : "server-side apply";
  say(`deploying the stack by ${deployed}`);
  if (hasPulumi()) deployByPulumi(directory);
  else await applyAll(stack.objects, "mesh-tracing");
  say("starting pods");
  await settle();
  const hasChart = process.env["MESH_TRACING_JAEGER_CHART"] !== undefined && stack.jaegerIsFromChart;
  const jaeger = hasChart ? "chart" : "stand-in";
  const seconds = Math.round((Date.now() - began) / 1000);
  const state: LabState = { delivery: options.delivery, deployed, jaeger, seconds };
  writeState(state);
  return state;
}

async function applyAll(objects: readonly api.ApiObject[], manager = "lab"): Promise<void> {
  for (const object of objects) {
    // A kind that was just defined is served a moment later.
    await eventually(`${object.kind} ${object.metadata.name} to be accepted`, async () => {
      await api.apply(object, manager);
      return true;
    });
  }
}

function istioDefinitions(): api.ApiObject[] {
  return documentsOf(`${downloadModule(istio).Dir}/manifests/charts/base/files/crd-all.gen.yaml`);
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}

function isOf({ namespace, workload }: LabPod, deployment: Named): boolean {
  return namespace === deployment.namespace && workload === deployment.name;
}

/** Waits for pods that Deployments ask for, makes them real, and waits until they serve. */
export async function settle(timeout = 120_000): Promise<void> {
  await eventually(
    "pods with an address",
    async () => {
      const deployments = await api.list("/apis/apps/v1/deployments");
      const done = deployments.every(({ metadata, spec, status }) => {
        const wanted = Number(spec?.["replicas"] ?? 1);
        const counts = ["replicas", "readyReplicas", "updatedReplicas"].map((name) =>
          Number(status?.[name] ?? 0),
        );
        const isSeen = status?.["observedGeneration"] === metadata.generation;
        return isSeen && counts.every((count) => count === wanted);
      });
      return done || undefined;
    },
    { timeout },
  );
  await syncPods();
  await proxiesReady(timeout);
}

/** Waits until all proxies have their configuration; returns those that have none in time. */
async function proxiesReady(timeout: number): Promise<string[]> {
  const end = Date.now() + timeout;
  const late: string[] = [];
  for (const pod of await labPods()) {
    if (!pod.injected && pod.containers[0]?.name !== "istio-proxy") continue;
    const left = Math.max(end - Date.now(), 1_000);
    const isReady = (): true | undefined =>
      getIn(pod.netns, "http://127.0.0.1:15021/healthz/ready").status === 0 || undefined;
    await eventually("a ready proxy", isReady, { timeout: left, every: 500 }).catch(() =>
      late.push(pod.netns),
    );
  }
  return late;
}

/** An HTTP request from inside of a pod, or of the node. */
export function getIn(netns: string, url: string): { status: number | null; body: string } {
  const { status, stdout } = attempt([
    "nsenter",
    `--net=/run/netns/${netns}`,
    "curl",
    "-sSf",
    "-m",
    "10",
    url,
  ]);
  return { status, body: stdout };
}

/** Pods of the gateway and of both services, started anew: their connections are new ones. */
export async function restart(timeout?: number): Promise<void> {
  const all = [gateway, services.first, services.second];
  const old = (await labPods()).filter((pod) => all.some((deployment) => isOf(pod, deployment)));
  for (const { namespace, name } of old) {
    await api.remove(`/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=0`);
  }
  await eventually("the pods to be gone", async () => {
    const there = new Set((await labPods()).map(({ netns }) => netns));
    return !old.some(({ netns }) => there.has(netns)) || undefined;
  });
  await settle(timeout);
}

/** The pod of the gateway, of a service, or of Jaeger. */
export async function podOf(deployment: Named): Promise<LabPod> {
  const pod = (await labPods()).find((one) => isOf(one, deployment));
  if (pod === undefined) throw new LabError(`${deployment.namespace}/${deployment.name} has no pod`);
  return pod;
}

/** Breaks the cluster, keeping what was there. */
export async function breakBy(fault: Fault): Promise<void> {
  const state = readState();
  if (state === undefined) throw new LabError('the lab is not up; run "npm run lab -- up"');
  if (state.fault !== undefined)
    throw new LabError(`the lab is broken by ${state.fault} already; run "npm run lab -- heal"`);
  const saved: { path: string; object?: api.ApiObject }[] = [];
  for (const edit of fault.edits) {
    const path = await pathOf(edit);
    const object = await current(path);
    saved.push({ path, object });
    fs.writeFileSync(inRun("broken.json"), JSON.stringify(saved));
    writeState({ ...state, fault: fault.name });
    await put(path, edit.to(object), object, edit.anew === true);
  }
}

/** Puts back what `breakBy` has changed. */
export async function heal(): Promise<string | undefined> {
  const state = readState();
  const file = inRun("broken.json");
  if (state?.fault === undefined || !fs.existsSync(file)) return undefined;
  const saved = JSON.parse(fs.readFileSync(file, "utf8")) as { path: string; object?: api.ApiObject }[];
  for (const { path, object } of saved.reverse()) {
    const now = await current(path);
    const isHeadless = now?.spec?.["clusterIP"] === "None";
    await put(path, object, now, isHeadless);
  }
  fs.rmSync(file);
  const { fault, ...healthy } = state;
  writeState(healthy);
  return fault;
}

function pathOf({ of: { apiVersion, kind, namespace, name } }: Edit): Promise<string> {
  return api.pathOf({ apiVersion, kind, metadata: { namespace, name } });
}

async function current(path: string): Promise<api.ApiObject | undefined> {
  return api.get(path).catch((error: unknown) => {
    if (error instanceof api.Refusal && error.code === 404) return undefined;
    throw error;
  });
}

/** Makes the object at a path what it is to be. */
async function put(
  path: string,
  wanted: api.ApiObject | undefined,
  now: api.ApiObject | undefined,
  anew: boolean,
): Promise<void> {
  if (wanted === undefined) return api.remove(path);
  if (now !== undefined && !anew) {
    // The object may have been made anew since: it is put in the place of the one that is there.
    const { resourceVersion, uid } = now.metadata as { resourceVersion?: string; uid?: string };
    await api.replace(path, { ...wanted, metadata: { ...wanted.metadata, resourceVersion, uid } });
    return;
  }
  if (now !== undefined) await api.remove(path);
  // Ages are compared by the second.
  if (anew) await new Promise((resolve) => setTimeout(resolve, 1_500));
  await api.create(path.slice(0, path.lastIndexOf("/")), withoutServerFields(wanted));
}

/** An object as somebody would write it. */
export function withoutServerFields(object: api.ApiObject): api.ApiObject {
  const { apiVersion, kind, metadata, spec, data } = object;
  const { name, namespace, labels, annotations } = metadata;
  const copy = spec === undefined ? undefined : { ...spec };
  if (kind === "Service" && copy !== undefined) {
    for (const own of ["clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"])
      delete copy[own];
    if (copy["clusterIP"] !== "None") delete copy["clusterIP"];
  }
  return { apiVersion, kind, metadata: { name, namespace, labels, annotations }, spec: copy, data };
}
