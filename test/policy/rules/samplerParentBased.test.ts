import { describe, expect, it } from "vitest";
import { app, container, instrumented, source } from "../../../docs/generate/sample/instrumented";
import { Mesh } from "../../../docs/generate/sample/mesh";
import { byInstrumentation, environment, inContainer, inMap, own, told } from "../../fixtures/application";
import { asker, exampleFault, testRule } from "../../fixtures/rule";

testRule("sampler-parent-based", {
  faults: [
    {
      ...exampleFault("sampler-parent-based"),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
        "OTEL_TRACES_SAMPLER=traceidratio, which ignores the mesh's sampling decision and drops spans of sampled traces; use a parentbased_* sampler",
      fix: `# in data of the ConfigMap
OTEL_TRACES_SAMPLER: parentbased_traceidratio`,
    },
    {
      name: "a sampler drops everything",
      breaks: (mesh) => mesh.set(environment, "data OTEL_TRACES_SAMPLER", "always_off"),
      object: environment,
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
        "OTEL_TRACES_SAMPLER=always_off, which ignores the mesh's sampling decision and drops spans of sampled traces; use a parentbased_* sampler",
      fix: `# in data of the ConfigMap
OTEL_TRACES_SAMPLER: parentbased_always_on`,
    },
    {
      name: "a sampler takes everything",
      breaks: (mesh) => mesh.set(environment, "data OTEL_TRACES_SAMPLER", "always_on"),
      object: environment,
      level: "warning",
      message:
        "ConfigMap auth/otel-environment (read by container app of Deployment auth/auth-api) has " +
        "OTEL_TRACES_SAMPLER=always_on, which ignores the mesh's sampling decision and starts traces that the mesh does not sample; use a parentbased_* sampler",
      fix: `# in data of the ConfigMap
OTEL_TRACES_SAMPLER: parentbased_always_on`,
    },
    {
      name: "an injected SDK decides by itself",
      breaks: (mesh) => instrumented(mesh).set(source, "spec sampler type", "traceidratio"),
      object: source,
      message:
        "Instrumentation auth/sdk (read by container app of Deployment auth/auth-api) has " +
        "OTEL_TRACES_SAMPLER=traceidratio, which ignores the mesh's sampling decision and drops spans of sampled traces; use a parentbased_* sampler",
      fix: `# in spec of the Instrumentation
sampler:
  type: parentbased_traceidratio`,
    },
  ],
  harmless: [
    {
      name: "a sampler that the container's own variable keeps from being set",
      varies: (mesh) =>
        instrumented(mesh)
          .set(source, "spec sampler type", "traceidratio")
          .set(app, `${container} env`, [{ name: "OTEL_TRACES_SAMPLER_ARG", value: "0.1" }]),
    },
    {
      name: "no sampler in the Instrumentation",
      varies: (mesh) => instrumented(mesh).unset(source, "spec sampler"),
    },
    {
      name: "a sampler that a variable keeps from being set",
      varies: (mesh) =>
        instrumented(mesh)
          .set(source, "spec sampler type", "traceidratio")
          .set(source, "spec env", [{ name: "OTEL_TRACES_SAMPLER_ARG", value: "0.1" }]),
    },
  ],
});

describe("a mistake that many containers take from one object", () => {
  const ask = asker("sampler-parent-based");

  it("is said once, with the first of them and how many more there are", () => {
    const mesh = new Mesh().set(environment, "data OTEL_TRACES_SAMPLER", "always_off").copy(app, "second");
    const env = { envFrom: [{ configMapRef: { name: "otel-environment" } }] };
    mesh.set("Deployment auth/second", "spec template spec containers 1", { name: "more", ...env });
    expect(ask(mesh)).toEqual([
      `error: ${environment} (read by container app of ${app} and 2 more) has OTEL_TRACES_SAMPLER=always_off, which ignores the mesh's sampling decision and drops spans of sampled traces; use a parentbased_* sampler\n` +
        `${inMap}OTEL_TRACES_SAMPLER: parentbased_always_on`,
    ]);
  });

  it("is each one's own where they say different things, or one says it to itself", () => {
    const mesh = own({ OTEL_TRACES_SAMPLER: "always_off" });
    mesh
      .set(app, `${container} name`, "main")
      .set("ConfigMap chat/otel-environment", "data OTEL_TRACES_SAMPLER", "always_on");
    mesh.set(app, "spec template spec containers 1", {
      name: "side",
      env: [{ name: "OTEL_TRACES_SAMPLER", value: "traceidratio" }],
    });
    expect(ask(mesh).map((line) => line.split(", which")[0])).toEqual([
      `error: ${app} container main has OTEL_TRACES_SAMPLER=always_off`,
      `error: ${app} container side has OTEL_TRACES_SAMPLER=traceidratio`,
      "warning: ConfigMap chat/otel-environment (read by container app of Deployment chat/chat-api) has OTEL_TRACES_SAMPLER=always_on",
    ]);
  });
});

describe("sampler-parent-based", () => {
  const ask = asker("sampler-parent-based");
  const drops =
    "which ignores the mesh's sampling decision and drops spans of sampled traces; use a parentbased_* sampler";

  it.each(["parentbased_always_on", "parentbased_traceidratio", "parentbased_always_off", "xray", ""])(
    "%s follows the mesh",
    (sampler) => {
      expect(ask(own({ OTEL_TRACES_SAMPLER: sampler }))).toEqual([]);
    },
  );

  it("offers the parent-based form, where the variable is set", () => {
    expect(ask(own({ OTEL_TRACES_SAMPLER: "traceidratio" }))).toEqual([
      `error: ${app} container app has OTEL_TRACES_SAMPLER=traceidratio, ${drops}\n` +
        `${inContainer}OTEL_TRACES_SAMPLER\n  value: parentbased_traceidratio`,
    ]);
    expect(ask(own({ OTEL_TRACES_SAMPLER: " traceidratio" }))[0]).toContain(
      "value: parentbased_traceidratio",
    );
    expect(ask(told({ sampler: { type: "always_off" } }))).toEqual([
      `error: ${byInstrumentation} has OTEL_TRACES_SAMPLER=always_off, ${drops}\n` +
        "# in spec of the Instrumentation\nsampler:\n  type: parentbased_always_on",
    ]);
  });

  it("is no question where nothing is traced", () => {
    const objects = own({ OTEL_TRACES_SAMPLER: "always_off" }).objects.filter(
      ({ metadata }) => metadata.namespace === "auth",
    );
    expect(ask(objects)).toEqual([]);
  });
});
