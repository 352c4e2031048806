// The search page: reads the query from the address, asks the engine (search-engine.js), writes results into the page.
//
// What the page must have:
//   <form data-search data-index="index/" data-datasets="datasets/" data-assets="assets/" action="search.html">
//     <input type="search" name="q"> <button>, and anywhere in the form <select name="sort"> with the values "", newest, name
//   <script type="application/json" id="search-words">  the words of the page's language: catalog/messages/search.yaml, all keys
//   [data-search-status] role="status"     the number of results, and what was done to find them
//   [data-search-results]  an <ol tabindex="-1">, which takes the focus after a change of page
//   [data-search-pages]    a <nav aria-label="…">
// and may have:
//   [data-search-suggestions]              other spellings of a query in letters
//   [data-search-help] hidden              shown when nothing is left; holds links to browse, and a [data-search-shorter] for wider queries
//   details[data-facet="theme"] > summary + div     also department, format, cycle, opening, year; each is fetched when it is opened
// Scripts in this order, all with `defer`: search-engine.js, search.js, index/meta.js. search-pinyin.js and search-inflate.js stand in
// `data-assets` and are fetched when they are needed. All work under script-src 'self'.
// The address: ?q=…&theme=…&department=…&format=…&cycle=…&opening=…&year=…&sort=newest|name&page=2; facets may be repeated.
(function () {
  "use strict";

  const form = document.querySelector("form[data-search]");
  if (!form) return;
  const FACETS = ["theme", "department", "format", "cycle", "opening", "year"];
  const PAGE = 10;
  const SHOWN = 10; // values of a facet before the rest is asked for
  const EXCERPT = 120; // characters
  const words = JSON.parse(document.getElementById("search-words").textContent);
  const english = document.documentElement.lang.startsWith("en");
  const part = (name) => document.querySelector("[data-search-" + name + "]");
  const [status, results, pages, suggestions, help, shorter] =
    ["status", "results", "pages", "suggestions", "help", "shorter"].map(part);
  const input = form.elements.q;

  // Files of the index: scripts that hand over their key and bytes.

  const waiting = new Map();

  const script = (address) => new Promise((done, failed) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = () => { element.remove(); done(); };
    element.onerror = () => { element.remove(); failed(new Error(address)); };
    document.head.appendChild(element);
  });

  async function inflated(bytes) {
    if (typeof DecompressionStream === "function") {
      // Not from a Blob: each of those is a message to another process and back.
      const { readable, writable } = new DecompressionStream("deflate");
      const writer = writable.getWriter();
      const [read] = await Promise.all([new Response(readable).arrayBuffer(), writer.write(bytes), writer.close()]);
      return new Uint8Array(read);
    }
    if (!window.govdataInflate) await script(form.dataset.assets + "search-inflate.js");
    return window.govdataInflate(bytes);
  }

  const slot = (key) => {
    if (!waiting.has(key)) {
      const made = {};
      made.bytes = new Promise((done) => { made.done = done; });
      waiting.set(key, made);
    }
    return waiting.get(key);
  };

  window.__b = (key, data) => {
    const packed = atob(data);
    const bytes = new Uint8Array(packed.length);
    for (let place = 0; place < bytes.length; place += 1) bytes[place] = packed.charCodeAt(place);
    slot(key).done(inflated(bytes));
  };

  // `meta` stands in the page, so that it comes along with the scripts.
  const load = (key) => (key === "meta" ? slot(key).bytes : script(form.dataset.index + key + ".js").then(() => slot(key).bytes));
  const engine = window.govdataSearch.open(load);
  // Read as soon as it is there, not when the first query waits for it.
  engine.meta().catch(() => null);

  // The address.

  function stateOf(address) {
    const told = new URLSearchParams(address.search.length > 1 ? address.search : address.hash.slice(1));
    const filters = {};
    FACETS.forEach((name) => { filters[name] = told.getAll(name); });
    const page = Math.max(1, Math.floor(Number(told.get("page"))) || 1);
    return { q: told.get("q") || "", filters, sort: told.get("sort") || "", page };
  }

  function addressOf(state) {
    const told = new URLSearchParams();
    if (state.q) told.set("q", state.q);
    FACETS.forEach((name) => state.filters[name].forEach((value) => told.append(name, value)));
    if (state.sort) told.set("sort", state.sort);
    if (state.page > 1) told.set("page", state.page);
    return "?" + told;
  }

  function go(changes, focus) {
    const next = Object.assign({}, state, { page: 1 }, changes);
    try {
      history.pushState(null, "", addressOf(next));
    } catch (error) { // a file whose address may not change
      location.hash = addressOf(next).slice(1);
    }
    show(next, focus);
  }

  // Elements.

  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    Object.keys(attributes || {}).forEach((key) => element.setAttribute(key, attributes[key]));
    element.append(...children);
    return element;
  }

  const fill = (element, ...children) => {
    if (!element) return;
    element.textContent = "";
    element.append(...children);
  };

  const say = (key, told) => words[key].replace(/\{(\w+)\}/g, (_, name) => told[name]);
  // As both languages write it; toLocaleString takes longer for the first number than the engine for all hits.
  const number = (value) => String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");

  // A link that stays on the page.
  function link(changes, label, attributes, focus) {
    const element = make("a", Object.assign({ href: addressOf(Object.assign({}, state, { page: 1 }, changes)) }, attributes), label);
    element.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      go(changes, focus);
    });
    return element;
  }

  function marked(shown, terms) {
    const parts = document.createDocumentFragment();
    let place = 0;
    for (const [start, end] of window.govdataSearch.marks(shown, terms, engine.fold)) {
      parts.append(shown.slice(place, start), make("mark", null, shown.slice(start, end)));
      place = end;
    }
    parts.append(shown.slice(place));
    return parts;
  }

  // The part of a long text around the first hit.
  function excerpt(told, terms) {
    if (told.length <= EXCERPT) return told;
    const first = window.govdataSearch.marks(told, terms, engine.fold)[0];
    const start = first ? Math.max(0, Math.min(first[0] - 30, told.length - EXCERPT)) : 0;
    const whole = told.slice(start, start + EXCERPT).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
    return (start > 0 ? "…" : "") + whole + (start + EXCERPT < told.length ? "…" : "");
  }

  function result(row, terms) {
    const [place, title, publisher, date, formats, , description, , fields] = row;
    const address = form.dataset.datasets + place + "/index.html";
    const item = make("li", { class: "result" }, make("h2", null, make("a", { href: address }, marked(title, terms))));
    if (description) item.append(make("p", { class: "result-description" }, marked(excerpt(description, terms), terms)));
    const named = fields.filter((name) => window.govdataSearch.marks(name, terms, engine.fold).length).slice(0, 3);
    if (named.length) {
      const columns = make("p", { class: "result-fields" }, words.fields);
      named.forEach((name, which) => columns.append(which ? words.separator : "", marked(name, terms)));
      item.append(columns);
    }
    const facts = make("p", { class: "result-facts" }, make("span", null, marked(publisher, terms)));
    formats.forEach((name) => facts.append(" ", make("span", { class: "format" }, name)));
    if (date) facts.append(" ", make("time", { datetime: date }, say("updated", { date })));
    item.append(facts);
    return item;
  }

  // What is shown.

  let state = stateOf(location);
  let shown = location.search;
  let found = null;
  let turn = 0; // answers that come too late are dropped

  function showPages(total) {
    const last = Math.ceil(total / PAGE);
    fill(pages);
    if (last < 2) return;
    const list = make("ul");
    const add = (...content) => list.append(make("li", null, ...content));
    if (state.page > 1) add(link({ page: state.page - 1 }, words.previous, { rel: "prev" }, true));
    let before = 0;
    for (let page = 1; page <= last; page += 1) {
      if (page > 1 && page < last && Math.abs(page - state.page) > 2) continue;
      if (page > before + 1) add(make("span", { "aria-hidden": "true" }, "…"));
      const attributes = { "aria-label": say("page", { page: number(page) }) };
      if (page === state.page) attributes["aria-current"] = "page";
      add(link({ page }, number(page), attributes, true));
      before = page;
    }
    if (state.page < last) add(link({ page: state.page + 1 }, words.next, { rel: "next" }, true));
    pages.append(list);
  }

  const told = { text: "" };

  function showCounts(counts, instead, filtered) {
    const lines = instead ? [say("instead", instead)] : [];
    if (counts.whole || !counts.apart) lines.push(say(counts.exact || !counts.whole ? "count" : "about", { count: number(counts.whole) }));
    if (counts.apart) lines.push(say(counts.exactApart ? "apart" : "about-apart", { count: number(counts.apart) }));
    if (!counts.whole && !counts.apart) lines.splice(0, lines.length, say(filtered ? "filtered" : "none", { query: state.q }));
    if (found.cut) lines.push(say("cut", { count: found.terms.length }));
    const text = lines.join(" ");
    if (text !== told.text) fill(status, text); // a screen reader says it again only when it is other
    told.text = text;
  }

  async function suggest(told) {
    if (!window.govdataPinyin) await script(form.dataset.assets + "search-pinyin.js");
    return window.govdataPinyin.suggest(engine, told);
  }

  // Other spellings of a query that is in letters, or has words that are: the whole query with each of them.
  async function spellings(query) {
    const parts = query.trim().split(/\s+/);
    const letters = (each) => /^[a-zü']{2,}$/i.test(each);
    if (parts.every(letters)) {
      const whole = await suggest(parts.join(""));
      if (whole.length || parts.length === 1) return whole;
    }
    const which = parts.findIndex(letters);
    if (which < 0) return [];
    const others = await suggest(parts[which]);
    return others.map((each) => ({ text: parts.map((old, place) => (place === which ? each.text : old)).join(" "), count: each.count }));
  }

  function showSuggestions(list) {
    fill(suggestions);
    if (!suggestions || !list.length) return;
    suggestions.append(words.meant);
    list.forEach((each) => suggestions.append(" ", link({ q: each.text }, each.text)));
  }

  function showHelp(nothing, filtered) {
    if (!help) return;
    help.hidden = !nothing;
    fill(shorter);
    if (!nothing || !shorter) return;
    if (filtered) shorter.append(make("li", null, link({ filters: stateOf({ search: "", hash: "" }).filters }, words.unfiltered)));
    const terms = found.terms.length > 1 ? found.terms.map((term) => term.text) : [];
    const known = found.known.filter((each) => each.count && each.text !== state.q).map((each) => each.text);
    Array.from(new Set(terms.concat(known))).slice(0, 6).forEach((each) => shorter.append(make("li", null, link({ q: each }, each))));
  }

  async function showFacet(details, all) {
    const name = details.dataset.facet;
    const box = details.querySelector("div");
    const mine = turn;
    const values = await engine.facet(found, name, state.filters);
    if (mine !== turn) return;
    const focused = document.activeElement && box.contains(document.activeElement) ? document.activeElement.value : null;
    const chosen = state.filters[name];
    const amount = (count) => (values.exact ? number(count) : say("about-so-many", { count: number(count) }));
    const list = make("ul");
    values.filter((value, place) => all || place < SHOWN || chosen.includes(value[0])).forEach(([code, zh, en, count]) => {
      const check = make("input", { type: "checkbox", value: code });
      check.checked = chosen.includes(code);
      check.addEventListener("change", () => {
        const others = chosen.filter((each) => each !== code);
        go({ filters: Object.assign({}, state.filters, { [name]: check.checked ? others.concat(code) : others }) });
      });
      list.append(make("li", null, make("label", null, check, " ", english && en ? en : zh, " ", make("span", { class: "count" }, amount(count)))));
    });
    fill(box, list);
    if (!all && values.length > SHOWN) {
      const more = make("button", { type: "button" }, say("more", { count: number(values.length) }));
      more.addEventListener("click", () => showFacet(details, true).then(() => box.querySelectorAll("input")[SHOWN].focus(), fail));
      box.append(more);
    }
    const again = focused !== null && Array.from(box.querySelectorAll("input")).find((check) => check.value === focused);
    if (again) again.focus();
  }

  const showFacets = () => Promise.all(Array.from(document.querySelectorAll("details[data-facet]")).map((details) => {
    if (state.filters[details.dataset.facet].length) details.open = true;
    return details.open ? showFacet(details) : fill(details.querySelector("div"));
  }));

  function fail() {
    told.text = words.failed;
    fill(status, words.failed);
  }

  async function show(next, focus) {
    state = next;
    shown = location.search;
    turn += 1;
    const mine = turn;
    input.value = state.q;
    if (form.elements.sort) form.elements.sort.value = state.sort;
    results.setAttribute("aria-busy", "true");
    try {
      const asked = spellings(state.q);
      asked.catch(() => null);
      found = await engine.find(state.q);
      const options = { filters: state.filters, sort: state.sort, start: (state.page - 1) * PAGE, size: PAGE };
      let page = await engine.page(found, options);
      let instead = null;
      let filtered = false; // nothing is left, but something was found
      if (!page.whole && !page.apart) { // only then is it worth waiting for other spellings
        const all = Object.assign({}, options, { filters: {}, start: 0 });
        filtered = FACETS.some((name) => state.filters[name].length) && (await engine.page(found, all)).rows.length > 0;
        const [first] = filtered ? [] : await asked;
        if (first) {
          instead = { query: state.q, other: first.text };
          found = await engine.find(first.text);
          page = await engine.page(found, options);
        }
      }
      if (mine !== turn) return;
      const total = page.whole + page.apart;
      const last = Math.max(1, Math.ceil(total / PAGE));
      if (state.page > last) {
        // A link from when there were more.
        await show(Object.assign({}, state, { page: last }), focus);
        return;
      }
      fill(results, ...page.rows.map((row) => result(row, found.terms)));
      results.start = options.start + 1;
      showCounts(page, instead, filtered);
      showPages(total);
      showHelp(!total, filtered);
      results.removeAttribute("aria-busy");
      document.documentElement.dataset.searched = mine;
      if (focus) {
        results.focus();
        results.scrollIntoView();
      }
      const facets = showFacets();
      facets.catch(() => null);
      const settled = await engine.settle(found, options, () => mine === turn);
      if (mine !== turn) return;
      showCounts(settled, instead, filtered);
      if (settled.whole + settled.apart !== total) showPages(settled.whole + settled.apart);
      const spelt = await asked;
      if (mine === turn) showSuggestions(spelt);
      await facets;
      if (settled.compared && mine === turn) await showFacets();
      document.documentElement.dataset.settled = mine;
    } catch (error) {
      if (mine !== turn) return;
      results.removeAttribute("aria-busy");
      fail();
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const filters = {};
    FACETS.forEach((name) => { filters[name] = input.value.trim() === state.q ? state.filters[name] : []; });
    go({ q: input.value.trim(), filters });
  });
  if (form.elements.sort) form.elements.sort.addEventListener("change", () => go({ sort: form.elements.sort.value }));
  document.querySelectorAll("details[data-facet]").forEach((details) => details.addEventListener("toggle", () => {
    if (details.open && found && !details.querySelector("input")) showFacet(details).catch(fail);
  }));
  document.addEventListener("keydown", (event) => {
    const within = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || within || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  window.addEventListener("popstate", () => {
    // A link within the page, such as the one that skips to its content, asks nothing.
    if (location.search !== shown || !/^#[^=]+$/.test(location.hash)) show(stateOf(location));
  });
  if (location.search.length > 1 || location.hash.includes("=")) show(state);
})();
