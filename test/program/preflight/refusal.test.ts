import { describe, expect, test } from "vitest";
import { parseStack } from "../../../config/stack";
import { type LiveObject } from "../../../program/preflight/liveObject";
import { describe as textOf, refusal } from "../../../program/preflight/refusal";
import { check, live } from "../../fixtures/cluster";
import { stackOf } from "../../fixtures/stack";

const telemetry = (name: string, spec: LiveObject["spec"] = {}): LiveObject => ({
  apiVersion: "telemetry.istio.io/v1",
  kind: "Telemetry",
  metadata: { name, namespace: "istio-system", annotations: { "meta.helm.sh/release-name": "platform" } },
  spec,
});
const beside = (adopting: readonly string[], ...telemetries: LiveObject[]) =>
  check(stackOf(), () => ({ telemetries }), adopting);
const deletion = "kubectl -n istio-system delete telemetry global-sampling";
const nothing = { blockers: [], foreign: [], adopted: [], letGo: [] };

describe("a second mesh-wide Telemetry, of which Istio honours only the oldest", () => {
  const text = "Telemetry istio-system/global-sampling: the Helm release platform";
  const letGo = [
    `${text} must delete it, because Istio honours only the oldest mesh-wide Telemetry: ${deletion}`,
  ];

  test("is a blocker with the command that removes it", () => {
    expect(beside([], telemetry("global-sampling"))).toEqual({
      blockers: [
        `${text} manages a second mesh-wide Telemetry, and Istio honours only the oldest: ${deletion}`,
      ],
      foreign: [],
      adopted: [],
      letGo: [],
    });
  });

  test("is only told while the stack takes over what others manage", () => {
    const found = check(
      stackOf(),
      ({ objects }) => ({
        objects: [
          ...objects,
          live({ apiVersion: "v1", kind: "Service", namespace: "istio-system", name: "jaeger" }),
        ],
        telemetries: [telemetry("global-sampling")],
      }),
      ["Service istio-system/jaeger"],
    );
    expect(found).toEqual({
      ...nothing,
      adopted: ["Service istio-system/jaeger: an unknown owner"],
      letGo: [
        "Service istio-system/jaeger: an unknown owner must stop managing it, without deleting it",
        ...letGo,
      ],
    });
  });

  test.each<[string, LiveObject]>([
    ["the stack's own", telemetry("mesh-default")],
    ["one for some workloads", telemetry("a", { selector: { matchLabels: { app: "a" } } })],
    ["one for a resource", telemetry("a", { targetRef: { kind: "Service", name: "a" } })],
    ["one for resources", telemetry("a", { targetRefs: [{ kind: "Service", name: "a" }] })],
  ])("is not %s", (_, object) => {
    expect(beside([], object)).toEqual(nothing);
  });

  test("is one with an empty list of resources", () => {
    expect(beside([], telemetry("global-sampling", { targetRefs: [] })).blockers).toHaveLength(1);
  });
});

