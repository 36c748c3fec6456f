/** IP addresses and blocks of both families, as numbers. */
import { isIP } from "node:net";

/** An address, or the first address of a block. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** A block of addresses that share their first `length` bits. */
export interface Block extends Address {
  readonly length: number;
}

/** Reads an IPv4 or IPv6 address; `undefined` if it is neither. Zones (`fe80::1%eth0`) are refused. */
export function parseAddress(text: string): Address | undefined {
  if (text.includes("%")) return undefined;
  switch (isIP(text)) {
    case 4:
      return { bits: 32, value: ipv4Value(text) };
    case 6:
      return unmapped(ipv6Value(text));
    default:
      return undefined;
  }
}

/** Reads a block such as `10.0.0.0/8`; `undefined` if it is none. Bits behind the mask are ignored. */
export function parseBlock(text: string): Block | undefined {
  const slash = text.indexOf("/");
  const ip = text.slice(0, slash);
  const digits = text.slice(slash + 1);
  const bits = isIP(ip) === 4 ? 32 : isIP(ip) === 6 && !ip.includes("%") ? 128 : undefined;
  const length = Number(digits);
  if (bits === undefined || !/^(0|[1-9]\d*)$/.test(digits) || length > bits) return undefined;
  const value = bits === 32 ? ipv4Value(ip) : ipv6Value(ip);
  const rest = BigInt(bits - length);
  return { bits, length, value: (value >> rest) << rest };
}

/** Whether an address, or a whole block, lies in a block. */
export function contains(block: Block, inner: Address | Block): boolean {
  if (block.bits !== inner.bits) return false;
  if ("length" in inner && inner.length < block.length) return false;
  const rest = BigInt(block.bits - block.length);
  return block.value >> rest === inner.value >> rest;
}

/**
 * Addresses of a block, one of which lies in none of the others if any address does: its first, and each that
 * follows one of the others.
 */
export function edgesOf(block: Block, others: readonly Block[]): string[] {
  const behind = others.map(({ value, length, bits }) => ({
    bits,
    value: value + (1n << BigInt(bits - length)),
  }));
  return [block, ...behind]
    .map(({ bits, value }) => ({ bits, value }))
    .filter((address) => contains(block, address))
    .map(addressText);
}

function addressText({ bits, value }: Address): string {
  const parts = bits === 32 ? 4 : 8;
  const width = BigInt(bits / parts);
  return Array.from(
    { length: parts },
    (_, index) => (value >> (width * BigInt(parts - 1 - index))) & ((1n << width) - 1n),
  )
    .map((part) => part.toString(bits === 32 ? 10 : 16))
    .join(bits === 32 ? "." : ":");
}

function ipv4Value(text: string): bigint {
  return text.split(".").reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function ipv6Value(text: string): bigint {
  // The last 32 bits may be written as an IPv4 address.
  const hex = text.replace(/[\d.]+$/, (tail) => {
    if (!tail.includes(".")) return tail;
    const value = ipv4Value(tail);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const groups = (part: string) => part.split(":").filter((group) => group !== "");
  const zeros = "0:".repeat(8 - groups(hex).length);
  return groups(hex.replace("::", `:${zeros}`)).reduce(
    (value, group) => (value << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

/** `::ffff:10.0.0.1` is the IPv4 address 10.0.0.1. */
function unmapped(value: bigint): Address {
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}
