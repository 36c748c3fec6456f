/**
 * A healthy mesh, whole, that tests change: they take one and break one thing. Its objects are in
 * `objects.ts`.
 */
import { parse, stringify } from "yaml";
import { healthyObjects, type Manifest, type Tree } from "./objects";

export {
  application,
  collectorHost,
  istioConfigMap,
  type Manifest,
  meshConfig,
  namespaces,
  options,
  type Tree,
} from "./objects";

/** A healthy mesh that a test changes; every one is new. */
export class Mesh {
  constructor(public objects: Manifest[] = healthyObjects()) {}

  /** One object by `Kind namespace/name`; fails where there is none, so that no test changes nothing. */
  get(ref: string): Manifest {
    const found = this.objects.find((object) => refOf(object) === ref);
    if (found === undefined) throw new Error(`the fixture has no ${ref}`);
    return found;
  }

  /**
   * Sets a value in an object.
   * @param path keys and indices with spaces between them, because keys have dots and slashes
   */
  set(ref: string, path: string, value: unknown): this {
    const { parent, key } = this.place(ref, path);
    parent[key] = value;
    return this;
  }

  /** Takes a value, or an item of a list, out of an object. */
  unset(ref: string, path: string): this {
    const { parent, key } = this.place(ref, path);
    if (!(key in parent)) throw new Error(`${ref} has no ${path}`);
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
    return this;
  }

  add(...objects: Manifest[]): this {
    this.objects.push(...objects);
    return this;
  }

  /** Adds a copy of an object under another name. */
  copy(ref: string, name: string, namespace?: string): this {
    const copy = structuredClone(this.get(ref));
    copy.metadata.name = name;
    if (namespace !== undefined) copy.metadata.namespace = namespace;
    return this.add(copy);
  }

  remove(ref: string): this {
    const object = this.get(ref);
    return this.removeWhere((other) => other === object);
  }

  /** Removes every object for which a test holds. */
  removeWhere(test: (object: Manifest) => boolean): this {
    const rest = this.objects.filter((object) => !test(object));
    if (rest.length === this.objects.length) throw new Error("the fixture has no such object");
    this.objects = rest;
    return this;
  }

  /** Sets a value in the YAML that a ConfigMap has under a key; `undefined` takes it out. */
  inData(ref: string, key: string, path: string, value: unknown): this {
    const data = this.get(ref)["data"] as Record<string, string>;
    const holder = { text: parse(data[key] ?? "") as unknown };
    const place = walk(holder, `text ${path}`);
    place.parent[place.key] = value;
    return this.set(ref, `data ${key}`, stringify(holder.text));
  }

  /** Sets a value in the mesh config; `undefined` takes it out. */
  mesh(path: string, value: unknown): this {
    return this.inData("ConfigMap istio-system/istio", "mesh", path, value);
  }

  /** Sets a value in the mesh config's tracing provider. */
  zipkin(key: string, value: unknown): this {
    return this.mesh(`extensionProviders 0 zipkin ${key}`, value);
  }

  private place(ref: string, path: string): { parent: Tree; key: string } {
    return walk(this.get(ref), path);
  }
}

/** `Kind namespace/name` */
export function refOf({ kind, metadata: { name, namespace } }: Manifest): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

function walk(root: object, path: string): { parent: Tree; key: string } {
  const keys = path.split(" ");
  const key = keys.pop() ?? "";
  let parent = root as Tree;
  for (const step of keys) {
    const next = parent[step];
    if (typeof next !== "object" || next === null) throw new Error(`there is no ${step} in ${path}`);
    parent = next as Tree;
  }
  return { parent, key };
}
