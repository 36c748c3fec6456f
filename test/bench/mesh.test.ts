/** The meshes that the benchmark measures have no mistakes: an audit of one is the search, and not its findings' text. */
import { expect, test } from "vitest";
import { objectsPerNamespace, writeMesh } from "../../bench/mesh";
import { audit } from "../cli/run";
import { temporaryDirectory } from "../fixtures/temporary";

test("a mesh of three namespaces: as many objects as it says, and nothing found", async () => {
  const directory = temporaryDirectory();
  const objects = writeMesh(directory, 3);
  expect(objects - writeMesh(temporaryDirectory(), 2)).toBe(objectsPerNamespace + 1);
  expect(await audit([directory])).toMatchObject({
    code: 0,
    stdout:
      "judged: 3 senders, 6 trace paths open, 0 closed, 0 unknown\n" +
      `no findings; read ${objects} objects from 4 files\n`,
  });
});
