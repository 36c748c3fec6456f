/** The key `jaeger.storage` of a stack file: where traces are kept. */
import { z } from "zod";
import { parseMemory } from "../mesh/jaegerMemory";
import { ports } from "../mesh/ports";
import { checkRemote } from "./jaegerStorageChecks";
import { adding, described, evenIfWrong, filled, optional, says, section, text, webUrl } from "./mistakes";
import { cidr, dnsLabel, labels, objectName, port, upTo } from "./words";

const engines = ["memory", "badger", "elasticsearch", "opensearch", "cassandra"] as const;
type Engine = (typeof engines)[number];
type SearchEngine = "elasticsearch" | "opensearch";

/** Whether each pod has a store of its own, so that there must be one only. */
export function isLocal(type: unknown): boolean {
  return type === "memory" || type === "badger";
}

/** Whether pods share the store, so that there may be several. */
export function isShared(type: unknown): type is SearchEngine | "cassandra" {
  return type === "elasticsearch" || type === "opensearch" || type === "cassandra";
}

/** In bytes. */
const largestVolume = 2 ** 50;

const secretKey = text(/^[-._a-zA-Z0-9]+$/, "a key of a Secret or ConfigMap", "write it like ca.crt");

const url = webUrl(
  "the http(s) address of the store",
  `write it like https://opensearch.logging.svc:${ports.searchStore}`,
).refine(
  (value) => !/\/\/[^/]*@/.test(value),
  says(
    "an address without user and password, which everybody who reads the stack would see",
    "put them into a Secret and name it in credentialsSecret",
  ),
);

// Jaeger refuses a name without a dot.
const host = text(
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/,
  "a full host name or an IPv4 address, without port",
  "write it like cassandra.cassandra.svc, and the port in port",
);

const fileIn = section({
  name: described(objectName, "Its name", { examples: ["opensearch-ca"] }),
  key: described(secretKey.default("ca.crt"), "The key in it", { examples: ["tls.crt"] }),
});

const peer = optional(
  section({
    namespace: optional(dnsLabel, "Namespace of the store's pods", {
      whenAbsent: "from hosts like `name.namespace.svc`",
      examples: ["logging"],
    }),
    podLabels: optional(labels, "Labels of the store's pods", {
      whenAbsent: "every pod of the namespace",
      examples: [{ "app.kubernetes.io/name": "opensearch" }],
    }),
    cidrs: optional(
      z.array(cidr).min(1, says("at least one address range", "add it, or name the namespace")),
      "Where a store outside the cluster is, instead of pods",
      { examples: [["203.0.113.0/24"]] },
    ),
    port: optional(port, "Port of the store's pods, where their Service has another one", {
      whenAbsent: "that of the addresses",
      examples: [9200],
    }),
  }).superRefine((value, context) => {
    const add = adding(context);
    if (value.cidrs !== undefined && (value.namespace !== undefined || value.podLabels !== undefined)) {
      add([], "pods in the cluster or addresses outside, not both", "keep namespace and podLabels, or cidrs");
    } else if (value.podLabels !== undefined && value.namespace === undefined) {
      add([], "podLabels select pods of a namespace", "add namespace");
    }
  }, evenIfWrong),
  "Where the store is, for the NetworkPolicy of Jaeger's egress",
);

const tls = section({
  enabled: z
    .boolean()
    .default(true)
    .describe("`false` to connect to the store without TLS, which a rule warns about"),
  caSecret: optional(fileIn, "Secret with the authority that signed the store's certificate", {
    whenAbsent: "the system's authorities",
  }),
  caConfigMap: optional(fileIn, "ConfigMap with it, instead of a Secret"),
  serverName: optional(
    z.hostname(says("the host name in the store's certificate", "write it like opensearch.example.com")),
    "Name in the store's certificate",
    { whenAbsent: "the host of the address", examples: ["opensearch.example.com"] },
  ),
})
  .optional()
  .describe("TLS to the store, which is on");

const credentialsSecret = optional(
  section({
    name: described(objectName, "Its name", { examples: ["jaeger-opensearch"] }),
    usernameKey: described(secretKey.default("username"), "Its key with the user", { examples: ["user"] }),
    passwordKey: described(secretKey.default("password"), "Its key with the password", {
      examples: ["pass"],
    }),
  }),
  "An existing Secret in Jaeger's namespace",
  { whenAbsent: "no authentication" },
);

const remote = { credentialsSecret, tls, peer };

const retentionDays = optional(
  upTo(3650),
  "Days after which traces are deleted: by a job (Elasticsearch, OpenSearch), by what the tables are created with " +
    "(Cassandra with `createSchema`), by Jaeger (badger)",
  { whenAbsent: "7", examples: [14] },
);

/** The address of a cluster that is there already. */
function needed(type: Engine): (issue: { input?: unknown }) => string | undefined {
  return ({ input }) =>
    input === undefined
      ? says(
          `${type} needs the address of an existing cluster`,
          type === "cassandra"
            ? "add contactPoints: [cassandra.cassandra.svc]"
            : `add urls: [https://${type}.logging.svc:${ports.searchStore}]`,
        )
      : undefined;
}

