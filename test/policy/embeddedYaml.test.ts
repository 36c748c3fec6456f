/** Texts of YAML inside manifests come from anybody: none takes more memory or time than it is long. */
import { describe, expect, it } from "vitest";
import { checkAll } from "../../policy/checkAll";

const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
for (const [from, to] of ["ab", "bc", "cd", "de", "ef", "fg", "gh"].map((pair) => [...pair])) {
  bomb.push(`${to}: &${to} [${Array<string>(9).fill(`*${from}`).join()}]`);
}
const texts: [what: string, text: string][] = [
  ["aliases that stand for millions of values", bomb.join("\n")],
  ["lists in lists", `${"- ".repeat(3000)}x`],
  ["maps in maps", `${"{a: ".repeat(5000)}1${"}".repeat(5000)}`],
  ["what contains itself", "a: &a [*a]"],
];

const configMap = (namespace: string, name: string, data: object) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace },
  data,
});
const withConfig = (name: string, image: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "obs" },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          { name, image, args: ["--config=/conf/file"], volumeMounts: [{ name: "c", mountPath: "/conf" }] },
        ],
        volumes: [{ name: "c", configMap: { name } }],
      },
    },
  },
});

describe.each(texts)("%s", (_, text) => {
  it("in mesh configs, configurations of collectors and Kiali, Helm values and annotations", () => {
    const findings = checkAll([
      configMap("istio-system", "istio", { mesh: text }),
      configMap("istio-system", "kiali", { "config.yaml": text }),
      configMap("obs", "collector", { file: text }),
      withConfig("collector", "otel/opentelemetry-collector-contrib:0.140.0"),
      configMap("obs", "jaeger", { file: text }),
      withConfig("jaeger", "jaegertracing/jaeger:2.19.0"),
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Application",
        metadata: { name: "istiod", namespace: "argocd" },
        spec: {
          destination: { namespace: "istio-system" },
          source: { chart: "istiod", targetRevision: "1.31.0", helm: { values: text } },
        },
      },
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "shop", namespace: "shop", annotations: { "proxy.istio.io/config": text } },
        spec: { containers: [{ name: "shop", image: "shop:1" }] },
      },
    ]);
    expect(findings.map(({ rule, namespace, name }) => `${rule} ${namespace}/${name}`)).toContain(
      "mesh-config-sources istio-system/istio",
    );
  });
});
