import { describe, expect, it } from "vitest";
import { collectorHost, type Manifest, Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, istioObject, testRule } from "../../fixtures/rule";

const sidecar = (namespace: string, hosts: string[]): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Sidecar",
  metadata: { name: "default", namespace },
  spec: { egress: [{ hosts }] },
});
const collector = "Service istio-system/jaeger-collector-clusterip";
const meshConfigMap = "ConfigMap istio-system/istio";

testRule("collector-visible", {
  faults: [
    {
      ...exampleFault("collector-visible"),
      object: "Sidecar auth/default",
      message:
        "Sidecar auth/default hides the collector jaeger-collector-clusterip.istio-system.svc.cluster.local from " +
        "the proxies it configures: no entry of spec.egress has its host; add it",
      fix: `# add to spec.egress of Sidecar auth/default
- hosts:
    - istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local`,
    },
    {
      name: "the mesh's default Sidecar hides the collector",
      breaks: (mesh) => mesh.add(sidecar("istio-system", ["~/*"])),
      object: "Sidecar istio-system/default",
      message:
        "Sidecar istio-system/default hides the collector " +
        "jaeger-collector-clusterip.istio-system.svc.cluster.local from the proxies it configures: no entry of spec.egress has its host; add it",
      fix: `# add to spec.egress of Sidecar istio-system/default
- hosts:
    - istio-system/jaeger-collector-clusterip.istio-system.svc.cluster.local`,
    },
    {
      name: "the collector is exported to only its own namespace",
      breaks: (mesh) => mesh.set(collector, "metadata annotations", { "networking.istio.io/exportTo": "." }),
      object: collector,
      message:
        "Service istio-system/jaeger-collector-clusterip is exported to only its own namespace; export it to the namespaces of traced proxies",
      fix: `# in metadata.annotations
networking.istio.io/exportTo: "*"`,
    },
    {
      name: "discovery does not select the collector's namespace",
      breaks: (mesh) => mesh.mesh("discoverySelectors", [{ matchLabels: { "istio-injection": "enabled" } }]),
      object: meshConfigMap,
      message:
        "ConfigMap istio-system/istio hides the collector from every proxy: no entry of discoverySelectors " +
        "selects its namespace istio-system; add one",
      fix: `# add to discoverySelectors of the mesh config
- matchLabels:
    kubernetes.io/metadata.name: istio-system`,
    },
  ],
  harmless: [
    {
      name: "a Sidecar that shows the collector",
      varies: (mesh) =>
        mesh.add({
          apiVersion: "networking.istio.io/v1",
          kind: "Sidecar",
          metadata: { name: "default", namespace: "auth" },
          spec: { egress: [{ hosts: ["./*", "istio-system/*"] }] },
        }),
    },
  ],
});

