// The page: files in, progress, result, entry. What it knows across reloads stays in this tab's own storage.
const MEBIBYTE = 1048576;
const state = { token: "", work: "", outcome: null, dataset: null, form: null, digest: "", dirty: false, place: "", sending: null };
const keep = (name, value) => { if (value) sessionStorage.setItem(name, value); else sessionStorage.removeItem(name); };

class Refused extends Error {}

async function ask(method, address, { body, file } = {}) {
  const headers = { "X-Govdata-Token": state.token, "Accept-Language": FACTS.language };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const sent = file ?? (body === undefined ? undefined : JSON.stringify({ language: FACTS.language, ...body }));
  const question = address.includes("?") ? "&" : "?";
  let answer, told;
  try {
    answer = await fetch(`/api/${address}${question}language=${FACTS.language}`, { method, headers, body: sent, signal: state.sending?.signal, cache: "no-store" });
    told = await answer.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(file && await isGone(file) ? say("unreadable", { name: file.name }) : say("lost-connection"));
  }
  if (!answer.ok) throw new Refused(told.error);
  return told;
}

function show(...names) {
  for (const name of ["choose", "working", "result"]) byId(name).hidden = !names.includes(name);
}

function alarm(words) {
  const box = byId("alert");
  box.textContent = words;
  box.hidden = !words;
  if (words) box.focus();
}

// Whatever goes wrong becomes a sentence, and the way back is open.
async function careful(act) {
  try {
    await act();
  } catch (error) {
    if (error.name === "AbortError") return;
    if (byId("result").hidden) show("choose");
    if (error instanceof Refused) alarm(error.message);
    else {
      alarm(say("page-failed", { what: String(error) }));
      throw error;
    }
  }
}

// --- Files in ---

// Whether it was for the file that it could not be sent: it is gone, was changed or may not be read. Of an empty one there is
// nothing to try: there it is the file if the program still answers.
const isGone = (file) => (file.size ? file.slice(0, 1).arrayBuffer().then(() => false, () => true) : fetch("/icon.svg").then(() => true, () => false));

// What the browser gives of a file or folder, in its own manner of giving.
async function fromDisk(name, give) {
  try {
    return await new Promise(give);
  } catch {
    throw new Refused(say("unreadable", { name }));
  }
}

async function filesOfEntry(entry, path) {
  const own = path + entry.name;
  if (entry.isFile) return [[own, await fromDisk(own, (done, failed) => entry.file(done, failed))]];
  const reader = entry.createReader();
  const inside = [];
  for (;;) {
    const part = await fromDisk(own, (done, failed) => reader.readEntries(done, failed));
    if (!part.length) break;
    inside.push(...part);
  }
  const found = [];
  for (const each of inside) {
    if (found.length > FACTS.files + 1) break;
    found.push(...await filesOfEntry(each, `${path}${entry.name}/`));
  }
  return found;
}

async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => [file.name, file]);
  const found = [];
  for (const entry of entries) found.push(...await filesOfEntry(entry, ""));
  return found;
}

async function take(files) {
  const name = ([, file]) => file.name;
  const large = files.find(([, file]) => file.size > FACTS.file);
  if (!files.length) throw new Refused(say("no-files"));
  if (large) throw new Refused(say("too-large", { name: name(large), size: number(Math.ceil(large[1].size / MEBIBYTE)), limit: number(FACTS.file / MEBIBYTE) }));
  if (files.length > FACTS.files) throw new Refused(say("too-many", { limit: number(FACTS.files), count: number(files.length) }));
  alarm("");
  await forget();
  working(say("sending", { number: 1, count: files.length }), 0);
  state.sending = new AbortController();
  const work = await ask("POST", "works", { body: {} });
  remember(work.id);
  keep("sending", "yes");
  try {
    for (const [place, [path, file]] of files.entries()) {
      progress(say("sending", { number: number(place + 1), count: number(files.length) }), place / files.length);
      await ask("PUT", `works/${work.id}/files?name=${encodeURIComponent(path)}`, { file });
    }
  } catch (error) {
    // A part of the files must never be taken for all of them. Who stops forgets it himself.
    if (error.name !== "AbortError") await forget();
    throw error;
  }
  state.sending = null;
  keep("sending", "");
  await check();
}

