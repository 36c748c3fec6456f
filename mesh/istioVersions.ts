/** Istio's versions, and what came with which. */

/** Major and minor, comparable as numbers: 1.28 is [1, 28]. */
export type Version = readonly [major: number, minor: number];

/** The version in a text such as `1.28`, `v1.28.3` or `docker.io/istio/proxyv2:1.28.3-distroless`. */
export function parseVersion(value: string | undefined): Version | undefined {
  const match = /(?:^|[^\d.])v?(\d+)\.(\d+)(?:[.-]|$)/.exec(value ?? "");
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/**
 * The first version that has something, as the change notes have it.
 * @see https://github.com/istio/istio/tree/master/releasenotes/notes
 */
export const istioSince = {
  /** No tracer by default, up to then `zipkin` in istiod's namespace (drop-default-tracing.yaml). */
  noDefaultTracer: [1, 22],
  /** What every stack uses: `telemetry.istio.io/v1`, since 1.22, and `%TRACE_ID%` in access logs. */
  traceIdInAccessLogs: [1, 23],
  /** Services of type ExternalName are other names of hosts, and have no cluster (external-name-on.yaml). */
  externalNameAlias: [1, 21],
  /** `traceContextOption` of the Zipkin provider (zipkin-trace-context-option.yaml). */
  w3cPropagation: [1, 28],
  /** Resolution `DYNAMIC_DNS` of a ServiceEntry whose traffic goes through a waypoint (se-wildcard-host.yaml). */
  dynamicDnsInWaypoints: [1, 28],
  /** The same in sidecars, which up to then make no cluster for such an entry (se-wildcard-host-sidecar.yaml). */
  dynamicDns: [1, 30],
} as const satisfies Readonly<Record<string, Version>>;

export type IstioFeature = keyof typeof istioSince;

/** Whether a version has something; a text that is no version has nothing. */
export function hasFeature(version: Version | string, feature: IstioFeature): boolean {
  const [major, minor] = (typeof version === "string" ? parseVersion(version) : version) ?? [0, 0];
  const [sinceMajor, sinceMinor] = istioSince[feature];
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}

/** A version as texts have it: `1.28`. */
export function versionText(version: Version): string {
  return version.join(".");
}
