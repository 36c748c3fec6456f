import { describe, expect, test } from "vitest";
import {
  appliedPatchOptions,
  type DeploymentPatchManifest,
  type LiveDeployment,
} from "../../components/appliedPatch";

interface Variable {
  name: string;
  value?: string;
  valueFrom?: object;
}
const reference = { configMapKeyRef: { name: "otel-environment", key: "OTEL_PROPAGATORS" } };
const patch: DeploymentPatchManifest = {
  metadata: {
    name: "cart",
    namespace: "shop",
    annotations: { "pulumi.com/patchFieldManager": "mesh-tracing-test" },
  },
  spec: {
    template: {
      metadata: { annotations: { "mesh-tracing/hash": "1" } },
      spec: {
        containers: [
          {
            name: "app",
            env: [
              { name: "OTEL_PROPAGATORS", valueFrom: reference },
              { name: "OTEL_SERVICE_NAME", value: "cart" },
            ],
          },
        ],
      },
    },
  },
};
const variable = { ".": {}, "f:name": {} };
const owned = {
  "f:spec": {
    "f:template": {
      "f:metadata": { "f:annotations": { "f:mesh-tracing/hash": {} } },
      "f:spec": {
        "f:containers": {
          'k:{"name":"app"}': {
            ".": {},
            "f:name": {},
            "f:env": {
              'k:{"name":"OTEL_PROPAGATORS"}': variable,
              'k:{"name":"OTEL_SERVICE_NAME"}': variable,
            } as Record<string, object>,
          },
        } as Record<string, object>,
      },
    },
  },
};
const live = {
  metadata: {
    managedFields: [
      { manager: "helm", operation: "Update", fieldsV1: {} },
      { manager: "mesh-tracing-test", operation: "Apply", fieldsV1: owned },
    ],
  },
  spec: {
    template: {
      metadata: { annotations: { "mesh-tracing/hash": "1", other: "x" } as Record<string, string> },
      spec: {
        containers: [
          { name: "proxy", env: [] as Variable[] },
          {
            name: "app",
            env: [
              { name: "A", value: "1" },
              { name: "OTEL_PROPAGATORS", valueFrom: reference, value: undefined },
              { name: "OTEL_SERVICE_NAME", value: "cart" },
              { name: "Z", value: "1" },
            ] as Variable[],
          },
        ],
      },
    },
  },
};
const optionsOf = (change: (copy: typeof live) => void = () => {}) => {
  const copy = structuredClone(live);
  change(copy);
  return appliedPatchOptions(patch, (namespace, name) =>
    namespace === "shop" && name === "cart" ? copy : undefined,
  );
};
const app = (copy: typeof live) => copy.spec.template.spec.containers[1]!;
const fields = (copy: typeof live) =>
  (copy.metadata.managedFields[1]!.fieldsV1 as typeof owned)["f:spec"]["f:template"];
const container = (copy: typeof live) =>
  fields(copy)["f:spec"]["f:containers"]['k:{"name":"app"}'] as { "f:env": Record<string, object> };

test("a patch that the Deployment has is kept out of the comparison by position", () => {
  expect(optionsOf()).toEqual({ ignoreChanges: ["spec.template.spec.containers[0]"] });
});

describe("nothing is ignored where", () => {
  test.each<[string, (copy: typeof live) => void]>([
    ["a value was changed", (copy) => (app(copy).env[2]!.value = "basket")],
    ["a reference was changed", (copy) => (app(copy).env[1]!.valueFrom = { configMapKeyRef: {} })],
    ["a variable was removed", (copy) => app(copy).env.splice(1, 1)],
    ["the variables are gone", (copy) => Object.assign(app(copy), { env: undefined })],
    ["the container is gone", (copy) => copy.spec.template.spec.containers.pop()],
    [
      "the annotation was changed",
      (copy) => (copy.spec.template.metadata.annotations["mesh-tracing/hash"] = "2"),
    ],
    [
      "the annotations are gone",
      (copy) => Object.assign(copy.spec.template.metadata, { annotations: undefined }),
    ],
    ["nothing was ever applied", (copy) => copy.metadata.managedFields.pop()],
    [
      "another stack has applied it",
      (copy) => (copy.metadata.managedFields[1]!.manager = "mesh-tracing-other"),
    ],
    ["it was written, not applied", (copy) => (copy.metadata.managedFields[1]!.operation = "Update")],
    [
      "a variable of an earlier version is left over",
      (copy) => (container(copy)["f:env"]['k:{"name":"OTEL_PYTHON_EXCLUDED_URLS"}'] = variable),
    ],
    [
      "a container of an earlier version is left over",
      (copy) => (fields(copy)["f:spec"]["f:containers"]['k:{"name":"web"}'] = {}),
    ],
    [
      "an annotation of an earlier version is left over",
      (copy) => Object.assign(fields(copy)["f:metadata"]["f:annotations"], { "f:old": {} }),
    ],
    [
      "somebody else owns a variable",
      (copy) => delete container(copy)["f:env"]['k:{"name":"OTEL_PROPAGATORS"}'],
    ],
    [
      "the provider compares the right items, container and variables being the first",
      (copy) => {
        copy.spec.template.spec.containers.shift();
        copy.spec.template.spec.containers[0]!.env.shift();
      },
    ],
  ])("%s", (_, change) => {
    expect(optionsOf(change)).toEqual({});
  });

  test("the Deployment was not read, or none was", () => {
    expect(appliedPatchOptions(patch, () => undefined)).toEqual({});
    expect(appliedPatchOptions(patch, undefined)).toEqual({});
  });

  test("a patch has annotations alone", () => {
    const { template } = patch.spec;
    const annotations = { ...patch, spec: { template: { metadata: template.metadata! } } };
    expect(appliedPatchOptions(annotations, () => live as LiveDeployment)).toEqual({});
  });
});
