/** Loaded into a measured command and its children: the largest resident memory of any of them, in megabytes. */
const fs = require("node:fs");

process.on("exit", () => {
  const file = `${process.env.PEAK_MEMORY}.peak`;
  const own = process.resourceUsage().maxRSS / 1024;
  const known = fs.existsSync(file) ? Number(fs.readFileSync(file, "utf8")) : 0;
  fs.writeFileSync(file, String(Math.max(own, known)));
});
