import { InputError } from "../inputError";

/** Why a cluster could not be read. */
export type ClusterProblem =
  /** No kubeconfig, or none that names a cluster. */
  | "unconfigured"
  /** Nobody answers, or not in time. */
  | "unreachable"
  /** 401: whoever asks is not known; or the kubeconfig's way to credentials fails. */
  | "unauthenticated"
  /** 403: whoever asks may not read this. */
  | "forbidden"
  /** 404: there is no such object, or the API server does not serve the kind. */
  | "absent"
  /** 410, again and again: lists change faster than their pages are read. */
  | "gone"
  /** 429 and 5xx, also after retries, and answers that are none of an API server. */
  | "failing";

/** A cluster that cannot be read; its message is for whoever runs the command. */
export class ClusterError extends InputError {
  /** The kind that was asked for. */
  about?: { apiVersion: string; kind: string };

  constructor(
    readonly problem: ClusterProblem,
    message: string,
    /** Status of the answer, if there was one. */
    readonly status?: number,
  ) {
    super(message);
  }
}

/** What an error says, without the rest. */
export function firstLine(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  // Attempts at several addresses fail without a message of their own.
  return (message === "" ? (code ?? "no answer") : message).split("\n")[0] ?? "";
}
