/** Which senders the backend has seen. */
import { type TraceReading } from "../read/traces";
import { type SenderNames } from "./names";

export interface Seen {
  /** Undefined where nothing is expected. */
  proxy?: boolean;
  sdk?: boolean;
}

/** A name that a proxy and an SDK share is told apart by the spans themselves, as far as they were looked at. */
export function seenOf({ proxy, sdk }: SenderNames, { services, spans, looked }: TraceReading): Seen {
  const known = new Set("value" in services ? services.value : []);
  const has = (
    names: readonly string[],
    others: readonly string[],
    isOfProxy: boolean,
  ): boolean | undefined => {
    if (names.length === 0) return undefined;
    return names.some((name) => {
      if (!known.has(name)) return false;
      const isShared = others.includes(name);
      if (!isShared || !looked.includes(name)) return true;
      return spans.some((span) => span.service === name && span.isOfProxy === isOfProxy);
    });
  };
  return { proxy: has(proxy, sdk, true), sdk: has(sdk, proxy, false) };
}
