/**
 * GET requests to an API server. The client library finds and authenticates the cluster; its own lists are not
 * used, because those of custom resources lose the token of the next page.
 */
import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { InputError } from "../inputError";

/** How to reach the cluster. */
export interface ClusterAccess {
  /** Path of a kubeconfig. @default KUBECONFIG, then ~/.kube/config */
  kubeconfig?: string;
  /** Context to use. @default the current one */
  context?: string;
}

/** An answer other than the object that was asked for. */
export class Refused extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** How long one answer may take, in milliseconds. */
const patience = 15_000;

export class ApiServer {
  private constructor(
    private readonly server: string,
    private readonly options: https.RequestOptions,
  ) {}

  /** @throws InputError if no cluster is configured, or if credentials cannot be had */
  static async of(access: ClusterAccess): Promise<ApiServer> {
    // Loaded here, because it takes half a second and only this needs it.
    const client = await import("@kubernetes/client-node");
    const config = load(new client.KubeConfig(), access);
    const server = config.getCurrentCluster()?.server;
    if (server === undefined)
      throw new InputError("no cluster is configured\n  fix: give --kubeconfig, or --context");
    const options: https.RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new InputError(`the cluster at ${server} cannot be asked: ${firstLine(error)}`);
    }
    return new ApiServer(server.replace(/\/+$/, ""), options);
  }

  /**
   * What the server has at a path.
   * @throws Refused if it answers otherwise, InputError if it does not answer
   */
  async get(path: string, query: Record<string, string> = {}): Promise<unknown> {
    const url = new URL(this.server + path);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    let answer: { code: number; body: string };
    try {
      answer = await this.request(url);
    } catch (error) {
      throw new InputError(`the cluster at ${this.server} cannot be reached: ${firstLine(error)}`);
    }
    if (answer.code !== 200) throw new Refused(answer.code, messageOf(answer.body));
    return JSON.parse(answer.body) as unknown;
  }

  private request(url: URL): Promise<{ code: number; body: string }> {
    const { request } = url.protocol === "http:" ? http : https;
    return new Promise((resolve, reject) => {
      const headers = { ...this.options.headers, accept: "application/json" };
      const sent = request(
        url,
        { ...this.options, headers, method: "GET", timeout: patience },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve({ code: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
          );
          response.on("error", reject);
        },
      );
      sent.on("timeout", () => sent.destroy(new Error(`no answer within ${patience / 1000} s`)));
      sent.on("error", reject);
      sent.end();
    });
  }
}

function load(config: KubeConfig, { kubeconfig, context }: ClusterAccess): KubeConfig {
  if (kubeconfig !== undefined && !fs.existsSync(kubeconfig)) {
    throw new InputError(`kubeconfig ${kubeconfig} does not exist`);
  }
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new InputError(`the kubeconfig cannot be read: ${firstLine(error)}`);
  }
  const names = config.getContexts().map(({ name }) => name);
  if (context !== undefined && !names.includes(context)) {
    throw new InputError(`there is no context ${context}\n  fix: choose one of ${names.join(", ")}`);
  }
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

function firstLine(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  // Attempts at several addresses fail without a message of their own.
  return (message === "" ? (code ?? "no answer") : message).split("\n")[0] ?? "";
}

/** What a refusal says: a Status object, or whatever a proxy writes. */
function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // No JSON.
  }
  return body.trim().split("\n")[0]?.slice(0, 200) ?? "";
}
