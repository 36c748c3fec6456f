/** What a pod's spec says its containers run with, as the kubelet would read it. */

/** A container of a pod, as far as the lab runs it. */
export interface ContainerSpec {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvSpec[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly ports?: readonly { readonly containerPort: number; readonly name?: string }[];
}

export interface EnvSpec {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly configMapKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

/** What names in fields of the pod stand for. */
export interface PodFields {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A container's variables: `envFrom` first, `env` over it.
 * @param configMaps data of the ConfigMaps of the pod's namespace, by name
 * @throws Error naming what is not there, as the kubelet's CreateContainerConfigError would
 */
export function environmentOf(
  container: ContainerSpec,
  pod: PodFields,
  configMaps: ReadonlyMap<string, Readonly<Record<string, string>>>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const { configMapRef } of container.envFrom ?? []) {
    if (configMapRef === undefined) continue;
    const data = configMaps.get(configMapRef.name);
    if (data === undefined) throw new Error(`ConfigMap ${pod.namespace}/${configMapRef.name} is not there`);
    Object.assign(result, data);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const { configMapKeyRef, fieldRef } = valueFrom ?? {};
    if (value !== undefined) result[name] = value;
    if (fieldRef !== undefined) result[name] = fieldOf(fieldRef.fieldPath, pod);
    if (configMapKeyRef === undefined) continue;
    const found = configMaps.get(configMapKeyRef.name)?.[configMapKeyRef.key];
    if (found !== undefined) result[name] = found;
    else if (configMapKeyRef.optional !== true) {
      const place = `${pod.namespace}/${configMapKeyRef.name}`;
      throw new Error(`ConfigMap ${place} has no key ${configMapKeyRef.key}, which ${name} is taken from`);
    }
  }
  return result;
}

function fieldOf(path: string, { name, namespace, address, labels }: PodFields): string {
  const label = /^metadata\.labels\['(.+)'\]$/.exec(path)?.[1];
  if (label !== undefined) return labels[label] ?? "";
  const fields: Record<string, string> = {
    "metadata.name": name,
    "metadata.namespace": namespace,
    "status.podIP": address,
    "status.hostIP": "",
    "spec.serviceAccountName": "default",
  };
  return fields[path] ?? "";
}

/** Programs that the lab has for images; others are pods that kwok alone makes run. */
export type Program = "istiod" | "proxy" | "application" | "dns" | "jaeger";

export function programOf(image = ""): Program | undefined {
  const name = image.replace(/[:@].*$/, "");
  if (/(^|\/)istio\/pilot$/.test(name)) return "istiod";
  if (/(^|\/)istio\/proxyv2$/.test(name)) return "proxy";
  if (/(^|\/)lab\/application$/.test(name)) return "application";
  if (/(^|\/)lab\/dns$/.test(name)) return "dns";
  if (/(^|\/)jaeger$/.test(name)) return "jaeger";
  return undefined;
}

/** Variables that images set for their programs, which pods do not repeat. */
const imageVariables: Partial<Record<Program, Readonly<Record<string, string>>>> = {
  // Without it Jaeger listens to its own pod only.
  jaeger: { JAEGER_LISTEN_HOST: "0.0.0.0" },
};

/** What a program starts with that its pod does not say. */
export function variablesOfImage(program: Program): Readonly<Record<string, string>> {
  return imageVariables[program] ?? {};
}

/** Whether the mesh puts a sidecar beside a pod, by the labels that its injector reads. */
export function isInjected(
  podLabels: Readonly<Record<string, string>>,
  namespaceLabels: Readonly<Record<string, string>>,
): boolean {
  const wish = podLabels["sidecar.istio.io/inject"];
  if (wish !== undefined) return wish === "true";
  return namespaceLabels["istio-injection"] === "enabled";
}
