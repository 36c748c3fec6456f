/** What an API server refuses of an object's names, of workloads and of Services is reported with its path. */
import { describe, expect, it } from "vitest";
import { Cluster } from "../../../policy/reachability";
import { container, namespace, policy, service, workload } from "./manifests";

const web = workload("shop/web");
const jaeger = workload("mesh/jaeger");

/** Paths and messages of what is malformed in some objects. */
function mistakes(...objects: unknown[]): string[] {
  return Cluster.from(objects).malformed.map(({ path, message }) => `${path} ${message}`);
}

describe("names", () => {
  it.each<[string, unknown, string[]]>([
    ["no metadata", { apiVersion: "v1", kind: "Namespace" }, ["metadata.name is missing"]],
    ["metadata", { apiVersion: "v1", kind: "Namespace", metadata: [] }, ["metadata must be a map, not []"]],
    [
      "a number",
      { apiVersion: "v1", kind: "Namespace", metadata: { name: 1 } },
      ["metadata.name must be a string, not 1"],
    ],
    [
      "a namespace",
      { ...policy("a/b", {}), metadata: { name: "b", namespace: 1 } },
      ["metadata.namespace must be a string, not 1"],
    ],
    ["no apiVersion", { kind: "Namespace", metadata: { name: "a" } }, ["apiVersion is missing"]],
    ["an old version of another kind", { ...workload("a/b"), apiVersion: "apps/v1beta2" }, []],
    ["no kind", { apiVersion: "v1", metadata: { name: "a" } }, ["kind is missing"]],
    ["a number as kind", { apiVersion: "v1", kind: 1 }, ["kind must be a string, not 1"]],
    ["a number as apiVersion", { apiVersion: 1, kind: "Namespace" }, ["apiVersion must be a string, not 1"]],
    ["no object", "Namespace", [' must be a map, not "Namespace"']],
    [
      "a namespace of a Namespace does not matter",
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "a", namespace: 1 } },
      [],
    ],
    [
      "a generated name",
      { ...workload("a/b", { kind: "Job" }), metadata: { namespace: "a", generateName: "b-" } },
      [],
    ],
    ["kinds that do not matter", { apiVersion: "v1", kind: "Secret", metadata: 1 }, []],
    ["null", null, []],
    ["undefined", undefined, []],
  ])("%s", (_, object, expected) => {
    expect(mistakes(object)).toEqual(expected);
  });

  it("of objects without a kind is their place in the input", () => {
    expect(Cluster.from([namespace("a"), "b"]).malformed.map(({ object }) => object)).toEqual([
      { apiVersion: "", kind: "object", name: "#1" },
    ]);
  });
});

describe("objects of one name", () => {
  const closed = policy("shop/p", { policyTypes: ["Egress"] });
  const open = policy("shop/p", { policyTypes: ["Egress"], egress: [{}] });
  const several = " is in the input several times, with different specs";

  it("count once if their specs are equal", () => {
    const cluster = Cluster.from([web, web, jaeger, closed, { ...closed, status: {} }]);
    expect([cluster.malformed, cluster.workloads.length]).toEqual([[], 2]);
    expect(cluster.canReach({ from: "shop/web", to: "mesh/jaeger", port: 1 }).verdict).toBe("denied");
  });

  it("count each time that they are unlike those before", () => {
    expect(mistakes(web, jaeger, closed, open, closed, open)).toHaveLength(1);
  });

  it("are in doubt if their specs differ", () => {
    const cluster = Cluster.from([web, jaeger, closed, open]);
    expect(cluster.malformed.map(({ path, message }) => `${path}${message}`)).toEqual([several.slice(1)]);
    const answer = cluster.canReach({ from: "shop/web", to: "mesh/jaeger", port: 1 });
    expect(answer.verdict).toBe("unknown");
    expect(answer.because.map(({ text }) => text)).toContain(
      "NetworkPolicy shop/p is malformed: is in the input several times, with different specs",
    );
  });

  it("are ambiguous ends if their specs differ", () => {
    const cluster = Cluster.from([web, workload("shop/web", { labels: { app: "other" } })]);
    expect(cluster.canReach({ from: "shop/web", to: "shop/web", port: 1 }).verdict).toBe("unknown");
    expect(cluster.find("shop/web")).toBeUndefined();
  });

  it("are different objects if the API server makes up their names", () => {
    const generated = (labels: unknown) => {
      const job = workload("shop/x", { kind: "Job", labels });
      return { ...job, metadata: { namespace: "shop", generateName: "x-" } };
    };
    const cluster = Cluster.from([generated({ a: "1" }), generated({ a: "2" })]);
    expect([cluster.malformed, cluster.workloads.map(({ ref }) => ref)]).toEqual([
      [],
      ["shop/x-*[Job]", "shop/x-*[Job]"],
    ]);
  });

  it("are different objects in different namespaces or of different kinds", () => {
    const cluster = Cluster.from([
      web,
      workload("mesh/web"),
      workload("shop/web", { kind: "Job" }),
      policy("mesh/p", {}),
      closed,
    ]);
    expect([cluster.malformed, cluster.workloads.length]).toEqual([[], 3]);
  });
});

