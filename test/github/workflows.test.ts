/** What must hold of every workflow and action, whatever they do. */
import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const root = path.resolve(__dirname, "..", "..");

interface Step {
  name?: string;
  env?: Record<string, string>;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  permissions?: Record<string, string>;
  steps?: Step[];
  uses?: string;
  environment?: unknown;
  env?: Record<string, string>;
  "timeout-minutes"?: number;
  if?: string;
  strategy?: { matrix?: Record<string, unknown> };
}

interface Workflow {
  on: Record<string, unknown> | string;
  permissions?: unknown;
  jobs: Record<string, Job>;
}

const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");
const workflowFiles = fs
  .readdirSync(path.join(root, ".github", "workflows"))
  .map((name) => path.join(".github", "workflows", name));
const actionFiles = ["action.yml", path.join(".github", "actions", "pulumi", "action.yml")];
const workflows = workflowFiles.map((file) => [file, parse(read(file)) as Workflow] as const);
const jobs = workflows.flatMap(([file, { jobs }]) =>
  Object.entries(jobs).map(([name, job]) => [`${file} ${name}`, job] as const),
);
const runs = [
  ...jobs.flatMap(([name, { steps = [] }]) => steps.map((step) => [name, step] as const)),
  ...actionFiles.flatMap((file) =>
    (parse(read(file)) as { runs: { steps: Step[] } }).runs.steps.map((step) => [file, step] as const),
  ),
];

