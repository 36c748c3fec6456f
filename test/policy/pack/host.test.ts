/** The pack as the engine sees it: levels, messages and repairs go through Pulumi's own policy host. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { allRules } from "../../../policy/rules";
import { renderStack } from "../../../engine/render";
import { readStackFile } from "../../../engine/stackFile";
import { type Resource } from "../../../policy/pack/resources";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { PolicyHost, root } from "./host";
import { outage, resource, resourceOf, stackOf, unknown } from "./stack";

let host: PolicyHost;

beforeAll(async () => {
  host = await PolicyHost.start();
});

afterAll(() => host.stop());

describe("the pack in Pulumi's policy host", () => {
  afterEach(() => host.configure({}));

  it("has a policy for every rule, and the repair", async () => {
    const { name, version, supportsconfig, policiesList } = await host.info();
    expect({ name, version, supportsconfig }).toEqual({
      name: "mesh-tracing",
      version: "0.1.0",
      supportsconfig: true,
    });
    expect(policiesList.map((policy) => policy.name)).toEqual([
      ...allRules.map((rule) => rule.name),
      "add-missing-tracing-ports",
    ]);
  });

  it("finds nothing in a healthy stack", async () => {
    expect(await host.analyzeStack(stackOf())).toEqual([]);
  });

  it("stops the outage: one mandatory violation on the policy, with the line to add", async () => {
    expect(await host.analyzeStack(stackOf(outage()))).toEqual([
      {
        policy: "trace-path-open",
        level: "mandatory",
        severity: "critical",
        urn: resourceOf(outage().get("NetworkPolicy auth/allow-jaeger-egress")).urn,
        message: [
          "Every traced pod and every gateway can reach the collector's ports: egress and ingress allow it.",
          "NetworkPolicy auth/allow-jaeger-egress blocks egress from Deployment auth/auth-api to Service istio-system/jaeger-collector-clusterip on TCP 9411 (spans of proxies, Zipkin), so these spans are lost; add TCP 9411 to spec.egress[0]",
          "fix:",
          "  # add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress",
          "  - protocol: TCP",
          "    port: 9411",
        ].join("\n"),
      },
    ]);
  });

  it.each(["advisory", "disabled"] as const)(
    "takes the level %s from the pack's configuration",
    async (level) => {
      await host.configure({ "trace-path-open": { level } });
      const found = await host.analyzeStack(stackOf(outage()));
      expect(found.map((diagnostic) => diagnostic.level)).toEqual(level === "disabled" ? [] : [level]);
    },
  );

  it("takes limits from the pack's configuration", async () => {
    const mesh = new Mesh().set(
      "Telemetry istio-system/mesh-default",
      "spec tracing 0 randomSamplingPercentage",
      10,
    );
    expect(await host.analyzeStack(stackOf(mesh))).toEqual([]);
    await host.configure({ "telemetry-sampling": { level: "mandatory", limits: { minSampling: 100 } } });
    const [found] = await host.analyzeStack(stackOf(mesh));
    expect(found).toMatchObject({ policy: "telemetry-sampling", level: "mandatory" });
    expect(found?.message).toContain("traces 10 % of requests, below the minimum; sample at least 100 %");
  });

  it("keeps a gate shut on values that are not known yet, and names them", async () => {
    const mesh = outage().set(
      "NetworkPolicy chat/allow-jaeger-egress",
      "spec egress 0 ports 0 port",
      unknown,
    );
    const found = await host.analyzeStack(stackOf(mesh));
    expect(found.map(({ policy, level }) => `${policy} ${level}`)).toContain("trace-path-open mandatory");
    expect(found.find(({ policy }) => policy === "known-inputs")).toMatchObject({ level: "mandatory" });
    expect(found.find(({ policy }) => policy === "known-inputs")?.message).toContain(
      "(spec.egress[0].ports[0].port)",
    );
  });

  it("reports what a mandatory rule only doubts as advice", async () => {
    const mesh = new Mesh().removeWhere(
      ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "istio",
    );
    const found = await host.analyzeStack(stackOf(mesh));
    expect(found.map(({ policy, level }) => `${policy} ${level}`)).toContain("telemetry-provider advisory");
  });

  it("judges one resource where one suffices", async () => {
    const broken = new Mesh().get("ServiceEntry istio-system/aws-s3-external");
    broken["spec"] = { ...(broken["spec"] as object), resolution: "DNS" };
    const [found, ...others] = await host.analyze(resourceOf(broken));
    expect(others).toEqual([]);
    expect(found).toMatchObject({ policy: "service-entry-resolution", level: "advisory" });
    expect(await host.analyze(stackOf()[0]!)).toEqual([]);
  });

  it("repairs the outage only where it is told to", async () => {
    const policy = resourceOf(outage().get("NetworkPolicy auth/allow-jaeger-egress"));
    expect(await host.remediate(policy)).toBeUndefined();
    await host.configure({ "add-missing-tracing-ports": { level: "remediate" } });
    const healthy = new Mesh().get("NetworkPolicy auth/allow-jaeger-egress");
    expect(await host.remediate(policy)).toEqual(healthy);
    expect(await host.remediate(resourceOf(healthy))).toBeUndefined();
  });
});

describe.each(["dev", "prod"])("this project's stack %s in Pulumi's policy host", (name) => {
  it("has no violation, and the outage has", async () => {
    const { config } = readStackFile(root, name);
    const own = await PolicyHost.start(config);
    try {
      const stack = await stackOfProgram(name);
      expect(await own.analyzeStack(stack)).toEqual([]);
      const broken = stack.map((item) => withoutZipkin(item));
      const found = await own.analyzeStack(broken);
      expect([...new Set(found.map(({ policy, level }) => `${policy} ${level}`))]).toContain(
        "trace-path-open mandatory",
      );
      expect(found[0]?.message).toContain("port: 9411");
    } finally {
      own.stop();
    }
  });
});

/** Resources of the program, as the embedded engine registers them. */
async function stackOfProgram(stack: string): Promise<Resource[]> {
  const { resources, outputs } = await renderStack({
    directory: root,
    stack,
    helm: "never",
  });
  return resources.map(({ type, name, urn, inputs }) => {
    // Outputs of components are what the engine hands out, and the mock monitor keeps none.
    const props = type === "mesh-tracing:mesh:MeshTracing" ? (outputs["meshValues"] as object) : inputs;
    return resource(type, name, props, { urn });
  });
}

function withoutZipkin(item: Resource): Resource {
  if (!item.type.endsWith(":NetworkPolicy") || !item.name.endsWith("allow-jaeger-egress")) return item;
  const text = JSON.stringify(item.props).replace(
    /,\{"protocol":"TCP","port":9411\}|,\{"port":9411,"protocol":"TCP"\}/,
    "",
  );
  return resource(item.type, item.name, JSON.parse(text) as object, { urn: item.urn });
}
