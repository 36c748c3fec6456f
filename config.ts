/**
 * The one description of a stack: what a `Pulumi.<stack>.yaml` may say, what it defaults to and what must
 * hold. Everything a stack can choose is here; the components take it as it comes out of {@link parseStack}.
 */
import { z } from "zod";
import { meshProviders, projectName } from "./constants";
import {
  ConfigMistakes,
  type Mistake,
  mistakesOf,
  nearest,
  says,
  section,
  unknownKeyFix,
} from "./configMistakes";
import { maxTracesFor, parseMemory } from "./jaegerMemory";
import { judgePropagation, recommendedPropagation, type TraceContextOption } from "./traceContext";

/** Versions and addresses a stack need not repeat. Pinned: a stack is the same tomorrow. */
export const defaults = {
  jaegerChart: { repository: "https://jaegertracing.github.io/helm-charts", version: "4.11.1" },
  istioRepository: "https://istio-release.storage.googleapis.com/charts",
} as const;

// ---------------------------------------------------------------------------------------------------------
// Words of Kubernetes

const dnsLabel = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    says("a DNS label: lower-case letters, digits and dashes, at most 63", "write it like my-name"),
  );

const objectName = z
  .string()
  .max(253, says("at most 253 characters", "shorten it"))
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    says("a Kubernetes object name: lower-case letters, digits, dashes and dots", "write it like my-name"),
  );

const labels = z.record(z.string(), z.string());

const port = z
  .int()
  .min(1, says("a port between 1 and 65535", "choose a port in that range"))
  .max(65535, says("a port between 1 and 65535", "choose a port in that range"));

const cidr = z.union([z.cidrv4(), z.cidrv6()], {
  error: (issue) =>
    says(
      "an address range in CIDR notation",
      typeof issue.input === "string" && !issue.input.includes("/")
        ? `write ${issue.input}${issue.input.includes(":") ? "/128" : "/32"}`
        : "write it like 10.0.0.0/8",
    ),
});

const cpu = z
  .string()
  .regex(/^([1-9]\d*m|[1-9]\d*|\d+\.\d+)$/, says("a Kubernetes CPU quantity", "write it like 100m or 1"));

const exactVersion = z
  .string()
  .regex(
    /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/,
    says("an exact version, because a range would deploy something else tomorrow", "write it like 4.11.1"),
  );

/** Where a Helm chart comes from: a repository, an OCI registry, or a directory or archive on this machine. */
const source = <Extra extends z.ZodRawShape>(pinned: Extra) =>
  z.union([
    section({
      repository: z.url({
        protocol: /^https?$/,
        error: says("the http(s) address of a Helm repository", "for OCI registries use the key oci"),
      }),
      ...pinned,
    }),
    section({
      oci: z.string().startsWith("oci://", says("an OCI address", "write it like oci://registry/path/chart")),
      ...pinned,
    }),
    section({
      path: z.string().min(1, says("a directory or .tgz archive", "write it like ./charts/jaeger")),
    }),
  ]);

export type ChartSource =
  { repository: string; version: string } | { oci: string; version: string } | { path: string };

// ---------------------------------------------------------------------------------------------------------
// Sections

/** Keys of charts before 4.x that no template of 4.x reads, with the key that does. */
const retiredChartKeys: Readonly<Record<string, string>> = {
  provisionDataStore: "nothing: Jaeger 2 keeps traces in memory unless userconfig names a store",
  allInOne: "jaeger (for example jaeger.resources, jaeger.extraEnv)",
  agent: "nothing: SDKs send OTLP to the collector",
  collector: "jaeger (for example jaeger.resources, jaeger.args)",
  query: "jaeger (for example jaeger.ingress); the UI is served by the same pod",
  ingester: "userconfig",
  hotrod: "nothing: the demo application has its own chart",
  cassandra: "storage.cassandra",
  elasticsearch: "storage.elasticsearch",
  schema: "nothing",
};

/** Keys that the templates of chart 4.11.1 read and that this project does not set itself. */
const chartKeys = [
  "commonAnnotations",
  "commonLabels",
  "esIndexCleaner",
  "esLookback",
  "esRollover",
  "extraObjects",
  "global",
  "jaeger",
  "networkPolicy",
  "spark",
  "storage",
  "tag",
  "uiconfig",
  "userconfig",
];