describe("every workflow", () => {
  test.each([...workflowFiles, ...actionFiles])("%s uses actions by commit, with their version", (file) => {
    const uses = read(file)
      .split("\n")
      .filter((line) => /^\s*(- )?uses:/.test(line))
      .filter((line) => !line.includes("uses: ./"));
    for (const line of uses) {
      expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test.each(workflows)("%s has no permission that a job does not ask for", (_, { permissions }) => {
    expect(permissions).toEqual({});
  });

  test.each(jobs.filter(([, { uses }]) => uses === undefined))(
    "%s says its permissions and ends some time",
    (_, job) => {
      expect(job.permissions).toBeDefined();
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
    },
  );

  test.each(runs.filter(([, { run }]) => run !== undefined))(
    "%s: no expression in a script, where its value could be a command",
    (_, { run }) => {
      expect(run).not.toContain("${{");
    },
  );

  test.each(runs.filter(([, { uses }]) => uses?.startsWith("actions/checkout@")))(
    "%s: leaves no token behind",
    (_, step) => {
      expect(step.with).toMatchObject({ "persist-credentials": false });
    },
  );
});

describe("secrets", () => {
  const withSecrets = jobs.flatMap(([name, { uses, steps = [], ...job }]) => {
    // A workflow that is called gets them by name.
    if (uses === undefined) expect(JSON.stringify(job), name).not.toContain("secrets.");
    return steps
      .filter((step) => JSON.stringify(step).includes("secrets."))
      .map((step) => [name, step] as const);
  });

  test("are in the steps that talk to backend and cluster, and in no other", () => {
    expect(withSecrets.map(([name, step]) => `${path.basename(name)} ${step.name}`)).toEqual([
      "deploy-stack.yml preview Preview",
      "deploy-stack.yml up Up",
      "pull-request.yml preview Preview",
    ]);
  });

  test.each(withSecrets)("%s: are variables of one command", (_, { run, env, uses, with: inputs }) => {
    expect([uses, inputs]).toEqual([undefined, undefined]);
    expect(run).toContain('.github/scripts/with-stack.sh "$STACK" ');
    expect(Object.entries(env ?? {}).filter(([, value]) => value.includes("secrets."))).toEqual([
      ["PULUMI_ACCESS_TOKEN", "${{ secrets.PULUMI_ACCESS_TOKEN }}"],
      ["PULUMI_CONFIG_PASSPHRASE", "${{ secrets.PULUMI_CONFIG_PASSPHRASE }}"],
      ["KUBECONFIG_CONTENT", "${{ secrets.KUBECONFIG }}"],
    ]);
  });

  test("no install runs scripts of packages", () => {
    const installs = [...runs.flatMap(([, { run = "" }]) => run), read(path.join(".ci", "run"))]
      .flatMap((text) => text.split("\n"))
      .filter((line) => /\bnpm (ci|install)\b/.test(line));
    expect(installs.length).toBeGreaterThan(3);
    for (const line of installs) expect(line).toContain("--ignore-scripts");
  });
});

describe("a stranger's pull request", () => {
  const inPullRequest = workflows.filter(([, { on }]) => JSON.stringify(on).includes("pull_request"));

  test("is run by one workflow", () => {
    expect(inPullRequest.map(([file]) => path.basename(file))).toEqual(["pull-request.yml"]);
  });

  test("reaches no secret", () => {
    const secret = Object.values(inPullRequest[0]![1].jobs).filter((job) =>
      JSON.stringify(job).includes("secrets."),
    );
    expect(secret).toHaveLength(1);
    expect(secret[0]!.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
    expect(secret[0]!.environment).toBe("${{ matrix.stack }}-preview");
  });

  test("runs with a token that may read", () => {
    for (const [name, job] of Object.entries(inPullRequest[0]![1].jobs)) {
      const executesItsCode = job.steps!.some(({ run }) => run !== undefined);
      const may = executesItsCode ? { contents: "read" } : { ...job.permissions };
      expect(job.permissions, name).toEqual(may);
    }
  });
});

test("what may write executes nothing of a pull request", () => {
  const writing = jobs.filter(([, { permissions }]) => Object.values(permissions ?? {}).includes("write"));
  expect(writing.map(([name]) => path.basename(name))).toEqual([
    "pull-request-comment.yml comment",
    "pull-request.yml code-scanning",
  ]);
  for (const [name, { steps = [] }] of writing) {
    const checkout = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    // In a run of workflow_run that is the default branch, as long as no ref is asked for.
    if (name.includes("comment")) expect(checkout[0]!.with).not.toHaveProperty("ref");
    else expect(checkout).toEqual([]);
  }
});

test("every stack of the project is previewed and deployed", () => {
  const stacks = fs
    .readdirSync(root)
    .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
    .sort();
  const pullRequest = parse(read(path.join(".github", "workflows", "pull-request.yml"))) as Workflow;
  expect(pullRequest.jobs["preview"]!.strategy!.matrix!["stack"]).toEqual(stacks);
  const deploy = parse(read(path.join(".github", "workflows", "deploy.yml"))) as Workflow;
  expect(Object.keys(deploy.jobs)).toEqual(["tests", ...stacks]);
});

test("every script that a step names is there and may be executed", () => {
  const scripts = runs.flatMap(([, { run = "" }]) => run.match(/\.github\/scripts\/[\w-]+\.sh/g) ?? []);
  expect(new Set(scripts).size).toBe(6);
  for (const script of scripts) fs.accessSync(path.join(root, script), fs.constants.X_OK);
});

describe("the documentation of what to set up", () => {
  const page = read(path.join("docs", "github.md"));
  const rows = page
    .slice(page.indexOf("### What to set up"))
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const cellsOf = (where: RegExp) => rows.filter(([place = ""]) => where.test(place));

  test("has every secret and variable that the workflows take, and no other", () => {
    const taken = (kind: string) =>
      new Set(
        workflowFiles.flatMap((file) =>
          Array.from(read(file).matchAll(new RegExp(`${kind}\\.(\\w+)`, "g")), ([, name]) => `\`${name}\``),
        ),
      );
    const named = (where: RegExp) => new Set(cellsOf(where).map(([, name]) => name));
    expect(named(/^Secret/)).toEqual(taken("secrets"));
    expect(named(/variable$/)).toEqual(taken("vars"));
  });

  test("gives deployments reviewers and one branch, and previews what only reads", () => {
    const stacks = ["dev", "prod"];
    const deployed = `Environments ${stacks.map((stack) => `\`${stack}\``).join(", ")}`;
    expect(rows.filter(([place]) => place === deployed).map(([, name]) => name)).toEqual([
      "Required reviewers",
      "Deployment branches: `main` only",
    ]);
    const previews = `Environments ${stacks.map((stack) => `\`${stack}-preview\``).join(", ")}`;
    expect(rows.find(([place]) => place === previews)?.[2]).toContain("**they must only read**");
    const secrets: Record<string, string | undefined> = Object.fromEntries(
      cellsOf(/^Secret/).map(([, name = "", what = ""]) => [name, what]),
    );
    expect(secrets["`KUBECONFIG`"]).toContain("for previews, of an account with the roles");
    expect(secrets["`PULUMI_ACCESS_TOKEN`"]).toContain("for previews, of a team or account with read access");
    expect(cellsOf(/^Branch protection of `main`$/)).toHaveLength(1);
    const roles = Array.from(
      read(path.join("docs", "backends.md")).matchAll(/^ {2}name: (mesh-tracing-\w+)$/gm),
      ([, name]) => name!,
    );
    for (const role of ["mesh-tracing-read", "mesh-tracing-judge"]) {
      expect(roles).toContain(role);
      expect(secrets["`KUBECONFIG`"]).toContain(`\`${role}\``);
    }
  });
});

test("the documentation of the action has its inputs and their defaults", () => {
  const { inputs } = parse(read("action.yml")) as { inputs: Record<string, { default: string }> };
  const rows = read(path.join("docs", "github.md")).matchAll(/^\| `([\w-]+)` +\| (?:`([^`]*)`)? *\|/gm);
  const documented = [...rows].map(([, name, value = ""]) => [name, value]);
  expect(documented.filter(([name]) => name! in inputs)).toEqual(
    Object.entries(inputs).map(([name, { default: value }]) => [name, value]),
  );
});
