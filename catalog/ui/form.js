// The form of an entry. A control is { node, read(), focus() }; a value that was not touched is read as it came.
const FROM = "@from";
const FIRST_ROWS = 40;
const FIRST_PARTS = 4;

// What was found wrong, by the place in the form that it belongs to.
class Problems {
  constructor(found) {
    this.found = found.map((problem) => ({ ...problem, focus: null }));
  }
  at(place) {
    const key = place.join("/");
    return this.found.filter((problem) => problem.place.join("/") === key);
  }
  below(place) {
    const key = `${place.join("/")}/`;
    return this.found.filter((problem) => `${problem.place.join("/")}/`.startsWith(key));
  }
}

function told(problem) {
  const words = make("span", {}, `${say(problem.severity)}${FACTS.language === "en" ? ": " : "："}${problem.message}`);
  return make("p", { class: `problem is-${problem.severity}` }, words, problem.help ? make("span", { class: "help small" }, problem.help) : null);
}

// A labelled control with its explanation and what is wrong with it.
function framed(spec, input, problems, group = false) {
  const found = problems.at(spec.place);
  const described = [];
  const name = spec.label;
  const must = spec.required ? make("span", { class: "must" }, say("required")) : null;
  const node = make(group ? "fieldset" : "div", { class: "field" });
  node.append(group ? make("legend", {}, name, must) : make("label", { for: input.id }, name, must));
  const helps = [spec.help, spec.kind === "lines" ? say("lines-help") : spec.kind === "date" ? say("date-help") : null].filter(Boolean);
  if (helps.length) {
    const id = unique("help");
    described.push(id);
    node.append(make("p", { class: "small", id }, helps.join(" ")));
  }
  node.append(input);
  const focused = group ? input.querySelector("input") : input;
  if (found.length) {
    const id = unique("problem");
    described.push(id);
    node.append(make("div", { id }, ...found.map(told)));
    for (const problem of found) problem.focus = () => reveal(focused);
    if (found.some((problem) => problem.severity === "error")) focused?.setAttribute("aria-invalid", "true");
  }
  if (described.length) (group ? node : input).setAttribute("aria-describedby", described.join(" "));
  if (spec.required && !group) input.setAttribute("aria-required", "true");
  if (["area", "lines"].includes(spec.kind) || group) node.classList.add("wide");
  return { node, focus: () => reveal(focused) };
}

// Open whatever an element is folded into, and go there.
function reveal(element) {
  for (let above = element?.parentElement; above; above = above.parentElement) if (above.tagName === "DETAILS") above.open = true;
  element?.focus();
  element?.scrollIntoView({ block: "center" });
}

function textControl(spec, value, problems) {
  const long = spec.kind === "area" || (spec.kind === "text" && String(value ?? "").length > 60) || String(value ?? "").includes("\n");
  const attributes = { id: unique("input"), type: long ? null : "text", inputmode: spec.kind === "number" ? "decimal" : null, autocomplete: "off", spellcheck: "false" };
  const input = make(long ? "textarea" : "input", attributes);
  input.value = value ?? "";
  const shown = input.value;
  return { ...framed({ ...spec, kind: long ? "area" : spec.kind }, input, problems), read: () => (input.value === shown ? value : input.value) };
}

function linesControl(spec, value, problems) {
  const input = make("textarea", { id: unique("input"), rows: Math.min(6, Math.max(2, (value ?? []).length)), spellcheck: "false" });
  input.value = (value ?? []).join("\n");
  const shown = input.value;
  const read = () => (input.value === shown ? value : input.value.split("\n").map((line) => line.trim()).filter(Boolean));
  return { ...framed(spec, input, problems), read };
}

function choiceControl(spec, value, problems) {
  const input = make("select", { id: unique("input") }, make("option", { value: "" }, say("not-chosen")));
  for (const [code, label] of spec.choices) input.append(make("option", { value: code }, label));
  if (value && !spec.choices.some(([code]) => code === value)) input.append(make("option", { value }, say("not-listed", { value })));
  input.value = value ?? "";
  return { ...framed(spec, input, problems), read: () => (input.value === (value ?? "") ? value : input.value) };
}

