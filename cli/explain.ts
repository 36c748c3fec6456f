/** The reasoning about one path, in words. */
import { InputError } from "../input/inputError";
import { TracingModel } from "../policy/model/tracingModel";
import {
  type Answer,
  describeRef,
  type NoRule,
  type Protocol,
  type Reason,
  type Side,
  type Verdict,
} from "../policy/reachability";
import { yaml } from "../findings/snippet";

export interface Explanation {
  verdict: Verdict;
  /** Ready to print. */
  text: string;
}

interface Target {
  /** `namespace/name` or `namespace/name[Kind]`. */
  ref: string;
  port: number | string;
  protocol: Protocol;
}

/**
 * Whether `from` may connect to `to`, and why.
 * @param from `namespace/workload`
 * @param to `namespace/service:port` or `namespace/workload:port`, with `/UDP` for UDP
 * @throws InputError if the question cannot be understood
 */
export function explain(
  from: string,
  to: string,
  objects: readonly unknown[],
  { rootNamespace, format = "text" }: { rootNamespace?: string; format?: "text" | "json" },
): Explanation {
  if (!isRef(from))
    throw new InputError(`${JSON.stringify(from)} is not a workload\n  fix: write namespace/workload`);
  const target = parseTarget(to);
  // The model's view: patches applied, and Jaeger's chart as what it renders.
  const model = TracingModel.from(objects, { rootNamespace });
  const { cluster } = model;
  const start = isOnlyPatched(model, from) ? { namespace: from.split("/")[0] ?? "", labels: {} } : from;
  const service = target.ref.replace(/\[Service\]$/, "");
  const isService = !service.includes("[") && cluster.findService(service) !== undefined;
  const { port, protocol } = target;
  let answer: Answer;
  let through: string[] = [];
  try {
    if (isService) {
      const found = cluster.canReachService({ from: start, service, port, protocol });
      answer = found;
      through = found.targets.map(
        (one) =>
          `${one.target.workload.ref} on port ${one.target.port ?? "(not known)"}: ${one.answer.verdict}`,
      );
    } else answer = cluster.canReach({ from: start, to: target.ref, port, protocol });
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(error.message);
    throw error;
  }
  const { verdict, because } = answer;
  const question = { from, to: target.ref, port, protocol };
  const text =
    format === "json"
      ? `${JSON.stringify({ verdict, ...question, because }, undefined, 2)}\n`
      : inWords(answer, question, isService ? through : undefined) +
        (start === from ? "" : patchedNote(from));
  return { verdict, text };
}

/** Whether only a patch of the workload is in the input, as in a rendering of Deployments of others. */
function isOnlyPatched({ cluster, partial }: TracingModel, from: string): boolean {
  const [ref = "", kind] = from.split(/[[\]]/);
  return (
    cluster.find(from) === undefined &&
    partial.some(
      ({ kind: patched, metadata }) =>
        `${metadata.namespace}/${metadata.name}` === ref && (kind === undefined || kind === patched),
    )
  );
}

function patchedNote(from: string): string {
  return `\nOnly a patch of ${from} is in the input: it was taken for a pod without labels.\n`;
}

function isRef(text: string): boolean {
  return /^[^/\s]+\/[^/\s]+$/.test(text);
}

function parseTarget(to: string): Target {
  const [, ref, port = "", protocol = "TCP"] =
    /^([^/\s]+\/[^/\s:]+):([^/\s:]+)(?:\/([A-Za-z]+))?$/.exec(to) ?? [];
  const upper = protocol.toUpperCase();
  if (ref === undefined || !["TCP", "UDP", "SCTP"].includes(upper)) {
    throw new InputError(
      `${JSON.stringify(to)} is not a port to connect to\n` +
        "  fix: write namespace/service:port or namespace/workload:port, with /UDP behind it for UDP",
    );
  }
  return { ref, port: /^\d+$/.test(port) ? Number(port) : port, protocol: upper as Protocol };
}

function inWords(
  { verdict, because }: Answer,
  { from, to, port, protocol }: { from: string; to: string; port: number | string; protocol: Protocol },
  through: string[] | undefined,
): string {
  const sections = [
    [`${verdict}: ${from} to ${to} on ${protocol} ${port}`],
    ...(through === undefined || through.length === 0
      ? []
      : [[`Service ${to} leads to`, ...through.map(item)]]),
    ...section(
      "the question",
      because.filter(({ side }) => side === undefined),
    ),
    ...(["egress", "ingress"] as const).flatMap((side) =>
      section(
        titles[side],
        because.filter((reason) => reason.side === side),
      ),
    ),
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

const titles: Record<Side, string> = {
  egress: "egress of the source",
  ingress: "ingress of the destination",
};

function section(title: string, reasons: readonly Reason[]): string[][] {
  return reasons.length === 0
    ? []
    : [[title, ...reasons.flatMap((reason) => [item(reason.text), ...missing(reason)])]];
}

function item(text: string): string {
  return `  - ${text}`;
}

/** The lines that would open the port, where a rule for the other end is there to extend. */
function missing(reason: Reason): string[] {
  if (reason.kind !== "no-rule") return [];
  const near = reason.isolating.find(({ nearest }) => nearest?.matches === "peer" && nearest.explicit);
  if (near?.nearest === undefined) return [];
  return [`    missing in ${near.nearest.path}.ports of ${describeRef(near.policy)}:`, ...portLines(reason)];
}

function portLines({ port, protocol }: NoRule): string[] {
  return yaml([{ protocol, port }])
    .split("\n")
    .map((line) => `      ${line}`);
}
