/** Validates custom resources of Istio against Istio's own schemas. */
import { type Manifest } from "./manifests";
import { InputError } from "../input/inputError";

interface Model {
  validate(): void;
}

/** Written out one by one, so that they can be part of a bundle. */
const apis: Readonly<Record<string, () => Promise<object>>> = {
  "extensions.istio.io/v1alpha1": () => import("@kubernetes-models/istio/extensions.istio.io/v1alpha1"),
  "install.istio.io/v1alpha1": () => import("@kubernetes-models/istio/install.istio.io/v1alpha1"),
  "networking.istio.io/v1": () => import("@kubernetes-models/istio/networking.istio.io/v1"),
  "networking.istio.io/v1alpha3": () => import("@kubernetes-models/istio/networking.istio.io/v1alpha3"),
  "networking.istio.io/v1beta1": () => import("@kubernetes-models/istio/networking.istio.io/v1beta1"),
  "security.istio.io/v1": () => import("@kubernetes-models/istio/security.istio.io/v1"),
  "security.istio.io/v1beta1": () => import("@kubernetes-models/istio/security.istio.io/v1beta1"),
  "telemetry.istio.io/v1": () => import("@kubernetes-models/istio/telemetry.istio.io/v1"),
  "telemetry.istio.io/v1alpha1": () => import("@kubernetes-models/istio/telemetry.istio.io/v1alpha1"),
};

/**
 * Checks every manifest of an Istio API group.
 * @throws InputError naming each object and each field that Istio's schema refuses
 */
export async function validateIstio(manifests: readonly Manifest[]): Promise<void> {
  const complaints: string[] = [];
  for (const manifest of manifests) {
    const [group = "", version = ""] = manifest.apiVersion.split("/");
    if (!group.endsWith(".istio.io")) continue;
    const complaint = await complaintOf(group, version, manifest);
    if (complaint !== undefined) complaints.push(complaint);
  }
  if (complaints.length > 0) {
    throw new InputError(
      `Istio's schemas reject what the stack describes; nothing was written\n${complaints.join("\n")}`,
    );
  }
}

async function complaintOf(group: string, version: string, manifest: Manifest): Promise<string | undefined> {
  const { kind, metadata } = manifest;
  const name = `  ${kind} ${metadata.namespace}/${metadata.name}`;
  const Model = await modelOf(group, version, kind);
  if (Model === undefined) return `${name}: Istio has no ${kind} in ${group}/${version}`;
  try {
    new Model(manifest).validate();
    return undefined;
  } catch (error) {
    return `${name}: ${(error as Error).message}`;
  }
}

async function modelOf(
  group: string,
  version: string,
  kind: string,
): Promise<(new (data: Manifest) => Model) | undefined> {
  const models = (await apis[`${group}/${version}`]?.()) as Record<string, unknown> | undefined;
  return models?.[kind] as (new (data: Manifest) => Model) | undefined;
}
