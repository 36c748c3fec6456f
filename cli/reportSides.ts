/** Reads both sides of a comparison: renders stacks, reads manifests. */
import * as fs from "node:fs";
import * as path from "node:path";
import { Readable } from "node:stream";
import { defaultRootNamespace } from "../mesh/names";
import { readInput } from "../input/files/read";
import { ConfigMistakes } from "../config/mistakes";
import { type HelmMode } from "../engine/helm";
import { renderApart } from "../engine/renderApart";
import { readStackFile, stackNames } from "../engine/stackFile";
import { InputError } from "../input/inputError";
import { defined } from "../mesh/plainObjects";
import { type Options } from "../policy/model/options";
import { type Side, type Unreadable } from "../report/comparison";
import { stackFrom } from "../config/fromPulumi";
import { tellPassedBy } from "./command";
import { type Place } from "./reportPlaces";
import { type Scratch } from "./scratch";
import { stackOptions } from "../program/stackOptions";
import { meshConfigForIstiod } from "./stackFindings";

export interface SidesRequest {
  base: Place;
  head: Place;
  /** Needed if either side is a project. */
  stack?: string;
  /** Where `Pulumi.yaml` and the stack file are in a project. */
  cwd: string;
  helm: HelmMode;
  /** Options of the command line, over what stacks say. */
  options: Options;
  scratch: Scratch;
}

export interface Sides {
  base: Side | Unreadable;
  head: Side;
  notes: string[];
}

/** One side, before it is known what the other one is. */
interface Read {
  objects: unknown[];
  /** Undefined if nothing but the other side says. */
  options?: Options;
  notes: string[];
  /** Charts by the URN they have in both renderings: of those only in `values` the manifests are missing. */
  charts: { values: Set<string>; manifests: Set<string> };
}

const stdin = Readable.from([]);

/**
 * Reads both sides at a time.
 * @throws InputError if the head cannot be read; that the base cannot is part of the result
 */
export async function readSides(request: SidesRequest): Promise<Sides> {
  const { base, head, options } = request;
  assertStack(request);
  let [before, after] = await Promise.allSettled([read(base, "base", request), read(head, "head", request)]);
  if (before.status === "fulfilled" && after.status === "fulfilled" && isUneven(before.value, after.value)) {
    const even = { ...request, helm: "never" as const };
    [before, after] = await Promise.allSettled([
      read(base, "base-values", even),
      read(head, "head-values", even),
    ]);
    if (after.status === "fulfilled") {
      after.value.notes.push(
        "Charts are compared by their values: they could be templated on one side only.",
      );
    }
  }
  if (after.status === "rejected") throw after.reason;
  const notes = [...base.notes, ...head.notes, ...after.value.notes];
  const given = defined(options);
  const side = (place: Place, { objects, options: own }: Read, other: Options | undefined): Side => ({
    label: place.label,
    objects,
    // Of what is not there nothing is said, either.
    options: objects.length === 0 ? {} : { ...(own ?? withoutFiles(other)), ...given },
  });
  if (before.status === "rejected") {
    if (!(before.reason instanceof InputError)) throw before.reason;
    const problem = before.reason.message
      .replaceAll(`${base.path}${path.sep}`, "")
      .replaceAll(base.path, ".");
    return { base: { label: base.label, problem }, head: side(head, after.value, undefined), notes };
  }
  const [old, now] = [before.value, after.value];
  return {
    base: side(base, old, now.options),
    head: side(head, now, old.options),
    notes: [...notes, ...old.notes],
  };
}

function assertStack({ base, head, stack, cwd }: SidesRequest): void {
  const projects = [head, base].filter(({ type }) => type === "project");
  const [project] = projects;
  if (project === undefined && stack !== undefined) {
    throw new InputError(
      "--stack is for checkouts of this project, and both sides are manifests\n  fix: leave it out",
    );
  }
  if (project === undefined) return;
  if (stack === undefined) {
    const directory = path.join(project.path, cwd);
    const known = fs.existsSync(directory) ? stackNames(directory) : [];
    throw new InputError(
      known.length === 0
        ? `there is no stack file in ${directory}\n  fix: name the directory that has one with --cwd`
        : `which stack is to be compared?\n  fix: add --stack with one of ${known.join(", ")}`,
    );
  }
  // Says which stacks there are.
  const directories = projects.map((one) => path.join(one.path, cwd));
  if (!directories.some((directory) => hasStack(directory, stack))) {
    readStackFile(path.join(project.path, cwd), stack);
  }
}

