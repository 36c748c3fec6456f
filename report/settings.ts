/** What a change sets for tracing that no trace path shows: how much is traced, how traces are passed on and kept. */
import { sdkVariables } from "../mesh/sdkSettings";
import { compare, sortedSet } from "../mesh/stableOrder";
import { enumerate } from "../findings/words";
import { jaegersOf } from "../policy/model/jaeger";
import { storeOf } from "../policy/model/jaegerStore";
import { meshSide } from "../policy/model/propagation";
import { tracingsOf } from "../policy/model/senderTracing";
import { type TracingInUse } from "../policy/model/telemetry";
import { type TracingModel } from "../policy/model/tracingModel";
import { describeWorkload } from "../policy/model/workloads";
import { engineOf } from "../policy/model/storeBackends";
import { withoutCredentials } from "./secrets";

export interface SettingChange {
  /** `sampling`, `sampler of SDKs`, `store`, … */
  what: string;
  before: string;
  after: string;
  /** Where, if not in the whole mesh: namespaces, or workloads that differ. */
  places: string[];
}

/** A setting of one place; the whole mesh's has the empty place. */
interface Setting {
  what: string;
  place: string;
  value: string;
}

/** Values come from manifests, and none of them may fill the headline. */
const longest = 60;

/** Settings that differ between two versions; those of something that is there in one version only do not. */
export function compareSettings(before: TracingModel, after: TracingModel): SettingChange[] {
  const old = new Map(settingsOf(before).map((setting) => [keyOf(setting), setting.value]));
  const changes = new Map<string, SettingChange>();
  for (const setting of settingsOf(after)) {
    const was = old.get(keyOf(setting));
    if (was === undefined || was === setting.value) continue;
    const { what, place, value } = setting;
    const key = JSON.stringify([what, was, value]);
    const known = changes.get(key);
    if (known === undefined) {
      changes.set(key, { what, before: was, after: value, places: place === "" ? [] : [place] });
    } else if (known.places.length > 0 && place !== "") known.places.push(place);
    // What changes for the whole mesh need not be told of its parts.
    else known.places = [];
  }
  return [...changes.values()].map((change) => ({ ...change, places: sortedSet(change.places) }));
}

/** `sampling 100 % → 5 % in auth and chat` */
export function settingWords({ what, before, after, places }: SettingChange, most = 3): string {
  const where = places.length === 0 ? "" : ` in ${enumerate(places, most)}`;
  return `${what} ${before} → ${after}${where}`;
}

function keyOf({ what, place }: Setting): string {
  return JSON.stringify([what, place]);
}

/** The mesh's first, then those of namespaces, SDKs and stores. */
function settingsOf(model: TracingModel): Setting[] {
  const all = [
    ...meshSettings(model),
    ...proxySettings(model),
    ...sdkSettings(model),
    ...storeSettings(model),
  ];
  return all.map(({ what, place, value }) => ({ what, place, value: clip(withoutCredentials(value)) }));
}

function meshSettings(model: TracingModel): Setting[] {
  const { tracing, collector } = model;
  if (tracing.state === "unknown") return [];
  const side = meshSide(model, model);
  const ofMesh = (what: string, value: string | undefined): Setting[] =>
    value === undefined ? [] : [{ what, place: "", value }];
  return [
    ...ofMesh("tracing of the mesh", model.mesh.sources.length > 0 ? tracing.state : undefined),
    ...ofMesh("sampling", samplingOf(tracing)),
    ...ofMesh("context propagation", side?.name),
    ...ofMesh("collector", tracing.state === "on" ? collector?.written : undefined),
  ];
}

/** Of proxies that a Telemetry, an annotation or another revision treats otherwise than the mesh, by namespace. */
function proxySettings(model: TracingModel): Setting[] {
  const values = new Map<string, Set<string>>();
  for (const sender of model.traced) {
    const own = tracingsOf(model, sender).flatMap(({ tracing }) => samplingOf(tracing) ?? []);
    if (own.length === 0) continue;
    const place = sender.workload.namespace;
    values.set(place, new Set([...(values.get(place) ?? []), ...own]));
  }
  return [...values].map(([place, found]) => ({
    what: "sampling",
    place,
    value: [...found].sort(compare).join(" and "),
  }));
}

function samplingOf({ state, sampling }: TracingInUse): string | undefined {
  return state === "on" ? `${sampling} %` : undefined;
}

/** By workload: SDKs are set one by one. */
function sdkSettings(model: TracingModel): Setting[] {
  return model.senders.flatMap(({ workload }) => {
    const environments = model.environmentsOf(workload);
    const place = describeWorkload(workload);
    const valueOf = (name: string): string[] =>
      sortedSet(environments.flatMap(({ variables }) => variables.get(name)?.value ?? []));
    const sampler = [...valueOf(sdkVariables.sampler), ...valueOf(sdkVariables.samplerArgument)];
    const propagators = valueOf(sdkVariables.propagators);
    return [
      { what: "sampler of SDKs", place, value: sampler.join(" ") },
      { what: "propagators of SDKs", place, value: propagators.join(" ") },
    ].map((setting) => ({ ...setting, value: setting.value === "" ? "by default" : setting.value }));
  });
}

function storeSettings(model: TracingModel): Setting[] {
  const jaegers = jaegersOf(model);
  return jaegers.flatMap((jaeger) => {
    const store = storeOf(jaeger, model.index);
    const engine = engineOf(jaeger, model.index);
    if (engine === undefined) return [];
    const size = store.kind === "memory" ? ` of ${store.maxTraces} traces` : "";
    const place = jaegers.length === 1 ? "" : describeWorkload(jaeger.workload);
    return [{ what: "store", place, value: `${engine}${size}` }];
  });
}

function clip(value: string): string {
  const text = value.replaceAll(/\s+/g, " ");
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