describe("workloads and Services", () => {
  const at = "spec.template";
  it.each<[string, unknown, string]>([
    ["no template", { ...workload("a/b"), spec: {} }, `${at} is missing`],
    ["no spec", { ...workload("a/b"), spec: undefined }, "spec is missing"],
    ["no pod spec", { ...workload("a/b"), spec: { template: {} } }, `${at}.spec is missing`],
    ["no spec of a Pod", { ...workload("a/b", { kind: "Pod" }), spec: null }, "spec is missing"],
    [
      "template metadata",
      { ...workload("a/b"), spec: { template: { metadata: "x", spec: {} } } },
      `${at}.metadata must be a map, not "x"`,
    ],
    ["labels", workload("a/b", { labels: ["app"] }), `${at}.metadata.labels must be a map, not ["app"]`],
    ["a label", workload("a/b", { labels: { app: 1 } }), `${at}.metadata.labels.app must be a string, not 1`],
    [
      "a null label",
      workload("a/b", { labels: { app: null } }),
      `${at}.metadata.labels.app must be a string, not null`,
    ],
    [
      "a label's value",
      workload("a/b", { labels: { app: "a b" } }),
      `${at}.metadata.labels.app "a b" is not a label value`,
    ],
    [
      "a label's key",
      workload("a/b", { labels: { "a b": "c" } }),
      `${at}.metadata.labels["a b"] "a b" is not a label key`,
    ],
    ["containers", workload("a/b", { containers: {} }), `${at}.spec.containers must be a list, not {}`],
    [
      "a container",
      workload("a/b", { containers: ["c"] }),
      `${at}.spec.containers[0] must be a map, not "c"`,
    ],
    [
      "a null container",
      workload("a/b", { containers: [null] }),
      `${at}.spec.containers[0] must be a map, not null`,
    ],
    [
      "ports",
      workload("a/b", { containers: [{ ports: {} }] }),
      `${at}.spec.containers[0].ports must be a list, not {}`,
    ],
    [
      "a port",
      workload("a/b", { containers: [{ ports: [80] }] }),
      `${at}.spec.containers[0].ports[0] must be a map, not 80`,
    ],
    [
      "a null port",
      workload("a/b", { containers: [{ ports: [null] }] }),
      `${at}.spec.containers[0].ports[0] must be a map, not null`,
    ],
    [
      "no containerPort",
      workload("a/b", { containers: [container({})] }),
      `${at}.spec.containers[0].ports[0].containerPort is missing`,
    ],
    [
      "containerPort",
      workload("a/b", { containers: [container({ containerPort: "80" })] }),
      `${at}.spec.containers[0].ports[0].containerPort must be a number from 1 to 65535, not "80"`,
    ],
    [
      "port name",
      workload("a/b", { containers: [container({ name: "HTTP", containerPort: 80 })] }),
      `${at}.spec.containers[0].ports[0].name "HTTP" is not a port name`,
    ],
    [
      "port protocol",
      workload("a/b", { containers: [container({ protocol: "http", containerPort: 80 })] }),
      `${at}.spec.containers[0].ports[0].protocol must be TCP, UDP or SCTP, not "http"`,
    ],
    [
      "init containers",
      workload("a/b", { spec: { initContainers: {} } }),
      `${at}.spec.initContainers must be a list, not {}`,
    ],
    [
      "hostNetwork",
      workload("a/b", { spec: { hostNetwork: "true" } }),
      `${at}.spec.hostNetwork must be true or false, not "true"`,
    ],
    [
      "CronJob",
      { ...workload("a/b", { kind: "CronJob" }), spec: { jobTemplate: { spec: {} } } },
      "spec.jobTemplate.spec.template is missing",
    ],
    ["Namespace labels", namespace("a", { team: 1 }), "metadata.labels.team must be a string, not 1"],
    ["Service without spec", { ...service("a/b", {}), spec: null }, "spec is missing"],
    ["Service type", service("a/b", { type: 1 }), "spec.type must be a string, not 1"],
    ["Service selector", service("a/b", { selector: [] }), "spec.selector must be a map, not []"],
    [
      "Service selector value",
      service("a/b", { selector: { app: 1 } }),
      "spec.selector.app must be a string, not 1",
    ],
    ["Service ports", service("a/b", { ports: {} }), "spec.ports must be a list, not {}"],
    ["Service port entry", service("a/b", { ports: [80] }), "spec.ports[0] must be a map, not 80"],
    ["null Service port entry", service("a/b", { ports: [null] }), "spec.ports[0] must be a map, not null"],
    ["no Service port", service("a/b", { ports: [{}] }), "spec.ports[0].port is missing"],
    [
      "Service port",
      service("a/b", { ports: [{ port: "80" }] }),
      'spec.ports[0].port must be a number from 1 to 65535, not "80"',
    ],
    [
      "Service port name",
      service("a/b", { ports: [{ port: 80, name: "a_b" }] }),
      'spec.ports[0].name "a_b" is not a port name',
    ],
    [
      "Service port protocol",
      service("a/b", { ports: [{ port: 80, protocol: "HTTP" }] }),
      'spec.ports[0].protocol must be TCP, UDP or SCTP, not "HTTP"',
    ],
    [
      "targetPort",
      service("a/b", { ports: [{ port: 80, targetPort: "80" }] }),
      'spec.ports[0].targetPort "80" is not a port name; a number is written without quotes',
    ],
  ])("%s", (_, object, mistake) => {
    expect(mistakes(object)).toEqual([mistake]);
  });
});
