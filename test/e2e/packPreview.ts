/** Previews with the policy pack, on a copy of the project that a test may break. */
import * as fs from "node:fs";
import * as path from "node:path";
import { expect } from "vitest";
import { workspace, type Workspace } from "./realEngine";

/** A copy of the project whose stack is rendered, so that no cluster is needed. */
export async function rendering(name: string): Promise<Workspace> {
  const project = await workspace(name);
  await project.stack.setConfig("kubernetes:renderYamlToDirectory", {
    value: path.join(project.directory, "..", "output"),
  });
  return project;
}

/**
 * What `pulumi preview --policy-pack policy` prints, and whether it succeeds.
 * @param config levels and limits of the pack's policies
 */
export async function previewWithPack(
  { stack, directory }: Workspace,
  config?: object,
): Promise<{ succeeded: boolean; output: string }> {
  const policyPackConfigs = config === undefined ? [] : [path.join(directory, "..", "pack.json")];
  for (const file of policyPackConfigs) fs.writeFileSync(file, JSON.stringify(config));
  try {
    const { stdout } = await stack.preview({ policyPacks: ["policy"], policyPackConfigs });
    return { succeeded: true, output: stdout };
  } catch (error) {
    return { succeeded: false, output: String(error) };
  }
}

/** Level and name of every policy that is violated, each once. */
export function violated(output: string): string[] {
  const lines = output.matchAll(/- \[(\w+)\]\s+\[severity: \w+\]\s+([a-z-]+) {2}\(/g);
  return [...new Set(Array.from(lines, ([, level, name]) => `${level} ${name}`))].sort();
}

/** The files of a copy that a test changes, to be put back after it. */
export class Edits {
  private readonly originals = new Map<string, string>();

  constructor(private readonly directory: string) {}

  /** Remembers a file as it is. */
  keep(file: string): string {
    const text = this.originals.get(file) ?? fs.readFileSync(path.join(this.directory, file), "utf8");
    this.originals.set(file, text);
    return text;
  }

  /** Changes a source file; fails where there is nothing to change. */
  replace(file: string, from: string, to: string): void {
    const original = this.keep(file);
    expect(original).toContain(from);
    fs.writeFileSync(path.join(this.directory, file), original.replace(from, to));
  }

  undo(): void {
    for (const [file, text] of this.originals) fs.writeFileSync(path.join(this.directory, file), text);
  }
}
