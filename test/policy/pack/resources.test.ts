import { describe, expect, it } from "vitest";
import { objectOf } from "../../../policy/pack/resources";
import { resource, unknown } from "./stack";

const metadata = { name: "jaeger", namespace: "istio-system" };

function objectIn(type: string, props: object) {
  return objectOf(resource(type, "logical-name", props));
}

describe("objectOf", () => {
  it("gives an object as it is, with the resource it comes from", () => {
    const props = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { mesh: "enableTracing: true" } };
    expect(objectIn("kubernetes:core/v1:ConfigMap", props)).toEqual({
      object: props,
      urn: "urn:pulumi:dev::shop::kubernetes:core/v1:ConfigMap::logical-name",
      patch: false,
    });
  });

  it.each([
    ["kubernetes:core/v1:Service", "v1", "Service"],
    ["kubernetes:apps/v1:Deployment", "apps/v1", "Deployment"],
    ["kubernetes:apps/v1:DeploymentPatch", "apps/v1", "Deployment"],
    ["kubernetes:core/v1:ConfigMapPatch", "v1", "ConfigMap"],
    ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "networking.k8s.io/v1", "NetworkPolicy"],
    ["kubernetes:telemetry.istio.io/v1:Telemetry", "telemetry.istio.io/v1", "Telemetry"],
  ])("takes identity from the type %s where the properties have none", (type, apiVersion, kind) => {
    expect(objectIn(type, { metadata })?.object).toEqual({ apiVersion, kind, metadata });
  });

  it.each([
    ["kubernetes:apps/v1:DeploymentPatch", "Deployment", true],
    ["kubernetes:apps/v1:Deployment", "Deployment", false],
    // A kind of somebody whose name ends like a Patch resource's.
    ["kubernetes:example.com/v1:SecurityPatch", "SecurityPatch", false],
  ])("tells whether %s of kind %s is a part of an object: %s", (type, kind, patch) => {
    expect(objectIn(type, { kind, metadata })?.patch).toBe(patch);
  });

  it("leaves out what Pulumi and its provider add, and what became of the object", () => {
    const added = {
      __fieldManager: "pulumi",
      __initialApiVersion: "v1",
      id: "x",
      urn: "y",
      status: { phase: unknown },
    };
    expect(objectIn("kubernetes:core/v1:Namespace", { metadata, ...added })?.object).toEqual({
      apiVersion: "v1",
      kind: "Namespace",
      metadata,
    });
  });

  it("leaves out unknown values that the API server will fill in, and keeps all others", () => {
    const spec = { clusterIP: unknown, selector: unknown, ports: [{ port: 9411 }] };
    const object = objectIn("kubernetes:core/v1:Service", {
      metadata: { ...metadata, uid: unknown },
      spec,
    })?.object;
    expect(object).toEqual({
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: unknown, ports: [{ port: 9411 }] },
    });
    const headless = objectIn("kubernetes:core/v1:Service", {
      metadata,
      spec: { clusterIP: "None" },
    })?.object;
    expect(headless).toMatchObject({ spec: { clusterIP: "None" } });
  });

  it.each([{}, { metadata: {} }, { metadata: { name: unknown } }, { metadata: "nonsense" }])(
    "names an object without a known name after its resource: %j",
    (props) => {
      expect(objectIn("kubernetes:core/v1:Service", props)?.object.metadata).toEqual({
        name: "logical-name",
      });
    },
  );

  it.each([
    "pulumi:pulumi:Stack",
    "pulumi:providers:kubernetes",
    "mesh-tracing:jaeger:Jaeger",
    "aws:s3/bucket:Bucket",
    "kubernetes:helm.sh/v4:Chart",
    "kubernetes:helm.sh/v3:Release",
    "kubernetes:yaml/v2:ConfigGroup",
    "kubernetes:kustomize/v2:Directory",
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:SecretPatch",
  ])("takes no object from %s", (type) => {
    expect(objectIn(type, { metadata, data: { password: "plain" } })).toBeUndefined();
  });

  it.each(["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"])(
    "leaves metadata.%s out where it is not known yet, and keeps it where it is",
    (field) => {
      const of = (value: unknown) =>
        objectIn("kubernetes:core/v1:ConfigMap", { metadata: { ...metadata, [field]: value } })?.object
          .metadata;
      expect(of(unknown)).toEqual(metadata);
      expect(of("known")).toEqual({ ...metadata, [field]: "known" });
    },
  );

  it.each(["clusterIP", "clusterIPs", "healthCheckNodePort", "ipFamilies", "ipFamilyPolicy"])(
    "leaves spec.%s of a Service out where it is not known yet, and of nothing else",
    (field) => {
      const of = (type: string, value: unknown) =>
        objectIn(type, { metadata, spec: { [field]: value } })?.object["spec"];
      expect(of("kubernetes:core/v1:Service", unknown)).toEqual({});
      expect(of("kubernetes:core/v1:Service", "known")).toEqual({ [field]: "known" });
      expect(of("kubernetes:example.com/v1:Other", unknown)).toEqual({ [field]: unknown });
    },
  );

  it("takes a Service without a spec as it is", () => {
    expect(objectIn("kubernetes:core/v1:Service", { metadata, spec: "text" })?.object["spec"]).toBe("text");
  });

  it.each(["Secret", "SecretPatch", "SecretList", "SecretListPatch"])(
    "never reads a %s of the core group",
    (kind) => {
      expect(objectIn(`kubernetes:core/v1:${kind}`, { metadata })).toBeUndefined();
      expect(objectIn(`kubernetes:example.com/v1:${kind}`, { metadata })).toBeDefined();
    },
  );

  it("reads kinds that are called like Secrets", () => {
    expect(objectIn("kubernetes:core/v1:SecretStore", { metadata })).toBeDefined();
    expect(objectIn("kubernetes:core/v1:MySecret", { metadata })).toBeDefined();
  });

  it.each(["kubernetes:core/v1:Service:extra", "my-kubernetes:core/v1:Service", "kubernetes:core/v1", ""])(
    "takes no object from the type %j",
    (type) => {
      expect(objectIn(type, { metadata })).toBeUndefined();
    },
  );

  it("takes identity from what is known of it", () => {
    const of = (props: object) => {
      const { apiVersion, kind } =
        objectIn("kubernetes:example.com/core/v1:Thing", { metadata, ...props })?.object ?? {};
      return [apiVersion, kind];
    };
    expect(of({ apiVersion: unknown, kind: unknown })).toEqual(["example.com/core/v1", "Thing"]);
    expect(of({ apiVersion: "other.com/v1", kind: "Other" })).toEqual(["other.com/v1", "Other"]);
  });
});
