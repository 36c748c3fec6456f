import { describe, expect, test } from "vitest";
import { parseStack } from "../../config/stack";
import { secretPlaceholder } from "../../engine/manifests";
import { outputsOf } from "../../program/outputs";
import { madeBefore, resource, run, stackOf, typesAndNames } from "../fixtures/stack";

const prometheus = { namespace: "monitoring", url: "http://prometheus.monitoring:9090" };
const stackWith = (install: object = {}, sections: Record<string, unknown> = {}, host?: string) =>
  stackOf({
    jaeger: { namespace: "obs" },
    kiali: { namespace: "mesh-ui", ...(host === undefined ? {} : { host }), install },
    prometheus,
    ...sections,
  });
const owner = { "app.kubernetes.io/part-of": "mesh-tracing", "mesh-tracing/stack": "test" };
const kialiPods = { "app.kubernetes.io/instance": "kiali", "app.kubernetes.io/name": "kiali" };
const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "TCP", port }));
const pods = (namespace: string, matchLabels: Record<string, string>) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  podSelector: { matchLabels },
});
const namespaced = (...values: string[]) => ({
  namespaceSelector: {
    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }],
  },
});
const dns = {
  to: [pods("kube-system", { "k8s-app": "kube-dns" })],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};
const policy = (name: string, spec: object) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace: "mesh-ui", labels: owner },
  spec: { podSelector: { matchLabels: kialiPods }, ...spec },
});

type Values = Record<string, Record<string, unknown>>;
const valuesOf = async (...args: Parameters<typeof stackWith>): Promise<Values> =>
  resource(await run(stackWith(...args)), "kiali-chart").inputs["values"] as Values;
const specOf = async (name: "egress" | "ingress", ...args: Parameters<typeof stackWith>) =>
  resource(await run(stackWith(...args)), `kiali-allow-kiali-${name}`).inputs["spec"] as Record<
    string,
    unknown[]
  >;