function hasStack(directory: string, stack: string): boolean {
  return (
    /^[A-Za-z0-9_.-]+$/.test(stack) &&
    ["Pulumi.yaml", `Pulumi.${stack}.yaml`].every((file) => fs.existsSync(path.join(directory, file)))
  );
}

function read(place: Place, name: string, request: SidesRequest): Promise<Read> {
  return place.type === "manifests" ? readManifests(place) : readProject(place, name, request);
}

async function readManifests({ path: given, label }: Place): Promise<Read> {
  const charts = { values: new Set<string>(), manifests: new Set<string>() };
  // A commit without the directory: it comes with the head.
  if (!fs.existsSync(given)) return { objects: [], notes: [`${label} has no such directory.`], charts };
  const { objects, skipped, warnings, placeOf } = await readInput([given], stdin);
  const relative = (text: string): string => text.replaceAll(`${given}${path.sep}`, "");
  tellPassedBy({
    skipped: skipped.map((entry) => ({ ...entry, file: `${label}: ${relative(entry.file)}` })),
    warnings: warnings.map((text) => `${label}: ${relative(text)}`),
  });
  const fileOf = (object: unknown): string | undefined => {
    const found = placeOf(object);
    return found && relative(found);
  };
  if (objects.length === 0) throw new InputError(`there are no Kubernetes objects in ${label}`);
  return { objects, options: { fileOf }, notes: [], charts };
}

async function readProject(place: Place, name: string, request: SidesRequest): Promise<Read> {
  const { helm, scratch, stack = "", cwd } = request;
  const directory = path.join(place.path, cwd);
  if (!hasStack(directory, stack)) {
    const what = place === request.head ? "is removed" : "is new";
    const file = path.join(cwd, `Pulumi.${stack}.yaml`);
    const notes = [`Stack ${stack} ${what}: ${place.label} has no ${file}.`];
    return { objects: [], notes, charts: { values: new Set(), manifests: new Set() } };
  }
  const out = path.join(scratch.directory, name);
  const { resources, outputs } = await renderApart({
    directory: place.path,
    cwd,
    stack,
    helm,
    out,
    signal: scratch.signal,
  });
  const { objects } = await readInput([out], stdin);
  const options = optionsOf(directory, stack);
  const { rootNamespace = defaultRootNamespace } = options ?? {};
  const notes =
    options === undefined
      ? [
          `The stack file of ${place.label} is not one this version reads: the other side's settings are used for it.`,
        ]
      : [];
  return {
    objects: [...objects, ...meshConfigForIstiod(objects, outputs, rootNamespace)],
    options,
    notes,
    charts: {
      values: new Set(resources.flatMap(({ urn, chart }) => (chart === undefined ? [] : [urn]))),
      manifests: new Set(resources.flatMap(({ urn, chart }) => (chart === undefined ? [urn] : []))),
    },
  };
}

/** Whether a chart is there as values on one side and as manifests on the other. */
function isUneven({ charts: a }: Read, { charts: b }: Read): boolean {
  return (
    [...a.values].some((urn) => b.manifests.has(urn)) || [...b.values].some((urn) => a.manifests.has(urn))
  );
}

/** What the stack says besides its objects; undefined if another version of the project wrote it. */
function optionsOf(directory: string, stack: string): Options | undefined {
  try {
    const { project, config } = readStackFile(directory, stack);
    return stackOptions(stackFrom(config, project, stack));
  } catch (error) {
    if (error instanceof InputError || error instanceof ConfigMistakes) return undefined;
    throw error;
  }
}

function withoutFiles(options: Options | undefined): Options {
  const { fileOf: _, ...rest } = options ?? {};
  return rest;
}
