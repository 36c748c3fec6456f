import { describe, expect, test } from "vitest";
import { type Mistake } from "../../config/mistakes";
import { managedIstio, mistakesIn, stackOf } from "../fixtures/stack";
import { chartSource, dnsLabel, exactVersion, objectName, oneOf, required, typed } from "../fixtures/words";

type Row = [what: string, section: object, mistake: Omit<Mistake, "path"> & { at: string }];

const versionRule = {
  rule: "the Istio version that runs in the cluster, as major.minor in quotes",
  fix: 'write it like "1.31"',
};
const textRule = {
  rule: "the Istio version that runs in the cluster, as text",
  fix: 'put it in quotes: "1.31"',
};
const deliveries = "shared, managed, values";
const chart = managedIstio.install.chart;
const chartText = JSON.stringify({ chart });
const installed = (changes: object) => ({
  ...managedIstio,
  install: { ...managedIstio.install, ...changes },
});

const rows: Row[] = [
  ["no version", { version: undefined }, { at: "version", value: "(not set)", ...textRule }],
  [
    "1.30 without quotes, which YAML reads as 1.3",
    { version: 1.3 },
    { at: "version", value: "1.3", ...textRule },
  ],
  ["a version without major", { version: "31" }, { at: "version", value: '"31"', ...versionRule }],
  ["another major version", { version: "2.0" }, { at: "version", value: '"2.0"', ...versionRule }],
  [
    "a version too old",
    { version: "1.22" },
    {
      at: "version",
      value: '"1.22"',
      rule: "Istio 1.23 or newer: older ones have neither telemetry.istio.io/v1 nor %TRACE_ID%",
      fix: "upgrade Istio",
    },
  ],
  ["a wrong namespace", { rootNamespace: "Istio" }, { at: "rootNamespace", value: '"Istio"', ...dnsLabel }],
  [
    "a quoted boolean",
    { createNamespace: "true" },
    { at: "createNamespace", value: '"true"', ...typed("boolean", "remove the quotes: true") },
  ],
  ["a revision with a dot", { revision: "1.31" }, { at: "revision", value: '"1.31"', ...dnsLabel }],
  [
    "no delivery",
    { delivery: undefined },
    {
      at: "delivery",
      value: "(not set)",
      rule: `required, one of ${deliveries}`,
      fix: `choose one of ${deliveries}`,
    },
  ],
  [
    "a misspelled delivery",
    { delivery: "share" },
    { at: "delivery", value: '"share"', ...oneOf(deliveries, "write shared") },
  ],
  ["a wrong name", { sharedConfigMap: "Mesh" }, { at: "sharedConfigMap", value: '"Mesh"', ...objectName }],
  ...["istio", "istio-canary"].map((name): Row => [
    `istiod's own ConfigMap ${name}`,
    { sharedConfigMap: name, revision: "canary" },
    {
      at: "sharedConfigMap",
      value: `"${name}"`,
      rule: "that ConfigMap belongs to istiod and would be overwritten",
      fix: "choose another name",
    },
  ]),
  [
    "a word for a boolean",
    { patchIstiod: "yes" },
    { at: "patchIstiod", value: '"yes"', ...typed("boolean") },
  ],
  [
    "managed without charts",
    { delivery: "managed" },
    {
      at: "install",
      value: "(not set)",
      rule: "delivery managed installs Istio and must know from where",
      fix: "add istio.install.chart",
    },
  ],
  ...["shared", "values"].map((delivery): Row => [
    `${delivery} with charts`,
    { delivery, install: { chart } },
    {
      at: "install",
      value: chartText,
      rule: `delivery ${delivery} installs nothing`,
      fix: "remove istio.install, or set delivery managed",
    },
  ]),
  [
    "charts of another minor version",
    { ...managedIstio, version: "1.30" },
    {
      at: "install.chart.version",
      value: '"1.31.2"',
      rule: "must be a patch of istio.version 1.30",
      fix: "make them agree",
    },
  ],
  [
    "charts of another major version",
    installed({ chart: { ...chart, version: "2.31.0" } }),
    {
      at: "install.chart.version",
      value: '"2.31.0"',
      rule: "must be a patch of istio.version 1.31",
      fix: "make them agree",
    },
  ],
  [
    "a number as version beside charts",
    { ...managedIstio, version: 1.31 },
    { at: "version", value: "1.31", ...textRule },
  ],
  ["no chart", installed({ chart: undefined }), { at: "install.chart", value: "(not set)", ...chartSource }],
  [
    "a word as chart",
    installed({ chart: "istiod" }),
    { at: "install.chart", value: '"istiod"', ...chartSource },
  ],
  [
    "an inexact chart version",
    installed({ chart: { ...chart, version: "1.31" } }),
    { at: "install.chart.version", value: '"1.31"', ...exactVersion },
  ],
  [
    "a repository that is not http",
    installed({ chart: { repository: "ftp://example.com", version: "1.31.2" } }),
    {
      at: "install.chart.repository",
      value: '"ftp://example.com"',
      rule: "the http(s) address of a Helm repository",
      fix: "for OCI registries use the key oci",
    },
  ],
  [
    "an OCI address without its scheme",
    installed({ chart: { oci: "registry/charts", version: "1.31.2" } }),
    {
      at: "install.chart.oci",
      value: '"registry/charts"',
      rule: "an OCI address",
      fix: "write it like oci://registry/path/chart",
    },
  ],
  [
    "an OCI address without version",
    installed({ chart: { oci: "oci://registry/charts" } }),
    { at: "install.chart.version", value: "(not set)", ...required("string") },
  ],
  [
    "an empty path",
    installed({ chart: { path: "" } }),
    {
      at: "install.chart.path",
      value: '""',
      rule: "a directory or .tgz archive",
      fix: "write it like ./charts/jaeger",
    },
  ],
  [
    "a path with a version",
    installed({ chart: { path: "./charts", version: "1.31.2" } }),
    {
      at: "install.chart.version",
      value: "(not shown)",
      rule: "known keys here are path",
      fix: "remove version",
    },
  ],
  [
    "a gateway without namespace",
    installed({ gateway: {} }),
    { at: "install.gateway.namespace", value: "(not set)", ...required("string") },
  ],
  [
    "a wrong gateway name",
    installed({ gateway: { name: "Front Door", namespace: "edge" } }),
    { at: "install.gateway.name", value: '"Front Door"', ...dnsLabel },
  ],
  [
    "a number as boolean",
    installed({ gateway: { namespace: "edge", createNamespace: 1 } }),
    { at: "install.gateway.createNamespace", value: "1", ...typed("boolean") },
  ],
  ...["base", "istiod", "gateway"].map((name): Row => [
    `text as values of ${name}`,
    installed({ values: { [name]: "text" } }),
    { at: `install.values.${name}`, value: '"text"', ...typed("record") },
  ]),
];

