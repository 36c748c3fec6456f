/** What is not known of a Service, or of the pods behind it, makes an answer `unknown`, where it matters. */
import { describe, expect, it } from "vitest";
import { Cluster } from "../../../policy/reachability";
import { isUnknown, jaeger, later, web } from "./asking";
import { service, workload } from "./manifests";

const selector = { app: "jaeger" };
const open = { port: 9411, targetPort: 9411 };

function ask(spec: unknown, ...objects: unknown[]) {
  const cluster = Cluster.from([web, jaeger, service("mesh/svc", spec), ...objects], { isUnknown });
  return cluster.canReachService({ from: "shop/web", service: "mesh/svc", port: 9411 });
}

describe("what is not known of a Service", () => {
  it.each<[string, unknown, string]>([
    ["spec", later, "spec of Service mesh/svc is not known yet"],
    ["type", { type: later, selector, ports: [open] }, "spec.type of Service mesh/svc is not known yet"],
    [
      "clusterIP",
      { clusterIP: later, selector, ports: [open] },
      "spec.clusterIP of Service mesh/svc is not known yet",
    ],
    ["ports", { selector, ports: later }, "spec.ports of Service mesh/svc is not known yet"],
    ["a port entry", { selector, ports: [later] }, "spec.ports[0] of Service mesh/svc is not known yet"],
    [
      "a port",
      { selector, ports: [{ port: later }] },
      "spec.ports[0].port of Service mesh/svc is not known yet",
    ],
    [
      "a port's name",
      { selector, ports: [{ port: 9411, name: later }] },
      "spec.ports[0].name of Service mesh/svc is not known yet",
    ],
    [
      "a port's protocol",
      { selector, ports: [{ port: 9411, protocol: later }] },
      "spec.ports[0].protocol of Service mesh/svc is not known yet",
    ],
    [
      "a target port",
      { selector, ports: [{ port: 9411, targetPort: later }] },
      "spec.ports[0].targetPort of Service mesh/svc is not known yet",
    ],
    ["a selector", { selector: later, ports: [open] }, "spec.selector of Service mesh/svc is not known yet"],
    [
      "a selected label",
      { selector: { app: later }, ports: [open] },
      "spec.selector.app of Service mesh/svc is not known yet",
    ],
  ])("%s", (_, spec, text) => {
    const answer = ask(spec);
    expect(answer.verdict).toBe("unknown");
    expect(answer.because.map((reason) => reason.text)).toContain(text);
  });

  it("does not matter if it is about labels that no pod has", () => {
    expect(ask({ selector: { none: later }, ports: [open] }).because.map(({ kind }) => kind)).toEqual([
      "selects-no-pods",
    ]);
  });

  it("pods whose labels are not known may be behind it", () => {
    const maybe = workload("mesh/maybe", { labels: { app: later } });
    const answer = ask({ selector, ports: [open] }, maybe);
    expect(answer.verdict).toBe("unknown");
    expect(answer.targets.map(({ target, answer: { verdict } }) => [target.workload.ref, verdict])).toEqual([
      ["mesh/jaeger[Deployment]", "allowed"],
      ["mesh/maybe[Deployment]", "unknown"],
    ]);
    expect(answer.because.map(({ text }) => text)).toContain(
      "spec.template.metadata.labels.app of Deployment mesh/maybe is not known yet",
    );
  });

  it("pods whose namespace is not known may be behind it", () => {
    const lost = {
      ...workload("mesh/lost", { labels: selector }),
      metadata: { name: "lost", namespace: later },
    };
    const answer = ask({ selector, ports: [open] }, lost);
    expect([answer.verdict, answer.targets.length]).toEqual(["unknown", 2]);
    expect(answer.because.map(({ text }) => text)).toContain(
      "whether the Service and the pods are in one namespace is not known",
    );
  });

  it("pods whose ports are not known may have the named one", () => {
    const maybe = workload("mesh/maybe", { labels: selector, containers: later });
    const answer = ask({ selector, ports: [{ port: 9411, targetPort: "zipkin" }] }, maybe);
    expect(answer.verdict).toBe("unknown");
    expect(answer.targets.map(({ target }) => target.port)).toEqual([9411, undefined]);
    expect(answer.because.map(({ text }) => text)).toContain(
      "spec.template.spec.containers of Deployment mesh/maybe is not known yet",
    );
  });

  it("which of two Services of one name counts", () => {
    const answer = ask(
      { selector, ports: [open] },

      service("mesh/svc", { selector, ports: [open, { port: 2 }] }),
    );
    expect(answer.verdict).toBe("unknown");
  });

  it("is known for a namespace that no workload is in", () => {
    const cluster = Cluster.from([web, service("empty/svc", { selector, ports: [open] })]);
    expect(
      cluster
        .canReachService({ from: "shop/web", service: "empty/svc", port: 9411 })
        .because.map(({ kind }) => kind),
    ).toEqual(["selects-no-pods"]);
  });
});
