// What is selected: some rows by their keys, or all that match, which is no list but the view itself.
import { useRef, useState } from "preact/hooks";
import { addressOf, get } from "./api.js";
import { count } from "./telling.js";

const MOST = 100_000;
/** A range goes from row `anchor` to another, and replaces the one before: `base` is what was selected without it. */
const NOTHING = { all: false, keys: new Map(), anchor: null, base: null };
const named = (key) => JSON.stringify(key);

export function useSelection(view, matched, tell) {
  const { order, columns, ...rows } = view;  // another order selects the same rows
  const about = addressOf("", rows);
  const [, drawn] = useState(0);
  const held = useRef({ about, order, ...NOTHING });
  if (held.current.about !== about) held.current = { about, order, ...NOTHING };
  if (held.current.order !== order) held.current = { ...held.current, order, anchor: null, base: null };
  const hold = (changes) => {
    if (held.current.about !== about) return;  // it was begun in a view that is not shown any more
    held.current = { ...held.current, ...changes };
    drawn((n) => n + 1);
  };
  const inTurn = useTurns(tell);

  const some = async (offset, limit) => (await get("/api/ids", { ...view, offset, limit })).keys;
  const toggle = (index, key) => inTurn(async () => {
    let keys = new Map(held.current.keys);
    if (held.current.all) {
      if (matched > MOST) throw new Error(`all ${count(matched)} matching are selected: clear the selection to choose rows one by one`);
      keys = new Map((await some(0, MOST)).map((each) => [named(each), each]));
    }
    if (!keys.delete(named(key))) keys.set(named(key), key);
    hold({ all: false, keys, anchor: index, base: null });
  });
  const range = (index, { begin = index, afresh = false } = {}) => inTurn(async (next) => {
    const now = held.current;
    if (now.about !== about || now.all) return;
    const begun = afresh || now.anchor === null || now.order !== order;
    const [anchor, base] = [begun ? begin : now.anchor, begun || now.base === null ? now.keys : now.base];
    held.current = { ...now, anchor, base };
    if (next?.replaces) return;  // a key that is held down asks for many, of which the last one is meant
    const [first, last] = [Math.min(anchor, index), Math.max(anchor, index)];
    if (last - first >= MOST) throw new Error(`a range has ${count(MOST)} rows at most: Select all takes all that match`);
    const keys = new Map(base);
    for (const key of await some(first, last - first + 1)) keys.set(named(key), key);
    hold({ keys });
  }, !afresh);
  const now = held.current;
  return {
    all: now.all,
    size: now.all ? matched : now.keys.size,
    list: () => [...held.current.keys.values()],
    has: (key) => now.all || now.keys.has(named(key)),
    toggle,
    range,
    selectAll: () => inTurn(() => hold({ ...NOTHING, all: true })),
    clear: () => inTurn(() => hold(NOTHING)),
  };
}

/** Return what does one thing after the other, each on what the one before has left; it is told which one is next. */
function useTurns(tell) {
  const line = useRef([]);
  const busy = useRef(false);
  return async (work, replaces = false) => {
    line.current.push(Object.assign(work, { replaces }));
    if (busy.current) return;
    busy.current = true;
    while (line.current.length > 0) {
      try {
        await line.current.shift()(line.current[0]);
      } catch (error) {
        tell(error);
      }
    }
    busy.current = false;
  };
}
