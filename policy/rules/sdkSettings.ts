import { defaultSampler, propagators, samplers, sdkVariables, traceExporters } from "../../mesh/sdkSettings";
import { type Environment, settingOf } from "../model/environment";
import { type MeshSide, meshSideOf } from "../model/propagation";
import { meantValue, meantVariable } from "../model/slips";
import { type TracingModel } from "../model/tracingModel";
import { type Workload } from "../model/workloads";
import { listensBeside } from "../paths/ownPod";
import { defineRule } from "../rule";
import { enumerate } from "../../findings/words";
import { type Mistake, problemsOf, settingFix, written } from "../sdkProblems";

/** An SDK never refuses to start for a setting it does not know: it does something else, or nothing. */
export const sdkSettings = defineRule({
  name: "sdk-settings",
  description: "Variables for SDKs have names and values that SDKs know.",
  level: "error",
  severity: "high",
  tags: ["opentelemetry"],
  url: "https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/",
  remediationSteps: "Correct the name of the variable, or its value.",
  page: {
    why: `SDKs read a fixed list of variables and know a fixed list of values. Nothing reads a misspelt name, so
      spans go to the SDK's default, localhost. If an SDK does not know a propagator, sampler or exporter, it may
      log a line and do without; Python's raises an exception, and the agent for Java switches itself off. The
      exporter for Jaeger was removed from the SDKs in 2023 and 2024; without an
      endpoint, the exporters for Jaeger and Zipkin send to localhost.`,
    symptom: `The application works, but has no spans, or its spans form traces of their own. One line at the
      start of its log says so.`,
    exceptions: `A name that is not similar to one that SDKs read belongs to the program and is not checked, nor
      are propagators and exporters that somebody may have added. A sampler that no SDK includes is a warning.`,
    sources: [
      "https://opentelemetry.io/docs/languages/sdk-configuration/general/",
      "https://opentelemetry.io/blog/2023/jaeger-exporter-collector-migration/",
    ],
  },
  find(model) {
    return problemsOf(
      model,
      function* ({ traced, environment }): Iterable<Mistake> {
        const { workload, membership } = traced;
        const off = switchedOff(environment);
        if (off !== undefined) yield off;
        if (off?.isWhole === true) return;
        yield* misspeltNames(environment);
        yield* unknownPropagators(environment, membership === "none" ? undefined : meshSideOf(model, traced));
        yield* unknownSampler(environment);
        yield* samplerArgument(environment);
        yield* exportersToNowhere(model, workload, environment);
      },
      model.senders,
    );
  },
});

/** Who switches an SDK or its traces off means it, and others wonder where the spans are. */
function switchedOff(environment: Environment): (Mistake & { isWhole: boolean }) | undefined {
  for (const [name, off] of [
    [sdkVariables.disabled, /^true$/i],
    [sdkVariables.exporter, /^none$/],
  ] as const) {
    const { value, source, flag } = settingOf(environment, name);
    if (source === undefined || value === undefined || !off.test(value.trim())) continue;
    const says = `has ${written(name, { value, flag })}, so the program sends no spans of its own`;
    return { source, says, fix: "", level: "info", isWhole: name === sdkVariables.disabled };
  }
  return undefined;
}

function* misspeltNames(environment: Environment): Iterable<Mistake> {
  for (const [name, { value, source }] of environment.variables) {
    const meant = meantVariable(name);
    if (meant === undefined) continue;
    const { endpoint, tracesEndpoint } = sdkVariables;
    const isEndpoint = meant === endpoint || meant === tracesEndpoint;
    const isSet = (isEndpoint ? [endpoint, tracesEndpoint] : [meant]).some(
      (one) => Object.keys(settingOf(environment, one)).length > 0,
    );
    const loses = isEndpoint && !isSet && !environment.hasOthers;
    yield {
      source,
      says:
        `sets ${name}, which SDKs do not read; ${meant} is probably meant` +
        (loses ? ", and without it spans go to localhost" : ""),
      fix: value === undefined ? "" : settingFix(source, meant, value),
      ...(loses ? {} : { level: "warning" as const }),
    };
  }
}