describe("collector-visible", () => {
  const ask = asker("collector-visible");
  const sidecar = (egress: unknown, namespace = "auth", labels?: object, name = "default") =>
    istioObject(
      "Sidecar",
      name,
      { egress, ...(labels === undefined ? {} : { workloadSelector: { labels } }) },
      namespace,
    );
  const hides = (ref = "auth/default") =>
    `error: Sidecar ${ref} hides the collector ${collectorHost} from the proxies it configures: no entry of spec.egress has its host; add it\n# add to spec.egress of Sidecar ${ref}\n- hosts:\n    - istio-system/${collectorHost}`;
  const hidden = [hides()];

  it.each<[unknown[], string[]]>([
    [["*/*"], []],
    [["istio-system/*"], []],
    [["./*", "istio-system/*"], []],
    [[`istio-system/${collectorHost}`], []],
    [[`*/${collectorHost}`], []],
    [["*/*.istio-system.svc.cluster.local"], []],
    [["*"], []],
    [[collectorHost], []],
    [["./*"], hidden],
    [["~/*"], hidden],
    [["auth/*", "kube-system/*"], hidden],
    [["istio-system/other.istio-system.svc.cluster.local"], hidden],
    [["*/*.apps.svc.cluster.local"], hidden],
    [["istio-system/*jaeger"], hidden],
    [[], hidden],
  ])("egress to %j", (hosts, expected) => {
    expect(ask(new Mesh().add(sidecar([{ hosts }])))).toEqual(expected);
  });

  it("is visible on its port, and without a list", () => {
    const port = (number: unknown) => ask(new Mesh().add(sidecar([{ port: { number }, hosts: ["*/*"] }])));
    expect(port(9411)).toEqual([]);
    expect(port(9412)).toEqual(hidden);
    expect(ask(new Mesh().add(sidecar(undefined)))).toEqual([]);
    expect(ask(new Mesh().add(sidecar([])))).toEqual([]);
    expect(ask(new Mesh().add(sidecar([{ hosts: ["./*"] }, { hosts: ["istio-system/*"] }])))).toEqual([]);
    // Its own namespace is a dot.
    expect(ask(new Mesh().add(sidecar([{ hosts: ["./*"] }], "istio-system")))).toEqual([]);
  });

  it("is seen through the nearest Sidecar: of the pod, of its namespace, of the mesh", () => {
    const closed = [{ hosts: ["kube-system/*"] }];
    const open = [{ hosts: ["*/*"] }];
    const pod = { app: "auth-api" };
    const ofMesh = sidecar(closed, "istio-system");
    expect(ask(new Mesh().add(ofMesh))).toEqual([hides("istio-system/default")]);
    const all = ["auth", "character", "chat", "image", "location", "my", "scan"];
    expect(ask(new Mesh().add(ofMesh, ...all.map((namespace) => sidecar(open, namespace))))).toEqual([]);
    expect(ask(new Mesh().add(sidecar(open), sidecar(closed, "auth", pod, "own")))).toEqual([
      hides("auth/own"),
    ]);
    expect(ask(new Mesh().add(sidecar(closed), sidecar(open, "auth", pod, "own")))).toEqual([]);
    expect(ask(new Mesh().add(sidecar(closed, "auth", { app: "other" }, "own")))).toEqual([]);
    expect(ask(new Mesh().add(sidecar(closed, "auth", { ...pod, tier: "x" }, "own")))).toEqual([]);
    expect(ask(new Mesh().add(sidecar(closed, "istio-system", pod, "own")))).toEqual([]);
    // No traced pod is there to be configured.
    expect(ask(new Mesh().add(sidecar(closed, "monitoring")))).toEqual([]);
    const ambient = new Mesh().set("Namespace auth", "metadata labels", {
      "istio.io/dataplane-mode": "ambient",
    });
    expect(ask(ambient.add(sidecar(closed)))).toEqual([]);
  });

  it.each<[string, string[]]>([
    ["*", []],
    ["istio-system,auth", []],
    [".,chat", []],
    [".", ["only its own namespace"]],
    ["istio-system", ["only its own namespace"]],
    [". , ~", ["only its own namespace"]],
    ["~", ["no namespace"]],
  ])("is exported to %s", (exportTo, whom) => {
    const mesh = new Mesh().set(collector, "metadata annotations", {
      "networking.istio.io/exportTo": exportTo,
    });
    expect(ask(mesh)).toEqual(
      whom.map(
        (who) =>
          `error: ${collector} is exported to ${who}; export it to the namespaces of traced proxies\n` +
          '# in metadata.annotations\nnetworking.istio.io/exportTo: "*"',
      ),
    );
  });

  it("is known to istiod", () => {
    const selectors = (...list: object[]) => new Mesh().mesh("discoverySelectors", list);
    const unknown = {
      matchExpressions: [
        { key: "kubernetes.io/metadata.name", operator: "In", values: ["a", "istio-system"] },
      ],
    };
    expect(ask(selectors({ matchLabels: { a: "b" } }, unknown))).toEqual([]);
    expect(ask(selectors())).toEqual([]);
    expect(ask(selectors({ matchLabels: { a: "b" } }))).toEqual([
      "error: ConfigMap istio-system/istio hides the collector from every proxy: no entry of discoverySelectors selects its namespace istio-system; add one\n# add to discoverySelectors of the mesh config\n" +
        "- matchLabels:\n    kubernetes.io/metadata.name: istio-system",
    ]);
    // The label that every namespace has need not be written.
    const bare = selectors(unknown).unset("Namespace istio-system", "metadata labels");
    expect(ask(bare)).toEqual([]);
    expect(ask(selectors(unknown).remove("Namespace istio-system"))).toEqual([
      "warning: ConfigMap istio-system/istio limits discovery by discoverySelectors, and the labels of the collector's " +
        "namespace istio-system are not in the input, so it is unknown whether istiod discovers it",
    ]);
  });

  it("is somebody else's to show, outside the cluster", () => {
    const outside = new Mesh().zipkin("service", "istio-system/zipkin.example.com");
    expect(ask(outside.add(sidecar([{ hosts: ["./*"] }])))).toEqual([]);
    expect(ask([sidecar([{ hosts: ["./*"] }])])).toEqual([]);
  });
});
