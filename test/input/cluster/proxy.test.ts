import { expect, test } from "vitest";
import { proxyFor } from "../../../input/cluster/proxy";

const proxy = "http://proxy.corp:3128";
const at = "https://api.cluster.corp:6443";

test.each<[string, string, Record<string, string>, string | undefined]>([
  ["is none where none is named", at, {}, undefined],
  ["is that of HTTPS addresses", at, { HTTPS_PROXY: proxy }, proxy],
  ["is spelled in small letters, too", at, { https_proxy: proxy }, proxy],
  ["may be without a scheme", at, { HTTPS_PROXY: "proxy.corp:3128" }, proxy],
  ["is another one for plain HTTP", "http://10.0.0.1", { HTTPS_PROXY: proxy }, undefined],
  ["is that of HTTP addresses for plain HTTP", "http://10.0.0.1", { HTTP_PROXY: proxy }, proxy],
  ["is none for localhost", "https://localhost:6443", { HTTPS_PROXY: proxy }, undefined],
  ["is none for loopback", "https://127.0.0.1:6443", { HTTPS_PROXY: proxy }, undefined],
  ["is none for loopback of IPv6", "https://[::1]:6443", { HTTPS_PROXY: proxy }, undefined],
])("the proxy %s", (_, server, environment, expected) => {
  expect(proxyFor(server, environment)).toBe(expected);
});

test.each<[string, string, boolean]>([
  ["*", at, true],
  ["api.cluster.corp", at, true],
  ["cluster.corp", at, true],
  [".cluster.corp", at, true],
  ["*.cluster.corp", at, true],
  ["a.example, Cluster.Corp", at, true],
  ["api.cluster.corp:6443", at, true],
  ["api.cluster.corp:443", at, false],
  ["uster.corp", at, false],
  [".api.cluster.corp", at, false],
  [",", at, false],
  ["10.0.0.0/8", "https://10.2.3.4", true],
  ["10.2.3.4", "https://10.2.3.4", true],
  ["10.2.3.4:443", "https://10.2.3.4", true],
  ["192.168.0.0/16", "https://10.2.3.4", false],
  ["10.0.0.0/99", "https://10.2.3.4", false],
  ["10.0.0.0/8", at, false],
  ["fd00::/8", "https://[fd00::1]:6443", true],
  ["fd00::1", "https://[fd00::1]:6443", true],
  ["fd00::2", "https://[fd00::1]:6443", false],
])("NO_PROXY=%s, and %s: %j", (exception, server, isExcepted) => {
  const expected = isExcepted ? undefined : proxy;
  expect(proxyFor(server, { HTTPS_PROXY: proxy, NO_PROXY: exception })).toBe(expected);
});
