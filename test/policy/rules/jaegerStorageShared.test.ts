import { describe, expect, it } from "vitest";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { autoscaler, openSearch, withOpenSearch, withStore } from "../../../docs/generate/sample/store";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
type Json = Record<string, unknown>;

/** A store on a disk of the pods. */
const withDisk = (mesh: Mesh, volume: Json) =>
  withStore(mesh, { badger: { ephemeral: false } }).set(jaeger, "spec template spec volumes 1", {
    name: "traces",
    ...volume,
  });

/** Two pods that only show traces, beside Jaeger. */
const showing = (mesh: Mesh, engine = "") => {
  const query = "Deployment istio-system/jaeger-query";
  return mesh
    .copy(jaeger, "jaeger-query")
    .set(query, "spec replicas", 2)
    .set(query, "spec template metadata labels", { app: "query" })
    .unset(query, `${container} args`)
    .set(query, `${container} image`, "jaegertracing/jaeger-query:1.62.0")
    .set(query, `${container} env`, [{ name: "SPAN_STORAGE_TYPE", value: engine }]);
};

testRule("jaeger-storage-shared", {
  faults: [
    {
      ...exampleFault("jaeger-storage-shared"),
      object: jaeger,
      message:
        "Deployment istio-system/jaeger has 3 pods and stores traces in the memory of each, so every trace is split across pods; run one pod, or use a shared store",
      fix: `# in spec (jaeger.replicas of chart 4.x)
replicas: 1`,
    },
    {
      name: "an autoscaler for pods that keep traces in memory",
      breaks: (mesh) => mesh.add(autoscaler(4)),
      object: "HorizontalPodAutoscaler istio-system/jaeger",
      message:
        "HorizontalPodAutoscaler istio-system/jaeger scales Jaeger to up to 4 pods, which store traces in the memory of each, so every trace is split across pods; run one pod, or use a shared store",
      fix: "# remove it, or store Jaeger's traces in a store that its pods share",
    },
    {
      name: "a disk that the next pod cannot open",
      breaks: (mesh) => withDisk(mesh, { persistentVolumeClaim: { claimName: "traces" } }),
      object: jaeger,
      level: "warning",
      message:
        "Deployment istio-system/jaeger starts a new pod before the old one has released the disk with its traces, which only one pod can open; set strategy Recreate",
      fix: `# in spec (jaeger.strategy of chart 4.x)
strategy:
  type: Recreate`,
    },
    {
      name: "two pods of Jaeger 1 with a disk each",
      breaks: (mesh) =>
        mesh
          .set(jaeger, `${container} env`, [{ name: "SPAN_STORAGE_TYPE", value: "badger" }])
          .set(jaeger, "spec strategy", { type: "Recreate" })
          .set(jaeger, "spec replicas", 2),
      object: jaeger,
      message:
        "Deployment istio-system/jaeger has 2 pods and stores traces on a disk that only one pod can open, so every trace is split across pods; run one pod, or use a shared store",
      fix: `# in spec (jaeger.replicas of chart 4.x)
replicas: 1`,
    },
    ...(
      [
        ["memory", "its own memory"],
        ["badger", "a disk that only one process can open"],
      ] as const
    ).map(([engine, store]) => ({
      name: `Jaeger 1 that shows the traces of ${engine} beside a collector of its own`,
      breaks: (mesh: Mesh) => showing(mesh, engine),
      object: "Deployment istio-system/jaeger-query",
      message:
        `Deployment istio-system/jaeger-query container jaeger shows the traces of ${store}, where no collector puts any: it shows ` +
        "none; use a store that both share, or Jaeger as one process",
      fix: "",
    })),
  ],
  harmless: [
    {
      name: "Jaeger 1 that shows the traces of Elasticsearch, in two pods",
      varies: (mesh) => showing(mesh, "elasticsearch"),
    },
    {
      name: "Jaeger 1 that shows the traces of what it reads by itself, with other variables, of any version",
      varies: (mesh) =>
        showing(mesh)
          .set("Deployment istio-system/jaeger-query", `${container} image`, "jaegertracing/jaeger-query")
          .set("Deployment istio-system/jaeger-query", `${container} env`, [
            { name: "QUERY_BASE_PATH", value: "/traces" },
            { name: "LOG_LEVEL", value: "info" },
          ]),
    },
    {
      name: "traces in memory, and a disk for something else",
      varies: (mesh) =>
        mesh.set(jaeger, "spec template spec volumes", [
          { name: "plugins", persistentVolumeClaim: { claimName: "plugins" } },
        ]),
    },
    {
      name: "Jaeger 1 that shows the traces of what it reads by itself",
      varies: (mesh) => showing(mesh).unset("Deployment istio-system/jaeger-query", `${container} env`),
    },
    {
      name: "three pods and an autoscaler in front of OpenSearch, which is in another input",
      varies: (mesh) => withOpenSearch(mesh).add(autoscaler(6)).set(jaeger, "spec replicas", 3),
    },
    {
      name: "one pod with a disk, which is stopped before the next one starts",
      varies: (mesh) =>
        withDisk(mesh, { persistentVolumeClaim: { claimName: "traces" } }).set(jaeger, "spec strategy", {
          type: "Recreate",
        }),
    },
    {
      name: "a disk that is new with each pod",
      varies: (mesh) => withDisk(mesh, { emptyDir: {} }),
    },
    {
      name: "two pods whose archive alone is in memory",
      varies: (mesh) =>
        withStore(mesh, { opensearch: openSearch })
          .set(jaeger, "spec replicas", 2)
          .set(
            "ConfigMap istio-system/user-config",
            "data user-config.yaml",
            [
              "exporters: { jaeger_storage_exporter: { trace_storage: main } }",
              "extensions:",
              "  jaeger_storage:",
              "    backends:",
              "      archive: { memory: { max_traces: 100 } }",
              '      main: { opensearch: { server_urls: ["https://search.example.com"] } }',
            ].join("\n"),
          ),
    },
    {
      name: "an autoscaler for one pod in memory at most",
      varies: (mesh) => mesh.add(autoscaler(1)),
    },
    {
      name: "an autoscaler of another Deployment",
      varies: (mesh) =>
        mesh.add({
          ...autoscaler(9),
          spec: {
            scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
            maxReplicas: 9,
          },
        }),
    },
  ],
});

