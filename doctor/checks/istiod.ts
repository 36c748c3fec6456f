/** Does istiod know the provider, and do proxies take what it sends? */
import { isDeepStrictEqual } from "node:util";
import { count, enumerate } from "../../findings/words";
import { istiodLabels } from "../../mesh/labels";
import { istioContainers } from "../../mesh/names";
import { at, record, shown } from "../../policy/model/reading";
import { groupBy } from "../../mesh/maps";
import { istiodMetrics, tracingProviders } from "../parse/istiod";
import { type Sample, sum } from "../parse/prometheus";
import { type Facts } from "../judge/facts";
import { toldBy } from "../judge/causes";
import { type IstiodReading } from "../read/istiod";
import { type Hop } from "../judge/hop";
import { type Check, checkOf, type Result, worst } from "../result";
import { askAgain, listPods, readLog } from "./advice";

const findIstiod = `${listPods("", `app=${istiodLabels.app}`)} shows whether istiod runs, and where`;

export function istiodChecks(facts: Facts): Check[] {
  return [providerCheck(facts), pushCheck(facts)];
}

export function proxyConfigChecks(facts: Facts): Check[] {
  return [rejectedCheck(facts), bootstrapCheck(facts)];
}

/** What an istiod did not answer, by why. */
function silenceOf({ pod, mesh, unanswered }: IstiodReading): string[] {
  if (mesh === undefined && !unanswered.some(({ path }) => path === "/debug/mesh"))
    return [`${pod} answers /debug/mesh with no mesh config`];
  return Array.from(
    groupBy(unanswered, ({ why }) => why),
    ([why, paths]) => `${pod} does not answer ${enumerate(paths.map(({ path }) => path))}: ${why}`,
  );
}

function providerCheck(facts: Facts): Check {
  const { istiods, model, findings } = facts;
  const answer = checkOf("istiod-provider");
  const explained = toldBy(
    findings,
    /^(mesh-provider|telemetry-(?!sampling)|mesh-config-sources|collector-host)/,
  );
  const wanted = model.tracing.providerName;
  const answered = istiods.filter(({ mesh }) => mesh !== undefined);
  if (answered.length === 0) {
    const why = istiods.length === 0 ? ["no pod of istiod runs"] : istiods.flatMap(silenceOf);
    return answer(
      explained.length > 0 ? "error" : "not checked",
      [...explained, ...why],
      istiods.length === 0 ? findIstiod : askAgain(facts),
    );
  }
  const lines = answered.map(({ pod, mesh }): [Result, string] => {
    const providers = tracingProviders(mesh ?? {});
    const legacy = at(mesh, "defaultConfig", "tracing", "zipkin", "address");
    if (wanted === undefined) {
      if (typeof legacy === "string") return ["success", `${pod}: ${legacy}, of defaultConfig.tracing`];
      return ["error", `${pod}: nothing names a tracing provider (${model.tracing.reason})`];
    }
    const found = providers.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
    if (found !== undefined)
      return ["success", `${pod}: ${found.name} is ${found.type} at ${found.service}:${found.port ?? "?"}`];
    const known =
      providers.length === 0 ? "none that sends spans" : enumerate(providers.map(({ name }) => name));
    return ["error", `${pod} has no provider ${wanted}; it has ${known}`];
  });
  const failures = counted(istiods, (name) => name.startsWith(istiodMetrics.providerFailures));
  const lookup: [Result, string][] =
    failures.total > 0
      ? [
          [
            explained.length > 0 ? "error" : failures.isOver ? "success" : "warning",
            `${istiodMetrics.providerFailures} is ${failures.total}: istiod has not found the provider's Service that often since it started${failures.note}`,
          ],
        ]
      : [];
  const result = explained.length > 0 ? "error" : worst([...lines, ...lookup].map(([one]) => one));
  return answer(
    result,
    [...[...lines, ...lookup].map(([, line]) => line), ...explained],
    result === "success"
      ? ""
      : `define it in the mesh config that istiod reads: kubectl -n ${model.mesh.rootNamespace} get configmap istio -o yaml`,
  );
}

function pushCheck(facts: Facts): Check {
  const { istiods } = facts;
  const answer = checkOf("istiod-pushes");
  const answered = istiods.filter(({ metrics }) => metrics.length > 0);
  if (answered.length === 0) {
    const why = istiods.length === 0 ? "no pod of istiod runs" : "istiod has no metrics of pushes";
    // Counters appear with the first failure.
    const isAsked = istiods.some(({ unanswered }) => !unanswered.some(({ path }) => path === "/metrics"));
    if (isAsked) return answer("success", ["no failure was counted"]);
    return answer("not checked", [why], istiods.length === 0 ? findIstiod : askAgain(facts));
  }
  const names = [...istiodMetrics.pushErrors, ...istiodMetrics.rejects];
  const counts = answered.flatMap((istiod) =>
    names.flatMap((name) => {
      const { total, isOver, note } = counted([istiod], (one) => one === name || one === `${name}_total`);
      const line = `${istiod.pod}: ${name} ${total} since it started${note}`;
      return total > 0 ? [{ line, isOver, pod: istiod.pod }] : [];
    }),
  );
  const lines = counts.map(({ line }) => line);
  if (lines.length === 0) return answer("success", ["no failure was counted"]);
  if (counts.every(({ isOver }) => isOver)) return answer("success", lines);
  const growing = counts.find(({ isOver }) => !isOver)?.pod;
  return answer("warning", lines, readLog(growing, "which proxy and which resource"));
}

