/** Files for tests, in a directory of their own that is gone afterwards. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { stringify } from "yaml";
import { type Input, readInput } from "../../audit/input";

/** A directory with the given files, contents by path. */
export function directoryOf(files: Record<string, string>): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "mesh-tracing-test-"));
  onTestFinished(() => fs.rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  return directory;
}

/** Objects as the documents of one file. */
export function documents(objects: readonly unknown[]): string {
  return objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join("---\n");
}

/** What is read from files, their names relative to the directory. */
export async function read(
  files: Record<string, string>,
): Promise<Pick<Input, "objects" | "warnings"> & { places: (string | undefined)[]; skipped: string[] }> {
  const directory = directoryOf(files);
  const relative = (text: string): string => text.replaceAll(`${directory}${path.sep}`, "");
  const { objects, warnings, skipped, placeOf } = await readInput([directory], noStdin);
  return {
    objects,
    warnings: warnings.map(relative),
    places: objects.map((object) => placeOf(object)).map((place) => place && relative(place)),
    skipped: skipped.map(({ file, why }) => `${relative(file)}: ${why.split(";")[0]}`),
  };
}

export const noStdin = Readable.from([]);

/** A ConfigMap of a name, which no rule has anything to say about. */
export function configMap(name: string, data: Record<string, unknown> = {}): Record<string, unknown> {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop" }, data };
}
