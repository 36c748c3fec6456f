import { describe, expect, it } from "vitest";
import { isLoopback, splitAddress } from "../../../../policy/model/collectors/program";

describe("an address to listen on", () => {
  it.each<[string, string | undefined, number | undefined]>([
    ["0.0.0.0:4317", "", 4317],
    ["[::]:4317", "", 4317],
    [":4317", "", 4317],
    ["", "", undefined],
    ["localhost", "localhost", undefined],
    ["[::1]:4317", "[::1]", 4317],
    ["10.0.0.1:4317", "10.0.0.1", 4317],
    ["${env:HOST}:4317", undefined, 4317],
    ["{{ .host }}:4317", undefined, 4317],
    ["a:${env:PORT}", undefined, undefined],
    ["a:4317\n", "a:4317\n", undefined],
  ])("%j has host %j and port %j", (address, host, port) => {
    expect(splitAddress(address)).toEqual({ host, port });
  });

  it.each([
    ["localhost", true],
    ["127.0.0.1", true],
    ["127.1.2.3", true],
    ["[::1]", true],
    ["::1", true],
    ["", false],
    ["10.127.0.1", false],
    ["localhost.example.com", false],
    ["[::]", false],
  ])("%j is of the same pod: %s", (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
