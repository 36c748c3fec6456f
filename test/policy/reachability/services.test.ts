/** From a Service's port to the pods behind it. */
import { describe, expect, it } from "vitest";
import { Cluster, type Protocol } from "../../../policy/reachability";
import { container, namespace, policy, service, workload } from "./manifests";

const later = Symbol("not known yet");
const isUnknown = (value: unknown) => value === later;

const web = workload("shop/web");
const jaeger = workload("mesh/jaeger", {
  containers: [
    container(
      { name: "zipkin", containerPort: 9411 },
      { name: "dns", containerPort: 5353, protocol: "UDP" },
      { name: "dns", containerPort: 5354 },
    ),
  ],
});
const selector = { app: "jaeger" };
const open = { port: 9411, targetPort: 9411 };

interface Ask {
  readonly port?: number | string;
  readonly protocol?: Protocol;
}

function ask(spec: unknown, question: Ask = {}, ...objects: unknown[]) {
  const cluster = Cluster.from([web, jaeger, service("mesh/svc", spec), ...objects], { isUnknown });
  return cluster.canReachService({ from: "shop/web", service: "mesh/svc", port: 9411, ...question });
}

/** Workloads and ports that a Service leads to. */
function targets(spec: unknown, question: Ask = {}, ...objects: unknown[]) {
  return ask(spec, question, ...objects).targets.map(
    ({ target: { workload, port } }) => `${workload.ref}:${port}`,
  );
}

describe("target ports", () => {
  it.each<[string, unknown, Ask, string[]]>([
    ["absent: the port itself", { port: 9411 }, {}, ["mesh/jaeger[Deployment]:9411"]],
    ["zero: the port itself", { port: 9411, targetPort: 0 }, {}, ["mesh/jaeger[Deployment]:9411"]],
    ["empty: the port itself", { port: 9411, targetPort: "" }, {}, ["mesh/jaeger[Deployment]:9411"]],
    ["a number", { port: 80, targetPort: 9411 }, { port: 80 }, ["mesh/jaeger[Deployment]:9411"]],
    ["a name", { port: 80, targetPort: "zipkin" }, { port: 80 }, ["mesh/jaeger[Deployment]:9411"]],
    [
      "a name that two protocols share, TCP",
      { port: 53, targetPort: "dns" },
      { port: 53 },
      ["mesh/jaeger[Deployment]:5354"],
    ],
    [
      "a name that two protocols share, UDP",
      { port: 53, targetPort: "dns", protocol: "UDP" },
      { port: 53, protocol: "UDP" },
      ["mesh/jaeger[Deployment]:5353"],
    ],
    [
      "asked for by name",
      { name: "http-zipkin", port: 80, targetPort: "zipkin" },
      { port: "http-zipkin" },
      ["mesh/jaeger[Deployment]:9411"],
    ],
    [
      "asked for by name, with the port's own protocol",
      { name: "dns-udp", port: 53, targetPort: "dns", protocol: "UDP" },
      { port: "dns-udp" },
      ["mesh/jaeger[Deployment]:5353"],
    ],
  ])("%s", (_, port, question, expected) => {
    expect(targets({ selector, ports: [{ port: 1 }, port] }, question)).toEqual(expected);
  });

  it("lead to every workload that has the named port, with its own number", () => {
    const other = workload("mesh/other", {
      labels: selector,
      containers: [container({ name: "zipkin", containerPort: 19411 })],
    });
    const without = workload("mesh/without", { labels: selector });
    const elsewhere = workload("shop/jaeger");
    const unrelated = workload("mesh/unrelated");
    expect(
      targets(
        { selector, ports: [{ port: 80, targetPort: "zipkin" }] },
        { port: 80 },
        other,
        without,
        elsewhere,
        unrelated,
      ),
    ).toEqual(["mesh/jaeger[Deployment]:9411", "mesh/other[Deployment]:19411"]);
  });

  it("take a name of an init container that runs on after those of the others", () => {
    const sidecar = {
      ...container({ name: "late", containerPort: 2 }, { name: "zipkin", containerPort: 3 }),
      restartPolicy: "Always",
    };
    const early = container({ name: "early", containerPort: 4 });
    const pod = workload("mesh/x", {
      labels: { app: "x" },
      containers: [container({ name: "zipkin", containerPort: 1 })],
      spec: { initContainers: [early, sidecar] },
    });
    const leadTo = (targetPort: string) =>
      targets({ selector: { app: "x" }, ports: [{ port: 80, targetPort }] }, { port: 80 }, pod);
    expect(leadTo("zipkin")).toEqual(["mesh/x[Deployment]:1"]);
    expect(leadTo("late")).toEqual(["mesh/x[Deployment]:2"]);
    expect(leadTo("early")).toEqual([]);
  });

  it("are ignored by a headless Service", () => {
    const spec = { clusterIP: "None", selector, ports: [{ port: 9411, targetPort: 1234 }] };
    expect(targets(spec)).toEqual(["mesh/jaeger[Deployment]:9411"]);
    expect(Cluster.from([service("mesh/svc", spec)]).findService("mesh/svc")?.headless).toBe(true);
  });

  it("select by all labels", () => {
    expect(targets({ selector: { app: "jaeger", tier: "none" }, ports: [open] })).toEqual([]);
    const both = workload("mesh/both", { labels: { app: "both", tier: "one" } });
    expect(targets({ selector: { app: "both", tier: "one" }, ports: [open] }, {}, both)).toEqual([
      "mesh/both[Deployment]:9411",
    ]);
  });
});

