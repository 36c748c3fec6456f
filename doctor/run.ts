/** One run: reads the cluster, asks proxies twice and everybody else in between, and judges. */
import { setTimeout as sleep } from "node:timers/promises";
import { Cluster } from "../input/cluster/cluster";
import { type ClusterAccess, chosenConfig } from "../input/cluster/kubeconfig";
import { readObjects } from "../input/cluster/live";
import { enumerate } from "../findings/words";
import { InputError } from "../input/inputError";
import { kinds } from "../mesh/kinds";
import { sortedSet } from "../mesh/stableOrder";
import { checkModel } from "../policy/checkAll";
import { type Options } from "../policy/model/options";
import { TracingModel } from "../policy/model/tracingModel";
import { allRules } from "../policy/rules";
import { type Backend } from "./backend/backend";
import { collectorsOf, findBackend } from "./backend/find";
import { allChecks } from "./checks";
import { enginesIn } from "./checks/policyEngine";
import { makeGraph } from "./graph/graph";
import { judgeHops } from "./judge/judge";
import { type Facts, type ProxyFacts } from "./judge/facts";
import { namesOf } from "./judge/names";
import { routedCalls } from "./judge/routes";
import { expectedHops, type ExpectedHop, liveSenders } from "./judge/senders";
import { seenOf } from "./judge/coverage";
import { LivePods } from "./live/pods";
import { attempt, type Attempt, type Reach } from "./live/reach";
import { streamRights } from "./live/rights";
import { Streams, type StreamOptions } from "./live/streams";
import { gatewayLogs } from "./live/logs";
import { readCollectors } from "./read/collectors";
import { istiodPods, readIstiod, readIstiodMetrics } from "./read/istiod";
import { probe } from "./read/probe";
import { type ProxyQuestion, type ProxySample, sampleProxies } from "./read/proxies";
import { readTraces, type TraceReading } from "./read/traces";
import { type Diagnosis } from "./result";
import { describeWorkload } from "../policy/model/workloads";
import { type Traced } from "../policy/model/traced";

export interface DoctorOptions extends ClusterAccess {
  /** What the objects do not say by themselves. */
  mesh?: Options;
  /** Namespaces of senders to look at. @default all */
  namespaces?: readonly string[];
  /** Only what needs no traffic. */
  pre?: boolean;
  /** Sends one request to this address. */
  probe?: string;
  streams?: StreamOptions;
  /** Milliseconds between two samples. @default 6000 */
  interval?: number;
  /** Milliseconds of the past in which the backend is asked for traces. @default an hour */
  lookback?: number;
  progress?: (text: string) => void;
}

/** Cluster that is read, and what was found in it: what needs no stream. */
interface Read {
  server: string;
  model: TracingModel;
  pods: LivePods;
  senders: readonly Traced[];
  expected: readonly ExpectedHop[];
  facts: Pick<Facts, "cluster" | "model" | "forbidden" | "engines" | "findings" | "names">;
}

