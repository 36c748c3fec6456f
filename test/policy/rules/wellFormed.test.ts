/** Which malformed objects are told of, and as what. */
import { expect, it } from "vitest";
import { asker } from "./asking";

const ask = asker("well-formed-objects");
const policy = (spec: object, name = "shut", namespace?: string) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: namespace === undefined ? { name } : { name, namespace },
  spec,
});
const wrong = { podSelector: {}, ingress: [{ ports: [{ port: 70000 }] }] };
const wrongDouble = {
  podSelector: {},
  ingress: [{ ports: [{ port: 70000 }] }, { ports: [{ port: 70000 }] }],
};
const brief = (...objects: unknown[]) =>
  ask(objects).map(
    (finding) => /^(\w+: NetworkPolicy \S+) .*? (at \S+):/.exec(finding)?.slice(1).join(" ") ?? finding,
  );

it("are told of by name and place, also without a namespace", () => {
  const at = "at spec.ingress[0].ports[0].port";
  expect(brief(policy(wrong))).toEqual([`error: NetworkPolicy shut ${at}`]);
  expect(brief(policy(wrong), policy(wrong, "second", "apps"))).toEqual([
    `error: NetworkPolicy shut ${at}`,
    `error: NetworkPolicy apps/second ${at}`,
  ]);
  expect(brief(policy(wrongDouble))).toEqual([
    `error: NetworkPolicy shut ${at}`,
    "error: NetworkPolicy shut at spec.ingress[1].ports[0].port",
  ]);
});

it("are told of once where the same object is there twice", () => {
  expect(brief(policy(wrong), policy(wrong))).toHaveLength(1);
});

it("are only told of as variants in a mesh with tracing", () => {
  const variants = [policy({ podSelector: {} }), policy({ podSelector: { matchLabels: { app: "a" } } })];
  const said = ask(variants, { collector: "tracing/jaeger:9411" });
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(
    /^warning: NetworkPolicy shut is in the input several times, .* nothing can be said about it; one is required$/,
  );
  expect(ask(variants)).toEqual([]);
});