function remember(id) {
  state.work = id;
  keep("work", id);
}

// The files of the last work are deleted as soon as others come.
async function forget() {
  const old = state.work;
  state.sending = null;
  state.dataset = null;
  tidy();
  remember("");
  keep("sending", "");
  if (old) await ask("DELETE", `works/${old}`).catch((error) => { if (!(error instanceof Refused)) throw error; });
}

async function byPath(path) {
  byId("path-error").hidden = true;
  byId("path").removeAttribute("aria-invalid");
  try {
    const work = await ask("POST", "works", { body: { path } });
    await forget();
    remember(work.id);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    byId("path-error").textContent = error.message;
    byId("path-error").hidden = false;
    byId("path").setAttribute("aria-invalid", "true");
    byId("path").focus();
    return;
  }
  alarm("");
  await check();
}

// --- A check ---

let spoken = 0;

function working(words, share) {
  show("working");
  byId("working-title").textContent = say("checking");
  byId("working-title").focus();
  spoken = Date.now();
  announce(words);
  progress(words, share);
}

function progress(words, share) {
  const bar = byId("bar");
  if (share === undefined) bar.removeAttribute("value");
  else bar.value = share;
  byId("working-words").textContent = words;
  if (Date.now() - spoken > 5000) {
    spoken = Date.now();
    announce(words);
  }
}

async function check(quiet = false) {
  if (!quiet) working(say("checking"));
  await watch(await ask("POST", `works/${state.work}/check`, { body: {} }));
}

async function watch(first) {
  let told = first;
  while (["waiting", "checking"].includes(told.state)) {
    const { name, rows } = told.progress;
    progress(told.state === "waiting" ? say("waiting") : name ? say("checking-at", { name, rows: number(rows) }) : say("checking"));
    told = await ask("GET", `works/${state.work}?seen=${told.version}`);
  }
  state.place = told.place;
  if (told.state === "done") return present(told);
  if (told.outcome) present(told);
  else show("choose");
  if (told.state === "failed") alarm(`${say("failed")}${FACTS.language === "en" ? ": " : "："}${told.error}`);
  else if (told.state === "stopped") { announce(say("stopped")); alarm(say("stopped")); }
  return undefined;
}

// --- The result ---

function present(told) {
  state.outcome = told.outcome;
  state.place = told.place;
  show("result");
  const { key, verdict, totals, unchecked, datasets } = told.outcome;
  byId("outcome").className = `card outcome is-${verdict}`;
  byId("result-title").textContent = say(`verdict-${verdict}`);
  const counts = say("totals", Object.fromEntries(Object.entries(totals).map(([name, count]) => [name, number(count)])));
  // Never “passed” alone where something was not checked.
  byId("result-words").textContent = unchecked ? `${counts}${FACTS.language === "en" ? ". " : "。"}${say("unchecked", { count: number(unchecked) })}` : counts;
  const notes = [];
  if (told.left) notes.push(say("left-files", { count: number(told.left) }));
  if (told.renamed.length) notes.push(say("renamed", { names: told.renamed.slice(0, 10).join(FACTS.language === "en" ? ", " : "、") }));
  byId("result-notes").textContent = notes.join(" ");
  byId("result-notes").hidden = notes.length === 0;
  const address = `/check/${key}/report.html`;
  // Not as a step of its own in the browser's history: “back” would lead to the report of an earlier check, which is gone.
  byId("report").contentWindow.location.replace(address);
  byId("report-window").href = address;
  byId("keep-report").href = `${address}?keep`;
  const usable = datasets.filter((dataset) => dataset.editable);
  if (!usable.some((dataset) => dataset.number === state.dataset)) {
    state.dataset = (usable.find((dataset) => dataset.verdict === "fail") ?? usable[0])?.number ?? null;
  }
  byId("result-title").focus();
  announce(`${byId("result-title").textContent} ${byId("result-words").textContent}`);
  tidy();
  if (byId("tab-entry").getAttribute("aria-selected") === "true") careful(openEntry);
}