describe("a mistake in section istio is told once, with its fix", () => {
  test.each(rows)("%s", (_, section, { at, ...mistake }) => {
    const istio = { version: "1.31", delivery: "shared", ...section };
    expect(mistakesIn(stackOf({ istio }))).toEqual([{ path: `mesh-tracing:istio.${at}`, ...mistake }]);
  });

  test.each(["1.23", "1.31", "1.31.2", "1.100"])("version %s is right", (version) => {
    expect(mistakesIn(stackOf({ istio: { version, delivery: "shared" } }))).toEqual([]);
  });

  test.each([chart, { oci: "oci://registry/charts", version: "v1.31.0-rc.1" }, { path: "./charts" }])(
    "charts may come from %o",
    (source) => {
      expect(mistakesIn(stackOf({ istio: installed({ chart: source }) }))).toEqual([]);
    },
  );
});

describe("a mistake in section tracing is told once, with its fix", () => {
  const percentage = {
    rule: "a percentage between 0 and 100",
    fix: "write 100 for every request, 1 for one in a hundred",
  };
  test.each([
    [{}, "sampling", "(not set)", required("number")],
    [{ sampling: -0.1 }, "sampling", "-0.1", percentage],
    [{ sampling: 100.5 }, "sampling", "100.5", percentage],
    [{ sampling: "100" }, "sampling", '"100"', typed("number", "remove the quotes: 100")],
    [{ sampling: "all" }, "sampling", '"all"', typed("number")],
    [
      { sampling: 1, accessLog: "false" },
      "accessLog",
      '"false"',
      typed("boolean", "remove the quotes: false"),
    ],
  ])("%o", (tracing, at, value, words) => {
    expect(mistakesIn(stackOf({ tracing }))).toEqual([
      { path: `mesh-tracing:tracing.${at}`, value, ...words },
    ]);
  });

  test.each([0, 0.01, 100])("sampling %d is right", (sampling) => {
    expect(mistakesIn(stackOf({ tracing: { sampling } }))).toEqual([]);
  });
});
