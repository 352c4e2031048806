// Opens pages of a site in a browser, from the disk, and writes what it found to stdout as JSON: one object a page, each in a line.
// Call: node pages.mjs <browser> <folder of the site> <page>...   Set SHOTS to a folder to keep pictures.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
const WIDTHS = [320, 390, 768, 1280];
const STOPS = 40;
const SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }";

const [executablePath, site, ...paths] = process.argv.slice(2);
const root = pathToFileURL(site).href + "/";
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function open(path, options, found) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("request", (request) => { if (!request.url().startsWith(root) && !request.url().startsWith("data:")) found.outside.push(request.url()); });
  page.on("requestfailed", (request) => { if (request.failure().errorText !== "net::ERR_ABORTED") found.outside.push(`failed: ${request.url()}`); });
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) found.console.push(message.text()); });
  page.on("pageerror", (error) => found.console.push(String(error)));
  page.on("dialog", (dialog) => { found.console.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.goto(root + path);
  return page;
}

const unfold = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
const shot = async (page, path, name, fullPage = true) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${path.replaceAll("/", "_").replace(".html", "")}-${name}.png`, fullPage });
};

async function axe(page, colorScheme, width, found) {
  await page.setViewportSize({ width, height: 900 });
  await page.evaluate(AXE);
  const result = await page.evaluate((tags) => window.axe.run(document, {
    runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"], preload: false,
  }), TAGS);
  for (const violation of result.violations) {
    found.violations.push({ colorScheme, width, id: violation.id, help: violation.help, nodes: violation.nodes.slice(0, 3).map((node) => [node.html, node.failureSummary]) });
  }
  found.rules = Math.max(found.rules, result.passes.length);
}

async function keyboard(page, found) {
  const active = () => page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return { name: element.tagName.toLowerCase(), id: element.id, text: element.textContent.trim().slice(0, 40), outline: style.outlineStyle, top: box.top };
  });
  await page.keyboard.press("Tab");
  found.skip = await active();
  await page.keyboard.press("Enter");
  found.landed = (await active()).id;
  await page.goto(page.url().split("#")[0]);
  found.focusable = await page.evaluate(() => [...document.querySelectorAll("a[href], summary, input, button, select, [tabindex='0']")].filter((element) => element.checkVisibility()).length);
  found.stops = [];
  for (let number = 0; number < Math.min(found.focusable, STOPS); number += 1) {
    await page.keyboard.press("Tab");
    found.stops.push(await active());
  }
}

async function inLight(path, found) {
  const page = await open(path, { colorScheme: "light", viewport: { width: 1100, height: 900 } }, found);
  await shot(page, path, "light");
  found.styled = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await keyboard(page, found);
  await unfold(page);
  await axe(page, "light", 1100, found);
  await page.context().close();
}

async function inDark(path, found) {
  const page = await open(path, { colorScheme: "dark", viewport: { width: 1100, height: 900 } }, found);
  await shot(page, path, "dark");
  await page.emulateMedia({ media: "print" });
  found.hiddenInPrint = await page.evaluate(() => [...document.querySelectorAll("details > :not(summary)")].filter((element) => element.getBoundingClientRect().height === 0 && element.textContent).length);
  found.printInk = await page.evaluate(() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]);
  await shot(page, path, "print");
  await page.emulateMedia({ media: "screen" });
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    if (width < 500) await shot(page, path, `w${width}`);
    found.overflow[width] = await overflow(page);
  }
  await unfold(page);
  await axe(page, "dark", 360, found);
  await page.setViewportSize({ width: 320, height: 800 });
  await page.evaluate((rules) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules); document.adoptedStyleSheets = [sheet]; }, SPACING);
  found.overflow["320 spaced"] = await overflow(page);
  await page.context().close();
}

async function withoutScripts(path, found) {
  const page = await open(path, { javaScriptEnabled: false, viewport: { width: 1100, height: 900 } }, found);
  found.text = await page.locator("body").innerText();
  await page.context().close();
}

for (const path of paths) {
  const found = { path, outside: [], console: [], violations: [], rules: 0, overflow: {} };
  await inLight(path, found);
  await inDark(path, found);
  await withoutScripts(path, found);
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
await browser.close();