const search = {
  indexPrefix: text(
    /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/,
    "a prefix of index names: lower-case letters, digits, - and _ in between",
    "write it like prod",
  )
    .optional()
    .meta({ description: "`prod` makes indices `prod-jaeger-span-…`", examples: ["prod"] }),
  indexShards: optional(upTo(1024), "Shards of an index", { whenAbsent: "Jaeger's: 5", examples: [3] }),
  indexReplicas: optional(
    z.int().min(0, says("a number of copies, 0 or more", "write 0 or more")),
    "Copies of each shard",
    { whenAbsent: "Jaeger's: 1", examples: [2] },
  ),
  retentionDays,
  ...remote,
};

const urls = (type: SearchEngine) =>
  described(
    z
      .array(url, { error: needed(type) })
      .min(1, says("at least one address", "add the address of the store")),
    "Addresses, without user and password",
    { examples: [["https://opensearch.logging.svc:9200"]] },
  );

/** What each engine can be told. */
const shapes = {
  memory: {},
  elasticsearch: { urls: urls("elasticsearch"), ...search },
  opensearch: { urls: urls("opensearch"), ...search },
  cassandra: {
    contactPoints: z
      .array(host, { error: needed("cassandra") })
      .min(1, says("at least one host", "add a host that Cassandra answers on"))
      .meta({ description: "Full host names or addresses", examples: [["cassandra.cassandra.svc"]] }),
    port: described(port.default(ports.cassandra), "The port of all of them", { examples: [9142] }),
    keyspace: text(
      /^[a-zA-Z]\w{0,47}$/,
      "a keyspace: a letter, then letters, digits and underscores, at most 48",
      "write it like jaeger_dc1",
    )
      // The names Jaeger itself uses.
      .default("jaeger_dc1")
      .meta({ description: "Keyspace of the tables", examples: ["traces"] }),
    datacenter: filled("the name of a data center", "write it like dc1")
      .default("dc1")
      .meta({ description: "Data center to ask", examples: ["eu-central"] }),
    createSchema: z.boolean().default(false).describe("Jaeger creates the keyspace and its tables"),
    replicationFactor: upTo(100)
      .optional()
      .meta({ description: "With `createSchema`: copies of the keyspace", whenAbsent: "1", examples: [3] }),
    retentionDays,
    ...remote,
  },
  badger: {
    size: text(/^[1-9]\d*(Mi|Gi|Ti)$/, "a Kubernetes size with unit Mi, Gi or Ti", "write it like 10Gi")
      .refine(
        (value) => !((parseMemory(value) ?? 0) > largestVolume),
        says("at most 1024Ti, more than any volume has", "write it like 10Gi"),
      )
      .default("10Gi")
      .meta({ description: "Size of its volume", examples: ["50Gi"] }),
    storageClass: optional(objectName, "Storage class of its volume", {
      whenAbsent: "the cluster's default",
      examples: ["gp3"],
    }),
    retentionDays,
  },
} as const satisfies Record<Engine, z.ZodRawShape>;

function store<Type extends Engine, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return section({ type: z.literal(type).describe("The store"), ...shape }, (key) => {
    const owners = Object.entries(shapes).flatMap(([name, keys]) => (Object.hasOwn(keys, key) ? [name] : []));
    return owners.length === 0
      ? undefined
      : says(`a setting of ${owners.join(", ")}, and the store is ${type}`, `remove ${key}`);
  });
}

const cassandra = store("cassandra", shapes.cassandra)
  .superRefine((value, context) => {
    checkRemote(value, context);
    const add = adding(context);
    if ((value.createSchema as unknown) === true) return;
    for (const key of ["retentionDays", "replicationFactor"] as const) {
      if (value[key] === undefined) continue;
      add(
        [key],
        "goes into the tables and the keyspace when they are created, and createSchema is not true",
        `remove ${key}; existing tables keep what they were created with`,
      );
    }
  }, evenIfWrong)
  .describe("An existing Cassandra");

const settings = z.discriminatedUnion("type", [
  store("memory", shapes.memory).describe("The pod's memory: traces are lost with the pod"),
  store("badger", shapes.badger).describe("A volume of one pod"),
  store("elasticsearch", shapes.elasticsearch)
    .superRefine(checkRemote, evenIfWrong)
    .describe("An existing Elasticsearch"),
  store("opensearch", shapes.opensearch)
    .superRefine(checkRemote, evenIfWrong)
    .describe("An existing OpenSearch"),
  cassandra,
]);

const word = z.enum(engines).superRefine((type, context) => {
  if (!isShared(type)) return;
  adding(context)(
    [],
    `${type} needs the address of an existing cluster`,
    type === "cassandra"
      ? "write a map: { type: cassandra, contactPoints: [cassandra.cassandra.svc] }"
      : `write a map: { type: ${type}, urls: [https://${type}.logging.svc:${ports.searchStore}] }`,
  );
});

/** One word, or a map of `type` and settings. */
export const jaegerStorage = z.union([word, settings]);

export type StorageSettings = z.output<typeof settings>;