describe("what is made", () => {
  test("a key, its Secret, two policies and the chart; nothing without kiali.install", async () => {
    const without = await run(stackOf({ kiali: { namespace: "mesh-ui" }, prometheus }));
    const made = await run(stackWith({}, { jaeger: undefined }));
    const before = new Set(typesAndNames(without));
    expect(typesAndNames(made).filter((name) => !before.has(name))).toEqual([
      "kubernetes:core/v1:Secret kiali-signing-key",
      "kubernetes:helm.sh/v4:Chart kiali-chart",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy kiali-allow-kiali-egress",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy kiali-allow-kiali-ingress",
      "mesh-tracing:kiali:Kiali kiali",
      "random:index/randomPassword:RandomPassword kiali-signing-key",
    ]);
    expect([...before].filter((name) => !typesAndNames(made).includes(name))).toEqual([]);
  });

  test("everything is a child of the component, the Secret and Jaeger's Service before the pod", async () => {
    const made = await run(stackWith());
    const component = resource(made, "kiali").urn;
    const children = made.resources.filter(({ parent }) => parent === component).map(({ name }) => name);
    expect(children.sort()).toEqual([
      "kiali-allow-kiali-egress",
      "kiali-allow-kiali-ingress",
      "kiali-chart",
      "kiali-signing-key",
      "kiali-signing-key",
    ]);
    const before = madeBefore(made, "kiali-chart");
    for (const name of ["kiali-signing-key", "kiali-allow-kiali-egress", "jaeger-services-query"]) {
      expect(before).toContain(name);
    }
  });

  test("the namespace, if it is to be created, with the restricted Pod Security Standard", async () => {
    const made = await run(stackWith({ createNamespace: true }));
    expect(resource(made, "namespaces-mesh-ui").inputs).toMatchObject({
      metadata: { labels: { ...owner, "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    expect(madeBefore(made, "kiali-chart")).toContain("namespaces-mesh-ui");
  });
});

describe("the key of sessions", () => {
  test("is as long as Kiali takes, and nowhere but in the Secret", async () => {
    const { resources } = await run(stackWith());
    const made = (type: string) => resources.find((candidate) => candidate.type === type);
    const inputsOf = (type: string) => made(type)?.inputs;
    expect(made("kubernetes:core/v1:Secret")?.dependencies).toContain(
      made("random:index/randomPassword:RandomPassword")?.urn,
    );
    expect(inputsOf("random:index/randomPassword:RandomPassword")).toEqual({ length: 32, special: false });
    expect(inputsOf("kubernetes:core/v1:Secret")).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "kiali-signing-key", namespace: "mesh-ui", labels: owner },
      type: "Opaque",
      stringData: secretPlaceholder,
    });
    const elsewhere = resources.filter(({ type }) => type !== "kubernetes:core/v1:Secret");
    expect(JSON.stringify(elsewhere)).not.toContain(secretPlaceholder);
    expect((await valuesOf())["login_token"]).toEqual({ signing_key: "secret:kiali-signing-key:key" });
  });
});

describe("the chart", () => {
  test("asks for a token, reads traces by gRPC, is hardened and changes nothing", async () => {
    expect(resource(await run(stackWith()), "kiali-chart").inputs).toEqual({
      chart: "kiali-server",
      repositoryOpts: { repo: "https://kiali.org/helm-charts" },
      version: "2.29.0",
      name: "kiali",
      namespace: "mesh-ui",
      values: {
        auth: { strategy: "token" },
        clustering: { autodetect_secrets: { enabled: false } },
        deployment: {
          extra_labels: { "mesh-tracing/stack": "test" },
          network_policy: { enabled: false },
          pod_labels: { "sidecar.istio.io/inject": "false" },
          security_context: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            privileged: false,
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            seccompProfile: { type: "RuntimeDefault" },
          },
          view_only_mode: true,
        },
        external_services: {
          grafana: { enabled: false },
          istio: { root_namespace: "istio-system" },
          prometheus: { url: "http://prometheus.monitoring:9090" },
          tracing: {
            disable_version_check: true,
            enabled: true,
            internal_url: "http://jaeger-query-clusterip.obs.svc.cluster.local:16685",
            provider: "jaeger",
            use_grpc: true,
          },
        },
        kiali_feature_flags: { disabled_features: ["logs-tab"] },
        login_token: { signing_key: "secret:kiali-signing-key:key" },
        server: { web_root: "/" },
      },
    });
  });

  test("knows its own host, and links to Jaeger's", async () => {
    const values = await valuesOf({}, { jaeger: { host: "jaeger.example.com" } }, "kiali.example.com");
    expect(values["server"]).toEqual({ web_fqdn: "kiali.example.com", web_root: "/", web_schema: "https" });
    expect(values["external_services"]?.["tracing"]).toMatchObject({
      external_url: "https://jaeger.example.com",
      internal_url: "http://jaeger-query-clusterip.istio-system.svc.cluster.local:16685",
    });
  });

  test("lets people log in at an issuer, whose secret stays in a Secret of theirs", async () => {
    const openid = {
      issuerUri: "https://id.example.com",
      clientId: "kiali",
      clientSecret: "kiali-oidc",
      scopes: ["openid"],
      usernameClaim: "email",
    };
    const values = await valuesOf({ auth: { strategy: "openid", openid } });
    expect(values["auth"]).toEqual({
      strategy: "openid",
      openid: {
        client_id: "kiali",
        disable_rbac: false,
        issuer_uri: "https://id.example.com",
        scopes: ["openid"],
        username_claim: "email",
      },
    });
    expect(values["deployment"]).toMatchObject({ secret_name: "kiali-oidc" });
  });

  test("takes the stack's own values over all of this", async () => {
    const values = await valuesOf({
      values: {
        deployment: { view_only_mode: false, resources: { limits: { memory: "2Gi" } } },
        kiali_feature_flags: { disabled_features: [] },
      },
    });
    expect(values["deployment"]).toMatchObject({
      view_only_mode: false,
      resources: { limits: { memory: "2Gi" } },
      network_policy: { enabled: false },
    });
    expect(values["kiali_feature_flags"]).toEqual({ disabled_features: [] });
  });
});

