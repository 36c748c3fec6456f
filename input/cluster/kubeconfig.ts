/** Which API server to ask, and as whom: by the kubeconfig, the context and the cluster that are given. */
import * as fs from "node:fs";
import type * as https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { ClusterError, firstLine } from "./clusterError";
import { proxyFor } from "./proxy";

/** How to reach a cluster, as the Kubernetes provider is told. */
export interface ClusterAccess {
  /** Path or content of a kubeconfig. @default KUBECONFIG, then ~/.kube/config, then a pod's service account */
  kubeconfig?: string;
  /** Context to use. @default the current one */
  context?: string;
  /** Cluster of the kubeconfig to ask instead of the context's. */
  cluster?: string;
}

/** An API server, and what requests to it need. */
export interface Endpoint {
  /** Its address without a slash at the end. */
  server: string;
  options: https.RequestOptions;
}

/**
 * The kubeconfig with the context and the cluster that are meant, reached as Go's clients reach it.
 * @throws ClusterError `unconfigured` if there is no such cluster
 */
export async function chosenConfig(access: ClusterAccess): Promise<KubeConfig> {
  // Loaded here, because it takes half a second and only this needs it.
  const client = await import("@kubernetes/client-node");
  const config = load(new client.KubeConfig(), access.kubeconfig);
  choose(config, access);
  config.clusters = config.clusters.map((cluster) => ({
    ...cluster,
    // The client refuses plain HTTP, which kubectl and the provider take, unless it is told to verify nothing.
    skipTLSVerify: cluster.skipTLSVerify || cluster.server.startsWith("http:"),
    ...(cluster.proxyUrl === undefined ? proxyOf(cluster.server) : {}),
  }));
  return config;
}

function proxyOf(server: string): { proxyUrl?: string } {
  const proxyUrl = URL.canParse(server) ? proxyFor(server, process.env) : undefined;
  return proxyUrl === undefined ? {} : { proxyUrl };
}

/** @throws ClusterError `unconfigured` if there is no such cluster, `unauthenticated` if credentials cannot be had */
export async function findEndpoint(access: ClusterAccess): Promise<Endpoint> {
  const config = await chosenConfig(access);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw new ClusterError(
      "unconfigured",
      "no cluster is configured\n  fix: give --kubeconfig, or --context",
    );
  }
  const options: https.RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw new ClusterError(
      "unauthenticated",
      `the cluster at ${server} cannot be asked: ${firstLine(error)}`,
    );
  }
  return { server: server.replace(/\/+$/, ""), options };
}

function load(config: KubeConfig, given: string | undefined): KubeConfig {
  if (given !== undefined && !isContent(given) && !fs.existsSync(given)) {
    throw new ClusterError("unconfigured", `kubeconfig ${given} does not exist`);
  }
  try {
    if (given === undefined) config.loadFromDefault();
    else if (isContent(given)) config.loadFromString(given);
    else config.loadFromFile(given);
  } catch (error) {
    throw new ClusterError("unconfigured", `the kubeconfig cannot be read: ${firstLine(error)}`);
  }
  // What the client library assumes where there is nothing at all.
  if (given === undefined && config.getCurrentCluster()?.server === "http://localhost:8080") {
    throw new ClusterError(
      "unconfigured",
      "there is no kubeconfig: KUBECONFIG is not set, and ~/.kube/config does not exist\n  fix: give --kubeconfig",
    );
  }
  return config;
}

/** A kubeconfig itself, as JSON or YAML, and not where it is. */
function isContent(given: string): boolean {
  return /\n|^\s*\{|^\w+:\s/.test(given);
}

function choose(config: KubeConfig, { context, cluster }: ClusterAccess): void {
  const contexts = config.getContexts();
  if (context !== undefined && !contexts.some(({ name }) => name === context)) {
    throw noSuch("context", context, contexts);
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (cluster === undefined) return;
  if (config.getCluster(cluster) === null) throw noSuch("cluster", cluster, config.getClusters());
  const current = config.getCurrentContext();
  const { user = "" } = config.getContextObject(current) ?? {};
  // A context of its own: the user of the chosen one, at the cluster that is asked for.
  const name = `${current}@${cluster}`;
  config.contexts = [...contexts.filter((one) => one.name !== name), { name, user, cluster }];
  config.setCurrentContext(name);
}

function noSuch(what: string, name: string, known: readonly { name: string }[]): ClusterError {
  const names = known.map((one) => one.name).join(", ");
  const fix = names === "" ? "the kubeconfig has none" : `fix: choose one of ${names}`;
  return new ClusterError("unconfigured", `there is no ${what} ${name}\n  ${fix}`);
}