const chartValues = z.record(z.string(), z.unknown()).superRefine((values, context) => {
  for (const key of Object.keys(values)) {
    const retired = Object.hasOwn(retiredChartKeys, key) ? retiredChartKeys[key] : undefined;
    if (retired !== undefined) {
      context.addIssue({
        code: "custom",
        path: [key],
        message: says("no template of chart 4.x reads this key of older charts", `use ${retired}`),
      });
    } else if (key === "fullnameOverride" || key === "nameOverride") {
      context.addIssue({
        code: "custom",
        path: [key],
        message: says("Services and policies select the pods by this name", "set jaeger.release instead"),
      });
    } else if (!chartKeys.includes(key)) {
      context.addIssue({
        code: "custom",
        path: [key],
        message: says("no template of chart 4.x reads this key", unknownKeyFix(key, chartKeys)),
      });
    }
  }
});

const istio = section({
  version: z
    .string()
    .regex(
      /^1\.\d+(\.\d+)?$/,
      says("the Istio version that runs in the cluster, as major.minor in quotes", 'write it like "1.31"'),
    )
    .refine(
      (version) => !/^1\.\d+/.test(version) || minorOf(version) >= 23,
      says(
        "Istio 1.23 or newer: older ones have neither telemetry.istio.io/v1 nor %TRACE_ID%",
        "upgrade Istio",
      ),
    ),
  rootNamespace: dnsLabel.default("istio-system"),
  createNamespace: z.boolean().default(false),
  revision: dnsLabel.optional(),
  delivery: z.enum(["shared", "managed", "values"]),
  sharedConfigMap: objectName.default("mesh-tracing"),
  patchIstiod: z.boolean().default(true),
  install: section({
    chart: source({ version: exactVersion }),
    gateway: section({
      name: dnsLabel.default("istio-ingressgateway"),
      namespace: dnsLabel,
      createNamespace: z.boolean().default(false),
    }).optional(),
    values: section({
      base: z.record(z.string(), z.unknown()).default({}),
      istiod: z.record(z.string(), z.unknown()).default({}),
      gateway: z.record(z.string(), z.unknown()).default({}),
    }).prefault({}),
  }).optional(),
}).superRefine((value, context) => {
  const add = (path: string[], rule: string, fix: string): void =>
    context.addIssue({ code: "custom", path, message: says(rule, fix) });
  if (value.delivery === "managed" && value.install === undefined) {
    add(["install"], "delivery managed installs Istio and must know from where", "add istio.install.chart");
  }
  if (value.delivery !== "managed" && value.install !== undefined) {
    add(
      ["install"],
      `delivery ${value.delivery} installs nothing`,
      "remove istio.install, or set delivery managed",
    );
  }
  const chart = value.install?.chart;
  if (chart !== undefined && "version" in chart && /^1\.\d+/.test(value.version)) {
    const minor = /^v?1\.(\d+)\./.exec(chart.version)?.[1];
    if (Number(minor) !== minorOf(value.version)) {
      add(
        ["install", "chart", "version"],
        `must be a patch of istio.version ${value.version}`,
        "make them agree",
      );
    }
  }
  if (value.sharedConfigMap === "istio" || value.sharedConfigMap === `istio-${value.revision ?? ""}`) {
    add(
      ["sharedConfigMap"],
      "that ConfigMap belongs to istiod and would be overwritten",
      "choose another name",
    );
  }
});

const tracing = section({
  sampling: z
    .number()
    .min(0, says("a percentage between 0 and 100", "write 100 for every request, 1 for one in a hundred"))
    .max(100, says("a percentage between 0 and 100", "write 100 for every request, 1 for one in a hundred")),
  accessLog: z.boolean().default(true),
});

const memoryLimit = z.string().superRefine((value, context) => {
  const add = (rule: string, fix: string): void =>
    context.addIssue({ code: "custom", message: says(rule, fix) });
  const bytes = parseMemory(value);
  if (bytes === undefined)
    add("a Kubernetes memory quantity with unit Mi or Gi", "write it like 512Mi or 2Gi");
  else if (maxTracesFor(bytes) < 1000)
    add("at least 256Mi: below it Jaeger keeps next to no trace", "write 256Mi or more");
});

const jaeger = section({
  namespace: dnsLabel.optional(),
  createNamespace: z.boolean().default(false),
  release: dnsLabel.default("jaeger"),
  chart: source({ version: exactVersion }).default(defaults.jaegerChart),
  memoryLimit: memoryLimit.default("512Mi"),
  maxTraces: z.int().min(1, says("a positive number of traces", "write 1 or more")).optional(),
  cpuRequest: cpu.default("100m"),
  cpuLimit: cpu.default("1"),
  host: z
    .hostname(says("a host name without scheme and path", "write it like jaeger.example.com"))
    .optional(),
  values: chartValues.default({}),
}).superRefine((value, context) => {
  const bytes = parseMemory(value.memoryLimit);
  if (value.maxTraces === undefined || bytes === undefined) return;
  const most = maxTracesFor(bytes);
  if (value.maxTraces > most) {
    context.addIssue({
      code: "custom",
      path: ["maxTraces"],
      message: says(
        `at most ${most} traces fit into memoryLimit ${value.memoryLimit}; more would end in an out-of-memory kill`,
        "raise jaeger.memoryLimit, or remove maxTraces to have it derived",
      ),
    });
  }
});

