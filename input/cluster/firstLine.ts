/** What an error says, without the rest. */
export function firstLine(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  // Attempts at several addresses fail without a message of their own.
  return (message === "" ? (code ?? "no answer") : message).split("\n")[0] ?? "";
}
