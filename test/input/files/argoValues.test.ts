import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { readInput } from "../../../input/files/read";
import { ObjectIndex } from "../../../policy/model/objects";
import { chartReleases } from "../../../policy/model/charts";
import { directoryOf, documents, noStdin, read } from "../../fixtures/files";

const application = (helm: object, ...sources: object[]) => ({
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Application",
  metadata: { name: "istiod", namespace: "argocd" },
  spec: {
    destination: { namespace: "istio-system" },
    sources: [{ chart: "istiod", repoURL: "https://example.com/charts", helm }, ...sources],
  },
});
const here = { repoURL: "https://example.com/platform.git", ref: "values" };
const releaseOf = (objects: readonly unknown[]) => {
  const [release] = chartReleases(new ObjectIndex(objects));
  return { values: release?.values, incomplete: release?.incomplete };
};

describe("value files of an Application", () => {
  const files = {
    "values/base.yaml": "meshConfig: {a: 1, b: 1, c: 1}\n",
    "values/prod.yaml": "meshConfig: {b: 2, c: 2}\n",
  };

  test("in the same repository are read, in their order, under what stands in the Application", async () => {
    const helm = {
      valueFiles: ["$values/values/base.yaml", "$values/values/prod.yaml"],
      values: "meshConfig: {c: 3}\n",
    };
    const { objects, places } = await read({
      ...files,
      "apps/istiod.yaml": documents([application(helm, here)]),
    });
    expect(releaseOf(objects)).toEqual({
      values: { meshConfig: { a: 1, b: 2, c: 3 } },
      incomplete: undefined,
    });
    expect(places).toContain("apps/istiod.yaml:1");
  });

  test.each([
    ["of the chart", ["values-prod.yaml"], here],
    ["that are missing", ["$values/values/none.yaml"], here],
    ["of a source that is not there", ["$other/values/base.yaml"], here],
    ["outside", ["$values/../../../outside.yaml"], here],
  ])("%s stay what is not known", async (_, valueFiles, source) => {
    const { objects } = await read({
      ...files,
      "apps/istiod.yaml": documents([application({ valueFiles, values: "a: 1\n" }, source)]),
    });
    expect(releaseOf(objects)).toEqual({
      values: { a: 1 },
      incomplete: "its valueFiles are not part of the input",
    });
  });

  test("are looked for in the whole repository, and not above it", async () => {
    const directory = directoryOf({
      "values.yaml": "above: true\n",
      "repository/.git/HEAD": "",
      "repository/common/values.yaml": "found: true\n",
      "repository/apps/istiod.yaml": documents([
        application({ valueFiles: ["$values/common/values.yaml", "$values/values.yaml"] }, here),
      ]),
    });
    fs.mkdirSync(path.join(directory, "repository", "apps", "nested"));
    const { objects } = await readInput([path.join(directory, "repository", "apps")], noStdin);
    expect(releaseOf(objects)).toEqual({
      values: { found: true },
      incomplete: "its valueFiles are not part of the input",
    });
  });
});