function choicesControl(spec, value, problems) {
  const chosen = value ?? [];
  const known = spec.choices.map(([code]) => code);
  const all = [...spec.choices, ...chosen.filter((code) => !known.includes(code)).map((code) => [code, say("not-listed", { value: code })])];
  const boxes = all.map(([code, label]) => {
    const box = make("input", { type: "checkbox", value: code, id: unique("input") });
    box.checked = chosen.includes(code);
    return [box, make("label", { for: box.id }, box, label)];
  });
  const input = make("div", { class: "boxes" }, ...boxes.map(([, label]) => label));
  const read = () => {
    const now = boxes.filter(([box]) => box.checked).map(([box]) => box.value);
    const same = now.length === chosen.length && now.every((code) => chosen.includes(code));
    return same ? value : [...chosen.filter((code) => now.includes(code)), ...now.filter((code) => !chosen.includes(code))];
  };
  return { ...framed(spec, input, problems, true), read };
}

// One row of a list. Its further parts are made when they are opened: a table may have hundreds of fields.
function rowControl(spec, value, place, problems, list) {
  const rowPlace = [...place, value[FROM] === undefined ? unique("new") : String(value[FROM])];
  const controls = new Map();
  const nested = spec.parts.filter((part) => part.kind === "rows");
  const plain = spec.parts.filter((part) => part.kind !== "rows");
  const build = (parts, grid) => {
    for (const part of parts) {
      const made = control({ ...part, place: [...rowPlace, ...part.path] }, value[part.path[0]], problems);
      controls.set(part.path[0], made);
      grid.append(made.node);
    }
    return grid;
  };
  const title = make("h4", { tabindex: "-1" });
  const node = make("li", { class: "row" });
  const act = (key, step) => button(say(key), step, "slim");
  const buttons = { up: act("up", () => list.move(row, -1)), down: act("down", () => list.move(row, 1)), remove: act("remove", () => list.remove(row)) };
  node.append(make("div", { class: "row-head" }, title, make("div", { class: "buttons" }, ...Object.values(buttons))));
  const own = problems.at(rowPlace);
  for (const problem of own) problem.focus = () => reveal(title);
  node.append(...own.map(told));
  node.append(build(plain.slice(0, FIRST_PARTS), make("div", { class: "grid" })));
  const rest = plain.slice(FIRST_PARTS);
  if (rest.length) {
    const more = make("details", {}, make("summary", {}, say("more")));
    const fill = () => { if (more.childElementCount === 1) more.append(build(rest, make("div", { class: "grid" }))); };
    more.addEventListener("toggle", () => more.open && fill());
    if (rest.some((part) => problems.below([...rowPlace, ...part.path]).length)) { fill(); more.open = true; }
    node.append(more);
  }
  build(nested, node);
  const row = { node, title, buttons, place: rowPlace };
  row.name = () => controls.get("name")?.read() || controls.get("file")?.read() || controls.get("title")?.read() || controls.get("type")?.read() || "";
  row.read = () => {
    const found = { ...value };
    for (const [key, made] of controls) found[key] = made.read();
    return found;
  };
  node.addEventListener("input", () => list.rename());
  return row;
}

