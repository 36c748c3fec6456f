import { describe, expect, it } from "vitest";
import { type Manifest, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const telemetry = "Telemetry istio-system/mesh-default";
const egress = "NetworkPolicy auth/allow-jaeger-egress";
const config = "ConfigMap istio-system/istio";
const host = "jaeger-collector-clusterip.istio-system.svc.cluster.local";
const dropped = "of no object of its kind: the API server drops it, or refuses the object";
const security = (kind: string, spec: unknown, namespace = "istio-system"): Manifest => ({
  apiVersion: "security.istio.io/v1",
  kind,
  metadata: { name: "default", namespace },
  spec,
});

testRule("known-fields", {
  faults: [
    {
      ...exampleFault("known-fields"),
      object: telemetry,
      level: "error",
      message: `${telemetry} has spec.tracing[0].provider (providers is meant), which is a field ${dropped}`,
      fix: `# in spec.tracing[0] of ${telemetry}, in place of provider\nproviders:\n  - name: jaeger`,
    },
    {
      name: "a sampling percentage by another name, and one request in a hundred is traced",
      breaks: (mesh) =>
        mesh
          .set(telemetry, "spec tracing 0 randomSamplingPercent", 100)
          .unset(telemetry, "spec tracing 0 randomSamplingPercentage"),
      besides: ["telemetry-sampling"],
      object: telemetry,
      level: "error",
      message:
        `${telemetry} has spec.tracing[0].randomSamplingPercent (randomSamplingPercentage is meant), ` +
        `which is a field ${dropped}`,
      fix: `# in spec.tracing[0] of ${telemetry}, in place of randomSamplingPercent\nrandomSamplingPercentage: 100`,
    },
    {
      name: "a sampling percentage beside the list that it belongs into",
      breaks: (mesh) =>
        mesh
          .set(telemetry, "spec randomSamplingPercentage", 100)
          .unset(telemetry, "spec tracing 0 randomSamplingPercentage"),
      besides: ["telemetry-sampling"],
      object: telemetry,
      level: "error",
      message:
        `${telemetry} has spec.randomSamplingPercentage (tracing.randomSamplingPercentage is meant), ` +
        `which is a field ${dropped}`,
      fix: `# in spec of ${telemetry}, in place of randomSamplingPercentage\ntracing:\n  - randomSamplingPercentage: 100`,
    },
    {
      name: "a sampling percentage that the mesh config has one level too high",
      breaks: (mesh) => mesh.mesh("defaultConfig", { sampling: 100 }),
      object: config,
      message: `${config} has defaultConfig.sampling (tracing.sampling is meant), which is a field of no mesh config, in which istiod ignores it`,
      fix: `# in defaultConfig of ${config}, in place of sampling\ntracing:\n  sampling: 100`,
    },
    {
      name: "ports of a NetworkPolicy by another name, which then lets more through than is meant",
      breaks: (mesh) =>
        mesh
          .set(egress, "spec egress 0 prots", [{ protocol: "TCP", port: 9411 }])
          .unset(egress, "spec egress 0 ports"),
      object: egress,
      message: `${egress} has spec.egress[0].prots (ports is meant), which is a field ${dropped}`,
      fix: `# in spec.egress[0] of ${egress}, in place of prots\nports:\n  - protocol: TCP\n    port: 9411`,
    },
    {
      name: "a field of the mesh config by another name",
      breaks: (mesh) => mesh.mesh("outboundTraficPolicy", { mode: "ALLOW_ANY" }),
      object: config,
      message:
        `${config} has outboundTraficPolicy (outboundTrafficPolicy is meant), which is a field of no mesh config, ` +
        "in which istiod ignores it",
      fix: "# in the mesh config, in place of outboundTraficPolicy\noutboundTrafficPolicy:\n  mode: ALLOW_ANY",
    },
    {
      name: "a DestinationRule for the collector whose host is called hosts, and another slip",
      breaks: (mesh) =>
        mesh.add(
          istioObject("DestinationRule", "jaeger", {
            hosts: host,
            trafficPolicy: { tls: { Mode: "DISABLE" } },
          }),
        ),
      object: "DestinationRule istio-system/jaeger",
      message:
        "DestinationRule istio-system/jaeger has spec.hosts (host is meant) and spec.trafficPolicy.tls.Mode (mode is " +
        "meant), which are fields of no object of its kind: the API server drops it, or refuses the object",
      fix: `# in spec of DestinationRule istio-system/jaeger, in place of hosts\nhost: ${host}`,
    },
    {
      name: "a Sidecar that selects pods as policies do, and then is for all of them",
      breaks: (mesh) =>
        mesh.add(
          istioObject(
            "Sidecar",
            "scan",
            { workloadSelector: { matchLabels: { app: "x" } }, egress: [{ hosts: ["*/*"] }] },
            "scan",
          ),
        ),
      object: "Sidecar scan/scan",
      message: `Sidecar scan/scan has spec.workloadSelector.matchLabels (labels is meant), which is a field ${dropped}`,
      fix: "# in spec.workloadSelector of Sidecar scan/scan, in place of matchLabels\nlabels:\n  app: x",
    },
    {
      name: "a mode of mutual TLS that is misspelt, where a collector is",
      breaks: (mesh) => mesh.add(security("PeerAuthentication", { mtls: { mode: "PERMISIVE" } })),
      object: "PeerAuthentication istio-system/default",
      message:
        "PeerAuthentication istio-system/default has spec.mtls.mode: PERMISIVE, which is none of its values " +
        "(UNSET, DISABLE, PERMISSIVE, STRICT): the API server refuses the object",
      fix: "# in spec.mtls of PeerAuthentication istio-system/default\nmode: PERMISSIVE",
    },
    {
      name: "a misspelt value for logs, for which the whole Telemetry is refused",
      breaks: (mesh) => mesh.set(telemetry, "spec accessLogging 0 match", { mode: "inbound" }),
      object: telemetry,
      level: "error",
      message:
        `${telemetry} has spec.accessLogging[0].match.mode: inbound, which is none of its values ` +
        "(CLIENT_AND_SERVER, CLIENT, SERVER): the API server refuses the object",
      fix: "",
    },
    {
      name: "a value that the mesh config's field does not have",
      breaks: (mesh) => mesh.mesh("outboundTrafficPolicy", { mode: "ALLOW_ALL" }),
      object: config,
      message:
        `${config} has outboundTrafficPolicy.mode: ALLOW_ALL, which is none of its values ` +
        "(REGISTRY_ONLY, ALLOW_ANY): istiod does not read the mesh config, or ignores the field",
      fix: `# in outboundTrafficPolicy of ${config}\nmode: ALLOW_ANY`,
    },
  ],
  harmless: [
    {
      name: "the fix: values as they are spelt, and what a template fills in",
      varies: (mesh) =>
        mesh
          .set(telemetry, "spec tracing 0 match", { mode: "CLIENT_AND_SERVER" })
          .mesh("outboundTrafficPolicy", { mode: "ALLOW_ANY" })
          .add(
            security("PeerAuthentication", { mtls: { mode: "${MTLS_MODE}" } }),
            istioObject("DestinationRule", "jaeger", { host, trafficPolicy: { tls: { mode: 0 } } }),
          ),
    },
    {
      name: "a misspelt mode of what nothing passes that is about spans",
      varies: (mesh) => mesh.add(security("PeerAuthentication", { mtls: { mode: "STRIC" } }, "scan")),
    },
    {
      name: "fields that later versions may have",
      varies: (mesh) => mesh.set(telemetry, "spec tracing 0 spanNames", "short").mesh("brandNew", true),
    },
    {
      name: "a DestinationRule of other hosts",
      varies: (mesh) => mesh.add(istioObject("DestinationRule", "other", { hosts: "a.example" })),
    },
    {
      name: "the mesh config's fields as its definition spells them",
      varies: (mesh) => mesh.mesh("enable_auto_mtls", true),
    },
    {
      name: "the fix: a sampling percentage where the proxies' configuration has it",
      varies: (mesh) =>
        mesh.mesh("defaultConfig", { concurrency: 2, tracing: { sampling: 100, max_path_tag_length: 99 } }),
    },
    {
      name: "labels that are near to fields",
      varies: (mesh) =>
        mesh.set(egress, "spec podSelector", { matchLabels: {} }).add(
          security("AuthorizationPolicy", {
            selector: { matchLabels: { hots: "a", matchlabel: "b" } },
            rules: [{ to: [{ operation: { ports: ["1"] } }] }],
          }),
        ),
    },
    {
      name: "policies of namespaces where no collector is",
      varies: (mesh) => mesh.add(security("PeerAuthentication", { mtsl: { mode: "STRICT" } }, "scan")),
    },
  ],
});

describe("known-fields", () => {
  const ask = asker("known-fields");
  const first = (...objects: Manifest[]) =>
    ask(new Mesh().add(...objects)).map((line) => line.split(", which ")[0]);

  it.each<[string, string, unknown, string]>([
    ["PeerAuthentication", "spec.mtsl (mtls", { mtsl: { mode: "STRICT" } }, "security.istio.io/v1"],
    ["AuthorizationPolicy", "spec.rule (rules", { rule: [{}] }, "security.istio.io/v1"],
    [
      "AuthorizationPolicy",
      "spec.rules[1].to[0].operation.port (ports",
      { rules: [{}, { to: [{ operation: { port: ["9411"] } }] }] },
      "security.istio.io/v1",
    ],
    ["ServiceEntry", "spec.port (ports", { hosts: ["*.example"], port: [] }, "networking.istio.io/v1"],
    [
      "VirtualService",
      "spec.http[0].routes (route",
      { hosts: [host], http: [{ routes: [{ destination: { host } }] }] },
      "networking.istio.io/v1",
    ],
    ["Sidecar", "spec.egress[0].host (hosts", { egress: [{ host: ["*/*"] }] }, "networking.istio.io/v1"],
  ])("of %s: %s", (kind, slip, spec, apiVersion) => {
    expect(first({ apiVersion, kind, metadata: { name: "a", namespace: "istio-system" }, spec })).toEqual([
      `warning: ${kind} istio-system/a has ${slip} is meant)`,
    ]);
  });

  it.each<[value: string, meant: string | undefined]>([
    ["DISABLED", "DISABLE"],
    ["istio_mutual", "ISTIO_MUTUAL"],
    ["MUTUAL_TLS", undefined],
    ["SIMPEL", undefined],
    ["SIMPL", "SIMPLE"],
  ])("takes %s of a DestinationRule for %s", (mode, meant) => {
    const rule = istioObject("DestinationRule", "a", {
      host,
      trafficPolicy: { portLevelSettings: [{ port: { number: 4317 }, tls: { mode } }] },
    });
    const [message = "", , fix] = ask(new Mesh().add(rule)).join("\n").split("\n");
    expect(message).toContain(`has spec.trafficPolicy.portLevelSettings[0].tls.mode: ${mode}, which`);
    expect(fix).toBe(meant === undefined ? undefined : `mode: ${meant}`);
  });

  it("means the nearest field", () => {
    const spec = { podSelector: {}, policyTypes: ["Egress"], egres: [{}] };
    const metadata = { name: "a", namespace: "auth" };
    expect(first({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec })).toEqual([
      "warning: NetworkPolicy auth/a has spec.egres (egress is meant)",
    ]);
  });

  it("knows of no place for what may belong into several", () => {
    const spec = { podSelector: {}, ports: [{ port: 4317 }] };
    const metadata = { name: "a", namespace: "auth" };
    expect(first({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec })).toEqual([]);
  });

  it.each(["constructor", "toString", "__proto__"])("takes no field for one that is called %s", (name) => {
    const spec = JSON.parse(
      `{"host": "${host}", "${name}": "x", "trafficPolicy": {"${name}": "x"}}`,
    ) as object;
    expect(first(istioObject("DestinationRule", "a", spec))).toEqual([]);
  });

  it("has nothing to say where nobody sends spans", () => {
    expect(ask([istioObject("Sidecar", "a", { egres: [] })])).toEqual([]);
  });

  it("does not take a field for another one that is there", () => {
    expect(first(istioObject("VirtualService", "a", { hosts: [host], host: "x" }))).toEqual([]);
  });
});
