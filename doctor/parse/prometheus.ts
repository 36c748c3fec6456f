/**
 * Metrics in Prometheus' text format, as far as they are read here: names, labels and values.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */

export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)/;
const label = /([a-zA-Z_][a-zA-Z0-9_.]*)="((?:[^"\\]|\\.)*)"/g;

/** @param isWanted which names are kept: servers have thousands */
export function parseMetrics(answer: string, isWanted: (name: string) => boolean): Sample[] {
  const samples: Sample[] = [];
  for (const text of answer.split("\n")) {
    if (text === "" || text.startsWith("#")) continue;
    const [, name, labels, value] = line.exec(text) ?? [];
    if (name === undefined || value === undefined || !isWanted(name)) continue;
    const number = Number(value === "+Inf" ? "Infinity" : value);
    if (Number.isNaN(number)) continue;
    samples.push({ name, labels: labelsOf(labels ?? ""), value: number });
  }
  return samples;
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name = "", value = ""] of text.matchAll(label)) {
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
  }
  return labels;
}

/**
 * The samples of a counter, by the name it has with and without the ending that newer collectors put on it, and with
 * its unit, as a reader writes it that was not told to leave units out.
 * @param name without `_total`
 */
export function counter(samples: readonly Sample[], name: string): Sample[] {
  const names = [`${name}_total`, name, `${name}__spans__total`];
  const found = names.find((one) => samples.some((sample) => sample.name === one));
  return found === undefined ? [] : samples.filter((sample) => sample.name === found);
}

export function sum(samples: readonly Sample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}

/** Sums by the value of a label. */
export function sumBy(samples: readonly Sample[], name: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { labels, value } of samples) {
    const key = labels[name] ?? "";
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  return sums;
}
