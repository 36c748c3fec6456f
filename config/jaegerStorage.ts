/** The key `jaeger.storage` of a stack file: where traces are kept. */
import { z } from "zod";
import { hostsOf, isShared, namespaceOfHost } from "./jaegerStore";
import { evenIfWrong, says, section } from "./mistakes";
import { cidr, dnsLabel, labels, objectName, port } from "./words";

const engines = ["memory", "badger", "elasticsearch", "opensearch", "cassandra"] as const;
type Engine = (typeof engines)[number];

const search = ["elasticsearch", "opensearch"] as const;
const remote = [...search, "cassandra"] as const;

/** Which engines each key is for; `type` is for all. */
const enginesOf: Readonly<Record<string, readonly Engine[]>> = {
  urls: search,
  indexPrefix: search,
  indexShards: search,
  indexReplicas: search,
  contactPoints: ["cassandra"],
  port: ["cassandra"],
  keyspace: ["cassandra"],
  datacenter: ["cassandra"],
  createSchema: ["cassandra"],
  replicationFactor: ["cassandra"],
  retentionDays: [...remote, "badger"],
  credentialsSecret: remote,
  tls: remote,
  peer: remote,
  size: ["badger"],
  storageClass: ["badger"],
};

const positive = z.int().min(1, says("a positive whole number", "write 1 or more"));
const secretKey = z
  .string()
  .regex(/^[-._a-zA-Z0-9]+$/, says("a key of a Secret or ConfigMap", "write it like ca.crt"));

const url = z
  .url({
    protocol: /^https?$/,
    error: says("the http(s) address of the store", "write it like https://opensearch.logging.svc:9200"),
  })
  .refine(
    (value) => !/\/\/[^/]*@/.test(value),
    says(
      "an address without user and password, which everybody who reads the stack would see",
      "put them into a Secret and name it in credentialsSecret",
    ),
  );

const host = z.string().regex(
  // Jaeger refuses a name without a dot.
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/,
  says(
    "a full host name or an IPv4 address, without port",
    "write it like cassandra.cassandra.svc, and the port in port",
  ),
);

const fileIn = section({ name: objectName, key: secretKey.default("ca.crt") });

const peer = section({
  namespace: dnsLabel.optional(),
  podLabels: labels.optional(),
  cidrs: z.array(cidr).min(1, says("at least one address range", "add it, or name the namespace")).optional(),
  port: port.optional(),
}).superRefine((value, context) => {
  const add = (rule: string, fix: string): void =>
    context.addIssue({ code: "custom", message: says(rule, fix) });
  if (value.cidrs !== undefined && (value.namespace !== undefined || value.podLabels !== undefined)) {
    add("pods in the cluster or addresses outside, not both", "keep namespace and podLabels, or cidrs");
  } else if (value.podLabels !== undefined && value.namespace === undefined) {
    add("podLabels select pods of a namespace", "add namespace");
  }
}, evenIfWrong);

