/** Paths as code hosts want them: relative to where the command runs, with forward slashes. */
import * as path from "node:path";
import { stdinName } from "../finding";

/** Undefined for what is no file, such as standard input. */
export function relativePath(file: string): string | undefined {
  if (file === stdinName) return undefined;
  return path.relative(process.cwd(), path.resolve(file)).split(path.sep).join("/");
}
