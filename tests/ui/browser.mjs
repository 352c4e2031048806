// Uses the local page as an officer does and writes what it found to stdout as JSON.
// Call: node browser.mjs <browser> <case.json> [name of a case]...   Set SHOTS to a folder to keep pictures.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
const [executablePath, file, ...chosen] = process.argv.slice(2);
const given = JSON.parse(readFileSync(file, "utf8"));
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const told = { requests: [], console: [] };

async function open(options = {}, address = given.address, context = null) {
  const used = context ?? await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  used.setDefaultTimeout(15000);
  const page = await used.newPage();
  page.on("request", (request) => { if (!request.url().startsWith(given.origin) && !request.url().startsWith("data:")) told.requests.push(request.url()); });
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) told.console.push(message.text()); });
  page.on("pageerror", (error) => told.console.push(String(error)));
  await page.goto(address);
  return page;
}

const shown = (page) => page.waitForSelector("#result:not([hidden])", { timeout: 30000 });
const words = (page, selector) => page.locator(selector).innerText();
const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` }); };
const active = (page) => page.evaluate(() => ({ id: document.activeElement.id, tag: document.activeElement.tagName, text: (document.activeElement.innerText || document.activeElement.value || "").slice(0, 40) }));

async function byPath(page, path) {
  await page.waitForSelector("#choose:not([hidden])");
  if (!(await page.locator("#path").isVisible())) await page.locator("#choose summary").click();
  await page.fill("#path", path);
  await page.keyboard.press("Enter");
  await shown(page);
}

// A real drop, as the system does it: also of folders.
async function drop(page, ...files) {
  await page.waitForSelector("#choose:not([hidden])");
  const session = await page.context().newCDPSession(page);
  const box = await page.locator("#drop").boundingBox();
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "dragOver", "drop"]) {
    await session.send("Input.dispatchDragEvent", { type, ...at, data });
    await page.waitForTimeout(150);
  }
}

async function audit(page, name, found) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
  // What the bar at the lower edge covers by chance can be scrolled clear of it (scroll-padding): it is measured without.
  await page.evaluate(() => document.querySelector(".bar")?.style.setProperty("position", "static"));
  await page.evaluate(AXE);
  for (const width of [1100, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const result = await page.evaluate((tags) => window.axe.run(document, {
      runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"], iframes: false,
    }), TAGS);
    found.rules = Math.max(found.rules, result.passes.length);
    for (const violation of result.violations) found.violations.push([name, width, violation.id, violation.nodes.slice(0, 3).map((node) => [node.html, node.failureSummary])]);
    found.overflow.push(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth));
  }
  await page.evaluate(() => document.querySelector(".bar")?.style.removeProperty("position"));
  await page.setViewportSize({ width: 1100, height: 900 });
}

const CASES = {
  async accessibility() {
    const found = { violations: [], rules: 0, overflow: [] };
    for (const colorScheme of ["light", "dark"]) {
      for (const language of ["zh-CN", "en"]) {
        const page = await open({ colorScheme }, given.address.replace("/zh-CN/", `/${language}/`));
        const name = `${language}-${colorScheme}`;
        await page.waitForSelector("#choose:not([hidden])");
        await shot(page, `start-${name}`);
        await audit(page, `start ${name}`, found);
        await byPath(page, given.read);
        await shot(page, `result-${name}`);
        await audit(page, `result ${name}`, found);
        await page.click("#tab-entry");
        await page.waitForSelector(".bar");
        await shot(page, `entry-${name}`);
        await audit(page, `entry ${name}`, found);
        found.unlabelled = (found.unlabelled ?? 0) + await page.evaluate(() => [...document.querySelectorAll("input, select, textarea")].filter((element) => element.labels?.length === 0 && !element.hidden).length);
        await page.context().close();
      }
    }
    return found;
  },

  async dropping() {
    const page = await open();
    await page.waitForSelector("#choose:not([hidden])");
    await drop(page, given.folder);
    await shown(page);
    const folder = [await words(page, "#result-title"), await words(page, "#result-words")];
    const report = await page.frameLocator("#report").locator("h1").innerText();
    const frame = await page.evaluate(() => document.getElementById("report").contentDocument.documentElement.scrollHeight <= document.getElementById("report").clientHeight);
    await page.click("#start-over");
    await page.waitForSelector("#choose:not([hidden])");
    await drop(page, given.table);
    await shown(page);
    const partly = [await words(page, "#result-title"), await words(page, "#result-words")];
    await page.click("#tab-entry");
    const none = await words(page, "#panel-entry");
    await page.click("#start-over");
    await page.locator("#folder").setInputFiles(given.folder);
    await shown(page);
    const chosen = await words(page, "#result-words");
    await page.context().close();
    return { folder, report, frame, none, chosen, partly };
  },

  async editing() {
    const page = await open({ acceptDownloads: true });
    await drop(page, given.folder);
    await shown(page);
    const before = await words(page, "#result-words");
    await page.click("#tab-entry");
    await page.waitForSelector(".bar");
    const wrong = await page.locator("[aria-invalid=true]").count();
    await page.locator(".summary button").first().click();
    const led = await active(page);
    await page.getByRole("textbox", { name: /^信息资源摘要/ }).fill("名称、地址和泊位数");
    await page.getByRole("combobox", { name: /^更新周期/ }).selectOption({ label: "每年" });
    await page.getByRole("button", { name: /^下移：信息项 1/ }).click();
    await page.getByRole("button", { name: "添加信息项" }).click();
    await page.keyboard.type("地址");
    await page.getByRole("button", { name: /^删除：信息项 3/ }).click();
    await page.getByRole("button", { name: "撤销删除" }).click();
    const live = await page.waitForFunction(() => /已恢复/.test(document.getElementById("live").textContent) && document.getElementById("live").textContent).then((handle) => handle.jsonValue());
    const unsaved = await words(page, ".bar .words");
    await page.getByRole("button", { name: "保存并重新检查" }).click();
    await page.waitForFunction(() => !document.getElementById("result-notes").hidden);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "下载条目" }).click()]);
    const entry = readFileSync(await download.path(), "utf8");
    const [report] = await Promise.all([page.waitForEvent("download"), page.click("#keep-report")]);
    const after = await words(page, "#result-words");
    const notes = await words(page, "#result-notes");
    const length = readFileSync(await report.path(), "utf8").length;
    await page.context().close();
    return { before, after, wrong, led, live, unsaved, notes, entry, name: download.suggestedFilename(), report: length };
  },

  async keyboard() {
    const page = await open();
    const press = async (key, times = 1) => { for (let n = 0; n < times; n += 1) await page.keyboard.press(key); };
    const until = async (test, key = "Tab") => {
      for (let n = 0; n < 200; n += 1) {
        if (await page.evaluate(test)) return n;
        await press(key);
      }
      return -1;
    };
    await page.waitForSelector("#choose:not([hidden])");
    await press("Tab");
    const skip = await active(page);
    await press("Enter");
    const steps = [await until(() => document.activeElement.matches("#choose summary"))];
    await press("Enter");
    steps.push(await until(() => document.activeElement.id === "path"));
    await page.keyboard.type("/nothing/here");
    await press("Enter");
    await page.waitForSelector("#path-error:not([hidden])");
    const refused = [await active(page), await words(page, "#path-error"), await page.getAttribute("#path", "aria-invalid")];
    told.console.length = 0; // the refused path
    await press("Control+a");
    await page.keyboard.type(given.own);
    await press("Enter");
    await shown(page);
    const landed = await active(page);
    steps.push(await until(() => document.activeElement.id === "tab-report"));
    await press("ArrowRight");
    await page.waitForSelector(".bar");
    const tab = await active(page);
    steps.push(await until(() => document.activeElement.matches(".summary button")));
    await press("Enter");
    const field = await active(page);
    await page.keyboard.type("用键盘填写的摘要");
    steps.push(await until(() => document.activeElement.matches(".bar .button.main")));
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    await press("Enter");
    await page.waitForFunction(() => !document.getElementById("result-notes").hidden);
    const saved = await active(page);
    await page.context().close();
    return { skip, steps, refused, landed, tab, field, outline, saved };
  },

  async foreign() {
    const page = await open();
    await drop(page, given.folder);
    await shown(page);
    const key = new URL(await page.getAttribute("#report-window", "href"), given.origin).pathname;
    const server = http.createServer((request, answer) => { answer.setHeader("Content-Type", "text/html"); answer.end("<!doctype html><title>x</title>"); }).listen(0, "127.0.0.1");
    const evil = await page.context().newPage();
    await evil.goto(`http://127.0.0.1:${server.address().port}/`);
    const tries = await evil.evaluate(async ([origin, report]) => {
      const outcome = async (act) => { try { return String(await act()); } catch (error) { return `refused ${error.name}`; } };
      const read = (path, options) => outcome(async () => (await fetch(origin + path, options)).status);
      const loaded = (tag, path) => outcome(() => new Promise((done, failed) => {
        const element = document.createElement(tag);
        element.onload = () => done("loaded");
        element.onerror = () => failed(new Error());
        element.src = origin + path;
        document.body.append(element);
      }));
      return {
        page: await read("/zh-CN/"),
        report: await read(report),
        api: await read("/api/works", { method: "POST", body: "{}", headers: { "Content-Type": "application/json", "X-Govdata-Token": "x" } }),
        simple: await read("/api/works", { method: "POST", mode: "no-cors", body: "{}", headers: { "Content-Type": "text/plain" } }),
        credentials: await read("/api/works", { method: "POST", mode: "no-cors", credentials: "include", body: "a=b" }),
        image: await loaded("img", report),
        script: await loaded("script", "/ui.js"),
      };
    }, [given.origin, key]);
    const framed = await evil.evaluate(async (origin) => {
      const frame = document.createElement("iframe");
      frame.src = `${origin}/zh-CN/`;
      document.body.append(frame);
      await new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
      return window.frames.length;
    }, given.origin);
    const inside = await evil.frames().at(-1).evaluate(() => document.querySelector("#drop") !== null).catch(() => false);
    await evil.setContent(`<form method="post" action="${given.origin}/api/works"><input name="a"></form>`);
    await Promise.all([evil.waitForNavigation(), evil.evaluate(() => document.forms[0].submit())]);
    const posted = await evil.locator("body").innerText();
    server.close();
    told.console.length = 0;
    await page.context().close();
    return { tries, framed, inside, posted };
  },

  async tabs() {
    const one = await open();
    const two = await open({}, given.address, one.context());
    const pages = [one, two];
    for (const page of pages) await byPath(page, given.shared);
    for (const page of pages) { await page.click("#tab-entry"); await page.waitForSelector(".bar"); }
    await one.getByRole("textbox", { name: /^信息资源名称/ }).fill("第一个窗口的名称");
    await one.getByRole("button", { name: "保存并重新检查" }).click();
    await one.waitForFunction(() => !document.getElementById("result-notes").hidden);
    await two.getByRole("textbox", { name: /^信息资源名称/ }).fill("第二个窗口的名称");
    await two.getByRole("button", { name: "保存并重新检查" }).click();
    await two.waitForSelector("#alert:not([hidden])");
    const refused = await words(two, "#alert");
    const kept = await two.getByRole("textbox", { name: /^信息资源名称/ }).inputValue();
    told.console.length = 0; // the refused save
    await one.context().close();
    return { refused, kept };
  },

  async languages() {
    const page = await open();
    await byPath(page, given.own);
    const zh = await page.frameLocator("#report").locator("h1").innerText();
    await page.click("#language");
    await shown(page);
    await page.frameLocator("#report").locator("html[lang=en]").waitFor();
    const en = [await words(page, "#result-title"), await page.frameLocator("#report").locator("h1").innerText(), await page.getAttribute("html", "lang")];
    const address = page.url();
    await page.reload();
    await shown(page);
    const again = await words(page, "#result-title");
    const bare = await open({}, `${given.origin}/zh-CN/`);
    await bare.waitForSelector("#alert:not([hidden])");
    const without = await words(bare, "#alert");
    const wrong = await open({}, `${given.origin}/zh-CN/#token=wrong`);
    await wrong.waitForSelector("#choose:not([hidden])");
    await drop(wrong, given.table);
    await wrong.waitForSelector("#alert:not([hidden])");
    const old = await words(wrong, "#alert");
    const once = await open({}, given.once);
    await once.waitForSelector("#choose:not([hidden])");
    const hash = once.url();
    told.console.length = 0; // the refusals
    for (const each of [page, bare, wrong, once]) await each.context().close();
    return { zh, en, address, again, without, old, hash };
  },

  async hostile() {
    const page = await open();
    await drop(page, given.hostile);
    await shown(page);
    const report = await page.frameLocator("#report").locator("body").innerText();
    const state = [await words(page, "#result-title"), await page.evaluate(() => document.querySelectorAll("#result script, #result img").length)];
    await page.click("#start-over");
    await drop(page, given.large);
    await page.waitForSelector("#alert:not([hidden])");
    const large = [await words(page, "#alert"), await page.locator("#choose").isVisible()];
    await page.context().close();
    return { report, state, large };
  },

  // Files that are moved, changed or removed after they were chosen, and a page that is left while it sends.
  async unlucky() {
    const page = await open();
    const alarmed = async () => { await page.waitForSelector("#choose:not([hidden])"); await page.waitForSelector("#alert:not([hidden])"); return words(page, "#alert"); };
    const choose = async (act) => {
      for (const [name, text] of [["一.csv", "a\n1\n"], ["二.csv", "a\n1\n"], ["空.csv", ""]]) writeFileSync(`${given.moving}/${name}`, text);
      // Before the first file has come, something happens to the others.
      await page.route((url) => url.search.includes(encodeURIComponent("一.csv")), async (route) => { await act(route); }, { times: 1 });
      await page.locator("#files").setInputFiles(["一.csv", "二.csv", "空.csv"].map((name) => `${given.moving}/${name}`));
    };
    await page.waitForSelector("#choose:not([hidden])");
    const found = { told: [], left: [] };
    for (const act of [() => rmSync(`${given.moving}/二.csv`), () => writeFileSync(`${given.moving}/二.csv`, "a\n1\n2\n"), () => rmSync(`${given.moving}/空.csv`)]) {
      await choose(async (route) => { act(); await route.continue(); });
      found.told.push(await alarmed());
      found.left.push(await page.evaluate(() => sessionStorage.getItem("work")));
    }
    // A name that is no text cannot be read by the browser.
    await page.reload();
    await drop(page, given.garbled);
    found.garbled = await alarmed();
    // Left when the first of three has come.
    await page.route((url) => url.search.includes(encodeURIComponent("二.csv")), () => {}, { times: 1 });
    await choose((route) => route.continue());
    await page.waitForFunction(() => document.getElementById("working-words").textContent.includes("第 2 个"));
    await page.reload();
    found.reloaded = await alarmed();
    await page.reload();
    await page.waitForSelector("#choose:not([hidden])");
    found.again = await page.locator("#alert").isVisible();
    told.console.length = 0; // the files that are not there
    await page.context().close();
    return found;
  },

  // The marked workbook comes beside a form that is not saved, and what cannot be had does not take the page's place.
  async marking() {
    const page = await open({ acceptDownloads: true });
    let asked = 0;
    page.on("dialog", (dialog) => { asked += 1; dialog.dismiss(); });
    await drop(page, given.folder);
    await shown(page);
    await page.click("#tab-entry");
    await page.waitForSelector(".bar");
    await page.getByRole("textbox", { name: /^信息资源摘要/ }).fill("没有保存");
    const [kept] = await Promise.all([page.waitForEvent("download"), page.click("#keep-marked")]);
    await page.route(/\/check\/.*\/marked$/, (route) => route.fulfill({ status: 409, contentType: "application/json", body: "{}" }));
    await page.click("#keep-marked");
    await page.waitForFunction(() => !document.getElementById("keep-marked").disabled);
    await page.waitForTimeout(500);
    const typed = await page.getByRole("textbox", { name: /^信息资源摘要/ }).inputValue();
    told.console.length = 0; // the refused download
    await page.context().close();
    return { asked, name: kept.suggestedFilename(), typed };
  },

  async history() {
    const page = await open();
    await byPath(page, given.read);
    const before = await page.evaluate(() => history.length);
    for (let n = 0; n < 2; n += 1) {
      await page.click("#again");
      await page.waitForSelector("#result[hidden]", { state: "attached" }).catch(() => {});
      await shown(page);
      await page.frameLocator("#report").locator("h1").waitFor();
    }
    const after = await page.evaluate(() => history.length);
    await page.context().close();
    return { before, after };
  },
};

const out = {};
for (const [name, act] of Object.entries(CASES)) if (!chosen.length || chosen.includes(name)) out[name] = await act().catch((error) => ({ failed: error.stack }));
console.log(JSON.stringify({ ...told, ...out }));
await browser.close();
