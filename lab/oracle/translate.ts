/** Random clusters in the form that the oracles read: pods with addresses, policies with the API server's defaults. */

export interface OraclePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

export interface OraclePod {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly OraclePort[];
}

export interface OracleQuestion {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: string;
}

export interface OracleCluster {
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pods: readonly OraclePod[];
  readonly policies: readonly object[];
  /** Of the whole cluster: each oracle applies those of the kinds that it knows. */
  readonly clusterPolicies?: readonly object[];
  readonly questions: readonly OracleQuestion[];
}

/** One answer a question, in order. */
export interface OracleAnswers {
  readonly kubeNetworkPolicies: readonly boolean[];
  readonly cilium: readonly boolean[];
}

interface Container {
  readonly restartPolicy?: string;
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort: number;
    readonly protocol?: string;
  }[];
}

interface Policy {
  readonly spec: {
    readonly podSelector?: object;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

interface Rule {
  readonly ports?: readonly { readonly protocol?: string }[];
}

/** Ports of the containers that run all the time, which restartable init containers do, too. */
export function portsOf(
  containers: readonly Container[],
  initContainers: readonly Container[],
): OraclePort[] {
  const running = [
    ...containers,
    ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always"),
  ];
  return running
    .flatMap(({ ports }) => ports ?? [])
    .map(({ name = "", containerPort, protocol = "TCP" }) => ({ name, port: containerPort, protocol }));
}

/** A NetworkPolicy as the API server would store it. */
export function withDefaults<P extends Policy>(policy: P): P {
  const { spec } = policy;
  const { podSelector = {}, ingress, egress, policyTypes = [] } = spec;
  const types = (egress ?? []).length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
  return {
    ...policy,
    spec: {
      ...spec,
      podSelector,
      policyTypes: policyTypes.length > 0 ? policyTypes : types,
      ingress: ingress?.map(ruleWithDefaults),
      egress: egress?.map(ruleWithDefaults),
    },
  };
}

function ruleWithDefaults<R extends Rule>(rule: R): R {
  return { ...rule, ports: rule.ports?.map((port) => ({ ...port, protocol: port.protocol ?? "TCP" })) };
}

/**
 * Whether the ports of a pod leave open which number a name means: Cilium knows one, the first or the last; policies
 * mean every port of that name.
 */
export function hasAmbiguousPorts({ ports }: OraclePod): boolean {
  const numbers = new Map<string, number>();
  return ports.some(({ name, port, protocol }) => {
    if (name === "") return false;
    const key = `${name} ${protocol}`;
    const other = numbers.get(key);
    numbers.set(key, port);
    return other !== undefined && other !== port;
  });
}
