// Opens report pages in a browser and writes what it found to stdout as JSON: one object a page.
// Call: node html_report.mjs <browser> <page.html>...   Set SHOTS to a folder to keep pictures.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
const WIDTHS = [320, 360, 768, 1280];
const SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }";

const [executablePath, ...files] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function open(file, options, found) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  page.on("request", (request) => { if (request.url() !== url && !request.url().startsWith("data:")) found.requests.push(request.url()); });
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) found.console.push(message.text()); });
  page.on("pageerror", (error) => found.console.push(String(error)));
  await page.goto(url);
  return page;
}

const unfold = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
const shot = async (page, file, name) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${basename(file, ".html")}-${name}.png`, fullPage: true });
};

async function audit(file, colorScheme, found) {
  const page = await open(file, { colorScheme, viewport: { width: 1100, height: 900 } }, found);
  await shot(page, file, colorScheme);
  await unfold(page);
  await page.evaluate(AXE);
  for (const width of [1100, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const result = await page.evaluate((tags) => window.axe.run(document, {
      runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"],
    }), TAGS);
    for (const violation of result.violations) {
      found.violations.push({ colorScheme, width, id: violation.id, help: violation.help, nodes: violation.nodes.slice(0, 3).map((node) => [node.html, node.failureSummary]) });
    }
    found.rules = Math.max(found.rules, result.passes.length);
  }
  await page.context().close();
}

async function reflow(file, found) {
  const page = await open(file, { viewport: { width: 1280, height: 900 } }, found);
  await unfold(page);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    found.overflow[width] = await overflow(page);
    if (width < 500) await shot(page, file, `w${width}`);
  }
  await page.setViewportSize({ width: 320, height: 800 });
  await page.evaluate((rules) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules); document.adoptedStyleSheets = [sheet]; }, SPACING);
  found.overflow["320 spaced"] = await overflow(page);
  await page.context().close();
}

async function withoutScripts(file, found) {
  const page = await open(file, { javaScriptEnabled: false, viewport: { width: 1100, height: 900 } }, found);
  for (const summary of await page.locator("summary").all()) await summary.click();
  found.text = await page.locator("body").innerText();
  found.scripts = await page.locator("script").count();
  await page.context().close();
}

async function keyboard(file, found) {
  const page = await open(file, { viewport: { width: 1100, height: 900 } }, found);
  const active = () => page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return { name: element.tagName.toLowerCase(), id: element.id, text: element.textContent.trim().slice(0, 40), outline: `${style.outlineStyle} ${style.outlineWidth}`, top: box.top, height: box.height };
  });
  await page.keyboard.press("Tab");
  found.skip = await active();
  await page.keyboard.press("Enter");
  found.landed = await active();
  found.focusable = await page.evaluate(() => [...document.querySelectorAll("a[href], summary")].filter((element) => element.checkVisibility()).length);
  found.stops = [];
  for (let number = 0; number < found.focusable - 1; number += 1) {
    await page.keyboard.press("Tab");
    found.stops.push(await active());
  }
  const summary = page.locator("summary").first();
  if (await summary.count()) {
    await summary.focus();
    await page.keyboard.press("Enter");
    found.unfolds = await page.evaluate(() => document.querySelector("details").open);
  }
  await page.context().close();
}

async function print(file, found) {
  const page = await open(file, { viewport: { width: 1100, height: 900 }, colorScheme: "dark" }, found);
  await page.emulateMedia({ media: "print" });
  found.hiddenInPrint = await page.evaluate(() => [...document.querySelectorAll("details > :not(summary)")].filter((element) => element.getBoundingClientRect().height === 0).length);
  found.printInk = await page.evaluate(() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]);
  if (process.env.SHOTS) await page.pdf({ path: `${process.env.SHOTS}/${basename(file, ".html")}.pdf`, format: "A4" });
  await page.context().close();
}

const all = [];
for (const file of files) {
  const found = { file: basename(file), requests: [], console: [], violations: [], rules: 0, overflow: {} };
  for (const scheme of ["light", "dark"]) await audit(file, scheme, found);
  await reflow(file, found);
  await withoutScripts(file, found);
  await keyboard(file, found);
  await print(file, found);
  all.push(found);
}
await browser.close();
process.stdout.write(JSON.stringify(all));
