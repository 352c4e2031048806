// Asks the search engine of a site, without a browser. node engine.mjs SCRIPTS SITE [session] < queries.json > answers.json
// A query: { q, filters, sort, start, size, unwanted }, or { suggest }. Each is asked of an engine that has fetched nothing but `meta`;
// in a session, of one that keeps what it fetched for the queries before.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, inflateSync } from "node:zlib";

const [scripts, site, session] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const { govdataSearch } = require(join(scripts, "search-engine.js"));
const { govdataPinyin } = require(join(scripts, "search-pinyin.js"));

function counting() {
  const fetched = { files: [], bytes: 0, rounds: 0 };
  let waiting = 0;
  const load = async (key) => {
    const file = readFileSync(join(site, "index", key + ".js"));
    const [, named, data] = file.toString("latin1").match(/^__b\("([^"]*)","([^"]*)"\)\n$/);
    if (named !== key) throw new Error(`${key} says that it is ${named}`);
    fetched.files.push(key);
    fetched.bytes += gzipSync(file, { level: 6 }).length;
    // All that is asked for in one turn of the loop goes out together: one round trip.
    if (!waiting) fetched.rounds += 1;
    waiting += 1;
    await new Promise((done) => { setTimeout(done, 1); });
    waiting -= 1;
    return new Uint8Array(inflateSync(Buffer.from(data, "base64")));
  };
  return { fetched, load };
}

const asked = () => {
  const { fetched, load } = counting();
  return { fetched, engine: govdataSearch.open(load) };
};
const kept = asked();

async function answer(query) {
  const { fetched, engine } = session ? kept : asked();
  await engine.meta();
  Object.assign(fetched, { files: [], bytes: 0, rounds: 0 });
  if ("suggest" in query) return { words: await govdataPinyin.suggest(engine, query.suggest), fetched };
  const options = Object.assign({ filters: {}, sort: "", start: 0, size: 10 }, query);
  const start = process.hrtime.bigint();
  const found = await engine.find(query.q);
  const page = await engine.page(found, options);
  const first = { bytes: fetched.bytes, rounds: fetched.rounds, files: fetched.files.length, ms: Number(process.hrtime.bigint() - start) / 1e6 };
  const before = Array.from(found.ids).filter((_, place) => found.gaps[place] === 0).length;
  const settled = await engine.settle(found, options, () => !query.unwanted);
  const places = Array.from(found.ids.keys());
  const facets = {};
  const exact = {};
  for (const name of query.facets || []) {
    facets[name] = await engine.facet(found, name, options.filters);
    exact[name] = facets[name].exact;
  }
  return {
    rows: page.rows, page: { whole: page.whole, apart: page.apart, exact: page.exact }, settled, first, before, facets, exact,
    bytes: fetched.bytes,
    whole: places.filter((place) => found.gaps[place] === 0).map((place) => found.ids[place]),
    apart: places.filter((place) => found.gaps[place] > 0 && found.gaps[place] < 255).map((place) => found.ids[place]),
    marks: page.rows.map((row) => govdataSearch.marks(row[1], found.terms, engine.fold)),
  };
}

const answers = [];
for (const query of JSON.parse(readFileSync(0, "utf8"))) answers.push(await answer(query));
process.stdout.write(JSON.stringify(answers));