/**
 * A rule of a NetworkPolicy's egress, as Kubernetes spells it.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
 */
const labelSelector = section({
  matchLabels: labels.optional(),
  matchExpressions: z
    .array(
      section({
        key: z.string(),
        operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
const egressRule = section({
  to: z
    .array(
      section({
        namespaceSelector: labelSelector.optional(),
        podSelector: labelSelector.optional(),
        ipBlock: section({ cidr, except: z.array(cidr).optional() }).optional(),
      }),
    )
    .min(1, says("a peer; an empty list would allow every destination", "add a peer, or remove the rule")),
  ports: z
    .array(
      section({
        port: z.union([port, z.string()]).optional(),
        endPort: port.optional(),
        protocol: z.enum(["TCP", "UDP", "SCTP"]).default("TCP"),
      }),
    )
    .optional(),
});

const namespace = section({
  isolation: z.enum(["existing", "restricted", "none"], {
    error: (issue) =>
      says(
        "must say how the namespace's egress is isolated: existing (other policies isolate it), restricted " +
          "(this stack isolates it), none (it is open and stays open)",
        typeof issue.input === "string" &&
          nearest(issue.input, ["existing", "restricted", "none"]) !== undefined
          ? `write ${nearest(issue.input, ["existing", "restricted", "none"])}`
          : "choose one of existing, restricted, none; kubectl get networkpolicy -n <namespace> tells",
      ),
  }),
  create: z.boolean().default(false),
  deployments: z
    .record(
      objectName,
      section({
        container: dnsLabel.optional(),
        serviceName: z.string().min(1, says("a service name", "write the name traces show")).optional(),
      }),
    )
    .default({}),
  extraEgress: z.array(egressRule).default([]),
}).superRefine((value, context) => {
  if (value.extraEgress.length > 0 && value.isolation !== "restricted") {
    context.addIssue({
      code: "custom",
      path: ["extraEgress"],
      message: says(
        `isolation ${value.isolation} leaves egress to others, so extra rules have no policy to go into`,
        "remove extraEgress, or set isolation restricted",
      ),
    });
  }
});

const peerNamespace = section({ namespace: dnsLabel });

const host = z.string().superRefine((value, context) => {
  const add = (rule: string, fix: string): void =>
    context.addIssue({ code: "custom", message: says(rule, fix) });
  const bare = value.replace(/^[a-z]+:\/\//i, "").replace(/[/:].*$/, "");
  if (bare !== value) add("a host name without scheme, port and path", `write ${bare}`);
  else if (value === "*")
    add("a wildcard needs a domain, else it catches all traffic", "write it like *.example.com");
  else if (!/^(\*\.)?([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value)) {
    add(
      "a fully qualified host name in lower case, or one with a leading *.",
      "write it like api.example.com",
    );
  }
});

const externalService = section({
  hosts: z.array(host).min(1, says("at least one host", "add the hosts that the service answers on")),
  resolution: z.enum(["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"]).optional(),
  ports: z
    .array(
      section({
        number: port,
        name: dnsLabel,
        protocol: z.enum(["HTTP", "HTTPS", "GRPC", "HTTP2", "MONGO", "TCP", "TLS"]),
      }),
    )
    .min(1, says("at least one port", "remove ports to get 443 HTTPS"))
    .default([{ number: 443, name: "https", protocol: "HTTPS" }]),
});

const otel = section({
  protocol: z.enum(["grpc", "http/protobuf"]).default("grpc"),
  configMap: objectName.default("otel-environment"),
  propagators: z
    .array(z.enum(["tracecontext", "baggage", "b3", "b3multi", "jaeger", "xray", "ottrace"]))
    .optional(),
  excludedUrls: z.array(z.string()).default(["health", "ready", "metrics"]),
  batch: section({
    maxQueueSize: z.int().positive().default(2048),
    maxExportBatchSize: z.int().positive().default(512),
    scheduleDelayMillis: z.int().positive().default(1000),
  }).prefault({}),
  resourceAttributes: z.record(z.string(), z.string()).default({}),
  extra: z
    .record(
      z
        .string()
        .regex(
          /^[A-Za-z_][A-Za-z0-9_]*$/,
          says("a name of an environment variable", "write it like OTEL_LOG_LEVEL"),
        ),
      z.string(),
    )
    .default({}),
}).superRefine(({ batch }, context) => {
  if (batch.maxExportBatchSize > batch.maxQueueSize) {
    context.addIssue({
      code: "custom",
      path: ["batch", "maxExportBatchSize"],
      message: says(
        `at most batch.maxQueueSize, ${batch.maxQueueSize}`,
        `write ${batch.maxQueueSize} or less`,
      ),
    });
  }
});

const egress = section({
  dns: section({
    namespace: dnsLabel.default("kube-system"),
    podLabels: labels.default({ "k8s-app": "kube-dns" }),
    ports: z.array(port).min(1, says("at least one port", "write [53]")).default([53]),
    cidrs: z.array(cidr).default([]),
  }).prefault({}),
  outsideExcept: z
    .array(cidr)
    .default([
      "10.0.0.0/8",
      "100.64.0.0/10",
      "169.254.0.0/16",
      "172.16.0.0/12",
      "192.168.0.0/16",
      "fc00::/7",
      "fe80::/10",
    ]),
});

const cluster = section({
  domain: z.string().default("cluster.local"),
  kubernetesVersion: z
    .string()
    .regex(/^v?1\.\d+(\.\d+)?$/, says("a Kubernetes version in quotes", 'write it like "1.34"'))
    .default("1.34.0"),
});

const sections = {
  istio,
  tracing,
  jaeger: jaeger.prefault({}),
  gateways: z.array(peerNamespace),
  namespaces: z
    .record(dnsLabel, namespace)
    .refine(
      (value) => Object.keys(value).length > 0,
      says("at least one traced namespace", "add a namespace"),
    ),
  externalServices: z.record(objectName, externalService).default({}),
  otel: otel.prefault({}),
  egress: egress.prefault({}),
  kiali: peerNamespace.optional(),
  prometheus: peerNamespace.optional(),
  cluster: cluster.prefault({}),
};

/** The keys a stack file may set under the project's name. */
export const sectionNames: readonly string[] = Object.keys(sections);

/** The schema of a whole stack; exported for the table of keys in the README and its test. */
export const stackSchema = section(sections).superRefine((stack, context) => {
  const add = (path: PropertyKey[], rule: string, fix: string): void =>
    context.addIssue({ code: "custom", path, message: says(rule, fix) });
  checkNamespaces(stack, add);
  checkExternalServices(stack, add);
  checkPropagators(stack, add);
});

type Parsed = z.output<typeof stackSchema>;
type AddMistake = (path: PropertyKey[], rule: string, fix: string) => void;

function checkNamespaces(stack: Parsed, add: AddMistake): void {
  const collector = stack.jaeger.namespace ?? stack.istio.rootNamespace;
  for (const [name, { deployments }] of Object.entries(stack.namespaces)) {
    if (name === collector || name === stack.istio.rootNamespace) {
      add(
        ["namespaces", name],
        "the namespace of the collector or of istiod cannot be a traced one: its egress policy would isolate them",
        name === collector
          ? "set jaeger.namespace to a namespace of its own, or remove this one"
          : "remove it",
      );
    }
    const serviceNames = new Map<string, string>();
    for (const [deployment, { serviceName = deployment }] of Object.entries(deployments)) {
      const other = serviceNames.get(serviceName);
      if (other !== undefined) {
        add(
          ["namespaces", name, "deployments", deployment, "serviceName"],
          `deployment ${other} has the service name ${serviceName} too, and traces would mix them up`,
          "give each its own serviceName",
        );
      }
      serviceNames.set(serviceName, deployment);
    }
  }
  const gateways = stack.gateways.map(({ namespace: name }) => name);
  gateways.forEach((name, index) => {
    if (gateways.indexOf(name) !== index) add(["gateways", index, "namespace"], "listed twice", "remove one");
  });
  const installed = stack.istio.install?.gateway?.namespace;
  if (installed !== undefined && !gateways.includes(installed)) {
    add(
      ["gateways"],
      `must list ${installed}, where istio.install.gateway puts a gateway, or its spans would be blocked`,
      `add { namespace: ${installed} }`,
    );
  }
}

function checkExternalServices(stack: Parsed, add: AddMistake): void {
  const owners = new Map<string, string>();
  for (const [name, { hosts, resolution }] of Object.entries(stack.externalServices)) {
    const wildcard = hosts.find((value) => value.startsWith("*."));
    if (wildcard !== undefined && (resolution === "DNS" || resolution === "DNS_ROUND_ROBIN")) {
      add(
        ["externalServices", name, "resolution"],
        `${wildcard} is a wildcard, which DNS cannot resolve`,
        "write NONE, or remove resolution to have it chosen",
      );
    }
    if (resolution === "DYNAMIC_DNS" && minorOf(stack.istio.version) < 30) {
      add(
        ["externalServices", name, "resolution"],
        "DYNAMIC_DNS works in sidecars from Istio 1.30",
        "write NONE, or upgrade Istio",
      );
    }
    if (resolution === "STATIC") {
      add(
        ["externalServices", name, "resolution"],
        "STATIC needs endpoint addresses, which this stack does not describe",
        "write DNS or NONE",
      );
    }
    hosts.forEach((value, index) => {
      const other = owners.get(value);
      if (other !== undefined) {
        add(
          ["externalServices", name, "hosts", index],
          `${other} has this host too, and Istio merges the two unpredictably`,
          "keep the host in one entry",
        );
      }
      owners.set(value, name);
    });
  }
}

function checkPropagators(stack: Parsed, add: AddMistake): void {
  const { propagators } = stack.otel;
  if (propagators === undefined) return;
  const recommended = recommendedPropagation(hasW3cPropagation(stack.istio.version));
  const verdict = judgePropagation(recommended.traceContextOption, propagators);
  if (verdict.outcome === "split") {
    add(
      ["otel", "propagators"],
      `splits traces with ${recommended.traceContextOption}: ${verdict.reason}`,
      `write [${recommended.propagators.join(", ")}], or remove the key to have it chosen`,
    );
  }
}

// ---------------------------------------------------------------------------------------------------------
// The result

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

/** Whether an Istio version can propagate W3C trace context from its Zipkin tracer (1.28 and later). */
function hasW3cPropagation(version: string): boolean {
  return minorOf(version) >= 28;
}

/** A stack as the components take it: validated, with every default filled in. */
export type StackConfig = Omit<Parsed, "jaeger" | "kiali" | "prometheus"> & {
  /** The stack's name, `dev`. */
  readonly stack: string;
  readonly jaeger: Parsed["jaeger"] & { namespace: string };
  readonly kiali: Parsed["kiali"];
  readonly prometheus: Parsed["prometheus"];
  /** How Envoy passes traces on; `undefined` where the Istio version has no such option and only knows B3. */
  readonly traceContextOption: TraceContextOption | undefined;
  /** The value of OTEL_PROPAGATORS, in order. */
  readonly propagators: string[];
  /** Names of the providers in the mesh config. */
  readonly providers: typeof meshProviders;
};

/** A value of `Pulumi.<stack>.yaml` under the project's name, by key without the project's name. */
export type RawConfig = Readonly<Record<string, unknown>>;

/**
 * Validates a stack's configuration.
 * @param raw the parsed values by key, such as `{ istio: { version: "1.31", … } }`
 * @param stack the stack's name
 * @param isSecret whether the value of a top-level key is secret and must not be shown
 * @throws ConfigMistakes with every mistake
 */
export function parseStack(raw: RawConfig, stack: string, isSecret?: (key: string) => boolean): StackConfig {
  const result = stackSchema.safeParse(raw);
  if (!result.success)
    throw new ConfigMistakes(ordered(mistakesOf(result.error, raw, `${projectName}:`, isSecret)));
  const parsed = result.data;
  const w3c = hasW3cPropagation(parsed.istio.version);
  return {
    ...parsed,
    stack,
    jaeger: { ...parsed.jaeger, namespace: parsed.jaeger.namespace ?? parsed.istio.rootNamespace },
    kiali: parsed.kiali,
    prometheus: parsed.prometheus,
    traceContextOption: w3c ? recommendedPropagation(true).traceContextOption : undefined,
    propagators: parsed.otel.propagators ?? recommendedPropagation(w3c).propagators,
    providers: meshProviders,
  };
}

/** In the order of the sections above, so that the report reads like the stack file. */
function ordered(mistakes: Mistake[]): Mistake[] {
  const rank = ({ path }: Mistake): number => {
    const key = path.slice(projectName.length + 1).split(/[.[]/)[0] ?? "";
    const index = sectionNames.indexOf(key);
    return index === -1 ? sectionNames.length : index;
  };
  return mistakes
    .map((mistake, index) => ({ mistake, index }))
    .sort((a, b) => rank(a.mistake) - rank(b.mistake) || a.index - b.index)
    .map(({ mistake }) => mistake);
}
