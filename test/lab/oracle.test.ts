/** What the oracles are given. */
import { describe, expect, test } from "vitest";
import { hasAmbiguousPorts, portsOf, withDefaults } from "../../lab/oracle/translate";

describe("policies get the defaults of the API server", () => {
  test.each([
    ["no rules", {}, ["Ingress"]],
    ["an empty list of types", { policyTypes: [] }, ["Ingress"]],
    ["egress rules", { egress: [{}] }, ["Ingress", "Egress"]],
    ["an empty list of egress rules", { egress: [] }, ["Ingress"]],
    ["types that are there", { egress: [{}], policyTypes: ["Egress"] }, ["Egress"]],
  ])("%s", (_, spec, policyTypes) => {
    expect(withDefaults({ spec }).spec).toMatchObject({ podSelector: {}, policyTypes });
  });

  test("a port without a protocol is TCP", () => {
    const ports = [{ port: 80 }, { port: 53, protocol: "UDP" }];
    expect(withDefaults({ spec: { ingress: [{ ports }] } }).spec.ingress).toEqual([
      {
        ports: [
          { port: 80, protocol: "TCP" },
          { port: 53, protocol: "UDP" },
        ],
      },
    ]);
  });
});

test("init containers count if they go on running", () => {
  const ports = (containerPort: number) => [{ name: "http", containerPort }];
  const init = [{ ports: ports(2) }, { ports: ports(3), restartPolicy: "Always" }];
  expect(portsOf([{ ports: ports(1) }], init)).toEqual([
    { name: "http", port: 1, protocol: "TCP" },
    { name: "http", port: 3, protocol: "TCP" },
  ]);
});

test.each([
  ["one port of a name", [["http", 80, "TCP"]], false],
  [
    "the same twice",
    [
      ["http", 80, "TCP"],
      ["http", 80, "TCP"],
    ],
    false,
  ],
  [
    "another protocol",
    [
      ["http", 80, "TCP"],
      ["http", 81, "UDP"],
    ],
    false,
  ],
  [
    "another number",
    [
      ["http", 80, "TCP"],
      ["http", 81, "TCP"],
    ],
    true,
  ],
  [
    "ports without a name",
    [
      ["", 80, "TCP"],
      ["", 81, "TCP"],
    ],
    false,
  ],
] as const)("ambiguous ports: %s", (_, list, expected) => {
  const ports = list.map(([name, port, protocol]) => ({ name, port, protocol }));
  expect(hasAmbiguousPorts({ namespace: "a", name: "b", ip: "", labels: {}, ports })).toBe(expected);
});
