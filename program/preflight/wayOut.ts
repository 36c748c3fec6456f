/** Which setting of the stack file decides about a finding, in lines to copy. */
import { type StackConfig } from "../../config/stack";
import { type Finding } from "../../findings/finding";
import { enumerate, wrapped } from "../../findings/words";

/** Columns of a line; Pulumi puts four spaces in front. */
export const width = 96;

export interface WayOut {
  /** What is so, where that is not plain. */
  reason?: string;
  /** Section of the stack file. */
  section: string;
  /** Whether the setting is one of each namespace. */
  isOfNamespace?: true;
  /** Each setting, with what it does; of several one is enough. */
  choices: readonly { setting: string; effect: string }[];
}

export function wayOut({ rule, namespace, name }: Finding, config: StackConfig): WayOut {
  const isolation = config.namespaces[namespace]?.isolation;
  if (rule === "mesh-baseline-egress" && isolation === "existing") {
    return {
      reason:
        "no policy of others isolates egress there, so this one, as the first, closes all that it does not list",
      section: "namespaces",
      isOfNamespace: true,
      choices: [
        { setting: "isolation: none", effect: "egress stays open, as it is" },
        {
          setting: "isolation: restricted",
          effect: "this stack isolates it, and opens DNS, istiod, the mesh and the collector",
        },
      ],
    };
  }
  if (rule === "mesh-baseline-egress") {
    return {
      section: "egress",
      choices: [
        {
          setting: "dns: …",
          effect: "where DNS is, if it is elsewhere; istio.rootNamespace says where istiod is",
        },
      ],
    };
  }
  if (rule === "trace-path-open" && isolation === "none") {
    return {
      reason: "policies of others isolate egress there",
      section: "namespaces",
      isOfNamespace: true,
      choices: [{ setting: "isolation: existing", effect: "this stack adds the way to the collector" }],
    };
  }
  if (rule === "service-entry-hosts" && name in config.externalServices) {
    return {
      section: "externalServices",
      choices: [
        { setting: `${name}: { hosts: […] }`, effect: "without the host; or without the whole entry" },
      ],
    };
  }
  const tolerate = [...new Set([...config.cluster.tolerate, rule])].join(", ");
  return {
    section: "cluster",
    choices: [{ setting: `tolerate: [${tolerate}]`, effect: "deploys all the same, with a warning" }],
  };
}

export function settingLines(
  { reason, section, isOfNamespace, choices }: WayOut,
  namespaces: readonly string[],
  stack: string,
): string[] {
  const each = isOfNamespace ? `, for ${enumerate([...new Set(namespaces)], Infinity)}` : "";
  const longest = Math.max(...choices.map(({ setting }) => setting.length));
  return [
    ...(reason === undefined ? [] : [wrapped(`why: ${reason}`, width)]),
    wrapped(`setting in Pulumi.${stack}.yaml, under mesh-tracing:${section}${each}:`, width),
    ...choices.map(
      ({ setting, effect }, index) => `  ${setting.padEnd(longest)}  # ${index === 0 ? "" : "or: "}${effect}`,
    ),
  ];
}
