import { snippet } from "../../findings/snippet";
import { enumerate } from "../../findings/words";
import { meshConfigFields, objectFields } from "../../mesh/objectFields";
import { kinds } from "../../mesh/kinds";
import {
  type Slip,
  slipsIn,
  slipsOf,
  type WrongValue,
  wrongValuesIn,
  wrongValuesOf,
} from "../model/fieldSlips";
import { type KubeObject, namespaceOf } from "../model/objects";
import { tracingEntries } from "../model/telemetry";
import { type TracingModel } from "../model/tracingModel";
import { destinationsOf } from "../paths/destinations";
import { defineRule, nameOf, type Problem } from "../rule";

/** A field that nobody reads says nothing, and its object does something else than is written in it. */
export const knownFields = defineRule({
  name: "known-fields",
  description:
    "Fields of Istio's objects, of NetworkPolicies and of the mesh config have names and values that exist.",
  level: "warning",
  severity: "high",
  tags: ["istio", "kubernetes", "network-policy"],
  url: "https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation",
  remediationSteps: "Correct the field's name, or its value.",
  page: {
    why: `A field that an object does not have is dropped by the API server, or the object is refused with it: that
      depends on who applies it. Either way the object does not do what is written. A Telemetry with \`provider\`
      in place of \`providers\` traces nothing, one with another \`randomSamplingPercentage\` traces one request in
      a hundred, and a NetworkPolicy with \`egres\` lets nothing out. istiod drops fields of the mesh config that
      it does not know without a word. An object with \`mode: PERMISIVE\` is refused.`,
    symptom: `\`unknown field\` when the object is applied, or nothing at all: only \`kubectl get -o yaml\`
      shows that the field is gone.`,
    exceptions: `Only names that are close to a field's, or that a field beside them has, are reported,
      because later versions have more fields.
      Objects are checked if they can affect spans: Telemetries and NetworkPolicies, what is about the host of a
      collector, and policies where collectors are.`,
    sources: ["https://istio.io/latest/docs/reference/config/telemetry/"],
  },
  *find(model) {
    if (model.senders.length === 0) return;
    for (const kind of objectFields.keys()) {
      for (const object of model.index.of(kind)) {
        const slips = slipsOf(object);
        const wrong = wrongValuesOf(object);
        if (slips.length + wrong.length === 0 || !isAboutSpans(model, object)) continue;
        if (slips.length > 0) yield describe(object, slips);
        for (const one of wrong) yield ofValue(object, one, "the API server refuses the object");
      }
    }
    yield* ofMeshConfigs(model);
  },
});

function* ofMeshConfigs({ meshes }: TracingModel): Iterable<Problem> {
  for (const { values, sources } of new Set([meshes.main, ...meshes.byRevision.values()])) {
    const sourceOf = (written: string): KubeObject | undefined =>
      sources.findLast((one) => JSON.stringify(one).includes(written)) ?? sources.at(-1);
    for (const slip of slipsIn(values, meshConfigFields, "")) {
      const source = isProtoName(slip) ? undefined : sourceOf(slip.name);
      if (source !== undefined) yield describe(source, [slip], "mesh config, in which istiod ignores it");
    }
    for (const wrong of wrongValuesIn(values, meshConfigFields, "")) {
      const source = sourceOf(wrong.value);
      if (source !== undefined)
        yield ofValue(source, wrong, "istiod does not read the mesh config, or ignores the field");
    }
  }
}

/** istiod reads `extension_providers`, too. */
function isProtoName({ name, meant }: Slip): boolean {
  return name === meant.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const dropped = "object of its kind: the API server drops it, or refuses the object";

function describe(object: KubeObject, slips: readonly Slip[], whose = dropped): Problem {
  const names = slips.map(
    ({ path, name, meant }) => `${[path, name].filter(Boolean).join(".")} (${meant} is meant)`,
  );
  const [first] = slips;
  const isOfTelemetry = object.kind === kinds.telemetry.name;
  return {
    object,
    says: `has ${enumerate(names)}, which ${slips.length === 1 ? "is a field" : "are fields"} of no ${whose}`,
    fix: first === undefined ? "" : fixOf(object, first),
    ...(isOfTelemetry && slips.some(({ meant, inside }) => decisive.has(meant) || inside === "tracing")
      ? { level: "error" as const }
      : {}),
  };
}

/** What is refused with its value is refused whole: a Telemetry for what it says of logs, too. */
function ofValue(object: KubeObject, { path, field, value, known, meant }: WrongValue, so: string): Problem {
  return {
    object,
    says: `has ${path}.${field}: ${value}, which is none of its values (${known.join(", ")}): ${so}`,
    fix: meant === undefined ? "" : snippet(`in ${path} of ${nameOf(object)}`, { [field]: meant }),
    ...(object.kind === kinds.telemetry.name && tracingEntries(object).length > 0
      ? { level: "error" as const }
      : {}),
  };
}

/** Fields of objects that are lists. */
const lists: ReadonlySet<string> = new Set([
  "tracing",
  "egress",
  "ingress",
  "rules",
  "http",
  "tcp",
  "ports",
  "to",
  "from",
]);

function fixOf(object: KubeObject, { path, name, meant, inside, value }: Slip): string {
  const where = path === "" ? "in the mesh config" : `in ${path} of ${nameOf(object)}`;
  const head = `${where}, in place of ${name}`;
  if (inside === undefined) return snippet(head, { [meant]: value });
  return snippet(head, {
    [inside]: path.startsWith("spec") && lists.has(inside) ? [{ [name]: value }] : { [name]: value },
  });
}

/** Fields of a Telemetry without which its proxies send no spans, or those of one request in a hundred. */
const decisive: ReadonlySet<string> = new Set(["tracing", "providers", "randomSamplingPercentage"]);

/** Fields that name hosts may be the misspelt ones, so that all of the text is looked at. */
function isAboutSpans(model: TracingModel, object: KubeObject): boolean {
  const destinations = destinationsOf(model);
  switch (object.kind) {
    case kinds.telemetry.name:
    case kinds.networkPolicy.name:
    case kinds.sidecar.name:
      return true;
    case kinds.peerAuthentication.name:
    case kinds.authorizationPolicy.name: {
      const places = [model.mesh.rootNamespace, ...destinations.map(({ place }) => place.namespace)];
      return places.includes(namespaceOf(object));
    }
    default: {
      const written = JSON.stringify(object["spec"]);
      return written.includes('"*') || destinations.some(({ place }) => written.includes(place.name));
    }
  }
}
