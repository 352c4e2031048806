// Unpacks zlib data where the browser cannot (DecompressionStream is missing before 2020 to 2023); loaded only there. RFC 1950 and 1951.
(function (scope) {
  "use strict";

  const BASES = (first, bits) => bits.reduce((bases, each) => bases.concat(bases[bases.length - 1] + (1 << each)), [first]);
  const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
  const LENGTHS = BASES(3, LENGTH_BITS);
  LENGTHS[28] = 258;
  const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
  const DISTANCES = BASES(1, DISTANCE_BITS);
  const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

  // A canonical Huffman code: how many codes of each length, and the symbols in order of their codes.
  function codeOf(lengths) {
    const counts = new Uint16Array(16);
    lengths.forEach((length) => { if (length) counts[length] += 1; });
    const places = new Uint16Array(17);
    for (let length = 1; length < 16; length += 1) places[length + 1] = places[length] + counts[length];
    const symbols = [];
    lengths.forEach((length, symbol) => { if (length) { symbols[places[length]] = symbol; places[length] += 1; } });
    return { counts, symbols };
  }

  const repeat = (value, times) => new Array(times).fill(value);
  const FIXED = codeOf([].concat(repeat(8, 144), repeat(9, 112), repeat(7, 24), repeat(8, 8)));
  const FIXED_DISTANCES = codeOf(repeat(5, 30));

  function inflate(input) {
    let place = 2; // behind zlib's two bytes
    let held = 0;
    let count = 0;
    let output = new Uint8Array(Math.max(1024, input.length * 4));
    let size = 0;

    const bits = (wanted) => {
      while (count < wanted) {
        if (place >= input.length) throw new Error("the data ends too early");
        held |= input[place] << count;
        place += 1;
        count += 8;
      }
      const value = held & ((1 << wanted) - 1);
      held >>>= wanted;
      count -= wanted;
      return value;
    };
    const symbol = (code) => {
      let value = 0;
      let first = 0;
      let index = 0;
      for (let length = 1; length < 16; length += 1) {
        value |= bits(1);
        const here = code.counts[length];
        if (value - here < first) return code.symbols[index + value - first];
        index += here;
        first = (first + here) << 1;
        value <<= 1;
      }
      throw new Error("no such code");
    };
    const room = (wanted) => {
      if (size + wanted <= output.length) return;
      const larger = new Uint8Array(Math.max(size + wanted, output.length * 2));
      larger.set(output);
      output = larger;
    };
    const stored = () => {
      held = 0;
      count = 0;
      const length = input[place] | input[place + 1] << 8;
      room(length);
      output.set(input.subarray(place + 4, place + 4 + length), size);
      place += 4 + length;
      size += length;
    };
    const codes = () => {
      const [literals, distances, told] = [bits(5) + 257, bits(5) + 1, bits(4) + 4];
      const lengths = new Array(19).fill(0);
      for (let each = 0; each < told; each += 1) lengths[ORDER[each]] = bits(3);
      const code = codeOf(lengths);
      const all = [];
      while (all.length < literals + distances) {
        const each = symbol(code);
        if (each < 16) all.push(each);
        else if (each === 16) all.push(...repeat(all[all.length - 1], 3 + bits(2)));
        else all.push(...repeat(0, each === 17 ? 3 + bits(3) : 11 + bits(7)));
      }
      return [codeOf(all.slice(0, literals)), codeOf(all.slice(literals))];
    };
    const packed = ([literals, distances]) => {
      for (let each = symbol(literals); each !== 256; each = symbol(literals)) {
        if (each < 256) {
          room(1);
          output[size] = each;
          size += 1;
          continue;
        }
        const length = LENGTHS[each - 257] + bits(LENGTH_BITS[each - 257]);
        const far = symbol(distances);
        const distance = DISTANCES[far] + bits(DISTANCE_BITS[far]);
        room(length);
        for (let left = length; left > 0; left -= 1) {
          output[size] = output[size - distance];
          size += 1;
        }
      }
    };

    for (let last = 0; !last;) {
      last = bits(1);
      const kind = bits(2);
      if (kind === 0) stored();
      else if (kind === 1) packed([FIXED, FIXED_DISTANCES]);
      else packed(codes());
    }
    return output.subarray(0, size);
  }

  scope.govdataInflate = inflate;
})(typeof module === "object" ? module.exports : window);
