/** What must hold between the sections of a stack file. */
import { type z } from "zod";
import { ports } from "../mesh/ports";
import { hasFeature, istioSince, versionText } from "../mesh/istioVersions";
import { type Sections } from "./sections";
import { neverInjected } from "../mesh/names";
import { judgePropagation, recommendedPropagation } from "../mesh/traceContext";
import { checkInstrumentation } from "./instrumentationChecks";
import { type AddMistake, says } from "./mistakes";
import { checkUi } from "./uiChecks";

type Issue = z.core.$ZodIssueCustom;

/** The mistakes between the sections that are there. */
export function crossCheck(stack: Partial<Sections>): Issue[] {
  const issues: Issue[] = [];
  const add: AddMistake = (path, rule, fix) =>
    issues.push({ code: "custom", path, message: says(rule, fix), input: undefined });
  checkTracedNamespaces(stack, add);
  checkServiceNames(stack, add);
  checkGateways(stack, add);
  checkHosts(stack, add);
  checkResolutions(stack, add);
  checkPropagators(stack, add);
  checkUi(stack, add);
  checkInstrumentation(stack, add);
  checkKiali(stack, add);
  return issues;
}

function checkTracedNamespaces({ istio, jaeger, namespaces = {} }: Partial<Sections>, add: AddMistake): void {
  const collector = jaeger?.namespace ?? istio?.rootNamespace;
  for (const [name, { isolation }] of Object.entries(namespaces)) {
    if (isolation === "restricted" && neverInjected.includes(name)) {
      add(
        ["namespaces", name, "isolation"],
        "the cluster's own pods run there, and Istio gives them no proxies: an egress policy would cut off DNS and more",
        "remove the namespace",
      );
    } else if (name === istio?.rootNamespace) {
      add(
        ["namespaces", name],
        "istiod's namespace cannot be a traced one: an egress policy would cut istiod off",
        "remove it; gateways in it are traced without being listed here",
      );
    } else if (name === collector) {
      add(
        ["namespaces", name],
        "the collector's namespace cannot be a traced one: an egress policy would cut Jaeger off",
        "set jaeger.namespace to a namespace of its own, or remove this one",
      );
    }
  }
}

function checkServiceNames({ namespaces = {} }: Partial<Sections>, add: AddMistake): void {
  for (const [name, { deployments }] of Object.entries(namespaces)) {
    const owners = new Map<string, string>();
    for (const [deployment, { serviceName = deployment }] of Object.entries(deployments)) {
      const other = owners.get(serviceName);
      if (other === undefined) owners.set(serviceName, deployment);
      else {
        add(
          ["namespaces", name, "deployments", deployment, "serviceName"],
          `deployment ${other} has the service name ${serviceName} too, and traces would mix them up`,
          "give each its own serviceName",
        );
      }
    }
  }
}

function checkGateways({ istio, gateways = [] }: Partial<Sections>, add: AddMistake): void {
  const names = gateways.map(({ namespace }) => namespace);
  names.forEach((name, index) => {
    if (names.indexOf(name) !== index) {
      add(["gateways", index, "namespace"], `${name} is listed twice`, "remove one");
    }
  });
  const installed = istio?.install?.gateway?.namespace;
  if (installed !== undefined && !names.includes(installed)) {
    add(
      ["gateways"],
      `must list ${installed}, where istio.install.gateway puts a gateway, or its spans would be blocked`,
      `add { namespace: ${installed} }`,
    );
  }
}

function checkHosts({ externalServices = {} }: Partial<Sections>, add: AddMistake): void {
  const owners = new Map<string, string>();
  for (const [name, { hosts }] of Object.entries(externalServices)) {
    hosts.forEach((host, index) => {
      const other = owners.get(host);
      if (other === undefined) owners.set(host, name);
      else {
        add(
          ["externalServices", name, "hosts", index],
          `${other} has this host too, and Istio merges the two unpredictably`,
          "keep the host in one entry",
        );
      }
    });
  }
}

function checkResolutions({ istio, externalServices = {} }: Partial<Sections>, add: AddMistake): void {
  for (const [name, { hosts, resolution }] of Object.entries(externalServices)) {
    const path = ["externalServices", name, "resolution"];
    const wildcard = hosts.find((host) => host.startsWith("*."));
    if (wildcard !== undefined && (resolution === "DNS" || resolution === "DNS_ROUND_ROBIN")) {
      add(
        path,
        `${wildcard} is a wildcard, which DNS cannot resolve`,
        "write NONE, or remove resolution to have it chosen",
      );
    }
    if (resolution === "DYNAMIC_DNS" && istio !== undefined && !hasFeature(istio.version, "dynamicDns")) {
      const since = versionText(istioSince.dynamicDns);
      add(path, `DYNAMIC_DNS works in sidecars from Istio ${since}`, "write NONE, or upgrade Istio");
    }
  }
}

function checkPropagators({ istio, otel }: Partial<Sections>, add: AddMistake): void {
  if (istio === undefined || otel?.propagators === undefined) return;
  const recommended = recommendedPropagation(hasFeature(istio.version, "w3cPropagation"));
  const verdict = judgePropagation(recommended.traceContextOption, otel.propagators);
  if (verdict.outcome === "split" || verdict.outcome === "disordered") {
    add(
      ["otel", "propagators"],
      `splits traces with ${recommended.traceContextOption}: ${verdict.reason}`,
      `write [${recommended.propagators.join(", ")}], or remove the key to have it chosen`,
    );
  }
}

function checkKiali({ kiali, prometheus }: Partial<Sections>, add: AddMistake): void {
  if (kiali?.install !== undefined && prometheus?.url === undefined) {
    add(
      ["prometheus", "url"],
      "required with kiali.install: Kiali draws its graph from Prometheus' metrics",
      `set it, like http://prometheus.monitoring:${ports.prometheus}`,
    );
  }
}