describe("the refusal that people read", () => {
  const config = parseStack(
    stackOf({
      cluster: { tolerate: ["otlp-endpoint"] },
      externalServices: { api: { hosts: ["api.example.com"] } },
      namespaces: {
        shop: { isolation: "existing" },
        blog: { isolation: "existing" },
        pay: { isolation: "restricted" },
      },
    }),
    "test",
  );
  const why = (...namespaces: string[]) =>
    "    why: no policy of others isolates egress there, so this one, as the first, closes all that it\n" +
    `    does not list\n    setting in Pulumi.test.yaml, under mesh-tracing:namespaces, for ${namespaces.join(" and ")}:\n` +
    "      isolation: none        # egress stays open, as it is\n" +
    "      isolation: restricted  # or: this stack isolates it, and opens DNS, istiod, the mesh and the collector";
  const blocked =
    "the cluster cannot take this stack; nothing was changed\n  - first: do this\n  - second: do that";
  const others =
    "the cluster has objects that others manage under this stack's names; nothing was changed\n" +
    "  - Service obs/a: the Helm release b\n" +
    "  - ConfigMap obs/c: an unknown owner\n" +
    "  to take them over, once:\n" +
    "    MESH_TRACING_ADOPT='Service obs/a,ConfigMap obs/c' pulumi up\n" +
    "  (preview instead of up shows what would happen, and what the other tool must let go of)\n" +
    "  to keep them as they are, give this stack other names or namespaces";
  const foreignOf = (kind: string, name: string, annotations: Record<string, string> = {}) => {
    const id = { apiVersion: "v1", kind, namespace: "obs", name };
    const metadata = { name, namespace: "obs" };
    const manifest = { apiVersion: "v1", kind, metadata };
    return { planned: { ...id, manifest }, object: { ...manifest, metadata: { ...metadata, annotations } } };
  };
  const blockers = ["first: do this", "second: do that"];
  const foreign = [
    foreignOf("Service", "a", { "meta.helm.sh/release-name": "b" }),
    foreignOf("ConfigMap", "c"),
  ];

  test.each([
    ["nothing found", { ...nothing }, undefined],
    ["blockers", { ...nothing, blockers }, blocked],
    ["objects of others", { ...nothing, foreign }, others],
    ["objects of others that are taken over", { ...nothing, adopted: foreign }, undefined],
    [
      "of several only one taken over",
      { ...nothing, foreign: foreign.slice(0, 1), adopted: foreign.slice(1) },
      others
        .replace("  - ConfigMap obs/c: an unknown owner\n", "")
        .replace("Service obs/a,ConfigMap obs/c", "ConfigMap obs/c,Service obs/a"),
    ],
    ["both", { ...nothing, blockers, foreign }, `${blocked}\n${others}`],
  ])("%s", (_, found, expected) => {
    expect(refusal(found, [], config)).toBe(expected);
  });

  test("an installation that may be the stack's own of before, with how it is used as it is", () => {
    const own = parseStack(stackOf({ certManager: { install: {} } }), "test");
    const annotations = { "meta.helm.sh/release-name": "cert-manager" };
    const { planned, object } = foreignOf("Deployment", "cert-manager", annotations);
    const text = refusal(
      { ...nothing, foreign: [{ planned: { ...planned, release: "cert-manager" }, object }] },
      [],
      own,
    );
    expect(text).toContain(
      "  - Deployment obs/cert-manager: the Helm release cert-manager; if this stack did not install it,\n" +
        "    remove certManager to use it as it is\n  to take them over, once:\n",
    );
  });

  const finding = { level: "error", apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" } as const;
  const policyOf = { ...finding, namespace: "shop", name: "allow-jaeger-egress", fix: "- to: []" };
  const title = "this change would break what works, or would not work itself; nothing was changed";

  test.each([
    [
      "DNS and istiod, cut by a policy of the stack in a namespace that nobody isolates",
      { ...policyOf, rule: "mesh-baseline-egress", message: "it blocks DNS; add a rule for UDP 53" },
      "  - it blocks DNS [mesh-baseline-egress]\n" + why("shop"),
    ],
    [
      "a path, closed by a policy of others, with the lines to add",
      {
        ...policyOf,
        name: "deny",
        rule: "trace-path-open",
        message: "9411 is closed",
        fix: "- to: []\n  ports: []",
      },
      "  - 9411 is closed [trace-path-open]\n" +
        "    lines for NetworkPolicy shop/deny:\n      - to: []\n        ports: []\n" +
        "    setting in Pulumi.test.yaml, under mesh-tracing:cluster:\n" +
        "      tolerate: [otlp-endpoint, trace-path-open]  # deploys all the same, with a warning",
    ],
    [
      "a host that another ServiceEntry has",
      {
        ...policyOf,
        kind: "ServiceEntry",
        name: "api",
        rule: "service-entry-hosts",
        message: "twice",
        fix: "",
      },
      "  - twice [service-entry-hosts]\n    setting in Pulumi.test.yaml, under mesh-tracing:externalServices:\n" +
        "      api: { hosts: […] }  # without the host; or without the whole entry",
    ],
    [
      "DNS and istiod, cut where they are not",
      { ...policyOf, namespace: "pay", rule: "mesh-baseline-egress", message: "it blocks DNS; add a rule" },
      "  - it blocks DNS [mesh-baseline-egress]\n    setting in Pulumi.test.yaml, under mesh-tracing:egress:\n" +
        "      dns: …  # where DNS is, if it is elsewhere; istio.rootNamespace says where istiod is",
    ],
  ])("%s", (_, found, expected) => {
    expect(refusal(nothing, [found], config)).toBe(`${title}\n${expected}`);
  });

  test("a namespace that is said to be open, and is not", () => {
    const open = parseStack(stackOf({ namespaces: { shop: { isolation: "none" } } }), "test");
    const found = { ...policyOf, name: "deny", rule: "trace-path-open", message: "closed", fix: "" };
    expect(refusal(nothing, [found], open)).toBe(
      `${title}\n  - closed [trace-path-open]\n` +
        "    why: policies of others isolate egress there\n" +
        "    setting in Pulumi.test.yaml, under mesh-tracing:namespaces, for shop:\n" +
        "      isolation: existing  # this stack adds the way to the collector",
    );
  });

  test("what one cause does to many objects is told once, with the lines of each", () => {
    const cut = (namespace: string) => ({
      ...policyOf,
      namespace,
      rule: "mesh-baseline-egress",
      message: `NetworkPolicy ${namespace}/allow-jaeger-egress blocks DNS; add a rule`,
    });
    const closed = (namespace: string, fix: string) => ({
      ...policyOf,
      namespace,
      name: "deny",
      rule: "trace-path-open",
      message: `NetworkPolicy ${namespace}/deny blocks 9411; add a rule`,
      fix,
    });
    const found = [
      cut("shop"),
      cut("blog"),
      closed("shop", "- a: 1"),
      closed("blog", "- a: 1"),
      closed("pay", "- b: 2"),
    ];
    expect(textOf(found, config)).toBe(
      [
        "  - 3 NetworkPolicies: shop/deny, blog/deny and pay/deny [trace-path-open]",
        "    such as: NetworkPolicy shop/deny blocks 9411; add a rule",
        "    lines for NetworkPolicy shop/deny and NetworkPolicy blog/deny:",
        "      - a: 1",
        "    lines for NetworkPolicy pay/deny:",
        "      - b: 2",
        "    setting in Pulumi.test.yaml, under mesh-tracing:cluster:",
        "      tolerate: [otlp-endpoint, trace-path-open]  # deploys all the same, with a warning",
        "  - 2 NetworkPolicies: shop/allow-jaeger-egress and blog/allow-jaeger-egress [mesh-baseline-egress]",
        "    such as: NetworkPolicy shop/allow-jaeger-egress blocks DNS",
        why("shop", "blog"),
      ].join("\n"),
    );
  });
});
