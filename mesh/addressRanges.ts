/** How many addresses a range in CIDR notation may hold before it stops to say who somebody is. */

/** The widest range that still leaves somebody out: prefix lengths by family. */
const widest = { v4: 8, v6: 16 } as const;

/**
 * Whether a range is narrow enough to be a network of somebody's.
 * @param range an address range, `10.0.0.0/8`, or a single address
 */
export function isBounded(range: string): boolean {
  const [address = "", length] = range.split("/");
  if (length === undefined) return address !== "";
  return Number(length) >= (address.includes(":") ? widest.v6 : widest.v4);
}
