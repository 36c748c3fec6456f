/**
 * The proxy that the environment names for an address, as Go's clients read it: Pulumi's provider and kubectl go
 * through it, so whoever looks at the same cluster has to.
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
import * as net from "node:net";

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy's address; undefined where requests go straight. */
export function proxyFor(server: string, environment: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, "");
  const variable = protocol === "http:" ? "http_proxy" : "https_proxy";
  const proxy = valueOf(variable, environment);
  if (proxy === undefined || isLoopback(host)) return undefined;
  const portNumber = port === "" ? (protocol === "http:" ? "80" : "443") : port;
  const excepted = (valueOf("no_proxy", environment) ?? "").split(",").map((one) => one.trim().toLowerCase());
  if (excepted.some((one) => one !== "" && matches(one, host, portNumber))) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

function valueOf(name: string, environment: Environment): string | undefined {
  const value = environment[name.toUpperCase()] ?? environment[name];
  return value === "" ? undefined : value;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (net.isIPv4(host) && host.startsWith("127."));
}

/** An exception: `*`, a range of addresses, or a host and what is below it, for a port where one is given. */
function matches(exception: string, host: string, port: string): boolean {
  if (exception === "*") return true;
  const [address = "", length] = exception.split("/");
  if (length !== undefined) return isIn(host, address, Number(length));
  const [, name = "", only] =
    /^(.*?)(?::(\d+))?$/.exec(net.isIPv6(exception) ? `${exception}:` : exception) ?? [];
  if (only !== undefined && only !== port) return false;
  const suffix = name
    .replace(/^\*/, "")
    .replace(/:$/, "")
    .replace(/^\[|\]$/g, "");
  return suffix.startsWith(".") ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function isIn(host: string, address: string, length: number): boolean {
  const family = net.isIP(host);
  if (family === 0 || net.isIP(address) !== family || !(length >= 0 && length <= (family === 4 ? 32 : 128)))
    return false;
  const range = new net.BlockList();
  const type = family === 4 ? "ipv4" : "ipv6";
  range.addSubnet(address, length, type);
  return range.check(host, type);
}
