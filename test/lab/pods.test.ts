/** What a pod's spec means to the lab's kubelet, its DNS, and the objects that it finds. */
import { describe, expect, test } from "vitest";
import { jaegerObjects } from "../../lab/jaegerChart";
import { meshConfig, parseMesh, platform } from "../../lab/platform";
import { answerQuery } from "../../lab/pods/dns";
import { environmentOf, isInjected, programOf } from "../../lab/pods/spec";
import { namespacesOf } from "../../lab/stack";
import { stackFile } from "../../lab/project";
import { clientHeaders } from "../../lab/requests";

const pod = { name: "p", namespace: "auth", address: "10.202.0.7", labels: { app: "x" } };

describe("variables of a container", () => {
  const maps = new Map([["otel", { A: "map", B: "map" }]]);
  const of = (env: object[], envFrom: object[] = []) =>
    environmentOf({ name: "c", env: env as never, envFrom: envFrom }, pod, maps);
  const key = (name: string, own: string, optional?: boolean) => ({
    name: "V",
    valueFrom: { configMapKeyRef: { name, key: own, optional } },
  });

  test("of ConfigMaps, of fields, and its own, which win", () => {
    const fields = ["metadata.name", "status.podIP", "metadata.labels['app']"];
    const env = fields.map((fieldPath, index) => ({
      name: `F${index}`,
      valueFrom: { fieldRef: { fieldPath } },
    }));
    const all = of(
      [{ name: "A", value: "own" }, key("otel", "B"), ...env],
      [{ configMapRef: { name: "otel" } }],
    );
    expect(all).toEqual({ A: "own", B: "map", V: "map", F0: "p", F1: "10.202.0.7", F2: "x" });
  });

  test("a container whose ConfigMap is not there does not start", () => {
    expect(() => of([key("other", "A")])).toThrow("ConfigMap auth/other has no key A, which V is taken from");
    expect(() => of([], [{ configMapRef: { name: "other" } }])).toThrow("ConfigMap auth/other is not there");
    expect(of([key("other", "A", true)])).toEqual({});
  });
});

test.each([
  ["docker.io/istio/pilot:1.31.0", "istiod"],
  ["istio/proxyv2@sha256:abc", "proxy"],
  ["jaegertracing/jaeger:2.19.0", "jaeger"],
  ["lab/application:1", "application"],
  ["example/jaeger-operator:1", undefined],
  [undefined, undefined],
])("image %s is %s", (image, program) => {
  expect(programOf(image)).toBe(program);
});

test.each([
  [{}, { "istio-injection": "enabled" }, true],
  [{ "sidecar.istio.io/inject": "false" }, { "istio-injection": "enabled" }, false],
  [{ "sidecar.istio.io/inject": "true" }, {}, true],
  [{}, {}, false],
])("sidecar for %o in %o: %s", (labels, namespace, expected) => {
  expect(isInjected(labels, namespace)).toBe(expected);
});

describe("DNS", () => {
  const question = (name: string, type = 1): Buffer => {
    const labels = name.split(".").flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
    const header = Buffer.from([0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    return Buffer.concat([header, ...labels, Buffer.from([0, 0, type, 0, 1])]);
  };
  const zone = { "a.b.svc.cluster.local": ["10.203.0.1", "10.203.0.2"] };

  test("a name that there is", () => {
    const answer = answerQuery(question("A.b.svc.cluster.local"), zone)!;
    expect(answer.readUInt16BE(0)).toBe(0xabcd);
    expect(answer.readUInt16BE(2)).toBe(0x8580);
    expect(answer.readUInt16BE(6)).toBe(2);
    expect([...answer.subarray(-4)]).toEqual([10, 203, 0, 2]);
    expect([...answer.subarray(-20, -16)]).toEqual([10, 203, 0, 1]);
  });

  test("a name that there is not, and a type that it has not", () => {
    expect(answerQuery(question("example.com"), zone)!.readUInt16BE(2) & 15).toBe(3);
    const aaaa = answerQuery(question("a.b.svc.cluster.local", 28), zone)!;
    expect([aaaa.readUInt16BE(2) & 15, aaaa.readUInt16BE(6)]).toEqual([0, 0]);
  });

  test("what is no query", () => {
    expect(answerQuery(Buffer.from("hello"), zone)).toBeUndefined();
    expect(answerQuery(question("a.b").subarray(0, 16), zone)).toBeUndefined();
  });
});

describe("what the stack finds", () => {
  const namespaces = namespacesOf(stackFile("dev"));
  const objects = platform({ delivery: "shared", namespaces });
  const named = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);

  test("the two services run, the others do not", () => {
    const running = objects.filter(({ kind, spec }) => kind === "Deployment" && spec?.["replicas"] === 1);
    expect(running.map(({ metadata }) => metadata.name).sort()).toEqual([
      "auth-api",
      "istio-ingressgateway",
      "istiod",
      "kube-dns",
      "scan-api",
    ]);
    expect(Object.keys(namespaces)).toContain("chat");
    expect(named("Deployment", "chat-api")?.spec?.["replicas"]).toBe(0);
  });

  test("a team lets its pods reach no collector: that is the stack's part", () => {
    const text = JSON.stringify(named("NetworkPolicy", "team-egress"));
    for (const port of [9411, 4317, 4318]) expect(text).not.toContain(`${port}`);
    expect(text).toContain("15012");
  });

  test("providers are in the mesh configuration with delivery values alone", () => {
    const meshValues = { meshConfig: { extensionProviders: [{ name: "jaeger" }] } };
    const keys = (delivery: "shared" | "values") => parseMesh(meshConfig({ delivery, meshValues }));
    expect(keys("shared")).not.toHaveProperty("extensionProviders");
    expect(keys("values")).toMatchObject({ extensionProviders: [{ name: "jaeger" }] });
    expect(keys("values")).toMatchObject({ rootNamespace: "istio-system" });
  });
});

test("Jaeger's objects are what its chart makes of the stack's values, as far as traces go", () => {
  const jaeger = { args: ["--a"], extraEnv: [{ name: "GOMEMLIMIT", value: "1" }], podLabels: { hash: "h" } };
  const [deployment, service] = jaegerObjects({ fullnameOverride: "jaeger", jaeger }, "mesh", "release");
  const labels = {
    "app.kubernetes.io/component": "all-in-one",
    "app.kubernetes.io/instance": "release",
    "app.kubernetes.io/name": "jaeger",
  };
  expect(deployment).toMatchObject({
    metadata: { name: "jaeger", namespace: "mesh" },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, hash: "h" } },
        spec: { containers: [{ args: ["--a"], env: expect.arrayContaining(jaeger.extraEnv) as unknown }] },
      },
    },
  });
  expect(service).toMatchObject({ kind: "Service", spec: { selector: labels } });
});

test("headers of clients that trace themselves", () => {
  expect(clientHeaders("plain", "t", "s")).toEqual({});
  expect(clientHeaders("traceparent", "t", "s")).toEqual({ traceparent: "00-t-s-01" });
  expect(clientHeaders("b3", "t", "s")).toEqual({
    "x-b3-traceid": "t",
    "x-b3-spanid": "s",
    "x-b3-sampled": "1",
  });
});