// The frame is as high as the report: one page, one scroll bar.
function fit() {
  const page = byId("report").contentDocument?.documentElement;
  if (page && page.scrollHeight > 0 && !byId("panel-report").hidden) byId("report").style.height = `${page.scrollHeight + 4}px`;
}

function select(tab, focus = true) {
  for (const name of ["report", "entry"]) {
    const chosen = tab === name;
    byId(`tab-${name}`).setAttribute("aria-selected", String(chosen));
    byId(`tab-${name}`).tabIndex = chosen ? 0 : -1;
    byId(`panel-${name}`).hidden = !chosen;
  }
  keep("tab", tab);
  if (focus) byId(`tab-${tab}`).focus();
  if (tab === "report") fit();
  else if (!state.form) careful(openEntry);
}

// --- The entry ---

function tidy() {
  state.form = null;
  state.dirty = false;
  byId("panel-entry").replaceChildren();
}

async function openEntry() {
  const panel = byId("panel-entry");
  if (state.dataset === null) {
    panel.replaceChildren(make("p", { class: "card" }, say("entry-none")));
    return;
  }
  const given = await ask("GET", `works/${state.work}/entries/${state.dataset}`);
  const form = buildForm(given);
  state.form = form;
  state.digest = given.digest;
  state.dirty = false;
  const intro = make("p", { class: "intro" }, state.place ? say("entry-intro-path", { place: state.place }) : say("entry-intro-sent"));
  const words = make("span", { class: "words" });
  const download = state.place ? null : make("a", { class: "button", href: `/check/${state.outcome.key}/entry/${state.dataset}`, download: "", onclick: beforeDownload }, say("keep-entry"));
  const bar = make("div", { class: "bar" }, words, make("button", { class: "button main" }, say("save")), download);
  const node = make("form", { novalidate: true, autocomplete: "off" }, form.node, bar);
  node.addEventListener("submit", (event) => { event.preventDefault(); careful(save); });
  node.addEventListener("input", () => {
    if (!state.dirty) words.textContent = say("unsaved");
    state.dirty = true;
  });
  // A key pressed in a line of the form is no order to save.
  node.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.tagName === "INPUT") event.preventDefault(); });
  panel.replaceChildren(...[chooser(), intro, node].filter(Boolean));
}

function chooser() {
  const usable = state.outcome.datasets.filter((dataset) => dataset.editable);
  if (usable.length < 2) return null;
  const input = make("select", { id: "which" });
  for (const dataset of usable) input.append(make("option", { value: dataset.number }, `${dataset.name} · ${dataset.path}`));
  input.value = String(state.dataset);
  input.addEventListener("change", () => {
    if (state.dirty && !confirm(say("leave-unsaved"))) {
      input.value = String(state.dataset);
      return;
    }
    state.dataset = Number(input.value);
    careful(async () => { await openEntry(); byId("which")?.focus(); });
  });
  return make("div", { class: "chooser" }, make("label", { for: "which" }, say("entry-choose")), input);
}

async function save() {
  const told = await ask("PUT", `works/${state.work}/entries/${state.dataset}`, { body: { digest: state.digest, values: state.form.read() } });
  state.digest = told.digest;
  state.dirty = false;
  alarm("");
  await check();
  announce(`${told.told} ${byId("result-title").textContent} ${byId("result-words").textContent}`);
  byId("result-notes").textContent = told.told;
  byId("result-notes").hidden = false;
}

