import { appLabels, kialiPodLabels } from "../../mesh/labels";
import { serviceHost } from "../../mesh/dns";
import { kinds, typeMeta } from "../../mesh/kinds";
import { ports } from "../../mesh/ports";
import { entranceOf, lacksTokens } from "../model/gatewayAccess";
import { placeOf, type ServicePlace } from "../model/collector";
import {
  type Binding,
  bindingsOf,
  destinationsOf,
  knownGateways,
  podsOf,
  selectorOf,
  serversFor,
} from "../model/istioGateways";
import { jaegersOf } from "../model/jaeger";
import { type KubeObject, namespaceOf } from "../model/objects";
import { queryServices } from "../model/queryServices";
import { at, type Json, number, records, text, texts } from "../model/reading";
import { type TracingModel } from "../model/tracingModel";
import { defineRule, nameOf, type Problem } from "../rule";
import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";

/** Ports on which UIs of tracing are, whatever their Services are called. */
const uiPorts: readonly number[] = [ports.queryHttp, ports.queryGrpc, ports.kiali];

/** One broken link between a browser and a UI, and the page does not open, or others can read it. */
export const uiRoute = defineRule({
  name: "ui-route",
  description:
    "A route to Jaeger or Kiali uses a gateway that serves its host over HTTPS, and leads to a Service that works.",
  level: "warning",
  severity: "medium",
  tags: ["istio", "jaeger", "kiali"],
  url: "https://istio.io/latest/docs/reference/config/networking/gateway/",
  remediationSteps:
    "Bind the VirtualService to a Gateway that serves its host, has a certificate in the namespace of the gateway's pods and redirects HTTP to HTTPS. Route to a ClusterIP Service.",
  page: {
    why: `Four objects with different owners lie between a browser and Jaeger or Kiali: a VirtualService, a Gateway
      that serves its host, a certificate in the namespace of the gateway's pods, and a Service. Istio accepts
      each of them on its own and says nothing if they do not fit together.`,
    symptom: `The page does not open: 404 if no Gateway serves the host, 503 if the Service is headless or lacks the port,
      a connection reset if the certificate is missing. Without a redirect from HTTP, the page opens but its
      traffic can be read on the network.`,
    exceptions: `If a load balancer in front of the gateway terminates TLS, a Gateway with plain HTTP is correct. That is
      only a warning; switch it off for the stack.`,
    sources: [
      "https://istio.io/latest/docs/reference/config/networking/virtual-service/",
      "https://istio.io/latest/docs/ops/common-problems/network-issues/",
    ],
  },
  *find(model) {
    const services = new Set(queryServices(model));
    const seen = new Set<string>();
    for (const route of model.index.of(kinds.virtualService)) {
      const bindings = bindingsOf(model, route);
      const destinations = destinationsOf(route).flatMap((destination) => {
        const place = placeOf(destination.host, namespaceOf(route));
        if (place === undefined) return [];
        const service = model.index.get(kinds.service, place.namespace, place.name);
        const isUi =
          (service !== undefined && services.has(service)) || uiPorts.includes(destination.port ?? 0);
        return isUi ? [{ ...destination, place, service }] : [];
      });
      if (bindings.length === 0 || destinations.length === 0) continue;
      const problems = [
        ...destinations.flatMap((destination) => serviceProblems(model, route, destination)),
        ...bindings.flatMap((binding) => gatewayProblems(model, route, binding)),
        ...tokenProblems(model, route),
      ];
      for (const problem of problems) {
        // Two routes of one Gateway have its faults in common.
        const key = `${nameOf(problem.object)} ${problem.says}`;
        if (!seen.has(key)) yield problem;
        seen.add(key);
      }
    }
  },
});

interface Destination {
  port: number | undefined;
  place: ServicePlace;
  service?: KubeObject;
}

