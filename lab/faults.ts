/** Ways to lose traces: what each changes, what the rules must say, and what must be seen on the wire. */
import { parse, stringify } from "yaml";
import { type ApiObject } from "./api";
import { gateway, services } from "./platform";
import { type Sender } from "./trace";

/** An object to change, by what names it. */
export interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface Edit {
  readonly of: Reference;
  /** The object as it is, or undefined; returns what it is to be, or undefined if it is to go. */
  readonly to: (object: ApiObject | undefined) => ApiObject | undefined;
  /** Whether the object is made anew, because its age or an immutable field matters. */
  readonly anew?: boolean;
}

export interface Fault {
  readonly name: string;
  /** What somebody did. */
  readonly says: string;
  readonly edits: readonly Edit[];
  /** The rule that is about it; none if no rule is. */
  readonly rule?: string;
  /** Whose spans must not arrive. */
  readonly lost: readonly Sender[];
  /** Whether what arrives must be more than one trace. */
  readonly split: boolean;
  /** Whether requests are traced whose caller samples them, of which the doctor's own is one. */
  readonly callersDecide?: boolean;
}

const { first } = services;
const system = gateway.namespace;
const collector = "jaeger-collector-clusterip";
const proxies: readonly Sender[] = ["gateway", "first proxy", "second proxy"];

const policy = (namespace: string, name: string): Reference => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  namespace,
  name,
});
const istio = (kind: string, namespace: string, name: string): Reference => ({
  apiVersion: kind === "Telemetry" ? "telemetry.istio.io/v1" : "networking.istio.io/v1",
  kind,
  namespace,
  name,
});
const core = (kind: string, namespace: string, name: string): Reference => ({
  apiVersion: "v1",
  kind,
  namespace,
  name,
});

/** An object that is not there, with a spec. */
function added(of: Reference, spec: Record<string, unknown>): Edit {
  const { apiVersion, kind, namespace, name } = of;
  return { of, to: () => ({ apiVersion, kind, metadata: { name, namespace }, spec }) };
}

/** An object that must be there, changed. */
function changed(of: Reference, change: (object: ApiObject) => void, anew = false): Edit {
  const to = (object: ApiObject | undefined): ApiObject => {
    if (object === undefined) throw new Error(`${of.kind} ${of.namespace}/${of.name} is not there`);
    const copy = structuredClone(object);
    change(copy);
    return copy;
  };
  return { of, to, anew };
}

interface Rule {
  ports?: { port?: number; protocol?: string }[];
}

/** Takes a port out of all rules of a direction; rules without ports left go. */
function withoutPort(of: Reference, direction: "egress" | "ingress", port: number): Edit {
  return changed(of, ({ spec = {} }) => {
    const rules = (spec[direction] ?? []) as Rule[];
    spec[direction] = rules
      .map((rule) => ({ ...rule, ports: rule.ports?.filter((own) => own.port !== port) }))
      .filter(({ ports }) => ports === undefined || ports.length > 0);
  });
}

/** Changes the provider `jaeger` in the mesh configuration, wherever that is delivered. */
function provider(change: (zipkin: Record<string, unknown>) => void, map: string): Edit {
  return changed(core("ConfigMap", system, map), ({ data = {} }) => {
    const mesh = parse(data["mesh"] ?? "") as {
      extensionProviders?: { name: string; zipkin?: Record<string, unknown> }[];
    };
    for (const { zipkin } of mesh.extensionProviders ?? []) if (zipkin !== undefined) change(zipkin);
    data["mesh"] = stringify(mesh);
  });
}

