/** Carries standard input and output to a port of the network it runs in, as the kubelet does for a port-forward. */
"use strict";
const net = require("node:net");

const port = Number(process.argv[2]);
const socket = net.connect(port, "127.0.0.1");
socket.on("connect", () => {
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
});
socket.on("error", (error) => {
  process.stderr.write(`failed to connect to localhost:${port}: ${error.message}\n`);
  process.exit(1);
});
socket.on("close", () => process.exit(0));
