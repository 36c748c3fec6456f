/** Labels of Jaeger's pods, by which Services select them. Stable since chart 4.0. */
export function jaegerPodLabels(release: string): Record<string, string> {
  return {
    "app.kubernetes.io/component": "all-in-one",
    "app.kubernetes.io/instance": release,
    "app.kubernetes.io/name": "jaeger",
  };
}