function* unknownPropagators(environment: Environment, mesh: MeshSide | undefined): Iterable<Mistake> {
  const { value, source, flag } = settingOf(environment, sdkVariables.propagators);
  if (value === undefined || source === undefined) return;
  const listed = value.split(",").map((one) => one.trim());
  const wrong = listed.filter((one) => meantValue(one, propagators) !== undefined);
  if (wrong.length === 0) return;
  const meant = [...new Set(listed.map((one) => meantValue(one, propagators) ?? one))];
  const fits = mesh === undefined || mesh.judge(meant).outcome === "joined";
  yield {
    source,
    says:
      `has ${written(sdkVariables.propagators, { value, flag })}, and no SDK knows the propagator${wrong.length === 1 ? "" : "s"} ` +
      `${enumerate(wrong)}: it does without, or does not start`,
    fix: settingFix(source, sdkVariables.propagators, (fits ? meant : mesh.wanted).join(","), flag),
  };
}

function* unknownSampler(environment: Environment): Iterable<Mistake> {
  const { value, source, flag } = settingOf(environment, sdkVariables.sampler);
  const sampler = value?.trim() ?? "";
  // Samplers that somebody adds have names of their own, such as those of a package.
  if (source === undefined || sampler === "" || samplers.includes(sampler) || /[./:]/.test(sampler)) return;
  const meant = meantValue(sampler, samplers);
  const isJava = (environment.agent ?? environment.injected)?.language === "java";
  yield {
    source,
    says:
      `has ${written(sdkVariables.sampler, { value: sampler, flag })}, which is not a sampler that SDKs include: ` +
      (isJava ? "the agent for Java switches itself off" : `they use ${defaultSampler} instead`),
    fix: settingFix(source, sdkVariables.sampler, meant ?? defaultSampler, flag),
    ...(isJava ? {} : { level: "warning" as const }),
  };
}

/** Of what is no share, SDKs make 1, or an exception. */
function* samplerArgument(environment: Environment): Iterable<Mistake> {
  const name = sdkVariables.samplerArgument;
  const { value, source, flag } = settingOf(environment, name);
  const sampler = settingOf(environment, sdkVariables.sampler).value?.trim() ?? "";
  if (value === undefined || source === undefined || !/^(parentbased_)?traceidratio$/.test(sampler)) return;
  const share = Number(value);
  if (value.trim() !== "" && share >= 0 && share <= 1) return;
  yield {
    source,
    says: `has ${written(name, { value, flag })}, which is no share of requests from 0 to 1: SDKs sample all of them, or do not start`,
    fix: share > 1 && share <= 100 ? settingFix(source, name, String(share / 100), flag) : "",
    level: "warning",
  };
}

function* exportersToNowhere(
  model: TracingModel,
  workload: Workload,
  environment: Environment,
): Iterable<Mistake> {
  const { value, source, flag } = settingOf(environment, sdkVariables.exporter);
  if (value === undefined || source === undefined) return;
  const listed = value.split(",").map((one) => one.trim());
  const says = written(sdkVariables.exporter, { value, flag });
  const wrong = listed.filter((one) => meantValue(one, traceExporters) !== undefined);
  const fix = (exporters: readonly string[]): string =>
    settingFix(source, sdkVariables.exporter, [...new Set(exporters)].join(","), flag);
  if (wrong.length > 0) {
    yield {
      source,
      says: `has ${says}, and no SDK knows the exporter${wrong.length === 1 ? "" : "s"} ${enumerate(wrong)}: its spans are lost`,
      fix: fix(listed.map((one) => meantValue(one, traceExporters) ?? one)),
    };
    return;
  }
  for (const [exporter, setting] of [
    ["jaeger", "OTEL_EXPORTER_JAEGER_"],
    ["zipkin", "OTEL_EXPORTER_ZIPKIN_"],
  ] as const) {
    if (!listed.includes(exporter) || listed.includes("otlp")) continue;
    const isTold =
      environment.incomplete !== undefined ||
      environment.hasOthers ||
      listensBeside(model, workload) === "somebody" ||
      [...environment.variables.keys()].some((name) => name.startsWith(setting));
    if (exporter === "zipkin" && isTold) continue;
    yield {
      source,
      says:
        exporter === "jaeger"
          ? `has ${says}, an exporter that SDKs no longer include` +
            (isTold ? "" : `, and no ${sdkVariables.jaegerEndpoint}: its spans are lost`)
          : `has ${says} and no ${sdkVariables.zipkinEndpoint}, so its spans go to localhost, its own pod, which has no container that takes them`,
      fix: fix(listed.map((one) => (one === exporter ? "otlp" : one))),
      ...(isTold ? { level: "warning" as const } : {}),
    };
  }
}
