// The engine of the site's search: it finds datasets in an index of small files, and knows nothing of the page.
// govdata/publishing/site/search makes the files (shards.py says what is in which) and cuts and folds texts as is done here.
// ES2017 without modules, so that it runs on old phones and from a disk.
(function (scope) {
  "use strict";

  const WIDE = "\\u00aa\\u00b5\\u00ba\\u00c0-\\u1fff\\u2c00-\\u2dff\\u3005-\\u3007\\u3021-\\u302f\\u3031-\\u303c\\u3041-\\ud7ff" +
    "\\uf900-\\ufdff\\ufe70-\\ufefe\\u{10000}-\\u{1efff}\\u{20000}-\\u{3ffff}";
  const RUN = new RegExp("[a-z0-9]+|[" + WIDE + "]+", "gu");
  // What a query falls into: signs hold letters and digits together (PM2.5, 310104/00), nothing else.
  const TERM = new RegExp("(?:[" + WIDE + "]|[a-z0-9](?:[./_:&%+#-]+(?=[a-z0-9]))?)+", "gu");
  const LONGEST_WORD = 8;
  const WEIGHTS = [1, 1.6, 3, 6]; // of columns, description, keywords and the like, title
  const MOST = 10; // terms, and grams of a term, that are looked up; the rest of a long one is compared with the text
  const HEAVY = 24; // KiB of long lists that are fetched only if the rare grams leave many candidates
  const FEW = 20; // candidates that are rather compared with their texts
  const EXACT = 50; // below it, totals are made exact by comparing every candidate with its text
  // Candidates that are compared at once for it: browsers fetch six files of a host at a time, all others wait.
  const AT_ONCE = 12;

  const decoder = new TextDecoder();
  const text = (bytes) => decoder.decode(bytes);
  const json = (bytes) => JSON.parse(text(bytes));
  // What nobody sees between characters separates none.
  const plain = (told) => told.replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/g, "").normalize("NFKC").toLowerCase();
  const isWord = (character) => /[a-z0-9]/.test(character);

  // A part of a query between spaces. `grams` are looked up; all of `required` must be there; those of `optional` may be missing where the
  // term falls into pieces. `sure`: the grams alone decide, since one is the whole term. `long`: some of its grams are not looked up.
  function termOf(told) {
    const runs = told.match(RUN);
    let grams = [];
    let place = 0; // behind the run before
    runs.forEach((run, which) => {
      const characters = Array.from(run);
      const meets = which > 0 && told.startsWith(run, place);
      if (meets) grams.push(Array.from(runs[which - 1]).pop() + characters[0]);
      place = told.indexOf(run, place) + run.length;
      if (isWord(run[0])) grams.push(run.slice(0, LONGEST_WORD));
      else if (characters.length === 1 && !meets) grams.push(run);
      else characters.slice(1).forEach((character, before) => grams.push(characters[before] + character));
    });
    // A single letter or digit is in nearly every document: where there is more to go by, the text itself is asked.
    const telling = grams.filter((gram) => gram.length > 1 || gram > "\x7f");
    if (telling.length) grams = telling;
    const splits = runs.length === 1 && !isWord(told[0]) && grams.length > 2 && grams.length <= MOST;
    const long = grams.length > MOST;
    if (long) grams = Array.from({ length: MOST }, (_, step) => grams[Math.round(step * (grams.length - 1) / (MOST - 1))]);
    const optional = splits ? grams.slice(1, -1) : [];
    const sure = grams.length === 1 && grams[0] === told;
    return { text: told, grams, required: splits ? [grams[0], grams[grams.length - 1]] : grams, optional, sure, long };
  }

  const partsOf = (folded) => Array.from(new Set(folded.match(TERM) || []));

  // Where a term stands in a folded text: letters and digits from the beginning of a word or number, all else anywhere. -1: nowhere.
  function placeOf(term, within, from) {
    const same = /^[a-z]/.test(term) ? /[a-z]/ : /^[0-9]/.test(term) ? /[0-9]/ : null;
    let place = within.indexOf(term, from || 0);
    while (same && place > 0 && same.test(within[place - 1])) place = within.indexOf(term, place + 1);
    return place;
  }

  // A term cut into the fewest pieces of two characters or more that all stand in the text; null where that cannot be.
  function piecesOf(term, within) {
    if (placeOf(term.text, within) >= 0) return [term.text];
    if (!term.optional.length) return null;
    const characters = Array.from(term.text).slice(0, 60);
    const best = [[]];
    for (let end = 2; end <= characters.length; end += 1) {
      for (let start = end - 2; start >= 0; start -= 1) {
        const piece = characters.slice(start, end).join("");
        if (!within.includes(piece)) break;
        if (best[start] && (!best[end] || best[start].length + 1 < best[end].length)) best[end] = best[start].concat(piece);
      }
    }
    return best[characters.length] || null;
  }

  function reader(bytes) {
    let place = 0;
    const number = () => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[place];
        place += 1;
        value |= (byte & 127) << shift;
        if (byte < 128) return value;
      }
    };
    return { number, take: (length) => bytes.subarray(place, place += length) };
  }

  function decodeList(bytes) {
    const ids = new Uint32Array(bytes.length);
    const impacts = new Uint8Array(bytes.length);
    let count = 0;
    let posting = 0;
    let shift = 0;
    for (let place = 0; place < bytes.length; place += 1) { // as `reader` does, but there may be a hundred thousand
      const byte = bytes[place];
      posting += (byte & 127) << shift;
      shift = byte > 127 ? shift + 7 : 0;
      if (!shift) {
        ids[count] = posting >>> 2;
        impacts[count] = posting & 3;
        count += 1;
      }
    }
    return { ids: ids.subarray(0, count), impacts: impacts.subarray(0, count) };
  }

  // Which of the documents are in a list, as 1 or 0; the scores of those grow. A browser makes loops fast that are functions of their own.
  function look(ids, scores, list, rare) {
    const present = new Uint8Array(ids.length);
    const others = list.ids;
    for (let place = 0, other = 0; place < ids.length; place += 1) {
      while (other < others.length && others[other] < ids[place]) other += 1;
      if (other < others.length && others[other] === ids[place]) {
        present[place] = 1;
        scores[place] += WEIGHTS[list.impacts[other]] * rare;
      }
    }
    return present;
  }

  // One gram may be missing, but not two in a row: a piece has at least two characters.
  function leaveOut(wanted, gaps, before, present) {
    for (let place = 0; place < wanted.length; place += 1) {
      wanted[place] &= before[place] | present[place];
      gaps[place] += 1 - present[place];
    }
  }

  function decodeShard(bytes) {
    const from = reader(bytes);
    const heads = [];
    for (let left = from.number(); left > 0; left -= 1) heads.push([text(from.take(from.number())), from.number(), from.number()]);
    return new Map(heads.map(([gram, , length]) => [gram, from.take(length)]));
  }

  function decodeColumn(bytes) {
    const end = bytes.indexOf(10);
    const head = json(bytes.subarray(0, end));
    const width = bytes[end + 1];
    const size = (bytes.length - end - 2) / width;
    const numbers = new Uint32Array(size);
    for (let plane = 0; plane < width; plane += 1) {
      for (let place = 0; place < size; place += 1) numbers[place] |= bytes[end + 2 + plane * size + place] << (8 * plane);
    }
    return { values: head.values || [], combinations: head.combinations || [], numbers };
  }

  function hashOf(bytes) {
    let value = 0x811c9dc5;
    for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
    return value >>> 0;
  }

  // The index that `load(key)` fetches the files of: it promises the bytes of a file.
  function open(load) {
    const kept = new Map();
    const once = (key, decode) => {
      if (!kept.has(key)) {
        const promise = load(key).then(decode);
        kept.set(key, promise);
        promise.catch(() => kept.delete(key)); // the line may be back when it is asked for again
      }
      return kept.get(key);
    };
    const meta = () => once("meta", (bytes) => {
      const told = json(bytes);
      told.sizes = new Map();
      Object.keys(told.long).forEach((size) => told.long[size].split(" ").forEach((gram) => told.sizes.set(gram, Number(size))));
      return told;
    });
    const column = (name) => once("columns/" + name, decodeColumn);
    let simplified = null; // traditional → simplified, once it was needed

    const fold = (told) => {
      const folded = plain(told);
      return simplified ? Array.from(folded, (character) => simplified.get(character) || character).join("") : folded;
    };
    const foldTraditional = async () => {
      const pairs = Array.from(await once("traditional", json));
      simplified = new Map();
      for (let place = 0; place < pairs.length; place += 2) simplified.set(pairs[place + 1], pairs[place]);
    };

    async function listOf(gram, about) {
      const bytes = new TextEncoder().encode(gram);
      const hash = hashOf(bytes);
      if (about.sizes.has(gram)) {
        const name = Array.from(bytes, (byte) => (byte < 16 ? "0" : "") + byte.toString(16)).join("");
        return once("lists/" + (hash & 15) + "/" + name, decodeList);
      }
      const shard = hash % about.shards;
      const found = (await once("grams/" + (shard >> 8) + "/" + shard, decodeShard)).get(gram);
      return decodeList(found || new Uint8Array(0));
    }

    // The lists of all grams, by gram. Where long ones would be heavy, the others come first, and often leave so few that those are not needed.
    async function listsOf(terms, about) {
      const grams = Array.from(new Set([].concat(...terms.map((term) => term.grams))));
      const heavy = grams.filter((gram) => about.sizes.has(gram));
      const light = grams.filter((gram) => !about.sizes.has(gram));
      const lists = new Map();
      const fetchAll = (wanted) => Promise.all(wanted.map(async (gram) => lists.set(gram, await listOf(gram, about))));
      const weight = heavy.reduce((sum, gram) => sum + about.sizes.get(gram), 0);
      if (weight <= HEAVY || !requiredOf(terms).some((gram) => light.includes(gram))) {
        await fetchAll(grams);
      } else {
        await fetchAll(light);
        if (candidatesOf(terms, lists, about).ids.length > FEW) await fetchAll(heavy);
      }
      return lists;
    }

    const requiredOf = (terms) => [].concat(...terms.map((term) => term.required));

    // Documents that have every gram that must be there. `gaps`: at how many places their terms fall into pieces.
    function candidatesOf(terms, lists, about) {
      const known = (gram) => lists.has(gram);
      const anywhere = new Set(requiredOf(terms));
      const required = Array.from(anywhere).filter(known).map((gram) => lists.get(gram)).sort((a, b) => a.ids.length - b.ids.length);
      const partial = terms.some((term) => term.grams.some((gram) => !known(gram)));
      // The fewest; what is not wanted of them is left out at the end.
      const { ids } = required[0];
      const scores = new Float64Array(ids.length);
      const gaps = new Uint8Array(ids.length);
      const wanted = new Uint8Array(ids.length).fill(1);
      const seen = (list) => look(ids, scores, list, Math.log(1 + about.size / (1 + list.ids.length)));
      for (const list of required) {
        const present = seen(list);
        for (let place = 0; place < ids.length; place += 1) wanted[place] &= present[place];
      }
      for (const term of terms) {
        let before = new Uint8Array(ids.length).fill(1);
        for (const gram of term.optional.filter(known)) {
          const present = anywhere.has(gram) ? new Uint8Array(ids.length).fill(1) : seen(lists.get(gram));
          leaveOut(wanted, gaps, before, present);
          before = present;
        }
      }
      const kept = (values) => (wanted.includes(0) ? values.filter((_, place) => wanted[place]) : values);
      return { ids: kept(ids), scores: kept(scores), gaps: kept(gaps), partial };
    }

    // All documents where nothing is asked for; none where there is nothing in the query to search by.
    async function withoutTerms(query) {
      const { numbers } = await column("theme");
      const ids = Uint32Array.from(numbers.keys()).filter((id) => !query.trim() && numbers[id] > 0);
      const none = { terms: [], known: [], checked: new Map(), sure: true };
      return Object.assign(none, { ids, scores: new Float64Array(ids.length), gaps: new Uint8Array(ids.length) });
    }

    // What a query finds, in no order yet: `terms`, whether it had more of them (`cut`), and for each hit `ids`, `scores`, `gaps`.
    async function find(query) {
      const about = await meta();
      const parts = partsOf(fold(query));
      const terms = parts.slice(0, MOST).map(termOf);
      if (!terms.length) return withoutTerms(query);
      const lists = await listsOf(terms, about);
      const unknown = Array.from(lists.values()).some((list) => !list.ids.length);
      // Traditional characters are in no list; they may stand where a long term is not looked up.
      if ((unknown || terms.some((term) => term.long)) && !simplified && /[^\x00-\x7f]/.test(query)) {
        const before = fold(query);
        await foldTraditional();
        if (fold(query) !== before) return find(query);
      }
      const found = candidatesOf(terms, lists, about);
      found.sure = !found.partial && terms.every((term) => term.sure);
      const frequent = (gram) => (lists.has(gram) ? lists.get(gram).ids.length : 0);
      const known = (term) => Array.from(new Set(term.grams)).map((gram) => ({ text: gram, count: frequent(gram) }));
      const result = Object.assign(found, { terms, cut: parts.length > MOST, checked: new Map(), known: [].concat(...terms.map(known)) });
      // Without the long lists nothing is known of the tiers: the few that are left are compared with their texts at once.
      if (found.partial) await check(result, Array.from(result.ids.keys()));
      return result;
    }

    async function rowOf(id, about) {
      const chunk = Math.floor(id / about.chunk);
      return (await once("records/" + (chunk >> 8) + "/" + chunk, json))[id % about.chunk];
    }

    const textOf = (row) => row[9] || plain([].concat(row[1], row[2], row[4], row[5], row[6], row[7], row[8]).join("\n"));

    // Compare hits (by their places) with their texts: sets their gaps, 255 for what is none. True if anything was other than thought.
    async function check(found, places) {
      const about = await meta();
      const rows = await Promise.all(Array.from(places, (place) => rowOf(found.ids[place], about)));
      let other = false;
      rows.forEach((row, which) => {
        const place = places[which];
        const within = row ? textOf(row) : "";
        const pieces = found.terms.map((term) => piecesOf(term, within));
        const gaps = row && pieces.every(Boolean) ? pieces.reduce((sum, each) => sum + each.length - 1, 0) : 255;
        other = other || (gaps > 0) !== (found.gaps[place] > 0) || gaps === 255;
        found.gaps[place] = gaps;
        found.checked.set(found.ids[place], row);
      });
      if (other) found.asked = null;
      return other;
    }

    // For each facet in use a test of a document's number.
    async function testsOf(filters) {
      const tests = {};
      await Promise.all(Object.keys(filters).filter((name) => filters[name].length).map(async (name) => {
        const { values, combinations, numbers } = await column(name);
        const wanted = combinations.map((each) => each.some((place) => filters[name].includes(values[place][0])));
        tests[name] = (id) => numbers[id] > 0 && wanted[numbers[id] - 1];
      }));
      return tests;
    }

    // The places of hits in the order in which they are shown: whole terms before those in pieces, then as asked.
    async function arrange(found, filters, sort) {
      const asked = JSON.stringify([filters, sort]);
      if (found.asked === asked) return found.order;
      const tests = Object.values(await testsOf(filters));
      let key = (place) => -found.scores[place];
      if (sort === "newest") {
        const days = (await column("newest")).numbers;
        key = (place) => -days[found.ids[place]];
      } else if (sort === "name") {
        const order = (await column("name")).numbers;
        const ranks = new Uint32Array((await meta()).size);
        order.forEach((id, rank) => { ranks[id] = rank; });
        key = (place) => ranks[found.ids[place]];
      }
      // The hits of each key: many have the same, so that there is little to sort.
      const same = new Map();
      let count = 0;
      for (let place = 0; place < found.ids.length; place += 1) {
        if (found.gaps[place] === 255 || tests.length && !tests.every((test) => test(found.ids[place]))) continue;
        const told = key(place) + (found.gaps[place] > 0 ? 1e9 : 0);
        if (!same.has(told)) same.set(told, []);
        same.get(told).push(place);
        count += 1;
      }
      const order = new Uint32Array(count);
      let end = 0;
      for (const told of Float64Array.from(same.keys()).sort()) {
        const hits = same.get(told);
        if (found.gaps[hits[0]]) hits.sort((a, b) => found.gaps[a] - found.gaps[b] || a - b);
        order.set(hits, end);
        end += hits.length;
      }
      return Object.assign(found, { asked, order }).order;
    }

    // One page of hits: their rows. What turns out to be none is left out and the page filled again.
    async function page(found, options) {
      for (;;) {
        const order = await arrange(found, options.filters, options.sort);
        const shown = order.slice(options.start, options.start + options.size);
        const fresh = shown.filter((place) => !found.checked.has(found.ids[place]));
        if (!await check(found, fresh)) return Object.assign({ rows: Array.from(shown, (place) => found.checked.get(found.ids[place])) }, countsOf(found, order));
      }
    }

    function countsOf(found, order) {
      let split = 0; // whole terms come first
      while (split < order.length && !found.gaps[order[split]]) split += 1;
      const certain = (places) => found.sure || places.every((place) => found.checked.has(found.ids[place]));
      return {
        whole: split, apart: order.length - split,
        exact: certain(order.subarray(0, split)), exactApart: certain(order.subarray(split)),
      };
    }

    // Exact totals, where they are small enough to compare every candidate: what `page` says of them, after that. A few at a time, as long as
    // they are `wanted`: the files of the next query would else wait behind those of all. Where all candidates are few, those that the filters
    // leave out are compared too: facets count them. `compared`: some were, so that facets are to be counted anew.
    async function settle(found, options, wanted) {
      let compared = false;
      const compare = async (places) => {
        let left = places.filter((place) => !found.checked.has(found.ids[place]));
        compared = compared || left.length > 0;
        for (; left.length && wanted(); left = left.subarray(AT_ONCE)) await check(found, left.subarray(0, AT_ONCE));
      };
      if (!found.sure && found.ids.length < EXACT) await compare(Uint32Array.from(found.ids.keys()));
      let order = await arrange(found, options.filters, options.sort);
      for (const apart of [false, true]) { // those in pieces only where there are few of both
        const size = apart ? order.length : countsOf(found, order).whole;
        if (found.sure || size >= EXACT) continue;
        await compare(order.filter((place) => apart || !found.gaps[place]));
        order = await arrange(found, options.filters, options.sort);
      }
      return Object.assign(countsOf(found, order), { compared });
    }

    // How many hits each value of a facet has, under the other facets' choices: [code, Chinese, English, count], the most first;
    // `exact`: all that was counted was compared.
    async function facet(found, name, filters) {
      const others = Object.assign({}, filters, { [name]: [] });
      const tests = Object.values(await testsOf(others));
      const { values, combinations, numbers } = await column(name);
      const perCombination = new Uint32Array(combinations.length + 1);
      let exact = true;
      found.ids.forEach((id, place) => {
        if (found.gaps[place] === 255 || !tests.every((test) => test(id))) return;
        perCombination[numbers[id]] += 1;
        exact = exact && (found.sure || found.checked.has(id));
      });
      const counts = values.map(() => 0);
      combinations.forEach((each, which) => each.forEach((place) => { counts[place] += perCombination[which + 1]; }));
      const told = values.map((value, place) => value.concat(counts[place]));
      const shown = told.filter((value) => value[3] || filters[name] && filters[name].includes(value[0])).sort((a, b) => b[3] - a[3]);
      return Object.assign(shown, { exact });
    }

    return { meta, find, page, settle, facet, fold: (told) => fold(told), json: (key) => once(key, json) };
  }

  // The ranges [start, end) of a text as it is shown in which terms or their pieces stand.
  function marks(shown, terms, fold) {
    const starts = [];
    let folded = "";
    let place = 0;
    for (const character of shown) { // character by character: folding may make one into several
      const told = fold(character);
      for (let left = told.length; left > 0; left -= 1) starts.push([place, place + character.length]);
      folded += told;
      place += character.length;
    }
    const found = [];
    for (const term of terms) {
      for (const piece of piecesOf(term, folded) || term.grams.filter((gram) => gram.length > 1)) {
        for (let at = placeOf(piece, folded); at >= 0; at = placeOf(piece, folded, at + 1)) found.push([starts[at][0], starts[at + piece.length - 1][1]]);
      }
    }
    const merged = [];
    for (const range of found.sort((a, b) => a[0] - b[0])) {
      const last = merged[merged.length - 1];
      if (last && range[0] <= last[1]) last[1] = Math.max(last[1], range[1]);
      else merged.push(range);
    }
    return merged;
  }

  scope.govdataSearch = { open, marks };
})(typeof module === "object" ? module.exports : window);
