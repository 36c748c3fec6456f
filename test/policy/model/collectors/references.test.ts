import { describe, expect, it } from "vitest";
import { withVariables } from "../../../../policy/model/collectors/references";
import { ObjectIndex } from "../../../../policy/model/objects";
import { workloadOf } from "../../../../policy/model/workloads";

const settings = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "observability" },
  data: { ZONE: "eu", STORE: "tempo.$(ZONE)" },
};
const container = {
  envFrom: [{ configMapRef: { name: "settings" } }],
  env: [
    { name: "PORT", value: "4317" },
    { name: "TARGET", value: "tempo-$(ZONE)" },
    { name: "MY_POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    { name: "TOKEN", valueFrom: { secretKeyRef: { name: "store", key: "token" } } },
  ],
};
const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "collector", namespace: "observability" },
  spec: { template: { spec: { containers: [container] } } },
};

describe("a collector's configuration with the variables of its container", () => {
  const read = (text: unknown, more: object = {}, own: object = container) =>
    withVariables(
      { a: [{ b: text }] },
      own as Record<string, unknown>,
      { ...workloadOf(deployment), ...more },
      new ObjectIndex([deployment, settings]),
    );

  it.each<[written: unknown, read: unknown]>([
    ["${env:TARGET}:${PORT}", "tempo-eu:4317"],
    ["http://${env:ZONE}.example", "http://eu.example"],
    ["${env:ABSENT:-jaeger}:4317", "jaeger:4317"],
    ["${env:PORT:-1}", "4317"],
    ["${env:ABSENT:-}", ""],
    ["${env:ABSENT}:4317", "${env:ABSENT}:4317"],
    ["${env:MY_POD_IP}:4317", "${env:MY_POD_IP}:4317"],
    ["${env:TOKEN:-none}", "${env:TOKEN:-none}"],
    ["$${env:PORT}", "$${env:PORT}"],
    ["${file:/etc/port}", "${file:/etc/port}"],
    [4317, 4317],
  ])("%s is %s", (written, expected) => {
    expect(read(written)).toEqual({ a: [{ b: expected }] });
  });

  it("takes no default where variables may be set that are not in the input", () => {
    const written = { a: [{ b: "${env:ABSENT:-jaeger}" }] };
    expect(read("${env:ABSENT:-jaeger}", { hypothetical: "partial" })).toEqual(written);
    const unread = {
      envFrom: [{ secretRef: { name: "elsewhere" } }, { configMapRef: { name: "settings" } }],
    };
    expect(read("${env:ABSENT:-jaeger}", {}, unread)).toEqual(written);
    expect(read("${env:ZONE:-us}", {}, unread)).toEqual({ a: [{ b: "eu" }] });
  });
});
