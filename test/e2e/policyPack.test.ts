/** The pack in a preview of the real engine: what deploys passes, what would lose spans does not. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Edits, previewWithPack, rendering, violated } from "./packPreview";
import { missing, pulumiCommands, type Workspace } from "./realEngine";

const absent = missing(pulumiCommands);
if (absent.length > 0) console.warn(`skipped: the policy pack's preview needs ${absent.join(", ")} on PATH`);

const minutes = 60_000;

describe.skipIf(absent.length > 0).each(["dev", "prod"])("the pack on stack %s", (name) => {
  test(
    "has nothing to say",
    async () => {
      const project = await rendering(name);
      try {
        const { succeeded, output } = await previewWithPack(project);

        expect(output).toContain("✅ mesh-tracing@v0.1.0 (local: policy)");
        expect(violated(output)).toEqual([]);
        expect(succeeded).toBe(true);
      } finally {
        project.remove();
      }
    },
    2 * minutes,
  );
});

describe.skipIf(absent.length > 0)("the pack on a stack with one fault", () => {
  let project: Workspace;
  let edits: Edits;

  beforeAll(async () => {
    project = await rendering("dev");
    edits = new Edits(project.directory);
    edits.keep("Pulumi.dev.yaml");
  }, minutes);

  afterEach(() => edits.undo());

  afterAll(() => project.remove());

  /** The outage: the list of ports that the policies open lacks the sidecars' port. */
  function breakEgress(): void {
    edits.replace(
      "mesh/ports.ts",
      "[ports.otlpGrpc, ports.otlpHttp, ports.zipkin]",
      "[ports.otlpGrpc, ports.otlpHttp]",
    );
  }

  test(
    "stops the outage with the policy's name and the line to add",
    async () => {
      breakEgress();
      const { succeeded, output } = await previewWithPack(project);

      expect(succeeded).toBe(false);
      expect(violated(output)).toEqual(["mandatory trace-path-open"]);
      expect(output).toContain("network-policies-auth-allow-jaeger-egress)");
      expect(output).toContain(
        [
          "          fix:",
          "            # add to spec.egress[0].ports of NetworkPolicy auth/allow-jaeger-egress",
          "            - protocol: TCP",
          "              port: 9411",
        ].join("\n"),
      );
    },
    2 * minutes,
  );

  test(
    "lets the outage pass as advice, where the pack's configuration says so",
    async () => {
      breakEgress();
      const { succeeded, output } = await previewWithPack(project, { "trace-path-open": "advisory" });

      expect(violated(output)).toEqual(["advisory trace-path-open"]);
      expect(succeeded).toBe(true);
    },
    2 * minutes,
  );

  test(
    "repairs the outage, where the pack's configuration says so",
    async () => {
      breakEgress();
      const { succeeded, output } = await previewWithPack(project, {
        "add-missing-tracing-ports": "remediate",
      });

      expect(violated(output)).toEqual([]);
      expect(output).toContain("add-missing-tracing-ports");
      expect(succeeded).toBe(true);
    },
    2 * minutes,
  );

  test(
    "stops the outage's twin at the collector",
    async () => {
      edits.replace("components/networkPolicySpecs.ts", "[ports.zipkin])", "[ports.metrics])");
      const { succeeded, output } = await previewWithPack(project);

      expect(succeeded).toBe(false);
      expect(violated(output)).toEqual(["mandatory trace-path-open"]);
      expect(output).toContain("NetworkPolicy istio-system/allow-tracing-ingress");
    },
    2 * minutes,
  );

  test(
    "sees what the chart makes: a Jaeger with a sidecar and without a bound",
    async () => {
      project.editStack((config) => {
        Object.assign(config["mesh-tracing:jaeger"]!, {
          values: { jaeger: { args: [], podLabels: { "sidecar.istio.io/inject": "true" } } },
        });
      });
      const { succeeded, output } = await previewWithPack(project);

      expect(succeeded).toBe(true);
      expect(violated(output)).toEqual(["advisory jaeger-memory-bound", "advisory jaeger-no-sidecar"]);
    },
    2 * minutes,
  );

  test(
    "reads the applications' environment through patches and ConfigMaps",
    async () => {
      project.editStack((config) => {
        config["mesh-tracing:otel"] = { extra: { OTEL_TRACES_SAMPLER: "traceidratio" } };
      });
      const { succeeded, output } = await previewWithPack(project);

      expect(succeeded).toBe(false);
      expect(violated(output)).toEqual(["mandatory sampler-parent-based"]);
    },
    2 * minutes,
  );

  test(
    "stops values that the preview does not know, by their path",
    async () => {
      const late = [
        'import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap";',
        'import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy";',
        'const metadata = { name: "late", namespace: "auth" };',
        'const configMap = new ConfigMap("late", { metadata, data: { port: "9411" } });',
        "const ports = [{ port: configMap.id.apply(() => 9411) }];",
        'new NetworkPolicy("late", { metadata, spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ ports }] } });',
      ];
      edits.replace("program/index.ts", "import {", `${late.join("\n")}\nimport {`);
      const { succeeded, output } = await previewWithPack(project);

      expect(succeeded).toBe(false);
      expect(violated(output)).toContain("mandatory known-inputs");
      expect(output).toContain(
        "NetworkPolicy auth/late has values that are not known yet (spec.egress[0].ports[0].port)",
      );
    },
    2 * minutes,
  );
});