/** @param map ConfigMap that has the providers */
export function faultTable(map: string): readonly Fault[] {
  const egress = policy(first.namespace, "allow-jaeger-egress");
  const team = policy(first.namespace, "team-egress");
  const ingress = policy(system, "allow-tracing-ingress");
  const mesh = istio("Telemetry", system, "mesh-default");
  const environment = (namespace: string): Edit =>
    changed(core("ConfigMap", namespace, "otel-environment"), ({ data = {} }) => {
      data["OTEL_PROPAGATORS"] = "tracecontext,baggage";
    });
  return [
    {
      name: "9411-egress",
      says: `the egress policy of ${first.namespace} forgets 9411`,
      edits: [withoutPort(egress, "egress", 9411)],
      rule: "trace-path-open",
      lost: ["first proxy"],
      split: false,
    },
    {
      name: "9411-ingress",
      says: "the collector's ingress policy forgets 9411",
      edits: [withoutPort(ingress, "ingress", 9411)],
      rule: "trace-path-open",
      lost: proxies,
      split: false,
    },
    {
      name: "4317-egress",
      says: `the egress policy of ${first.namespace} forgets 4317`,
      edits: [withoutPort(egress, "egress", 4317)],
      rule: "trace-path-open",
      lost: ["first SDK"],
      split: false,
    },
    {
      name: "dns",
      says: `the team of ${first.namespace} forgets DNS`,
      edits: [withoutPort(team, "egress", 53)],
      rule: "mesh-baseline-egress",
      lost: ["first proxy", "first SDK", "second proxy", "second SDK"],
      split: false,
    },
    {
      name: "istiod",
      says: `the team of ${first.namespace} forgets istiod`,
      edits: [withoutPort(team, "egress", 15012)],
      rule: "mesh-baseline-egress",
      lost: ["first proxy", "first SDK", "second proxy", "second SDK"],
      split: false,
    },
    {
      name: "propagators",
      says: "the mesh speaks B3 alone and the SDKs W3C alone",
      edits: [
        provider((zipkin) => delete zipkin["traceContextOption"], map),
        environment(first.namespace),
        environment(services.second.namespace),
      ],
      rule: "trace-context-joins",
      lost: [],
      split: true,
    },
    {
      name: "headless",
      says: "the collector's Service is headless",
      edits: [
        changed(
          core("Service", system, collector),
          ({ spec = {} }) => void (spec["clusterIP"] = "None"),
          true,
        ),
      ],
      rule: "collector-service",
      lost: ["first proxy", "second proxy"],
      split: false,
    },
    {
      name: "sidecar",
      says: `a Sidecar hides the collector from ${first.namespace}`,
      edits: [
        added(istio("Sidecar", first.namespace, "default"), {
          egress: [{ hosts: ["./*", `${services.second.namespace}/*`] }],
        }),
      ],
      rule: "collector-visible",
      // Envoy refuses a listener whose tracer has no cluster: a proxy that starts now never becomes ready.
      lost: ["first proxy", "first SDK", "second proxy", "second SDK"],
      split: false,
    },
    {
      name: "destinationrule",
      says: "a DestinationRule asks for Istio's mutual TLS with the collector, which has no sidecar",
      edits: [
        added(istio("DestinationRule", system, "collector-tls"), {
          host: `${collector}.${system}.svc.cluster.local`,
          trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } },
        }),
      ],
      rule: "destination-rule-tls",
      lost: [...proxies, "first SDK", "second SDK"],
      split: false,
    },
    {
      name: "provider-port",
      says: "the provider names a port that the collector's Service does not have",
      edits: [provider((zipkin) => void (zipkin["port"] = 9412), map)],
      rule: "mesh-provider",
      // As above, in every pod that starts: the gateway does not listen.
      lost: [...proxies, "first SDK", "second SDK"],
      split: false,
    },
    {
      name: "second-telemetry",
      says: "an older mesh-wide Telemetry, for access logs alone, wins over the one that traces",
      edits: [
        added(istio("Telemetry", system, "global-logging"), {
          accessLogging: [{ providers: [{ name: "json-access-log" }] }],
        }),
        changed(mesh, () => undefined, true),
      ],
      rule: "telemetry-mesh-wide",
      lost: proxies,
      split: false,
    },
    {
      name: "jaeger-stopped",
      says: "Jaeger runs no pod",
      edits: [
        changed(
          { apiVersion: "apps/v1", kind: "Deployment", namespace: system, name: "jaeger" },
          ({ spec = {} }) => {
            spec["replicas"] = 0;
          },
        ),
      ],
      rule: "collector-service",
      lost: [...proxies, "first SDK", "second SDK"],
      split: false,
    },
    {
      name: "sampling-0",
      says: "the mesh samples nothing",
      edits: [
        changed(mesh, ({ spec = {} }) => {
          const tracing = spec["tracing"] as Record<string, unknown>[];
          spec["tracing"] = tracing.map((entry) => ({ ...entry, randomSamplingPercentage: 0 }));
        }),
      ],
      rule: "telemetry-sampling",
      lost: [...proxies, "first SDK", "second SDK"],
      split: false,
      callersDecide: true,
    },
  ];
}
