/** Where istiod reads its mesh configuration from. */

/** Key under which istiod reads its configuration from a ConfigMap. */
export const meshConfigKey = "mesh";

/**
 * Environment variable of istiod that names a second ConfigMap of mesh configuration.
 * @see https://istio.io/latest/docs/reference/commands/pilot-discovery/
 */
export const sharedMeshConfigEnv = "SHARED_MESH_CONFIG";