function beforeDownload(event) {
  if (!state.dirty || !confirm(say("keep-unsaved"))) return;
  event.preventDefault();
  const { href } = event.currentTarget;
  careful(async () => {
    await save();
    download(href.replace(/\/check\/[^/]+\//, `/check/${state.outcome.key}/`));
  });
}

// As a link, not as a way: nothing asks whether the page is to be left, and a refusal does not take its place.
function download(href) {
  const link = make("a", { href, download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}

async function marked() {
  announce(say("making-marked"));
  byId("keep-marked").disabled = true;
  try {
    const { files, left } = await ask("POST", `works/${state.work}/marked`, { body: {} });
    if (files.length) download(`/check/${state.outcome.key}/marked`);
    alarm(files.length || left.length ? left.slice(0, 10).join(" ") : say("no-marked"));
  } finally {
    byId("keep-marked").disabled = false;
  }
}

// --- Beginning ---

function listen() {
  const pick = (id) => () => byId(id).click();
  byId("choose-files").addEventListener("click", pick("files"));
  byId("choose-folder").addEventListener("click", pick("folder"));
  for (const id of ["files", "folder"]) {
    byId(id).addEventListener("change", () => {
      const files = [...byId(id).files].map((file) => [file.webkitRelativePath || file.name, file]);
      byId(id).value = "";
      careful(() => take(files));
    });
  }
  byId("path-form").addEventListener("submit", (event) => { event.preventDefault(); careful(() => byPath(byId("path").value)); });
  byId("stop").addEventListener("click", () => careful(stop));
  byId("again").addEventListener("click", () => { if (mayLeave()) careful(check); });
  byId("start-over").addEventListener("click", () => { if (mayLeave()) careful(startOver); });
  byId("keep-marked").addEventListener("click", () => careful(marked));
  byId("report").addEventListener("load", fit);
  addEventListener("resize", fit);
  for (const name of ["report", "entry"]) byId(`tab-${name}`).addEventListener("click", () => select(name));
  document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const wanted = { ArrowLeft: "report", ArrowRight: "entry", Home: "report", End: "entry" }[event.key];
    if (wanted) { event.preventDefault(); select(wanted); }
  });
  addEventListener("beforeunload", (event) => { if (state.dirty) event.preventDefault(); });
  listenDrop();
}

const mayLeave = () => !state.dirty || confirm(say("leave-unsaved"));

async function stop() {
  if (state.sending) {
    state.sending.abort();
    state.sending = null;
    await forget();
    show("choose");
    byId("choose-title").focus();
    announce(say("stopped"));
    return;
  }
  await ask("POST", `works/${state.work}/stop`, { body: {} });
}

async function startOver() {
  await forget();
  alarm("");
  select("report", false);
  show("choose");
  byId("choose-title").focus();
}

function listenDrop() {
  const words = document.querySelector(".drop-words");
  const usual = words.textContent;
  const dragging = (on) => {
    document.body.classList.toggle("dragging", on);
    words.textContent = on ? words.dataset.drop : usual;
  };
  // Beside the drop zone as well: else the browser would leave the page for the file.
  addEventListener("dragover", (event) => { event.preventDefault(); dragging(true); });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) dragging(false); });
  addEventListener("drop", (event) => {
    event.preventDefault();
    dragging(false);
    const transfer = event.dataTransfer;
    if (!byId("working").hidden || !mayLeave()) return;
    careful(async () => take(await dropped(transfer)));
  });
}

// The token is behind `#`, which no browser sends to anybody; it goes out of sight at once, and into this tab's storage.
async function enter() {
  const given = new URLSearchParams(location.hash.slice(1));
  state.token = given.get("token") ?? sessionStorage.getItem("token") ?? "";
  if (given.has("token") || given.has("once")) history.replaceState(null, "", location.pathname);
  if (given.has("once") && !given.has("token")) {
    const answer = await fetch("/api/open", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ once: given.get("once") }) });
    if (answer.ok) state.token = (await answer.json()).token;
  }
  if (!state.token) throw new Refused(say("no-token"));
  keep("token", state.token);
}

async function begin() {
  listen();
  await enter();
  const tab = sessionStorage.getItem("tab");
  if (tab === "entry") select("entry", false);
  state.work = sessionStorage.getItem("work") ?? "";
  if (sessionStorage.getItem("sending")) {
    // The page was left while files were sent: what is there is a part, and would be checked as if it were all.
    await forget();
    throw new Refused(say("sending-left"));
  }
  const told = state.work ? await ask("GET", `works/${state.work}`).catch((error) => { if (!(error instanceof Refused)) throw error; }) : null;
  if (!told || told.state === "empty") {
    remember("");
    show("choose");
    return;
  }
  const other = told.outcome && told.outcome.language !== FACTS.language;
  await (other || told.state === "ready" ? check() : watch(told));
}

careful(begin);
