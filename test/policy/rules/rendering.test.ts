import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { renderStack } from "../../../engine/render";
import { deployTracing as program } from "../../../program";
import { checkAll } from "../../../policy/check";
import { TracingModel } from "../../../policy/model/tracingModel";
import { objectOf } from "../../support/rendered";
import { type RawConfig } from "../../../config";
import { helmCharts } from "../../../engine/helm";
import { manifestsOf } from "../../../engine/manifests";
import { kialisOf } from "../../../policy/model/kiali";
import { root, run, stackOf } from "../../support/stack";

/** What a stack makes, as objects: charts are given as the pseudo kind, for helm may be absent. */
async function objectsOf(stack: string): Promise<unknown[]> {
  const directory = path.resolve(__dirname, "../../..");
  const { rendered } = await renderStack({ directory, stack, helm: "never", program });
  return rendered.map(objectOf);
}

/** The same of a stack that is no file. */
async function objectsOfStack(raw: RawConfig): Promise<unknown[]> {
  const { resources } = await run(raw);
  return (await manifestsOf(resources, helmCharts("never", "1.34.0", root))).map(objectOf);
}

/** Namespaces of a stack that other policies isolate too, as its file says. */
const others = ["auth", "character", "chat", "image", "location", "my", "scan"];

describe("this project's own stacks", () => {
  it("dev: no finding", async () => {
    const objects = await objectsOf("dev");
    const options = {
      minSampling: 100,
      istioVersion: "1.31",
      otherPolicies: others,
      gateways: ["istio-system"],
    };
    expect(checkAll(objects, options)).toEqual([]);
    // Not because there was nothing to look at.
    const model = TracingModel.from(objects, options);
    expect(model.traced.map(({ workload, membership }) => `${membership} ${workload.namespace}`)).toEqual([
      ...others.map((namespace) => `sidecar ${namespace}`),
      "gateway istio-system",
    ]);
    expect(model.collector?.service?.metadata.name).toBe("jaeger-collector-clusterip");
  });

  it("dev without knowing who else isolates the namespaces: warnings about DNS and istiod, no error", async () => {
    const findings = checkAll(await objectsOf("dev"), { minSampling: 100 });
    expect([...new Set(findings.map(({ rule, level }) => `${level} ${rule}`))]).toEqual([
      "warning mesh-baseline-egress",
    ]);
    expect(findings).toHaveLength(others.length);
  });

  it("prod: only that the mesh config is not in it, and nothing once the collector is named", async () => {
    const objects = await objectsOf("prod");
    const options = { istioVersion: "1.30", otherPolicies: ["catalog"], gateways: ["istio-ingress"] };
    expect(checkAll(objects, options).map(({ rule, level, name }) => [rule, level, name])).toEqual([
      ["telemetry-provider", "warning", "mesh-default"],
    ]);
    const collector = "observability/jaeger-collector-clusterip:9411";
    expect(checkAll(objects, { ...options, collector }).filter(({ level }) => level === "error")).toEqual([]);
  });

  it("dev with the outage: an error on each policy", async () => {
    const objects = await objectsOf("dev");
    for (const object of objects as {
      metadata: { name: string };
      spec: { egress: { ports: unknown[] }[] };
    }[]) {
      if (object.metadata.name === "allow-jaeger-egress") object.spec.egress[0]?.ports.pop();
    }
    const found = checkAll(objects, { otherPolicies: others }).filter(({ level }) => level === "error");
    expect(found.map(({ rule, namespace, name }) => [rule, namespace, name])).toEqual(
      others.map((namespace) => ["trace-path-open", namespace, "allow-jaeger-egress"]),
    );
    expect(found[0]?.fix).toBe(
      "# add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress\n- protocol: TCP\n  port: 9411",
    );
  });

  describe("with Kiali beside istiod and a gateway", () => {
    const options = { gateways: ["istio-system"], istioVersion: "1.31", otherPolicies: ["shop"] };
    const stackWith = (install: object): RawConfig =>
      stackOf({
        gateways: [{ namespace: "istio-system" }],
        kiali: { namespace: "istio-system", host: "kiali.example.com", install },
        prometheus: { namespace: "monitoring", url: "http://prometheus.monitoring:9090" },
      });

    it("no finding, although nobody knows the gateway's labels", async () => {
      const objects = await objectsOfStack(stackWith({}));
      expect(checkAll(objects, options)).toEqual([]);
      const model = TracingModel.from(objects, options);
      expect(kialisOf(model).map(({ object, namespace }) => [object.kind, namespace])).toEqual([
        ["HelmChart", "istio-system"],
      ]);
      expect(model.traced.map(({ workload }) => workload.namespace)).toEqual(["shop", "istio-system"]);
    });

    it("values that make it deaf are told", async () => {
      const values = { external_services: { tracing: { use_grpc: false } } };
      const found = checkAll(await objectsOfStack(stackWith({ values })), options);
      expect(found.map(({ rule, kind, name }) => [rule, kind, name])).toEqual([
        ["kiali-tracing", "HelmChart", "kiali"],
      ]);
    });

    it("a way to Jaeger that is closed on either side is told", async () => {
      for (const [name, side, level] of [
        ["allow-kiali-egress", "egress", "warning"],
        ["allow-tracing-ingress", "ingress", "error"],
      ] as const) {
        const stack = { ...stackWith({}), gateways: [], jaeger: { namespace: "obs" } };
        const objects = (await objectsOfStack(stack)) as {
          metadata: { name: string };
          spec: Record<string, { ports: { port: number }[] }[]>;
        }[];
        const spec = objects.find(({ metadata }) => metadata.name === name)!.spec;
        spec[side] = spec[side]!.filter(({ ports }) => ports.every(({ port }) => port !== 16685));
        const found = checkAll(objects, { ...options, gateways: [] });
        expect(found.map((finding) => [finding.rule, finding.level, finding.name])).toEqual([
          ["kiali-reaches-tracing", level, name],
        ]);
      }
    });
  });
});
