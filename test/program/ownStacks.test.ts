import { stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { findingsOf } from "../../cli/stackFindings";
import { type Finding } from "../../findings/finding";
import { temporaryDirectory, writeAll } from "../fixtures/temporary";
import { renderStack } from "../../engine/render";
import { checkAll } from "../../policy/checkAll";
import { TracingModel } from "../../policy/model/tracingModel";
import { objectOf } from "../fixtures/rendered";
import { type RawConfig } from "../../config/stack";
import { helmCharts } from "../../engine/helm";
import { manifestsOf } from "../../engine/manifests";
import { kialisOf } from "../../policy/model/kiali";
import { root, run, stackOf } from "../fixtures/stack";

/** What a stack makes, as objects: charts are given as the pseudo kind, for helm may be absent. */
async function objectsOf(stack: string): Promise<unknown[]> {
  const { rendered } = await renderStack({ directory: root, stack, helm: "never" });
  return rendered.map(objectOf);
}

/** The same of a stack that is no file. */
async function objectsOfStack(raw: RawConfig): Promise<unknown[]> {
  const { resources } = await run(raw);
  return (await manifestsOf(resources, helmCharts("never", "1.34.0", root))).map(objectOf);
}

/** What a stack with people's way to the UIs makes, and what the rules say of it. */
async function withUi(ui: object): Promise<{ objects: unknown[]; findings: Finding[] }> {
  const directory = temporaryDirectory();
  const stack = stackOf({
    jaeger: { host: "jaeger.example.com", logSearch: "https://logs.example.com/{traceId}" },
    kiali: { namespace: "kiali", host: "kiali.example.com" },
    certManager: { install: { createNamespace: true } },
    ui,
  });
  const config = Object.fromEntries(
    Object.entries(stack).map(([key, value]) => [`mesh-tracing:${key}`, value]),
  );
  writeAll(directory, {
    "Pulumi.yaml": "name: mesh-tracing\nruntime: nodejs\n",
    "Pulumi.ui.yaml": stringify({ config }),
  });
  const rendered = await renderStack({ directory, stack: "ui", helm: "never" });
  return { objects: rendered.rendered.map(objectOf), findings: findingsOf(rendered) };
}

const uiOptions = { gateways: ["edge"], otherPolicies: ["shop"], istioVersion: "1.31" };
const jwt = {
  issuer: "https://login.example.com",
  jwksUri: "https://login.example.com/keys",
  audiences: ["ui"],
};
const acme = { email: "team@example.com" };

describe("people's way to the UIs, as a stack makes it", () => {
  it.each<[string, object]>([
    [
      "some networks, challenges over HTTP",
      { access: { sourceRanges: ["203.0.113.0/24"] }, certificate: { acme: { ...acme, http01: {} } } },
    ],
    [
      "tokens, challenges by DNS",
      { access: { jwt }, certificate: { acme: { ...acme, dns01: { route53: {} } } } },
    ],
    [
      "tokens in a cookie, challenges over HTTP",
      { access: { jwt: { ...jwt, cookie: "id_token" } }, certificate: { acme: { ...acme, http01: {} } } },
    ],
    [
      "a login, self-signed",
      { access: { extAuthz: { provider: "oauth2-proxy" } }, certificate: { selfSigned: true } },
    ],
    [
      "a login, an issuer of others",
      { access: { extAuthz: { provider: "oauth2-proxy" } }, certificate: { issuer: { name: "ca" } } },
    ],
  ])("%s: no finding, and a warning without the policy", async (_, ui) => {
    const { objects, findings } = await withUi(ui);
    expect(findings).toEqual([]);
    const open = objects.filter((object) => (object as { kind: string }).kind !== "AuthorizationPolicy");
    expect(checkAll(open, uiOptions).map(({ rule, level, name }) => [rule, level, name])).toEqual([
      ["jaeger-ui-not-public", "warning", "mesh-tracing-ui-jaeger"],
    ]);
  });

  it("open on purpose: a line that says so", async () => {
    const { findings } = await withUi({ public: true, certificate: { selfSigned: true } });
    expect(findings.map(({ rule, level, name, file }) => [rule, level, name, file])).toEqual([
      [
        "jaeger-ui-not-public",
        "info",
        "mesh-tracing-ui-jaeger",
        "edge/virtualservice-mesh-tracing-ui-jaeger.yaml",
      ],
    ]);
  });
});

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

  it("dev read by somebody who has only its manifests: nothing, its own policies tell that others isolate", async () => {
    expect(checkAll(await objectsOf("dev"), { minSampling: 100 })).toEqual([]);
  });

  it("dev as all there is: its policies leave out DNS and istiod in each namespace", async () => {
    const findings = checkAll(await objectsOf("dev"), { minSampling: 100, isComplete: true });
    const cut = findings.filter(({ rule }) => rule === "mesh-baseline-egress");
    expect([...new Set(cut.map(({ level }) => level))]).toEqual(["warning"]);
    expect(cut.map(({ namespace }) => namespace)).toEqual(others);
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
      for (const [name, side] of [
        ["allow-kiali-egress", "egress"],
        ["allow-tracing-ingress", "ingress"],
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
          ["kiali-reaches-tracing", "warning", name],
        ]);
      }
    });
  });
});
