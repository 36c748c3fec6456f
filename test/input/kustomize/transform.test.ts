import { expect, test } from "vitest";
import { readKustomization } from "../../../input/kustomize/kustomization";
import { transformed } from "../../../input/kustomize/transform";

/** Objects as a kustomization with these fields leaves them. */
function built(fields: string, ...objects: object[]): unknown[] {
  const kustomization = readKustomization("kustomization.yaml", fields);
  if (kustomization === undefined) throw new Error(`no kustomization: ${fields}`);
  return transformed(objects, kustomization);
}
const meta = { name: "web", namespace: "old" };
const deployment = (spec: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: meta,
  spec,
});
const service = { apiVersion: "v1", kind: "Service", metadata: meta, spec: { selector: { app: "web" } } };

test("a namespace is that of every object but those of the cluster; a Namespace is called so", () => {
  const role = { apiVersion: "v1", kind: "Namespace", metadata: { name: "old", labels: { a: "b" } } };
  const policy = {
    apiVersion: "cilium.io/v2",
    kind: "CiliumClusterwideNetworkPolicy",
    metadata: { name: "p" },
  };
  expect(built("namespace: new", service, role, policy)).toEqual([
    { ...service, metadata: { name: "web", namespace: "new" } },
    { ...role, metadata: { name: "new", labels: { a: "b" } } },
    policy,
  ]);
});

test.each<[string, string, object, object]>([
  [
    "to the objects alone",
    "labels: [{pairs: {env: prod}}]",
    service,
    { ...service, metadata: { ...meta, labels: { env: "prod" } } },
  ],
  [
    "to templates",
    "labels: [{pairs: {env: prod}, includeTemplates: true}]",
    deployment({ template: { metadata: { labels: { app: "web" } } } }),
    {
      ...deployment({ template: { metadata: { labels: { app: "web", env: "prod" } } } }),
      metadata: { ...meta, labels: { env: "prod" } },
    },
  ],
  [
    "to selectors and templates",
    "commonLabels: {env: prod}",
    deployment({ selector: { matchLabels: { app: "web" } } }),
    {
      ...deployment({
        selector: { matchLabels: { app: "web", env: "prod" } },
        template: { metadata: { labels: { env: "prod" } } },
      }),
      metadata: { ...meta, labels: { env: "prod" } },
    },
  ],
  [
    "to a Service's pods",
    "labels: [{pairs: {env: prod}, includeSelectors: true}]",
    service,
    {
      ...service,
      metadata: { ...meta, labels: { env: "prod" } },
      spec: { selector: { app: "web", env: "prod" } },
    },
  ],
])("labels go %s", (_, fields, object, expected) => {
  expect(built(fields, object)).toEqual([expected]);
});

test("labels go to pods that policies name by labels, and to no others", () => {
  const policy = (labels: object) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "p", labels: { env: "prod" } },
    spec: {
      podSelector: {},
      ingress: [{ from: [{ namespaceSelector: {} }, { podSelector: { matchLabels: labels } }] }],
      egress: [{ ports: [{ port: 1 }] }, { to: [{ podSelector: { matchExpressions: [] } }] }],
    },
  });
  expect(built("commonLabels: {env: prod}", policy({ app: "web" }))).toEqual([
    policy({ app: "web", env: "prod" }),
  ]);
});

test("annotations go to pods, too", () => {
  expect(built('commonAnnotations: {"sidecar.istio.io/inject": "false"}', deployment())).toEqual([
    {
      ...deployment({ template: { metadata: { annotations: { "sidecar.istio.io/inject": "false" } } } }),
      metadata: { ...meta, annotations: { "sidecar.istio.io/inject": "false" } },
    },
  ]);
});

test("prefixes and suffixes are of names, and of what pods call ConfigMaps and Secrets of the same build", () => {
  const pods = (config: string, secret: string, other: string) =>
    deployment({
      template: {
        spec: {
          volumes: [{ configMap: { name: config } }, { secret: { secretName: secret } }],
          containers: [{ envFrom: [{ configMapRef: { name: other } }, { secretRef: { name: secret } }] }],
        },
      },
    });
  const object = (kind: string, name: string) => ({ apiVersion: "v1", kind, metadata: { name } });
  expect(
    built(
      "namePrefix: a-\nnameSuffix: -z",
      pods("c", "s", "other"),
      object("ConfigMap", "c"),
      object("Secret", "s"),
    ),
  ).toEqual([
    { ...pods("a-c-z", "a-s-z", "other"), metadata: { ...meta, name: "a-web-z" } },
    object("ConfigMap", "a-c-z"),
    object("Secret", "a-s-z"),
  ]);
  expect(built("namePrefix: a-", object("Namespace", "shop"))).toEqual([object("Namespace", "shop")]);
});

test("replicas are set by name", () => {
  expect(built("replicas: [{name: web, count: 0}, {name: other, count: 3}]", deployment())).toEqual([
    deployment({ replicas: 0 }),
  ]);
});

test.each([
  [
    "jaegertracing/jaeger:2.0.0",
    "{name: jaegertracing/jaeger, newTag: 2.19.0}",
    "jaegertracing/jaeger:2.19.0",
  ],
  ["jaeger:1@sha256:ab", "{name: jaeger, digest: 'sha256:cd'}", "jaeger@sha256:cd"],
  ["host:5000/jaeger", "{name: 'host:5000/jaeger', newName: mirror/jaeger}", "mirror/jaeger"],
  ["jaeger:1", "{name: jaeger, newName: mirror/jaeger}", "mirror/jaeger:1"],
  ["other:1", "{name: jaeger, newTag: '2'}", "other:1"],
])("image %s with %s is %s", (image, entry, expected) => {
  const pods = (name: string) => deployment({ template: { spec: { containers: [{ image: name }] } } });
  expect(built(`images: [${entry}]`, pods(image))).toEqual([pods(expected)]);
});