function rowsControl(spec, value, problems) {
  const singular = spec.row ?? spec.label;
  const rows = [];
  const items = make("ol", { class: "rows" });
  const waiting = [...(value ?? [])];
  const more = button("", () => show(FIRST_ROWS, true), "slim");
  const node = make("fieldset", { class: "field wide" }, make("legend", {}, spec.label));
  const at = problems.at(spec.place);
  for (const problem of at) problem.focus = () => reveal(add);
  const list = {
    rename() {
      rows.forEach((row, place) => {
        const name = row.name();
        const words = say(name ? "row-named" : "row-name", { row: singular, number: place + 1, name });
        row.title.textContent = words;
        for (const [key, each] of Object.entries(row.buttons)) each.setAttribute("aria-label", say(`row-${key}`, { row: words }));
        row.buttons.up.disabled = place === 0;
        row.buttons.down.disabled = place === rows.length - 1;
      });
      more.hidden = waiting.length === 0;
      more.textContent = say("show-more", { count: Math.min(FIRST_ROWS, waiting.length) });
    },
    move(row, step) {
      const from = rows.indexOf(row);
      rows.splice(from, 1);
      rows.splice(from + step, 0, row);
      items.insertBefore(row.node, rows[from + step + 1]?.node ?? null);
      list.rename();
      const pressed = step < 0 ? row.buttons.up : row.buttons.down;
      (pressed.disabled ? (step < 0 ? row.buttons.down : row.buttons.up) : pressed).focus();
      announce(say("row-moved", { number: from + step + 1 }));
      items.dispatchEvent(new Event("input", { bubbles: true }));
    },
    remove(row) {
      const from = rows.indexOf(row);
      const words = row.title.textContent;
      rows.splice(from, 1);
      const undo = make("li", { class: "row" }, make("div", { class: "row-head" }, make("h4", {}, say("row-removed", { row: words })), button(say("row-undo"), () => {
        rows.splice(Math.min(from, rows.length), 0, row);
        undo.replaceWith(row.node);
        list.rename();
        row.title.focus();
        announce(say("row-restored"));
      }, "slim")));
      row.node.replaceWith(undo);
      list.rename();
      undo.querySelector("button").focus();
      announce(say("row-removed", { row: words }));
      items.dispatchEvent(new Event("input", { bubbles: true }));
    },
  };
  const put = (item) => {
    const row = rowControl(spec, item, spec.place, problems, list);
    rows.push(row);
    items.append(row.node);
    return row;
  };
  const show = (count, focus) => {
    const shown = waiting.splice(0, count).map(put);
    list.rename();
    if (focus) shown[0]?.title.focus();
  };
  const add = button(say("row-add", { row: singular }), () => {
    show(waiting.length, false);
    const row = put({});
    list.rename();
    row.node.querySelector("input, select, textarea")?.focus();
    announce(say("row-added", { row: singular }));
    items.dispatchEvent(new Event("input", { bubbles: true }));
  }, "slim");
  node.append(...at.map(told), items, make("div", { class: "buttons" }, more, add));
  show(FIRST_ROWS, false);
  return { node, focus: () => reveal(add), read: () => [...rows.map((row) => row.read()), ...waiting] };
}

const KINDS = { rows: rowsControl, choice: choiceControl, choices: choicesControl, lines: linesControl };
const control = (spec, value, problems) => (KINDS[spec.kind] ?? textControl)(spec, value, problems);

const dig = (values, path) => path.reduce((found, step) => (found && typeof found === "object" ? found[step] : undefined), values);

function bury(values, path, value) {
  const [first, ...rest] = path;
  if (rest.length === 0) values[first] = value;
  else bury((values[first] ??= {}), rest, value);
}

// The whole form: { node, read(), focusProblem() }.
function buildForm(given) {
  const problems = new Problems(given.problems);
  const controls = [];
  const node = make("div", {});
  const sheets = given.sections.map((section, place) => {
    const grid = make("div", { class: "grid" });
    let filled = false;
    for (const spec of section.controls) {
      const value = dig(given.values, spec.path);
      filled ||= Array.isArray(value) ? value.length > 0 : Boolean(value);
      const made = control({ ...spec, place: spec.path }, value, problems);
      controls.push([spec.path, made]);
      grid.append(made.node);
    }
    const wrong = section.controls.flatMap((spec) => problems.below(spec.path));
    const grave = wrong.some((problem) => problem.severity === "error");
    const badge = wrong.length ? make("span", { class: `badge is-${grave ? "error" : "warning"}`, role: "img", "aria-label": say("problems", { count: wrong.length }) }, String(wrong.length)) : null;
    const open = wrong.length > 0 || place < 4 || (filled && place < given.sections.length - 1);
    return make("details", { class: "card sheet", open }, make("summary", {}, section.title, badge), grid);
  });
  // What is wrong with a whole (no way to be contacted) leads to its first part.
  for (const problem of problems.found.filter((each) => !each.focus && each.place.length)) {
    const [, first] = controls.find(([path]) => `${path.join("/")}/`.startsWith(`${problem.place.join("/")}/`)) ?? [];
    if (first) problem.focus = first.focus;
  }
  if (problems.found.length) {
    const items = problems.found.map((problem) => make("li", {}, problem.focus ? make("button", { type: "button", class: "linkish", onclick: () => problem.focus() }, problem.message) : told(problem)));
    node.append(make("section", { class: "card summary" }, make("h3", { tabindex: "-1", id: "problems-title" }, say("problems", { count: problems.found.length })), make("ul", {}, ...items)));
  }
  node.append(...sheets);
  const read = () => {
    const found = {};
    for (const [path, made] of controls) bury(found, path, made.read());
    return found;
  };
  return { node, read };
}