function serviceProblems(model: TracingModel, route: KubeObject, destination: Destination): Problem[] {
  const { port, place, service } = destination;
  const name = `Service ${place.namespace}/${place.name}`;
  if (service === undefined) {
    if (!hasUiIn(model, place.namespace, port)) return [];
    const [other] = port === ports.kiali ? [] : queryServices(model);
    return [
      {
        object: route,
        says: `routes to ${name}, which does not exist; route to a ClusterIP Service of the UI's pods`,
        fix:
          other === undefined
            ? ""
            : snippet("in the route's destination", {
                host: serviceHost(other.metadata.name, namespaceOf(other)),
              }),
      },
    ];
  }
  if (text(at(service["spec"], "clusterIP")) === "None") {
    return [
      {
        object: route,
        says: `routes to ${name}, which is headless (clusterIP: None), so the gateway returns 503; use a ClusterIP Service`,
        fix: snippet(`delete and recreate ${name} without clusterIP: None (clusterIP is immutable)`, {
          spec: { type: "ClusterIP" },
        }),
      },
    ];
  }
  const known = records(at(service["spec"], "ports")).flatMap((entry) => number(entry["port"]) ?? []);
  if (port === undefined ? known.length < 2 : known.includes(port)) return [];
  const [found, wanted] = [
    port === undefined ? "no port" : `port ${port}`,
    uiPorts.find((one) => known.includes(one)),
  ];
  return [
    {
      object: route,
      says: `routes to ${found} of ${name}; use one of its ports:${enumerate(known.map(String), 9)}`,
      fix: snippet("in the route's destination", { port: { number: wanted ?? known[0] ?? ports.queryHttp } }),
    },
  ];
}

/** Whether the pods of a UI are in the input, so that a Service of theirs that is not there is missing. */
function hasUiIn(model: TracingModel, namespace: string, port: number | undefined): boolean {
  if (port !== ports.kiali) return jaegersOf(model).some(({ workload }) => workload.namespace === namespace);
  return model.workloads.some(
    (workload) =>
      workload.namespace === namespace && workload.labels[appLabels.name] === kialiPodLabels[appLabels.name],
  );
}

function gatewayProblems(model: TracingModel, route: KubeObject, binding: Binding): Problem[] {
  const { namespace, name, gateway } = binding;
  const hosts = texts(at(route["spec"], "hosts"));
  if (gateway === undefined) {
    const others = model.index.of(kinds.istioGateway).filter((one) => namespaceOf(one) === namespace);
    if (others.length === 0) return [];
    return [
      {
        object: route,
        says: `is bound to Gateway ${namespace}/${name}, which does not exist; bind it to a Gateway that serves its host`,
        fix: snippet("in spec", {
          gateways: [`${namespace}/${others[0]?.metadata.name}`],
        }),
      },
    ];
  }
  const servers = serversFor(gateway, route);
  if (servers.length === 0) {
    return [
      {
        object: route,
        says: `is bound to ${nameOf(gateway)}, which has no server for the host ${enumerate([...hosts])}; add the host to a server`,
        fix: snippet(`in a server of spec.servers of ${nameOf(gateway)}`, { hosts }),
      },
    ];
  }
  return [
    ...podProblems(model, gateway),
    ...servers.filter(isPlain).map((server) => plainProblem(gateway, server)),
    ...servers.flatMap((server) => certificateProblems(model, gateway, server, hosts)),
  ];
}

function podProblems(model: TracingModel, gateway: KubeObject): Problem[] {
  const near = knownGateways(model).filter((pod) => pod.namespace === namespaceOf(gateway));
  const [first] = near;
  if (first === undefined || podsOf(model, gateway).length > 0) return [];
  const selector = Object.entries(selectorOf(gateway)).map(([key, value]) => `${key}=${value}`);
  const { istio, app } = first.labels;
  return [
    {
      object: gateway,
      says: `selects no gateway pods (${selector.join(", ")}), so nothing serves it; select the pods of a gateway, such as ${nameOf(first.object)}`,
      fix: snippet("in spec", { selector: istio === undefined ? { app } : { istio } }),
    },
  ];
}

