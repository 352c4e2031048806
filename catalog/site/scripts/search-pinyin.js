// Words for letters that are typed: tingchechang, tingche, tcc → 停车场. Fetched when a query is in letters. The files: search/words.py.
(function (scope) {
  "use strict";

  const initialsOf = (letters) => (/^[zcs]h/.test(letters) ? [letters[0], letters.slice(0, 2)] : [letters[0]]);

  // The first letters of the first two syllables, for every way to read the letters as syllables and initials.
  function keysOf(letters, syllables) {
    const starts = (rest) => initialsOf(rest).filter((initial) => !/[iuv]/.test(initial[0]))
      .concat([2, 3, 4, 5, 6].map((size) => rest.slice(0, size)).filter((part) => syllables.has(part)), /^[aeo]/.test(rest) ? [rest[0]] : []);
    const readable = (rest, left) => {
      if (!rest) return true;
      if (!left) return true;
      return Array.from(syllables).some((each) => each.startsWith(rest)) || starts(rest).some((part) => part && readable(rest.slice(part.length), left - 1));
    };
    const keys = starts(letters || " ").map((part) => letters.slice(part.length)).filter((rest) => /^[a-hj-tw-z]/.test(rest) && readable(rest, 6));
    return Array.from(new Set(keys.map((rest) => letters[0] + rest[0])));
  }

  // How many of the characters the letters may use up, each by a reading or its initial, the last by the beginning of a reading: sh is the
  // beginning of one, and the initials of two (上海). None: they do not fit.
  function spoken(characters, letters, readings, longest) {
    const found = new Set();
    const use = (place, rest) => {
      if (!rest || place === characters.length) {
        if (!rest || place === longest) found.add(place);
        return;
      }
      for (const reading of readings.get(characters[place]) || []) {
        if (reading.startsWith(rest)) found.add(place + 1);
        [reading].concat(initialsOf(reading)).filter((part) => rest.startsWith(part)).forEach((part) => use(place + 1, rest.slice(part.length)));
      }
    };
    use(0, letters);
    return found;
  }

  // Words that letters may stand for as their readings: { text, count }, the most frequent first. tcc, tingche → 停车场.
  async function suggest(engine, told) {
    const letters = told.normalize("NFKC").toLowerCase().replace(/ü/g, "v").replace(/[^a-z]/g, "");
    const about = await engine.meta();
    const syllables = new Set((await engine.json("pinyin/syllables")).split(" "));
    const keys = keysOf(letters, syllables).filter((key) => about.pinyin.split(" ").includes(key));
    const counts = new Map();
    const files = await Promise.all(keys.map((key) => engine.json("pinyin/" + key)));
    for (const file of files) {
      const readings = new Map();
      Object.keys(file.readings).forEach((reading) => Array.from(file.readings[reading]).forEach((character) => {
        readings.set(character, (readings.get(character) || []).concat(reading));
      }));
      for (const line of file.parts.split("\n")) {
        const [part, count] = line.split(" ");
        const characters = Array.from(part);
        for (const used of spoken(characters, letters, readings, about.part)) {
          const word = characters.slice(0, used).join("");
          if (used > 1) counts.set(word, (counts.get(word) || 0) + Number(count));
        }
      }
    }
    const words = Array.from(counts, ([word, count]) => ({ text: word, count }));
    return words.sort((a, b) => b.count - a.count || a.text.length - b.text.length || (a.text < b.text ? -1 : 1)).slice(0, 8);
  }

  scope.govdataPinyin = { suggest };
})(typeof module === "object" ? module.exports : window);
