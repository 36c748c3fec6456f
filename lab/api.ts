/** The lab's API server: JSON in, JSON out. */
import * as fs from "node:fs";
import * as https from "node:https";
import { node } from "./addresses";
import { inRun } from "./home";
import { LabError } from "./shell";

export interface ApiObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
    ownerReferences?: { kind: string; name: string }[];
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  data?: Record<string, string>;
}

/** An answer of the API server that is no success. */
export class Refusal extends LabError {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

const plurals = new Map<string, { plural: string; namespaced: boolean }>();

export async function get<T = ApiObject>(path: string): Promise<T> {
  return JSON.parse(await request("GET", path)) as T;
}

export async function list(path: string): Promise<ApiObject[]> {
  return (await get<{ items: ApiObject[] }>(path)).items;
}

export async function create(path: string, object: unknown): Promise<ApiObject> {
  return JSON.parse(await request("POST", path, JSON.stringify(object))) as ApiObject;
}

export async function replace(path: string, object: unknown): Promise<void> {
  await request("PUT", path, JSON.stringify(object));
}

/** Deletes; what is not there is gone already. */
export async function remove(path: string): Promise<void> {
  await request("DELETE", path).catch((error: unknown) => {
    if (!(error instanceof Refusal && error.code === 404)) throw error;
  });
}

/** Server-side apply: fields of this object become those of a manager; others stay. */
export async function apply(object: ApiObject, manager = "lab"): Promise<void> {
  const path = `${await pathOf(object)}?fieldManager=${manager}&force=true`;
  await request("PATCH", path, JSON.stringify(object), "application/apply-patch+yaml");
}

/** Merges fields into what is at a path. */
export async function patch(path: string, fields: unknown): Promise<void> {
  await request("PATCH", path, JSON.stringify(fields), "application/strategic-merge-patch+json");
}

/** The path of an object. */
export async function pathOf({ apiVersion = "v1", kind = "", metadata }: ApiObject): Promise<string> {
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const key = `${group} ${kind}`;
  if (!plurals.has(key)) {
    const { resources } = await get<{ resources: { name: string; kind: string; namespaced: boolean }[] }>(
      group,
    );
    for (const { name, kind: own, namespaced } of resources) {
      if (!name.includes("/")) plurals.set(`${group} ${own}`, { plural: name, namespaced });
    }
  }
  const found = plurals.get(key);
  if (found === undefined) throw new LabError(`the lab's API server does not know ${kind} of ${apiVersion}`);
  const place = found.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
  return `${group}${place}/${found.plural}/${metadata.name}`;
}

function request(method: string, path: string, body?: string, type = "application/json"): Promise<string> {
  const token = fs.readFileSync(inRun("token"), "utf8").trim();
  const ca = fs.readFileSync(inRun("certificates", "apiserver.crt"));
  const headers = { authorization: `Bearer ${token}`, accept: "application/json", "content-type": type };
  return new Promise((resolve, reject) => {
    const url = `https://${node.address}:${node.apiPort}${path}`;
    const sent = https.request(url, { method, ca, headers, agent: false, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const code = response.statusCode ?? 0;
        if (code >= 200 && code < 300) return resolve(text);
        reject(new Refusal(code, `${method} ${path}: ${code} ${messageOf(text)}`));
      });
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 30 s")));
    sent.on("error", (error) => reject(new LabError(`${method} ${path}: ${error.message}`)));
    sent.end(body);
  });
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.slice(0, 200);
  }
}