function isPlain(server: Json): boolean {
  const protocol = (text(at(server, "port", "protocol")) ?? "").toUpperCase();
  return ["HTTP", "HTTP2", "GRPC"].includes(protocol) && at(server, "tls", "httpsRedirect") !== true;
}

/** No more than a warning: a load balancer in front of the gateway may be where HTTPS ends. */
function plainProblem(gateway: KubeObject, server: Json): Problem {
  const port = number(at(server, "port", "number")) ?? "without a number";
  return {
    object: gateway,
    says: `serves a tracing UI in plain HTTP on port ${port}, so tokens and traces can be read on the network; redirect to HTTPS`,
    fix: snippet(`in the server of port ${port}`, { tls: { httpsRedirect: true } }),
    level: "warning",
  };
}

/** No more than a warning: the RequestAuthentication may be somebody else's. */
function tokenProblems(model: TracingModel, route: KubeObject): Problem[] {
  const entrance = entranceOf(model, route);
  if (!lacksTokens(model, entrance)) return [];
  const { labels } = entrance.pods ?? {};
  const selector = labels?.["istio"] === undefined ? {} : { matchLabels: { istio: labels["istio"] } };
  return [
    {
      object: route,
      says: "is behind an AuthorizationPolicy that requires tokens, but no RequestAuthentication validates them, so every request is denied; add one for the gateway's pods",
      fix: snippet("add", {
        ...typeMeta(kinds.requestAuthentication),
        metadata: { name: "tokens", namespace: entrance.namespaces[0] },
        spec: {
          selector,
          jwtRules: [{ issuer: "https://login.example.com", jwksUri: "https://login.example.com/keys.json" }],
        },
      }),
      level: "warning",
    },
  ];
}

/** Gateways read the Secret of a certificate in the namespace of their pods. */
function certificateProblems(
  model: TracingModel,
  gateway: KubeObject,
  server: Json,
  hosts: readonly string[],
): Problem[] {
  const secret = text(at(server, "tls", "credentialName"));
  const pods = podsOf(model, gateway).map(({ namespace }) => namespace);
  const possible = model.traced
    .filter(({ membership }) => membership === "gateway")
    .map(({ workload }) => workload.namespace);
  const namespaces = pods.length > 0 ? pods : possible;
  const certificates = model.index
    .of(kinds.certificate)
    .filter((certificate) => text(at(certificate["spec"], "secretName")) === secret);
  const [first] = certificates;
  if (secret === undefined || first === undefined || namespaces.length === 0) return [];
  const there = certificates.filter((certificate) => namespaces.includes(namespaceOf(certificate)));
  const [own] = there;
  if (own === undefined) {
    return [
      {
        object: first,
        says: `creates Secret ${secret} in namespace ${namespaceOf(first)}, but ${nameOf(gateway)} reads it from the namespace of its pods; create it in ${enumerate([...new Set(namespaces)])}`,
        fix: snippet("in metadata", { namespace: namespaces[0] }),
      },
    ];
  }
  const missing = hosts.filter((host) => !there.some((certificate) => isFor(certificate, host)));
  if (missing.length === 0) return [];
  return [
    {
      object: own,
      says: `does not cover ${enumerate(missing)}, which ${nameOf(gateway)} serves with it; add it to spec.dnsNames`,
      fix: snippet("in spec.dnsNames", missing),
    },
  ];
}

/** A wildcard of a certificate stands for one label. */
function isFor(certificate: KubeObject, host: string): boolean {
  const names = [...texts(at(certificate["spec"], "dnsNames")), text(at(certificate["spec"], "commonName"))];
  const wanted = host.toLowerCase();
  return names.some(
    (name) =>
      name?.toLowerCase() === wanted ||
      (name?.startsWith("*.") === true && wanted.replace(/^[^.]+/, "*") === name.toLowerCase()),
  );
}
