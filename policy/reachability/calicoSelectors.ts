/** The part of Calico's language of selectors that says the same as a label selector of Kubernetes. */
import { namespaceNameLabel } from "../../mesh/labels";
import { type Requirement } from "./selectors";

const key = String.raw`([-\w./]+)`;
const text = String.raw`("[^"]*"|'[^']*')`;
const terms: readonly (readonly [RegExp, (values: string) => Omit<Requirement, "key">])[] = [
  [new RegExp(`^${key}\\s*==\\s*${text}$`), (value) => ({ operator: "In", values: valuesIn(value) })],
  [new RegExp(`^${key}\\s*!=\\s*${text}$`), (value) => ({ operator: "NotIn", values: valuesIn(value) })],
  [new RegExp(`^${key}\\s+in\\s*{([^}]*)}$`), (list) => ({ operator: "In", values: valuesIn(list) })],
  [
    new RegExp(`^${key}\\s+not\\s+in\\s*{([^}]*)}$`),
    (list) => ({ operator: "NotIn", values: valuesIn(list) }),
  ],
  [new RegExp(`^has\\(\\s*${key}\\s*\\)$`), () => ({ operator: "Exists", values: new Set() })],
  [new RegExp(`^!\\s*has\\(\\s*${key}\\s*\\)$`), () => ({ operator: "DoesNotExist", values: new Set() })],
];

function valuesIn(list: string): Set<string> {
  return new Set([...list.matchAll(new RegExp(text, "g"))].map(([value]) => value.slice(1, -1)));
}

/**
 * What a selector requires of the labels of pods, or of namespaces.
 * @returns undefined for alternatives, functions and labels that Calico makes up, which may mean anything
 * @see https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors
 */
export function calicoRequirements(
  selector: string,
  place: "pod" | "namespace",
): readonly Requirement[] | undefined {
  const requirements: Requirement[] = [];
  for (const part of selector.split("&&")) {
    const term = part.trim();
    if (term === "all()" || (term === "" && selector.trim() === "")) continue;
    const requirement = readTerm(term, place);
    if (requirement === undefined) return undefined;
    requirements.push(requirement);
  }
  return requirements;
}

function readTerm(term: string, place: "pod" | "namespace"): Requirement | undefined {
  for (const [pattern, read] of terms) {
    const [, label, values = ""] = pattern.exec(term) ?? [];
    if (label === undefined) continue;
    if (place === "namespace" && label === "projectcalico.org/name") {
      return { key: namespaceNameLabel, ...read(values) };
    }
    // Calico adds labels of its own, and those of namespaces and service accounts, to the pods'.
    return /^(projectcalico\.org\/|pcns\.|pcsa\.)/.test(label) ? undefined : { key: label, ...read(values) };
  }
  return undefined;
}
