import { withoutSidecar } from "../mesh/labels";
import { jaegerPodLabels } from "../mesh/jaegerChart";
import { type CassandraStorage, type JaegerStorage, type SearchStorage } from "../config/stack";
import { hardening } from "./hardening";
import { jaegerConfig, storeEnv, storeFiles } from "./jaegerConfig";

export interface StorageValuesArgs {
  /** Helm release of Jaeger. */
  release: string;
  storage: JaegerStorage;
  /** How many pods there are; `autoscaled` leaves it to a HorizontalPodAutoscaler. */
  replicas: number | "autoscaled";
}

/** What a store adds to the chart's values. */
export interface StorageValues {
  /** Beside the key `jaeger`. */
  chart: Record<string, unknown>;
  /** Under the key `jaeger`. */
  jaeger: Record<string, unknown>;
  /** Variables of Jaeger's container. */
  env: object[];
}

/** Name of the PersistentVolumeClaim of a badger store. */
export function badgerClaim(release: string): string {
  return `${release}-badger`;
}

/** The values of chart 4.11.1 that a store needs; none for memory. */
export function storageValues({ release, storage, replicas }: StorageValuesArgs): StorageValues {
  if (storage.type === "memory") return { chart: {}, jaeger: {}, env: [] };
  const userconfig = jaegerConfig(storage);
  if (storage.type === "badger") {
    return {
      chart: { userconfig },
      env: [],
      jaeger: {
        extraVolumeMounts: [{ name: "badger", mountPath: storeFiles.badger }],
        extraVolumes: [{ name: "badger", persistentVolumeClaim: { claimName: badgerClaim(release) } }],
        replicas: 1,
        // A new pod cannot open the files before the old one has let go of them.
        strategy: { type: "Recreate" },
      },
    };
  }
  const { volumes, mounts } = storeVolumes(storage);
  return {
    chart: { userconfig, ...(storage.type === "cassandra" ? {} : indexCleaner(storage)) },
    env: credentialsEnv(storage),
    jaeger: {
      extraVolumeMounts: mounts,
      extraVolumes: volumes,
      // Nothing, so that Helm takes the chart's own number away: each `up` would else undo the autoscaler.
      replicas: replicas === "autoscaled" ? null : replicas,
      // The old pods go on until the new ones answer.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((key) => ({
        labelSelector: { matchLabels: jaegerPodLabels(release) },
        maxSkew: 1,
        topologyKey: key,
        // Rather two pods on a node than none: a cluster may have one node left.
        whenUnsatisfiable: "ScheduleAnyway",
      })),
    },
  };
}

type RemoteStorage = SearchStorage | CassandraStorage;

/** Of a search engine the password is a file, which Jaeger reads again when it changes; Cassandra's cannot be. */
function credentialsEnv({ type, credentialsSecret: secret }: RemoteStorage): object[] {
  if (secret === undefined) return [];
  const username = fromSecret(storeEnv.username, secret.name, secret.usernameKey);
  if (type !== "cassandra") return [username];
  return [username, fromSecret(storeEnv.password, secret.name, secret.passwordKey)];
}

function fromSecret(variable: string, name: string, key: string) {
  return { name: variable, valueFrom: { secretKeyRef: { name, key } } };
}

function storeVolumes({ type, credentialsSecret, tls }: RemoteStorage) {
  const volumes: object[] = [];
  const mounts: object[] = [];
  const add = (name: string, mountPath: string, source: object): void => {
    volumes.push({ name, ...source });
    mounts.push({ name, mountPath, readOnly: true });
  };
  if (credentialsSecret !== undefined && type !== "cassandra") {
    const items = [{ key: credentialsSecret.passwordKey, path: storeFiles.passwordFile }];
    add("store-credentials", storeFiles.credentials, {
      secret: { secretName: credentialsSecret.name, items },
    });
  }
  if (tls?.ca !== undefined) {
    const { kind, name, key } = tls.ca;
    const items = [{ key, path: storeFiles.caFile }];
    add(
      "store-ca",
      storeFiles.ca,
      kind === "Secret" ? { secret: { secretName: name, items } } : { configMap: { name, items } },
    );
  }
  return { volumes, mounts };
}

/**
 * The chart's job that deletes indices whose days are over. It counts from the end of the day, UTC, so late in
 * the day no index is deleted before its last hour.
 * @see https://www.jaegertracing.io/docs/2.19/storage/elasticsearch/#index-cleaner
 */
function indexCleaner({ urls, retentionDays, indexPrefix, credentialsSecret, tls }: SearchStorage) {
  const ca = tls?.ca;
  const caMount = { name: "store-ca", mountPath: `${storeFiles.ca}/${storeFiles.caFile}`, readOnly: true };
  return {
    esIndexCleaner: {
      activeDeadlineSeconds: 3600,
      cmdlineParams: {
        ...(tls === undefined ? {} : { "es.tls.enabled": "true" }),
        ...(ca === undefined ? {} : { "es.tls.ca": caMount.mountPath }),
        ...(tls?.serverName === undefined ? {} : { "es.tls.server-name": tls.serverName }),
        ...(indexPrefix === undefined ? {} : { "index-prefix": indexPrefix }),
      },
      enabled: true,
      extraConfigmapMounts:
        ca?.kind === "ConfigMap" ? [{ ...caMount, configMap: ca.name, subPath: ca.key }] : [],
      extraEnv:
        credentialsSecret === undefined
          ? []
          : [
              fromSecret("ES_USERNAME", credentialsSecret.name, credentialsSecret.usernameKey),
              fromSecret("ES_PASSWORD", credentialsSecret.name, credentialsSecret.passwordKey),
            ],
      extraSecretMounts: ca?.kind === "Secret" ? [{ ...caMount, secretName: ca.name, subPath: ca.key }] : [],
      numberOfDays: retentionDays,
      podLabels: withoutSidecar,
      podSecurityContext: hardening.pod,
      resources: { limits: { cpu: "500m", memory: "128Mi" }, requests: { cpu: "10m", memory: "64Mi" } },
      schedule: "55 23 * * *",
      // The chart's own user is another one than the image's.
      securityContext: { ...hardening.container, runAsUser: hardening.pod.runAsUser },
    },
    storage: { elasticsearch: { url: urls[0]?.replace(/\/+$/, "") }, type: "elasticsearch" },
  };
}
