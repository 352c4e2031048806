// Uses the search page as people do and writes what it saw to stdout as JSON: one object an address.
// Call: node browser.mjs <browser> <address of the site's root>...   Set SHOTS to a folder to keep pictures.
import { chromium } from "playwright-core";

const [executablePath, ...roots] = process.argv.slice(2);
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
  theme: Array.from(document.querySelectorAll("[data-facet=theme] label"), (each) => each.textContent.trim()),
  chosen: Array.from(document.querySelectorAll("details input:checked"), (each) => each.value),
  focused: document.activeElement.tagName + (document.activeElement.value || ""),
}));

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

  for (const [name, query] of [["letters", "tcc"], ["mixed", "静安区 tcc"], ["none", "龘龘龘 停车"], ["harm", "<img src=x onerror=alert(1)>"]]) {
    await page.locator("input[name=q]").fill(query);
    await after(page, () => page.keyboard.press("Enter"));
    seen[name] = await look(page);
  }
  await page.context().close();

  const english = await open(root + "en/search.html?q=free_spaces&sort=name", seen);
  await settled(english);
  seen.english = await look(english);
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
