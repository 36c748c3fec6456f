/** Names by which a secret is known wherever it stands: in manifests, in configuration, in a stack file. */

/** Words at the end of a name whose value is a secret, for regular expressions. */
export const secretWords =
  "pass(?:word|wd|phrase)|pwd|secret|token|credential|api[-_.]?key|(?:private|access|signing|encryption|client|tls)[-_.]?key|" +
  "dsn|connection[-_.]?string|authorization|auth[-_.]?header|cookie|otlp\\w{0,20}headers";

/** A user and a password in an address, as `https://user:password@host`. */
export const secretInAddress = /:\/\/[^/\s:@]*:[^/\s@]+@/;

/** A text without users and passwords in addresses, which nobody who reads about a mesh needs. */
export function withoutUserInfo(text: string): string {
  return text.replaceAll(/:\/\/[^/\s"'`@]*@/g, "://…@");
}

/** Names of variables and fields whose values are secrets; `secretName` and `tokenRef` only name them. */
export const secretName = new RegExp(`(?:${secretWords})s?$`, "i");
