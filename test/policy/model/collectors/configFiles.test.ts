/** The configuration files of a container. */
import { describe, expect, it } from "vitest";
import {
  mountedFiles,
  mountedMaps,
  onlyFile,
  parsedConfig,
} from "../../../../policy/model/collectors/configFiles";
import { ObjectIndex } from "../../../../policy/model/objects";
import { type Workload } from "../../../../policy/model/workloads";

const configMap = (name: string, data: object, namespace = "tracing") => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace },
  data,
});
const volume = (name: string, configMapName: string) => ({ name, configMap: { name: configMapName } });
const container = { volumeMounts: [{ name: "config" }, { name: "more" }] };
const pod = {
  volumes: [
    volume("config", "a"),
    volume("other", "b"),
    {
      name: "more",
      projected: {
        sources: [{ configMap: { name: "c" } }, { secret: { name: "d" } }, { configMap: { name: "a" } }],
      },
    },
    { name: "empty" },
  ],
};

it("a container mounts ConfigMaps by volumes of their own and by parts of others, each once", () => {
  expect(mountedMaps(pod, container)).toEqual(["a", "c"]);
  expect(mountedMaps(pod, {})).toEqual([]);
  expect(mountedMaps({}, container)).toEqual([]);
});

it("files are those of its ConfigMaps that are in the input and YAML maps", () => {
  const a = configMap("a", { "a.yaml": "x: 1", "text.txt": "text", "list.yaml": "- x" });
  const index = new ObjectIndex([
    a,
    configMap("b", { "b.yaml": "x: 2" }),
    configMap("c", { "c.yaml": "x: 3" }, "other"),
  ]);
  const workload = { pod, namespace: "tracing" } as unknown as Workload;
  expect(mountedFiles(workload, container, index)).toEqual([{ config: { x: 1 }, name: "a.yaml", object: a }]);
});

it.each<[unknown, unknown]>([
  [{ a: 1 }, { a: 1 }],
  ["a: 1", { a: 1 }],
  ["- a", undefined],
  ["text", undefined],
  ["", undefined],
  ["a: [", undefined],
  ["a: '{{ .Values.a }}'", undefined],
  [["a"], undefined],
  [1, undefined],
  [undefined, undefined],
])("%j is the configuration %j", (content, config) => {
  expect(parsedConfig(content)).toEqual(config);
});

describe("the file that is meant", () => {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
  const file = (name: string, isMeant = true) => ({ name, object, config: { isMeant } });
  const only = (args: string[], ...files: ReturnType<typeof file>[]) =>
    onlyFile(files, args, ({ isMeant }) => isMeant === true)?.name;

  it("is the only one of its form, or the only one that arguments name", () => {
    const [a, b, other] = [file("a.yaml"), file("b.yaml"), file("other.yaml", false)];
    expect(only([], a, other)).toBe("a.yaml");
    expect(only([])).toBeUndefined();
    expect(only([], a, b)).toBeUndefined();
    for (const arg of ["--config=/conf/b.yaml", "--config=file:b.yaml", "--config b.yaml", "b.yaml"]) {
      expect(only(["--x", arg], a, b)).toBe("b.yaml");
    }
    expect(only(["--config=/conf/my-b.yaml"], a, b)).toBeUndefined();
    expect(only(["--config=a.yaml", "--config=b.yaml"], a, b)).toBeUndefined();
    expect(only(["--config=gone.yaml"], a)).toBe("a.yaml");
    expect(only(["--config=other.yaml"], a, other)).toBe("a.yaml");
  });
});
