import { describe, expect, it } from "vitest";
import { diffOf } from "../../../docs/generate/yamlDiff";

const service = (name: string, spec: object) => ({
  kind: "Service",
  metadata: { name, namespace: "a" },
  spec,
});
const ports = (...numbers: number[]) => ({ ports: numbers.map((port) => ({ port, protocol: "TCP" })) });

describe("diffOf", () => {
  it("says nothing of equal objects, whatever their order", () => {
    const [one, two] = [service("one", ports(1)), service("two", ports(2))];
    expect(diffOf([one, two], [structuredClone(two), structuredClone(one)])).toBe("");
  });

  it("shows a changed value with its neighbours and with what it is nested in", () => {
    const changed = ports(1, 2, 3, 4, 5);
    changed.ports[3]!.port = 9;
    expect(diffOf([service("one", ports(1, 2, 3, 4, 5))], [service("one", changed)])).toBe(
      [
        "# Service a/one",
        "  …",
        "  spec:",
        "    ports:",
        "      …",
        "      - port: 3",
        "        protocol: TCP",
        "-     - port: 4",
        "+     - port: 9",
        "        protocol: TCP",
        "      - port: 5",
        "        …",
      ].join("\n"),
    );
  });

  it("shows added and removed objects whole", () => {
    const [gone, come] = [{ kind: "Namespace", metadata: { name: "a" } }, service("one", {})];
    expect(diffOf([gone], [come])).toBe(
      [
        "# Namespace a",
        "- kind: Namespace",
        "- metadata:",
        "-   name: a",
        "# Service a/one",
        "+ kind: Service",
        "+ metadata:",
        "+   name: one",
        "+   namespace: a",
        "+ spec: {}",
      ].join("\n"),
    );
  });

  it("shows once what is changed alike in several objects", () => {
    const names = ["one", "two", "three"];
    const before = names.map((name) => service(name, { type: "ClusterIP", ...ports(1) }));
    const after = names.map((name) => service(name, { type: "NodePort", ...ports(1) }));
    expect(diffOf(before, after).split("\n")).toEqual([
      "# Service a/one, and the same in 2 more",
      "  …",
      "    namespace: a",
      "  spec:",
      "-   type: ClusterIP",
      "+   type: NodePort",
      "    ports:",
      "      - port: 1",
      "        …",
    ]);
  });
});
