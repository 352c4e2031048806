// The page's facts and words, and making elements: text is always put in as text, never as markup.
const FACTS = JSON.parse(document.getElementById("facts").textContent);
const say = (key, args = {}) => FACTS.texts[key].replace(/\{([a-z]+)\}/g, (place, name) => (name in args ? String(args[name]) : place));
const byId = (id) => document.getElementById(id);
const number = (count) => count.toLocaleString("en-US");

let counted = 0;
const unique = (prefix) => `${prefix}-${++counted}`;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const button = (words, act, classes = "", more = {}) => make("button", { type: "button", class: `button ${classes}`.trim(), onclick: act, ...more }, words);

// What a screen reader says; the same words twice are said twice.
function announce(words) {
  const live = byId("live");
  live.textContent = "";
  setTimeout(() => { live.textContent = words; }, 50);
}
