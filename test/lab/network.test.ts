/** Commands that make the node and its pods. */
import { describe, expect, test } from "vitest";
import { cableOf, namespaceOf } from "../../lab/addresses";
import {
  labNamespaces,
  nodeCommands,
  podCommands,
  policyCommands,
  redirectionCommand,
  removalCommands,
} from "../../lab/network";

const lines = (commands: readonly (readonly string[])[]): string[] =>
  commands.map((words) => words.join(" "));

test("a pod has one address, and a route to it that nobody else has", () => {
  expect(lines(podCommands("mtlab-auth-api", "10.202.0.7"))).toEqual([
    "ip netns add mtlab-auth-api",
    "ip -n mtlab link add mt0-7 type veth peer name eth0 netns mtlab-auth-api",
    "ip -n mtlab-auth-api link set lo up",
    "ip -n mtlab-auth-api addr add 10.202.0.7/32 dev eth0",
    "ip -n mtlab-auth-api link set eth0 up",
    "ip -n mtlab-auth-api route add 169.254.1.1 dev eth0 scope link",
    "ip -n mtlab-auth-api route add default via 169.254.1.1 dev eth0",
    "ip netns exec mtlab sysctl -q -w net.ipv4.conf.mt0-7.proxy_arp=1 net.ipv4.neigh.mt0-7.proxy_delay=0",
    "ip -n mtlab link set mt0-7 up",
    "ip -n mtlab route add 10.202.0.7/32 dev mt0-7 src 10.201.0.1",
  ]);
});

test("every command about the node is about its own namespace, never about the machine's", () => {
  for (const words of [...nodeCommands(), ...policyCommands()]) {
    const [first, ...rest] = words;
    expect(first).toBe("ip");
    expect([
      ["-n", "mtlab"],
      ["netns", "exec", "mtlab"],
      ["netns", "add", "mtlab"],
    ]).toContainEqual(rest.slice(0, rest[0] === "-n" ? 2 : 3));
  }
});

test("policies are asked about new connections alone", () => {
  expect(lines(policyCommands())).toEqual([
    "ip netns exec mtlab iptables-legacy -w -t mangle -A FORWARD -m conntrack --ctstate NEW -j NFQUEUE --queue-num 100",
  ]);
});

test("redirection is for everything but the proxy's own user and its own ports", () => {
  expect(redirectionCommand("mtlab-a", "/bin/pilot-agent", 1337).join(" ")).toBe(
    "ip netns exec mtlab-a /bin/pilot-agent istio-iptables -p 15001 -z 15006 -u 1337 -m REDIRECT -i * -x  -b * -d 15090,15021,15020",
  );
});

test("a pod's cable goes before its namespace, whose end takes a while", () => {
  expect(lines(removalCommands("mtlab-a"))).toEqual(["ip -n mtlab-a link del eth0", "ip netns del mtlab-a"]);
  expect(lines(removalCommands("mtlab"))).toEqual(["ip netns del mtlab"]);
});

describe("names", () => {
  test("a cable's fits into the kernel's 15 characters for every address of the range", () => {
    expect(cableOf("10.202.255.255")).toBe("mt255-255");
    expect(cableOf("10.202.0.1")).not.toBe(cableOf("10.202.1.0"));
  });

  test("of what `ip netns list` prints, those of the lab, the node last", () => {
    const pod = namespaceOf({ namespace: "auth", name: "auth-api-1" });
    const listing = `mtlab (id: 0)\n${pod} (id: 3)\nmtlabtry\nother-mtlab-x\n\n`;
    expect(labNamespaces(listing)).toEqual(["mtlab-auth-auth-api-1", "mtlab"]);
    expect(labNamespaces("")).toEqual([]);
  });
});
