/** The page for an incident in a real browser: on a phone, on a screen and on paper, with names that are no harm. */
import * as fs from "node:fs";
import * as path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asHtml } from "../../../doctor/formats/html";
import { brokenDiagnosis, hostile } from "../../fixtures/diagnosis";
import { directoryOf } from "../../fixtures/files";

/** Names of Chromium in distributions. */
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const executable = (process.env["PATH"] ?? "")
  .split(path.delimiter)
  .flatMap((directory) => names.map((name) => path.join(directory, name)))
  .find((file) => fs.existsSync(file));

if (executable === undefined) console.log(`no browser: none of ${names.join(", ")} is on PATH`);

// Types of a browser's globals would be those of the whole project, so that what runs there is text.
const within = {
  /** Elements that leave the page, where nothing scrolls. */
  overflow: `[...document.body.querySelectorAll("*")]
    .filter((one) => one.closest(".wide") === null && one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => one.tagName)
    .concat(document.documentElement.scrollWidth > innerWidth ? ["the page"] : [])`,
  /** Parts that would have to be scrolled. */
  cut: `[...document.querySelectorAll(".wide")].filter((one) => one.scrollWidth > one.clientWidth + 1).length`,
  strokes: `[...document.querySelectorAll("svg path.edge")]
    .map((one) => one.getAttribute("class") + " " + getComputedStyle(one).stroke)`,
  colors: `[getComputedStyle(document.body).backgroundColor].concat(
    [...document.body.querySelectorAll("h1,h2,h3,p,li,td,strong,pre")].map((one) => getComputedStyle(one).color))`,
  isPwned: `"pwned" in window`,
};

describe.skipIf(executable === undefined)("the page", () => {
  let browser: Browser;
  let page: Page;
  let loaded: string[] = [];
  beforeAll(async () => {
    const { chromium } = await import("playwright-core");
    browser = await chromium.launch({
      executablePath: executable,
      chromiumSandbox: process.getuid?.() !== 0,
    });
    page = await browser.newPage();
    page.on("requestfinished", (request) => loaded.push(request.url()));
  }, 120_000);
  afterAll(() => browser.close());

  async function open(html: string, width: number): Promise<void> {
    await page.emulateMedia({ media: "screen", colorScheme: "light" });
    await page.setViewportSize({ width, height: 900 });
    loaded = [];
    await page.goto(`file://${directoryOf({ "incident.html": html })}/incident.html`);
  }

  const long = brokenDiagnosis(`${"a".repeat(200)}-${"b-".repeat(26)}`);

  it.each([
    [390, "screen"],
    [1280, "screen"],
    [794, "print"],
  ] as const)("has everything within %i pixels of %s", async (width, media) => {
    for (const diagnosis of [brokenDiagnosis(), long]) {
      await open(asHtml(diagnosis), width);
      await page.emulateMedia({ media });
      expect(await page.evaluate(within.overflow)).toEqual([]);
      // Paper does not scroll.
      if (media === "print") expect(await page.evaluate(within.cut)).toBe(0);
    }
  });

  it("draws broken ways in red, and the others not", async () => {
    await open(asHtml(brokenDiagnosis()), 1280);
    const strokes: string[] = await page.evaluate(within.strokes);
    expect(strokes).toHaveLength(6);
    expect(strokes.filter((one) => one.endsWith("rgb(209, 36, 47)"))).toEqual([
      "edge broken rgb(209, 36, 47)",
    ]);
  });

  it.each(["light", "dark"] as const)("has text that stands out from a %s ground", async (colorScheme) => {
    await open(asHtml(brokenDiagnosis()), 1280);
    await page.emulateMedia({ colorScheme });
    const [ground = "", ...colors]: string[] = await page.evaluate(within.colors);
    expect(colors.length).toBeGreaterThan(20);
    for (const color of new Set(colors)) expect(contrast(color, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(hostile)("runs and loads nothing for the name %j, and shows it", async (name) => {
    await open(asHtml(brokenDiagnosis(name)), 390);
    expect(loaded).toEqual([page.url()]);
    expect(await page.evaluate(within.isPwned)).toBe(false);
    const wanted = name.replaceAll(/[^\P{C}\n\t]/gu, "�").replaceAll(/\s+/g, " ");
    const [shown = ""] = await page.locator("td").allTextContents();
    expect(shown.replaceAll(/\s+/g, " ")).toBe(`Deployment auth/${wanted}`);
  });

  it("would neither run nor load what gets through", async () => {
    const injected = "<script>window.pwned=1</script><img src=incident.html><h2>";
    await open(asHtml(brokenDiagnosis()).replace("<h2>", injected), 390);
    expect(await page.evaluate(within.isPwned)).toBe(false);
    expect(loaded).toEqual([page.url()]);
  });
});

/** How much two colours differ, as accessibility guidelines count it. */
function contrast(one: string, other: string): number {
  const light = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, bright = 0] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}
