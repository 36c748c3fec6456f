/**
 * The cluster's DNS: addresses of Services, from a file that the lab keeps. Kubernetes' names have one record a
 * Service, or one a pod where it is headless; everything else does not exist.
 */
import * as dgram from "node:dgram";
import * as fs from "node:fs";

/** Addresses by full name, without the last dot. */
export type Zone = Readonly<Record<string, readonly string[]>>;

/** Answers a query; undefined for what is none. */
export function answerQuery(query: Buffer, zone: Zone): Buffer | undefined {
  if (query.length < 17 || query.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
    if (at >= query.length) return undefined;
  }
  const end = at + 5;
  if (end > query.length) return undefined;
  const type = query.readUInt16BE(at + 1);
  const addresses = zone[labels.join(".").toLowerCase()];
  const records = type === 1 ? (addresses ?? []) : [];
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // An answer, authoritative; name error if there is no such name.
  header.writeUInt16BE(0x8480 | (query.readUInt16BE(2) & 0x0100) | (addresses === undefined ? 3 : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const answers = records.map((address) => {
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 0, 0, 0, 0]);
    address.split(".").forEach((part, index) => record.writeUInt8(Number(part), 12 + index));
    return record;
  });
  return Buffer.concat([header, query.subarray(12, end), ...answers]);
}

/** Serves a zone file, which is read again for every query. */
export function serve(file: string, port = 53): void {
  const socket = dgram.createSocket("udp4");
  socket.on("message", (query, from) => {
    const zone = JSON.parse(fs.readFileSync(file, "utf8")) as Zone;
    const answer = answerQuery(query, zone);
    if (answer !== undefined) socket.send(answer, from.port, from.address);
  });
  socket.bind(port, "0.0.0.0");
}

if (require.main === module) serve(process.argv[2] ?? "");