/** @throws ClusterError if the cluster cannot be read at all */
export async function diagnose(options: DoctorOptions): Promise<Diagnosis> {
  const began = Date.now();
  const { progress = () => undefined } = options;
  const config = await chosenConfig(options);
  progress("reading the cluster");
  const read = await readCluster(options, config.getCurrentCluster()?.server ?? "");
  const streams = new Streams(config, options.streams);
  const { model, pods, senders, expected, facts } = read;
  const collectors = collectorsOf(model, expected, pods);
  const backend = options.pre === true ? undefined : findBackend(model, pods, streams);
  const istiodPlaces = istiodPods(pods);
  const rightsAsked = streamRights(config, {
    exec: options.pre === true ? [] : senders.filter(hasProxy).map(({ workload }) => workload.namespace),
    portforward: [
      ...istiodPlaces,
      ...(options.pre === true ? [] : collectors.flatMap((one) => one.pods)),
    ].map(({ namespace }) => namespace),
  });
  progress("asking istiod");
  const istiodAsked = Promise.all(istiodPlaces.map((pod) => readIstiod(streams, pod)));
  let more: Pick<Facts, "proxies" | "collectors" | "traces" | "probe"> = {};
  if (options.pre !== true) {
    more = await askLive(options, read, { streams, backend, collectors, config, progress });
  }
  await istiodAsked;
  const later = await Promise.all(istiodPlaces.map((pod) => readIstiodMetrics(streams, pod)));
  const seen = more.traces === undefined || "why" in more.traces ? undefined : more.traces.dependencies;
  const hops = more.proxies?.hops ?? [];
  const graph = makeGraph(
    facts.names.map((one, index) => ({ ...one, isGateway: senders[index]?.membership === "gateway" })),
    hops,
    options.pre === true ? [] : routedCalls(model),
    seen !== undefined && "value" in seen ? seen.value : undefined,
  );
  const istiods = (await istiodAsked).map((istiod, index) => ({ ...istiod, later: later[index] }));
  const all: Facts = { ...facts, ...more, rights: await rightsAsked, istiods };
  const categories = allChecks(all, options.pre === true);
  return {
    success: !categories.some(({ checks }) => checks.some(({ result }) => result === "error")),
    time: new Date(began).toISOString(),
    cluster: read.server,
    categories,
    workloads: senders.map((traced, index) => row(traced, facts.names[index], more.traces)),
    hops: [...hops],
    graph,
    findings: facts.findings.filter(({ level }) => level !== "info"),
    ...(more.probe === undefined ? {} : { probe: more.probe }),
    cost: { seconds: Math.round((Date.now() - began) / 100) / 10, streams: streams.opened },
  };
}

function hasProxy({ membership }: Traced): boolean {
  return membership === "sidecar" || membership === "gateway";
}

async function readCluster(options: DoctorOptions, server: string): Promise<Read> {
  const cluster = await Cluster.of(options, {});
  const { namespaces = [] } = options;
  const isLookedAt = (namespace: string): boolean =>
    namespaces.length === 0 || namespaces.includes(namespace);
  const { objects, listed, forbidden } = await readObjects(
    cluster,
    options.mesh?.rootNamespace,
    () => false,
    isLookedAt,
  );
  const isComplete = forbidden.length === 0 && namespaces.length === 0;
  const model = TracingModel.from(objects, { ...options.mesh, isComplete });
  assertThere(namespaces, model);
  const senders = liveSenders(model, namespaces);
  return {
    server,
    model,
    pods: new LivePods(listed),
    senders,
    expected: expectedHops(model, senders),
    facts: {
      cluster: server,
      model,
      forbidden,
      engines: enginesIn(model),
      findings: checkModel(model),
      names: senders.map((traced) => namesOf(model, traced)),
    },
  };
}

/** @throws InputError for a namespace that the cluster does not have, whose senders would be nobody */
function assertThere(wanted: readonly string[], { index }: TracingModel): void {
  const known = index.of(kinds.namespace).map(({ metadata }) => metadata.name);
  // Who may not read namespaces cannot tell.
  const absent = known.length === 0 ? [] : wanted.filter((one) => !known.includes(one));
  if (absent.length === 0) return;
  throw new InputError(
    `the cluster has no namespace ${enumerate(absent)}\n  fix: choose of ${enumerate(sortedSet(known), 12)}`,
  );
}

interface Tools {
  streams: Reach;
  backend: Backend | undefined;
  collectors: ReturnType<typeof collectorsOf>;
  config: Awaited<ReturnType<typeof chosenConfig>>;
  progress: (text: string) => void;
}

