/** Resources as the policy SDK hands them to policies, proxies included. */
import { unknownCheckingProxy } from "@pulumi/policy";
import { type Resource } from "../../../policy/pack/resources";
import { type Manifest, Mesh } from "../../../docs/generate/sample/mesh";

/** What stands for an unknown text on the wire. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const proxied = unknownCheckingProxy as (props: object) => Record<string, unknown>;

/** A resource of any type; properties behind the SDK's proxies. */
export function resource(type: string, name: string, props: object, rest: Partial<Resource> = {}): Resource {
  return { type, name, urn: `urn:pulumi:dev::shop::${type}::${name}`, props: proxied(props), ...rest };
}

/** The resource that the Kubernetes provider has for an object. */
export function resourceOf(object: Manifest, rest: Partial<Resource> = {}): Resource {
  const { apiVersion, kind, metadata } = object;
  const group = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
  return resource(
    `kubernetes:${group}:${kind}`,
    `${metadata.namespace ?? ""}-${metadata.name}`,
    object,
    rest,
  );
}

/** A healthy stack, or one with faults. */
export function stackOf(mesh: Mesh = new Mesh()): Resource[] {
  return mesh.objects.map((object) => resourceOf(object));
}

/** A provider resource; a stack may have several. */
export function provider(name: string, props: object): NonNullable<Resource["provider"]> {
  const type = "pulumi:providers:kubernetes";
  return { type, name, urn: `urn:pulumi:dev::shop::${type}::${name}`, props: proxied(props) };
}

/** The reference platform's outage: the sidecars' port is missing in one namespace. */
export function outage(): Mesh {
  return new Mesh().unset("NetworkPolicy auth/allow-jaeger-egress", "spec egress 0 ports 2");
}
