/** What must hold between the settings of a store that pods share. */
import { type z } from "zod";
import { adding, type AddMistake } from "./mistakes";

/** Settings that decide how the store is reached. Any value may be in them: each field has a rule of its own. */
interface RemoteSettings {
  urls?: unknown;
  contactPoints?: unknown;
  tls?: { enabled?: unknown; caSecret?: unknown; caConfigMap?: unknown; serverName?: unknown };
  peer?: { namespace?: unknown; cidrs?: unknown };
}

/** For `superRefine`. */
export function checkRemote(value: RemoteSettings, context: z.core.$RefinementCtx): void {
  const add = adding(context);
  checkTls(value, add);
  checkPlace(value, add);
}

function checkTls(value: RemoteSettings, add: AddMistake): void {
  const isOn = value.tls?.enabled !== false;
  if (Array.isArray(value.urls)) {
    (value.urls as unknown[]).forEach((address, index) => {
      if (typeof address !== "string") return;
      if (isOn && /^http:(?!\/\/https?:)/.test(address)) {
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
  if (value.tls?.caSecret !== undefined && value.tls.caConfigMap !== undefined) {
    add(["tls"], "the certificate authority comes from one place", "keep caSecret or caConfigMap");
  }
  for (const key of ["caSecret", "caConfigMap", "serverName"] as const) {
    if (!isOn && value.tls?.[key] !== undefined) {
      add(["tls", key], "a setting of TLS, which tls.enabled turns off", `remove ${key}, or enabled`);
    }
  }
}

function checkPlace(value: RemoteSettings, add: AddMistake): void {
  const outside = hostsOf(value).find((name) => namespaceOfHost(name) === undefined);
  if (value.peer?.namespace === undefined && value.peer?.cidrs === undefined && outside !== undefined) {
    add(
      ["peer"],
      `Jaeger's egress is limited to its store, and ${outside} does not say where that is`,
      "write peer: { namespace: logging, podLabels: { app: opensearch } } or peer: { cidrs: [203.0.113.0/24] }",
    );
  }
}

/** Host names of the store; of what is no address, none. */
export function hostsOf({ urls, contactPoints }: RemoteSettings): string[] {
  const addresses: unknown[] = Array.isArray(urls) ? urls : [];
  const hosts: unknown[] = Array.isArray(contactPoints) ? contactPoints : [];
  return [
    ...addresses.flatMap((address) =>
      typeof address === "string" && !/\/\/https?:/i.test(address) && URL.canParse(address)
        ? [new URL(address).hostname]
        : [],
    ),
    ...hosts.filter((name): name is string => typeof name === "string"),
  ];
}

/** The namespace in the name of a Service, `opensearch.logging.svc` with or without the cluster's domain. */
export function namespaceOfHost(name: string): string | undefined {
  return /^(?:[-a-z0-9]+\.)?[-a-z0-9]+\.([-a-z0-9]+)\.svc(?:\.|$)/.exec(name)?.[1];
}