async function askLive(
  options: DoctorOptions,
  { model, pods, senders, expected, facts }: Read,
  { streams, backend, collectors, config, progress }: Tools,
): Promise<Pick<Facts, "proxies" | "collectors" | "traces" | "probe">> {
  const { interval = 6_000, lookback = 3_600_000 } = options;
  const questions = questionsOf(senders, pods);
  const ports = new Set(expected.flatMap(({ way }) => way.port ?? []));
  let answered = 0;
  const tell = (round: string) => (): void => {
    answered += 1;
    progress(`asking proxies, ${round} time: ${answered} of ${questions.size}`);
  };
  const started = Date.now();
  const [first, before] = await Promise.all([
    sampleProxies(streams, questions, ports, tell("first")),
    readCollectors(streams, collectors),
  ]);
  const gateways = senders
    .filter(({ membership }) => membership === "gateway")
    .map(({ workload }) => describeWorkload(workload));
  const probed =
    options.probe === undefined
      ? undefined
      : probe(options.probe, {
          backend,
          names: facts.names,
          readLogs: () =>
            gatewayLogs(
              config,
              gateways.flatMap((name) => questions.get(name)?.pod ?? []),
            ),
        });
  progress("waiting for the second sample");
  await sleep(Math.max(0, started + interval - Date.now()));
  answered = 0;
  const asked = new Map(
    [...questions].flatMap(([key, { countsRequests }]) => {
      const answer = first.get(key);
      return answer !== undefined && "value" in answer
        ? [[key, { pod: answer.value.pod, countsRequests }] as const]
        : [];
    }),
  );
  const second = await sampleProxies(streams, asked, ports, tell("second"));
  const result = await probed;
  progress("asking the collector and the backend");
  const window = { from: Date.now() - lookback, to: Date.now() };
  const counted = facts.names
    .filter((_, index) => senders[index]?.membership === "gateway")
    .flatMap(({ proxy }) => proxy);
  const [after, traces] = await Promise.all([
    readCollectors(streams, collectors),
    backend === undefined ? undefined : attempt(() => readTraces(backend, window, counted)),
  ]);
  const tags = new Map(allRules.map((rule) => [rule.name, rule.tags]));
  const hops = judgeHops(model, expected, { first, second }, facts.findings, (rule) => tags.get(rule) ?? []);
  return {
    proxies: { hops, ...gatewayRequests(gateways, first, second) },
    collectors: { before, after },
    traces: traces === undefined ? undefined : "value" in traces ? traces.value : { why: traces.why },
    ...(result === undefined ? {} : { probe: result }),
  };
}

/** The newest pod of each workload that has a proxy: its connections were opened last. */
function questionsOf(senders: readonly Traced[], pods: LivePods): Map<string, ProxyQuestion> {
  return new Map(
    senders.filter(hasProxy).flatMap(({ workload, membership }) => {
      const isGateway = membership === "gateway";
      const all = pods.of(workload.object);
      const fit = all.filter((one) => one.hasProxy || isGateway);
      const [pod = all[0], other] = fit;
      return pod === undefined
        ? []
        : [[describeWorkload(workload), { pod, other, countsRequests: isGateway }] as const];
    }),
  );
}

function gatewayRequests(
  gateways: readonly string[],
  first: ReadonlyMap<string, Attempt<ProxySample>>,
  second: ReadonlyMap<string, Attempt<ProxySample>>,
): Pick<ProxyFacts, "gateway"> {
  const pairs = gateways.flatMap((name) => {
    const [one, two] = [first.get(name), second.get(name)];
    return one !== undefined && two !== undefined && "value" in one && "value" in two
      ? [[one.value, two.value] as const]
      : [];
  });
  if (pairs.length === 0) return {};
  return {
    gateway: {
      requests: pairs.reduce(
        (sum, [one, two]) => sum + Math.max(0, (two.requests ?? 0) - (one.requests ?? 0)),
        0,
      ),
      from: Math.min(...pairs.map(([one]) => one.time)),
      to: Math.max(...pairs.map(([, two]) => two.time)),
    },
  };
}

function row(
  traced: Traced,
  names: Facts["names"][number] | undefined,
  traces: TraceReading | { why: string } | undefined,
) {
  const { workload, membership } = traced;
  const isKnown = traces !== undefined && !("why" in traces) && "value" in traces.services;
  return {
    namespace: workload.namespace,
    workload: describeWorkload(workload),
    membership,
    ...(isKnown && names !== undefined ? { seen: seenOf(names, traces) } : {}),
  };
}