const settings = section({
  type: z.enum(engines),
  urls: z.array(url).min(1, says("at least one address", "add the address of the store")).optional(),
  contactPoints: z
    .array(host)
    .min(1, says("at least one host", "add a host that Cassandra answers on"))
    .optional(),
  port: port.optional(),
  keyspace: z
    .string()
    .regex(
      /^[a-zA-Z]\w{0,47}$/,
      says(
        "a keyspace: a letter, then letters, digits and underscores, at most 48",
        "write it like jaeger_dc1",
      ),
    )
    .optional(),
  datacenter: z.string().min(1, says("the name of a data center", "write it like dc1")).optional(),
  createSchema: z.boolean().optional(),
  replicationFactor: positive.optional(),
  credentialsSecret: section({
    name: objectName,
    usernameKey: secretKey.default("username"),
    passwordKey: secretKey.default("password"),
  }).optional(),
  tls: section({
    enabled: z.boolean().default(true),
    caSecret: fileIn.optional(),
    caConfigMap: fileIn.optional(),
    serverName: z
      .hostname(says("the host name in the store's certificate", "write it like opensearch.example.com"))
      .optional(),
  }).optional(),
  indexPrefix: z
    .string()
    .regex(
      /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/,
      says("a prefix of index names: lower-case letters, digits, - and _ in between", "write it like prod"),
    )
    .optional(),
  indexShards: positive.optional(),
  indexReplicas: z.int().min(0, says("a number of copies, 0 or more", "write 0 or more")).optional(),
  retentionDays: positive.optional(),
  peer: peer.optional(),
  size: z
    .string()
    .regex(/^[1-9]\d*(Mi|Gi|Ti)$/, says("a Kubernetes size with unit Mi, Gi or Ti", "write it like 10Gi"))
    .optional(),
  storageClass: objectName.optional(),
}).superRefine((value, context) => {
  const add = (path: PropertyKey[], rule: string, fix: string): void =>
    context.addIssue({ code: "custom", path, message: says(rule, fix) });
  const set = value as Partial<typeof value>;
  if (!(engines as readonly unknown[]).includes(set.type)) return;
  const type = value.type;
  for (const key of Object.keys(value)) {
    const engines = Object.hasOwn(enginesOf, key) ? enginesOf[key] : undefined;
    if (value[key as keyof typeof value] !== undefined && engines?.includes(type) === false) {
      add([key], `a setting of ${engines.join(", ")}, and the store is ${type}`, `remove ${key}`);
    }
  }
  if (!isShared(type)) return;
  const addressKey = type === "cassandra" ? "contactPoints" : "urls";
  if (set[addressKey] === undefined) {
    add([addressKey], `${type} needs the address of a cluster that is there already`, addressFix(type));
  }
  checkTls(value, add);
  if (type === "cassandra" && set.createSchema !== true) {
    for (const key of ["retentionDays", "replicationFactor"] as const) {
      if (set[key] === undefined) continue;
      add(
        [key],
        "goes into the tables and the keyspace when they are created, and createSchema is not true",
        `remove ${key}; tables that are there keep what they were created with`,
      );
    }
  }
  const hosts = hostsOf(value);
  const outside = hosts.find((name) => namespaceOfHost(name) === undefined);
  if (set.peer?.namespace === undefined && set.peer?.cidrs === undefined && outside !== undefined) {
    add(
      ["peer"],
      `Jaeger's egress is limited to its store, and ${outside} does not say where that is`,
      "write peer: { namespace: logging, podLabels: { app: opensearch } } or peer: { cidrs: [203.0.113.0/24] }",
    );
  }
}, evenIfWrong);

function checkTls(
  value: StorageSettings,
  add: (path: PropertyKey[], rule: string, fix: string) => void,
): void {
  const tls = value.tls as Partial<NonNullable<typeof value.tls>> | undefined;
  const isOn = tls?.enabled !== false;
  if (Array.isArray(value.urls)) {
    (value.urls as unknown[]).forEach((address, index) => {
      if (typeof address !== "string") return;
      if (isOn && address.startsWith("http:")) {
        add(
          ["urls", index],
          "https, because over http traces and the password can be read on the way",
          "write https://…, or set tls.enabled false if the way is safe",
        );
      } else if (!isOn && address.startsWith("https:")) {
        add(["urls", index], "http where tls.enabled is false", "remove tls.enabled");
      }
    });
  }
  if (tls?.caSecret !== undefined && tls.caConfigMap !== undefined) {
    add(["tls"], "the certificate authority comes from one place", "keep caSecret or caConfigMap");
  }
  for (const key of ["caSecret", "caConfigMap", "serverName"] as const) {
    if (!isOn && tls?.[key] !== undefined) {
      add(["tls", key], "a setting of TLS, which tls.enabled turns off", `remove ${key}, or enabled`);
    }
  }
}

function addressFix(type: Engine): string {
  return type === "cassandra"
    ? "add contactPoints: [cassandra.cassandra.svc]"
    : `add urls: [https://${type}.logging.svc:9200]`;
}

const word = z.enum(engines).superRefine((type, context) => {
  if (!isShared(type)) return;
  context.addIssue({
    code: "custom",
    message: says(
      `${type} needs the address of a cluster that is there already`,
      type === "cassandra"
        ? "write a map: { type: cassandra, contactPoints: [cassandra.cassandra.svc] }"
        : `write a map: { type: ${type}, urls: [https://${type}.logging.svc:9200] }`,
    ),
  });
});

/** One word, or a map of `type` and settings. */
export const jaegerStorage = z.union([word, settings]);

/** The settings as they are written. */
export type StorageSettings = z.output<typeof settings>;
