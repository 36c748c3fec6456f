import { describe, expect, it } from "vitest";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

const jaeger = "Deployment istio-system/jaeger";
const container = "spec template spec containers 0";
const maxTraces = "--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=";

testRule("jaeger-memory-bound", {
  faults: [
    {
      ...exampleFault("jaeger-memory-bound"),
      object: jaeger,
      message:
        "Deployment istio-system/jaeger container jaeger keeps up to 100000 traces (Jaeger's default) in memory, " +
        "and its memory limit 512Mi can hold only 10000, so it can be OOM-killed; set max_traces to at most 10000",
      fix: `# in container jaeger, or as jaeger.args in the values of chart 4.x
args:
  - --set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=10000`,
    },
    {
      name: "Jaeger keeps more traces than its memory holds",
      breaks: (mesh) =>
        mesh.set(jaeger, `${container} args`, [
          "--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=50000",
        ]),
      object: jaeger,
      message:
        "Deployment istio-system/jaeger container jaeger keeps up to 50000 traces in memory, and its memory " +
        "limit 512Mi can hold only 10000, so it can be OOM-killed; set max_traces to at most 10000",
      fix: `# in container jaeger, or as jaeger.args in the values of chart 4.x
args:
  - --set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=10000`,
    },
    {
      name: "Jaeger has no memory limit",
      breaks: (mesh) => mesh.unset(jaeger, `${container} resources`),
      object: jaeger,
      message:
        "Deployment istio-system/jaeger container jaeger has no memory limit, but stores traces in memory; set a limit",
      fix: `# in container jaeger, or as jaeger.resources in the values of chart 4.x
resources:
  limits:
    memory: 512Mi`,
    },
    {
      name: "a bound of 0, which is none",
      breaks: (mesh) => mesh.set(jaeger, `${container} args`, [`${maxTraces}0`]),
      object: jaeger,
      message:
        "Deployment istio-system/jaeger container jaeger has a memory store with max_traces: 0, with which Jaeger does not " +
        "start, and older ones keep all traces; set it to at most 10000",
      fix: `# in container jaeger, or as jaeger.args in the values of chart 4.x
args:
  - ${maxTraces}10000`,
    },
  ],
  harmless: [
    {
      name: "more memory and more traces",
      varies: (mesh) =>
        mesh
          .set(jaeger, `${container} resources limits memory`, "2Gi")
          .set(jaeger, `${container} args`, [
            "--set=extensions.jaeger_storage.backends.some_storage.memory.max_traces=50000",
          ]),
    },
  ],
});

