import { describe, expect, it } from "vitest";
import { withCollector } from "../../../docs/generate/sample/collector";
import { collectorHost, type Manifest, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const jaeger = "Deployment istio-system/jaeger";
const inject = "spec template metadata labels sidecar.istio.io/inject";
const besides = ["jaeger-no-sidecar"];
/** The collector's pod with a sidecar: else none of this is of any effect. */
const inMesh = (mesh: Mesh = new Mesh()) => mesh.set(jaeger, inject, "true");
const security = (kind: string, spec: Record<string, unknown>, namespace = "istio-system"): Manifest => ({
  apiVersion: "security.istio.io/v1",
  kind,
  metadata: { name: "default", namespace },
  spec,
});
const peers = (spec: Record<string, unknown>, namespace?: string) =>
  security("PeerAuthentication", spec, namespace);
const authorization = (spec: Record<string, unknown>, namespace?: string) =>
  security("AuthorizationPolicy", spec, namespace);
/** The root namespace, in which policies of selected pods do not count, is not Jaeger's. */
const rootElsewhere = (mesh: Mesh) =>
  mesh
    .mesh("rootNamespace", "istio-config")
    .set("Telemetry istio-system/mesh-default", "metadata namespace", "istio-config");
const strict = peers({ mtls: { mode: "STRICT" } });
const ofJaeger = { selector: { matchLabels: { "app.kubernetes.io/name": "jaeger" } } };
const to = (operation: Record<string, unknown>) => [{ operation }];
const toPorts = (...ports: string[]) => to({ ports });
/** A sender of which no proxy takes what it sends. */
const outside = (mesh: Mesh) => mesh.set("Deployment auth/auth-api", inject, "false");

const without = (mesh: Mesh, name: string, ports: string) =>
  mesh.set(jaeger, "spec template metadata annotations", { [`traffic.sidecar.istio.io/${name}`]: ports });
const destination = (host: string, trafficPolicy: object): Manifest =>
  istioObject("DestinationRule", "jaeger", { host, trafficPolicy });

/** Senders of all namespaces but auth. */
const others = [{ source: { namespaces: ["istio-system", "c*", "scan", "my", "location", "image"] } }];

const everybody = "Deployment auth/auth-api, Deployment character/character-api and 6 more";
const jaegerOpen = `# add, or give the senders a sidecar
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: jaeger
  namespace: istio-system
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: jaeger
      app.kubernetes.io/instance: jaeger
      app.kubernetes.io/component: all-in-one
  portLevelMtls:
    "4317":
      mode: PERMISSIVE`;

testRule("collector-admits", {
  faults: [
    {
      name: "mutual TLS by a DestinationRule to a port at which it is turned off",
      besides,
      breaks: (mesh) =>
        rootElsewhere(inMesh(mesh)).add(
          peers({ ...ofJaeger, mtls: { mode: "STRICT" }, portLevelMtls: { 9411: { mode: "DISABLE" } } }),
          destination(collectorHost, { tls: { mode: "ISTIO_MUTUAL" } }),
        ),
      object: "DestinationRule istio-system/jaeger",
      message:
        "DestinationRule istio-system/jaeger makes proxies speak Istio's mutual TLS (spec.trafficPolicy.tls.mode: " +
        `ISTIO_MUTUAL) to 9411 (spans of proxies) of ${jaeger}, those of ${everybody}, and PeerAuthentication ` +
        "istio-system/default lets it take nothing but plaintext (spec.portLevelMtls[9411].mode: DISABLE): these " +
        "spans are lost",
      fix: `# add to spec.trafficPolicy of DestinationRule istio-system/jaeger
portLevelSettings:
  - port:
      number: 9411
    tls:
      mode: DISABLE`,
    },
    {
      name: "plaintext by a DestinationRule for many hosts to a collector that takes nothing but mutual TLS",
      besides,
      breaks: (mesh) => inMesh(mesh).add(strict, destination("*.local", { tls: { mode: "DISABLE" } })),
      object: "DestinationRule istio-system/jaeger",
      message:
        "DestinationRule istio-system/jaeger makes proxies speak plaintext (spec.trafficPolicy.tls.mode: DISABLE) to " +
        `4317 (spans of applications) and 9411 (spans of proxies) of ${jaeger}, those of ${everybody}, and ` +
        "PeerAuthentication istio-system/default lets it take nothing but mutual TLS (spec.mtls.mode: STRICT): these " +
        "spans are lost",
      fix: `# add beside DestinationRule istio-system/jaeger
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: jaeger-collector-clusterip
  namespace: istio-system
spec:
  host: jaeger-collector-clusterip.istio-system.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
      - port:
          number: 4317
        tls:
          mode: ISTIO_MUTUAL
      - port:
          number: 9411
        tls:
          mode: ISTIO_MUTUAL`,
    },
    {
      ...exampleFault("collector-admits"),
      besides,
      object: "AuthorizationPolicy istio-system/jaeger",
      message:
        `AuthorizationPolicy istio-system/jaeger does not allow what ${everybody} send to 9411 (spans of proxies) of ` +
        `${jaeger}: what no policy allows is refused once one allows anything, and these spans are lost`,
      fix: `# add to spec.rules of AuthorizationPolicy istio-system/jaeger
- to:
    - operation:
        ports:
          - "9411"`,
    },
    {
      name: "mutual TLS only, and a sender without a sidecar",
      besides,
      breaks: (mesh) => rootElsewhere(outside(inMesh(mesh))).add(strict),
      object: "PeerAuthentication istio-system/default",
      message:
        `PeerAuthentication istio-system/default lets ${jaeger} take nothing but mutual TLS (spec.mtls.mode: STRICT), ` +
        "and Deployment auth/auth-api sends without it to 4317 (spans of applications): these spans are lost",
      fix: jaegerOpen,
    },
    {
      name: "mutual TLS only, in the root namespace, and a policy for the collector that Istio ignores there",
      besides,
      breaks: (mesh) =>
        outside(inMesh(mesh)).add(strict, {
          ...peers({ ...ofJaeger, portLevelMtls: { 4317: { mode: "PERMISSIVE" } } }),
          metadata: { name: "jaeger", namespace: "istio-system" },
        }),
      object: "PeerAuthentication istio-system/default",
      message:
        `PeerAuthentication istio-system/default lets ${jaeger} take nothing but mutual TLS (spec.mtls.mode: STRICT), ` +
        "and Deployment auth/auth-api sends without it to 4317 (spans of applications): these spans are lost",
      fix: `# in the pod template's metadata of Deployment istio-system/jaeger, or give the senders a sidecar (in the root namespace Istio ignores policies for selected pods)
labels:
  sidecar.istio.io/inject: "false"`,
    },
    {
      name: "mutual TLS only, which a policy of the collector's inherits",
      besides,
      breaks: (mesh) =>
        rootElsewhere(outside(inMesh(mesh))).add(strict, {
          ...peers({ ...ofJaeger, portLevelMtls: { 9411: { mode: "PERMISSIVE" } } }),
          metadata: { name: "jaeger", namespace: "istio-system" },
        }),
      object: "PeerAuthentication istio-system/default",
      message:
        `PeerAuthentication istio-system/default lets ${jaeger} take nothing but mutual TLS (spec.mtls.mode: STRICT), ` +
        "and Deployment auth/auth-api sends without it to 4317 (spans of applications): these spans are lost",
      fix: `# in spec of PeerAuthentication istio-system/jaeger
portLevelMtls:
  "4317":
    mode: PERMISSIVE`,
    },
    {
      name: "mutual TLS only at one port of the collector, which senders' sidecars leave alone",
      besides,
      breaks: (mesh) =>
        rootElsewhere(inMesh(mesh))
          .set("Deployment auth/auth-api", "spec template metadata annotations", {
            "traffic.sidecar.istio.io/excludeOutboundPorts": "4317",
          })
          .add(peers({ ...ofJaeger, portLevelMtls: { 4317: { mode: "STRICT" } } })),
      object: "PeerAuthentication istio-system/default",
      message:
        `PeerAuthentication istio-system/default lets ${jaeger} take nothing but mutual TLS ` +
        "(spec.portLevelMtls[4317].mode: STRICT), and Deployment auth/auth-api sends without it to 4317 " +
        "(spans of applications): these spans are lost",
      fix: `# in spec of PeerAuthentication istio-system/default
portLevelMtls:
  "4317":
    mode: PERMISSIVE`,
    },
    {
      name: "a policy that denies",
      besides,
      breaks: (mesh) =>
        inMesh(mesh).add(
          authorization({
            action: "DENY",
            rules: [{ when: [{ key: "x" }] }, { to: to({ notPorts: ["4317", "4318"] }) }],
          }),
        ),
      object: "AuthorizationPolicy istio-system/default",
      message:
        `AuthorizationPolicy istio-system/default refuses (action DENY, spec.rules[1]) what ${everybody} send to 9411 ` +
        `(spans of proxies) of ${jaeger}: these spans are lost`,
      fix: `# in each operation of spec.rules[1].to of AuthorizationPolicy istio-system/default
notPorts:
  - "9411"`,
    },
    {
      name: "a policy that allows one namespace",
      besides,
      breaks: (mesh) =>
        inMesh(mesh).add(
          authorization({
            rules: [{ from: others }],
          }),
        ),
      object: "AuthorizationPolicy istio-system/default",
      message:
        "AuthorizationPolicy istio-system/default does not allow what Deployment auth/auth-api sends to 4317 (spans of " +
        `applications) and 9411 (spans of proxies) of ${jaeger}: what no policy allows is refused once one allows ` +
        "anything, and these spans are lost",
      fix: `# add to spec.rules of AuthorizationPolicy istio-system/default
- from:
    - source:
        namespaces:
          - auth
  to:
    - operation:
        ports:
          - "4317"
          - "9411"`,
    },
    {
      name: "a port that an annotation keeps away from the collector's sidecar, and senders with one",
      besides,
      breaks: (mesh) => without(inMesh(mesh), "excludeInboundPorts", "8888, 9411"),
      object: jaeger,
      message:
        `${jaeger} keeps 9411 (spans of proxies) away from its sidecar (traffic.sidecar.istio.io/excludeInboundPorts: ` +
        `"8888, 9411"), and the proxies of ${everybody} speak mutual TLS there all the same: these spans are lost`,
      fix: `# add: proxies are not told of the annotation
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: jaeger-collector-clusterip
  namespace: istio-system
spec:
  host: jaeger-collector-clusterip.istio-system.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
      - port:
          number: 9411
        tls:
          mode: DISABLE`,
    },
    {
      name: "a port that is not among those of the collector's sidecar, and a rule for mutual TLS",
      besides,
      breaks: (mesh) =>
        without(rootElsewhere(inMesh(mesh)), "includeInboundPorts", "4317,4318").add(
          peers({ ...ofJaeger, portLevelMtls: { 9411: { mode: "DISABLE" } } }),
          destination(collectorHost, { tls: { mode: "ISTIO_MUTUAL" } }),
        ),
      object: jaeger,
      message:
        `${jaeger} keeps 9411 (spans of proxies) away from its sidecar (traffic.sidecar.istio.io/includeInboundPorts: ` +
        `"4317,4318"), and the proxies of ${everybody} speak mutual TLS there all the same: these spans are lost`,
      fix: `# add to spec.trafficPolicy of DestinationRule istio-system/jaeger
portLevelSettings:
  - port:
      number: 9411
    tls:
      mode: DISABLE`,
    },
  ],
  harmless: [
    {
      name: "the fix: plaintext to the port that takes nothing else, mutual TLS to the others",
      besides,
      varies: (mesh) =>
        rootElsewhere(inMesh(mesh)).add(
          peers({ ...ofJaeger, mtls: { mode: "STRICT" }, portLevelMtls: { 9411: { mode: "DISABLE" } } }),
          destination(collectorHost, {
            tls: { mode: "ISTIO_MUTUAL" },
            portLevelSettings: [{ port: { number: 9411 }, tls: { mode: "DISABLE" } }],
          }),
        ),
    },
    {
      name: "no mutual TLS, where DestinationRule and PeerAuthentication agree",
      besides,
      varies: (mesh) =>
        inMesh(mesh).add(
          peers({ mtls: { mode: "DISABLE" } }),
          destination(collectorHost, { tls: { mode: "DISABLE" } }),
        ),
    },
    {
      name: "plaintext to a collector that takes mutual TLS, too",
      besides,
      varies: (mesh) =>
        inMesh(mesh).add(
          peers({ mtls: { mode: "PERMISSIVE" } }),
          destination(collectorHost, { tls: { mode: "DISABLE" } }),
        ),
    },
    {
      name: "the fix: no TLS to the port that the collector's sidecar does not see",
      besides,
      varies: (mesh) =>
        without(inMesh(mesh), "excludeInboundPorts", "9411").add(
          destination(collectorHost, {
            portLevelSettings: [{ port: { number: 9411 }, tls: { mode: "DISABLE" } }],
          }),
        ),
    },
    {
      name: "no mutual TLS at all, and a port that the collector's sidecar does not see",
      besides,
      varies: (mesh) =>
        without(inMesh(mesh), "excludeInboundPorts", "9411").add(peers({ mtls: { mode: "DISABLE" } })),
    },
    {
      name: "another port that an annotation keeps away from the collector's sidecar",
      besides,
      varies: (mesh) => without(inMesh(mesh), "excludeInboundPorts", "8888"),
    },
    {
      name: "an annotation of a collector without a sidecar",
      varies: (mesh) => without(mesh, "excludeInboundPorts", "9411"),
    },
    {
      name: "mutual TLS only, where the collector has no sidecar",
      varies: (mesh) => outside(mesh).add(strict),
    },
    {
      name: "a policy that allows nothing, where the collector has no sidecar",
      varies: (mesh) => mesh.add(authorization({})),
    },
    { name: "mutual TLS only among sidecars", besides, varies: (mesh) => inMesh(mesh).add(strict) },
    {
      name: "the fix: plaintext at the port that needs it",
      besides,
      varies: (mesh) =>
        rootElsewhere(outside(inMesh(mesh))).add(strict, {
          ...peers({ ...ofJaeger, portLevelMtls: { 4317: { mode: "PERMISSIVE" } } }),
          metadata: { name: "jaeger", namespace: "istio-system" },
        }),
    },
    {
      name: "the fix: no sidecar",
      varies: (mesh) => outside(mesh.set(jaeger, inject, "false")).add(strict),
    },
    {
      name: "the fix: all three ports",
      besides,
      varies: (mesh) => inMesh(mesh).add(authorization({ rules: [{ to: toPorts("4317", "4318", "9411") }] })),
    },
    {
      name: "policies of other pods",
      besides,
      varies: (mesh) =>
        inMesh(mesh).add(
          authorization({ selector: { matchLabels: { app: "grafana" } } }),
          authorization({}, "auth"),
        ),
    },
    {
      name: "a policy that only watches",
      besides,
      varies: (mesh) => inMesh(mesh).add(authorization({ action: "AUDIT" })),
    },
  ],
});

describe("collector-admits", () => {
  const ask = asker("collector-admits");
  const count = (...objects: Manifest[]) => ask(inMesh().add(...objects)).length;
  const plain = (...objects: Manifest[]) => ask(outside(inMesh()).add(...objects)).length;

  it("inherits what is not said: pods of their namespace, it of the mesh", () => {
    const inNamespace = (...objects: Manifest[]) =>
      ask(rootElsewhere(outside(inMesh())).add(...objects)).length;
    const ofMesh = peers({ mtls: { mode: "STRICT" } }, "istio-config");
    expect(inNamespace(ofMesh)).toBe(1);
    expect(inNamespace(peers({ mtls: { mode: "DISABLE" } }), ofMesh)).toBe(0);
    expect(inNamespace(peers({ ...ofJaeger, mtls: { mode: "UNSET" } }), strict)).toBe(1);
    expect(inNamespace(peers({ ...ofJaeger, mtls: { mode: "PERMISSIVE" } }), strict)).toBe(0);
    expect(inNamespace(peers({ ...ofJaeger, portLevelMtls: { 4317: {} } }), strict)).toBe(1);
    expect(plain(peers({ ...ofJaeger, mtls: { mode: "PERMISSIVE" } }), strict)).toBe(1);
    expect(plain(peers({ mtls: { mode: "DISABLE" } }))).toBe(0);
    expect(plain(peers({ mtls: { mode: "STRICT" } }, "auth"))).toBe(0);
  });

  it("does not know whom proxies show with certificates of their own", () => {
    const withMode = (mode: string) =>
      count(destination(collectorHost, { tls: { mode } }), authorization({ rules: [{ from: others }] }));
    expect(withMode("ISTIO_MUTUAL")).toBe(1);
    expect(withMode("MUTUAL")).toBe(0);
    expect(withMode("SIMPLE")).toBe(0);
    const asked = inMesh()
      .mesh("enableAutoMtls", false)
      .add(strict, destination(collectorHost, { tls: { mode: "ISTIO_MUTUAL" } }));
    expect(ask(asked)).toEqual([]);
  });

  it("knows what SDKs ask for by HTTP", () => {
    const told = (operation: Record<string, unknown>) =>
      ask(
        inMesh()
          .set(
            "ConfigMap auth/otel-environment",
            "data OTEL_EXPORTER_OTLP_ENDPOINT",
            `http://${collectorHost}:4318`,
          )
          .set("ConfigMap auth/otel-environment", "data OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
          .add(authorization({ rules: [{ to: to(operation) }] })),
      );
    const paths = ["/api/v2/spans", "/opentelemetry*"];
    expect(told({ paths })).toHaveLength(1);
    expect(told({ paths: [...paths, "/v1/traces"], methods: ["POST"] })).toEqual([]);
  });

  it("takes the oldest of two", () => {
    const aged = (mode: string, creationTimestamp: string): Manifest => ({
      ...peers({ mtls: { mode } }),
      metadata: { name: mode.toLowerCase(), namespace: "istio-system", creationTimestamp },
    });
    expect(plain(aged("STRICT", "2026-01-02T00:00:00Z"), aged("PERMISSIVE", "2026-01-01T00:00:00Z"))).toBe(0);
    expect(plain(aged("STRICT", "2026-01-01T00:00:00Z"), aged("PERMISSIVE", "2026-01-02T00:00:00Z"))).toBe(1);
  });

  it("knows proxies that are told to speak no TLS", () => {
    const rule = (mode: string): Manifest => ({
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: { name: "jaeger", namespace: "auth" },
      spec: {
        host: "jaeger-collector-clusterip.istio-system.svc.cluster.local",
        trafficPolicy: { tls: { mode } },
      },
    });
    expect(ask(inMesh().add(strict, rule("DISABLE")))[0]).toContain(
      "those of Deployment auth/auth-api, and PeerAuthentication istio-system/default lets it take nothing but mutual TLS",
    );
    // What the proxy itself sends goes through it, whatever it takes from the application.
    const past = { "traffic.sidecar.istio.io/includeOutboundIPRanges": "" };
    const aside = inMesh().set("Deployment auth/auth-api", "spec template metadata annotations", past);
    expect(ask(aside.add(strict, rule("DISABLE")))[0]).toContain("to 9411 (spans of proxies)");
    expect(count(strict, rule("ISTIO_MUTUAL"))).toBe(0);
    expect(count(strict, rule("SIMPLE"))).toBe(0);
    expect(ask(inMesh().mesh("enableAutoMtls", false).add(strict))).toHaveLength(1);
  });

  it("leaves ports alone that the collector's sidecar does not see", () => {
    const annotated = (name: string, value: string) =>
      ask(
        outside(inMesh())
          .set(jaeger, "spec template metadata annotations", { [`traffic.sidecar.istio.io/${name}`]: value })
          .add(strict),
      ).length;
    expect(annotated("excludeInboundPorts", "4318")).toBe(1);
    expect(annotated("includeInboundPorts", "9411, 4317")).toBe(1);
    expect(annotated("includeInboundPorts", "*")).toBe(1);
    const all = without(outside(inMesh()), "includeInboundPorts", "*").add(strict);
    expect(ask(all)[0]).toMatch(/^error: PeerAuthentication istio-system\/default lets/);
  });

  it.each<[string, Record<string, unknown>, number]>([
    ["nothing", {}, 1],
    ["everything", { rules: [{}] }, 0],
    ["what nobody can tell", { rules: [{ when: [{ key: "request.headers[x]", values: ["y"] }] }] }, 0],
    ["addresses", { rules: [{ from: [{ source: { ipBlocks: ["10.0.0.0/8"] } }] }] }, 0],
    ["a port that is not the one", { rules: [{ to: to({ notPorts: ["9411"] }) }] }, 1],
    ["all identities", { rules: [{ from: [{ source: { principals: ["*"] } }] }] }, 0],
    ["some identities", { rules: [{ from: [{ source: { principals: ["cluster.local/ns/x/*"] } }] }] }, 1],
    ["another trust domain's", { rules: [{ from: [{ source: { principals: ["*/sa/default"] } }] }] }, 0],
    ["accounts", { rules: [{ from: [{ source: { serviceAccounts: ["default"] } }] }] }, 0],
    ["accounts of a namespace", { rules: [{ from: [{ source: { serviceAccounts: ["x/default"] } }] }] }, 1],
    [
      "what senders do",
      { rules: [{ to: to({ methods: ["POST"], paths: ["/api/v2/*", "/opentelemetry*"] }) }] },
      0,
    ],
    ["what they do not", { rules: [{ to: to({ methods: ["GET"] }) }] }, 1],
    ["another path", { rules: [{ to: to({ paths: ["/healthz"] }) }] }, 1],
    ["a waypoint's", { targetRefs: [{ kind: "Service", name: "jaeger" }] }, 0],
    ["another server's decision", { action: "CUSTOM", rules: [{}] }, 0],
  ])("of policies that allow %s", (_, spec, expected) => {
    expect(count(authorization(spec))).toBe(expected);
  });

  it("asks every policy that allows, and knows senders without an identity", () => {
    const second: Manifest = {
      ...authorization({ rules: [{ to: toPorts("9411") }] }),
      metadata: { name: "second", namespace: "istio-system" },
    };
    expect(count(authorization({ rules: [{ to: toPorts("4317") }] }), second)).toBe(0);
    expect(ask(inMesh().add(authorization({}), second))[0]).toContain(", nor does any of 1 more: ");
    const ofMesh = authorization({ rules: [{ from: [{ source: { namespaces: ["*"] } }] }] });
    expect(count(ofMesh)).toBe(0);
    expect(plain(ofMesh)).toBe(1);
    const others = authorization({ rules: [{ from: [{ source: { notNamespaces: ["x"] } }] }] });
    expect(plain(others)).toBe(0);
  });

  it("tells every cause apart", () => {
    const causes = (mesh: Mesh) =>
      ask(mesh).map((finding) => /: (\w+) .*? ((?:\d+ \([^)]*\)(?: and )?)+)/.exec(finding)?.slice(1, 3));
    // One has no proxy, the others are refused.
    const mutual = inMesh().add(strict, authorization({ rules: [{ to: toPorts("4317") }] }));
    expect(causes(outside(mutual))).toEqual([
      ["AuthorizationPolicy", "9411 (spans of proxies)"],
      ["PeerAuthentication", "4317 (spans of applications)"],
    ]);
    const denying = { ...authorization({ action: "DENY", rules: [{ to: toPorts("4317") }] }) };
    denying.metadata = { name: "deny", namespace: "istio-system" };
    expect(causes(inMesh().add(denying, authorization({ rules: [{ to: toPorts("4317") }] })))).toEqual([
      ["AuthorizationPolicy", "9411 (spans of proxies)"],
      ["AuthorizationPolicy", "4317 (spans of applications)"],
    ]);
    // Two settings of one DestinationRule, each with its own place for the fix.
    const plainPorts = {
      portLevelSettings: [4317, 9411].map((number) => ({ port: { number }, tls: { mode: "DISABLE" } })),
    };
    const opposed = inMesh().add(strict, destination(collectorHost, plainPorts));
    expect(causes(opposed)).toHaveLength(2);
    expect(
      ask(opposed)
        .map((finding) => finding.split("\n").slice(1).join("\n"))
        .sort(),
    ).toEqual(
      [0, 1].map(
        (index) =>
          `# in spec.trafficPolicy.portLevelSettings[${index}].tls of DestinationRule istio-system/jaeger\nmode: ISTIO_MUTUAL`,
      ),
    );
    // Two Services of one collector.
    const service = "Service istio-system/jaeger-collector-clusterip";
    const bypassed = without(inMesh(), "excludeInboundPorts", "4317,9411").copy(service, "second");
    bypassed.set(
      "ConfigMap auth/otel-environment",
      "data OTEL_EXPORTER_OTLP_ENDPOINT",
      "http://second.istio-system.svc.cluster.local:4317",
    );
    expect(ask(bypassed).map((finding) => /\n {2}host: (.*)/.exec(finding)?.[1])).toEqual([
      collectorHost,
      "second.istio-system.svc.cluster.local",
    ]);
  });

  it("lets a rule by names of senders be, where some sender has none", () => {
    const byName = authorization({ rules: [{ from: [{ source: { namespaces: ["elsewhere"] } }] }] });
    expect(ask(inMesh().add(byName))[0]).toContain("- from:");
    expect(ask(outside(inMesh()).add(byName))[0]).not.toContain("from:");
  });

  it("leaves other TLS, and pods in ambient mode, to other rules", () => {
    const disabled = peers({ mtls: { mode: "DISABLE" } });
    const mode = (mode: string) => destination(collectorHost, { tls: { mode } });
    expect(count(disabled, mode("ISTIO_MUTUAL"))).toBe(1);
    expect(count(disabled, mode("SIMPLE"))).toBe(0);
    const ambient = new Mesh()
      .unset(jaeger, inject)
      .set("Namespace istio-system", "metadata labels", { "istio.io/dataplane-mode": "ambient" });
    expect(ask(ambient.add(disabled, mode("ISTIO_MUTUAL")))).toEqual([]);
  });

  it("sees the pod's port, by number or by name, whatever the Service's is", () => {
    const service = "Service istio-system/jaeger-collector-clusterip";
    const only = (...numbers: string[]) => authorization({ rules: [{ to: toPorts(...numbers) }] });
    const moved = () => inMesh().set(service, "spec ports 0 port", 80).zipkin("port", 80);
    expect(ask(moved().add(only("4317", "9411")))).toEqual([]);
    expect(ask(moved().add(only("4317", "80")))).toHaveLength(1);
    const named = (name: string) =>
      inMesh()
        .set(jaeger, "spec template spec containers 0 ports 1 name", "otlp")
        .set(service, "spec ports 1 targetPort", name);
    expect(ask(named("otlp").add(only("4317", "9411")))).toEqual([]);
    expect(ask(named("otlp").add(only("9411")))[0]).toContain("to 4317 (spans of applications)");
    expect(ask(named("gone").add(only("9411")))).toEqual([]);
  });

  it("has nothing to say of Services that are not in the input, or lack the port", () => {
    const endpoint = "data OTEL_EXPORTER_OTLP_ENDPOINT";
    expect(plain(strict)).toBe(1);
    for (const url of ["http://agent.otel:4317", "http://jaeger-collector-clusterip.istio-system:55680"])
      expect(
        ask(outside(inMesh()).set("ConfigMap auth/otel-environment", endpoint, url).add(strict)),
      ).toEqual([]);
  });

  it.each<[string, number]>([
    ["http", 1],
    ["grpc", 1],
    ["kubernetes.io/h2c", 1],
    ["https", 0],
    ["grpc-web", 0],
    ["tcp", 0],
    ["own", 0],
  ])("of requests, where the port is declared as %s", (appProtocol, expected) => {
    const mesh = inMesh().add(authorization({ rules: [{ to: to({ methods: ["GET"] }) }] }));
    for (const port of [0, 1, 2])
      mesh.set(
        "Service istio-system/jaeger-collector-clusterip",
        `spec ports ${port} appProtocol`,
        appProtocol,
      );
    expect(ask(mesh)).toHaveLength(expected);
  });

  describe("in ambient mode", () => {
    const labels = { "istio.io/dataplane-mode": "ambient" };
    const collector = () =>
      new Mesh().unset(jaeger, inject).set("Namespace istio-system", "metadata labels", labels);

    it("sees ports, and neither requests nor annotations of sidecars", () => {
      expect(ask(collector().add(authorization({ rules: [{ to: toPorts("4317") }] })))).toHaveLength(1);
      expect(ask(collector().add(authorization({ rules: [{ to: to({ methods: ["GET"] }) }] })))).toEqual([]);
      expect(ask(without(collector(), "excludeInboundPorts", "9411").add(strict))).toEqual([]);
    });

    it("leaves it open who the sender is", () => {
      const from = (mesh: Mesh) => ask(mesh.add(authorization({ rules: [{ from: others }] })));
      expect(from(inMesh())).toHaveLength(1);
      expect(from(inMesh().set("Namespace auth", "metadata labels", labels))).toEqual([]);
    });
  });

  it("knows collectors that pass spans on, where it is said whether they have a sidecar", () => {
    expect(ask(withCollector(inMesh()).add(strict))[0]).toContain(
      "and Deployment observability/otel-collector sends without it to 4317 (spans that collectors pass on)",
    );
    expect(ask(withCollector(inMesh()).remove("Namespace observability").add(strict))).toEqual([]);
  });

  it("knows identities by account and trust domain, but of pods that are not in the input", () => {
    const denies = (principal: string) =>
      authorization({ action: "DENY", rules: [{ from: [{ source: { principals: [principal] } }] }] });
    const app = "Deployment auth/auth-api";
    const ofDomain = (principal: string) =>
      ask(inMesh().mesh("trustDomain", "corp.example").add(denies(principal)));
    expect(count(denies("cluster.local/ns/auth/sa/default"))).toBe(1);
    expect(ofDomain("corp.example/ns/auth/sa/default")).toHaveLength(1);
    expect(ofDomain("cluster.local/ns/auth/sa/default")).toEqual([]);
    const withAccount = (principal: string) =>
      ask(inMesh().set(app, "spec template spec serviceAccountName", "auth-api").add(denies(principal)));
    expect(withAccount("cluster.local/ns/auth/sa/auth-api")).toHaveLength(1);
    expect(withAccount("cluster.local/ns/auth/sa/default")).toEqual([]);
    const assumed = { traced: ["billing"] };
    expect(ask(inMesh().add(denies("cluster.local/ns/billing/sa/default")), assumed)).toEqual([]);
  });

  it("does not meet what the collector sends to itself", () => {
    const mesh = inMesh()
      .set(jaeger, "spec template spec serviceAccountName", "jaeger")
      .add(
        authorization({
          action: "DENY",
          rules: [{ from: [{ source: { principals: ["cluster.local/ns/istio-system/sa/jaeger"] } }] }],
        }),
      );
    expect(ask(mesh)).toEqual([]);
  });

  it("is a warning where labels of a namespace decide that is not in the input", () => {
    const mesh = new Mesh()
      .unset(jaeger, inject)
      .remove("Namespace istio-system")
      .add(authorization({ rules: [{ to: toPorts("4317") }] }));
    expect(ask(mesh).map((finding) => finding.split("\n")[0])).toEqual([
      `warning: AuthorizationPolicy istio-system/default does not allow what ${everybody} send to 9411 (spans of ` +
        `proxies) of ${jaeger}: what no policy allows is refused once one allows anything, and these spans are lost, if ` +
        "its pods have a sidecar, which labels of their namespace decide",
    ]);
  });
});