describe("answers", () => {
  it("are those of the pods' port, not of the Service's", () => {
    const spec = { selector, ports: [{ port: 80, targetPort: "zipkin" }] };
    const allow = (port: number) => policy("shop/p", { egress: [{ ports: [{ port }] }] });
    expect(ask(spec, { port: 80 }, allow(9411)).verdict).toBe("allowed");
    expect(ask(spec, { port: 80 }, allow(80)).verdict).toBe("denied");
  });

  it("are denied if one of the workloads is, and come with the answer for each", () => {
    const other = workload("mesh/other", { labels: { ...selector, closed: "yes" } });
    const closed = policy("mesh/p", { podSelector: { matchLabels: { closed: "yes" } } });
    const answer = ask({ selector, ports: [open] }, {}, other, closed);
    expect(answer.verdict).toBe("denied");
    expect(answer.targets.map(({ target, answer: { verdict } }) => [target.workload.ref, verdict])).toEqual([
      ["mesh/jaeger[Deployment]", "allowed"],
      ["mesh/other[Deployment]", "denied"],
    ]);
    expect(answer.because.map(({ text }) => text)).toEqual([
      "no NetworkPolicy isolates egress of shop/web[Deployment]",
      "no NetworkPolicy isolates ingress of mesh/jaeger[Deployment]",
      "NetworkPolicy mesh/p isolates ingress of mesh/other[Deployment]",
      "no rule allows ingress of mesh/other[Deployment] from shop/web[Deployment] on TCP 9411",
    ]);
  });

  it("are unknown if one is and none is denied", () => {
    const doubtful = policy("shop/p", {
      egress: [{ to: [{ namespaceSelector: { matchLabels: { team: "b" } } }] }],
    });
    expect(ask({ selector, ports: [open] }, {}, doubtful).verdict).toBe("unknown");
    expect(ask({ selector, ports: [open] }, {}, doubtful, namespace("mesh", { team: "b" })).verdict).toBe(
      "allowed",
    );
  });

  it.each<[string, unknown, string, string, string]>([
    [
      "no such port",
      { selector, ports: [{ port: 1 }] },
      "denied",
      "no-such-service-port",
      "Service mesh/svc has no port TCP 9411",
    ],
    ["no ports", { selector }, "denied", "no-such-service-port", "Service mesh/svc has no port TCP 9411"],
    [
      "port of another protocol",
      { selector, ports: [{ port: 9411, protocol: "UDP" }] },
      "denied",
      "no-such-service-port",
      "Service mesh/svc has no port TCP 9411",
    ],
    [
      "ExternalName",
      { type: "ExternalName", externalName: "x.example.com" },
      "unknown",
      "external-name",
      "Service mesh/svc is an alias of a name outside",
    ],
    [
      "no selector",
      { ports: [open] },
      "unknown",
      "no-selector",
      "Service mesh/svc selects no pods itself; others make its endpoints",
    ],
    [
      "empty selector",
      { selector: {}, ports: [open] },
      "unknown",
      "no-selector",
      "Service mesh/svc selects no pods itself; others make its endpoints",
    ],
    [
      "no pods",
      { selector: { app: "none" }, ports: [open] },
      "denied",
      "selects-no-pods",
      "Service mesh/svc selects no pods of any workload in the input",
    ],
    [
      "no such container port",
      { selector, ports: [{ port: 9411, targetPort: "none" }] },
      "denied",
      "no-pod-has-port",
      "Service mesh/svc leads to the port none, which no container of its pods has",
    ],
  ])("%s", (_, spec, verdict, kind, text) => {
    const answer = ask(spec);
    expect([answer.verdict, answer.because, answer.targets]).toEqual([
      verdict,
      [{ kind, service: { apiVersion: "v1", kind: "Service", namespace: "mesh", name: "svc" }, text }],
      [],
    ]);
  });

  it("say which named port is missing", () => {
    expect(ask({ selector, ports: [open] }, { port: "http" }).because.map(({ text }) => text)).toEqual([
      "Service mesh/svc has no port named http",
    ]);
  });

  it("are unknown for a Service that is not in the input", () => {
    const answer = Cluster.from([web]).canReachService({ from: "shop/web", service: "mesh/none", port: 80 });
    expect([answer.verdict, answer.because]).toEqual([
      "unknown",
      [
        {
          kind: "no-such-service",
          service: { apiVersion: "v1", kind: "Service", namespace: "mesh", name: "none" },
          text: "Service mesh/none is not in the input",
        },
      ],
    ]);
  });
});