describe("jaeger-memory-bound", () => {
  it("offers Jaeger 1 the flag that it has", () => {
    const mesh = new Mesh()
      .set(jaeger, `${container} image`, "jaegertracing/all-in-one:1.62.0")
      .unset(jaeger, `${container} args`);
    expect(asker("jaeger-memory-bound")(mesh)).toEqual([
      "warning: Deployment istio-system/jaeger container jaeger keeps up to 100000 traces (Jaeger's default) in memory, and its memory " +
        "limit 512Mi can hold only 10000, so it can be OOM-killed; set --memory.max-traces to at most 10000\n" +
        "# in container jaeger\nargs:\n  - --memory.max-traces=10000",
    ]);
    expect(
      asker("jaeger-memory-bound")(mesh.set(jaeger, `${container} args`, ["--memory.max-traces=10000"])),
    ).toEqual([]);
    expect(
      asker("jaeger-memory-bound")(mesh.set(jaeger, `${container} args`, ["--memory.max-traces=0"])),
    ).toEqual([
      "warning: Deployment istio-system/jaeger container jaeger keeps all traces in memory, because 0 is no bound; set " +
        "--memory.max-traces to at most 10000\n# in container jaeger\nargs:\n  - --memory.max-traces=10000",
    ]);
    expect(asker("jaeger-memory-bound")(mesh.unset(jaeger, `${container} resources`))).toEqual([
      "warning: Deployment istio-system/jaeger container jaeger has no memory limit, but stores traces in memory; set a limit\n" +
        "# in container jaeger\nresources:\n  limits:\n    memory: 512Mi",
    ]);
  });

  it("asks for more memory where there is no room for a single trace, since 0 is no bound", () => {
    const small = new Mesh().set(jaeger, `${container} resources limits memory`, "100Mi");
    const says =
      "in memory, and its memory limit 100Mi has no room for any, so it is OOM-killed; raise the limit";
    expect(asker("jaeger-memory-bound")(small)).toEqual([
      `warning: ${jaeger} container jaeger keeps up to 10000 traces ${says}\n# in container jaeger\n` +
        `resources:\n  limits:\n    memory: 512Mi\nargs:\n  - ${maxTraces}10000`,
    ]);
    expect(asker("jaeger-memory-bound")(small.unset(jaeger, `${container} args`))).toEqual([
      `warning: ${jaeger} container jaeger keeps up to 100000 traces (Jaeger's default) ${says}\n# in container jaeger\n` +
        `resources:\n  limits:\n    memory: 512Mi\nargs:\n  - ${maxTraces}10000`,
    ]);
  });

  const ask = asker("jaeger-memory-bound");
  const limited = (memory: unknown, traces = 10000) =>
    ask(
      new Mesh()
        .set(jaeger, `${container} resources limits memory`, memory)
        .set(jaeger, `${container} args`, [`${maxTraces}${traces}`]),
    );

  it.each([
    ["512Mi", 10000],
    ["536870912", 10000],
    [536870912, 10000],
    ["524288Ki", 10000],
    ["0.5Gi", 10000],
    ["1Gi", 20000],
    ["536871k", 10000],
    ["1100M", 20000],
    ["1.1G", 20000],
    ["11e8", 20000],
  ])("%s holds %i traces", (memory, traces) => {
    expect(limited(memory, traces)).toEqual([]);
    expect(limited(memory, 10 * traces)).toHaveLength(1);
  });

  it("of a terabyte holds all that is asked for", () => {
    expect(limited("1Ti", 1_000_000)).toEqual([]);
    expect(limited("1T", 1_000_000)).toEqual([]);
  });

  it("needs a quantity", () => {
    const says = (written: string) => [
      `warning: ${jaeger} container jaeger has the memory limit ${written}, which is not a valid quantity\n# in container jaeger\n` +
        "resources:\n  limits:\n    memory: 512Mi",
    ];
    expect(limited("much")).toEqual(says("much"));
    expect(limited("512MiB")).toEqual(says("512MiB"));
    expect(limited("x512Mi")).toEqual(says("x512Mi"));
    expect(limited(["512Mi"])).toEqual(says('["512Mi"]'));
    // A number is one, of bytes, and is told as it is written.
    expect(limited(536870912, 20000)[0]).toContain("its memory limit 536870912 can hold only 10000");
  });

  it("knows what it may not know", () => {
    const unknown = () => new Mesh().set(jaeger, `${container} args`, ["--config=/etc/jaeger.yaml"]);
    expect(ask(unknown())).toEqual([
      `warning: ${jaeger} container jaeger may keep more traces than its memory limit 512Mi holds: its configuration file is ` +
        "not in the input; the limit can hold 10000\n# in container jaeger, unless its configuration says it\n" +
        `args:\n  - ${maxTraces}10000`,
    ]);
    const small = unknown().set(jaeger, `${container} resources limits memory`, "100Mi");
    expect(ask(small)[0]).toMatch(/the limit can hold 0\n.*\nresources:\n {2}limits:\n {4}memory: 512Mi$/);
    expect(ask(unknown().unset(jaeger, `${container} resources`))).toEqual([
      `warning: ${jaeger} container jaeger has no memory limit, but stores traces in memory; set a limit\n` +
        "# in container jaeger, or as jaeger.resources in the values of chart 4.x\nresources:\n  limits:\n    memory: 512Mi",
    ]);
    const elsewhere = new Mesh().set(jaeger, `${container} env`, [
      { name: "SPAN_STORAGE_TYPE", value: "badger" },
    ]);
    expect(ask(elsewhere.unset(jaeger, `${container} resources`))).toEqual([]);
  });
});
