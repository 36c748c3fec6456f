import * as pulumi from "@pulumi/pulumi";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { type StackConfig } from "../config/stack";
import { byKey, mapValues } from "../mesh/stableOrder";
import { objectMeta } from "./metadata";

/** One ServiceEntry as a stack describes it. */
export type ExternalService = StackConfig["externalServices"][string];

export interface ExternalServicesArgs {
  /** The stack's name, for the owner labels. */
  stack: string;
  /** Namespace of the ServiceEntries. In the root namespace they are seen by the whole mesh. */
  namespace: string;
  /** Services outside the mesh by the name of their ServiceEntry. Renaming one replaces it. */
  services: Readonly<Record<string, ExternalService>>;
}

export function argsFrom({ stack, istio, externalServices }: StackConfig): ExternalServicesArgs {
  return { stack, namespace: istio.rootNamespace, services: externalServices };
}

/**
 * Resolution where a stack gives none: `NONE` if any host is a wildcard, since DNS cannot resolve one and a
 * ServiceEntry has one resolution for all its hosts; else `DNS`.
 */
export function resolutionFor(hosts: readonly string[]): "NONE" | "DNS" {
  return hosts.some((host) => host.startsWith("*.")) ? "NONE" : "DNS";
}

/**
 * The ServiceEntries by name.
 * @see https://istio.io/latest/docs/reference/config/networking/service-entry/
 */
export function manifests({ stack, namespace, services }: ExternalServicesArgs) {
  return mapValues(byKey(services), (name, { hosts, ports, resolution = resolutionFor(hosts) }) => ({
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: objectMeta(stack, namespace, name),
    spec: { hosts, location: "MESH_EXTERNAL", ports, resolution },
  }));
}

/**
 * The services outside the mesh by name, so that topology and traces show `api.example.com` instead of
 * `PassthroughCluster`.
 *
 * @example
 * new ExternalServices("external-services", { stack: "dev", namespace: "istio-system", services: {
 *   "example-api": { hosts: ["api.example.com"], ports: [{ number: 443, name: "https", protocol: "HTTPS" }] },
 * } });
 */
export class ExternalServices extends pulumi.ComponentResource {
  static readonly type = "mesh-tracing:mesh:ExternalServices";

  constructor(name: string, args: ExternalServicesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(ExternalServices.type, name, {}, opts);
    for (const [entry, manifest] of Object.entries(manifests(args))) {
      new CustomResource(`${name}-${entry}`, manifest, { parent: this });
    }
    this.registerOutputs({});
  }
}
