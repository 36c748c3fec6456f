/** The objects of the input, by kind and by name. */
import { isRecord, record, records, text } from "./reading";

/** A Kubernetes object as it was read; nothing but its identity is certain. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string } & Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** API groups of the kinds that are read, without versions: those change, the fields that matter do not. */
export const groups = {
  telemetry: "telemetry.istio.io",
  networking: "networking.istio.io",
  security: "security.istio.io",
  gatewayApi: "gateway.networking.k8s.io",
  istioOperator: "install.istio.io",
  sailOperator: "sailoperator.io",
  argo: "argoproj.io",
  flux: "helm.toolkit.fluxcd.io",
  fluxSource: "source.toolkit.fluxcd.io",
  kiali: "kiali.io",
  openTelemetry: "opentelemetry.io",
  ingress: "networking.k8s.io",
  certManager: "cert-manager.io",
  pseudo: "mesh-tracing",
} as const;

/** Finds objects by kind and by name; built once in one pass. */
export class ObjectIndex {
  private readonly byKind = new Map<string, KubeObject[]>();
  private readonly byName = new Map<string, Map<string, KubeObject>>();
  readonly all: readonly KubeObject[];
  /** What had no kind or no name. */
  readonly nameless: readonly unknown[];

  constructor(input: Iterable<unknown>) {
    const all: KubeObject[] = [];
    const nameless: unknown[] = [];
    for (const value of flattened(input)) {
      if (!isKubeObject(value)) {
        nameless.push(value);
        continue;
      }
      all.push(value);
      const key = kindKey(groupOf(value), value.kind);
      const list = this.byKind.get(key);
      if (list === undefined) this.byKind.set(key, [value]);
      else list.push(value);
    }
    this.all = all;
    this.nameless = nameless;
  }

  /** Every object of a kind; the core group is empty text. */
  of(group: string, kind: string): readonly KubeObject[] {
    return this.byKind.get(kindKey(group, kind)) ?? [];
  }

  /** One object by its name. */
  get(group: string, kind: string, namespace: string, name: string): KubeObject | undefined {
    const key = kindKey(group, kind);
    let names = this.byName.get(key);
    if (names === undefined) {
      names = new Map(
        this.of(group, kind).map((object) => [`${namespaceOf(object)}/${object.metadata.name}`, object]),
      );
      this.byName.set(key, names);
    }
    return names.get(`${namespace}/${name}`);
  }
}

/** Namespace of an object; manifests may leave out `default`. */
export function namespaceOf(object: KubeObject): string {
  return text(object.metadata.namespace) ?? "default";
}

/** API group of an object; empty text for the core group. */
export function groupOf(object: KubeObject): string {
  const slash = object.apiVersion.indexOf("/");
  return slash === -1 ? "" : object.apiVersion.slice(0, slash);
}

function kindKey(group: string, kind: string): string {
  return `${group}/${kind}`;
}

function isKubeObject(value: unknown): value is KubeObject {
  if (!isRecord(value)) return false;
  return (
    typeof value["kind"] === "string" &&
    typeof value["apiVersion"] === "string" &&
    typeof record(value["metadata"])["name"] === "string"
  );
}

/** The objects themselves, also those inside a `List`. */
function* flattened(input: Iterable<unknown>): Generator {
  for (const value of input) {
    const isList = isRecord(value) && typeof value["kind"] === "string" && /List$/.test(value["kind"]);
    if (isList && Array.isArray(value["items"])) yield* flattened(records(value["items"]));
    else yield value;
  }
}