describe("a store that is a pod's own", () => {
  const ask = asker("jaeger-storage-shared");
  const target = (changes: Json, namespace = "istio-system") => {
    const { spec, ...rest } = autoscaler(3);
    const scaleTargetRef = { kind: "Deployment", name: "jaeger", ...changes };
    return { ...rest, metadata: { name: "it", namespace }, spec: { ...(spec as Json), scaleTargetRef } };
  };

  it("is scaled by an autoscaler of its own workload, with a number of pods", () => {
    expect(ask(new Mesh().add(target({})))).toHaveLength(1);
    expect(ask(new Mesh().add(target({ kind: "StatefulSet" })))).toEqual([]);
    expect(ask(new Mesh().add(target({ name: "other" })))).toEqual([]);
    expect(ask(new Mesh().add(target({}, "apps")))).toEqual([]);
    expect(
      ask(
        new Mesh().add({
          ...autoscaler(3),
          spec: { scaleTargetRef: { kind: "Deployment", name: "jaeger" } },
        }),
      ),
    ).toEqual([]);
  });

  it("is a disk, which only one pod can open at a time", () => {
    const disk = () => withDisk(new Mesh(), { hostPath: { path: "/var/traces" } });
    const [replicas, strategy] = ask(disk().set(jaeger, "spec replicas", 2));
    expect(replicas).toContain("has 2 pods and stores traces on a disk that only one pod can open, so every");
    expect(strategy).toContain("set strategy Recreate");
    // A StatefulSet stops a pod before it starts the next.
    expect(ask(disk().set(jaeger, "kind", "StatefulSet"))).toEqual([]);
  });
});
