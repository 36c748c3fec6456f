import { expect, it } from "vitest";
import { ObjectIndex } from "../../../policy/model/objects";
import { entriesFor, hasPort } from "../../../policy/model/serviceEntries";
import { type TracingModel } from "../../../policy/model/tracingModel";

const entry = (name: string, spec: object) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "ServiceEntry",
  metadata: { name },
  spec,
});

it("a host outside is that of entries by its name or a wildcard, and of their ports", () => {
  const index = new ObjectIndex([
    entry("exact", { hosts: ["other.example.com", "otlp.example.com"] }),
    entry("wildcard", { hosts: ["*.example.com"] }),
    entry("other", { hosts: ["example.com", "*.example.org", "lp.example.com"] }),
    entry("none", {}),
  ]);
  const names = (host: string) =>
    entriesFor({ index } as TracingModel, host).map(({ metadata: { name } }) => name);
  expect(names("otlp.example.com")).toEqual(["exact", "wildcard"]);
  expect(names("a.example.org")).toEqual(["other"]);
  expect(names("example.net")).toEqual([]);
  const ports = entry("a", { ports: [{ number: 80 }, { number: "443" }] });
  expect([80, 443, 8080].map((port) => hasPort(ports, port))).toEqual([true, true, false]);
});
