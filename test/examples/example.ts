/** The examples as people find them. */
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { type HelmMode } from "../../engine/helm";
import { renderStack, type RenderedStack } from "../../engine/render";
import { root } from "../fixtures/stack";

/** What a `Pulumi.yaml` or a stack file says. */
export function yamlOf(...file: string[]): Record<string, unknown> {
  return parse(fs.readFileSync(path.join(root, ...file), "utf8")) as Record<string, unknown>;
}

/** Renders an example; its stack is called like its directory. */
export function renderExample(directory: string, helm: HelmMode = "never"): Promise<RenderedStack> {
  const stack = path.basename(directory);
  return renderStack({ directory: path.resolve(root, directory), stack, helm });
}
