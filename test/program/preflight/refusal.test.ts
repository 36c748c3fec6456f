import { describe, expect, test } from "vitest";
import { refusal } from "../../../program/preflight";
import { type LiveObject } from "../../../program/preflight/findings";
import { check } from "../../fixtures/cluster";
import { stackOf } from "../../fixtures/stack";

const telemetry = (name: string, spec: LiveObject["spec"] = {}): LiveObject => ({
  apiVersion: "telemetry.istio.io/v1",
  kind: "Telemetry",
  metadata: { name, namespace: "istio-system", annotations: { "meta.helm.sh/release-name": "platform" } },
  spec,
});
const beside = (adopting: boolean, ...telemetries: LiveObject[]) =>
  check(stackOf(), () => ({ telemetries }), adopting);
const deletion = "kubectl -n istio-system delete telemetry global-sampling";
const nothing = { blockers: [], foreign: [], letGo: [] };

describe("a second mesh-wide Telemetry, of which Istio honours only the oldest", () => {
  const text = "Telemetry istio-system/global-sampling: the Helm release platform";
  const letGo = [
    `${text} must delete it, because Istio honours only the oldest mesh-wide Telemetry: ${deletion}`,
  ];

  test("is a blocker with the command that removes it", () => {
    expect(beside(false, telemetry("global-sampling"))).toEqual({
      blockers: [
        `${text} manages a second mesh-wide Telemetry, and Istio honours only the oldest: ${deletion}`,
      ],
      foreign: [],
      letGo,
    });
  });

  test("is only told while the stack takes over what others manage", () => {
    const found = beside(true, telemetry("global-sampling"));
    expect(found).toEqual({ ...nothing, letGo });
    expect(refusal(found, true)).toBeUndefined();
  });

  test.each<[string, LiveObject]>([
    ["the stack's own", telemetry("mesh-default")],
    ["one for some workloads", telemetry("a", { selector: { matchLabels: { app: "a" } } })],
    ["one for a resource", telemetry("a", { targetRef: { kind: "Service", name: "a" } })],
    ["one for resources", telemetry("a", { targetRefs: [{ kind: "Service", name: "a" }] })],
  ])("is not %s", (_, object) => {
    expect(beside(false, object)).toEqual(nothing);
  });

  test("is one with an empty list of resources", () => {
    expect(beside(false, telemetry("global-sampling", { targetRefs: [] })).blockers).toHaveLength(1);
  });
});

describe("the refusal that people read", () => {
  const blocked =
    "the cluster cannot take this stack; nothing was changed\n  - first: do this\n  - second: do that";
  const others =
    "the cluster has objects that others manage under this stack's names; nothing was changed\n" +
    "  - Service obs/a: the Helm release b\n" +
    "  to take them over:\n" +
    "    pulumi config set kubernetes:enablePatchForce true && pulumi up && pulumi config rm kubernetes:enablePatchForce\n" +
    "  the preview of that step replaces nothing and names what the other tool must let go of; to keep them,\n" +
    "  give this stack other names or namespaces";
  const blockers = ["first: do this", "second: do that"];
  const foreign = ["Service obs/a: the Helm release b"];
  const letGo = ["Service obs/a: the Helm release b must stop managing it, without deleting it"];

  test.each([
    ["nothing found", nothing, false, undefined],
    ["blockers", { ...nothing, blockers }, false, blocked],
    ["blockers while adopting", { ...nothing, blockers }, true, blocked],
    ["objects of others", { ...nothing, foreign, letGo }, false, others],
    ["objects of others while adopting", { ...nothing, foreign, letGo }, true, undefined],
    ["both", { blockers, foreign, letGo }, false, `${blocked}\n${others}`],
    ["both while adopting", { blockers, foreign, letGo }, true, blocked],
  ])("%s", (_, found, adopting, expected) => {
    expect(refusal(found, adopting)).toBe(expected);
  });
});
