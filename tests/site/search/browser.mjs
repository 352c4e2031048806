// Uses the search page as people do and writes what it saw to stdout as JSON: one object an address.
// Call: node browser.mjs <browser> <file of queries, one a line> <address of the site's root>...   Set SHOTS to a folder to keep pictures.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const [executablePath, asked, ...roots] = process.argv.slice(2);
const queries = readFileSync(asked, "utf8").split("\n").filter(Boolean);
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function open(address, seen, init) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  if (init) await page.addInitScript(init);
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) seen.console.push(message.text()); });
  page.on("pageerror", (error) => seen.console.push(String(error)));
  await page.goto(address);
  return page;
}

const settled = (page) => page.waitForFunction(() => document.documentElement.dataset.settled);
// Does something that starts a search, and waits until it is done.
async function after(page, action) {
  await page.evaluate(() => { delete document.documentElement.dataset.settled; });
  await action();
  await settled(page);
}

const look = (page) => page.evaluate(() => ({
  query: new URLSearchParams(location.search || location.hash.slice(1)).toString(),
  input: document.querySelector("input[name=q]").value,
  status: document.querySelector("[data-search-status]").textContent,
  titles: Array.from(document.querySelectorAll("[data-search-results] h2"), (each) => each.textContent),
  links: Array.from(document.querySelectorAll("[data-search-results] h2 a"), (each) => each.getAttribute("href")),
  marks: Array.from(document.querySelectorAll("[data-search-results] mark"), (each) => each.textContent),
  pages: Array.from(document.querySelectorAll("[data-search-pages] a"), (each) => each.textContent),
  current: Array.from(document.querySelectorAll("[aria-current=page]"), (each) => each.textContent),
  suggestions: Array.from(document.querySelectorAll("[data-search-suggestions] a"), (each) => each.textContent),
  help: !document.querySelector("[data-search-help]").hidden,
  shorter: Array.from(document.querySelectorAll("[data-search-shorter] a"), (each) => each.textContent),
  format: Array.from(document.querySelectorAll("[data-facet=format] label"), (each) => each.textContent.trim()),
  theme: Array.from(document.querySelectorAll("[data-facet=theme] label"), (each) => each.textContent.trim()),
  chosen: Array.from(document.querySelectorAll("details input:checked"), (each) => each.value),
  focused: document.activeElement.tagName + (document.activeElement.value || ""),
}));

// What axe finds on the page as it is, in light and dark. It is not a part of the page: it goes past the page's own policy.
async function axe(page) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(AXE);
    const result = await page.evaluate((values) => window.axe.run(document, { preload: false, runOnly: { type: "tag", values } }), TAGS);
    found.push(...result.violations.map((each) => `${colorScheme} ${each.id}: ${each.nodes.map((node) => node.target.join(" ")).join("; ")}`));
  }
  return found;
}

// What each query finds, put in one after the other.
async function askAll(page) {
  const found = {};
  for (const query of queries) {
    await page.locator("input[name=q]").fill(query);
    await after(page, () => page.keyboard.press("Enter"));
    const { status, links } = await look(page);
    found[query] = { status, links };
  }
  return found;
}

async function visit(root) {
  const seen = { root, requests: [], console: [] };
  const page = await open(root + "search.html?q=" + encodeURIComponent("停车"), seen);
  await settled(page);
  seen.linked = await look(page);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/search.png`, fullPage: true });

  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("/");
  await page.keyboard.type("登记信息");
  await after(page, () => page.keyboard.press("Enter"));
  seen.typed = await look(page);
  await page.locator("[data-facet=format] summary").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-facet=format] input");
  await page.locator("[data-facet=format] input[value=CSV]").focus();
  await after(page, () => page.keyboard.press("Space"));
  await page.waitForFunction(() => document.activeElement.value === "CSV");
  seen.filtered = await look(page);
  await after(page, () => page.locator("select[name=sort]").selectOption("newest"));
  seen.newest = await look(page);
  await page.locator("[data-search-pages] a[rel=next]").focus();
  await after(page, () => page.keyboard.press("Enter"));
  seen.second = await look(page);
  await after(page, () => page.goBack());
  seen.back = await look(page);
  await after(page, () => page.reload());
  seen.reloaded = await look(page);

  for (const [name, query] of [["letters", "tcc"], ["mixed", "静安区 tcc"], ["many", "停车 0 1 2 3 4 5 6 7 8 9"],
    ["ten", "停车 0 1 2 3 4 5 6 7 8"], ["none", "龘龘龘 停车"], ["harm", "<img src=x onerror=alert(1)>"]]) {
    await page.locator("input[name=q]").fill(query);
    await after(page, () => page.keyboard.press("Enter"));
    seen[name] = await look(page);
  }
  seen.axe = { none: await axe(page) };

  seen.queries = { zh: await askAll(page) };
  await page.locator("input[name=q]").fill("停车");
  await after(page, () => page.keyboard.press("Enter"));
  await page.evaluate(() => document.querySelectorAll("[data-facet]").forEach((each) => { each.open = true; }));
  await page.waitForFunction(() => Array.from(document.querySelectorAll("[data-facet]")).every((each) => each.querySelector("input")));
  seen.axe.found = await axe(page);
  await page.context().close();

  const seeming = await open(root + "search.html?q=wgs-84&format=CSV", seen);
  await settled(seeming);
  seen.seeming = await look(seeming);
  await seeming.context().close();

  const emptied = await open(root + "search.html?q=" + encodeURIComponent("停车") + "&format=CSV&year=1900", seen);
  await settled(emptied);
  seen.emptied = await look(emptied);
  await after(emptied, () => emptied.locator("[data-search-shorter] a").first().click());
  seen.widened = await look(emptied);
  await emptied.context().close();

  const beyond = await open(root + "search.html?page=1e9&q=" + encodeURIComponent("停车"), seen);
  await settled(beyond);
  seen.beyond = await look(beyond);
  await beyond.context().close();

  const skipped = await open(root + "search.html", seen);
  await skipped.evaluate(() => new Promise((done) => { // heard after the page's own script
    window.addEventListener("popstate", () => setTimeout(done, 0));
    location.hash = "main";
  }));
  seen.skipped = Object.assign(await look(skipped), await skipped.evaluate(() => ({ busy: document.querySelector("[data-search-results]").ariaBusy })));
  await skipped.context().close();

  const english = await open(root + "en/search.html?q=free_spaces&sort=name", seen);
  await settled(english);
  await english.locator("[data-facet=theme] summary").click();
  await english.waitForSelector("[data-facet=theme] input");
  seen.english = await look(english);
  await english.goto(root + "en/search.html?q=free_spaces");
  await settled(english);
  seen.queries.en = await askAll(english);
  await english.context().close();

  const old = await open(root + "search.html?q=" + encodeURIComponent("停车"), seen, () => { delete window.DecompressionStream; });
  await settled(old);
  seen.old = await look(old);
  await old.context().close();

  const broken = await open(root + "search.html", { requests: [], console: [] });
  await broken.route(/records/, (route) => route.abort());
  seen.empty = await look(broken);
  await broken.locator("input[name=q]").fill("停车");
  await broken.keyboard.press("Enter");
  await broken.waitForFunction(() => document.querySelector("[data-search-status]").textContent);
  seen.broken = await look(broken);
  await broken.unroute(/records/);
  await after(broken, () => broken.keyboard.press("Enter"));
  seen.again = await look(broken);
  await broken.context().close();
  return seen;
}

const all = [];
for (const root of roots) all.push(await visit(root));
await browser.close();
process.stdout.write(JSON.stringify(all));
