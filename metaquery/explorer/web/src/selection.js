// What is selected: some rows by their keys, or all that match, which is no list but the view itself.
import { useEffect, useState } from "preact/hooks";
import { addressOf, get } from "./api.js";
import { count } from "./telling.js";

const MOST = 100_000;
const NOTHING = { all: false, keys: new Map(), anchor: null };
const named = (key) => JSON.stringify(key);

export function useSelection(view, matched, tell) {
  const { order, columns, ...rows } = view;  // another order selects the same rows
  const about = addressOf("", rows);
  const [held, setHeld] = useState({ about, ...NOTHING });
  const now = held.about === about ? held : NOTHING;
  useEffect(() => {
    if (held.about !== about) setHeld({ about, ...NOTHING });
  }, [about]);
  const hold = (changes) => setHeld({ about, ...now, ...changes });

  const some = async (offset, limit) => (await get("/api/ids", { ...view, offset, limit })).keys;
  const attempt = async (work) => {
    try {
      await work();
    } catch (error) {
      tell(error);
    }
  };
  return {
    all: now.all,
    size: now.all ? matched : now.keys.size,
    list: () => [...now.keys.values()],
    has: (key) => now.all || now.keys.has(named(key)),
    toggle: (index, key) => attempt(async () => {
      let keys = new Map(now.keys);
      if (now.all) {
        if (matched > MOST) {
          tell(new Error(`all ${count(matched)} matching are selected: clear the selection to choose rows one by one`));
          return;
        }
        keys = new Map((await some(0, MOST)).map((each) => [named(each), each]));
      }
      if (!keys.delete(named(key))) keys.set(named(key), key);
      hold({ all: false, keys, anchor: index });
    }),
    only: (index, key) => hold({ all: false, keys: new Map([[named(key), key]]), anchor: index }),
    range: (index, begin = index) => attempt(async () => {
      const from = now.anchor ?? begin;
      const [first, last] = [Math.min(from, index), Math.max(from, index)];
      if (last - first >= MOST) {
        tell(new Error(`a range has ${count(MOST)} rows at most: Select all takes all that match`));
        return;
      }
      const keys = new Map(now.keys);
      for (const key of await some(first, last - first + 1)) keys.set(named(key), key);
      hold({ all: false, keys, anchor: from });
    }),
    selectAll: () => hold({ all: true, keys: new Map() }),
    clear: () => hold(NOTHING),
  };
}
