/**
 * Values that a preview does not know yet. Pulumi's policy SDK hands inputs out behind proxies that throw when
 * such a value is read, and reports the policy that read it as advisory: one unknown would open every gate. So
 * the values are taken from behind the proxies and recognised there.
 */

/** What stands for an unknown boolean, number, text, list, asset, archive or object on the wire. */
const sentinels: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Whether a value is not known yet. */
export function isUnknown(value: unknown): boolean {
  return sentinels.has(value);
}

/** A resource's properties as they are: descriptors are read without the proxies' traps. */
export function plainProps(props: object): Record<string, unknown> {
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(props));
  return Object.fromEntries(descriptors.map(([key, descriptor]) => [key, descriptor.value as unknown]));
}
