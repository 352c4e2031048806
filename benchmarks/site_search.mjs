// Times the search page in a browser: node site_search.mjs <browser> <address> <how many times slower the processor>. Needs playwright-core.
import { chromium } from "playwright-core";

const PAIRS = [["停车场", "公积金提取"], ["登记信息", "静安区 停车场"], ["统一社会信用代码", "PM2.5"], ["空气质量 监测数据", "企业登记基本信息"], ["水", "不动产"]];
const [executablePath, root, slower] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"] });
const found = { page: [], first: [], next: [], linked: [] };

// From the press of the key to the results in the page and the next picture of it.
const asked = (page, query) => page.evaluate((told) => new Promise((done) => {
  const root = document.documentElement;
  delete root.dataset.searched;
  const start = performance.now();
  const watch = new MutationObserver(() => {
    if (!root.dataset.searched) return;
    watch.disconnect();
    requestAnimationFrame(() => done(performance.now() - start));
  });
  watch.observe(root, { attributes: true });
  const form = document.querySelector("form[data-search]");
  form.elements.q.value = told;
  form.requestSubmit();
}), query);

// A tab that has been open for a second, as a reader's is: else the start of the browser's processes and the first picture of its
// window are counted with the page and take the processors from the first query. Nothing of the site is in it yet.
async function tab() {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: Number(slower) });
  await page.waitForTimeout(1000);
  return page;
}

for (const [first, next] of PAIRS) {
  const page = await tab();
  let start = Date.now();
  await page.goto(`${root}search.html`);
  found.page.push(Date.now() - start);
  found.first.push(await asked(page, first));
  await page.waitForTimeout(Number(slower) > 1 ? 3000 : 300); // a person reads; exact totals come meanwhile
  found.next.push(await asked(page, next));
  await page.context().close();

  const linked = await tab();
  start = Date.now();
  await linked.goto(`${root}search.html?q=${encodeURIComponent(first)}`, { waitUntil: "commit" });
  await linked.waitForFunction(() => document.documentElement.dataset.searched);
  found.linked.push(Date.now() - start);
  await linked.context().close();
}
await browser.close();
process.stdout.write(JSON.stringify(found));
