/**
 * Ways into pods through the API server: exec, port-forward and logs. kwok answers for the kubelet, by the streaming
 * protocol that every kubelet speaks; what it runs are the lab's own commands, in the network of the pod.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { ports } from "../../mesh/ports";
import * as api from "../api";
import { home, inRun } from "../home";
import { documentsOf } from "../stack";

/** Where the API server finds the kubelet. */
export const kubeletPort = 10_250;

/** Kinds by which kwok is told what to do for a pod. */
export const doorKinds = { exec: "Exec", portforward: "PortForward", log: "Logs" } as const;

const apiVersion = "kwok.x-k8s.io/v1alpha1";

const envoyAdmin = 15_000;
/** Ports that answer their own pod alone, or tell others less: istiod's `/debug` asks them who they are. */
const insiders = new Set<number>([envoyAdmin, ports.istiodMonitoring]);

/** Ports that tools ask for, besides those that containers list. */
const askedPorts = [envoyAdmin, ports.istiodMonitoring, ports.metrics, ports.jaeger1Admin, ports.queryHttp];

/** Defines kwok's kinds, which it watches from its start. */
export async function defineDoors(kwokModule: string): Promise<void> {
  for (const name of ["execs", "portforwards", "logs"]) {
    const file = path.join(kwokModule, "kustomize/crd/bases", `kwok.x-k8s.io_${name}.yaml`);
    for (const definition of documentsOf(file)) await api.apply(definition);
  }
}

/**
 * Commands that stand for those of containers: kwok looks for what is asked for on its own PATH. It is in the mount
 * namespace of the node, so that the pod is entered by one of its processes.
 */
export function writeDoorCommands(): string {
  const directory = inRun("doors");
  fs.mkdirSync(directory, { recursive: true });
  const script = `#!/bin/sh\nexec nsenter --target "$LAB_PROCESS" --net -- "${path.join(home.bin, "pilot-agent")}" "$@"\n`;
  fs.writeFileSync(path.join(directory, "pilot-agent"), script, { mode: 0o755 });
  return directory;
}

export interface DoorsPod {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  /** Whether what comes in goes to a sidecar first. */
  readonly injected: boolean;
  /** A process of it. */
  readonly process: number;
  readonly uid: string;
  readonly containerPorts: readonly number[];
  /** Files of logs by container. */
  readonly logs: Readonly<Record<string, string>>;
}

/** Objects that open the ways into a pod; they go when it goes. */
export function doorsOf({
  name,
  namespace,
  address,
  injected,
  process: inside,
  uid,
  containerPorts,
  logs,
}: DoorsPod): api.ApiObject[] {
  const metadata = {
    name,
    namespace,
    ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid }],
  };
  const forward = path.join(__dirname, "forward.cjs");
  const enter = ["nsenter", "--target", String(inside), "--net", "--"];
  return [
    {
      apiVersion,
      kind: doorKinds.exec,
      metadata,
      spec: { execs: [{ local: { envs: [{ name: "LAB_PROCESS", value: String(inside) }] } }] },
    },
    {
      apiVersion,
      kind: doorKinds.portforward,
      metadata,
      spec: {
        // Only processes inside reach what listens to its own pod, and come past its sidecar. Of those kwok tells too late
        // that nothing listens, so all others are dialled.
        forwards: [...new Set([...containerPorts, ...askedPorts])].map((port) =>
          injected || insiders.has(port)
            ? { ports: [port], command: [...enter, process.execPath, forward, String(port)] }
            : { ports: [port], target: { address, port } },
        ),
      },
    },
    {
      apiVersion,
      kind: doorKinds.log,
      metadata,
      spec: {
        logs: Object.entries(logs).map(([container, logsFile]) => ({ containers: [container], logsFile })),
      },
    },
  ];
}

/**
 * Lets the API server know of a sidecar that no webhook has put into the pod: it opens streams into containers that it
 * knows. Of a pod that runs only this kind can be added.
 */
export async function addSidecar(pod: { name: string; namespace: string }): Promise<void> {
  const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/ephemeralcontainers`;
  const sidecar = { name: "istio-proxy", image: "docker.io/istio/proxyv2:1.31.0" };
  await api.patch(path, { spec: { ephemeralContainers: [sidecar] } });
}
