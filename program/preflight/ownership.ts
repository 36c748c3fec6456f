/** Objects of others under the names of this stack's, and which of them cannot be taken over. */
import { appLabels } from "../../mesh/labels";
import { type StackConfig } from "../../config/stack";
import { byKey } from "../../mesh/stableOrder";
import { type LiveObject, mayBeOwn, ownerOf, textOf } from "./liveObject";
import { type PlannedObject } from "./plan";

/** An object of others under the name of a planned one. */
export interface Foreign {
  planned: PlannedObject;
  object: LiveObject;
}

/** How a Deployment of this stack gets out of the way of another one, by the application. */
const renamings: Readonly<Record<string, { what: string; way: string }>> = {
  jaeger: { what: "Jaeger", way: "set jaeger.release to another name" },
  kiali: { what: "Kiali", way: "set kiali.namespace to another namespace" },
};

/** Why something cannot be taken over, with the way out. */
export interface Obstacle {
  /** The same for everything that one way out is for. */
  id: string;
  text: string;
}

/** What keeps a planned object from being taken over; undefined if nothing does. */
export function obstacle(foreign: Foreign, config: StackConfig): Obstacle | undefined {
  const { planned, object } = foreign;
  const text = textOf(planned);
  const installation = installationOf(planned, config);
  if (installation !== undefined && !mayBeOwn(object, planned.manifest)) {
    return {
      id: planned.release ?? "",
      text:
        `${text} of another ${installation.what} (${ownerOf(object)}) exists: ${installation.way}, ` +
        "it is used as it is",
    };
  }
  const fixed = unchangeable(foreign);
  return fixed === undefined ? undefined : { id: text, text: fixed };
}

/** Whose an object is, and how it is used as it is where it may be this stack's own of before. */
export function ownerText({ planned, object }: Foreign, config: StackConfig): string {
  const installation = installationOf(planned, config);
  return (
    `${textOf(planned)}: ${ownerOf(object)}` +
    (installation === undefined
      ? ""
      : `; if this stack did not install it, ${installation.way} to use it as it is`)
  );
}

function installationOf({ release }: PlannedObject, config: StackConfig): Installation | undefined {
  return release === undefined ? undefined : installations(config)[release];
}

/** What Kubernetes refuses to change, so that taking over would fail half-way. */
function unchangeable({ planned, object }: Foreign): string | undefined {
  const text = textOf(planned);
  const where = planned.namespace === undefined ? "" : ` -n ${planned.namespace}`;
  if (planned.kind === "Namespace") {
    return `${text} exists: remove the create that asks for it, it is used as it is`;
  }
  if (planned.kind === "Service" && object.spec?.clusterIP === "None") {
    return `${text} is headless, which cannot be changed: kubectl${where} delete service ${planned.name}`;
  }
  const selector = selectorOf(planned);
  const renaming = renamings[selector?.[appLabels.name] ?? ""];
  if (selector !== undefined && renaming !== undefined && !selects(object, selector)) {
    return (
      `${text} selects its pods by other labels, which cannot be changed: uninstall that ${renaming.what} ` +
      `(${ownerOf(object)}), or ${renaming.way}`
    );
  }
  return undefined;
}

interface Installation {
  what: string;
  /** How it is used as it is. */
  way: string;
}

/** What a cluster has once, by the release that would install it. */
function installations({ istio }: StackConfig): Readonly<Record<string, Installation>> {
  return {
    "opentelemetry-operator": { what: "OpenTelemetry Operator", way: "remove otelOperator" },
    "cert-manager": { what: "cert-manager", way: "remove certManager" },
    istiod: { what: "Istio", way: "set istio.delivery shared and remove istio.install" },
    ...(istio.install?.gateway === undefined
      ? {}
      : {
          [istio.install.gateway.name]: {
            what: "gateway",
            way: "remove istio.install.gateway, or set istio.install.gateway.name to another name",
          },
        }),
  };
}

function selectorOf({ kind, manifest }: PlannedObject): Readonly<Record<string, string>> | undefined {
  if (kind !== "Deployment") return undefined;
  return (manifest.spec as LiveObject["spec"])?.selector?.matchLabels;
}

function selects({ spec }: LiveObject, podLabels: Readonly<Record<string, string>>): boolean {
  const selector = spec?.selector?.matchLabels ?? {};
  return JSON.stringify(byKey(selector)) === JSON.stringify(byKey(podLabels));
}