/**
 * Counters count since istiod started, so that what was put right since then is in them, too: only what has grown while
 * the doctor looked is so now.
 */
function counted(
  istiods: readonly IstiodReading[],
  isMeant: (name: string) => boolean,
): { total: number; isOver: boolean; note: string } {
  const all = (samples: readonly Sample[]): number => sum(samples.filter(({ name }) => isMeant(name)));
  const total = istiods.reduce((number, { metrics, later }) => number + all(later ?? metrics), 0);
  const isLooked = istiods.every(({ later }) => later !== undefined);
  const recent = istiods.reduce(
    (number, { metrics, later }) => number + all(later ?? metrics) - all(metrics),
    0,
  );
  if (!isLooked) return { total, isOver: false, note: "" };
  return {
    total,
    isOver: recent <= 0,
    note: recent > 0 ? `, ${recent} of them just now` : ", none of them just now",
  };
}

function rejectedCheck(facts: Facts): Check {
  const { istiods, findings, proxies } = facts;
  const answer = checkOf("proxy-config");
  const known = istiods.flatMap(({ proxies: connected }) => connected);
  const rejected = known.flatMap(({ pod, rejected: kinds }) =>
    kinds.map(({ kind, error }) => `${pod} has not taken ${kind}${error === undefined ? "" : `: ${error}`}`),
  );
  const missing = (proxies?.hops ?? []).filter(
    ({ verdict, evidence, pod }) =>
      verdict === "no endpoint" && pod !== undefined && evidence.includes("no cluster"),
  );
  const lines = [
    ...rejected.slice(0, 10),
    ...missing.map(
      ({ workload, receiver, port }) => `${workload} has no cluster for ${receiver}:${port ?? ""}`,
    ),
  ];
  if (lines.length > 0) {
    const explained = toldBy(findings, /^(collector-visible|mesh-provider|collector-service)$/, "warning");
    return answer(
      "error",
      [...lines, ...explained],
      readLog(
        podOf(known.find((proxy) => proxy.rejected.length > 0)?.pod) ?? missingPod(missing[0]),
        "what it did not take",
        istioContainers.proxy,
      ),
    );
  }
  if (known.length === 0) return answer("not checked", ["istiod reports no proxies"], askAgain(facts));
  return answer("success", [`${count(known.length, "proxy")} connected to istiod, none refuses anything`]);
}

/** `cart-7d9.shop` as `shop/cart-7d9`; names of pods may have dots, names of namespaces have none. */
function podOf(proxy: string | undefined): string | undefined {
  const [, name, namespace] = /^(.+)\.([^.]+)$/.exec(proxy ?? "") ?? [];
  return name === undefined ? undefined : `${namespace}/${name}`;
}

function missingPod(hop: Hop | undefined): string | undefined {
  return hop?.pod === undefined ? undefined : `${hop.namespace}/${hop.pod}`;
}

/** What is in a proxy's bootstrap is read once, when it starts. */
function bootstrapCheck(facts: Facts): Check {
  const { istiods, model } = facts;
  const answer = checkOf("proxy-bootstrap");
  const known = istiods.flatMap(({ proxies }) => proxies).filter(({ tracing }) => tracing !== undefined);
  if (known.length === 0)
    return answer("not checked", ["istiod does not report what proxies started with"], askAgain(facts));
  const now = record(istiods.map(({ mesh }) => at(mesh, "defaultConfig", "tracing")).find(Boolean));
  // Providers are sent while proxies run; the older setting is not. What only a pod's annotation sets is its own.
  const wanted = record(at(now, "zipkin"))["address"];
  const stale = known.filter(({ tracing }) => {
    const had = at(tracing, "zipkin", "address");
    if (model.tracing.legacyAddress !== undefined) return !isDeepStrictEqual(had, wanted);
    return typeof wanted === "string" && had !== undefined && had !== wanted;
  });
  if (stale.length === 0)
    return answer("success", [`${count(known.length, "proxy")} compared with the mesh config`]);
  return answer(
    "error",
    stale
      .slice(0, 10)
      .map(
        ({ pod, tracing }) =>
          `${pod} sends to ${shown(at(tracing, "zipkin", "address") ?? "nobody")}, the mesh config says ${shown(wanted ?? "nobody")}`,
      ),
    `restart them, as with kubectl -n ${stale[0]?.pod.split(".").at(-1)} rollout restart deployment`,
  );
}