describe("accessors", () => {
  const spec = {
    type: "LoadBalancer",
    selector,
    ports: [
      { name: "http-zipkin", port: 80, targetPort: "zipkin", appProtocol: "http", nodePort: 30080 },
      { port: 53, protocol: "UDP" },
    ],
  };

  it("find a Service", () => {
    const found = Cluster.from([service("mesh/svc", spec)]).findService("mesh/svc");
    expect(found).toMatchObject({
      namespace: "mesh",
      name: "svc",
      type: "LoadBalancer",
      headless: false,
      ports: [
        { name: "http-zipkin", port: 80, protocol: "TCP", targetPort: "zipkin" },
        { port: 53, protocol: "UDP", targetPort: 53 },
      ],
    });
    expect(Cluster.from([service("mesh/svc", spec)]).findService("mesh/none")).toBeUndefined();
    expect(Cluster.from([service("mesh/svc", {})]).findService("mesh/svc")?.type).toBe("ClusterIP");
  });

  it("leave out what is not known", () => {
    const object = service("mesh/svc", { type: later, ports: [{ port: 1, targetPort: later }] });
    const found = Cluster.from([object], { isUnknown }).findService("mesh/svc");
    expect([found?.type, found?.ports[0]?.targetPort]).toEqual([undefined, undefined]);
  });

  it("resolve a port without asking about policies", () => {
    const cluster = Cluster.from([jaeger, service("mesh/svc", spec)]);
    expect(cluster.resolveService({ service: "mesh/svc", port: 80 })).toEqual({
      protocol: "TCP",
      targets: [{ workload: cluster.find("mesh/jaeger"), port: 9411, unknown: [] }],
      unknown: [],
    });
  });

  it("tell a port number from a name that looks like one", () => {
    const cluster = Cluster.from([
      jaeger,
      service("mesh/svc", { selector, ports: [{ port: 80 }, { name: "80", port: 81 }] }),
    ]);
    const portOf = (port: number | string) =>
      cluster.resolveService({ service: "mesh/svc", port }).targets[0]?.port;
    expect([portOf(80), portOf("80"), portOf(80)]).toEqual([80, 81, 80]);
  });

  it("leave out what a port does not have", () => {
    const object = service("mesh/svc", {
      ports: [
        { port: 1, name: "" },
        { name: "a", port: 2 },
      ],
    });
    expect(Cluster.from([object]).findService("mesh/svc")?.ports).toStrictEqual([
      { port: 1, protocol: "TCP", targetPort: 1 },
      { name: "a", port: 2, protocol: "TCP", targetPort: 2 },
    ]);
  });

  it("remember where a port leads", () => {
    const cluster = Cluster.from([jaeger, service("mesh/svc", spec)]);
    const question = { service: "mesh/svc", port: 80 };
    expect(cluster.resolveService(question)).toBe(cluster.resolveService(question));
  });
});
