/** A Kubernetes API by its paths, as far as the end-to-end tests need one: JSON in, JSON out. */
import * as https from "node:https";

/** An object of the API server. */
export interface ApiObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
    managedFields?: { manager: string; operation: string; subresource?: string }[];
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  data?: Record<string, string>;
}

const patchTypes = {
  merge: "merge-patch",
  strategic: "strategic-merge-patch",
  json: "json-patch",
} as const;

export interface Api {
  get<T = ApiObject>(path: string): Promise<T>;
  /** The items of a list; none where the API server does not serve the kind. */
  list(path: string): Promise<ApiObject[]>;
  create(path: string, object: object): Promise<ApiObject>;
  /**
   * Changes an object as somebody else does.
   * @param patch a merge patch; with `strategic` one that merges lists by name, as `kubectl` sends; with `json`
   *   a list of operations
   */
  patch(path: string, patch: object, how?: keyof typeof patchTypes): Promise<ApiObject>;
  remove(path: string): Promise<void>;
}

/** The answer of an API server that is not a success. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * @param server address of the API server, `https://127.0.0.1:6443`
 * @param ca its certificate in PEM format
 * @param token the bearer token
 */
export function apiOf(server: string, ca: string, token: string): Api {
  const agent = new https.Agent({ ca, keepAlive: true });
  const request = (method: string, path: string, body?: object, type = "application/json") =>
    new Promise<unknown>((resolve, reject) => {
      const text = body === undefined ? "" : JSON.stringify(body);
      const sent = https.request(`${server}${path}`, { agent, method }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const answer = Buffer.concat(chunks).toString("utf8");
          const code = response.statusCode ?? 0;
          if (code >= 300) reject(new ApiError(code, `${method} ${path}: ${code} ${answer.slice(0, 500)}`));
          else if (response.headers["content-type"]?.startsWith("application/json"))
            resolve(JSON.parse(answer));
          else resolve(answer);
        });
      });
      sent.setHeader("authorization", `Bearer ${token}`);
      if (body !== undefined) {
        sent.setHeader("content-type", type);
        // Node leaves it out of a DELETE, and what follows on the connection would be taken for a request.
        sent.setHeader("content-length", Buffer.byteLength(text));
      }
      sent.on("error", reject);
      sent.end(text);
    });
  return {
    get: <T>(path: string) => request("GET", path) as Promise<T>,
    list: async (path) => {
      try {
        return ((await request("GET", path)) as { items: ApiObject[] }).items;
      } catch (error) {
        if (error instanceof ApiError && error.code === 404) return [];
        throw error;
      }
    },
    create: (path, object) => request("POST", path, object) as Promise<ApiObject>,
    patch: (path, patch, how = "merge") => {
      const url = `${path}${path.includes("?") ? "&" : "?"}fieldManager=somebody-else`;
      return request("PATCH", url, patch, `application/${patchTypes[how]}+json`) as Promise<ApiObject>;
    },
    remove: async (path) => {
      await request("DELETE", path, { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0 });
    },
  };
}

/** Asks until the answer is right; an answer that fails counts as not yet. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  right: (answer: T) => boolean = Boolean,
  seconds = 120,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (right(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end)
      throw new Error(`${what}: not within ${seconds} s; last seen ${JSON.stringify(last) ?? String(last)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