describe("the policies", () => {
  test("Kiali reaches DNS, the API server, istiod, Jaeger and Prometheus; nobody but Prometheus comes", async () => {
    const made = await run(stackWith());
    expect(resource(made, "kiali-allow-kiali-egress").inputs).toEqual(
      policy("allow-kiali-egress", {
        policyTypes: ["Egress"],
        egress: [
          dns,
          { ports: tcp(443, 6443) },
          { to: [pods("istio-system", { app: "istiod" })], ports: tcp(15014) },
          { to: [pods("obs", { "app.kubernetes.io/name": "jaeger" })], ports: tcp(16685) },
          { to: [namespaced("monitoring")], ports: tcp(9090) },
        ],
      }),
    );
    expect(resource(made, "kiali-allow-kiali-ingress").inputs).toEqual(
      policy("allow-kiali-ingress", {
        policyTypes: ["Ingress"],
        ingress: [{ from: [namespaced("monitoring")], ports: tcp(9090) }],
      }),
    );
  });

  test("a host lets the gateways come", async () => {
    expect((await specOf("ingress", {}, {}, "kiali.example.com"))["ingress"]).toEqual([
      { from: [pods("edge", { istio: "ingressgateway" })], ports: tcp(20001) },
      { from: [namespaced("monitoring")], ports: tcp(9090) },
    ]);
    expect((await specOf("ingress", {}, { gateways: [] }, "kiali.example.com"))["ingress"]).toEqual([
      { from: [namespaced("monitoring")], ports: tcp(9090) },
    ]);
  });

  test("an issuer, the API server's address, Prometheus' pods and more rules, as the stack says them", async () => {
    const extra = { to: [{ ipBlock: { cidr: "10.1.0.0/16" } }], ports: [{ port: 8080, protocol: "TCP" }] };
    const install = {
      auth: {
        strategy: "openid",
        openid: { issuerUri: "https://id.example.com:8443/realm", clientId: "kiali" },
      },
      apiServer: { cidrs: ["10.0.0.1/32"], ports: [6443] },
      extraEgress: [extra],
    };
    const sections = {
      prometheus: { ...prometheus, podLabels: { app: "prometheus" }, port: 10902 },
      egress: { outsideExcept: ["10.0.0.0/8"] },
    };
    const { egress } = await specOf("egress", install, sections);
    expect(egress?.slice(1)).toEqual([
      { to: [{ ipBlock: { cidr: "10.0.0.1/32" } }], ports: tcp(6443) },
      { to: [pods("istio-system", { app: "istiod" })], ports: tcp(15014) },
      { to: [pods("obs", { "app.kubernetes.io/name": "jaeger" })], ports: tcp(16685) },
      { to: [pods("monitoring", { app: "prometheus" })], ports: tcp(10902) },
      {
        to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }, { ipBlock: { cidr: "::/0" } }],
        ports: tcp(8443),
      },
      extra,
    ]);
    const { ingress } = await specOf("ingress", install, sections);
    expect(ingress).toEqual([{ from: [pods("monitoring", { app: "prometheus" })], ports: tcp(9090) }]);
  });

  test("an issuer on the usual port", async () => {
    const openid = { issuerUri: "https://id.example.com", clientId: "kiali" };
    const { egress } = await specOf("egress", { auth: { strategy: "openid", openid } });
    expect(egress?.at(-1)).toMatchObject({ ports: tcp(443) });
  });

  test("of Jaeger's readers Kiali's pods, where this stack installs them by gRPC alone", async () => {
    const rulesOf = async (stack: ReturnType<typeof stackOf>) =>
      (
        resource(await run(stack), "network-policies-obs-allow-tracing-ingress").inputs["spec"] as {
          ingress: object[];
        }
      ).ingress.slice(2);
    const scraped = { from: [namespaced("monitoring")], ports: tcp(8888) };
    expect(await rulesOf(stackWith())).toEqual([
      { from: [pods("mesh-ui", kialiPods)], ports: tcp(16685) },
      scraped,
    ]);
    const foreign = stackOf({ jaeger: { namespace: "obs" }, kiali: { namespace: "mesh-ui" }, prometheus });
    expect(await rulesOf(foreign)).toEqual([
      { from: [pods("mesh-ui", { "app.kubernetes.io/name": "kiali" })], ports: tcp(16685, 16686) },
      scraped,
    ]);
  });
});

describe("the output kialiAddress", () => {
  const addressOf = (stack: ReturnType<typeof stackOf>) => outputsOf(parseStack(stack, "test")).kialiAddress;

  test.each([
    [
      "its host, where this stack routes it",
      stackWith({}, { ui: { certificate: { secretName: "tls" }, public: true } }, "kiali.example.com"),
      "https://kiali.example.com",
    ],
    [
      "its host and a port-forward, where others route it",
      stackWith({}, {}, "kiali.example.com"),
      "https://kiali.example.com (routed by others; if it is not: kubectl -n mesh-ui port-forward service/kiali 20001)",
    ],
    [
      "the host of another team's",
      stackOf({ kiali: { namespace: "a", host: "kiali.example.com" } }),
      "https://kiali.example.com (routed by others; if it is not: kubectl -n a port-forward service/kiali 20001)",
    ],
    ["a port-forward without one", stackWith(), "kubectl -n mesh-ui port-forward service/kiali 20001"],
    ["nothing for another team's", stackOf({ kiali: { namespace: "a" } }), undefined],
    ["nothing without Kiali", stackOf(), undefined],
  ])("is %s", (_, stack, address) => {
    expect(addressOf(stack)).toBe(address);
  });

  test("is not among the outputs of a stack that has none", () => {
    expect(Object.keys(outputsOf(parseStack(stackOf(), "test")))).not.toContain("kialiAddress");
  });
});
