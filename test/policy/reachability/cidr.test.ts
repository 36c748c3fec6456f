/** Addresses and blocks of both families. */
import { describe, expect, it } from "vitest";
import { type Block, contains, edgesOf, parseAddress, parseBlock } from "../../../policy/reachability/cidr";

describe("addresses", () => {
  it.each<[string, number, bigint]>([
    ["0.0.0.0", 32, 0n],
    ["1.2.3.4", 32, 0x01020304n],
    ["255.255.255.255", 32, 0xffffffffn],
    ["::", 128, 0n],
    ["::1", 128, 1n],
    ["1::", 128, 1n << 112n],
    ["2001:db8::7", 128, (0x20010db8n << 96n) + 7n],
    ["1:2:3:4:5:6:7:8", 128, 0x00010002000300040005000600070008n],
    ["1::8", 128, (1n << 112n) + 8n],
    ["fe80::ABCD", 128, (0xfe80n << 112n) + 0xabcdn],
    ["64:ff9b::1.2.3.4", 128, (0x64n << 112n) + (0xff9bn << 96n) + 0x01020304n],
    ["::ffff:10.0.0.1", 32, 0x0a000001n],
    ["::ffff:a00:1", 32, 0x0a000001n],
  ])("%s", (text, bits, value) => {
    expect(parseAddress(text)).toEqual({ bits, value });
  });

  it.each([
    "",
    "10",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.01",
    "1:2",
    ":::",
    "fe80::1%eth0",
    "10.0.0.1/32",
    "localhost",
  ])("not %s", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe("blocks", () => {
  it.each<[string, Block]>([
    ["0.0.0.0/0", { bits: 32, length: 0, value: 0n }],
    ["10.1.2.3/8", { bits: 32, length: 8, value: 0x0a000000n }],
    ["10.1.2.3/32", { bits: 32, length: 32, value: 0x0a010203n }],
    ["::/0", { bits: 128, length: 0, value: 0n }],
    ["2001:db8:1::/32", { bits: 128, length: 32, value: 0x20010db8n << 96n }],
    ["::1/128", { bits: 128, length: 128, value: 1n }],
  ])("%s", (text, block) => {
    expect(parseBlock(text)).toEqual(block);
  });

  it.each([
    "10.0.0.0",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/8 ",
    " 10.0.0.0/8",
    "/8",
    "1/10.0.0.0/8",
    "10.0.0/8",
    "::/129",
    "::/0128",
    "fe80::%eth0/64",
    "10.0.0.0/a",
  ])("not %s", (text) => {
    expect(parseBlock(text)).toBeUndefined();
  });

  it.each<[string, string, boolean]>([
    ["10.0.0.0/8", "10.0.0.0/8", true],
    ["10.0.0.0/8", "10.255.0.0/16", true],
    ["10.0.0.0/8", "11.0.0.0/16", false],
    ["10.0.0.0/8", "10.0.0.0/7", false],
    ["0.0.0.0/0", "255.0.0.0/8", true],
    ["0.0.0.0/0", "::/0", false],
    ["::/0", "0.0.0.0/0", false],
  ])("%s contains %s: %s", (outer, inner, expected) => {
    expect(contains(parseBlock(outer) as Block, parseBlock(inner) as Block)).toBe(expected);
  });
});

describe("edges of a block", () => {
  it.each<[string, string[], string[]]>([
    ["10.0.0.0/8", [], ["10.0.0.0"]],
    ["0.0.0.0/0", ["0.0.0.0/8"], ["0.0.0.0", "1.0.0.0"]],
    ["0.0.0.0/0", ["10.0.0.0/8", "172.16.0.0/12"], ["0.0.0.0", "11.0.0.0", "172.32.0.0"]],
    ["10.0.0.0/8", ["10.0.0.0/8", "192.168.0.0/16"], ["10.0.0.0"]],
    ["10.1.2.3/32", ["10.1.2.3/32"], ["10.1.2.3"]],
    ["::/0", ["fc00::/7", "10.0.0.0/8"], ["0:0:0:0:0:0:0:0", "fe00:0:0:0:0:0:0:0"]],
  ])("%s but for %j", (block, except, expected) => {
    const read = (text: string): Block => parseBlock(text) as Block;
    expect(edgesOf(read(block), except.map(read))).toEqual(expected);
  });
});
